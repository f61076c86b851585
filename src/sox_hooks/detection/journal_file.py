"""The journal's file: adding lines, and keeping it small. `detection.journal` reads it and says what it means."""

from __future__ import annotations

import os
import time

from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.files import Lock, private_folder, write_all, write_atomically
from sox_hooks.detection.journal import LIFETIME, MOST_BYTES, NAME, JournalEntry, line_of, parse


def append(common_dir: str, lines: tuple[JournalEntry, ...], *, again: bool = False) -> int:
    """Add lines, each only if it is not the path's newest one already (an agent may run two of our hooks), or `again`.

    The file stays below `detection.journal.MOST_BYTES`: old lines go first. Raises `EnvironmentProblem`.
    """
    if not lines:
        return 0
    path = os.path.join(common_dir, NAME)
    private_folder(os.path.dirname(path))
    with Lock(path.removesuffix(".jsonl") + ".lock", timeout=5.0):
        kept = _newest(path)
        new = [line for line in lines if again or not _known(kept.get(line.path), line)]
        data = b"".join(map(line_of, new))
        if new:
            _write(path, data)
    return len(new)


def _newest(path: str) -> dict[str, JournalEntry]:
    try:
        with open(path, "rb") as file:
            file.seek(max(0, file.seek(0, 2) - (1 << 14)))
            lines = file.read().splitlines()
    except OSError:
        return {}
    return {entry.path: entry for entry in map(parse, lines) if entry is not None}


def _known(before: JournalEntry | None, entry: JournalEntry) -> bool:
    return before is not None and before.replace(moment=entry.moment) == entry and entry.moment - before.moment < 60


def _write(path: str, data: bytes) -> None:
    try:
        size = os.stat(path).st_size
    except OSError:
        size = 0
    if size + len(data) > MOST_BYTES:
        write_atomically(path, _shortened(path) + data)
        return
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            # After a writer that was killed within a line.
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            write_all(descriptor, (b"\n" if torn else b"") + data)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise EnvironmentProblem(f"the journal cannot be written: {error.strerror}", where=path) from error


def _shortened(path: str) -> bytes:
    """The newer half of the journal, without what has expired."""
    with open(path, "rb") as file:
        lines = file.read().splitlines()
    earliest = time.time() - LIFETIME
    kept: list[bytes] = []
    size = 0
    for line in reversed(lines):
        entry = parse(line)
        if entry is None or entry.moment < earliest:
            continue
        size += len(line) + 1
        if size > MOST_BYTES // 2:
            break
        kept.append(line + b"\n")
    return b"".join(reversed(kept))
