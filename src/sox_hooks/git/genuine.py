"""Whether an object is what its id says.

git checks that when objects come in (`index-pack`, which `fetch` and `clone` run, also for SHA-1 collisions) and in
`fsck`. When it reads, it believes the index of a pack: with an index that leads to another object, `git log`,
`cat-file` and `rev-list` show that one without a word, and so they do with a loose object under a wrong name (measured,
git 2.39.5; only `diff-tree --stdin` notices it, for the commits that it is given).
"""

from __future__ import annotations

from hashlib import sha1, sha256

from sox_hooks.core.errors import CannotVerify
from sox_hooks.core.text import printable


class NotGenuine(CannotVerify):
    """The clone gives another object under this id."""

    def __init__(self, oid: str, kind: str) -> None:
        super().__init__(
            f"this clone gives something else as {kind} {printable(oid, 12)}",
            where=printable(oid, 64),
            why="its content does not have this id: the disk has failed, or somebody has written into .git/objects; "
            "git fsck --full names the file",
            fix="verify in a fresh clone",
        )


def object_id(kind: str, content: bytes, digits: int = 40) -> str:
    """The id of an object: 40 hex digits (SHA-1), or 64 (SHA-256)."""
    # Two updates instead of joining: a large object is not copied.
    head = b"%b %d\0" % (kind.encode("ascii"), len(content))
    digest = sha1(head, usedforsecurity=False) if digits == 40 else sha256(head)
    digest.update(content)
    return digest.hexdigest()


def require_genuine(oid: str, kind: str, content: bytes) -> None:
    """Raise `NotGenuine` if `content` is not the object `oid`. 2 us for a commit with a record (measured)."""
    if object_id(kind, content, len(oid)) != oid:
        raise NotGenuine(oid, kind)
