"""What is kept of a clean room, and that nobody can put anything into it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sox_hooks.core.errors import SoxError
from sox_hooks.git import room_folder
from sox_hooks.git.change import parse_raw
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git


def room_of(path, folder=""):
    return CleanRoom(Git(str(path)), folder=str(folder))


def test_a_temporary_room_goes_away(repo):
    room = room_of(repo.path)
    assert room_folder.is_room(room.folder, "sha1")
    assert os.stat(room.folder).st_mode & 0o077 == 0
    room.close()
    room.close()
    assert not os.path.exists(room.folder)
    script = (
        "import sys\nfrom sox_hooks.git.room import CleanRoom\nfrom sox_hooks.git.run import Git\n"
        "print(CleanRoom(Git(sys.argv[1])).folder)"
    )
    left = subprocess.run([sys.executable, "-c", script, repo.path], capture_output=True, text=True, check=True).stdout
    assert not os.path.exists(left.strip())


def test_no_room_anywhere(repo, monkeypatch, tmp_path):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(SoxError, match="no temporary folder"):
        room_of(repo.path)


def test_a_kept_room_is_made_once(repo):
    oid = repo.commit("x", {"f": "x"})
    folder = repo.path / ".git/sox-hooks/room"
    room = room_of(repo.path, folder)
    assert (room.folder, room.kept) == (str(folder), True)
    diff = room.diff(room.empty_tree, oid)
    room.close()
    before = os.stat(folder).st_ino
    assert room_of(repo.path, folder).diff(room.empty_tree, oid) == diff
    assert os.stat(folder).st_ino == before
    assert os.listdir(folder.parent) == ["room"]


def test_a_kept_room_only_reads(repo):
    oid = repo.commit("x", {"f": "x"})
    room = room_of(repo.path, repo.path / ".git/sox-hooks/room")
    with pytest.raises(RuntimeError):
        room.merge_trees([(oid, oid)])
    with pytest.raises(RuntimeError):
        room.commit_tree(oid)


def spoil_config(folder):
    with open(folder / "config", "a") as file:
        file.write("[diff]\n\tnoprefix = true\n")


def spoil_attributes(folder):
    (folder / "info").mkdir()
    (folder / "info/attributes").write_text("* -diff\n")


def spoil_grafts(folder):
    (folder / "info").mkdir()
    (folder / "info/grafts").write_text("x\n")


def spoil_object(folder):
    (folder / "objects/00").mkdir()


def spoil_alternates(folder):
    (folder / "objects/info").mkdir()
    (folder / "objects/info/alternates").write_text("/elsewhere\n")


def spoil_reference(folder):
    (folder / "refs/replace").mkdir()


def spoil_head(folder):
    (folder / "HEAD").write_text("ref: refs/heads/main\n")


def spoil_size(folder):
    (folder / "config").write_bytes((folder / "config").read_bytes() + b"#" * 5000)


def spoil_missing(folder):
    (folder / "refs").rmdir()


def spoil_hook(folder):
    (folder / "hooks").mkdir()


def spoil_work_tree_config(folder):
    (folder / "config.worktree").write_text("")


def spoil_link(folder):
    folder.rename(folder.parent / "elsewhere")
    (folder.parent / "elsewhere/extra").write_text("")
    folder.symlink_to("elsewhere")


def spoil_file(folder):
    folder.rename(folder.parent / "elsewhere")
    folder.write_text("")


def spoil_all(folder):
    folder.rename(folder.parent / "elsewhere")


@pytest.mark.parametrize("spoil", [one for name, one in sorted(globals().items()) if name.startswith("spoil_")])
def test_a_kept_room_that_was_touched_is_made_anew(repo, spoil):
    oid = repo.commit("x", {"f": "x"})
    folder = repo.path / ".git/sox-hooks/room"
    diff = room_of(repo.path, folder).diff(repo.git("hash-object", "-t", "tree", "--stdin", data=b""), oid)
    spoil(folder)
    assert not room_folder.is_room(str(folder), "sha1")
    room = room_of(repo.path, folder)
    assert room.kept
    assert room_folder.is_room(str(folder), "sha1")
    assert room.diff(room.empty_tree, oid) == diff
    assert set(os.listdir(folder.parent)) <= {"room", "elsewhere"}


def test_a_room_of_the_other_format_is_made_anew(make_repo, tmp_path):
    for kind in ("sha1", "sha256"):
        repo = make_repo(kind, f"--object-format={kind}")
        oid = repo.commit("x", {"f": "x"})
        room = room_of(repo.path, tmp_path / "room")
        assert [entry.path for entry in parse_raw(room.diff(room.empty_tree, oid, patch=False))] == [b"f"]


def test_where_none_can_be_kept_it_is_temporary(repo, tmp_path):
    (tmp_path / "file").write_text("")
    with room_of(repo.path, tmp_path / "file/room") as room:
        assert not room.kept
        assert room_folder.is_room(room.folder, "sha1")


def test_many_hooks_make_it_at_once(repo):
    oid = repo.commit("x", {"f": "x"})
    script = (
        "import sys\nfrom sox_hooks.git.room import CleanRoom\nfrom sox_hooks.git.run import Git\n"
        "room = CleanRoom(Git(sys.argv[1]), folder=sys.argv[2])\n"
        "sys.exit(not (room.kept and room.diff(room.empty_tree, sys.argv[3])))"
    )
    folder = repo.path / ".git/sox-hooks/room"
    running = [subprocess.Popen([sys.executable, "-c", script, repo.path, folder, oid]) for _ in range(6)]
    assert [one.wait() for one in running] == [0] * 6
    assert os.listdir(folder.parent) == ["room"]
