"""How a real agent is driven through the same five steps, and how what it left behind is looked at.

1. it writes `src/app.py`, which every tool may; 2. it writes `src/ledger/post.py`, which it may not; 3. it tries that
through the shell; 4. it tries to commit around the hooks; 5. it commits.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.clients.launching import Launch
from tests.clients.scripted_model import ScriptedModel
from tests.conftest import Repo, sox_argv

CLIENTS = os.environ.get("SOX_HOOKS_CLIENTS", "")
ALLOWED, RESTRICTED = "src/app.py", "src/ledger/post.py"
SHELL_WRITE = f"printf x > {RESTRICTED}"
AROUND = "git commit -n --allow-empty -m x"
COMMIT = 'git add -A && git commit -m "agent commit"'


class World:
    """One governed repository, and the HOME of whoever runs the agent."""

    def __init__(self, repo: Repo, home: Path) -> None:
        self.repo = repo
        self.home = home
        self.path = repo.path
        self.base = ""

    def connect(self, name: str) -> None:
        """Install our hooks for an agent, and commit what that wrote."""
        subprocess.run([*sox_argv(), "agents", "install", name], check=True, capture_output=True)
        self.base = self.repo.commit(f"Connect {name}", {}, "--trailer", "AI-Assistance: none")

    def configure(self, name: str, text: str) -> Path:
        """Write a file below HOME."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def play(self, launch: Launch, steps: list[tuple[str, object]]) -> ScriptedModel:
        """Run an agent with a model that wants these steps."""
        model = ScriptedModel(steps)
        env = {name: value.replace("MODEL_URL", model.url) for name, value in launch.env.items()}
        try:
            done = subprocess.run(
                launch.argv,
                env={**os.environ, **env},
                capture_output=True,
                text=True,
                timeout=100,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        finally:
            model.close()
        assert len(model.said) == len(steps), (model.said, done.stdout[-3000:], done.stderr[-3000:])
        return model

    @property
    def message(self) -> str:
        """Of the newest commit."""
        return self.repo.git("log", "-1", "--format=%B")

    def journal(self) -> list[dict]:
        """What agents' edits left."""
        path = self.path / ".git/sox-hooks/journal.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def logged(self) -> str:
        """The audit log as a person reads it."""
        return subprocess.run([*sox_argv(), "log", "show"], check=True, capture_output=True, text=True).stdout

    def verify(self) -> subprocess.CompletedProcess[str]:
        """The check in CI, of what came after `connect`."""
        argv = [*sox_argv(), "verify", f"{self.base}..HEAD", "--policy-ref", self.base]
        return subprocess.run(argv, capture_output=True, text=True, check=False)

    def assert_refused(self, said: list[str], rule: str = "SOX301") -> None:
        """Steps 2 to 4 did nothing, the agent was told why (`rule` is "": it passes nothing on), the log has them."""
        if rule:
            assert RESTRICTED in said[1]
            assert [rule in said[1], rule in said[2], "SOX206" in said[3]] == [True, True, True], said
        assert not (self.path / RESTRICTED).exists()
        assert self.logged().count("agent-refused") == 3
        assert self.repo.git("rev-list", "--count", f"{self.base}..HEAD") == "1"

    def assert_recorded(self, tool: str, assisted_by: str, model: str = "") -> None:
        """The edit is in the journal, the commit says who took part, and the check in CI takes it."""
        assert [(line["path"], line["tool"], line["model"]) for line in self.journal()] == [(ALLOWED, tool, model)]
        assert self.repo.git("show", "--format=", "--name-only", "HEAD") == ALLOWED
        message = self.message
        assert message.startswith("agent commit\n")
        assert "AI-Assistance: assisted" in message
        assert f"Assisted-by: {assisted_by}" in message
        assert "Sox-Signature:" in message
        done = self.verify()
        assert done.returncode == 0, done.stdout + done.stderr
