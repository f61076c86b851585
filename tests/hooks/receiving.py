"""A server for tests: a bare repository whose hook is ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import Repo
from tests.stage import Stage


class Server:
    """A bare repository that was given the stage's `main`, and then the hook."""

    def __init__(self, stage: Stage, path: Path, hook: str = "pre-receive") -> None:
        self.stage = stage
        self.bare = Repo(path)
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], check=True)
        stage.git("remote", "add", "server", str(path))
        stage.git("push", "-q", "server", "main")
        self.install(hook)

    def install(self, hook: str) -> None:
        script = self.bare.path / "hooks" / hook
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m sox_hooks hook {hook} "$@"\n')
        script.chmod(0o755)

    def push(self, *refs: str) -> tuple[bool, str]:
        """Whether all of the push was taken, and what the pusher was told."""
        done = subprocess.run(
            ["git", "push", "server", *refs], cwd=self.stage.repo.path, capture_output=True, text=True, check=False
        )
        return done.returncode == 0, done.stderr

    def tip(self, ref: str = "main") -> str:
        return self.bare.git("rev-parse", "--verify", "--quiet", ref, check=False)

    def has(self, oid: str) -> bool:
        return self.bare.git("cat-file", "-t", oid, check=False) == "commit"
