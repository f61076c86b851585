"""Run the tests under the oldest and the newest supported Python that this machine has, without those about git.

    python3 dev/pythons.py           the two ends, which is where versions differ
    python3 dev/pythons.py --all     all of them

Python versions are looked for on PATH and where pyenv keeps them. A machine without any other is no failure: the list
that was tested is printed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUPPORTED = ("3.10", "3.11", "3.12", "3.13")
# What depends on git and not on Python, and takes most of the time.
_LEFT_OUT = (
    "tests/attacks",
    "tests/core/test_trailers_block.py",
    "tests/e2e",
    "tests/git",
    "tests/hooks",
    "tests/record/test_binding_patch.py",
    "tests/record/test_binding_views.py",
    "tests/record/test_message_git.py",
    "tests/record/test_sshsig_oracle.py",
    "tests/verification",
)
_BUT = ("tests/hooks/test_commit_msg_records.py", "tests/verification/test_gate_statuses.py")


def main(arguments: list[str]) -> int:
    """Test each; the exit code is that of the first that fails."""
    tested = [f"{sys.version_info[0]}.{sys.version_info[1]}"]
    wanted = SUPPORTED if "--all" in arguments else (SUPPORTED[0], SUPPORTED[-1])
    for version, python in sorted(others().items(), key=lambda found: SUPPORTED.index(found[0])):
        if version not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([python, "-m", "venv", folder], check=True)
            inside = str(Path(folder, "bin", "python"))
            subprocess.run([inside, "-m", "pip", "install", "-q", ".[test]"], cwd=ROOT, check=True)
            print(f"+ pytest under Python {version}", flush=True)
            command = [inside, "-m", "pytest", "-q", "-n", "auto", "-m", "not slow", "-p", "no:cacheprovider"]
            for chosen in ([f"--ignore={path}" for path in _LEFT_OUT], list(_BUT)):
                code = subprocess.run([*command, *chosen], cwd=ROOT, check=False).returncode
                if code:
                    return code
        tested.append(version)
    print("tested under Python", ", ".join(tested))
    return 0


def others() -> dict[str, str]:
    """Version to program, for every supported Python but the one that runs this."""
    found: dict[str, str] = {}
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [str(path) for path in sorted(root.glob("*/bin/python3"))]
    candidates += [path for version in SUPPORTED if (path := shutil.which(f"python{version}"))]
    for candidate in candidates:
        done = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
        match = re.match(r"Python (\d+\.\d+)\.", done.stdout)
        if done.returncode == 0 and match and match[1] in SUPPORTED:
            found[match[1]] = candidate
    found.pop(f"{sys.version_info[0]}.{sys.version_info[1]}", None)
    return found


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
