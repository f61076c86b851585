"""Every way to make a commit: it has one log entry and carries one record, which the gate calls `verified`."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

from sox_hooks.hooks.shims import shim
from tests.hooks.stage import AGENT, KEYS, NONE, Stage

PLAIN = "src/tool.py"


def script(stage: Stage, *lines: str) -> str:
    """An editor that replaces the first lines of what git shows and leaves the rest, as a person does."""
    path = stage.path.parent / "editor.py"
    text = "".join([line + "\n" for line in lines])
    path.write_text(
        "import sys\n"
        "with open(sys.argv[1], 'rb') as file:\n"
        "    data = file.read()\n"
        "with open(sys.argv[1], 'wb') as file:\n"
        f"    file.write({text.encode()!r} + data)\n"
    )
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(path))}"


def commit(*options: str, config: tuple[str, ...] = (), **env: str):
    """A change to one path and `git commit OPTIONS`."""

    def act(stage: Stage) -> None:
        stage.tracked(PLAIN, f"{len(options)}\n")
        stage.git(*[word for entry in config for word in ("-c", entry)], "commit", "-q", *options, **env)

    return act


def edited(*options: str, text: tuple[str, ...] = ("Subject", "", "Body."), config: tuple[str, ...] = (), env=None):
    """The same with an editor."""

    def act(stage: Stage) -> None:
        stage.tracked(PLAIN)
        words = [word for entry in config for word in ("-c", entry)]
        stage.git(*words, "commit", "-q", *options, GIT_EDITOR=script(stage, *text), **(env or {}))

    return act


def amend(*options: str, first: tuple[str, ...] = (), env=None, change: bool = False):
    """A commit with an agent's marks, then `git commit --amend OPTIONS`."""

    def act(stage: Stage) -> None:
        stage.tracked(PLAIN)
        stage.git("commit", "-q", "-m", "First", *first, **AGENT)
        if change:
            stage.tracked(PLAIN, "changed again\n")
        stage.git("commit", "-q", *options, **(env or {"GIT_EDITOR": script(stage, "Amended", "")}))

    return act


def alias(value: str):
    def act(stage: Stage) -> None:
        commit("-m", "First")(stage)
        stage.git("config", "alias.again", value)
        stage.tracked(PLAIN, "once more\n")
        stage.git("again")

    return act


def side(stage: Stage, name: str, path: str, start: str = "main", content: str = "side\n") -> None:
    stage.git("checkout", "-q", "-b", name, start)
    stage.tracked(path, content)
    stage.git("commit", "-q", "-m", f"On {name}")
    stage.git("checkout", "-q", "main")


def merge(*options: str, names: tuple[str, ...] = ("one",), ahead: bool = True):
    """Branches, one commit on main unless `ahead` is off, and `git merge OPTIONS NAMES`."""

    def act(stage: Stage) -> None:
        for name in names:
            side(stage, name, f"{name}.txt")
        if ahead:
            commit("-m", "Here")(stage)
        stage.git("merge", "-q", *options, *names)

    return act


def conflict(*then: str, command: str = "merge", options: tuple[str, ...] = (), env=None):
    def act(stage: Stage) -> None:
        side(stage, "one", "notes.txt", content="theirs\n")
        stage.tracked("notes.txt", "ours\n")
        stage.git("commit", "-q", "-m", "Ours")
        assert stage.run(command, *options, "one").returncode == 1
        stage.tracked("notes.txt", "both\n")
        stage.git(*then, **(env or {"GIT_EDITOR": "true"}))
        stage.git("branch", "-q", "-D", "one")

    return act


def root(stage: Stage) -> None:
    """On a branch without history the policy is that of the protected ref."""
    stage.git("config", "sox.policyRef", "main")
    stage.git("checkout", "-q", "--orphan", "fresh")
    stage.git("commit", "-q", "-m", "Root", *NONE)
    stage.git("update-ref", "refs/heads/judged", "HEAD")


def amended_root(stage: Stage) -> None:
    root(stage)
    stage.tracked(PLAIN)
    stage.git("commit", "-q", "--amend", "-m", "Root again", *NONE)


def octopus_forward(stage: Stage) -> None:
    """One of the branches contains HEAD, so HEAD is no parent of the merge."""
    side(stage, "one", "one.txt")
    side(stage, "two", "two.txt")
    stage.git("merge", "-q", "--no-edit", "one", "two")


def amended_merge(stage: Stage) -> None:
    merge("--no-edit")(stage)
    stage.tracked(PLAIN, "in the merge\n")
    stage.git("commit", "-q", "--amend", "--no-edit")


