"""The mathematics of `sshsig.verify`. The one module that imports `cryptography`; never on the hook path."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from sox_hooks.core import sshkeys
from sox_hooks.core.sshkeys import PublicKey, read_public_key
from sox_hooks.core.sshwire import put_string
from sox_hooks.record.sshsig import MAGIC, BadSignature, SshSignature, read_ecdsa

# (signature, the bytes that were signed); raises InvalidSignature
_Verifier = Callable[[SshSignature, bytes], None]

_HASHES = {"sha256": hashlib.sha256, "sha512": hashlib.sha512}
_CURVES: dict[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    sshkeys.ECDSA_256: (ec.SECP256R1(), hashes.SHA256()),
    sshkeys.ECDSA_384: (ec.SECP384R1(), hashes.SHA384()),
    sshkeys.ECDSA_521: (ec.SECP521R1(), hashes.SHA512()),
    sshkeys.SK_ECDSA: (ec.SECP256R1(), hashes.SHA256()),
}
_RSA_HASHES: dict[str, hashes.HashAlgorithm] = {"rsa-sha2-256": hashes.SHA256(), "rsa-sha2-512": hashes.SHA512()}


def check(signature: SshSignature, message: bytes) -> None:
    """Raise `BadSignature` unless the key in `signature` made it over `message`. Releases the GIL while it computes."""
    data = _prefix(signature.namespace, signature.hash_name) + _HASHES[signature.hash_name](message).digest()
    try:
        _verifier(signature.public_key)(signature, data)
    except InvalidSignature:
        raise BadSignature("it does not fit the message and the key") from None


@lru_cache(maxsize=64)
def _prefix(namespace: str, hash_name: str) -> bytes:
    """What precedes the digest in the signed bytes; the digest's own length is included."""
    length = _HASHES[hash_name]().digest_size.to_bytes(4, "big")
    return MAGIC + put_string(namespace.encode()) + put_string(b"") + put_string(hash_name.encode()) + length


@lru_cache(maxsize=1024)
def _verifier(blob: bytes) -> _Verifier:
    """How to check signatures of one key. Cached: making the key object costs half as much as a check."""
    key = read_public_key(blob)
    try:
        if key.type == sshkeys.RSA:
            return _rsa(key)
        plain = _ecdsa(key) if key.type in sshkeys.CURVES else _ed25519(key)
    except (ValueError, UnsupportedAlgorithm):  # for example a curve that a FIPS build of OpenSSL lacks
        raise BadSignature("its key cannot be used by the cryptography library of this machine") from None
    return _security_key(key, plain) if key.hardware else plain


def _ed25519(key: PublicKey) -> _Verifier:
    verify = Ed25519PublicKey.from_public_bytes(key.point).verify
    return lambda signature, data: verify(signature.signature, data)


def _ecdsa(key: PublicKey) -> _Verifier:
    curve, algorithm = _CURVES[key.type]
    public = ec.EllipticCurvePublicKey.from_encoded_point(curve, key.point)
    scheme, order = ec.ECDSA(algorithm), sshkeys.CURVES[key.type].n
    return lambda signature, data: public.verify(
        encode_dss_signature(*read_ecdsa(signature.signature, order)), data, scheme
    )


def _rsa(key: PublicKey) -> _Verifier:
    public = rsa.RSAPublicNumbers(key.exponent, key.modulus).public_key()
    scheme = padding.PKCS1v15()
    return lambda signature, data: public.verify(
        signature.signature, data, scheme, _RSA_HASHES[signature.signature_algorithm]
    )


def _security_key(key: PublicKey, plain: _Verifier) -> _Verifier:
    """OpenSSH's PROTOCOL.u2f, "SSH U2F signatures": the device signs a digest together with its flags and counter."""
    application = hashlib.sha256(key.application.encode()).digest()

    def verify(signature: SshSignature, data: bytes) -> None:
        # `parse` saw to it that a security key's signature has both.
        state = bytes([signature.flags or 0]) + (signature.counter or 0).to_bytes(4, "big")
        plain(signature, application + state + hashlib.sha256(data).digest())

    return verify
