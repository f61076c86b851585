"""`sox-hooks resign` on real repositories: what it makes of a range, what it keeps, and what it refuses."""

from __future__ import annotations

import os
import subprocess
import time

import pytest

from sox_hooks.core.errors import Refused
from sox_hooks.detection.journal import JournalEntry, line_of
from sox_hooks.git.rewrite import move_ref
from sox_hooks.git.run import Git
from sox_hooks.record.log import Log
from tests.conftest import sox_argv
from tests.detection.other_recorders import note
from tests.hooks.governed import govern
from tests.hooks.stage import AGENT, NONE, Stage

WHY = ("--reason", "conflict solved by hand")


def resign(stage, *words: str, env: dict[str, str] | None = None, cwd=None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*sox_argv(), "resign", *words],
        cwd=cwd or stage.path,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def resigned(stage, words: str = "base..HEAD", *more: str, **env: str) -> str:
    """Do it; what it printed."""
    done = resign(stage, "--yes", *WHY, *more, words, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def raw(stage, rev: str = "HEAD") -> bytes:
    return stage.git_bytes("cat-file", "commit", rev)


@pytest.fixture
def bypassed(stage):
    """One commit of a line in `notes.txt` past the hook, and one with it on top."""
    stage.tracked("notes.txt", "one\ntwo\nthree\nfour\n")
    stage.git("commit", "-q", "--no-verify", "-m", "Add four")
    stage.tracked("other.txt")
    stage.git("commit", "-q", "-m", "Other", *NONE)
    assert stage.told() == ["unrecorded", "verified same-change"]
    return stage


def test_without_yes_it_says_what_it_would_do(bypassed):
    before = bypassed.git("for-each-ref"), bypassed.log()
    done = resign(bypassed, *WHY, "base..HEAD")
    assert done.returncode == 0
    assert "unrecorded   recorded as undeclared  | Add four" in done.stdout
    assert "verified     keeps its record  | Other" in done.stdout
    assert "nothing is changed yet; to do it: sox-hooks resign --yes" in done.stdout
    assert (bypassed.git("for-each-ref"), bypassed.log()) == before


def test_a_commit_made_past_the_hook_gets_a_record_and_what_stands_on_it_moves(bypassed):
    old = bypassed.git("rev-list", "--reverse", "base..HEAD").split()
    bypassed.write("notes.txt", "not staged\n")
    bypassed.tracked("staged.txt")
    status = bypassed.git("status", "--porcelain")
    told = resigned(bypassed)
    new = bypassed.git("rev-list", "--reverse", "base..HEAD").split()
    assert bypassed.told() == ["verified same-change"] * 2
    assert not set(old) & set(new)
    assert bypassed.git("status", "--porcelain") == status
    assert bypassed.git("rev-parse", f"{old[1]}^{{tree}}") == bypassed.git("rev-parse", "HEAD^{tree}")
    assert f"main is now {new[1][:12]} (it was {old[1][:12]})" in told.replace("HEAD is", "main is")
    assert bypassed.git("log", "-g", "-1", "--format=%gs", "main") == "sox-hooks resign: conflict solved by hand"
    undo = told.splitlines()[-1].partition(": ")[2].split()
    bypassed.git(*undo[1:])
    assert bypassed.head() == old[1]


def test_the_log_links_old_and_new(bypassed):
    old = bypassed.git("rev-list", "--reverse", "base..HEAD").split()
    count = len(bypassed.log())
    resigned(bypassed)
    new = bypassed.git("rev-list", "--reverse", "base..HEAD").split()
    first, last = bypassed.log()[count:]
    assert (first["event"], first["commit"], first["status"]) == ("resigned", old[0], "unrecorded")
    assert (first["reason"], first["person"]) == ("conflict solved by hand", "alice")
    assert (last["event"], last["command"]) == ("rewritten", "resign")
    assert last["pairs"] == [list(pair) for pair in zip(old, new, strict=True)]
    assert f".{first['index']}." in bypassed.value("Sox-Record", new[0])[0]


def test_what_another_recorder_says_of_a_commit_counts(bypassed):
    old = bypassed.git("rev-list", "--reverse", "base..HEAD").split()[0]
    data = note({"notes.txt": {"s_" + "1" * 14: "4"}}, {"s_" + "1" * 14: ("claude", "opus-4", "x")})
    bypassed.git("notes", "--ref=ai", "add", "-F", "-", old, data=data)
    resigned(bypassed)
    assert bypassed.value("Assisted-by", bypassed.git("rev-list", "--reverse", "base..HEAD").split()[0]) == [
        "claude-code:opus-4"
    ]


def test_twice_does_nothing(bypassed):
    resigned(bypassed)
    before = bypassed.git("for-each-ref"), bypassed.log()
    assert resigned(bypassed) == "2 commits, and none lacks a record: nothing is to be done\n"
    assert (bypassed.git("for-each-ref"), bypassed.log()) == before


def test_all_renews_good_records_as_well(bypassed):
    before = bypassed.record()
    resigned(bypassed, "base..HEAD", "--all")
    assert bypassed.told() == ["verified same-change"] * 2
    assert bypassed.record() != before


def test_everything_else_of_a_commit_stays(stage):
    """Author, committer, dates, zones, encoding, headers of other tools and the message, byte for byte."""
    tree = stage.git("rev-parse", "HEAD^{tree}")
    head = stage.head()
    body = "Größe\n\n  indented\n---\n# no comment\n\nReviewed-by: Bob <bob@bank.example>\n".encode("latin-1")
    text = (
        f"tree {tree}\nparent {head}\nauthor Alice Ng <alice@bank.example> 1700000000 -0330\n"
        f"committer Carol <carol@bank.example> 1700000100 +1245\nencoding ISO-8859-1\nchange-id abc\n"
        f"gpgsig -----BEGIN SSH SIGNATURE-----\n U1NI\n -----END SSH SIGNATURE-----\n\n"
    ).encode() + body
    oid = stage.git("hash-object", "-t", "commit", "-w", "--stdin", data=text)
    stage.git("update-ref", "HEAD", oid)
    told = resigned(stage)
    assert "git's own signature on 1 of them does not survive" in told
    made = raw(stage)
    expected = text.replace(b"gpgsig -----BEGIN SSH SIGNATURE-----\n U1NI\n -----END SSH SIGNATURE-----\n", b"")
    assert made.startswith(expected)
    assert made[len(expected) :].startswith(b"AI-Assistance: undeclared\nSox-Record: v1 ")
    assert stage.told() == ["verified same-change"]


def test_a_root_commit(stage):
    root = stage.git("rev-list", "--max-parents=0", "HEAD")
    stage.git("checkout", "-q", "--orphan", "fresh")
    stage.git("commit", "-q", "--no-verify", "-m", "Begin again")
    resigned(stage, "fresh", "--no-ai")
    assert stage.told("main..fresh") == ["verified same-change"]
    assert stage.git("rev-list", "--count", "fresh") == "1"
    assert stage.head("main") == root


def test_a_range_with_merges(stage):
    stage.git("checkout", "-q", "-b", "side")
    stage.tracked("side.txt")
    stage.git("commit", "-q", "--no-verify", "-m", "Side")
    stage.git("checkout", "-q", "main")
    stage.tracked("main.txt")
    stage.git("commit", "-q", "-m", "Main", *NONE)
    stage.git("merge", "-q", "--no-verify", "--no-edit", "side")
    stage.tracked("after.txt")
    stage.git("commit", "-q", "--no-verify", "-m", "After")
    graph = stage.git("log", "--format=%s|%T|%an|%ad", "--topo-order")
    resigned(stage)
    told = stage.told()
    assert sorted(told) == ["verified merge", *["verified same-change"] * 3]
    assert stage.git("log", "--format=%s|%T|%an|%ad", "--topo-order") == graph
    assert len(stage.git("rev-list", "--merges", "base..HEAD").split()) == 1


def test_an_evil_merge_of_ones_own_is_recorded_against_every_parent(stage):
    stage.git("checkout", "-q", "-b", "side")
    stage.tracked("side.txt")
    stage.git("commit", "-q", "-m", "Side", *NONE)
    stage.git("checkout", "-q", "main")
    stage.tracked("main.txt")
    stage.git("commit", "-q", "-m", "Main", *NONE)
    stage.git("merge", "-q", "--no-commit", "side")
    stage.tracked("extra.txt")
    stage.git("commit", "-q", "--no-verify", "-m", "Merge with more")
    assert stage.told()[-1] == "unrecorded"
    resigned(stage)
    assert stage.told()[-1] == "verified same-change"


def test_an_empty_commit_that_is_uprooted_gets_a_new_record(stage):
    stage.tracked("a.txt")
    stage.git("commit", "-q", "--no-verify", "-m", "Past the hook")
    stage.git("commit", "-q", "--allow-empty", "-m", "Trigger", *NONE)
    assert stage.told() == ["unrecorded", "verified same-change"]
    resigned(stage)
    assert stage.told() == ["verified same-change"] * 2
    assert stage.value("AI-Assistance") == ["none"]


def test_detached_heads_and_branches_that_are_not_checked_out(bypassed):
    tip = bypassed.head()
    bypassed.git("branch", "elsewhere")
    bypassed.git("checkout", "-q", "--detach")
    resigned(bypassed)
    assert bypassed.head("main") == bypassed.head("elsewhere") == tip != bypassed.head()
    detached = bypassed.head()
    told = resigned(bypassed, "base..elsewhere")
    assert bypassed.told("base..elsewhere") == ["verified same-change"] * 2
    assert (bypassed.head("main"), bypassed.head()) == (tip, detached)
    assert "still on the old commits: refs/heads/main" in told
    assert bypassed.git("status", "--porcelain") == ""


def test_in_a_linked_work_tree(bypassed, tmp_path):
    bypassed.git("worktree", "add", "-q", "-b", "linked", str(tmp_path / "linked"))
    done = resign(bypassed, "--yes", *WHY, "base..", cwd=tmp_path / "linked")
    assert done.returncode == 0, done.stderr
    assert bypassed.told("base..linked") == ["verified same-change"] * 2
    assert bypassed.told("base..main") == ["unrecorded", "verified same-change"]


def test_a_service_with_its_own_key_does_the_same(stage, make_key):
    key = make_key("release-bot")
    kind, blob = key.with_name("release-bot.pub").read_text().split()[:2]
    people = (stage.path / ".sox/people.toml").read_text()
    people += '\n[people.release-bot]\nname = "Releases"\nkind = "service"\nemails = ["bot@bank.example"]\n'
    stage.tracked(".sox/people.toml", people)
    signers = (stage.path / ".sox/allowed_signers").read_text()
    stage.tracked(".sox/allowed_signers", f'{signers}bot@bank.example namespaces="sox-record" {kind} {blob}\n')
    stage.git("commit", "-q", "-m", "Enrol the bot", *NONE)
    stage.git("tag", "-f", "base")
    stage.tracked("CHANGES")
    bot = {"GIT_AUTHOR_NAME": "Releases", "GIT_AUTHOR_EMAIL": "bot@bank.example"}
    stage.git("commit", "-q", "--no-verify", "-m", "Release 1.0", **bot)
    assert resign(stage, "--yes", *WHY, "base..HEAD").returncode == 1  # Alice cannot do it
    stage.git("config", "sox.signingKey", str(key))
    resigned(stage)
    assert stage.told() == ["verified same-change"]
    assert stage.log()[-2]["person"] == "release-bot"


def test_in_a_sha256_repository(make_repo, make_key):
    repo = make_repo("sha256", "--object-format=sha256")
    govern(repo, make_key())
    repo.git("tag", "base")
    stage = Stage(repo.path)
    for name in ("a.txt", "b.txt"):
        stage.tracked(name)
        stage.git("commit", "-q", "-m", name)
    resigned(stage)
    assert stage.told() == ["verified same-change"] * 2
    assert len(stage.head()) == 64


# Claims


def test_what_an_old_record_says_is_kept_though_it_is_unbound(stage):
    stage.tracked("notes.txt", "one\nTWO\nthree\n")
    stage.git("commit", "-q", "-m", "Change two", **AGENT)
    stage.tracked("notes.txt", "one\n2\nthree\n")
    stage.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "--amend", "--no-edit")
    assert stage.told() == ["unbound"]
    resigned(stage)
    assert stage.told() == ["verified same-change"]
    assert stage.value("AI-Assistance") == ["assisted"]
    assert stage.value("Assisted-by") == ["claude-code@2.1.330"]
    assert stage.git("log", "-1", "--format=%B").count("Sox-Record:") == 1


