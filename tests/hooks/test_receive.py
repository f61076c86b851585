"""The gate on a server: real pushes into a real bare repository whose pre-receive (or update) hook is ours."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sox_hooks.core.errors import UsageError
from sox_hooks.hooks.receive import Update, read_updates
from tests.conftest import Repo
from tests.hooks.receiving import Server
from tests.stage import SECRET, Stage


@pytest.fixture
def stage(repo):
    return Stage(repo).begin()


@pytest.fixture
def server(stage, tmp_path):
    return Server(stage, tmp_path / "server.git")


@pytest.fixture(params=["pre-receive", "update"])
def either(request, stage, tmp_path):
    return Server(stage, tmp_path / "server.git", request.param)


def test_a_recorded_commit_is_taken(either):
    commit = either.stage.record({"notes.txt": "1\n"})
    taken, _ = either.push("main")
    assert taken
    assert either.tip() == commit


def test_an_unrecorded_commit_is_refused_and_nothing_of_it_stays(server):
    before = server.tip()
    commit = server.stage.commit("Bypass", {"notes.txt": "1\n"})
    taken, told = server.push("main")
    assert not taken
    assert server.tip() == before
    assert not server.has(commit)
    assert f"{commit[:12]} unrecorded: Bypass" in told
    assert "SOX601" in told
    assert "sox-hooks verify origin/main..HEAD" in told


def test_update_refuses_one_ref_and_takes_the_other(stage, tmp_path):
    server = Server(stage, tmp_path / "server.git", "update")
    stage.branch("free")
    stage.commit("Unrecorded work", {"a": "1\n"})
    stage.git("checkout", "-q", "main")
    refused = stage.commit("Bypass", {"b": "1\n"})
    taken, _ = server.push("main", "free")
    assert not taken
    assert server.tip("free")
    assert server.tip("main") != refused


def test_pre_receive_takes_all_or_nothing(server):
    server.stage.branch("free")
    server.stage.commit("Unrecorded work", {"a": "1\n"})
    server.stage.git("checkout", "-q", "main")
    server.stage.commit("Bypass", {"b": "1\n"})
    taken, _ = server.push("main", "free")
    assert not taken
    assert not server.tip("free")


def test_other_branches_and_tags_are_free(server):
    server.stage.branch("free")
    server.stage.commit("Unrecorded work", {"a": "1\n"})
    server.stage.git("tag", "v1")
    taken, _ = server.push("free", "v1")
    assert taken
    assert server.tip("free")
    assert server.tip("v1")


def test_the_policy_is_that_of_before_the_push(server):
    """A push that relaxes the policy and uses it at once is judged by the policy before it."""
    stage = server.stage
    policy = (stage.repo.path / ".sox/policy.toml").read_text()
    relaxed = policy.replace('[tiers.restricted]\nai = "none"', '[tiers.restricted]\nai = "any"')
    assert relaxed != policy
    stage.record({".sox/policy.toml": relaxed}, "Relax")
    stage.record({SECRET: "new\n"}, "Use it", claim="assisted", tools=("cursor",))
    taken, told = server.push("main")
    assert not taken
    assert "SOX201" in told


def test_a_protected_branch_is_not_deleted(server):
    server.bare.git("config", "receive.denyDeleteCurrent", "ignore")
    taken, told = server.push(":main")
    assert not taken
    assert "may not be deleted" in told
    assert server.tip()


def test_a_protected_branch_is_not_rewritten(server):
    stage = server.stage
    stage.record({"a": "1\n"})
    assert server.push("main")[0]
    stage.git("reset", "-q", "--hard", "HEAD~1")
    stage.record({"a": "2\n"})
    taken, told = server.push("--force", "main")
    assert not taken
    assert "may not be rewritten" in told


def test_a_merge_brings_its_branch_before_the_gate(server):
    stage = server.stage
    stage.branch("feature")
    bypass = stage.commit("Bypass", {"a": "1\n"})
    stage.git("checkout", "-q", "main")
    stage.record({"b": "1\n"})
    stage.git("merge", "-q", "--no-ff", "--no-edit", "feature")
    taken, told = server.push("main")
    assert not taken
    assert bypass[:12] in told


def test_what_is_on_another_branch_already_is_judged_all_the_same(server):
    stage = server.stage
    stage.branch("feature")
    bypass = stage.commit("Bypass", {"a": "1\n"})
    assert server.push("feature")[0]
    stage.git("checkout", "-q", "main")
    stage.git("merge", "-q", "--ff-only", "feature")
    taken, told = server.push("main")
    assert not taken
    assert bypass[:12] in told


def test_a_new_protected_branch_is_judged_from_the_others(server):
    server.bare.git("config", "--add", "sox.protected", "refs/heads/main")
    server.bare.git("config", "--add", "sox.protected", "refs/heads/release/*")
    stage = server.stage
    stage.branch("release/1")
    assert server.push("release/1")[0]
    stage.branch("release/2")
    bypass = stage.commit("Bypass", {"a": "1\n"})
    taken, told = server.push("release/2")
    assert not taken
    assert bypass[:12] in told
    assert not server.tip("release/2")


def test_the_push_that_adopts_a_policy_is_let_in_and_said_so(repo, tmp_path):
    stage = Stage(repo)
    stage.commit("Begin", {"README": "begin\n"})
    server = Server(stage, tmp_path / "server.git")
    Stage.begin(stage)
    taken, told = server.push("main")
    assert taken
    assert "no policy yet" in told
    stage.commit("Bypass", {"a": "1\n"})
    assert not server.push("main")[0]


def test_the_very_first_push(stage, tmp_path):
    path = tmp_path / "new.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], check=True)
    server = Server.__new__(Server)
    server.stage, server.bare = stage, Repo(path)
    server.install("pre-receive")
    stage.git("remote", "add", "server", str(path))
    taken, told = server.push("main")
    assert taken
    assert "no policy before it" in told


def test_what_cannot_be_judged_is_not_let_in(server):
    """The policy of the branch is broken (put there past the hook): nothing gets in until it is mended by hand."""
    stage = server.stage
    stage.commit("Break the policy", {".sox/policy.toml": "broken = [\n"})
    (server.bare.path / "hooks/pre-receive").rename(tmp := server.bare.path / "away")
    assert server.push("main")[0]
    tmp.rename(server.bare.path / "hooks/pre-receive")
    stage.record({"a": "1\n"})
    taken, told = server.push("main")
    assert not taken
    assert "refs/heads/main is refused" in told
    assert "SOX001" in told


def test_a_policy_that_nobody_could_use_is_not_let_in(server):
    server.stage.record({".sox/policy.toml": "broken = [\n"}, "Break the policy")
    taken, told = server.push("main")
    assert not taken
    assert "SOX001" in told
    assert "the policy it brings is refused" in told


def test_a_long_list_of_refusals_is_cut(server):
    for number in range(13):
        server.stage.commit(f"Bypass {number}", {"a": f"{number}\n"})
    taken, told = server.push("main")
    assert not taken
    assert "and 3 more" in told
    assert "13 commits refused" in told


def test_nothing_is_printed_raw(server):
    server.stage.commit("Bypass \x1b[31mred\x07", {"a": "1\n"})
    taken, told = server.push("main")
    assert not taken
    assert "\x1b[31m" not in told
    assert "\\x1b[31mred" in told


@pytest.mark.parametrize(
    "data", [b"one\n", b"x y refs/heads/main\n", b"0" * 40 + b" " + b"1" * 39 + b" refs/heads/main\n"]
)
def test_input_that_git_never_gives(data):
    with pytest.raises(UsageError):
        read_updates(data)


def test_read_updates():
    old, new = "1" * 40, "2" * 40
    data = f"{old} {new} refs/heads/a b\n{'0' * 40} {new} refs/heads/c\n{old} {'0' * 40} refs/tags/d\n".encode()
    assert read_updates(data) == (
        Update("refs/heads/a b", old, new), Update("refs/heads/c", "", new), Update("refs/tags/d", old, ""),
    )  # fmt: skip


def test_a_list_of_refs_that_is_too_long_is_refused_and_not_cut(server, monkeypatch):
    """What stands behind a cut would go in unjudged."""
    from sox_hooks.hooks import receive
    from sox_hooks.hooks.hosts import HookEvent

    monkeypatch.setattr(receive, "_LIMIT", 150)
    monkeypatch.setattr(receive, "_end_in_order", lambda: None)  # not for the process that runs the tests
    line = f"{'0' * 40} {server.tip()} refs/tags/{'t' * 100}\n".encode()
    reading, writing = os.pipe()
    os.write(writing, line)
    os.close(writing)
    kept = os.dup(0)
    os.dup2(reading, 0)
    try:
        with pytest.raises(UsageError, match="more refs"):
            receive.run(HookEvent("pre-receive", "native", "", (), True), dict(os.environ), sys.stderr)
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(reading)


def test_the_hook_from_the_command_line_without_input(server):
    """A closed standard input is an empty push."""
    done = subprocess.run(
        [sys.executable, "-I", "-m", "sox_hooks", "hook", "pre-receive"],
        cwd=server.bare.path, stdin=subprocess.DEVNULL, capture_output=True, env=dict(os.environ), check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
