"""A person commits in a shell without any marker what an agent wrote: the journal says so, while that is true."""

from __future__ import annotations

import json
import os
import subprocess
import time

import pytest

from sox_hooks.core.clock import iso
from sox_hooks.detection import journal
from sox_hooks.detection.journal import JournalEntry
from tests.conftest import sox_argv
from tests.detection.other_recorders import trace
from tests.hooks.governed import govern


@pytest.fixture
def governed(repo, make_key):
    govern(repo, make_key())
    subprocess.run([*sox_argv(), "install"], cwd=repo.path, check=True, capture_output=True)
    return repo


def wrote(repo, path: str, content: str, *, ago: int = 60) -> None:
    """What an agent's hook does after an edit."""
    repo.write(path, content)
    note(repo, path, repo.git("hash-object", path), ago)


def note(repo, path: str, blob: str, ago: int) -> None:
    (repo.path / ".git/sox-hooks").mkdir(exist_ok=True)
    line = journal.line_of(JournalEntry(int(time.time()) - ago, path, blob, "claude-code", "2.1.330", "m-1", "s"))
    with open(repo.path / ".git" / journal.NAME, "ab") as file:
        file.write(line)


def assistance(repo) -> str:
    return repo.git("log", "-1", "--format=%(trailers:key=AI-Assistance,valueonly)").strip()


def last_entry(repo) -> dict[str, object]:
    """Of the commit; what hooks that run after it say of it follows in the log."""
    lines = map(json.loads, (repo.path / ".git/sox-hooks/log.jsonl").read_text().splitlines())
    return [line for line in lines if line["event"] == "recorded"][-1]


def test_what_an_agent_wrote_is_recorded_whoever_commits(governed):
    wrote(governed, "a.py", "by the agent\n")
    governed.commit("change", {"b.py": "by hand\n"})
    assert assistance(governed) == "assisted"
    assert "Assisted-by: claude-code@2.1.330:m-1" in governed.git("log", "-1", "--format=%B")
    assert last_entry(governed)["files"] == [{"path": "a.py", "state": "written", "tools": ["claude-code"]}]


def test_what_was_edited_since_is_recorded_too(governed):
    wrote(governed, "a.py", "by the agent\n")
    governed.commit("change", {"a.py": "by the agent\nand by hand\n"})
    assert assistance(governed) == "assisted"
    assert last_entry(governed)["files"][0]["state"] == "edited since"


def test_untouched_paths_and_an_empty_journal_say_nothing(governed):
    governed.commit("one", {"a.py": "1\n"})
    assert assistance(governed) == "undeclared"
    wrote(governed, "other.py", "x\n")
    (governed.path / "other.py").unlink()
    governed.commit("two", {"a.py": "2\n"})
    assert assistance(governed) == "undeclared"
    assert last_entry(governed)["files"] == []


def test_an_edit_ends_with_the_commit_of_its_path(governed):
    wrote(governed, "a.py", "by the agent\n")
    governed.commit("theirs", {"a.py": "by the agent\nand by hand\n"})
    governed.commit("mine", {"a.py": "all new\n"})
    assert assistance(governed) == "undeclared"


def test_a_part_that_is_left_in_the_work_tree_is_still_the_agents(governed):
    """`git add -p`: the first commit takes one hunk, the next one the other, retouched by hand."""
    governed.commit("base", {"a.py": "1\n" * 20, "b.py": "1\n"})
    wrote(governed, "a.py", "agent\n" + "1\n" * 20 + "agent\n", ago=0)
    wrote(governed, "b.py", "agent\n", ago=0)
    subprocess.run(["git", "add", "-p", "a.py"], cwd=governed.path, input=b"y\nn\n", check=True, capture_output=True)
    governed.write("b.py", "agent, by hand\n")
    governed.git("add", "b.py")
    governed.git("commit", "-q", "-m", "first hunk")
    states = {"a.py": "edited since", "b.py": "edited since"}
    assert {file["path"]: file["state"] for file in last_entry(governed)["files"]} == states
    wrote_last = journal.read(str(governed.path / ".git" / journal.NAME), time.time() + 5)[-1]
    assert wrote_last.path == "a.py"
    governed.commit("the rest", {"a.py": "agent\n" + "1\n" * 20 + "agent, by hand\n", "b.py": "mine\n"})
    assert [file["path"] for file in last_entry(governed)["files"]][:1] == ["a.py"]


