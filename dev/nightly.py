"""Everything that is too much for each change: a million hostile inputs, the slow tests, all Pythons, real agents.

    python3 dev/nightly.py               all of it
    python3 dev/nightly.py slow clients  some of it
    python3 dev/nightly.py --list        what there is, and what would be left out here, and why

One step after the other, all of them whatever came of the one before. What each prints goes to a file in `--report`
(default: nightly-report/), a table at the end says what came of it, and the exit code is 1 if any has failed. The
virtual environment is that of dev/test.py. Start it with `nice`, if the machine has something else to do.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dev.test import environment  # noqa: E402 - from the root, as all scripts here

INPUTS = 1_000_000
_TAIL = 30  # lines of a step that has failed


class Step(NamedTuple):
    """One thing to run. `lacking` says why it cannot run here, "" if it can."""

    name: str
    what: str
    command: tuple[str, ...]
    lacking: str = ""


def steps(python: str, inputs: int) -> tuple[Step, ...]:
    """All steps, in the order in which they run."""
    pytest = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    clients = (python, "dev/clients.py", "--slow", "--require")
    missing = "" if shutil.which("npm") else "there is no npm, which installs most of the agents"
    return (
        Step("slow", "the tests that take minutes", (*pytest, "-n", "auto", "-m", "slow")),
        Step("fuzz", f"{inputs:,} inputs over all parsers", (python, "dev/fuzz.py", "--count", str(inputs))),
        Step("clients", "real agents, scripted model", clients, missing),
        Step("pythons", "the tests on every supported Python", (python, "dev/pythons.py", "--all")),
    )


def run(step: Step, folder: Path) -> tuple[int, float]:
    """Run a step; its exit code and seconds. What it printed is in `folder`."""
    begun = time.monotonic()
    with open(folder / f"{step.name}.txt", "wb") as file:
        code = subprocess.run(step.command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, check=False).returncode
    return code, time.monotonic() - begun


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", metavar="STEP", help="some steps (default: all)")
    parser.add_argument("--list", action="store_true", help="say what would run")
    parser.add_argument("--inputs", type=int, default=INPUTS, help=f"for the fuzzer (default: {INPUTS:,})")
    parser.add_argument("--report", type=Path, default=ROOT / "nightly-report", help="folder for what the steps print")
    options = parser.parse_args(arguments)
    names = [step.name for step in steps("", 0)]
    unknown = set(options.steps) - set(names)
    if unknown:
        parser.error(f"no such step: {', '.join(sorted(unknown))} (there are {', '.join(names)})")
    if options.list:
        for step in steps("python3", options.inputs):
            print(f"{step.name:8} {step.what}" + (f"; left out: {step.lacking}" if step.lacking else ""))
        return 0
    python = str(environment(Path(os.environ.get("SOX_TEST_VENV", ROOT / ".venv-test"))))
    options.report.mkdir(parents=True, exist_ok=True)
    rows = []
    failed = False
    for step in steps(python, options.inputs):
        if options.steps and step.name not in options.steps:
            continue
        if step.lacking:
            rows.append(f"{step.name:8} left out           {step.lacking}")
            continue
        print("+", *step.command, flush=True)
        code, seconds = run(step, options.report)
        lines = (options.report / f"{step.name}.txt").read_text("utf-8", "replace").splitlines()
        last = next((line for line in reversed(lines) if line.strip()), "")
        rows.append(f"{step.name:8} {'passed' if code == 0 else f'FAILED ({code})':12} {seconds:6.0f} s  {last[:90]}")
        if code:
            failed = True
            print("\n".join(lines[-_TAIL:]))
    print("\n".join(["", *rows, f"all that was printed: {options.report}"]))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
