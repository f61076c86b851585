"""The trailers of a stored commit message, read strictly.

One reader for the whole tool, because git has several and they disagree: `%(trailers)` takes the last paragraph,
`interpret-trailers --parse` the part above a `---` line, and configuration (`trailer.*`, `core.commentChar`) changes
both. The rules here depend on nothing but the bytes of the commit object:

* A line ends at LF; a CR before it belongs to the line's end. A line is blank if it holds white space only (SP, TAB,
  CR). A NUL is a byte like any other.
* The *block* is the last paragraph: the non-blank lines after the last blank line that is followed by text. The first
  paragraph is the subject and never a block (as in git's trailer.c).
* A trailer is a line that begins with a key (ASCII letters, digits, `-`) and, directly after it, a `:`. Lines that
  follow it and begin with SP or TAB continue its value.
* Other lines of the block (prose, `(cherry picked from commit ...)`, what follows them indented) mean nothing.

Everything is linear in the size of the message.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What git's own isspace() knows (sane_ctype of its ctype.c): no vertical tab, no form feed.
WHITE = b" \t\r\n"
_WHITE_IN_LINE = b" \t\r"
_INDENT = (b" ", b"\t")
KEY_CHARS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"


class Trailer(Struct):
    """One trailer.

    key    as written; compare lower-cased
    value  the parts of its lines, each without surrounding white space, joined by one SP; bytes that are not UTF-8 are
           lone surrogates (`core.text.encode` gives them back)
    raw    the physical lines, joined by LF, without the end of the last
    """

    key: str
    value: str
    raw: bytes


class FoundTrailer(Trailer):
    """Something that looks like a trailer, wherever it stands. `in_block`: it is a trailer of the final block."""

    in_block: bool = False


def last_paragraph(message: bytes) -> tuple[int, int]:
    """Where the last paragraph begins and where its last character that is not white space ends (byte offsets)."""
    start, end, _ = _paragraph(message)
    return start, end


def parse_block(message: bytes) -> tuple[Trailer, ...]:
    """The trailers of the final block, in order. Empty if there is no block or no trailer in it."""
    return tuple([_trailer(key, group) for key, group in split_block(block_lines(message))])


def split_block(lines: Iterable[bytes]) -> list[tuple[bytes, list[bytes]]]:
    """The key and the physical lines of every trailer of a block that was split at LF already."""
    found: list[tuple[bytes, list[bytes]]] = []
    group: list[bytes] | None = None
    for line in lines:
        if line.startswith(_INDENT):
            if group is not None:
                group.append(line)
            continue
        group = None
        key = key_of(line)
        if key:
            group = [line]
            found.append((key, group))
    return found


def block_lines(message: bytes) -> list[bytes]:
    """The lines of the final block (split at LF, a CR still at their end); empty if there is only a subject."""
    start, _, lines = _paragraph(message)
    return lines if message[:start].strip(WHITE) else []


def all_trailers(message: bytes) -> Iterator[FoundTrailer]:
    """Every line that looks like a trailer, also indented or in the body: squash messages carry earlier trailers so.

    Those of the final block come with `in_block` set and exactly as `parse_block` gives them; of the others the value
    goes on over lines that are indented deeper and look like no trailer themselves. A line that continues a trailer of
    the block and looks like one is found a second time, with `in_block` not set.
    """
    start, _, lines = _paragraph(message)
    head = message[:start]
    if not head.strip(WHITE):
        yield from _loose(lines)
        return
    yield from _loose(head.split(b"\n"))
    for key, group in split_block(lines):
        yield _found(key, group, in_block=True)
    yield from _loose(line for line in lines if line.startswith(_INDENT))


def key_of(line: bytes) -> bytes:
    """The key that this line begins with, b"" if it begins no trailer."""
    colon = line.find(b":")
    if colon < 1:
        return b""
    key = line[:colon]
    return b"" if key.translate(None, KEY_CHARS) else key


def _paragraph(message: bytes) -> tuple[int, int, list[bytes]]:
    end = len(message.rstrip(WHITE))
    if not end:
        return 0, 0, []
    start = message.rfind(b"\n\n", 0, end)
    start = 0 if start < 0 else start + 2
    paragraph = message[start:end]
    lines = paragraph.split(b"\n")
    # Blank lines that are not empty (CRLF, stray spaces): rare, so one pass in C looks whether there are any.
    dense = paragraph.translate(None, _WHITE_IN_LINE)
    if b"\n\n" in dense or dense.startswith(b"\n"):
        begin = 0
        position = start
        for number, line in enumerate(lines, 1):
            position += len(line) + 1
            if not line.strip(WHITE):
                begin, start = number, position
        lines = lines[begin:]
    return start, end, lines


def _trailer(key: bytes, group: list[bytes]) -> Trailer:
    return Trailer(key.decode("ascii"), unfold(key, group), b"\n".join(group))


def unfold(key: bytes, group: list[bytes]) -> str:
    """The value of a trailer from its physical lines."""
    first = group[0].lstrip(WHITE)[len(key) + 1 :].strip(WHITE)
    if len(group) == 1:
        return decode(first)
    parts = [line.strip(WHITE) for line in group[1:]]
    return decode(b" ".join([first, *parts] if first else parts))


def _loose(lines: Iterable[bytes]) -> Iterator[FoundTrailer]:
    key = b""
    group: list[bytes] = []
    indent = 0
    for line in lines:
        text = line.lstrip(b" \t")
        depth = len(line) - len(text)
        found = key_of(text)
        if group and not found and depth > indent and text.strip(WHITE):
            group.append(line)
            continue
        if group:
            yield _found(key, group, in_block=False)
            group = []
        if found:
            key, group, indent = found, [line], depth
    if group:
        yield _found(key, group, in_block=False)


def _found(key: bytes, group: list[bytes], *, in_block: bool) -> FoundTrailer:
    return FoundTrailer(key.decode("ascii"), unfold(key, group), b"\n".join(group), in_block)
