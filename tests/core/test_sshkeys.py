"""Public keys: the kinds that are accepted, and those that are broken, weak or not canonical."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.sshkeys import CURVES, KEY_TYPES, read_public_key
from sox_hooks.core.sshwire import WireError, put_mpint, put_string
from tests.record.software_keys import KINDS, SoftwareKey, software_key

_P = 2**255 - 19


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read(kind):
    blob = software_key(kind).blob
    key = read_public_key(blob)
    assert (key.type, key.blob) == (kind, blob)
    assert key.hardware == kind.startswith("sk-")
    assert key.bits == (2048 if kind == "ssh-rsa" else 0)


def test_the_list_of_kinds_is_what_the_tests_cover():
    assert sorted(KINDS) == sorted(KEY_TYPES)


@pytest.mark.parametrize("kind", KINDS)
def test_cut_and_continued_keys_are_refused(kind):
    blob = software_key(kind).blob
    for length in range(len(blob)):
        with pytest.raises(WireError):
            read_public_key(blob[:length])
    with pytest.raises(WireError, match="after its end"):
        read_public_key(blob + b"\0")


def _ed25519(y: int, sign: int = 0) -> bytes:
    return put_string(b"ssh-ed25519") + put_string((y | sign << 255).to_bytes(32, "little"))


def _rsa(modulus: int, exponent: int = 65537) -> bytes:
    return put_string(b"ssh-rsa") + put_mpint(exponent) + put_mpint(modulus)


def _p256(point: bytes, name: bytes = b"nistp256", kind: bytes = b"ecdsa-sha2-nistp256") -> bytes:
    return put_string(kind) + put_string(name) + put_string(point)


_POINT = read_public_key(software_key("ecdsa-sha2-nistp256").blob).point
_MODULUS = (1 << 2047) + 12345  # odd, of 2048 bits; nobody factors it here

REFUSED = {
    "certificate": (put_string(b"ssh-ed25519-cert-v01@openssh.com") + put_string(b"x"), "certificate"),
    "dsa": (put_string(b"ssh-dss") + put_mpint(5), "DSA"),
    "ed448": (put_string(b"ssh-ed448") + put_string(b"x" * 57), "type"),
    "no type": (put_string(b""), "type"),
    "type with NUL": (put_string(b"ssh-ed25519\0") + put_string(b"x" * 32), "characters"),
    "short ed25519": (put_string(b"ssh-ed25519") + put_string(b"x" * 31), "32 bytes"),
    "long ed25519": (put_string(b"ssh-ed25519") + put_string(b"x" * 33), "32 bytes"),
    "ed25519 neutral element": (_ed25519(1), "everybody"),
    "ed25519 neutral element, other sign": (_ed25519(1, 1), "everybody"),
    "ed25519 of order two": (_ed25519(_P - 1), "everybody"),
    "ed25519 of order four": (_ed25519(0, 1), "everybody"),
    "ed25519 not canonical": (_ed25519(_P + 1), "everybody"),
    "rsa 2047": (_rsa((1 << 2046) + 1), "2048"),
    "rsa 1024": (_rsa((1 << 1023) + 1), "2048"),
    "rsa 16385": (_rsa((1 << 16384) + 1), "16384"),
    "rsa even": (_rsa(_MODULUS + 1), "RSA numbers"),
    "rsa exponent 1": (_rsa(_MODULUS, 1), "RSA numbers"),
    "rsa exponent even": (_rsa(_MODULUS, 65536), "RSA numbers"),
    "rsa exponent huge": (_rsa(_MODULUS, (1 << 64) + 1), "RSA numbers"),
    "rsa negative": (put_string(b"ssh-rsa") + put_mpint(3) + put_string(b"\xff" * 256), "shortest"),
    "rsa leading zero": (put_string(b"ssh-rsa") + put_string(b"\0\3") + put_mpint(_MODULUS), "shortest"),
    "curve of another": (_p256(_POINT, b"nistp384"), "curve"),
    "curve name with NUL": (_p256(_POINT, b"nistp256\0"), "characters"),
    "point compressed": (_p256(b"\x02" + _POINT[1:33]), "uncompressed"),
    "point hybrid": (_p256(b"\x06" + _POINT[1:]), "uncompressed"),
    "point at infinity": (_p256(b"\0"), "uncompressed"),
    "point off the curve": (_p256(_POINT[:-1] + bytes([_POINT[-1] ^ 1])), "on its curve"),
    "point beyond the field": (_p256(b"\x04" + b"\xff" * 64), "on its curve"),
    "security key of a website": (
        SoftwareKey("sk-ssh-ed25519@openssh.com", b"https://bank.example").blob,
        "application",
    ),
    "security key, NUL": (SoftwareKey("sk-ssh-ed25519@openssh.com", b"ssh:\0").blob, "characters"),
}


@pytest.mark.parametrize(("blob", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused(blob, reason):
    with pytest.raises(WireError, match=reason):
        read_public_key(blob)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("ecdsa")])
def test_the_curves_are_those_of_the_cryptography_library(kind):
    """Multiples of a random point all lie on the curve as written here; the order is right if (n - 1)P is -P."""
    curve = CURVES[kind]
    implementation = {32: ec.SECP256R1, 48: ec.SECP384R1, 66: ec.SECP521R1}[curve.size]()
    base = ec.derive_private_key(1, implementation).public_key().public_numbers()
    last = ec.derive_private_key(curve.n - 1, implementation).public_key().public_numbers()
    assert (last.x, last.y) == (base.x, curve.p - base.y)
    assert (base.y**2 - base.x**3 + 3 * base.x - curve.b) % curve.p == 0


def test_the_weak_ed25519_points_are_all_that_there_are():
    """Every y of small order, found by arithmetic: twice (y=0) is the point of order two, and so on."""
    d = -121665 * pow(121666, -1, _P) % _P
    # x^2 = (y^2 - 1) / (d y^2 + 1). A point of order eight doubles to one with y = 0: there x^2 = -y^2, so that
    # d y^4 + 2 y^2 - 1 = 0.
    root = pow(1 + d, (_P + 3) // 8, _P)
    if root * root % _P != (1 + d) % _P:
        root = root * pow(2, (_P - 1) // 4, _P) % _P
    assert root * root % _P == (1 + d) % _P
    weak = {0, 1, _P - 1}
    for square in ((-1 + root) * pow(d, -1, _P) % _P, (-1 - root) * pow(d, -1, _P) % _P):
        y = pow(square, (_P + 3) // 8, _P)
        if y * y % _P != square:
            y = y * pow(2, (_P - 1) // 4, _P) % _P
        if y * y % _P == square:
            weak |= {y, _P - y}
    assert len(weak) == 5
    for y in weak:
        for sign in (0, 1):
            with pytest.raises(WireError, match="everybody"):
                read_public_key(_ed25519(y, sign))


@given(st.data())
def test_changed_keys_are_read_canonically_or_refused(data):
    blob = bytearray(software_key(data.draw(st.sampled_from(KINDS))).blob)
    for _ in range(data.draw(st.integers(1, 3))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    try:
        key = read_public_key(bytes(blob))
    except WireError:
        return
    assert key.blob == blob
    assert key.type in KEY_TYPES
