"""Atomic writes, private folders and locks on a real file system."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys

import pytest

from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.files import Lock, private_folder, problem, write_atomically


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_a_file_is_replaced_with_its_exact_mode(tmp_path, mode):
    path = tmp_path / "na\nme"
    path.write_bytes(b"old")
    path.chmod(0o444)
    before = os.umask(0o077)
    try:
        write_atomically(str(path), b"new", mode)
    finally:
        os.umask(before)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert os.listdir(tmp_path) == ["na\nme"]


def test_a_relative_path_and_a_long_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_atomically("x" * 255, b"new")
    assert (tmp_path / ("x" * 255)).read_bytes() == b"new"


def test_a_link_is_replaced_and_not_followed(tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"kept")
    (tmp_path / "link").symlink_to(target)
    write_atomically(str(tmp_path / "link"), b"new")
    assert (target.read_bytes(), (tmp_path / "link").read_bytes()) == (b"kept", b"new")
    assert not (tmp_path / "link").is_symlink()


def test_what_cannot_be_replaced_stays_and_no_draft_is_left(tmp_path):
    (tmp_path / "folder/inner").mkdir(parents=True)
    with pytest.raises(EnvironmentProblem, match="cannot write the file: it is a folder"):
        write_atomically(str(tmp_path / "folder"), b"new")
    assert os.listdir(tmp_path) == ["folder"]


LIMITED = """
import os, resource, sys
from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.files import write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
try:
    write_atomically(sys.argv[1], b"x" * 101)
except EnvironmentProblem as problem:
    print(problem.what, os.listdir(os.path.dirname(sys.argv[1])))
"""


def test_a_write_that_fails_leaves_the_old_content(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    done = subprocess.run(
        # -B: under that limit compiled modules would be cut off, too, and stay so
        [sys.executable, "-B", "-c", LIMITED, tmp_path / "file"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().endswith("size limit of this process ['file']")
    assert (tmp_path / "file").read_bytes() == b"old"


def test_only_a_durable_write_waits_for_the_disk(tmp_path, monkeypatch):
    waits = []
    monkeypatch.setattr(os, "fsync", waits.append)
    write_atomically(str(tmp_path / "a"), b"1", durable=False)
    assert ((tmp_path / "a").read_bytes(), waits) == (b"1", [])
    write_atomically(str(tmp_path / "a"), b"2")
    assert ((tmp_path / "a").read_bytes(), len(waits)) == (b"2", 2)  # the file and its folder


def test_a_missing_folder_is_told_with_its_path(tmp_path):
    with pytest.raises(EnvironmentProblem, match="No such file") as caught:
        write_atomically(str(tmp_path / "no\x1b/file"), b"new")
    assert "\\x1b" in caught.value.where


def test_a_private_folder_is_made_once(tmp_path):
    folder = tmp_path / "private"
    before = os.umask(0)
    try:
        private_folder(str(folder))
        private_folder(str(folder))
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(("kind", "words"), [("file", "not a folder"), ("link", "symbolic link")])
def test_a_private_folder_is_a_folder(tmp_path, kind, words):
    path = tmp_path / "private"
    path.write_bytes(b"") if kind == "file" else path.symlink_to(tmp_path)
    with pytest.raises(EnvironmentProblem, match=words):
        private_folder(str(path))


def test_a_lock_shuts_others_out_and_lets_them_in_again(tmp_path):
    path = str(tmp_path / "lock")
    with Lock(path), pytest.raises(EnvironmentProblem, match="held a lock"), Lock(path, timeout=0.01):
        pass
    with Lock(path, timeout=0.01):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_a_lock_whose_file_was_removed_does_not_count(tmp_path):
    path = tmp_path / "lock"
    first = Lock(str(path))
    with first:
        path.unlink()
        with Lock(str(path), timeout=0.01):  # another file, so another lock; it is the one that the name stands for
            assert path.exists()


def test_a_started_program_does_not_keep_the_lock(tmp_path):
    path = str(tmp_path / "lock")
    with Lock(path):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    try:
        with Lock(path, timeout=0.01) as again:
            assert again.path == path
    finally:
        child.communicate(b"\n")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "no permission"),
        (9999, "unknown"),
    ],
)
def test_errors_are_told_in_plain_words(number, words):
    error = problem("write the log", "/x/\x1blog", OSError(number, "unknown thing"))
    assert words in error.what
    assert error.where == "/x/\\x1blog"
