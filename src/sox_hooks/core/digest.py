"""SHA-256 and base64url without `hashlib` and `base64`, which cost a hook 3 and 6 ms of imports.

The C modules behind `hashlib` have other names in different Python versions; `hashlib` is the fall-back.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        from _sha2 import sha256  # Python 3.12+
    except ImportError:
        try:
            from _sha256 import sha256
        except ImportError:
            from hashlib import sha256

__all__ = ["b64url", "b64url_decode", "sha256", "sha256_hex"]


def sha256_hex(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256."""
    return sha256(data).hexdigest()


def b64url(data: bytes) -> str:
    """RFC 4648 section 5, without padding."""
    from binascii import b2a_base64  # a library of its own, which an agent's hook does not need

    return b2a_base64(data, newline=False).decode("ascii").rstrip("=").replace("+", "-").replace("/", "_")


def b64url_decode(text: str) -> bytes:
    """The inverse of `b64url`. Raises `ValueError` for anything that `b64url` would not have written."""
    from binascii import a2b_base64

    raw = text.replace("-", "+").replace("_", "/").encode("ascii", "replace")
    try:
        data = a2b_base64(raw + b"=" * (-len(raw) % 4))
    except ValueError as error:
        raise ValueError(f"not base64url: {text!r}") from error
    if b64url(data) != text:
        raise ValueError(f"not canonical base64url: {text!r}")
    return data
