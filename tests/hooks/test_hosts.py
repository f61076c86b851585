"""The hook event: every shape in which hosts call a hook, and the message file found where git puts it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from sox_hooks.core.errors import UsageError
from sox_hooks.hooks.hosts import HookEvent, answer_doctor, hook_event

FILE = ".git/COMMIT_EDITMSG"


@pytest.mark.parametrize(
    ("name", "argv", "environ", "expected"),
    [
        ("commit-msg", [FILE], {}, HookEvent("commit-msg", "native", FILE, (FILE,), False)),
        ("commit-msg", [FILE], {"PRE_COMMIT": "1"}, HookEvent("commit-msg", "pre-commit", FILE, (FILE,), False)),
        (
            "commit-msg",
            ["../w/.git/worktrees/wt/COMMIT_EDITMSG"],
            {"PRE_COMMIT": "1", "PREK_HOOK_STAGE": "commit-msg"},
            HookEvent(
                "commit-msg",
                "prek",
                "../w/.git/worktrees/wt/COMMIT_EDITMSG",
                ("../w/.git/worktrees/wt/COMMIT_EDITMSG",),
                False,
            ),
        ),
        ("commit-msg", [FILE], {"SOX_HOOKS_HOST": "husky"}, HookEvent("commit-msg", "husky", FILE, (FILE,), False)),
        ("commit-msg", [FILE], {"SOX_HOOKS_HOST": "x\x1b["}, HookEvent("commit-msg", "native", FILE, (FILE,), False)),
        (
            "prepare-commit-msg",
            [FILE, "commit", "HEAD"],
            {"SOX_HOOKS_HOST": "lefthook"},
            HookEvent("prepare-commit-msg", "lefthook", FILE, (FILE, "commit", "HEAD"), False),
        ),
        ("post-rewrite", ["rebase"], {}, HookEvent("post-rewrite", "native", "", ("rebase",), True)),
        ("post-rewrite", [], {"PRE_COMMIT": "1"}, HookEvent("post-rewrite", "pre-commit", "", (), False)),
        ("pre-push", ["origin", "u"], {}, HookEvent("pre-push", "native", "", ("origin", "u"), True)),
        ("post-commit", [], {}, HookEvent("post-commit", "native", "", (), False)),
    ],
)
def test_the_shapes_in_which_hosts_call(name, argv, environ, expected):
    assert hook_event(name, argv, environ) == expected


@pytest.mark.parametrize("argv", [["--help"], ["-x", FILE], [FILE, FILE]])
def test_arguments_that_git_never_passes_are_refused(argv):
    with pytest.raises(UsageError, match="hook commit-msg"):
        hook_event("commit-msg", argv, {})


def probe(repo, name: str = "commit-msg") -> Path:
    """Installs a hook that notes the message file git gave it, and the one that is found without it."""
    script = repo.path.parent / "probe.py"
    script.write_text(
        "import os, sys\n"
        "from sox_hooks.hooks.hosts import hook_event\n"
        "found = hook_event('commit-msg', [], os.environ).message_file\n"
        f"with open({str(script.with_suffix('.out'))!r}, 'w') as out:\n"
        "    out.write(os.path.realpath(sys.argv[1]) + '\\0' + os.path.realpath(found))\n"
    )
    hooks = Path(repo.git("rev-parse", "--absolute-git-dir")) / "hooks"
    hooks.mkdir(exist_ok=True)
    hook = hooks / name
    hook.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{script}' \"$@\"\n")
    hook.chmod(0o755)
    return script.with_suffix(".out")


def branches(repo, conflict: bool = False) -> None:
    repo.commit("base", {"a": "1\n"})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("side", {"a" if conflict else "b": "2\n"})
    repo.git("checkout", "-q", "main")
    repo.commit("main", {"a" if conflict else "c": "3\n"})


def conclude(repo, *command: str) -> None:
    repo.git("merge", "side", check=False)
    repo.write("a", "4\n")
    repo.git("add", "a")
    repo.git(*command, GIT_EDITOR="true")


@pytest.mark.parametrize(
    ("how", "name"),
    [
        (lambda r: r.git("commit", "-q", "--allow-empty", "-m", "x"), "COMMIT_EDITMSG"),
        (lambda r: r.git("commit", "-q", "--amend", "--no-edit"), "COMMIT_EDITMSG"),
        (lambda r: r.git("merge", "-q", "-m", "m", "side"), "MERGE_MSG"),
        (lambda r: r.git("merge", "-q", "--edit", "side", GIT_EDITOR="true"), "MERGE_MSG"),
        (lambda r: r.git("pull", "-q", "--no-rebase", ".", "side"), "MERGE_MSG"),
        (lambda r: r.git("merge", "-q", "-m", "m", "side", GIT_REFLOG_ACTION="nightly-sync"), "MERGE_MSG"),
        (lambda r: (r.git("merge", "-q", "--no-commit", "side"), r.git("commit", "-q", "-m", "m")), "COMMIT_EDITMSG"),
    ],
    ids=["commit", "amend", "merge", "merge-edit", "pull", "merge-with-own-reflog-action", "merge-no-commit"],
)
def test_the_message_is_found_without_its_path(repo, how, name):
    branches(repo)
    out = probe(repo)
    how(repo)
    given, found = out.read_text().split("\0")
    assert found == given == os.path.realpath(repo.path / ".git" / name)


@pytest.mark.parametrize("command", [("commit", "-q", "--no-edit"), ("merge", "--continue")])
def test_a_concluded_conflict_uses_the_ordinary_file(repo, command):
    branches(repo, conflict=True)
    out = probe(repo)
    conclude(repo, *command)
    given, found = out.read_text().split("\0")
    assert found == given == os.path.realpath(repo.path / ".git/COMMIT_EDITMSG")


def test_a_linked_worktree_has_its_own_message(repo, tmp_path):
    repo.commit("base")
    out = probe(repo)
    tree = str(tmp_path / "li\nnked")
    repo.git("worktree", "add", "-q", "-b", "linked", tree)
    repo.git("-C", tree, "commit", "-q", "--allow-empty", "-m", "x")
    given, found = out.read_text().split("\0")
    assert found == given
    assert "/worktrees/" in found


def test_doctor_gets_an_answer_only_where_it_asked(tmp_path):
    answer = tmp_path / "answer"
    environ = {"SOX_HOOKS_DOCTOR": "abc123", "SOX_HOOKS_DOCTOR_FILE": str(answer)}
    assert not answer_doctor(environ, "commit-msg")  # the file must be there already
    assert not answer.exists()
    answer.write_bytes(b"")
    assert answer_doctor(environ, "commit-msg")
    assert answer.read_text() == "sox-hooks doctor abc123 commit-msg live\n"


@pytest.mark.parametrize("nonce", ["", "a b", "x" * 65, "a\nb", "é"])
def test_doctor_is_not_answered_for_a_strange_number(tmp_path, nonce):
    answer = tmp_path / "answer"
    answer.write_bytes(b"")
    assert not answer_doctor({"SOX_HOOKS_DOCTOR": nonce, "SOX_HOOKS_DOCTOR_FILE": str(answer)}, "commit-msg")
    assert answer.read_bytes() == b""


@pytest.mark.parametrize("kind", ["symlink", "fifo", "folder"])
def test_doctor_is_not_answered_through_a_trick(tmp_path, kind):
    target = tmp_path / "target"
    target.write_bytes(b"")
    answer = tmp_path / "answer"
    {"symlink": lambda: answer.symlink_to(target), "fifo": lambda: os.mkfifo(answer), "folder": answer.mkdir}[kind]()
    assert not answer_doctor({"SOX_HOOKS_DOCTOR": "1", "SOX_HOOKS_DOCTOR_FILE": str(answer)}, "commit-msg")
    assert target.read_bytes() == b""


def test_nothing_is_answered_when_nobody_asks():
    assert not answer_doctor({}, "commit-msg")
