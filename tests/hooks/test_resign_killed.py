"""`resign` killed at its calls into the system: the branch, its reflog and the log agree, and a second run finishes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sox_hooks.record.log_check import verify_log
from tests.conftest import sox_argv
from tests.hooks.killed_resigns import RESIGN
from tests.hooks.stage import NONE, Stage


@pytest.mark.parametrize("every", [97, pytest.param(1, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])])
def test_killed_at_any_call(stage, tmp_path, every):
    stage.tracked("notes.txt", "one\n")
    stage.git("commit", "-q", "--no-verify", "-m", "Past the hook")
    stage.tracked("other.txt")
    stage.git("commit", "-q", "-m", "On top of it", *NONE)
    old = stage.head()
    (tmp_path / "copies").mkdir()
    script = Path(__file__).with_name("killed_resigns.py")
    done = subprocess.run(
        [sys.executable, str(script), str(stage.path), str(tmp_path / "copies"), str(every)],
        capture_output=True,
        text=True,
        check=True,
    )
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rounds) > 3
    moved = [
        consistent(Stage(Path(one["repository"])), old, f"{one['part']} {one['call']} {one['step']}") for one in rounds
    ]
    assert not moved[0]
    assert moved == sorted(moved)  # at one moment it is done, and nothing undoes it
    if every == 1:
        assert moved[-1]
        assert {one["call"] for one in rounds} >= {"posix_spawnp", "write", "fsync"}


def consistent(repo: Stage, old: str, where: str) -> bool:
    """Whether the branch has moved; all that is known of it agrees, before and after a second run."""
    new = repo.head("main")
    log = Path(repo.git("rev-parse", "--absolute-git-dir")) / "sox-hooks/log.jsonl"
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/main", where
    assert repo.git("status", "--porcelain") == "", where
    pairs = [pair for entry in repo.log() if entry["event"] == "rewritten" for pair in entry["pairs"]]
    if new != old:
        assert [old, new] in pairs, where
        assert repo.git("log", "-g", "-1", "--format=%gs", "main") == "sox-hooks resign: made past the hook", where
    again = subprocess.run(
        [*sox_argv(), *RESIGN], cwd=repo.path, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, f"{where}: {again.stdout}{again.stderr}"
    assert repo.told() == ["verified same-change"] * 2, where
    assert [entry.message for entry in verify_log(str(log)).findings if entry.severity == "error"] == [], where
    last = [entry for entry in repo.log() if entry["event"] == "rewritten"][-1]
    assert [old, repo.head("main")] in last["pairs"], where
    assert not list(Path(repo.git("rev-parse", "--absolute-git-dir")).rglob("*.lock.lock")), where
    return new != old
