"""post-commit, post-merge and post-rewrite: what the log learns when commits are made, merged and made again."""

from __future__ import annotations

import subprocess

import pytest

from sox_hooks.hooks.shims import shim
from tests.conftest import sox_argv
from tests.hooks.stage import AGENT, NONE


def events(stage, start: int = 0) -> list[str]:
    """The events of the log, in order."""
    return [entry["event"] for entry in stage.log()[start:]]


def last(stage, event: str) -> dict:
    return [entry for entry in stage.log() if entry["event"] == event][-1]


def commits(stage, *names: str, **env: str) -> None:
    """Recorded commits of one file each."""
    for name in names:
        stage.tracked(name)
        stage.git("commit", "-q", "-m", name, *NONE, **env)


# post-commit


@pytest.mark.parametrize(
    ("options", "action"),
    [
        (("-m", "x"), "commit"),
        (("--amend", "-m", "x"), "commit (amend)"),
        (("--allow-empty", "-m", "x"), "commit"),
        (("-a", "-m", "x"), "commit"),
    ],
)
def test_an_entry_is_linked_with_its_commit(stage, options, action):
    commits(stage, "first.txt")
    stage.tracked("a.txt")
    stage.git("commit", "-q", *options, *NONE)
    recorded, committed = last(stage, "recorded"), last(stage, "committed")
    assert (committed["event"], committed["commit"], committed["entry"]) == (
        "committed",
        stage.head(),
        recorded["index"],
    )
    assert committed["action"] == action


def test_a_root_commit_and_a_sha256_repository_and_a_work_tree(stage, tmp_path):
    stage.git("worktree", "add", "-q", str(tmp_path / "linked"))
    (tmp_path / "linked/b.txt").write_text("b\n")
    for words in (("add", "b.txt"), ("commit", "-q", "-m", "B", *NONE)):
        subprocess.run(["git", *words], cwd=tmp_path / "linked", check=True, capture_output=True)
    assert last(stage, "committed")["commit"] == stage.head("linked")
    stage.git("checkout", "-q", "--orphan", "fresh")
    stage.git("commit", "-q", "-m", "Root", *NONE)
    assert last(stage, "committed")["commit"] == stage.head()


@pytest.mark.parametrize("command", [("-m", "x"), ("--amend", "-m", "x"), ("--allow-empty", "-m", "x")])
def test_a_bypass_is_put_down_as_one_and_told(stage, command):
    stage.tracked("a.txt")
    stage.git("commit", "-q", "-m", "recorded", *NONE)
    stage.tracked("b.txt")
    done = stage.run("commit", "-q", "--no-verify", *command)
    assert done.returncode == 0
    entry = stage.log()[-1 if "--amend" not in command else -2]
    assert (entry["event"], entry["commit"]) == ("bypassed", stage.head())
    assert done.stderr.startswith("SOX711 warning")
    fix = done.stderr.partition("fix:")[2].partition("\n")[0].split()
    assert fix[:3] == ["sox-hooks", "resign", "--yes"]
    mended = subprocess.run([*sox_argv(), *fix[1:]], cwd=stage.path, capture_output=True, text=True, check=False)
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert stage.told()[-1] == "verified same-change"


def test_an_amend_that_keeps_the_record_of_other_content(stage):
    """git commit --amend --no-verify leaves the message as it is, record and all."""
    stage.tracked("a.txt")
    stage.git("commit", "-q", "-m", "recorded", *NONE)
    done = stage.run("commit", "-q", "--amend", "--no-verify", "--no-edit", "--date=2020-01-01T00:00:00Z")
    assert (done.stderr, stage.log()[-2]["event"], stage.log()[-2]["commit"]) == ("", "committed", stage.head())
    stage.tracked("a.txt", "something else\n")
    done = stage.run("commit", "-q", "--amend", "--no-verify", "--no-edit")
    assert "its record is about other content" in done.stderr
    assert (stage.log()[-2]["event"], stage.log()[-2]["commit"]) == ("bypassed", stage.head())
    assert stage.told() == ["unbound"]


