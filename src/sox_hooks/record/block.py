"""The last trailer block of a message file: what is in it for git, and putting trailers into it."""

from __future__ import annotations

from sox_hooks.core.trailers import WHITE, block_lines, key_of, split_block
from sox_hooks.record.message import Layout, is_dropped
from sox_hooks.record.trailers import ASSISTANCE, ASSISTED_BY, RECORD, is_own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# What git itself writes into a trailer block: with one of these, prose may stand in it (trailer.c).
_GENERATED = (b"Signed-off-by: ", b"(cherry picked from commit ")
_INDENT = (b" ", b"\t")


def join_block(
    message: Layout,
    lines: Sequence[bytes],
    drop: Callable[[bytes], bool],
    replacement: bytes = b"",
    replaced: bytes = b"",
) -> bytes:
    """The message file with `lines` in its last trailer block; a new paragraph if git sees none.

    lines        physical lines without ends; trailers and their continuations
    drop         says of a lower-case key whether trailers of this name in the last paragraph are taken out
    replacement  a line that takes the place of the first trailer whose lower-case key is `replaced`; where there is
                 none, or it stands in a paragraph that is no trailer block to git, it comes before `lines`
    """
    paragraph, place = without(message, drop, replaced)
    joined = joins(message, paragraph)
    eol = message.eol
    head = list(message.lines[: message.block])
    new = [line + eol for line in lines]
    if replacement:
        if joined and place >= 0:
            paragraph.insert(place, replacement + eol)
        else:
            new.insert(0, replacement + eol)
    if message.block == message.end or not joined:
        new.insert(0, eol)
    before = head + paragraph
    if before and not before[-1].endswith(b"\n"):
        before[-1] += eol
    return b"".join(before + new + _closed_up(message))


def without(message: Layout, drop: Callable[[bytes], bool], marked: bytes = b"") -> tuple[list[bytes], int]:
    """The lines of the last paragraph without the trailers to drop, and where the first one named `marked` stood.

    The place is an index into the lines that are left, -1 if there was none. Comments stay.
    """
    kept: list[bytes] = []
    place = -1
    dropping = False
    dropped = message.dropped
    for line in message.lines[message.block : message.end]:
        if is_dropped(line, dropped):
            kept.append(line)
            continue
        if not line.startswith(_INDENT):
            key = key_of(line).lower()
            dropping = bool(key) and drop(key)
            if dropping and key == marked and place < 0:
                place = len(kept)
        if not dropping:
            kept.append(line)
    return kept, place


def retire(message: Layout, previous: bytes) -> Layout:
    """The message of an amended commit without the record that the commit had, where text was typed below it.

    `previous` is the stored message of the commit that is amended. Its record stands in the body then, where nobody
    would replace it. What goes are exactly its lines, from the paragraph that holds its `Sox-Record`.
    """
    stale, record = _record_of(previous)
    lines = message.lines
    kept: list[bytes] = []
    start = 0
    while record and start < message.block:
        end = start
        while end < message.block and lines[end].strip(WHITE):
            end += 1
        after = end
        while after < message.block and not lines[after].strip(WHITE):
            after += 1
        paragraph = lines[start:end]
        if record.issubset([line.rstrip(WHITE) for line in paragraph]):
            paragraph = tuple([line for line in paragraph if line.rstrip(WHITE) not in stale])
        kept += paragraph
        if paragraph or start == end:
            kept += lines[end:after]
        start = after
    return message.again(b"".join(kept) + b"".join(lines[start:])) if record else message


def _record_of(previous: bytes) -> tuple[set[bytes], set[bytes]]:
    """The lines of the record in this message, and those of its `Sox-Record` alone; empty if there is none."""
    stale: set[bytes] = set()
    record: set[bytes] = set()
    ours = False
    for key, group in split_block(block_lines(previous)):
        name = key.lower()
        lines = [line.rstrip(WHITE) for line in group]
        # `Assisted-by` is ours directly below AI-Assistance; elsewhere a person may have typed it.
        ours = name == ASSISTANCE.lower().encode() or (ours and name == ASSISTED_BY.lower().encode())
        if ours or is_own(name):
            stale.update(lines)
        if name == RECORD.lower().encode():
            record.update(lines)
    return stale, record


def joins(message: Layout, paragraph: list[bytes]) -> bool:
    """Whether new trailers go into this last paragraph (as `without` left it) and not below it."""
    dropped = message.dropped
    text = [line for line in paragraph if not is_dropped(line, dropped)]
    return not text or is_git_block(text, message.comment)


def is_git_block(lines: Sequence[bytes], comment: bytes = b"#") -> bool:
    """Whether git's readers take this last paragraph (not the subject) for a trailer block.

    All lines are trailers or continue one; or a line that git writes itself is among them and at least one line in four
    is a trailer (`find_trailer_start` of trailer.c). Continued lines of prose count as prose; comments do not count.
    Trailers named in the configuration (`trailer.<name>.key`), which git treats like its own, are not looked up.
    """
    trailers = others = 0
    generated = in_trailer = False
    for line in lines:
        if comment and line.startswith(comment):
            in_trailer = False
        elif line.startswith(_GENERATED):
            trailers += 1
            generated = in_trailer = True
        elif line.startswith(_INDENT):
            others += not in_trailer
        elif key_of(_without_gap(line)):
            trailers += 1
            in_trailer = True
        else:
            others += 1
            in_trailer = False
    if generated:
        return trailers * 3 >= others
    return trailers > 0 and not others


def _without_gap(line: bytes) -> bytes:
    # git allows white space between the key and the colon, our reader does not.
    key, colon, _ = line.partition(b":")
    return key.rstrip(b" \t") + colon


def _closed_up(message: Layout) -> list[bytes]:
    """What follows the text, without blank lines above the last comment."""
    tail = list(message.lines[message.end :])
    last = min(message.scissors + 1, len(message.lines)) - message.end
    while last > 0 and not tail[last - 1].strip(WHITE):
        last -= 1
    return [line for line in tail[:last] if line.strip(WHITE)] + tail[last:]
