"""The text of a diff, read by the counts that git gives, never by what a line looks like.

A file may contain `diff --git a/x b/x` or `@@ -1 +1 @@` as text. Inside a hunk only the counts of its `@@` line say
where it ends; outside, git writes nothing that comes from a file: names with line ends are quoted.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git.change import NO_MODE, Entry, MalformedDiff, entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What the patch digest is taken over: plain Myers (histogram and minimal changed their answers by git 2.55, Myers was
# the same for 15,806 commits in 2.34 to 2.55), one line of context, nothing that a configuration could choose.
PATCH_FLAGS = (
    "-p", "-U1", "--diff-algorithm=myers", "--no-indent-heuristic", "--inter-hunk-context=0", "--submodule=short",
    "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip

# How a line of a hunk begins.
UNCHANGED, REMOVED, ADDED, MARK = b" -+\\"

_TYPE = 0o170000  # S_IFMT
_EXTENDED = (b"--- ", b"+++ ", b"new file mode ", b"deleted file mode ", b"old mode ", b"new mode ")


class Section(Struct):
    """One `diff --git` section. A path that changes its type (file to symlink) has two: it goes, then it comes.

    hunks  lines with their first character and without their end; `\\` alone stands for "No newline at end of file"
    binary git shows no lines; the ids tell all
    heads  the `@@` line of each hunk, which says where it stands: `first_line`
    """

    old_mode: bytes
    new_mode: bytes
    old_oid: bytes
    new_oid: bytes
    binary: bool
    hunks: tuple[tuple[bytes, ...], ...]
    heads: tuple[bytes, ...] = ()


def first_line(head: bytes) -> int:
    """The number of a hunk's first line in the new file, of its `@@` line as `DiffReader` gives it."""
    return int(head.split(b" ", 3)[2][1:].partition(b",")[0])


class DiffReader:
    """`entries` of an output of `--raw -z` with `PATCH_FLAGS`, then, once, `sections()`.

    `blocks` is the output in pieces of any size; no more than one file's section is held. Raises `MalformedDiff`
    where the output breaks off or does not say for every entry what its sections must say.
    """

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._left = b""
        self._lines: list[bytes] = []
        self._at = 0
        self.entries: tuple[Entry, ...] = tuple(self._raw())

    def sections(self) -> Iterator[tuple[Entry, tuple[Section, ...]]]:
        """Every entry with its one or two sections, in the order of the entries."""
        for item in self.entries:
            yield item, tuple([self._section(item, *expected) for expected in _expected(item)])
        if self._peek() is not None:
            raise MalformedDiff("there is more of it than its entries say")

    def _raw(self) -> Iterator[Entry]:
        meta = b""
        while True:
            fields = self._left.split(b"\0")
            self._left = fields.pop()
            for number, field in enumerate(fields):
                if meta:
                    yield entry(meta, field)
                    meta = b""
                elif field:
                    meta = field
                else:  # the empty field between the entries and the text
                    self._left = b"\0".join([*fields[number + 1 :], self._left])
                    return
            block = next(self._blocks, None)
            if block is None:
                if self._left or meta:
                    raise MalformedDiff("it ends in the middle of an entry")
                return
            self._left += block

    def _peek(self) -> bytes | None:
        """The line to come; None at the end."""
        while self._at >= len(self._lines):
            block = next(self._blocks, None)
            if block is None and not self._left:
                return None
            lines = (self._left + (block or b"")).split(b"\n")
            self._left = lines.pop()
            if block is None and self._left:
                raise MalformedDiff("it ends in the middle of a line")
            self._lines, self._at = lines, 0
        return self._lines[self._at]

    def _section(self, item: Entry, old_mode: bytes, new_mode: bytes, old_oid: bytes, new_oid: bytes) -> Section:
        line = self._peek()
        if line is None or not line.startswith(b"diff --git "):
            raise MalformedDiff(f"no section for {printable(item.path, 200)}")
        self._at += 1
        index = b"index %b..%b" % (old_oid, new_oid)
        said = old_oid == new_oid  # a changed mode alone has no index line
        binary = False
        hunks: list[tuple[bytes, ...]] = []
        heads: list[bytes] = []
        while (line := self._peek()) is not None and not line.startswith(b"diff --git "):
            self._at += 1
            if line.startswith(b"@@ "):
                hunks.append(self._hunk(line))
                heads.append(line)
            elif line.startswith(b"index "):
                said = line in (index, b"%b %b" % (index, new_mode))
            elif line.startswith(b"Binary files "):
                binary = True
            elif not line.startswith(_EXTENDED):
                raise MalformedDiff(f"an unknown line: {printable(line, 200)}")
        if not said:
            raise MalformedDiff(f"a section of another file where {printable(item.path, 200)} should stand")
        return Section(old_mode, new_mode, old_oid, new_oid, binary, tuple(hunks), tuple(heads))

    def _hunk(self, header: bytes) -> tuple[bytes, ...]:
        old, new = _counts(header)
        taken: list[bytes] = []
        lines, at = self._lines, self._at  # this loop is where the time goes
        while old > 0 or new > 0:
            if at >= len(lines):
                self._at = at
                if self._peek() is None:
                    raise MalformedDiff("it ends in the middle of a hunk")
                lines, at = self._lines, self._at
            line = lines[at]
            at += 1
            kind = line[0] if line else 0
            if kind == ADDED:
                new -= 1
            elif kind == REMOVED:
                old -= 1
            elif kind == UNCHANGED:
                old -= 1
                new -= 1
            elif kind == MARK:
                line = b"\\"
            else:
                raise MalformedDiff(f"an unknown line in a hunk: {printable(line, 200)}")
            taken.append(line)
        self._at = at
        if old or new:
            raise MalformedDiff("a hunk with other lines than it announced")
        following = self._peek()
        if following is not None and following[:1] == b"\\":
            self._at += 1
            taken.append(b"\\")
        return tuple(taken)


def _expected(item: Entry) -> tuple[tuple[bytes, bytes, bytes, bytes], ...]:
    """Modes and ids of the sections that git writes for an entry."""
    old_mode, new_mode, old_oid, new_oid = item.old_mode, item.new_mode, item.old_oid, item.new_oid
    try:
        types = (int(old_mode, 8) ^ int(new_mode, 8)) & _TYPE
    except ValueError:
        raise MalformedDiff(f"not the modes of a file: {printable(old_mode + b' ' + new_mode, 40)}") from None
    if types and NO_MODE not in (old_mode, new_mode):
        nothing = b"0" * len(old_oid)
        return (old_mode, NO_MODE, old_oid, nothing), (NO_MODE, new_mode, nothing, new_oid)
    return ((old_mode, new_mode, old_oid, new_oid),)


def _counts(header: bytes) -> tuple[int, int]:
    """The numbers of old and new lines in `@@ -START[,COUNT] +START[,COUNT] @@...`."""
    parts = header.split(b" ", 4)
    if len(parts) >= 4 and parts[3] == b"@@":
        old, new = _count(parts[1], b"-"), _count(parts[2], b"+")
        if old >= 0 and new >= 0:
            return old, new
    raise MalformedDiff(f"an unknown hunk header: {printable(header, 200)}")


def _count(part: bytes, sign: bytes) -> int:
    """The count in `-START,COUNT`, 1 if there is none, -1 for anything else."""
    start, comma, count = part.partition(b",")
    if start[:1] != sign or not start[1:].isdigit():
        return -1
    if not comma:
        return 1
    return int(count) if count.isdigit() and len(count) < 10 else -1