def test_a_file_that_was_renamed_before_its_first_commit_is_known(governed):
    wrote(governed, "a.py", "by the agent\n")
    governed.write("empty", "")
    note(governed, "empty", governed.git("hash-object", "empty"), 60)
    (governed.path / "empty").rename(governed.path / "void")
    (governed.path / "a.py").rename(governed.path / "b.py")
    governed.commit("renamed")
    assert last_entry(governed)["files"] == [{"path": "b.py", "state": "written", "tools": ["claude-code"]}]
    governed.git("mv", "b.py", "c.py")
    governed.commit("again")
    assert (last_entry(governed)["files"], assistance(governed)) == ([], "undeclared")


def test_what_was_committed_on_another_branch_is_not_what_stands_here(governed):
    governed.git("checkout", "-q", "-b", "side")
    wrote(governed, "a.py", "by the agent\n")
    governed.commit("theirs")
    governed.git("checkout", "-q", "main")
    governed.commit("mine", {"a.py": "mine\n"})
    assert assistance(governed) == "undeclared"
    governed.git("checkout", "-q", "side", "--", "a.py")
    governed.commit("theirs again")
    assert assistance(governed) == "assisted"


def test_the_same_path_of_another_work_tree_is_another_file(governed):
    governed.git("worktree", "add", "-q", "../linked")
    linked = type(governed)(governed.path.parent / "linked")
    wrote(governed, "a.py", "by the agent\n")
    linked.commit("mine", {"a.py": "mine\n"})
    assert assistance(linked) == "undeclared"
    linked.commit("the agent's, brought over", {"a.py": "by the agent\n"})
    assert assistance(linked) == "assisted"


def test_what_comes_back_from_the_stash_is_still_the_agents(governed):
    wrote(governed, "a.py", "by the agent\n")
    governed.git("add", "a.py")
    governed.git("stash", "-q")
    governed.commit("other", {"b.py": "mine\n"})
    assert assistance(governed) == "undeclared"
    governed.git("stash", "pop", "-q")
    governed.commit("theirs", {"a.py": "by the agent, by hand\n"})
    assert assistance(governed) == "assisted"


def test_an_amended_commit_keeps_it(governed):
    wrote(governed, "a.py", "by the agent\n")
    governed.commit("theirs", {})
    governed.write("a.py", "by the agent, amended\n")
    governed.git("commit", "-qa", "--amend", "--no-edit")
    assert assistance(governed) == "assisted"


def test_somebody_elses_commit_of_the_path_does_not_end_it(governed):
    governed.commit("pulled", {"a.py": "0\n"}, "--no-verify", GIT_COMMITTER_EMAIL="bob@bank.example")
    note(governed, "a.py", "b" * 40, 60)
    governed.commit("mine", {"a.py": "1\n"})
    assert assistance(governed) == "assisted"


def test_a_removal_by_the_agent_is_known(governed):
    governed.commit("one", {"a.py": "1\n"})
    (governed.path / "a.py").unlink()
    note(governed, "a.py", journal.DELETED, 0)
    governed.commit("two")
    assert last_entry(governed)["files"] == [{"path": "a.py", "state": "written", "tools": ["claude-code"]}]


# Agent Trace's file


def traced(repo, path: str, *, ago: int = 60, **fields: str) -> None:
    line = trace(path, timestamp=iso(time.time() - ago), **fields)
    (repo.path / ".agent-trace").mkdir(exist_ok=True)
    with open(repo.path / ".agent-trace/traces.jsonl", "ab") as file:
        file.write(line)


def ignore_traces(repo) -> None:
    (repo.path / ".git/info/exclude").write_text(".agent-trace/\n")


