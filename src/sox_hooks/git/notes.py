"""git notes of one ref, many at once: what other tools keep about commits, outside of them.

Notes are in nobody's hands: whoever may push may write them, they change without their commit, and rewriting commands
lose them or copy them to other commits. So everything here is bounded, and what cannot be read is said, not raised.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sox_hooks.git.run import Git

# A tree of a few hundred bytes can stand for ten billion files: see `git.bounded`.
MOST_NOTES = 2_000_000
_HEX = frozenset(b"0123456789abcdef")


class Notes(Struct):
    """The notes of a ref: commit id -> id of the note's blob. `problem` says why not all of them are there."""

    blobs: dict[str, str]
    problem: str = ""


def list_notes(git: Git, ref: str, most: int = MOST_NOTES) -> Notes:
    """The notes of `ref`, none if there is no such ref. One process.

    Paths of a notes tree are the commit's id with a `/` after some of its first pairs of digits (git-notes(1)); what is
    not of this form is no note.
    """
    stream = Stream(git.start("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", ref))
    blobs: dict[str, str] = {}
    left, seen = b"", 0
    try:
        while stream.more():
            fields = (left + stream.buffer).split(b"\0")
            stream.buffer, left = b"", fields.pop()
            for field in fields:
                head, _, path = field.partition(b"\t")
                commit = path.replace(b"/", b"")
                if len(commit) in (40, 64) and _HEX.issuperset(commit) and head.startswith(b"100644 blob "):
                    blobs.setdefault(commit.decode("ascii"), head[12:].decode("ascii"))
            seen += len(fields)
            if seen > most:
                return Notes(blobs, f"{ref} has more than {most:,} files; the rest was not read")
        if not stream.close():
            return Notes(blobs)
        words = stream.failure().what
    finally:
        stream.close()
    missing = "Not a valid object name" in words and not blobs
    return Notes(blobs, "" if missing else printable(f"{ref} cannot be read: {words}", 300))


def read_blobs(git: Git, names: Iterable[str], most: int) -> Iterator[bytes | None]:
    """The contents of these blobs (ids, or `COMMIT:path`), in order; None for what is missing or larger than `most`.

    Sizes are asked first: `git cat-file --batch` would hold an object of any size.
    """
    wanted = list(names)
    if not wanted:
        return
    sizes = git.run("cat-file", "--batch-check=%(objecttype) %(objectsize)", data="\n".join(wanted).encode() + b"\n")
    fits = [_fits(line, most) for line in sizes.splitlines()]
    with ObjectReader(git) as reader:
        found = reader.read_many([name for name, good in zip(wanted, fits, strict=True) if good])
        for good in fits:
            item = next(found) if good else None
            yield item[3] if item is not None else None


def _fits(line: bytes, most: int) -> bool:
    kind, _, size = line.partition(b" ")
    return kind == b"blob" and size.isdigit() and int(size) <= most