def test_commits_that_are_typed_while_a_rebase_has_stopped(topic):
    """What the rebase makes is told by post-rewrite; what somebody types is told at once."""
    topic.git("checkout", "-q", "topic")
    before = len(topic.log())
    topic.git("rebase", "-q", "-i", "base", GIT_SEQUENCE_EDITOR="sed -i 1s/pick/edit/")
    topic.tracked("typed.txt")
    done = topic.run("commit", "-q", "--no-verify", "-m", "Typed")
    assert done.stderr.startswith("SOX711 warning")
    bypassed = topic.head()
    topic.tracked("more.txt")
    topic.git("commit", "-q", "-m", "Recorded", *NONE)
    recorded = topic.head()
    topic.git("rebase", "--continue", GIT_EDITOR=":")
    told = [(entry["event"], entry.get("commit")) for entry in topic.log()[before:]]
    assert told[:3] == [("bypassed", bypassed), ("recorded", None), ("committed", recorded)]
    assert [event for event, _ in told[3:]] == ["rewritten"]


def test_a_root_commit_past_the_hook(stage):
    stage.git("checkout", "-q", "--orphan", "fresh")
    done = stage.run("commit", "-q", "--no-verify", "-m", "Root")
    assert "sox-hooks resign --yes --reason WHY HEAD\n" in done.stderr


def test_where_the_policy_only_warns_nobody_is_accused(stage):
    text = (stage.path / ".sox/policy.toml").read_text()
    stage.tracked(".sox/policy.toml", text.replace('mode = "enforce"', 'mode = "warn"'))
    stage.git("commit", "-q", "-m", "Only warn", *NONE)
    stage.tracked("a.txt")
    done = stage.run("commit", "-q", "--no-verify", "-m", "x")
    assert (stage.log()[-1]["event"], done.stderr) == ("unrecorded", "")


def test_without_a_policy_nothing_is_said_or_kept(repo, make_key):
    hook = repo.path / ".git/hooks/post-commit"
    hook.write_bytes(shim("post-commit"))
    hook.chmod(0o755)
    repo.commit("x")
    assert not (repo.path / ".git/sox-hooks/log.jsonl").exists()


# Replays are no bypasses: the rows of the table of hooks where post-commit runs and commit-msg does not.


@pytest.fixture
def topic(stage):
    """Branch `topic` with two recorded commits beside one on `main`, which is checked out."""
    stage.git("checkout", "-q", "-b", "topic")
    commits(stage, "t1.txt", "t2.txt")
    stage.git("checkout", "-q", "main")
    commits(stage, "m.txt")
    return stage


def test_a_clean_cherry_pick(topic):
    start = len(topic.log())
    topic.git("cherry-pick", "topic~1", "topic")
    assert events(topic, start) == ["replayed", "replayed"]
    assert last(topic, "replayed")["commit"] == topic.head()


def test_a_cherry_pick_with_x(topic):
    start = len(topic.log())
    topic.git("cherry-pick", "-x", "topic")
    assert events(topic, start) == ["replayed"]


def test_a_clean_revert(topic):
    start = len(topic.log())
    topic.git("revert", "--no-edit", "HEAD")
    assert events(topic, start) == ["replayed"]
    assert last(topic, "replayed")["action"] == "revert"


def test_a_pick_that_is_concluded_by_hand_is_recorded(stage):
    stage.git("checkout", "-q", "-b", "topic")
    stage.tracked("notes.txt", "one\nTOPIC\nthree\n")
    stage.git("commit", "-q", "-m", "Topic", *NONE)
    stage.git("checkout", "-q", "main")
    stage.tracked("notes.txt", "one\nMAIN\nthree\n")
    stage.git("commit", "-q", "-m", "Main", *NONE)
    assert stage.run("cherry-pick", "topic").returncode == 1
    stage.tracked("notes.txt", "one\nBOTH\nthree\n")
    start = len(stage.log())
    stage.git("-c", "core.editor=true", "cherry-pick", "--continue")
    assert events(stage, start) == ["recorded", "committed"]


