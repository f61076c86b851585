"""SSH signatures (OpenSSH's PROTOCOL.sshsig): one strict reader, the armor, and verification.

    blob        = "SSHSIG" | u32 1 | string public key | string namespace | string "" | string hash | string signature
    signature   = string algorithm | string value [| byte flags | u32 counter]     (the last two: security keys)

`ssh-keygen` 9.2 accepts more than that (measured): version 0, anything in the reserved field, which is not signed, a
NUL at the end of a name, text around the armor, base64 on one line. Here each of these is refused, so that a blob
that is accepted can be written in this one way only. What stays open: of an ECDSA signature (r, s) anybody can make
the equally good (r, n - s), so a signature must never be used as a unique name of what it signs.

Everything here may be called from several threads. The hook imports this module, so nothing heavy is imported before
`verify` is called.
"""

from __future__ import annotations

from sox_hooks.core import sshkeys
from sox_hooks.core.sshkeys import PublicKey, read_public_key
from sox_hooks.core.sshwire import WireError, decode_base64, encode_base64, take_mpint, take_string, take_text
from sox_hooks.core.struct import Struct

MAGIC = b"SSHSIG"
NAMESPACE = "sox-record"
HASHES = ("sha512", "sha256")
_VERSION = b"\x00\x00\x00\x01"
_START = MAGIC + _VERSION
_MAX_BLOB = 8192  # an RSA key of 16384 bits gives 4,300 bytes
_MAX_NAMESPACE = 255

_ALGORITHMS = {
    **{key_type: (key_type,) for key_type in sshkeys.KEY_TYPES},
    sshkeys.RSA: ("rsa-sha2-512", "rsa-sha2-256"),
}
_USER_PRESENT = 0x01

_HEADER = b"-----BEGIN SSH SIGNATURE-----\n"
_FOOTER = b"-----END SSH SIGNATURE-----\n"
_COLUMNS = 70  # as OpenSSH wraps it

# Keys that were read lately: a history has many signatures by few keys.
_keys: dict[bytes, PublicKey] = {}
_MAX_KEYS = 1024
# Signatures by those of them that are plain Ed25519, by all bytes of the blob but the last 64. These are the value: no
# length in front of it depends on it, so two blobs that are equal up to there differ in nothing else.
_read_before: dict[bytes, SshSignature] = {}
_ED25519_VALUE = 64


class BadSignature(Exception):
    """It is not a signature, or not one of this message. The text is a short reason, safe to print."""


class SshSignature(Struct):
    """What an SSHSIG blob holds. `signature` is the bare value: 64 bytes (Ed25519), `r` and `s` as two mpints (ECDSA),
    or as long as the modulus (RSA). `flags` and `counter` are those of a security key, else None.
    """

    public_key: bytes
    key_type: str
    namespace: str
    hash_name: str
    signature_algorithm: str
    signature: bytes
    flags: int | None = None
    counter: int | None = None

    @property
    def touched(self) -> bool | None:
        """Whether a person touched the security key (user presence); None for a key that cannot tell.

        Only true once `verify` has passed. `ssh-keygen -Y verify` does not look at it.
        """
        return None if self.flags is None else bool(self.flags & _USER_PRESENT)


