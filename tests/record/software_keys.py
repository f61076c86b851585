"""SSH keys and SSHSIG blobs made with `cryptography` from the specifications, good and deliberately bad ones.

Security keys included: the device's part (flags, counter, hash of the application) is done here in software, which is
what `ssh-keygen -Y verify` checks too, without any hardware.
"""

from __future__ import annotations

import hashlib
import subprocess
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sox_hooks.core.sshwire import encode_base64, put_mpint, put_string

KINDS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)
_CURVES = {
    "nistp256": (ec.SECP256R1(), hashes.SHA256()),
    "nistp384": (ec.SECP384R1(), hashes.SHA384()),
    "nistp521": (ec.SECP521R1(), hashes.SHA512()),
}


class SoftwareKey:
    """A key pair; the same for the same arguments in every run (but for RSA), so that test ids and failures repeat."""

    def __init__(self, kind: str, application: bytes = b"ssh:", number: int = 0) -> None:
        seed = hashlib.sha256(f"{kind} {number}".encode()).digest()
        self.kind = kind
        self.application = application
        self.sk = kind.startswith("sk-")
        self.curve = kind.split("@")[0].rpartition("-")[2] if "ecdsa" in kind else ""
        if self.curve:
            self.private = ec.derive_private_key(int.from_bytes(seed, "big") >> 1, _CURVES[self.curve][0])
            point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            body = put_string(self.curve.encode()) + put_string(point)
        elif kind == "ssh-rsa":
            self.private = rsa.generate_private_key(65537, 2048)
            numbers = self.private.public_key().public_numbers()
            body = put_mpint(numbers.e) + put_mpint(numbers.n)
        else:
            self.private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
            body = put_string(self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        self.blob = put_string(kind.encode()) + body + (put_string(application) if self.sk else b"")
        self.line = f"{kind} {encode_base64(self.blob)}"

    def field(self, data: bytes, *, flags: int = 1, counter: int = 7, algorithm: str = "") -> bytes:
        """The inner signature field over `data`."""
        tail = b""
        if self.sk:
            tail = bytes([flags]) + counter.to_bytes(4, "big")
            data = hashlib.sha256(self.application).digest() + tail + hashlib.sha256(data).digest()
        if self.curve:
            algorithm = algorithm or self.kind
            r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(_CURVES[self.curve][1])))
            value = put_mpint(r) + put_mpint(s)
        elif self.kind == "ssh-rsa":
            algorithm = algorithm or "rsa-sha2-512"
            used = {"rsa-sha2-512": hashes.SHA512(), "rsa-sha2-256": hashes.SHA256(), "ssh-rsa": hashes.SHA1()}  # noqa: S303
            value = self.private.sign(data, padding.PKCS1v15(), used[algorithm])
        else:
            algorithm = algorithm or self.kind
            value = self.private.sign(data)
        return put_string(algorithm.encode()) + put_string(value) + tail


@cache
def software_key(kind: str, number: int = 0) -> SoftwareKey:
    """One key of a kind for the whole test run (`number` tells several apart)."""
    return SoftwareKey(kind, number=number)


def signed_bytes(message: bytes, namespace: bytes = b"sox-record", hash_name: bytes = b"sha512") -> bytes:
    name = hash_name.rstrip(b"\0").decode()
    digest = hashlib.new(name, message).digest(32) if name == "shake_128" else hashlib.new(name, message).digest()
    return b"SSHSIG" + put_string(namespace) + put_string(b"") + put_string(hash_name) + put_string(digest)


def sshsig(
    key: SoftwareKey,
    message: bytes,
    *,
    magic: bytes = b"SSHSIG",
    version: int = 1,
    namespace: bytes = b"sox-record",
    reserved: bytes = b"",
    hash_name: bytes = b"sha512",
    signed_as: tuple[bytes, bytes] | None = None,
    public: bytes | None = None,
    field: bytes | None = None,
    tail: bytes = b"",
    **options,
) -> bytes:
    """A blob, good unless told otherwise. `signed_as` = namespace and hash name in the signed bytes."""
    data = signed_bytes(message, *(signed_as or (namespace, hash_name)))
    return (
        magic
        + version.to_bytes(4, "big")
        + put_string(key.blob if public is None else public)
        + put_string(namespace)
        + put_string(reserved)
        + put_string(hash_name)
        + put_string(key.field(data, **options) if field is None else field)
        + tail
    )


class Oracle:
    """What stock `ssh-keygen` says."""

    def __init__(self, folder: Path) -> None:
        self.signers = folder / "signers"
        self.signature = folder / "signature"

    def verify(
        self, armored: bytes, message: bytes, signers: str, who: str, *options: str, namespace: str = "sox-record"
    ) -> bool:
        self.signature.write_bytes(armored)
        self.signers.write_text(signers)
        argv = ["ssh-keygen", "-q", "-Y", "verify", "-f", self.signers, "-I", who, "-n", namespace]
        done = subprocess.run(
            [*argv, "-s", self.signature, *options], input=message, capture_output=True, check=False, timeout=30
        )
        assert done.returncode in (0, 255), done
        return done.returncode == 0

    def principals(self, armored: bytes, signers: str | bytes, moment: str = "") -> list[str]:
        self.signature.write_bytes(armored)
        self.signers.write_bytes(signers.encode() if isinstance(signers, str) else signers)
        argv = ["ssh-keygen", "-Y", "find-principals", "-f", self.signers, "-s", self.signature]
        if moment:
            argv += ["-O", f"verify-time={moment}"]
        done = subprocess.run(argv, capture_output=True, check=False, timeout=30)
        return done.stdout.decode().split() if done.returncode == 0 else []
