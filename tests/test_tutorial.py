"""The tutorial and the auditor's page, typed into a shell: what is printed is what the pages show.

Ids, digests, times, versions and places differ from run to run and are left out of the comparison; so is what git says
itself, which changes with its version.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_documentation import ROOT

PAGES = (ROOT / "docs/tutorial/index.md", ROOT / "docs/how-to/audit.md")
MARK = "-- end of output --"
_GIT_SAYS = ("warning: ", "error: ", "hint: ")
_DIFFERENT = (
    (r"SHA256:[A-Za-z0-9+/]{43}", "FINGERPRINT"),
    (r"AAAAC3NzaC1lZDI1NTE5[A-Za-z0-9+/.]+", "KEY"),
    (r"\b\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", "TIME"),
    (r"(change|patch)=[A-Za-z0-9_-]{43}", r"\1=DIGEST"),
    (r"^ [A-Za-z0-9+/]{20,70}={0,2}$", " BASE64"),
    (r"\b[0-9a-f]{7,64}\b", "ID"),
    (r"(sox-hooks) \S+, Python \S+, git \S+, OpenSSH.*", r"\1 AND OTHER PROGRAMS"),
    (r"\b(log=ID)\.\d+\.", r"\1.N."),
    (r"\b(last ID)\.\d+\.ID", r"\1.N.ID"),
    (r"\b(entries|holds:|log|to) \d+( entries| to \d+)?\b", r"\1 N"),
    (r"\bevents [^;]+", "EVENTS"),
    (r"(/home/alice|\.\.\.)/", "PLACE/"),
)


def typed(page: Path) -> list[tuple[str, list[str]]]:
    """The commands of a page with the lines that it shows below each."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        lines = iter(block.splitlines())
        for line in lines:
            if not line.startswith("$ "):
                found[-1][1].append(line)
                continue
            command = [line[2:]]
            here = re.search(r"<<'(\w+)'", line)
            grouped = line.startswith("$ { ")
            while (
                (here and command[-1] != here.group(1))
                or command[-1].endswith("|")
                or (grouped and "; }" not in command[-1])
            ):
                command.append(next(lines))
            found.append(("\n".join(command), []))
    return found


def comparable(lines: list[str], home: Path) -> list[str]:
    """What must be the same in every run."""
    kept = []
    for line in lines:
        text = line.replace(f"{home}/sox-tutorial", "...").replace(str(home), "/home/alice").rstrip()
        if not text or text.startswith(_GIT_SAYS):
            continue
        for pattern, word in _DIFFERENT:
            text = re.sub(pattern, word, text)
        kept.append(text)
    return kept


@pytest.mark.slow
def test_the_pages_show_what_is_printed(hermetic, tmp_path):
    program = tmp_path / "bin/sox-hooks"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sox_hooks "$@"\n')
    program.chmod(0o755)
    commands = [
        command for command in typed(PAGES[0]) if not re.match(r"python3 -m venv|~/|export |sox-hooks --v", command[0])
    ]
    commands += [("cd ~/sox-tutorial/ci", []), *typed(PAGES[1])]
    assert len(commands) > 60
    script = "exec 2>&1\n" + "".join([f"{command}\necho '{MARK}'\n" for command, _ in commands])
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash"], input=script, capture_output=True, text=True, env=environment, check=False)
    outputs = done.stdout.split(f"{MARK}\n")
    assert len(outputs) == len(commands) + 1, done.stdout
    for (command, shown), printed in zip(commands, outputs, strict=False):
        assert comparable(printed.splitlines(), hermetic) == comparable(shown, hermetic), command
