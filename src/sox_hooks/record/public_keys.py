"""Public keys as people keep them: lines, `.pub` files, and the readable half of a private key file."""

from __future__ import annotations

from sox_hooks.core.sshkeys import KEY_TYPES, PublicKey, fingerprint, read_public_key, refusal_of_type
from sox_hooks.core.sshwire import WireError, decode_base64, encode_base64, take_string
from sox_hooks.core.struct import Struct

__all__ = ["PublicKeyLine", "fingerprint", "parse_file", "parse_line", "read_private_file"]

_PRIVATE_BEGIN = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_PRIVATE_END = b"-----END OPENSSH PRIVATE KEY-----"
_PRIVATE_MAGIC = b"openssh-key-v1\x00"


class PublicKeyLine(Struct):
    """`keytype base64 [comment]`."""

    key: PublicKey
    comment: str = ""

    def __str__(self) -> str:
        return f"{self.key.type} {encode_base64(self.key.blob)} {self.comment}".rstrip()


def parse_line(line: str) -> PublicKeyLine:
    """Read one line. Fields are parted by spaces or tabs; options may not precede them. Raises `WireError`."""
    if not line.replace("\t", " ").isprintable():
        raise WireError("it holds control characters")
    fields = line.split(None, 2)
    if len(fields) < 2 or fields[0] not in KEY_TYPES:
        raise WireError(refusal_of_type(fields[0]) if len(fields) > 1 else "it is not `keytype base64 [comment]`")
    key = read_public_key(decode_base64(fields[1]))
    if key.type != fields[0]:
        raise WireError("the key inside is of another type than the line says")
    return PublicKeyLine(key, fields[2].strip() if len(fields) > 2 else "")


def parse_file(data: bytes) -> PublicKeyLine:
    """Read a `.pub` file: one key; empty lines and `#` lines may stand around it. Raises `WireError`."""
    try:
        lines = [line.strip(" \t\r") for line in data.decode("utf-8").split("\n")]
    except UnicodeDecodeError:
        raise WireError("it is not UTF-8 text") from None
    keys = [line for line in lines if line and not line.startswith("#")]
    if len(keys) != 1:
        raise WireError("it does not hold exactly one public key")
    return parse_line(keys[0])


def read_private_file(data: bytes) -> PublicKey | None:
    """The public key that OpenSSH's private key format holds in the clear (PROTOCOL.key), whatever encrypts the rest.

    None if the file is of another format (PEM). Raises `WireError` for a broken one.
    """
    if not data.startswith(_PRIVATE_BEGIN):
        return None
    body = data[len(_PRIVATE_BEGIN) :].partition(_PRIVATE_END)[0]
    raw = decode_base64(b"".join(body.split()).decode("ascii", "replace"))
    if not raw.startswith(_PRIVATE_MAGIC):
        raise WireError("it is not a private key of OpenSSH's format")
    at = len(_PRIVATE_MAGIC)
    for _ in ("cipher", "key derivation", "its options"):
        _, at = take_string(raw, at)
    if raw[at : at + 4] != b"\x00\x00\x00\x01":
        raise WireError("it does not hold exactly one key")
    blob, _ = take_string(raw, at + 4)
    return read_public_key(blob)
