"""Install what the checks need into a virtual environment of this checkout, and run all of them.

    python3 dev/test.py              everything: lint, types, layers, documentation, tests
    python3 dev/test.py tests/git    the tests of one room (arguments go to pytest; nothing else runs then)
    python3 dev/test.py -m slow      the few that take minutes, which the first leaves out

The environment is `.venv-test` (or $SOX_TEST_VENV) and is made again when `pyproject.toml` has changed. Needs Python
3.10 or newer with `venv`, git, OpenSSH, and a package index.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Run the checks; the exit code is that of the first one that fails."""
    folder = Path(os.environ.get("SOX_TEST_VENV", ROOT / ".venv-test"))
    python = environment(folder)
    tests = [python, "-m", "pytest", *(arguments or ["-n", "auto", "-q", "-m", "not slow"])]
    checks = [tests]
    if not arguments:
        scripts = python.parent
        checks = [
            [scripts / "ruff", "check", "."],
            [scripts / "ruff", "format", "--check", "."],
            [scripts / "mypy"],
            [scripts / "lint-imports"],
            [python, "dev/docs.py", "build"],
            tests,
        ]
    for check in checks:
        print("+", *check, flush=True)
        code = subprocess.run([str(word) for word in check], cwd=ROOT, check=False).returncode
        if code:
            print(f"failed: {' '.join(str(word) for word in check)}", file=sys.stderr)
            return code
    return 0


def environment(folder: Path) -> Path:
    """The Python of a virtual environment that holds the project (editable) and what its checks need."""
    python = folder / "bin" / "python"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    stamp = folder / "made-for"
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        install = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
        subprocess.run([*install, "-e", ".[test,lint,docs]"], cwd=ROOT, check=True)
        stamp.write_text(wanted)
    return python


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
