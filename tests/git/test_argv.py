"""Whether a command line amends. The traps are values that look like options, and options cut short."""

from __future__ import annotations

import os
import re
import shlex
import subprocess

import pytest

from sox_hooks.core.processes_above import ProcessInfo
from sox_hooks.git import argv as rules
from sox_hooks.git.argv import amends, commit_amends, git_command

# `git commit ...` -> whether it amends; None = cannot be told.
COMMITS = {
    "": False,
    "-m x": False,
    "--amend": True,
    "--amend --no-edit": True,
    "--amend -m x": True,
    "-m x --amend": True,
    "--am": True,
    "--ame -q": True,
    "--amend --no-amend": False,
    "--no-amend --amend": True,
    "--amend --no-am": False,
    "-m --amend": False,
    "--message --amend": False,
    "--mess --amend": False,
    "--message=--amend": False,
    "-m --amend --amend": True,
    "-am --amend": False,
    "-qam --amend": False,
    "-amx --amend": True,
    "-am'--amend'": False,
    "-F --amend": False,
    "-C --amend": False,
    "-c --amend": False,
    "-t --amend": False,
    "-C HEAD --amend": True,
    "--author --amend": False,
    "--auth --amend": False,
    "--author='A <a@x>' --amend": True,
    "--date --amend": False,
    "--date=now --amend --reset-author": True,
    "--fixup --amend": False,
    "--fixup=amend:HEAD": False,
    "--fixup amend:HEAD": False,
    "--fixup=reword:HEAD": False,
    "--squash --amend": False,
    "--trailer --amend": False,
    "--trailer 'A: b' --amend": True,
    "--cleanup --amend": False,
    "--template --amend": False,
    "--pathspec-from-file --amend": False,
    "--pathspec-file --amend": True,
    "--pathspec-file-n --amend": True,
    "--no-template --amend": True,
    "--no-message --amend": True,
    "--reuse-message --amend": False,
    "--reedit --amend": False,
    "-S --amend": True,
    "-Skey --amend": True,
    "--gpg-sign --amend": True,
    "--gpg-sign=key --amend": True,
    "-u --amend": True,
    "-uno --amend": True,
    "-vas --amend": True,
    "--no-verify --amend": True,
    "--verify --amend": True,
    "-n --amend": True,
    "-- --amend": False,
    "--end-of-options --amend": False,
    "path --amend": True,
    "path -- --amend": False,
    "- --amend": True,
    "-a -o -- path": False,
    "--amend=yes": True,
    "--unified 3 --amend": True,
    "-U 3 --amend": True,
    "-U --amend": False,
    "--allow-empty --allow-empty-m --amend": True,
    "--novelty --amend": None,
    "--am --novelty": None,
    "-K --amend": None,
    "--a --amend": None,
    "-m": False,
}


@pytest.mark.parametrize(("line", "expected"), COMMITS.items())
def test_commit_lines(line, expected):
    assert commit_amends(shlex.split(line)) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--amend", True), ("--amend --no-edit -q", True), ("-q", False), ("-- x --amend", False), ("-S --amend", True),
        ("-m x --amend", None), ("-mx --amend", None), ("--message=a --amend b", None), ("--author A B --amend", None),
        ("--amend -m fix the bug", None), ("-Sa key --amend", None), ("--gpg-sign=a key --amend", None),
    ],
)  # fmt: skip
def test_lines_cut_at_blanks_are_believed_as_far_as_they_go(line, expected):
    assert commit_amends(line.split(" "), exact=False) is expected


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("git commit -m x", ["commit", "-m", "x"]),
        ("/usr/bin/git commit", ["commit"]),
        ("git.exe commit", ["commit"]),
        ("git-commit --amend", ["commit", "--amend"]),
        ("/usr/lib/git-core/git-commit -q", ["commit", "-q"]),
        ("git -C commit merge", ["merge"]),
        ("git -c alias.x=commit -c a.b=c x", ["x"]),
        ("git --git-dir commit status", ["status"]),
        ("git --git-dir=commit status", ["status"]),
        ("git --work-tree commit --namespace commit status", ["status"]),
        ("git --config-env a.b=C --attr-source HEAD commit", ["commit"]),
        ("git -P --no-pager --bare --exec-path=/x --literal-pathspecs commit", ["commit"]),
        ("git", None),
        ("git --version", None),
        ("gitk commit", None),
        ("python git commit", None),
        ("", None),
    ],
)
def test_git_lines(line, command):
    assert git_command(shlex.split(line)) == command


def chain(*lines: str) -> list[ProcessInfo]:
    return [ProcessInfo(n, n + 1, tuple(os.fsencode(a) for a in shlex.split(line))) for n, line in enumerate(lines)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["sh .git/hooks/commit-msg", "git commit --amend", "git ci", "bash"], True),
        (["pre-commit hook-impl", "git commit -m x", "git commit --amend"], False),
        (["git sox-hooks", "git commit --amend"], True),  # an alias or a dashed program between
        (["git hook run commit-msg", "git commit --amend"], True),
        (["git merge side", "git commit --amend"], None),  # the commit outside is another one
        (["git pull", "git commit --amend"], None),
        (["git commit --amend", "git rebase -i"], True),
        (["gitk", "bash"], None),
        (["'' x"], None),
        ([], None),
    ],
)
def test_the_nearest_commit_decides(lines, expected):
    assert amends(chain(*lines)) is expected


def test_kernel_threads_and_odd_bytes_are_no_commits():
    assert amends([ProcessInfo(2, 1, ()), ProcessInfo(3, 2, (b"git", b"commit", b"-m\xff", b"--amend"))]) is True


def test_the_table_of_options_knows_all_that_this_git_has():
    """`git commit -h` of the git at hand: an option that is missing here would make every reading None."""
    shown = subprocess.run(["git", "commit", "-h"], capture_output=True, text=True, check=False)
    usage = shown.stdout + shown.stderr
    listed = re.findall(r"^    (?:-(\w), )?--(\[no-\])?([a-z-]+)(.*)", usage, re.MULTILINE)
    assert len(listed) > 25
    for short, _, name, rest in listed:
        takes_value = rest.startswith((" <", "=<")) or rest.startswith(" [")
        known = rules._VALUES if takes_value else rules._FLAGS
        assert name in known or f"no-{name}" in known, name
        if short:
            letters = rules._SHORT_VALUES if takes_value else rules._SHORT_FLAGS + rules._SHORT_OPTIONAL
            assert short in letters, short


def test_git_reads_the_same(repo):
    """Differential: `git commit --dry-run` says what it would commit against; an amend of a root has no parent."""
    repo.commit("only", {"f": "x"})
    for name in ("x", "path", "--amend", "y"):
        repo.write(name, "Subject: x\n")
    repo.git("add", "-A")
    checked = 0
    for line, expected in COMMITS.items():
        words = shlex.split(line)
        # --short with --dry-run; the exit code alone tells whether git understood the line.
        shown = repo.git("commit", "--dry-run", "--porcelain", "--branch", *words, check=False)
        if not shown.startswith("##"):
            continue
        checked += 1
        # Against the parent of a root everything is new, so the file that HEAD has is shown as added.
        assert ("A  f" in shown.split("\n")) is bool(expected), line
    assert checked > 25
