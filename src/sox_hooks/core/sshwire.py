"""SSH's wire format (RFC 4251 section 5), read strictly: what has more than one spelling is refused.

OpenSSH's own reader takes numbers with leading zeros, strings that end in NUL and base64 in any layout. A record that
could be written in two ways could also be changed without anybody noticing, so here every value has one form.
"""

from __future__ import annotations

from binascii import Error as BinasciiError
from binascii import a2b_base64, b2a_base64


class WireError(ValueError):
    """The bytes are not what the format says; the text is a short reason that holds nothing of the bytes."""


def put_string(value: bytes) -> bytes:
    """`string`: length (four bytes, big-endian), then the bytes."""
    return len(value).to_bytes(4, "big") + value


def put_mpint(value: int) -> bytes:
    """`mpint` of a number that is not negative."""
    return put_string(value.to_bytes((value.bit_length() + 8) // 8, "big") if value else b"")


def take_string(data: bytes, at: int) -> tuple[bytes, int]:
    """The `string` at offset `at`, and the offset behind it. Nothing is allocated for a length that lies."""
    start = at + 4
    end = start + int.from_bytes(data[at:start], "big")
    if start > len(data) or end > len(data):
        raise WireError("it is cut short")
    return data[start:end], end


def take_text(data: bytes, at: int) -> tuple[str, int]:
    """A `string` that is a name: visible ASCII only (so no NUL, which OpenSSH takes at the end)."""
    raw, end = take_string(data, at)
    if not raw.isascii() or not (text := raw.decode("ascii")).isprintable() or " " in text:
        raise WireError("a name in it holds characters that names cannot have")
    return text, end


def take_mpint(data: bytes, at: int) -> tuple[int, int]:
    """A positive `mpint` without leading zeros (a number in no more bytes than it needs)."""
    raw, end = take_string(data, at)
    value = int.from_bytes(raw, "big")
    if not value or raw[0] & 0x80 or put_mpint(value)[4:] != raw:
        raise WireError("a number in it is not positive or not in its shortest form")
    return value, end


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding, on one line."""
    return b2a_base64(data, newline=False).decode("ascii")


def decode_base64(text: str) -> bytes:
    """The inverse of `encode_base64`. Raises `WireError` for anything that it would not have written."""
    raw = text.encode("ascii", "replace")
    try:
        data = a2b_base64(raw)
    except BinasciiError:
        raise WireError("it is not base64") from None
    if b2a_base64(data, newline=False) != raw:
        raise WireError("its base64 is not in the one standard form")
    return data