def parse(blob: bytes) -> SshSignature:
    """Read a blob. Raises `BadSignature` for anything that is not exactly as the format says."""
    alike = _read_before.get(blob[:-_ED25519_VALUE])
    if alike is not None:
        return SshSignature(
            alike.public_key,
            alike.key_type,
            alike.namespace,
            alike.hash_name,
            alike.signature_algorithm,
            blob[-_ED25519_VALUE:],
            None,
            None,
        )
    if len(blob) > _MAX_BLOB:
        raise BadSignature("it is longer than any SSH signature")
    if blob[:10] != _START:
        raise BadSignature("it is not an SSH signature of version 1")
    try:
        key_blob, at = take_string(blob, 10)
        key = _read_key(key_blob)
        namespace, at = take_text(blob, at)
        if not namespace or len(namespace) > _MAX_NAMESPACE:
            raise WireError("its namespace is empty or too long")
        reserved, at = take_string(blob, at)
        if reserved:
            raise WireError("its reserved field, which is not signed, is not empty")
        hash_name, at = take_text(blob, at)
        if hash_name not in HASHES:
            raise WireError("its hash is neither sha512 nor sha256")
        field, at = take_string(blob, at)
        if at != len(blob):
            raise WireError("bytes follow after its end")
        signature = SshSignature(key_blob, key.type, namespace, hash_name, *_read_value(field, key))
    except WireError as error:
        raise BadSignature(str(error)) from None
    if key.type == sshkeys.ED25519:
        if len(_read_before) >= _MAX_KEYS:
            _read_before.clear()
        _read_before[blob[:-_ED25519_VALUE]] = signature
    return signature


def armor(blob: bytes) -> bytes:
    """The text form that `ssh-keygen` writes and reads."""
    text = encode_base64(blob).encode("ascii")
    lines = [text[at : at + _COLUMNS] + b"\n" for at in range(0, len(text), _COLUMNS)]
    return _HEADER + b"".join(lines) + _FOOTER


def dearmor(text: bytes) -> bytes:
    """The blob in an armored text. Raises `BadSignature` unless `armor` would have written exactly this text."""
    if not text.startswith(_HEADER) or not text.endswith(b"\n" + _FOOTER):
        raise BadSignature("it is not armored as ssh-keygen writes it")
    body = text[len(_HEADER) : -len(_FOOTER)].replace(b"\n", b"")
    try:
        blob = decode_base64(body.decode("ascii", "replace"))
    except WireError as error:
        raise BadSignature(str(error)) from None
    if armor(blob) != text:
        raise BadSignature("it is not armored as ssh-keygen writes it")
    return blob


def verify(signature: SshSignature, message: bytes, namespace: str = NAMESPACE) -> None:
    """Check that the key in `signature` signed `message` for `namespace`.

    Says nothing about whose key that is. Raises `BadSignature`.
    """
    from sox_hooks.record.verifiers import check

    if signature.namespace != namespace:
        raise BadSignature("it was made for another purpose (its namespace is not the one expected)")
    check(signature, message)


def _read_key(blob: bytes) -> PublicKey:
    key = _keys.get(blob)
    if key is None:
        try:
            key = read_public_key(blob)
        except WireError as error:
            raise WireError(f"its public key is not usable: {error}") from None
        if len(_keys) >= _MAX_KEYS:
            _keys.clear()
        _keys[blob] = key
    return key


def _read_value(field: bytes, key: PublicKey) -> tuple[str, bytes, int | None, int | None]:
    """The inner signature field: algorithm, value, flags, counter."""
    algorithm, at = take_text(field, 0)
    if algorithm not in _ALGORITHMS[key.type]:
        raise WireError("its algorithm does not fit its key")
    value, at = take_string(field, at)
    flags: int | None = None
    counter: int | None = None
    if key.hardware:
        if len(field) != at + 5:
            raise WireError("the flags and the counter of its security key are not five bytes")
        flags, counter = field[at], int.from_bytes(field[at + 1 :], "big")
    elif at != len(field):
        raise WireError("bytes follow after its inner end")
    if key.type in sshkeys.CURVES:
        read_ecdsa(value, sshkeys.CURVES[key.type].n)
    elif len(value) != ((key.bits + 7) // 8 if key.type == sshkeys.RSA else 64):
        raise WireError("its length is not that of its algorithm")
    return algorithm, value, flags, counter


def read_ecdsa(value: bytes, order: int) -> tuple[int, int]:
    """The two numbers of an ECDSA signature. Raises `WireError`."""
    r, at = take_mpint(value, 0)
    s, at = take_mpint(value, at)
    if at != len(value) or max(r, s) >= order:
        raise WireError("its two numbers are not those of its curve")
    return r, s