def worktree(stage: Stage) -> None:
    commit("-m", "Here")(stage)
    stage.git("worktree", "add", "-q", "-b", "linked", "../linked")
    linked = Stage(stage.path.parent / "linked")
    commit("-q", "-m", "There")(linked)
    linked.git("commit", "-q", "--amend", "--no-edit")
    stage.git("merge", "-q", "--ff-only", "linked")


def subdirectory(stage: Stage) -> None:
    stage.write("deep/er/file", "text\n")
    below = Stage(stage.path / "deep/er")
    below.git("add", "file")
    below.git("commit", "-q", "-m", "From below")


def paths_only(stage: Stage) -> None:
    stage.tracked("other.txt", "stays staged\n")
    stage.write("notes.txt", "only this\n")
    stage.git("commit", "-q", "-m", "Only", "notes.txt")
    assert stage.git("diff", "--cached", "--name-only") == "other.txt"


def include(stage: Stage) -> None:
    stage.tracked("other.txt", "also\n")
    stage.write("notes.txt", "this too\n")
    stage.git("commit", "-q", "-i", "-m", "Both", "notes.txt")


def strange_paths(stage: Stage) -> None:
    for name in (b"caf\xe9.txt", b"new\nline", b'tab\t"quote\\', b"\x1b[31mred", "jos\u00e9/\u202etxt".encode()):
        path = os.path.join(os.fsencode(stage.path), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(os.fsdecode(path)).write_bytes(b"x\n")
    stage.git("add", "-A")
    stage.git("commit", "-q", "-m", "Strange")


def links_and_submodules(stage: Stage) -> None:
    (stage.path / "link").symlink_to("/etc/passwd")
    (stage.path / "dangling").symlink_to("nowhere\n")
    stage.git("add", "-A")
    stage.git("update-index", "--add", "--cacheinfo", f"160000,{stage.head()},vendored")
    stage.git("commit", "-q", "-m", "Links")
    stage.git("update-index", "--cacheinfo", f"160000,{stage.head()},vendored")
    stage.git("commit", "-q", "-m", "Bump")


def deletions(stage: Stage) -> None:
    stage.git("rm", "-q", "notes.txt")
    stage.git("commit", "-q", "-m", "Delete")
    (stage.path / "start.txt").chmod(0o755)
    stage.git("commit", "-qam", "Mode")
    stage.git("mv", "start.txt", "begin.txt")
    stage.git("commit", "-q", "-m", "Rename")


def intent_to_add(stage: Stage) -> None:
    stage.write("announced.txt", "later\n")
    stage.git("add", "-N", "announced.txt")
    commit("-m", "Something else")(stage)


def with_host(stage: Stage) -> None:
    """pre-commit and our native shim: the hook runs twice over one message."""
    hook = stage.path / ".git/hooks/commit-msg"
    hook.with_name("second").write_bytes(shim("commit-msg"))
    hook.with_name("second").chmod(0o755)
    hook.rename(hook.with_name("first"))
    hook.write_text('#!/bin/sh\n"${0%/*}/first" "$@" && PRE_COMMIT=1 exec "${0%/*}/second" "$@"\n')
    hook.chmod(0o755)
    commit("-m", "Twice")(stage)
    stage.tracked(PLAIN, "agent\n")
    stage.git("commit", "-q", "-m", "Twice by an agent", **AGENT)


def squash_merge(stage: Stage) -> None:
    side(stage, "one", "one.txt")
    stage.git("merge", "-q", "--squash", "one")
    stage.git("commit", "-q", "--no-edit")
    stage.git("branch", "-q", "-D", "one")


def revert_later(stage: Stage) -> None:
    commit("-m", "First")(stage)
    stage.git("revert", "-n", "HEAD")
    stage.git("commit", "-q", "--no-edit")


def rebase_reword(stage: Stage) -> None:
    commit("-m", "First")(stage)
    edit = "sed -i -e 1s/pick/reword/"
    stage.git("rebase", "-q", "-i", "base", GIT_SEQUENCE_EDITOR=edit, GIT_EDITOR="sed -i -e 1s/$/!/")


def autosquash(stage: Stage) -> None:
    """The fixup itself is recorded; squashing it makes new content, which no commit-msg hook sees."""
    commit("-m", "First")(stage)
    stage.tracked(PLAIN, "mended\n")
    stage.git("commit", "-q", "--fixup", "HEAD")
    stage.tracked(PLAIN, "more\n")
    stage.git("commit", "-q", "--squash", "HEAD~1", "-m", "And why")


CR = "Subject\r\n\r\nBody.\r\n\r\nReviewed-by: Bob <bob@bank.example>\r\n"

# What is done, and how many entries it makes: one a commit, but none where a record is kept.
WORKFLOWS = {
    "-m": (commit("-m", "x"), 1),
    "-m by an agent": (commit("-m", "x", **AGENT), 1),
    "-m with trailers": (commit("-m", "x", "-s", *NONE, "--trailer", "Refs: 12"), 1),
    "-m of one word with a colon": (commit("-m", "fix: it"), 1),
    "-m with a body that looks like comments": (commit("-m", "x", "-m", "#12 and\n# this"), 1),
    "-m that begins with #": (commit("-m", "#12 x"), 1),
    "-F without an end": (
        lambda s: (s.tracked(PLAIN), s.git("commit", "-q", "-F", "-", "--cleanup=verbatim", data=b"no end")), 1,
    ),
    "-F with CRLF": (lambda s: (s.tracked(PLAIN), s.git("commit", "-q", "-F", "-", data=CR.encode())), 1),
    "-F with ---": (
        lambda s: (s.tracked(PLAIN), s.git("commit", "-q", "-F", "-", data=b"x\n\nbody\n---\n a | 1 +\n\nmore\n")), 1,
    ),
    "-F with a line that is not UTF-8": (
        lambda s: (s.tracked(PLAIN), s.git("commit", "-q", "-F", "-", data=b"caf\xe9\n\nAcked-by: J\xf6rg <j@x>\n")), 1,
    ),
    "-F with an NUL-free megabyte": (
        lambda s: (s.tracked(PLAIN), s.git("commit", "-q", "-F", "-", data=b"x\n\n" + b"word " * 200_000 + b"\n")), 1,
    ),
    "--cleanup=verbatim": (commit("-m", "x\n\n\n# kept\n\n", "--cleanup=verbatim"), 1),
    "--cleanup=strip": (commit("-m", "x\n\n# dropped\n", "--cleanup=strip"), 1),
    "--cleanup=whitespace": (commit("-m", "x  \n\n\n# kept  \n", "--cleanup=whitespace"), 1),
    "editor": (edited(), 1),
    "editor, -v": (edited("-v"), 1),
    "editor, -vv": (edited("-v", "-v", *NONE), 1),
    "editor, -v in an agent": (edited("-v", env=AGENT), 1),
    "editor, scissors": (edited("--cleanup=scissors", text=("Subject", "", "# kept")), 1),
    "editor, scissors by configuration": (edited(config=("commit.cleanup=scissors",)), 1),
    "editor, whitespace": (edited("--cleanup=whitespace"), 1),
    "editor, verbatim": (edited("--cleanup=verbatim"), 1),
    "editor, commentChar ;": (edited(config=("core.commentChar=;",), text=("Subject", "", "#1 ; 2")), 1),
    "editor, commentChar auto": (edited(config=("core.commentChar=auto",), text=("#1 subject", "", "Body")), 1),
    "editor, commentChar auto, -v": (edited("-v", config=("core.commentChar=auto",)), 1),
    "editor, commentString": (edited(config=("core.commentString=//",)), 1),
    "editor, a trailer without a blank line": (edited(text=("Subject", "", "Fixes: 1")), 1),
    "editor, --- in the body": (edited(text=("Subject", "", "Body", "---", "more")), 1),
    "editor, commit.verbose": (edited(config=("commit.verbose=true",)), 1),
    "editor, commit.status off": (edited(config=("commit.status=false",)), 1),
    "i18n.commitEncoding": (
        lambda s: (
            s.tracked(PLAIN), s.git("config", "i18n.commitEncoding", "ISO-8859-1"),
            s.git("commit", "-q", "-F", "-", data=b"caf\xe9\n\nAcked-by: J\xf6rg <j@x>\n"),
        ), 1,
    ),
    "-a": (lambda s: (s.write("notes.txt", "all\n"), s.git("commit", "-qam", "All")), 1),
    "PATH": (paths_only, 1),
    "-i PATH": (include, 1),
    "-p": (
        lambda s: (s.write("notes.txt", "patch\n"), s.git("commit", "-q", "-p", "-m", "Patch", data=b"y\n")), 1,
    ),
    "--allow-empty": (lambda s: s.git("commit", "-q", "--allow-empty", "-m", "Nothing"), 1),
    "-C": (lambda s: (commit("-m", "First", *NONE)(s), s.tracked(PLAIN, "2"), s.git("commit", "-qC", "HEAD")), 2),
    "--amend --no-edit, same content": (amend("--amend", "--no-edit"), 1),
    "--amend --no-edit, content": (amend("--amend", "--no-edit", change=True), 2),
    "--amend -m": (amend("--amend", "-m", "Amended"), 2),
    "--amend in the editor": (amend("--amend"), 1),
    "--amend -v in the editor, content": (amend("--amend", "-v", change=True), 2),
    "--amend --reset-author": (amend("--amend", "--no-edit", "--reset-author"), 1),
    "--amend --date": (amend("--amend", "--no-edit", "--date=2001-02-03T04:05:06+0900"), 1),
    "--amend -C HEAD": (amend("--amend", "-C", "HEAD", change=True), 2),
    "--am": (amend("--am", "--no-edi", change=True), 2),
    "--amend PATH": (
        lambda s: (
            commit("-m", "First", **AGENT)(s), s.write("notes.txt", "x\n"), s.git("commit", "-q", "--amend",
            "--no-edit", "notes.txt"),
        ), 2,
    ),
    "--amend -a": (
        lambda s: (commit("-m", "First")(s), s.write("notes.txt", "x\n"), s.git("commit", "-qa", "--amend", "-mx")), 2,
    ),
    "an alias that amends": (alias("commit -q --amend --no-edit"), 2),
    "a shell alias that amends": (alias("!git commit -q --amend --no-edit"), 2),
    "-m --amend": (lambda s: (commit("-m", "First")(s), s.tracked("b"), s.git("commit", "-q", "-m", "--amend")), 2),
    "fixup and squash": (autosquash, 3),
    "--fixup=amend:": (
        lambda s: (
            commit("-m", "First")(s), s.tracked("b"), s.git("commit", "-q", "--fixup=amend:HEAD", GIT_EDITOR="true"),
        ), 2,
    ),
    "merge": (merge("--no-edit"), 3),
    "merge in the editor": (
        lambda s: (side(s, "one", "one.txt"), commit("-m", "Here")(s), s.git("merge", "-q", "--edit", "one",
        GIT_EDITOR="true")), 3,
    ),
    "merge -m": (merge("-m", "Merge it"), 3),
    "merge --no-ff": (merge("--no-ff", "--no-edit", ahead=False), 2),
    "merge by an agent": (
        lambda s: (side(s, "one", "one.txt"), commit("-m", "Here")(s), s.git("merge", "-q", "--no-edit", "one",
        **AGENT)), 3,
    ),
    "octopus": (merge("--no-edit", names=("one", "two")), 4),
    "octopus that fast-forwards": (octopus_forward, 3),
    "merge --no-commit": (lambda s: (merge("--no-commit")(s), s.git("commit", "-q", "--no-edit")), 3),
    "merge --squash": (squash_merge, 2),
    "--amend of a merge": (amended_merge, 4),
    "conflict, commit": (conflict("commit", "-q"), 3),
    "conflict, commit --no-edit": (conflict("commit", "-q", "--no-edit"), 3),
    "conflict, commit -m": (conflict("commit", "-q", "-m", "Merged"), 3),
    "conflict, merge --continue": (conflict("merge", "--continue"), 3),
    "conflict with commit.cleanup=scissors": (
        lambda s: (s.git("config", "commit.cleanup", "scissors"), conflict("commit", "-q")(s)), 3,
    ),
    "cherry-pick --continue": (conflict("cherry-pick", "--continue", command="cherry-pick"), 3),
    "cherry-pick, commit": (conflict("commit", "-q", "--no-edit", command="cherry-pick"), 3),
    "cherry-pick -n": (conflict("commit", "-q", "-m", "x", command="cherry-pick", options=("-n",)), 3),
    "revert -n": (revert_later, 2),
    "rebase, reword": (rebase_reword, 1),
    "worktree": (worktree, 2),
    "subdirectory": (subdirectory, 1),
    "strange paths": (strange_paths, 1),
    "links and submodules": (links_and_submodules, 2),
    "deletion, mode, rename": (deletions, 3),
    "intent to add": (intent_to_add, 1),
    "installed twice": (with_host, 2),
}  # fmt: skip


@pytest.mark.parametrize(("act", "entries"), WORKFLOWS.values(), ids=WORKFLOWS.keys())
def test_workflow(stage, act, entries):
    act(stage)
    commits = stage.git("rev-list", "base..HEAD").split()
    assert stage.told() == ["verified same-change"] * len(commits)
    for commit_id in commits:
        keys = stage.trailers(commit_id)
        assert [key for key in keys if key in KEYS] == KEYS, stage.git("log", "-1", "--format=%B", commit_id)
    assert stage.recorded() == entries


@pytest.mark.parametrize("act", [root, amended_root], ids=["root", "--amend of a root"])
def test_a_root_is_recorded_under_the_policy_of_the_protected_ref(stage, act):
    act(stage)
    (verdict,) = stage.verdicts("judged" if act is root else "fresh", "main")
    assert (verdict.status, verdict.relation) == ("verified", "same-change")
