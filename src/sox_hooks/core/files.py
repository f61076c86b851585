"""Files that survive a kill, a full disk and two processes at once. POSIX only, like the rest of the hook path.

Every failure that the machine can cause comes out as `EnvironmentProblem` in plain words.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time

from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

# What the errors of open(2), write(2), rename(2) and flock(2) mean to the person at the desk, and what mends them.
_REASONS = {
    errno.ENOSPC: ("the disk is full", "free some space, then try again"),
    errno.EDQUOT: ("your disk quota is used up", "free some space, then try again"),
    errno.EFBIG: ("the file would grow past the size limit of this process", "raise the limit (see: ulimit -f)"),
    errno.EROFS: ("the file system is read-only", "mount it for writing, or work in a clone that can be written"),
    errno.EACCES: ("you have no permission", "check owner and mode with: ls -ld PATH"),
    errno.EPERM: ("the operation is not permitted", "check owner, mode and attributes of the file and its folder"),
    errno.ELOOP: ("it is a symbolic link, which is not followed here", "replace the link by a file or folder"),
    errno.EEXIST: ("something that is not a folder stands in its place", "look at it, then move it away"),
    errno.ENOTDIR: ("something on the way to it is not a folder", "look at the folders of this path"),
    errno.EISDIR: ("it is a folder", "move the folder away"),
    errno.ENAMETOOLONG: ("the path is too long", "work in a folder with a shorter path"),
    errno.ENOLCK: ("this file system has no locks", "work on a local disk"),
    errno.EIO: ("the disk reports an error", "check the disk"),
}


def problem(doing: str, path: str, error: OSError) -> EnvironmentProblem:
    """The plain words for a failed call: `doing` completes "cannot ...", for example `"write the log"`."""
    reason, fix = _REASONS.get(error.errno or 0, (error.strerror or "unknown error", ""))
    return EnvironmentProblem(f"cannot {doing}: {reason}", where=printable(path, 300), fix=fix)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`: `write` may take less (a full disk does so before it says ENOSPC)."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(path: str) -> None:
    """Make a created or renamed name in a folder durable: fsync(2) of a file does not cover its directory entry."""
    descriptor = os.open(path or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_folder(path: str) -> None:
    """See to it that `path` is a folder, made with mode 0700 if there is none. Its parent must exist.

    Raises `EnvironmentProblem`, also where a symbolic link stands in its place.
    """
    try:
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            # O_DIRECTORY and O_NOFOLLOW on a link: ENOTDIR on Linux, ELOOP on the BSDs.
            if os.path.islink(path):
                raise OSError(errno.ELOOP, "symbolic link") from None
            if not os.path.isdir(path):
                raise
            os.close(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC))
        else:
            sync_folder(os.path.dirname(path))
    except OSError as error:
        raise problem("make the folder", path, error) from error


def write_atomically(path: str, data: bytes, mode: int = 0o600, *, durable: bool = True) -> None:
    """Put `data` at `path` so that every reader sees the old or the new content.

    So also after a crash of the machine, unless `durable` is false: then nothing waits for the disk. A symbolic link at
    `path` is replaced, not followed; `mode` is exact (no umask). Raises `EnvironmentProblem` and leaves what was there.
    """
    folder, name = os.path.split(path)
    draft = os.path.join(folder, f".{name[:100]}.{os.getpid()}-{os.urandom(6).hex()}.tmp")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise problem("write the file", path, error) from error
    try:
        try:
            write_all(descriptor, data)
            os.fchmod(descriptor, mode)
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(draft, path)
    except OSError as error:
        _discard(draft)
        raise problem("write the file", path, error) from error
    if not durable:
        return
    try:
        sync_folder(folder)
    except OSError as error:
        raise problem("write the folder of the file", path, error) from error


def _discard(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return  # the error that brought us here is the one to tell


class Lock:
    """An exclusive lock between processes: `with Lock(path): ...`.

    It is a flock(2) on the file `path`, which is made if there is none and never removed. The kernel drops the lock
    when its holder ends, however it ends, so there are no stale locks. Close-on-exec: a started program does not
    keep it. Linux emulates flock on NFS across machines.
    """

    def __init__(self, path: str, timeout: float = 10.0) -> None:
        self.path = path
        self.timeout = timeout
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Wait for the lock. Raises `EnvironmentProblem` after `timeout` seconds."""
        deadline = time.monotonic() + self.timeout
        pause = 0.0005
        while not self._try():
            left = deadline - time.monotonic()
            if left <= 0:
                raise EnvironmentProblem(
                    f"another process has held a lock for {self.timeout:g} s",
                    where=printable(self.path, 300),
                    why="two commits at once write one after the other",
                    fix="look for a hanging git or sox-hooks process, end it, then try again",
                )
            time.sleep(min(pause, left))
            pause = min(pause * 2, 0.02)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)
        self._descriptor = -1

    def _try(self) -> bool:
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Somebody may have removed the file between our two calls: a lock on a nameless file locks nobody out.
                if os.path.samestat(os.fstat(descriptor), os.lstat(self.path)):
                    self._descriptor = descriptor
                    return True
            except (BlockingIOError, FileNotFoundError):
                pass
            finally:
                if self._descriptor < 0:
                    os.close(descriptor)
        except OSError as error:
            raise problem("take the lock", self.path, error) from error
        return False
