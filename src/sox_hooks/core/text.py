"""Text that came from outside, made safe to print."""

from __future__ import annotations

# C0, DEL, C1, and the characters that reorder or hide text ("Trojan Source", CVE-2021-42574).
_HIDDEN = frozenset(
    [
        *range(0x00, 0x20), 0x7F, *range(0x80, 0xA0), 0x00AD, 0x061C, 0x180E, *range(0x200B, 0x2010),
        *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080),
    ]
)  # fmt: skip


def decode(raw: bytes) -> str:
    """Bytes from git as text; bytes that are not UTF-8 survive as lone surrogates and round-trip with `encode`."""
    return raw.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The inverse of `decode`."""
    return text.encode("utf-8", "surrogateescape")


def in_utf8(raw: bytes) -> bytes:
    """`raw` as it stands in a commit object if `i18n.commitEncoding` is UTF-8: git takes what is not UTF-8 for Latin-1.

    This goes for the whole object, so for the author's name and address, too (`verify_utf8` in commit.c of git 2.39.5).
    What counts as UTF-8 is stricter than Python's: not U+FDD0 to U+FDEF, nor the last two code points of a plane.
    """
    if raw.isascii():
        return raw
    return "".join([_repaired(char) for char in decode(raw)]).encode("utf-8")


def printable(value: bytes | str, limit: int = 0) -> str:
    r"""`value` with everything escaped that a terminal, a log viewer or a CI job log would interpret.

    >>> printable(b"caf\xc3\xa9\x1b[31m\xff")
    'café\\x1b[31m\\xff'
    >>> printable("Merge ##[stop-commands]x")
    'Merge #\\x23[stop-commands]x'
    """
    text = decode(value) if isinstance(value, bytes) else value
    if not text.isprintable() or not text.isascii():
        text = "".join([_escape(char) if _unsafe(char) else char for char in text])
    if "##" in text or "::" in text:
        text = _without_commands(text)
    if limit and len(text) > limit:
        text = text[: limit - 3] + "..."
    return text


def printable_lines(text: str) -> str:
    """A file's text line by line, safe to print; tabs become blanks."""
    return "".join([printable(line.expandtabs(4)) + "\n" for line in text.splitlines()])


def _without_commands(text: str) -> str:
    """Break what a CI runner takes from a job's log as a command: a commit's subject may hold one.

    GitHub's runner obeys `##[name]` anywhere in a line and `::name::` after leading blanks (actions/runner,
    ActionCommand.cs), Azure's agent `##vso[name]`, TeamCity `##teamcity[name`.
    """
    for command in ("##[", "##vso[", "##teamcity["):
        text = text.replace(command, "#\\x23" + command[2:])
    rest = text.lstrip(" ")
    if rest.startswith("::"):
        text = text[: len(text) - len(rest)] + "\\x3a" + rest[1:]
    return text


def _repaired(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8
        return chr(code - 0xDC00)
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return char.encode("utf-8").decode("latin-1")
    return char


def _unsafe(char: str) -> bool:
    code = ord(char)
    return code in _HIDDEN or 0xD800 <= code <= 0xDFFF or (code > 0x7F and not char.isprintable())


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8 (PEP 383)
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
