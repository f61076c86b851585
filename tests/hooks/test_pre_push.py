"""pre-push: what goes out, what CI would say of it, and that the command it prints is the one that mends it."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from sox_hooks.git.run import Git
from sox_hooks.hooks.outgoing import outgoing
from tests.conftest import sox_argv
from tests.hooks.stage import AGENT, NONE


@pytest.fixture
def remote(stage, tmp_path):
    """The stage with a remote `origin` that has `main`, and `origin/HEAD` known."""
    stage.git("init", "-q", "--bare", str(tmp_path / "remote.git"))
    stage.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    stage.git("push", "-q", "--no-verify", "origin", "main", "base")
    stage.git("remote", "set-head", "origin", "main")
    stage.git("checkout", "-q", "-b", "feature")
    return stage


def good(stage, name: str = "good.txt") -> str:
    stage.tracked(name)
    stage.git("commit", "-q", "-m", f"Good {name}", *NONE)
    return stage.head()


def bad(stage, name: str = "bad.txt") -> str:
    stage.tracked(name)
    stage.git("commit", "-q", "--no-verify", "-m", f"Bad {name}")
    return stage.head()


def push(stage, *words: str, code: int) -> str:
    """Push; what was printed besides git's own lines."""
    done = stage.run("push", "-q", *words)
    assert (done.returncode != 0) == bool(code), done.stderr
    return done.stderr


def on_remote(stage, ref: str) -> str:
    listed = stage.git("ls-remote", "origin", ref)
    return listed.partition("\t")[0]


