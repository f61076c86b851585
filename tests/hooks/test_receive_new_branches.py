"""New protected branches on a server: which policy judges them, and which one they may begin with."""

from __future__ import annotations

import pytest

from tests.hooks.receiving import Server
from tests.stage import ALICE, BOB, Stage, policy_files


@pytest.fixture
def stage(repo):
    return Stage(repo).begin()


@pytest.fixture
def server(stage, tmp_path):
    made = Server(stage, tmp_path / "server.git")
    for pattern in ("refs/heads/main", "refs/heads/release/*", "refs/heads/archive/*", "refs/tags/v*"):
        made.bare.git("config", "--add", "sox.protected", pattern)
    return made


def test_one_from_an_old_commit_under_the_same_policy(server):
    old = server.tip()
    server.stage.record({"a": "1\n"})
    assert server.push("main")[0]
    assert server.push(f"{old}:refs/heads/release/1")[0]


def test_one_from_before_a_leaver_left(server):
    """Her key is on the old commit. Whoever made a branch there could push what she signs."""
    stage = server.stage
    old = server.tip()
    stage.record(policy_files((ALICE,), baseline=(stage.first,)), "Bob leaves")
    assert server.push("main")[0]
    taken, told = server.push(f"{old}:refs/heads/release/1")
    assert not taken
    assert "refs/heads/release/1 would begin with an older policy" in told
    stage.branch("release/1", old)
    stage.git("merge", "-q", "--no-ff", "--no-edit", "main")  # as the refusal says
    assert server.push("release/1")[0]
    stage.record({"b": "1\n"}, by=BOB)
    assert "forged" in server.push("release/1")[1]


def test_one_from_before_the_adoption(server):
    """Nothing that is pushed to it would ever be judged."""
    taken, told = server.push(f"{server.stage.first}:refs/heads/release/1")
    assert not taken
    assert "older policy" in told
    assert not server.tip("release/1")


def test_one_that_changes_the_policy_itself(server):
    stage = server.stage
    stage.branch("release/1")
    stage.record(policy_files((ALICE,), version=2, baseline=(stage.first,)), "Bob leaves")
    assert server.push("release/1")[0]


def test_a_protected_branch_without_a_policy_does_not_govern(server):
    """It stands before `main` in the alphabet; by itself it has no policy, so nothing would be judged."""
    stage = server.stage
    server.bare.git("update-ref", "refs/heads/archive/1", stage.first)
    stage.branch("release/1")
    bypass = stage.commit("Bypass", {"a": "1\n"})
    taken, told = server.push("release/1")
    assert not taken
    assert bypass[:12] in told


def test_protected_tags(server):
    """A tag to old history brings nothing new; one to what was never judged is judged; none moves backwards."""
    stage = server.stage
    stage.git("tag", "-a", "-m", "old", "v1", stage.first)
    assert server.push("v1")[0]
    stage.branch("work")
    stage.commit("Bypass", {"a": "1\n"})
    stage.git("tag", "v2")
    taken, told = server.push("v2")
    assert not taken
    assert "refs/tags/v2: 1 commit refused" in told
    stage.git("tag", "-f", "v1", "main~1")
    stage.git("tag", "-f", "v1", "main")
    assert server.push("--force", "v1")[0]  # forward
    stage.git("tag", "-f", "v1", stage.first)
    assert "may not be rewritten" in server.push("--force", "v1")[1]
    assert "may not be deleted" in server.push(":v1")[1]