@pytest.mark.parametrize(
    "options", [(), ("--apply",), ("--force-rebase",), ("--signoff",), ("--exec", "true"), ("--rebase-merges",)]
)
def test_a_rebase_is_one_entry_with_all_pairs(topic, options):
    topic.git("checkout", "-q", "topic")
    old = topic.git("rev-list", "--reverse", "main..topic").split()
    start = len(topic.log())
    topic.git("rebase", "-q", *options, "main")
    new = topic.git("rev-list", "--reverse", "main..topic").split()
    assert events(topic, start) == ["rewritten"]
    entry = topic.log()[-1]
    assert entry["command"] == "rebase"
    assert entry["pairs"] == [list(pair) for pair in zip(old, new, strict=True)]


def test_squash_steps_are_told_with_the_rebase(topic):
    topic.git("checkout", "-q", "topic")
    old = topic.git("rev-list", "--reverse", "main..topic").split()
    start = len(topic.log())
    todo = {"GIT_SEQUENCE_EDITOR": "sed -i '2s/^pick/fixup/'", "GIT_EDITOR": "true"}
    topic.git("rebase", "-q", "-i", "main", **todo)
    assert events(topic, start) == ["rewritten"]
    assert topic.log()[-1]["pairs"] == [[one, topic.head()] for one in old]


