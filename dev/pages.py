"""Type the tutorial and the auditor's page into a shell, and put what is printed into them.

    python dev/pages.py            after a change of what commands print; then look at the difference

It needs an environment that has sox-hooks installed. `tests/test_tutorial.py` runs the same commands and compares.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

# A command, the lines that the page shows, the lines that were printed.
Typed: TypeAlias = tuple[str, list[str], list[str]]

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "docs/tutorial/index.md", ROOT / "docs/how-to/audit.md")
START = ("cd", "cd ~/sox-tutorial/ci")  # where the commands of each page are typed
BLOCK = re.compile(r"^```console\n(.*?)^```", re.M | re.S)
INSTALLS = "python3 -m venv"  # the block that begins so is not run: sox-hooks is there already
MARK = "-- end of output --"


def blocks(text: str) -> list[tuple[re.Match[str], list[tuple[str, list[str]]]]]:
    """The blocks of a page that are run, each with its commands and the lines that the page shows below them."""
    found = []
    for match in BLOCK.finditer(text):
        if not match[1].startswith(f"$ {INSTALLS}"):
            found.append((match, typed(match[1])))
    return found


def typed(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a block. One may go on over lines: a here-document, a pipe, a group in braces."""
    found: list[tuple[str, list[str]]] = []
    lines = iter(block.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            found[-1][1].append(line)
            continue
        command = [line[2:]]
        here = re.search(r"<<'(\w+)'", line)
        while (
            (here and command[-1] != here[1])
            or command[-1].endswith("|")
            or (command[0].startswith("{ ") and "; }" not in command[-1])
        ):
            command.append(next(lines))
        found.append(("\n".join(command), []))
    return found


def run(pages: tuple[Path, ...], home: Path, environment: dict[str, str]) -> list[Typed]:
    """Type all pages into one shell; for every command it, the lines that the page shows, and those printed."""
    commands: list[tuple[str, list[str]]] = []
    for page, start in zip(pages, START, strict=True):
        commands.append((start, []))
        commands += [item for _, items in blocks(page.read_text(encoding="utf-8")) for item in items]
    program = home / "bin/sox-hooks"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sox_hooks "$@"\n')
    program.chmod(0o755)
    env = {**environment, "HOME": str(home), "PATH": f"{program.parent}:{environment['PATH']}"}
    script = "exec 2>&1\n" + "".join([f"{command}\necho '{MARK}'\n" for command, _ in commands])
    done = subprocess.run(["bash"], input=script, stdout=subprocess.PIPE, text=True, env=env, check=False)
    outputs = done.stdout.split(f"{MARK}\n")
    if len(outputs) != len(commands) + 1:
        raise RuntimeError(f"the shell stopped early:\n{done.stdout}")
    return [
        (command, shown, [line.rstrip() for line in placed(printed, home).strip("\n").splitlines()])
        for (command, shown), printed in zip(commands, outputs, strict=False)
    ]


def placed(text: str, home: Path) -> str:
    """Paths as the pages write them."""
    return text.replace(f"{home}/sox-tutorial", "...").replace(str(home), "/home/alice")


def main() -> int:
    """Run everything in a scratch HOME and write the pages."""
    with tempfile.TemporaryDirectory(prefix="sox-pages-") as folder:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", "GIT_CONFIG_NOSYSTEM": "1"}
        results = iter(run(PAGES, Path(folder), environment))
    for page in PAGES:
        next(results)  # the start
        text = page.read_text(encoding="utf-8")
        pieces, at = [], 0
        for match, items in blocks(text):
            body = "".join(
                [f"$ {c}\n" + "".join([f"{line}\n" for line in out]) for c, _, out in take(results, len(items))]
            )
            pieces += [text[at : match.start(1)], body]
            at = match.end(1)
        page.write_text("".join([*pieces, text[at:]]), encoding="utf-8")
    return 0


def take(results: Iterator[Typed], count: int) -> list[Typed]:
    """The next results."""
    return [next(results) for _ in range(count)]


if __name__ == "__main__":
    raise SystemExit(main())
