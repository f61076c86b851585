"""The tree that a commit of the index in use would have."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sox_hooks.git.index import staged_tree
from sox_hooks.git.run import Git, GitFailed


def test_the_staged_tree_is_that_of_the_index_in_use(repo, tmp_path):
    repo.commit("one", {"f": "1"})
    repo.write("f", "2")
    repo.write("later", "x")
    repo.git("add", "-N", "later")
    git = Git(str(repo.path))
    assert staged_tree(git) == repo.head("HEAD^{tree}")
    other = {**os.environ, "GIT_INDEX_FILE": str(tmp_path / "index")}
    repo.git("read-tree", "HEAD", GIT_INDEX_FILE=str(tmp_path / "index"))
    repo.git("add", "f", GIT_INDEX_FILE=str(tmp_path / "index"))
    assert staged_tree(Git(str(repo.path), other)) != staged_tree(git)
    repo.git("add", "f")
    assert staged_tree(Git(str(repo.path), other)) == staged_tree(git)


def test_a_conflict_has_no_tree(repo):
    repo.commit("base", {"f": "1"})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("theirs", {"f": "2"})
    repo.git("checkout", "-q", "main")
    repo.commit("ours", {"f": "3"})
    repo.git("merge", "side", check=False)
    with pytest.raises(GitFailed, match=r"unmerged|error building trees"):
        staged_tree(Git(str(repo.path)))


def test_a_lock_that_goes_away_is_waited_for(repo):
    repo.commit("one", {"f": "1"})
    repo.write("f", "2")
    repo.git("add", "f")
    lock = repo.path / ".git/index.lock"
    lock.write_text("")
    with subprocess.Popen([sys.executable, "-c", f"import time, os; time.sleep(0.3); os.unlink({str(lock)!r})"]):
        assert len(staged_tree(Git(str(repo.path)))) == 40
    lock.write_text("")
    with pytest.raises(GitFailed, match="git write-tree failed"):
        staged_tree(Git(str(repo.path)))
