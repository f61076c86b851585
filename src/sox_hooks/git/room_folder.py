"""The folder of a clean room: what is in it, and that nothing else is."""

from __future__ import annotations

import os

from sox_hooks.core.errors import EnvironmentProblem

_HEAD = b"ref: refs/heads/none\n"
# More than 1 MiB is binary: a 1.5 MB generated file cost 2.3 s of diff (measured); git's own limit is 512 MiB.
# The commit graph is a cache that git believes without a check, also that of the repository whose objects are
# borrowed: one with other parents in it hides commits from every walk (git 2.39.5). Without it 50,000 commits take
# 0.2 s more.
# Each git process keeps the bases of deltas, up to 96 MiB of them. With 16 MiB the diffs of 12,000 commits take 23
# instead of 55 MB and no more time (measured, git 2.39.5).
_COMMON = b"\tbare = true\n\tbigFileThreshold = 1m\n\tdeltaBaseCacheLimit = 16m\n\tcommitGraph = false\n"
_CONFIG = {
    "sha1": b"[core]\n\trepositoryformatversion = 0\n" + _COMMON,
    "sha256": b"[core]\n\trepositoryformatversion = 1\n" + _COMMON + b"[extensions]\n\tobjectformat = sha256\n",
}


def keep(folder: str, object_format: str) -> bool:
    """Make `folder` a room unless it is one exactly. False where that cannot be (no permission, say).

    Whatever else stands in its place is removed: the folder is ours alone.
    """
    if is_room(folder, object_format):
        return True
    fresh, stale = f"{folder}.{os.getpid()}.new", f"{folder}.{os.getpid()}.old"
    try:
        os.makedirs(os.path.dirname(folder), 0o700, exist_ok=True)
        for left_over in (fresh, stale):
            remove(left_over)
        os.mkdir(fresh)
        _fill(fresh, object_format)
        try:
            if os.path.lexists(folder):
                os.rename(folder, stale)
            os.rename(fresh, folder)
        except OSError:  # another hook was faster; what it made is looked at below
            remove(fresh)
        remove(stale)
    except OSError:
        return False
    return is_room(folder, object_format)


def is_room(folder: str, object_format: str) -> bool:
    """Whether `folder` holds what a room holds and nothing else: no attributes, grafts, objects, replacements, ..."""
    try:
        return (
            sorted(os.listdir(folder)) == ["HEAD", "config", "objects", "refs"]
            and _read(f"{folder}/config") == _CONFIG[object_format]
            and _read(f"{folder}/HEAD") == _HEAD
            and not os.listdir(f"{folder}/objects")
            and not os.listdir(f"{folder}/refs")
        )
    except OSError:
        return False


def temporary(object_format: str) -> str:
    """A new room that only this user can enter. Raises `EnvironmentProblem`."""
    import tempfile

    try:
        folder = tempfile.mkdtemp(prefix="sox-hooks-room-")
        _fill(folder, object_format)
    except OSError as error:
        raise EnvironmentProblem(
            f"no temporary folder can be made: {error.strerror}",
            why="diffs and merges are computed in a repository of their own",
            fix="set TMPDIR to a folder that can be written",
        ) from error
    return folder


def remove(folder: str) -> None:
    """Remove a room, or whatever stands there. Nothing there is no error."""
    if os.path.islink(folder) or os.path.isfile(folder):
        os.unlink(folder)
    elif os.path.lexists(folder):
        import shutil

        shutil.rmtree(folder, ignore_errors=True)


def _fill(folder: str, object_format: str) -> None:
    os.mkdir(f"{folder}/objects")
    os.mkdir(f"{folder}/refs")
    for name, content in (("HEAD", _HEAD), ("config", _CONFIG[object_format])):
        with open(f"{folder}/{name}", "xb") as file:
            file.write(content)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(4096)
