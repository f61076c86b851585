from __future__ import annotations

import os
import subprocess

import pytest

from sox_hooks.core.errors import CannotVerify
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.policy_files import read_policy_folder, read_policy_tree
from sox_hooks.git.run import Git

FILES = {".sox/policy.toml": "a = 1\n", ".sox/people.toml": "b = 2\n", ".sox/allowed_signers": b"\xff\x00\r\n"}


def tree_files(repo, rev: str = "HEAD"):
    with ObjectReader(Git(str(repo.path))) as reader:
        return read_policy_tree(reader, repo.head(f"{rev}:.sox"))


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_commit_and_work_tree_agree_with_git(make_repo, object_format):
    repo = make_repo("r", f"--object-format={object_format}")
    repo.write(".sox/notes/x/deep.md", "deep")
    repo.write(".sox/notes.toml", "sorts before the folder notes/")
    (repo.path / ".sox/empty").mkdir()
    os.symlink("policy.toml", repo.path / ".sox/link.toml")
    repo.commit("policy", FILES)
    os.chmod(repo.path / ".sox/people.toml", 0o700)
    repo.commit("mode")

    identity, files = read_policy_folder(str(repo.path), object_format)

    assert identity == repo.head("HEAD:.sox")
    assert files == tree_files(repo)
    assert [name for name, _ in files] == ["allowed_signers", "notes.toml", "people.toml", "policy.toml"]
    assert dict(files)["allowed_signers"] == b"\xff\x00\r\n"


def test_links_folders_and_submodules_are_no_policy_files(repo):
    inner = repo.commit("first", FILES)
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{inner},.sox/exceptions.toml")
    target = repo.git("hash-object", "-w", "--stdin", data=b"../elsewhere")
    repo.git("update-index", "--add", "--cacheinfo", f"120000,{target},.sox/people.toml")
    repo.git("commit", "-q", "-m", "hostile")

    assert [name for name, _ in tree_files(repo)] == ["allowed_signers", "policy.toml"]


def test_names_that_are_not_utf8_survive(repo):
    os.makedirs(repo.path / ".sox")
    with open(os.fsencode(repo.path) + b"/.sox/p\xff.toml", "wb") as file:
        file.write(b"x")
    repo.commit("odd")

    assert tree_files(repo) == (("p\udcff.toml", b"x"),)
    assert read_policy_folder(str(repo.path)) == (repo.head("HEAD:.sox"), (("p\udcff.toml", b"x"),))


@pytest.mark.parametrize("kind", ["nothing", "file", "link"])
def test_no_folder_in_the_work_tree(tmp_path, kind):
    if kind == "file":
        (tmp_path / ".sox").write_text("")
    if kind == "link":
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / ".sox").symlink_to("elsewhere")
    assert read_policy_folder(str(tmp_path)) is None


def test_missing_objects_cannot_be_verified(repo):
    repo.commit("policy", FILES)
    blob = repo.head("HEAD:.sox/people.toml")
    tree = repo.head("HEAD:.sox")
    os.unlink(repo.path / ".git/objects" / blob[:2] / blob[2:])
    with ObjectReader(Git(str(repo.path))) as reader:
        with pytest.raises(CannotVerify, match=r"people\.toml"):
            read_policy_tree(reader, tree)
        with pytest.raises(CannotVerify, match="not in this clone"):
            read_policy_tree(reader, "1" * 40)
        with pytest.raises(CannotVerify, match="not in this clone"):
            read_policy_tree(reader, "HEAD")


def test_malformed_tree(repo):
    repo.commit("policy", FILES)
    raw = b"100644 policy.toml\0short"
    done = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
        cwd=repo.path,
        input=raw,
        capture_output=True,
        check=True,
    )
    with ObjectReader(Git(str(repo.path))) as reader, pytest.raises(CannotVerify, match="malformed"):
        read_policy_tree(reader, done.stdout.decode().strip())
