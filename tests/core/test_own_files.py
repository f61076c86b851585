from __future__ import annotations

import os

import pytest

from sox_hooks.core.own_files import own_folder, read_own


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    path.chmod(0o600)
    return path


def test_a_file_of_ours(file):
    assert read_own(str(file), 7) == b"content"
    assert read_own(str(file), 6) is None
    assert read_own(str(file.with_name("none")), 7) is None


def test_an_empty_one(file):
    file.write_bytes(b"")
    assert read_own(str(file), 0) == b""


@pytest.mark.parametrize(
    ("mode", "shared", "private"),
    [(0o600, True, True), (0o644, True, False), (0o620, False, False), (0o602, False, False)],
)
def test_who_else_may_read_and_write_it(file, mode, shared, private):
    file.chmod(mode)
    assert (read_own(str(file), 9) is not None) == shared
    assert (read_own(str(file), 9, private=True) is not None) == private


def test_what_is_no_file_is_not_read_and_does_not_hang(file, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to(file)
    for name in ("fifo", "link", "."):
        assert read_own(str(tmp_path / name), 9) is None


def test_of_somebody_else(file, monkeypatch):
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert read_own(str(file), 9) is None
    assert not own_folder(str(file.parent))


def test_own_folder(file, tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o770)
    (tmp_path / "link").symlink_to(tmp_path)
    found = {name: own_folder(str(tmp_path / name)) for name in (".", "open", "link", "file", "none")}
    assert found == {".": True, "open": False, "link": False, "file": False, "none": False}