def test_a_trace_of_a_staged_file_is_evidence(governed):
    ignore_traces(governed)
    traced(governed, "a.py", tool="cursor", model="openai/gpt-5.4", version="2.4.0")
    traced(governed, "b.py", contributor="human")
    traced(governed, "c.py", ago=journal.LIFETIME + 10)
    governed.commit("one", {"b.py": "1\n", "c.py": "1\n"})
    assert assistance(governed) == "undeclared"
    governed.commit("two", {"a.py": "1\n"})
    assert "Assisted-by: cursor@2.4.0:gpt-5.4" in governed.git("log", "-1", "--format=%B")
    entry = last_entry(governed)
    assert entry["files"] == [{"path": "a.py", "state": "edited since", "tools": ["cursor"]}]
    assert [(one["source"], one["confidence"]) for one in entry["evidence"]] == [("agent-trace", "medium")]
    governed.commit("three", {"a.py": "2\n"})
    assert assistance(governed) == "undeclared"


def test_traces_that_came_with_other_commits_say_nothing_of_this_one(governed):
    traced(governed, "a.py", ago=60)
    governed.commit("pulled", {"a.py": "0\n"}, "--no-verify", GIT_COMMITTER_EMAIL="bob@bank.example")
    governed.commit("mine", {"a.py": "1\n"})
    assert assistance(governed) == "undeclared"
    traced(governed, "a.py", ago=-5)
    governed.commit("agent's", {"a.py": "2\n"})
    assert assistance(governed) == "assisted"


# git-ai's working log


@pytest.mark.parametrize("linked", [False, True])
def test_what_git_ai_knows_before_the_commit_is_evidence(governed, linked):
    """Its note comes after the commit, so the record would miss what it says."""
    tree, folder = governed, "ai"
    if linked:
        governed.git("worktree", "add", "-q", "../linked")
        tree, folder = type(governed)(governed.path.parent / "linked"), "ai/worktrees/linked"
    agent = {"tool": "cursor", "id": "conversation", "model": "gpt-5.4"}
    kinds = {"AiAgent": ["a.py", "b.py"], "KnownHuman": ["c.py"]}
    lines = [
        json.dumps({"kind": kind, "entries": [{"file": one} for one in files], "agent_id": agent,
                    "timestamp": int(time.time()), "api_version": "checkpoint/1.0.0"})
        for kind, files in kinds.items()
    ]  # fmt: skip
    log = governed.path / ".git" / folder / "working_logs" / governed.head() / "checkpoints.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text("\n".join([*lines, "junk", "[]", '{"kind":"AiAgent","api_version":"checkpoint/2.0.0"}']))
    tree.commit("one", {"c.py": "1\n"}, "--no-verify")
    log.parent.rename(log.parent.with_name(tree.head()))  # as git-ai does where something is left over
    tree.commit("two", {"a.py": "1\n"})
    assert "Assisted-by: cursor:gpt-5.4" in tree.git("log", "-1", "--format=%B")
    entry = last_entry(governed)
    assert [(one["source"], one["detail"]) for one in entry["evidence"]] == [("git-ai", "trace of 1 file")]
    tree.commit("three", {"b.py": "1\n"})
    assert assistance(tree) == "undeclared"


# Conflicts


def test_sources_that_do_not_agree_are_recorded(governed):
    wrote(governed, "a.py", "by the agent\n")
    governed.git("add", "a.py")
    done = subprocess.run(
        ["git", "commit", "-q", "-m", "one"],
        cwd=governed.path, env={**os.environ, "CODEX_THREAD_ID": "1"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert last_entry(governed)["conflicts"] == ["environment: codex; journal: claude-code"]
    assert "SOX107 warning: the evidence does not agree: environment: codex; journal: claude-code" in done.stderr
    governed.commit("two", {"b.py": "1\n"}, CLAUDECODE="1")
    assert last_entry(governed)["conflicts"] == [
        "environment: claude-code runs here; journal: claude-code edited none of the staged files"
    ]
    governed.commit("three", {"c.py": "1\n"})
    assert "conflicts" not in last_entry(governed)
    governed.write("c.py", "2\n")
    governed.git("commit", "-qa", "--amend", "-m", "by another agent\n\nAssisted-by: claude-code", CODEX_THREAD_ID="1")
    assert "conflicts" not in last_entry(governed)  # that the declaration lacks it is SOX102