def test_what_the_log_saw_when_a_first_try_was_refused_is_not_forgotten(stage):
    """An agent is refused, then the same change goes past the hook with a clean message."""
    stage.tracked("src/ledger/close.py", "def close(): ...\n")
    assert stage.run("commit", "-q", "-m", "Close", CURSOR_AGENT="1").returncode == 1
    stage.git("commit", "-q", "--no-verify", "-m", "Close")
    done = resign(stage, "--yes", *WHY, "--no-ai", "base..HEAD")
    assert done.returncode == 1
    assert "REFUSED as assisted by cursor" in done.stdout
    assert "SOX301 error: cursor is not in the tool register" in done.stderr
    assert stage.value("AI-Assistance") == []


def test_the_commits_that_it_was_made_from_have_a_say(stage):
    """The claim of a commit that an amend went over without the hook is found through the log."""
    stage.tracked("a.txt", "1\n")
    stage.git("commit", "-q", "-m", "By an agent", **AGENT)
    old = stage.head()
    stage.tracked("a.txt", "2\n")
    stage.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "--amend", "-m", "Wiped clean")
    Log(str(stage.path / ".git")).append("rewritten", {"command": "amend", "pairs": [[old, stage.head()]]})
    resigned(stage)
    assert stage.value("AI-Assistance") == ["assisted"]


