"""Hermetic tests: an own HOME, own git configuration, a clean environment, real repositories and real keys.

Nothing of the machine or of whoever runs the tests leaks in: the environment is rebuilt from an allow-list, so markers
of AI tools, pre-commit, git or tmux are gone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# A deadline for each example only measures how busy the machine is.
settings.register_profile("sox-hooks", deadline=None)
settings.load_profile("sox-hooks")

_KEEP = ("PATH", "LANG", "TMPDIR", "PYTHONPATH", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "PIP_FIND_LINKS")


def clean_environment(home: Path) -> dict[str, str]:
    """The environment every test starts from."""
    env = {key: os.environ[key] for key in _KEEP if key in os.environ}
    env.update(
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / ".config"),
        XDG_STATE_HOME=str(home / ".local/state"),
        XDG_CACHE_HOME=str(home / ".cache"),
        LC_ALL="C.UTF-8",
        TZ="UTC",
        GIT_CONFIG_NOSYSTEM="1",
        GIT_CONFIG_GLOBAL=str(home / ".gitconfig"),
        GIT_TERMINAL_PROMPT="0",
        GIT_ADVICE="0",
    )
    return env


@pytest.fixture(autouse=True)
def hermetic(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Replaces the environment of this process and returns the new HOME."""
    home = tmp_path_factory.mktemp("home")
    env = clean_environment(home)
    for key in list(os.environ):
        if key not in env and not key.startswith("PYTEST_"):
            monkeypatch.delenv(key)
    for key, value in env.items():
        monkeypatch.setenv(key, value)
    (home / ".gitconfig").write_text(
        "[init]\n\tdefaultBranch = main\n"
        "[user]\n\tname = Alice Ng\n\temail = alice@bank.example\n"
        "[commit]\n\tgpgsign = false\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
        '[protocol "file"]\n\tallow = always\n'
    )
    return home


class Repo:
    """A real git repository with the few verbs that tests need."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *args: str, data: bytes | None = None, check: bool = True, **env: str) -> str:
        """Run git here and return what it printed (text, errors raised with git's words)."""
        return self.git_bytes(*args, data=data, check=check, **env).decode("utf-8", "surrogateescape").rstrip("\n")

    def git_bytes(self, *args: str, data: bytes | None = None, check: bool = True, **env: str) -> bytes:
        done = subprocess.run(
            ["git", *args], cwd=self.path, input=data, capture_output=True, env={**os.environ, **env}, check=False
        )
        if check and done.returncode:
            words = done.stderr.decode(errors="replace")
            raise AssertionError(f"git {args} failed ({done.returncode}):\n{done.stdout!r}\n{words}")
        return done.stdout

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the work tree."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def commit(
        self, message: str = "change", files: dict[str, str | bytes] | None = None, *options: str, **env: str
    ) -> str:
        """Write and stage files, commit, and return the new id. Installed hooks run."""
        for name, content in (files or {}).items():
            self.write(name, content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, *options, **env)
        return self.head()

    def head(self, rev: str = "HEAD") -> str:
        return self.git("rev-parse", rev)


@pytest.fixture
def make_repo(tmp_path: Path):
    """Makes repositories below the test's own folder."""

    def make(name: str = "repo", *options: str) -> Repo:
        path = tmp_path / name
        subprocess.run(["git", "init", "-q", *options, str(path)], check=True, capture_output=True)
        return Repo(path)

    return make


@pytest.fixture
def repo(make_repo) -> Repo:
    """One empty repository."""
    return make_repo()


@pytest.fixture
def make_key(hermetic: Path):
    """Makes SSH keys with ssh-keygen; returns the path of the private half."""

    def make(name: str = "id_ed25519", kind: str = "ed25519", *options: str, passphrase: str = "") -> Path:
        folder = hermetic / ".ssh"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / name
        subprocess.run(
            ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", name, "-f", str(path), *options],
            check=True,
            capture_output=True,
        )
        return path

    return make


def sox_argv() -> list[str]:
    """How tests start the tool as a user would, from the environment that runs the tests."""
    return [sys.executable, "-I", "-m", "sox_hooks"]
