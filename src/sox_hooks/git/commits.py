"""Commits as they are stored, by a grammar stricter than git's.

git reads the first `tree`, accepts a second `gpgsig`, and ignores what it does not know; other implementations choose
the last (go-git did: CVE-2026-44309). A commit that two readers may read differently has no verdict here.
"""

from __future__ import annotations

from sox_hooks.core.errors import CannotVerify
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable

_HEX = b"0123456789abcdef"
_SIGNATURES = (b"gpgsig", b"gpgsig-sha256")
# At most one of each, and only where git writes it. mergetag may be there once for every merged tag.
_FIXED = (b"tree", b"parent", b"author", b"committer")
_ONCE = (b"encoding", *_SIGNATURES)
# What git strips from both ends of a name and an address (`crud` in ident.c; 2.39 strips dots too, 2.55 does not); "<",
# ">" and LF it strips anywhere.
_CRUD = bytes(range(33)) + b",:;<>\"\\'"
_SPACE = b" \t\n\r"  # git's own isspace (ctype.c)


class MalformedCommit(CannotVerify):
    """A commit object that git itself would not have written, and that tools may read in different ways."""

    def __init__(self, oid: str, problem: str) -> None:
        super().__init__(
            f"commit {printable(oid, 12)} is malformed: {problem}",
            where=oid,
            why="readers may disagree about what it says, so it gets no verdict",
            fix=f"git cat-file commit {printable(oid, 64)} | cat -A",
        )


class Ident(Struct):
    """`Name <mail> seconds zone` taken apart as git does (`split_ident_line` in ident.c).

    name     bytes before the first "<", without white space at their end
    email    bytes between the first "<" and the first ">" after it, as they stand
    seconds  since 1970, behind the last ">"; -1 where git would show no date
    zone     such as b"+0100", or b""
    exact    whether these are the very bytes that git would write for these four: nothing else stands in the line
    """

    name: bytes
    email: bytes
    seconds: int
    zone: bytes
    exact: bool


class RawCommit(Struct):
    """One commit object.

    author, committer  raw lines without their keyword, see `parse_ident`
    headers            all others, in order, unfolded: the lines of a value are joined by a line feed
    message            what follows the empty line, NULs and all
    """

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: bytes
    committer: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    message: bytes

    @property
    def author_name(self) -> bytes:
        return parse_ident(self.author).name

    @property
    def author_email(self) -> bytes:
        return email_of(self.author)

    @property
    def author_time(self) -> int:
        """Seconds since 1970; -1 if the line tells none."""
        return parse_ident(self.author).seconds

    @property
    def subject(self) -> bytes:
        """The first line of the message that is not blank."""
        return next((line for line in self.message.split(b"\n") if line.strip()), b"")

    def header(self, key: bytes) -> bytes | None:
        """The value of the first header of this name (`encoding`, `gpgsig`, ...)."""
        for name, value in self.headers:
            if name == key:
                return value
        return None


def parse_commit(oid: str, raw: bytes) -> RawCommit:
    """The commit `oid` (40 or 64 hex digits, as all ids inside it must be) from the content of its object.

    Raises `MalformedCommit` for anything but: one tree, any parents, one author, one committer, then other headers
    with at most one encoding and one signature a kind, the signatures last (git signs what stands before and after
    them, so anything behind was not there when git signed); no NUL and no line without `KEY SP VALUE` among them.
    """
    head, separator, message = raw.partition(b"\n\n")
    if not separator:  # git fsck: "Not having a body is not a crime"
        if not head.endswith(b"\n"):
            raise MalformedCommit(oid, "its headers have no end")
        head = head[:-1]
    if b"\0" in head:
        raise MalformedCommit(oid, "NUL among its headers")
    lines = head.split(b"\n")
    digits = len(oid)
    tree = _id_after(b"tree ", lines[0], digits)
    if not tree:
        raise MalformedCommit(oid, "it does not begin with a tree")
    parents: list[str] = []
    at = 1
    while at < len(lines) and lines[at][:7] == b"parent ":
        parent = _id_after(b"parent ", lines[at], digits)
        if not parent:
            raise MalformedCommit(oid, "a parent is no object id")
        parents.append(parent)
        at += 1
    if at >= len(lines) or lines[at][:7] != b"author ":
        raise MalformedCommit(oid, "it has no author where one must stand")
    if at + 1 >= len(lines) or lines[at + 1][:10] != b"committer ":
        raise MalformedCommit(oid, "it has no committer where one must stand")
    others = lines[at + 2 :]
    headers = _headers(oid, others) if others else ()
    return RawCommit(oid, tree, tuple(parents), lines[at][7:], lines[at + 1][10:], headers, message)


def parse_ident(line: bytes) -> Ident:
    """The parts of an author or committer line. Never fails: what is not there is empty."""
    before, less, after = line.partition(b"<")
    email, greater, _ = after.partition(b">")
    if not less or not greater:
        return Ident(b"", b"", -1, b"", False)
    name = before.rstrip(_SPACE)
    date = line[line.rfind(b">") + 1 :].strip(_SPACE)
    digits = date[: len(date) - len(date.lstrip(b"0123456789"))]
    rest = date[len(digits) :].lstrip(_SPACE)
    sign = rest[:1]
    offset = rest[1 : len(rest) - len(rest[1:].lstrip(b"0123456789"))]
    if not digits or sign not in (b"+", b"-") or not offset:
        return Ident(name, email, -1, b"", False)
    # Longer than any time that a 64-bit reader can hold: no date (and no quadratic conversion of a million digits).
    if len(digits) > 18:
        return Ident(name, email, -1, b"", False)
    zone = sign + offset
    seconds = int(digits)
    exact = (
        line == b"%b <%b> %d %b" % (name, email, seconds, zone) and len(zone) == 5 and _plain(name) and _plain(email)
    )
    return Ident(name, email, seconds, zone, exact)


def email_of(line: bytes) -> bytes:
    """The address alone, as `parse_ident` has it: what long ranges need of every commit."""
    _, less, after = line.partition(b"<")
    email, greater, _ = after.partition(b">")
    return email if less and greater else b""


def _plain(part: bytes) -> bool:
    return part.strip(_CRUD) == part and b"<" not in part and b">" not in part


def _id_after(keyword: bytes, line: bytes, digits: int) -> str:
    """The id in `keyword ID`, or "" if this is something else."""
    value = line[len(keyword) :]
    if line[: len(keyword)] != keyword or len(value) != digits or value.translate(None, _HEX):
        return ""
    return value.decode("ascii")


def _headers(oid: str, lines: list[bytes]) -> tuple[tuple[bytes, bytes], ...]:
    headers: list[tuple[bytes, list[bytes]]] = []
    seen: set[bytes] = set()
    for line in lines:
        if line[:1] == b" ":
            if not headers or headers[-1][0] == b"encoding":
                raise MalformedCommit(oid, "a header that takes one line is continued")
            headers[-1][1].append(line[1:])
            continue
        key, space, value = line.partition(b" ")
        if not space or not key:
            raise MalformedCommit(oid, "a header line has no value")
        if key in _FIXED or (key in _ONCE and key in seen):
            raise MalformedCommit(oid, f"{printable(key, 40)} stands where it must not, or twice")
        if key not in _SIGNATURES and not seen.isdisjoint(_SIGNATURES):
            raise MalformedCommit(oid, f"the header {printable(key, 40)} stands behind the signature")
        seen.add(key)
        headers.append((key, [value]))
    return tuple([(key, b"\n".join(parts)) for key, parts in headers])