def test_a_squash_keeps_the_strongest_claim_of_its_body(stage):
    for number, env in enumerate(({}, AGENT, {})):
        stage.tracked(f"{number}.txt")
        stage.git("commit", "-q", "-m", f"Part {number}", *([] if env else NONE), **env)
    body = stage.git("log", "--reverse", "--format=%B", "base..HEAD")
    stage.git("reset", "-q", "--soft", "base")
    stage.git("commit", "-q", "--no-verify", "-m", "All parts", "-m", body.replace("\n", "\n    "), "-m", "The end.")
    resigned(stage)
    assert stage.value("AI-Assistance") == ["assisted"]


def test_an_agent_that_runs_it_is_taken_to_have_had_a_part(bypassed):
    resigned(bypassed, "base..HEAD", "--no-ai", **AGENT)
    assert bypassed.value("AI-Assistance", "HEAD^") == ["assisted"]


@pytest.mark.parametrize(("since", "says"), [("", "assisted"), ("and by hand\n", "undeclared")])
def test_what_the_journal_of_an_agent_holds_counts_if_it_stands_in_the_commit(stage, since, says):
    content = "by an agent\n" + since
    blob = stage.git("hash-object", "--stdin", data=b"by an agent\n")
    entry = JournalEntry(int(time.time()), "a.txt", blob, "claude-code", "2.1", "", "")
    folder = stage.path / ".git/sox-hooks"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "journal.jsonl").write_bytes(line_of(entry))
    stage.tracked("a.txt", content)
    stage.git("commit", "-q", "--no-verify", "-m", "Past the hook")
    resigned(stage)
    assert stage.value("AI-Assistance") == [says]


