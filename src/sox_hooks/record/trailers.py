"""Our own trailers: their names, how they are spelled, and what only looks like them.

    AI-Assistance: assisted
    Assisted-by: claude-code@2.1.263:claude-opus-4-8
    Sox-Record: v1 2026-11-23T14:02:11Z
     policy=<tree id of .sox, hex>
     change=<base64url SHA-256>
     patch=<base64url SHA-256>
     log=<log id>.<index>.<hash>
    Sox-Signature:
     <base64, 70 columns a line>

Every physical line is at most 72 columns wide, because other commit linters count. Continued lines begin with one SP.
`Sox-Record` unfolds with one SP between its parts, `Sox-Signature` with none.
"""

from __future__ import annotations

from sox_hooks.core.text import decode, printable
from sox_hooks.core.trailers import WHITE, all_trailers

ASSISTANCE = "AI-Assistance"
ASSISTED_BY = "Assisted-by"
RECORD = "Sox-Record"
SIGNATURE = "Sox-Signature"
# What is replaced when a record is renewed. `Assisted-by` is not: people type it, too.
OWN_KEYS = frozenset((b"ai-assistance", b"sox-record", b"sox-signature"))

ELSEWHERE, LOOK_ALIKE = "elsewhere", "look-alike"

WIDTH = 72
_SIGNATURE_WIDTH = 70
_VALUE_WIDTH = WIDTH - len(ASSISTED_BY) - 2
_VALUE_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/:+-")
_REPORTED = 100


def is_own(key: bytes) -> bool:
    """Whether trailers with this lower-case key are ours to replace."""
    return key in OWN_KEYS


def assisted_by_value(tool: str, version: str = "", model: str = "", spelling: str = "tool") -> str:
    """The value of an `Assisted-by` line: `TOOL[@VERSION][:MODEL]`.

    What is not in `[A-Za-z0-9._/:+-]` becomes `-`; tool and version hold no `:` and no `/` either, so that the model
    begins at the first `:`. The whole is cut so that the line is at most 72 columns wide. The spelling `llm` is that of
    the Linux kernel since 7.3, which names no products: `LLM` (Documentation/process/coding-assistants.rst).
    """
    if spelling == "llm":
        return "LLM"
    value = _clean(tool, ":/")
    if version:
        value += "@" + _clean(version, ":/")
    if model:
        value += ":" + _clean(model, "")
    return value[:_VALUE_WIDTH]


def record_lines(version: str, moment: str, parameters: tuple[tuple[str, str], ...]) -> list[bytes]:
    """The lines of `Sox-Record`, one token a line. Raises `ValueError` for a token that is wider than a line."""
    lines = [f"{RECORD}: {version} {moment}"] + [f" {name}={value}" for name, value in parameters]
    for line in lines:
        if len(line) > WIDTH:
            raise ValueError(f"wider than {WIDTH} columns: {line}")
    return [line.encode("ascii") for line in lines]


def signature_lines(signature: bytes) -> list[bytes]:
    """The lines of `Sox-Signature` for the signature's bytes (the SSHSIG blob, not its armor)."""
    from binascii import b2a_base64

    body = b2a_base64(signature, newline=False)
    width = _SIGNATURE_WIDTH
    return [f"{SIGNATURE}:".encode(), *[b" " + body[at : at + width] for at in range(0, len(body), width)]]


def trailer(key: str, value: str) -> bytes:
    """One unfolded line."""
    return f"{key}: {value}".encode("utf-8", "surrogateescape")


def misplaced(message: bytes) -> tuple[tuple[str, str], ...]:
    """Trailers of ours where they mean nothing, and lines that a person could take for them.

    Pairs of `elsewhere` (in the body or indented: squash messages carry records of their sources so) or `look-alike`
    (a gap before the colon, letters of other scripts, invisible characters), and the line, safe to print. At most 100.
    """
    found: list[tuple[str, str]] = []
    for item in all_trailers(message):
        if not item.in_block and item.key.lower().encode() in OWN_KEYS:
            found.append((ELSEWHERE, printable(item.raw.split(b"\n", 1)[0].strip(WHITE), WIDTH)))
            if len(found) == _REPORTED:
                return tuple(found)
    found += look_alikes(message, ascii_too=True)
    return tuple(found[:_REPORTED])


def look_alikes(message: bytes, *, ascii_too: bool) -> tuple[tuple[str, str], ...]:
    """The `look-alike` part of `misplaced`; `ascii_too`: also in lines that are ASCII."""
    found: list[tuple[str, str]] = []
    for line in message.split(b"\n"):
        if (ascii_too or not line.isascii()) and looks_like_own(line.strip(WHITE)):
            found.append((LOOK_ALIKE, printable(line.strip(WHITE), WIDTH)))
            if len(found) == _REPORTED:
                break
    return tuple(found)


def looks_like_own(line: bytes) -> bool:
    """Whether this line (without indentation) looks as if it began with a key of ours, but does not.

    No table of look-alike letters is needed: in the place of a letter of the key any letter that is not ASCII is
    suspicious.
    """
    head = line[:80]
    key, colon, _ = head.partition(b":")
    if key.isascii() and colon:
        return key.rstrip(b" \t") != key and key.rstrip(b" \t").lower() in OWN_KEYS
    if head.isascii():
        return False
    import unicodedata

    text, colon_text, _ = unicodedata.normalize("NFKC", decode(head)).lower().partition(":")
    if not colon_text:
        return False
    letters = "".join([char for char in text if unicodedata.category(char) not in ("Cf", "Mn", "Zs")])
    return any(_resembles(letters, own.decode()) for own in OWN_KEYS)


def _resembles(text: str, key: str) -> bool:
    if text.encode("ascii", "ignore").decode() == key:
        return True
    if len(text) != len(key):
        return False
    same = sum([a == b for a, b in zip(text, key, strict=True)])
    return same * 2 >= len(key) and all(a == b or not a.isascii() for a, b in zip(text, key, strict=True))


def _clean(text: str, without: str) -> str:
    return "".join([char if char in _VALUE_CHARS and char not in without else "-" for char in text])
