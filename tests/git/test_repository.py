"""Where a repository is: work trees, submodules, bare ones, quarantines, and paths with everything in them."""

from __future__ import annotations

import os

import pytest

from sox_hooks.core.errors import SoxError, UsageError
from sox_hooks.git.repository import EMPTY_TREE, find_repository, found, require_work_tree, start_find
from sox_hooks.git.run import Git, clean_environment


def at(path, **env):
    return find_repository(Git(str(path), {**os.environ, **env}))


@pytest.mark.parametrize(
    "name", ["plain", "with blank", "line\nend", "a\n--sox-hooks-mark-not", "q\"uote'", "c:olon", "b\\ack", "é\udcff"]
)
@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_finds_it_from_anywhere(make_repo, name, object_format):
    repo = make_repo(name, f"--object-format={object_format}")
    repo.write("d/f", "x")
    top = str(repo.path)
    for here in (repo.path, repo.path / "d"):
        repository = at(here)
        assert repository.astuple() == (
            f"{top}/.git", f"{top}/.git", f"{top}/.git/objects", top, object_format, False, False,
        )  # fmt: skip
        assert repository.empty_tree == repo.git("hash-object", "-t", "tree", "--stdin", data=b"")
        require_work_tree(repository)


def test_a_path_that_imitates_the_mark_is_an_error(make_repo):
    repo = make_repo("x--sox-hooks-mark\n")
    with pytest.raises(UsageError, match="no answer that can be read"):
        at(repo.path)


def test_the_empty_trees_are_gits(repo, make_repo):
    long = make_repo("long", "--object-format=sha256")
    made = [one.git("hash-object", "-t", "tree", "--stdin", data=b"") for one in (repo, long)]
    assert list(EMPTY_TREE.values()) == made


def test_work_trees_share_the_common_directory(repo, tmp_path):
    repo.commit(files={"f": "x"})
    repo.git("worktree", "add", "-q", str(tmp_path / "second"))
    repository = at(tmp_path / "second")
    assert repository.git_dir == f"{repo.path}/.git/worktrees/second"
    assert (repository.common_dir, repository.top) == (f"{repo.path}/.git", str(tmp_path / "second"))
    assert repository.objects == f"{repo.path}/.git/objects"


def test_submodules_are_repositories_of_their_own(repo, make_repo):
    inner = make_repo("inner")
    inner.commit(files={"f": "x"})
    repo.git("submodule", "--quiet", "add", str(inner.path), "sub")
    repository = at(repo.path / "sub")
    assert (repository.git_dir, repository.top) == (f"{repo.path}/.git/modules/sub", f"{repo.path}/sub")
    assert repository.common_dir == repository.git_dir


def test_bare_and_inside_a_git_directory(make_repo):
    bare = at(make_repo("bare", "--bare").path)
    assert (bare.bare, bare.top) == (True, "")
    with pytest.raises(UsageError, match="needs a work tree") as caught:
        require_work_tree(bare)
    assert "bare" in caught.value.why
    inside = at(make_repo("plain").path / ".git")
    assert (inside.bare, inside.top) == (False, "")
    with pytest.raises(UsageError, match="needs a work tree") as caught:
        require_work_tree(inside)
    assert "inside" in caught.value.why


def test_shallow(repo, tmp_path):
    repo.commit()
    repo.commit()
    repo.git("clone", "-q", "--depth=1", f"file://{repo.path}", str(tmp_path / "shallow"))
    assert at(tmp_path / "shallow").shallow
    assert not at(repo.path).shallow


def test_in_the_environment_of_a_hook_and_of_a_quarantine(repo, tmp_path):
    git_dir = str(repo.path / ".git")
    assert at(tmp_path, GIT_DIR=git_dir).git_dir == git_dir
    quarantine = str(tmp_path / "quarantine")
    os.mkdir(quarantine)
    environ = {"GIT_OBJECT_DIRECTORY": quarantine, "GIT_QUARANTINE_PATH": quarantine, "GIT_DIR": git_dir}
    assert at(tmp_path, **environ).objects == quarantine
    assert find_repository(Git(str(tmp_path), clean_environment({**os.environ, **environ}))).objects == quarantine


def test_no_repository(tmp_path):
    with pytest.raises(UsageError, match="not a git repository"):
        at(tmp_path)
    with pytest.raises(SoxError):
        at(tmp_path / "missing")


def test_one_process(repo):
    process = start_find(Git(str(repo.path)))
    assert found(process.finish()) == at(repo.path)