def test_forged_records_are_replaced_only_on_demand(stage):
    stage.tracked("a.txt")
    stage.git("commit", "-q", "-m", "Honest", **AGENT)
    text = stage.git("log", "-1", "--format=%B").replace("claude-code", "github-copilot")
    stage.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "--amend", "-F", "-", data=text.encode())
    assert stage.told() == ["forged"]
    head = stage.head()
    done = resign(stage, "--yes", *WHY, "base..HEAD")
    assert done.returncode == 1
    assert "left alone: it has a record that does not count (--all puts yours in its place)" in done.stdout
    assert stage.head() == head
    resigned(stage, "base..HEAD", "--all")
    assert stage.told() == ["verified same-change"]
    # Neither what the log saw nor what the message says now is dropped.
    assert {value.partition("@")[0] for value in stage.value("Assisted-by")} == {"claude-code", "github-copilot"}


def test_a_person_declares_on_the_command_line(stage):
    stage.tracked("src/ledger/close.py", "def close(): ...\n")
    stage.git("commit", "-q", "--no-verify", "-m", "Close")
    done = resign(stage, "--yes", *WHY, "base..HEAD")
    assert done.returncode == 1
    assert "SOX101 error" in done.stderr
    assert "fix:   add --no-ai or --assisted-by TOOL[@VERSION][:MODEL]" in done.stderr
    resigned(stage, "base..HEAD", "--no-ai")
    assert stage.told() == ["verified same-change"]
    assert stage.value("AI-Assistance") == ["none"]


