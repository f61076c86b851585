"""Measures what the project promises about its speed, side by side with what it is compared with, as ratios."""

from __future__ import annotations

import argparse
import datetime
import importlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from machine import PEERS, SOURCE, Machine
from table import markdown

PARTS = {
    "hook": "hook_latency",
    "imports": "import_counts",
    "verify": "history_speed",
    "policy": "policy_speed",
    "log": "log_speed",
}
RESULTS = SOURCE / "docs/benchmarks.md"

NOT_MEASURED = """\
## What is not measured

Repositories on network disks; cold caches of the disk; keys in agents and security keys (the person is slower than any
of this); other operating systems than the one named above; time to the first commit after an update, when Python
compiles the modules and the policy is loaded from its files.
"""


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="smaller numbers; prints and writes nothing")
    parser.add_argument("--cache", type=Path, default=_cache(), help="where virtual environments are kept")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    chosen = [name for name in PARTS if name in options.parts] or list(PARTS)
    options.cache.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="sox-hooks-benchmarks-"))
    try:
        machine = Machine(options.cache.resolve(), scratch)
        _be_inside(machine)
        sections = [_introduction(machine)]
        print(sections[0])
        for name in chosen:
            print(f"measuring: {name}", file=sys.stderr)
            for part in importlib.import_module(PARTS[name]).measure(machine, quick=options.quick):
                sections.append(markdown(part))
                print(sections[-1], flush=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if not options.quick and len(chosen) == len(PARTS):
        RESULTS.write_text("\n".join([*sections, NOT_MEASURED]), encoding="utf-8")
    return 0


def _be_inside(machine: Machine) -> None:
    """Start again with the Python of the virtual environment that has this source tree installed."""
    if os.environ.get("SOX_HOOKS_BENCHMARKS") != "inside":
        python = machine.venv("sox", str(SOURCE), again=True) / "python"
        shutil.rmtree(machine.scratch)
        env = {**os.environ, "SOX_HOOKS_BENCHMARKS": "inside"}
        os.execve(python, [str(python), *sys.argv], env)  # noqa: S606 - no shell is wanted


def _introduction(machine: Machine) -> str:
    return (
        "# Benchmarks\n\n"
        "Made by `python benchmarks/run.py`, which measures everything side by side in one run; only the ratios mean\n"
        f"something. Peers are {', '.join(PEERS)} from PyPI.\n"
        "On a busy machine, which the load average tells, the ratios of CPU time are the ones to read.\n\n"
        f"Measured {datetime.datetime.now(tz=datetime.timezone.utc):%Y-%m-%d} on: {machine.description()}.\n"
    )


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sox-hooks-benchmarks"


if __name__ == "__main__":
    sys.exit(main())
