"""A governed repository with the native hook live, and what tests ask of it afterwards. The oracle is the verifier."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sox_hooks.git.repository import find_repository
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git, clean_environment
from sox_hooks.hooks.install import install
from sox_hooks.verification.gate import open_gate
from tests.conftest import Repo
from tests.hooks.governed import govern

# What an agent exports; its register entry in the starter is there, and `open` paths take any registered tool.
AGENT = {"CLAUDECODE": "1", "CLAUDE_CODE_CHILD_SESSION": "1", "AI_AGENT": "claude-code_2-1-330_agent"}
NONE = ("--trailer", "AI-Assistance: none")
KEYS = ["AI-Assistance", "Sox-Record", "Sox-Signature"]


class Stage(Repo):
    """`base` is a tag on the commit that adopted the policy."""

    def tracked(self, name: str, content: str | bytes = "changed\n") -> None:
        """Write and stage a file."""
        self.write(name, content)
        self.git("add", "--", name)

    def run(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run git and return what came of it, whatever it was."""
        done = subprocess.run(
            ["git", *args], cwd=self.path, capture_output=True, env={**os.environ, **env}, check=False, timeout=60
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        )

    def log(self) -> list[dict]:
        """The log without the entry that begins it."""
        path = Path(self.git("rev-parse", "--path-format=absolute", "--git-common-dir")) / "sox-hooks/log.jsonl"
        lines = path.read_text("ascii").splitlines() if path.exists() else []
        return [entry for entry in map(json.loads, lines) if entry["event"] != "started"]

    def entries(self) -> list[dict]:
        """The decisions in the log."""
        return [entry for entry in self.log() if entry["event"] in ("recorded", "refused")]

    def recorded(self) -> int:
        """How many commits the log has."""
        return sum(entry["event"] == "recorded" for entry in self.entries())

    def verdicts(self, words: str = "base..HEAD", policy_ref: str = "") -> list:
        """What the gate says, oldest commit first."""
        git = Git(str(self.path), clean_environment(os.environ))
        with CleanRoom(git) as room:
            return list(open_gate(git, room, (words,), policy_ref).verdicts())

    def told(self, words: str = "base..HEAD") -> list[str]:
        """The verdicts in short: `verified same-change`."""
        return [f"{verdict.status} {verdict.relation}".strip() for verdict in self.verdicts(words)]

    def trailers(self, rev: str = "HEAD") -> list[str]:
        """The keys of all trailers of a commit, as git finds them."""
        return self.git("log", "-1", "--format=%(trailers:keyonly)", rev).splitlines()

    def value(self, key: str, rev: str = "HEAD") -> list[str]:
        """The values of one trailer."""
        shown = self.git("log", "-1", f"--format=%(trailers:key={key},valueonly,unfold)", rev)
        return [line for line in shown.splitlines() if line]

    def record(self, rev: str = "HEAD") -> str:
        """The record and its signature, as they stand in the commit."""
        return self.git("log", "-1", "--format=%(trailers:key=Sox-Record)%(trailers:key=Sox-Signature)", rev)


@pytest.fixture(scope="session")
def made_stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a governed repository and its key, made once and copied for every test."""
    folder = tmp_path_factory.mktemp("stage")
    home = folder / "home"
    home.mkdir()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
    }
    (home / ".gitconfig").write_text(
        "[init]\n\tdefaultBranch = main\n[user]\n\tname = Alice Ng\n\temail = alice@bank.example\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("GIT_", "CLAUDE")):
                patch.delenv(name)
        for name, value in env.items():
            patch.setenv(name, value)
        key = folder / "id_ed25519"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f", str(key)], check=True)
        subprocess.run(["git", "init", "-q", str(folder / "repo")], check=True)
        repo = Repo(folder / "repo")
        repo.write("start.txt", "start\n")
        repo.write("notes.txt", "one\ntwo\nthree\n")
        govern(repo, key)
        repo.git("tag", "base")
        install(find_repository(Git(str(repo.path))))
    return folder


@pytest.fixture
def stage(made_stage: Path, tmp_path: Path) -> Stage:
    """A fresh copy."""
    shutil.copytree(made_stage, tmp_path / "stage", symlinks=True)
    stage = Stage(tmp_path / "stage/repo")
    stage.git("config", "sox.signingKey", str(tmp_path / "stage/id_ed25519"))
    return stage