def mend(stage, printed: str) -> None:
    """Do what the line `fix:` says."""
    (line,) = [line for line in printed.splitlines() if line.startswith("  fix:")]
    words = shlex.split(line.partition(":")[2])
    assert words[:3] == ["sox-hooks", "resign", "--yes"]
    done = subprocess.run([*sox_argv(), *words[1:]], cwd=stage.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_good_commits_go_through_without_a_word(remote):
    good(remote)
    assert push(remote, "origin", "feature", code=0) == ""
    assert on_remote(remote, "feature") == remote.head()
    assert push(remote, "origin", "feature", code=0) == ""


def test_a_bad_commit_is_held_back_and_the_command_that_is_printed_mends_it(remote):
    first = good(remote)
    oid = bad(remote)
    good(remote, "after.txt")
    said = push(remote, "origin", "feature", code=1)
    assert "sox-hooks: CI would refuse 1 of the 3 commits for refs/heads/feature (policy of origin/HEAD)" in said
    assert f"  {oid[:12]} unrecorded SOX601" in said
    assert "sox-hooks: nothing was pushed" in said
    assert on_remote(remote, "feature") == ""
    entry = remote.log()[-1]
    assert (entry["event"], entry["count"], entry["commits"]) == ("push-refused", 1, [[oid, "unrecorded"]])
    mend(remote, said)
    push(remote, "origin", "feature", code=0)
    assert on_remote(remote, "feature") == remote.head()
    assert remote.head("HEAD~2") == first  # what was good and below stays


def test_no_verify_goes_past_it(remote):
    bad(remote)
    push(remote, "--no-verify", "origin", "feature", code=0)
    # ... and only what is new is looked at afterwards.
    good(remote)
    push(remote, "origin", "feature", code=0)


def test_a_branch_that_the_remote_has_already_is_judged_from_there(remote):
    good(remote)
    push(remote, "origin", "feature", code=0)
    bad(remote)
    said = push(remote, "origin", "feature", code=1)
    assert "1 of the 1 commits" in said
    assert "origin/feature..feature" in said
    mend(remote, said)
    push(remote, "origin", "feature", code=0)


@pytest.mark.parametrize("words", [("HEAD",), ("HEAD:refs/heads/other",), ("feature:other",), ("-u", "feature")])
def test_whatever_the_branch_is_called(remote, words):
    bad(remote)
    options = [word for word in words if word.startswith("-")]
    said = push(remote, *options, "origin", *[word for word in words if word not in options], code=1)
    mend(remote, said)
    push(remote, *options, "origin", *[word for word in words if word not in options], code=0)


def test_a_detached_head(remote):
    remote.git("checkout", "-q", "--detach")
    bad(remote)
    said = push(remote, "origin", "HEAD:refs/heads/detached", code=1)
    mend(remote, said)
    push(remote, "origin", "HEAD:refs/heads/detached", code=0)


def test_a_rebased_branch_is_pushed_with_force(remote):
    good(remote)
    push(remote, "origin", "feature", code=0)
    remote.git("commit", "-q", "--amend", "-m", "Other words", *NONE)
    push(remote, "--force", "origin", "feature", code=0)
    remote.tracked("more.txt")
    remote.git("commit", "-q", "--amend", "--no-verify", "-m", "Past the hook")
    said = push(remote, "--force", "origin", "feature", code=1)
    mend(remote, said)
    push(remote, "--force", "origin", "feature", code=0)


def test_deletions_and_pushes_of_nothing(remote):
    good(remote)
    push(remote, "origin", "feature", code=0)
    bad(remote)  # is not pushed
    push(remote, "origin", ":feature", code=0)
    assert on_remote(remote, "feature") == ""
    push(remote, "origin", "main", code=0)


def test_tags_bring_commits_too(remote):
    remote.git("tag", "v1", "base")
    push(remote, "origin", "v1", code=0)
    bad(remote)
    remote.git("tag", "-a", "-m", "release", "v2")
    said = push(remote, "origin", "v2", code=1)
    assert "refs/tags/v2" in said
    remote.git("tag", "-a", "-m", "a file", "blob", f"{remote.head()}:bad.txt")
    push(remote, "origin", "blob", code=0)


def test_every_ref_of_a_push_is_told_on_its_own(remote):
    good(remote)
    remote.git("checkout", "-q", "-b", "second", "main")
    bad(remote, "second.txt")
    remote.git("checkout", "-q", "-b", "third", "main")
    bad(remote, "third.txt")
    said = push(remote, "origin", "feature", "second", "third", code=1)
    assert "for refs/heads/feature" not in said
    assert said.count("1 of the 1 commits for refs/heads/second") == 1
    assert said.count("1 of the 1 commits for refs/heads/third") == 1
    for line in [line for line in said.splitlines() if line.startswith("  fix:")]:
        mend(remote, line)
    push(remote, "origin", "feature", "second", "third", code=0)


def test_what_resign_cannot_mend_is_told_with_its_own_fix(remote):
    remote.tracked("src/ledger/close.py", "def close(): ...\n")
    remote.git("commit", "-q", "--no-verify", "-m", "Close", "--trailer", "Assisted-by: cursor")
    said = push(remote, "origin", "feature", code=1)
    assert "denied" in said
    assert "SOX301" in said


def test_in_mode_warn_it_only_tells(remote):
    text = (remote.path / ".sox/policy.toml").read_text()
    remote.git("checkout", "-q", "main")
    remote.tracked(".sox/policy.toml", text.replace('mode = "enforce"', 'mode = "warn"'))
    remote.git("commit", "-q", "-m", "Only warn", *NONE)
    push(remote, "origin", "main", code=0)
    remote.git("checkout", "-q", "-b", "trial")
    bad(remote)
    assert "CI would refuse 1 of the 1 commits" in push(remote, "origin", "trial", code=0)


def test_without_a_policy_it_says_nothing(repo, tmp_path):
    repo.commit("x")
    done = subprocess.run(
        [*sox_argv(), "hook", "pre-push", "origin", "url"],
        input=f"refs/heads/main {repo.head()} refs/heads/main {'0' * 40}\n".encode(),
        cwd=repo.path,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_first_push_of_all(stage, tmp_path):
    """Nothing is on the remote, not even the policy: it is judged by HEAD's own."""
    stage.git("init", "-q", "--bare", str(tmp_path / "empty.git"))
    stage.git("remote", "add", "origin", str(tmp_path / "empty.git"))
    stage.git("config", "sox.policyRef", "main")
    stage.tracked("a.txt")
    stage.git("commit", "-q", "-m", "A", *NONE)
    said = push(stage, "origin", "main", code=1)  # the adoption was committed before the hook was there
    assert "1 of the 2 commits" in said


def test_what_cannot_be_verified_here_is_told_and_not_refused(remote, tmp_path):
    good(remote)
    push(remote, "origin", "feature", code=0)
    remote.git(
        "clone", "-q", "--depth", "1", "--branch", "feature", f"file://{tmp_path}/remote.git", str(tmp_path / "s")
    )
    from tests.hooks.stage import Stage

    shallow = Stage(tmp_path / "s")
    shallow.git("config", "sox.signingKey", remote.git("config", "sox.signingKey"))
    subprocess.run([*sox_argv(), "install"], cwd=shallow.path, check=True, capture_output=True)
    shallow.git("config", "sox.policyRef", "origin/feature")
    good(shallow, "shallow.txt")
    push(shallow, "origin", "HEAD:refs/heads/other", code=0)


# Hosts that keep standard input for themselves


def hidden(stage, *push_words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Push with our hook called as pre-commit calls it."""
    words = " ".join(shlex.quote(word) for word in [*sox_argv(), "hook", "pre-push"])
    hook = stage.path / ".git/hooks/pre-push"
    hook.write_text(f"#!/bin/sh\nexec {words} </dev/null\n")
    return stage.run("push", "-q", *push_words, PRE_COMMIT="1", PRE_COMMIT_REMOTE_NAME="origin", **env)


def test_a_hidden_ref_is_found_by_the_arguments_of_git_push(remote):
    oid = bad(remote)
    done = hidden(remote, "origin", "feature")
    assert done.returncode != 0
    assert oid[:12] in done.stderr


def test_a_branch_that_is_not_pushed_does_not_stop_another(remote):
    bad(remote)
    remote.git("checkout", "-q", "-b", "fine", "main")
    good(remote)
    assert hidden(remote, "origin", "fine").returncode == 0
    done = hidden(remote, "origin", "fine:other", "feature")
    assert done.returncode != 0
    assert "refs/heads/feature" in done.stderr


@pytest.mark.parametrize("words", [("--all", "origin"), ("origin", ":")])
def test_a_push_of_everything_is_judged_whole(remote, words):
    bad(remote)
    push(remote, "--no-verify", "origin", "feature", code=0)
    bad(remote, "second.txt")
    remote.git("checkout", "-q", "main")
    assert hidden(remote, *words, PRE_COMMIT_LOCAL_BRANCH="refs/heads/main").returncode != 0


def test_without_arguments_the_branch_that_the_host_names(remote):
    bad(remote)
    remote.git("checkout", "-q", "-b", "fine", "main")
    good(remote)
    remote.git("config", "push.default", "current")
    assert hidden(remote, PRE_COMMIT_LOCAL_BRANCH="refs/heads/fine").returncode == 0
    remote.git("checkout", "-q", "feature")
    assert hidden(remote, PRE_COMMIT_LOCAL_BRANCH="refs/heads/feature").returncode != 0


@pytest.mark.parametrize(
    ("setting", "judged"),
    [
        (("push.default", "matching"), True),
        (("remote.origin.mirror", "true"), True),
        (("remote.origin.push", "refs/heads/*:refs/heads/*"), True),
        (("remote.origin.push", "+feature:refs/heads/review"), True),
        (("remote.origin.push", "fine"), False),
        (("remote.other.push", "feature"), False),
    ],
)
def test_without_arguments_what_the_configuration_names(remote, setting, judged):
    push(remote, "origin", "feature", code=0)
    bad(remote)
    remote.git("checkout", "-q", "-b", "fine", "main")
    good(remote)
    remote.git("config", "push.default", "current")
    remote.git("config", *setting)
    done = hidden(remote, PRE_COMMIT_LOCAL_BRANCH="refs/heads/fine")
    assert ("CI would refuse" in done.stderr) == judged


@pytest.mark.parametrize("word", ["HEAD", "HEAD:refs/heads/other", "refs/heads/fea*:refs/heads/x*", "v1"])
def test_a_hidden_ref_that_is_no_name_of_a_branch(remote, word):
    bad(remote)
    remote.git("tag", "v1")
    done = hidden(remote, "origin", word)
    assert done.returncode != 0
    assert "CI would refuse" in done.stderr


def test_a_refspec_that_leaves_a_branch_out(remote):
    bad(remote)
    assert hidden(remote, "origin", "refs/heads/*:refs/heads/*", "^refs/heads/feature").returncode == 0


def test_a_hook_that_was_there_before_hears_the_same_lines(remote, tmp_path):
    from sox_hooks.git.repository import find_repository
    from sox_hooks.hooks.install import install, uninstall

    repository = find_repository(Git(str(remote.path)))
    uninstall(repository)
    hook = remote.path / ".git/hooks/pre-push"
    hook.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/heard\ncat >>{tmp_path}/heard\n')
    hook.chmod(0o755)
    install(repository)
    oid = bad(remote)
    push(remote, "origin", "feature", code=1)
    url = remote.git("remote", "get-url", "origin")
    assert (tmp_path / "heard").read_text() == f"origin {url}\nrefs/heads/feature {oid} refs/heads/feature {'0' * 40}\n"


def test_what_goes_out_is_bounded_by_a_few_commits(remote, monkeypatch):
    """However many branches the remote has, the gate is given only those where the history leaves them."""
    monkeypatch.chdir(remote.path)
    oid = good(remote)
    for number in range(20):
        remote.git("update-ref", f"refs/remotes/origin/b{number}", remote.head("base"))
    line = f"refs/heads/feature {oid} refs/heads/feature {'0' * 40}\n".encode()
    going = outgoing(Git(), line, ("origin", "url"), {})
    assert [update.tip for update in going.updates] == [oid]
    assert going.left == (remote.head("base"),)
    assert outgoing(Git(), line, ("https://host.example/x", "https://host.example/x"), {}).left == going.left
    assert outgoing(Git(), b"", ("origin", "url"), {}).updates == ()


def test_agents_commits_are_as_good_as_any(remote):
    remote.tracked("agent.txt")
    remote.git("commit", "-q", "-m", "By an agent", **AGENT)
    assert push(remote, "origin", "feature", code=0) == ""