def test_what_a_fixup_swallowed_comes_back_with_resign(topic):
    """The fixup was an agent's: nothing in the final message says so, only the log knows."""
    topic.git("checkout", "-q", "topic")
    topic.tracked("t2.txt", "by an agent\n")
    topic.git("commit", "-q", "--fixup", "HEAD", **AGENT)
    topic.git("rebase", "-q", "-i", "--autosquash", "main", GIT_SEQUENCE_EDITOR="true")
    assert topic.value("AI-Assistance") == ["none"]
    assert topic.told("main..HEAD") == ["verified same-change", "unbound"]
    words = ["resign", "--yes", "--reason", "autosquash", "main..HEAD"]
    done = subprocess.run([*sox_argv(), *words], cwd=topic.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert topic.told("main..HEAD") == ["verified same-change"] * 2
    assert topic.value("AI-Assistance") == ["assisted"]
    assert topic.value("Assisted-by") == ["claude-code@2.1.330"]


def test_a_conflict_in_a_rebase_is_one_entry_too(stage):
    stage.git("checkout", "-q", "-b", "topic")
    stage.tracked("notes.txt", "one\nTOPIC\nthree\n")
    stage.git("commit", "-q", "-m", "Topic", *NONE)
    stage.git("checkout", "-q", "main")
    stage.tracked("notes.txt", "one\nMAIN\nthree\n")
    stage.git("commit", "-q", "-m", "Main", *NONE)
    stage.git("checkout", "-q", "topic")
    start = len(stage.log())
    assert stage.run("rebase", "-q", "main").returncode == 1
    stage.tracked("notes.txt", "one\nBOTH\nthree\n")
    stage.git("-c", "core.editor=true", "rebase", "--continue")
    assert events(stage, start) == ["rewritten"]


def test_an_aborted_rebase_leaves_no_trace(topic):
    topic.git("checkout", "-q", "topic")
    start = len(topic.log())
    topic.run("rebase", "-q", "--exec", "false", "main")
    topic.git("rebase", "--abort")
    assert events(topic, start) == []


# post-rewrite


def test_an_amend_is_a_pair(stage):
    commits(stage, "a.txt")
    old = stage.head()
    stage.tracked("b.txt")
    stage.git("commit", "-q", "--amend", "--no-edit")
    entry = stage.log()[-1]
    assert (entry["event"], entry["command"], entry["pairs"]) == ("rewritten", "amend", [[old, stage.head()]])


def framework(stage, hook: str, **env: str) -> None:
    """The hook as pre-commit calls it: no arguments, nothing on standard input."""
    script = stage.path / f".git/hooks/{hook}"
    words = " ".join(f"'{word}'" for word in [*sox_argv(), "hook", hook])
    script.write_text(f"#!/bin/sh\nPRE_COMMIT=1 {words} </dev/null\n")
    script.chmod(0o755)


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_a_host_that_hides_the_pairs_of_a_rebase(topic, backend):
    framework(topic, "post-rewrite")
    framework(topic, "post-commit")
    topic.git("checkout", "-q", "topic")
    old = topic.git("rev-list", "--reverse", "main..topic").split()
    start = len(topic.log())
    topic.git("rebase", "-q", backend, "main")
    new = topic.git("rev-list", "--reverse", "main..topic").split()
    assert events(topic, start) == ["rewritten"]
    assert topic.log()[-1]["pairs"] == [list(pair) for pair in zip(old, new, strict=True)]


def test_a_host_that_hides_the_pair_of_an_amend(stage):
    framework(stage, "post-rewrite")
    commits(stage, "a.txt")
    old = stage.head()
    stage.tracked("b.txt")
    stage.git("commit", "-q", "--amend", "--no-edit")
    assert stage.log()[-1]["pairs"] == [[old, stage.head()]]


# post-merge


def test_a_clean_merge_is_linked_though_post_commit_does_not_run(topic):
    topic.git("merge", "-q", "--no-edit", "topic")
    recorded, committed = topic.log()[-2:]
    assert (recorded["event"], recorded["operation"]) == ("recorded", "merge")
    assert (committed["event"], committed["commit"]) == ("committed", topic.head())
    assert committed["entry"] == recorded["index"]


def test_a_conflicted_merge_is_linked_by_post_commit(topic):
    topic.git("merge", "-q", "--no-commit", "topic")
    topic.git("commit", "-q", "--no-edit")
    assert events(topic)[-2:] == ["recorded", "committed"]


def test_merges_without_a_commit_of_their_own(topic):
    topic.git("checkout", "-q", "-b", "other", "base")
    topic.git("merge", "-q", "topic")
    entry = topic.log()[-1]
    assert (entry["event"], entry["commit"], entry["squash"]) == ("merged", topic.head("topic"), False)
    assert "Fast-forward" in entry["action"]
    topic.git("checkout", "-q", "main")
    topic.git("merge", "-q", "--squash", "topic")
    entry = topic.log()[-1]
    assert (entry["event"], entry["squash"]) == ("merged", True)
    assert entry["sources"] == topic.git("rev-list", "main..topic").split()


@pytest.mark.parametrize("place", ["repository", "work tree"])
def test_thirty_commits_start_python_once(topic, tmp_path, place):
    """The shims ask sh whether a rebase is under way; Python is started for post-rewrite alone."""
    folder = topic.path
    if place == "work tree":
        folder = tmp_path / "linked"
        topic.git("worktree", "add", "-q", str(folder), "topic")
    else:
        topic.git("checkout", "-q", "topic")
    for number in range(28):
        words = ["-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", str(number)]
        subprocess.run(["git", *words], cwd=folder, check=True)
    log = tmp_path / "started"
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$*" >>{log}\nexit 0\n')
    python.chmod(0o755)
    for name in ("post-commit", "post-rewrite", "prepare-commit-msg"):
        hook = topic.path / ".git/hooks" / name
        text = shim(name).decode().splitlines()
        hook.write_text("\n".join([f"python={python}" if line.startswith("python=") else line for line in text]))
        hook.chmod(0o755)
    subprocess.run(["git", "rebase", "-q", "main"], cwd=folder, check=True)
    assert topic.git("rev-list", "--count", "main..topic") == "30"
    assert [line.split()[-3:] for line in log.read_text().splitlines()] == [["hook", "post-rewrite", "rebase"]]
