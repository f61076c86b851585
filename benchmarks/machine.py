"""Virtual environments and repositories to measure in, and a description of the machine that names nobody."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
PEERS = ("commit-check", "gitlint", "conventional-pre-commit", "commitizen")

_BARE = """\
[build-system]
requires = ["flit_core>=3.11,<5"]
build-backend = "flit_core.buildapi"
[project]
name = "bare-script"
version = "1"
description = "A console script that imports nothing."
[project.scripts]
bare-script = "bare_script:main"
"""


class Machine:
    """Where everything is made: `cache` is kept from run to run, `scratch` is not."""

    def __init__(self, cache: Path, scratch: Path) -> None:
        self.cache = cache
        self.scratch = scratch
        self.home = scratch / "home"
        self.home.mkdir(parents=True)
        (self.home / ".gitconfig").write_text(
            "[init]\n\tdefaultBranch = main\n[user]\n\tname = Ana Iten\n\temail = ana@bank.example\n"
            "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[advice]\n\tdefaultBranchName = false\n"
        )
        self.env = self.environment()

    def environment(self, **more: str) -> dict[str, str]:
        """An own HOME, nothing of git's, of agents' or of whoever runs this."""
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG") if name in os.environ}
        return {**kept, "HOME": str(self.home), "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", **more}

    def call(self, *argv: str, cwd: Path, data: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """Run a program that is part of the set-up; its output. Raises `RuntimeError` with its words."""
        done = subprocess.run(argv, cwd=cwd, input=data, capture_output=True, env=env or self.env, check=False)
        if done.returncode:
            raise RuntimeError(f"{argv} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="surrogateescape")

    def venv(self, name: str, *packages: str, again: bool = False) -> Path:
        """The folder of the programs of a virtual environment with these packages and nothing else.

        Made with a present pip from outside, so that there is no setuptools in it (its `.pth` file costs every start
        2 ms) and console scripts are the plain ones (pip before 24 wrote some that import `re`).
        """
        folder = self.cache / name
        if again or not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
            self.call(sys.executable, "-m", "venv", "--without-pip", str(folder), cwd=self.cache, env=env)
            pip = self._pip(env)
            self.call(pip, "--python", str(folder / "bin/python"), "install", "-q", *packages, cwd=self.cache, env=env)
            (folder / "ready").touch()
        return folder / "bin"

    def _pip(self, env: Mapping[str, str]) -> str:
        tools = self.cache / "tools"
        if not (tools / "ready").exists():
            self.call(sys.executable, "-m", "venv", str(tools), cwd=self.cache, env=env)
            self.call(str(tools / "bin/pip"), "install", "-q", "--upgrade", "pip", cwd=self.cache, env=env)
            (tools / "ready").touch()
        return str(tools / "bin/pip")

    def bare(self) -> Path:
        """A virtual environment with `bare-script`, a console script that imports nothing."""
        project = self.scratch / "bare-project"
        project.mkdir(exist_ok=True)
        (project / "pyproject.toml").write_text(_BARE)
        (project / "bare_script.py").write_text("def main():\n    return 0\n")
        return self.venv("bare", str(project))

    def repository(self, name: str, files: int) -> Path:
        """A repository with one commit of `files` small files in ten folders."""
        folder = self.scratch / name
        folder.mkdir()
        self.call("git", "init", "-q", cwd=folder)
        for number in range(files):
            path = folder / source_file(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"value = {number}\n" * 30)
        self.call("git", "add", ".", cwd=folder)
        self.call("git", "commit", "-q", "-m", "feat: start", cwd=folder)
        return folder

    def copy(self, repository: Path, name: str) -> Path:
        """A copy of a repository, index and all."""
        folder = self.scratch / name
        shutil.copytree(repository, folder)
        self.call("git", "update-index", "-q", "--refresh", cwd=folder)
        return folder

    def description(self) -> str:
        """The machine in general terms."""
        cpu = platform.machine()
        try:
            with open("/proc/cpuinfo", encoding="utf-8") as file:
                cpu = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), cpu)
        except OSError:
            pass
        git = self.call("git", "version", cwd=self.scratch).strip()
        ssh = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=False).stderr.split(",")[0].strip()
        return (
            f"{platform.system()}, {os.cpu_count()} cores ({cpu}), Python {platform.python_version()}, {git}, "
            f"{ssh.replace('_', ' ')}; load average at the start {os.getloadavg()[0]:.1f}"
        )


def source_file(number: int) -> str:
    """The path of a file of `Machine.repository`."""
    return f"app/part{number % 10}/module{number}.py"
