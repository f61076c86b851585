"""SSH public keys: what a key blob holds, which kinds are accepted, and their fingerprints.

Formats: RFC 4253 section 6.6 (RSA), RFC 5656 section 3.1 (ECDSA), RFC 8709 (Ed25519), OpenSSH's PROTOCOL.u2f (the two
security-key kinds). No certificates, no DSA, no Ed448. The checks on the numbers are at least as strict as OpenSSH's,
so that a key accepted here is one that `ssh-keygen` accepts.
"""

from __future__ import annotations

from sox_hooks.core.digest import sha256
from sox_hooks.core.sshwire import WireError, encode_base64, take_mpint, take_string, take_text
from sox_hooks.core.struct import Struct

ED25519 = "ssh-ed25519"
RSA = "ssh-rsa"
ECDSA_256, ECDSA_384, ECDSA_521 = "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"
SK_ED25519 = "sk-ssh-ed25519@openssh.com"
SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"
KEY_TYPES = (ED25519, ECDSA_256, ECDSA_384, ECDSA_521, RSA, SK_ED25519, SK_ECDSA)

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 16384  # OpenSSH's limit for any number (SSHBUF_MAX_BIGNUM)
_MAX_EXPONENT = 1 << 64  # OpenSSL takes no longer one with a modulus above 3072 bits


class Curve(Struct):
    """A curve y^2 = x^3 - 3x + b over the integers mod p, of order n (FIPS 186-4, appendix D.1.2)."""

    name: str
    size: int  # bytes of a coordinate
    p: int
    b: int
    n: int


_P256 = Curve(
    "nistp256",
    32,
    2**256 - 2**224 + 2**192 + 2**96 - 1,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
)
CURVES = {
    ECDSA_256: _P256,
    SK_ECDSA: _P256,
    ECDSA_384: Curve(
        "nistp384",
        48,
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    ),
    ECDSA_521: Curve(
        "nistp521",
        66,
        2**521 - 1,
        int(
            "51953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E"
            "156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00",
            16,
        ),
        2**521 - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
    ),
}

# Ed25519: the field, and the y of the eight points whose order divides 8. With such a key, signatures that fit any
# message are easy to make, so its owner could disown everything (RFC 8032 leaves the check to the verifier).
_ED_P = 2**255 - 19
_ED_WEAK = (
    0,
    1,
    _ED_P - 1,
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
)


class PublicKey(Struct):
    """A public key. `point` is the Ed25519 key or the uncompressed EC point; `application` is that of a security key.

    type      one of `KEY_TYPES`
    blob      the whole key in wire format: what is listed, compared and fingerprinted
    """

    type: str
    blob: bytes
    point: bytes = b""
    modulus: int = 0
    exponent: int = 0
    application: str = ""

    @property
    def hardware(self) -> bool:
        """Whether the private half is in a security key."""
        return self.type.startswith("sk-")

    @property
    def bits(self) -> int:
        """Length of an RSA modulus in bits, 0 for other kinds."""
        return self.modulus.bit_length()


def read_public_key(blob: bytes) -> PublicKey:
    """Parse a key blob. Raises `WireError` for kinds that are not accepted and for anything not canonical."""
    key_type, at = take_text(blob, 0)
    point, modulus, exponent, application = b"", 0, 0, ""
    if key_type in (ED25519, SK_ED25519):
        point, at = take_string(blob, at)
        _check_ed25519(point)
    elif key_type in CURVES:
        curve = CURVES[key_type]
        name, at = take_text(blob, at)
        if name != curve.name:
            raise WireError("its curve is not the one that its type names")
        point, at = take_string(blob, at)
        _check_point(point, curve)
    elif key_type == RSA:
        exponent, at = take_mpint(blob, at)
        modulus, at = take_mpint(blob, at)
        _check_rsa(modulus, exponent)
    else:
        raise WireError(refusal_of_type(key_type))
    if key_type in (SK_ED25519, SK_ECDSA):
        application, at = take_text(blob, at)
        if not application.startswith("ssh:"):  # what ssh-keygen demands; other applications are websites
            raise WireError("it is a security key of another application than ssh")
    if at != len(blob):
        raise WireError("bytes follow after its end")
    return PublicKey(key_type, blob, point, modulus, exponent, application)


def refusal_of_type(key_type: str) -> str:
    """Why a key type is not accepted, in words that need not show it."""
    if "-cert-v" in key_type:
        return "it is a certificate; list the plain key"
    if key_type in ("ssh-dss", "ssh-dsa"):
        return "it is a DSA key, which is no longer safe"
    return "its type is not one that is accepted"


def fingerprint(blob: bytes) -> str:
    """As `ssh-keygen -lf` shows it: `SHA256:` and base64 without padding."""
    return "SHA256:" + encode_base64(sha256(blob).digest()).rstrip("=")


def _check_ed25519(point: bytes) -> None:
    if len(point) != 32:
        raise WireError("an Ed25519 key has 32 bytes")
    y = int.from_bytes(point, "little") & (2**255 - 1)
    if y >= _ED_P or y in _ED_WEAK:
        raise WireError("it is a key that signs for everybody")


def _check_point(point: bytes, curve: Curve) -> None:
    if len(point) != 2 * curve.size + 1 or point[0] != 4:
        raise WireError("its point is not an uncompressed one of its curve")
    x = int.from_bytes(point[1 : curve.size + 1], "big")
    y = int.from_bytes(point[curve.size + 1 :], "big")
    if x >= curve.p or y >= curve.p or (y * y - x * x * x + 3 * x - curve.b) % curve.p:
        raise WireError("its point is not on its curve")
    half = curve.n.bit_length() // 2  # the two sanity checks of OpenSSH's sshkey_ec_validate_public
    if min(x.bit_length(), y.bit_length()) <= half or max(x, y) >= curve.n - 1:
        raise WireError("its point is one that OpenSSH refuses")


def _check_rsa(modulus: int, exponent: int) -> None:
    if not MIN_RSA_BITS <= modulus.bit_length() <= MAX_RSA_BITS:
        raise WireError(f"an RSA key must have {MIN_RSA_BITS} to {MAX_RSA_BITS} bits")
    if modulus % 2 == 0 or exponent % 2 == 0 or not 3 <= exponent < _MAX_EXPONENT:
        raise WireError("its RSA numbers make no key")
