"""Inputs that are nearly right: seeds that are cut, doubled, spliced and sprinkled with what parsers stumble over."""

from __future__ import annotations

from random import Random

# Bytes with a meaning somewhere: ends, separators, quotes, escapes, white space of all kinds, numbers at their limits.
PIECES = (
    b"\0", b"\n", b"\n\n", b"\r\n", b"\r", b"\t", b" ", b"\x0b", b"\x0c", b"\x1b[2J", b"\x7f", b"\x80", b"\xff",
    b"\xc2\x85", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\xed\xb2\x80", b"\xce\x91",
    b"\xf0\x9f\x92\xa9", b":", b"=", b".", b",", b";", b"-", b"+", b"@", b"#", b"!", b"*", b"**/", b"?", b"[", b"]",
    b"{", b"}", b"<", b">", b"\\", b"'", b'"', b'""', b"%", b"$(id)", b"0", b"-1", b"1e9", b"9" * 25, b"\0\0\0\0",
    b"\0\0\0\x01", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"true", b"null", b"NaN", b"inf", b"A" * 300, b" " * 300,
    b"\n " * 100, b"[" * 200,
)  # fmt: skip


def mutated(random: Random, seeds: tuple[bytes, ...], words: tuple[bytes, ...]) -> bytes:
    """One input. `words` are those of the format: keys, headers, markers."""
    raw = random.choice(seeds)
    for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3, 5, 8))):
        raw = _CHANGES[random.randrange(len(_CHANGES))](random, raw, seeds, words)
    return raw[:100_000]


def _flip(random: Random, raw: bytes, *_: object) -> bytes:
    if not raw:
        return raw
    at = random.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << random.randrange(8)]) + raw[at + 1 :]


def _piece(random: Random, raw: bytes, _: object, words: tuple[bytes, ...]) -> bytes:
    at = random.randint(0, len(raw))
    piece = random.choice(PIECES if random.random() < 0.6 or not words else words)
    return raw[:at] + piece + raw[at + random.choice((0, 0, 1, len(piece))) :]


def _cut(random: Random, raw: bytes, *_: object) -> bytes:
    at, end = sorted((random.randint(0, len(raw)), random.randint(0, len(raw))))
    return raw[:at] + raw[min(end, at + random.choice((1, 2, 8, 64, 1 << 20))) :]


def _double(random: Random, raw: bytes, *_: object) -> bytes:
    at, end = sorted((random.randint(0, len(raw)), random.randint(0, len(raw))))
    return raw[:end] + raw[at:end] + raw[end:]


def _splice(random: Random, raw: bytes, seeds: tuple[bytes, ...], _: object) -> bytes:
    other = random.choice(seeds)
    return raw[: random.randint(0, len(raw))] + other[random.randint(0, len(other)) :]


def _lines(random: Random, raw: bytes, *_: object) -> bytes:
    lines = raw.split(b"\n")
    at = random.randrange(len(lines))
    line = lines.pop(at)
    for _ in range(random.choice((0, 1, 2))):
        lines.insert(random.randint(0, len(lines)), line)
    return b"\n".join(lines)


def _case(random: Random, raw: bytes, *_: object) -> bytes:
    at = random.randint(0, len(raw))
    return raw[:at] + raw[at : at + 12].swapcase() + raw[at + 12 :]


def _front(random: Random, raw: bytes, *_: object) -> bytes:
    return raw[: random.randint(0, len(raw))]


_CHANGES = (_flip, _flip, _piece, _piece, _piece, _cut, _double, _splice, _lines, _lines, _case, _front)