def test_a_tool_on_the_command_line(bypassed):
    resigned(bypassed, "base..HEAD", "--assisted-by", "claude-code@2.1")
    assert bypassed.value("Assisted-by", "HEAD^") == ["claude-code@2.1"]
    done = resign(bypassed, *WHY, "--assisted-by", "no-such-tool", "base..HEAD")
    assert done.returncode == 2
    assert "no catalogue knows the tool" in done.stderr


# What is refused


def test_commits_of_others_are_left_to_them(stage):
    stage.tracked("bob.txt")
    bob = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@bank.example"}
    stage.git("commit", "-q", "--no-verify", "-m", "By Bob", **bob)
    head = stage.head()
    done = resign(stage, "--yes", *WHY, "base..HEAD")
    assert done.returncode == 1
    assert "left alone: it is by bob@bank.example, who makes the record" in done.stdout
    done = resign(stage, "--yes", *WHY, "--for-others", "base..HEAD")
    assert done.returncode == 1
    assert "does not let anybody record another author's commit" in done.stderr
    assert stage.head() == head


def test_for_others_where_the_policy_allows_it(stage):
    text = (stage.path / ".sox/policy.toml").read_text()
    assert "[enforcement]\n" in text
    stage.tracked(".sox/policy.toml", text.replace("[enforcement]\n", "[enforcement]\nrecord_for_others = true\n"))
    stage.git("commit", "-q", "-m", "Allow it", *NONE)
    stage.git("tag", "-f", "base")
    stage.tracked("bob.txt")
    bob = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@bank.example"}
    stage.git("commit", "-q", "--no-verify", "-m", "By Bob", **bob)
    resigned(stage, "base..HEAD", "--for-others")
    assert stage.told() == ["verified same-change"]
    assert stage.git("log", "-1", "--format=%an") == "Bob"


def test_what_a_remote_branch_has_stays_unless_told_otherwise(bypassed, tmp_path):
    bypassed.git("init", "-q", "--bare", str(tmp_path / "remote"))
    bypassed.git("remote", "add", "origin", str(tmp_path / "remote"))
    bypassed.git("-c", "core.hooksPath=/dev/null", "push", "-q", "origin", "main")
    head = bypassed.head()
    done = resign(bypassed, "--yes", *WHY, "base..HEAD")
    assert done.returncode == 1
    assert "a remote branch has it already" in done.stdout
    assert bypassed.head() == head
    resigned(bypassed, "base..HEAD", "--pushed")
    assert bypassed.told() == ["verified same-change"] * 2


def test_not_in_the_middle_of_a_rebase(bypassed):
    bypassed.run("rebase", "-q", "--exec", "false", "base")
    done = resign(bypassed, "--yes", *WHY, "base..HEAD")
    assert done.returncode == 2
    assert "a rebase is under way" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((*WHY, "base..HEAD~1"), 2, "is no branch of this clone"),
        ((*WHY, "main..base"), 2, "is no branch of this clone"),
        ((*WHY, "base..nothing"), 4, "this clone has no commit"),
        ((*WHY, "base...HEAD"), 2, "three dots"),
        ((*WHY, ""), 2, "an empty word"),
        (("--reason", " ", "base..HEAD"), 2, "--reason takes"),
        (("base..HEAD",), 2, "--reason"),
    ],
)
def test_bad_input(bypassed, words, code, says):
    done = resign(bypassed, *words)
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr


def test_a_key_that_is_not_enrolled(bypassed, make_key):
    bypassed.git("config", "sox.signingKey", str(make_key("other")))
    done = resign(bypassed, "--yes", *WHY, "base..HEAD")
    assert done.returncode == 1
    assert "your signing key is not enrolled" in done.stderr


def test_somebody_else_moves_the_branch_in_the_meantime(bypassed):
    """The branch is where the other one has put it; nothing of ours is on it."""
    with pytest.raises(Refused, match="was not moved"):
        move_ref(Git(str(bypassed.path)), "refs/heads/main", bypassed.head("base"), bypassed.head("HEAD^"), "why")
    assert bypassed.told() == ["unrecorded", "verified same-change"]
