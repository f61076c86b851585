"""What a commit changes: git's raw diff as values."""

from __future__ import annotations

from sox_hooks.core.errors import CannotVerify
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode, printable

# Every path with its full ids, whatever the configuration, the attributes and the `.gitmodules` of the tree say.
# Proven in tests/git/test_room_hostile.py; `-O` undoes diff.orderFile, `--ignore-submodules=none` undoes
# submodule.<name>.ignore, which a tree can set for everybody who clones it.
RAW_FLAGS = (
    "-r", "-z", "--raw", "--no-abbrev", "--full-index", "--no-renames", "--ignore-submodules=none", "--no-relative",
    "-O/dev/null", "--no-ext-diff", "--no-textconv", "--no-color",
)  # fmt: skip

NO_MODE = b"000000"
GITLINK = b"160000"


class MalformedDiff(CannotVerify):
    """Output of a diff that does not follow its own format, or names a path twice: trees that git would not write."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the diff cannot be read: {problem}", fix="git fsck")


class Entry(Struct):
    """One changed path: modes as six octal digits, ids in full; zeros where there is nothing on that side."""

    old_mode: bytes
    new_mode: bytes
    old_oid: bytes
    new_oid: bytes
    path: bytes


class Change(Struct):
    """What a commit with these parents changes: one side a parent, in order. A root has one side, against nothing."""

    parents: tuple[str, ...]
    sides: tuple[tuple[Entry, ...], ...]

    @property
    def empty(self) -> bool:
        """Whether nothing differs on any side."""
        return not any(self.sides)

    def touched(self) -> tuple[str, ...]:
        """The paths that are new work, sorted by their bytes.

        One parent: every path. A merge: the paths that differ from every parent; what equals one side came from there.
        """
        if not self.sides:
            return ()
        if len(self.sides) == 1 and len(self.sides[0]) == 1:  # most commits
            return (decode(self.sides[0][0].path),)
        paths = {entry.path for entry in self.sides[0]}
        for side in self.sides[1:]:
            paths &= {entry.path for entry in side}
        return tuple([decode(path) for path in sorted(paths)])


def parse_raw(raw: bytes) -> tuple[Entry, ...]:
    """The entries of `git diff-tree` or `git diff-index` with `RAW_FLAGS`. Raises `MalformedDiff`."""
    if not raw:
        return ()
    fields = raw.split(b"\0")
    if fields.pop() or len(fields) % 2:
        raise MalformedDiff("it ends in the middle of an entry")
    return tuple([entry(fields[at], fields[at + 1]) for at in range(0, len(fields), 2)])


def entry(meta: bytes, path: bytes) -> Entry:
    """One entry from `:MODE MODE ID ID STATUS` and its path. Raises `MalformedDiff`."""
    parts = meta.split(b" ")
    if (
        len(parts) != 5
        or len(parts[0]) != 7
        or meta[:1] != b":"
        or len(parts[1]) != 6
        or len(parts[4]) != 1
        or not path
    ):
        raise MalformedDiff(f"not an entry: {printable(meta, 200)}")
    return Entry(parts[0][1:], parts[1], parts[2], parts[3], path)
