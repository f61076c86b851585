"""Reading a file that only this user can have put there: no link, no FIFO, nobody else's."""

from __future__ import annotations

import os
import stat


def read_own(path: str, limit: int, *, private: bool = False) -> bytes | None:
    """The content of a regular file of this user, None for anything else, for one that is not there or is larger.

    `private`: nobody else may read it either. Never raises `OSError`, never waits.
    """
    try:
        # Not blocking: a FIFO in its place must not hang us.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            state = os.fstat(descriptor)
            forbidden = 0o077 if private else 0o022
            ours = stat.S_ISREG(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & forbidden
            if not ours or state.st_size > limit:
                return None
            content = file.read(state.st_size + 1)  # `limit` bytes would be set aside at once
    except OSError:
        return None
    return content if len(content) == state.st_size else None  # else it is being written right now


def own_folder(path: str) -> bool:
    """Whether this is a folder of this user, no link, in which nobody else can write."""
    try:
        state = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o022
