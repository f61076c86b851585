"""The strict reader of SSH signatures: good blobs of every kind, and every bad one that others have accepted."""

from __future__ import annotations

import hashlib
import threading
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.sshkeys import CURVES
from sox_hooks.core.sshwire import put_mpint, put_string
from sox_hooks.record import sshsig as reader
from sox_hooks.record.sshsig import BadSignature, armor, dearmor, parse, verify
from sox_hooks.record.sshsig import read_ecdsa as numbers_of
from tests.record.software_keys import KINDS, signed_bytes, software_key, sshsig

MESSAGE = b"DSSEv1 28 application/vnd.in-toto+json 2 {}"
ED, RSA, P256 = "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"
SK_ED, SK_EC = "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"


@pytest.mark.parametrize("hash_name", ["sha512", "sha256"])
@pytest.mark.parametrize("kind", KINDS)
def test_good_signatures_of_every_kind(kind, hash_name):
    key = software_key(kind)
    signature = parse(sshsig(key, MESSAGE, hash_name=hash_name.encode()))
    assert (signature.key_type, signature.public_key) == (kind, key.blob)
    assert (signature.namespace, signature.hash_name) == ("sox-record", hash_name)
    assert signature.signature_algorithm == ("rsa-sha2-512" if kind == RSA else kind)
    assert (signature.flags, signature.counter) == ((1, 7) if key.sk else (None, None))
    assert signature.touched is (True if key.sk else None)
    verify(signature, MESSAGE)


def test_rsa_with_the_shorter_hash():
    signature = parse(sshsig(software_key(RSA), MESSAGE, algorithm="rsa-sha2-256"))
    assert signature.signature_algorithm == "rsa-sha2-256"
    verify(signature, MESSAGE)


@pytest.mark.parametrize("kind", KINDS)
def test_another_message_namespace_or_key_does_not_verify(kind):
    key, other = software_key(kind), software_key(kind, 1)
    good = parse(sshsig(key, MESSAGE))
    for message in (MESSAGE + b"\n", MESSAGE[:-1], b"", b"x" * 100_000):
        with pytest.raises(BadSignature, match="does not fit"):
            verify(good, message)
    with pytest.raises(BadSignature, match="another purpose"):
        verify(good, MESSAGE, "git")
    with pytest.raises(BadSignature, match="does not fit"):
        verify(parse(sshsig(key, MESSAGE, public=other.blob)), MESSAGE)
    with pytest.raises(BadSignature, match="does not fit"):  # made for git, relabelled
        verify(parse(sshsig(key, MESSAGE, signed_as=(b"git", b"sha512"))), MESSAGE)


def test_a_git_signature_is_no_record():
    with pytest.raises(BadSignature, match="another purpose"):
        verify(parse(sshsig(software_key(ED), MESSAGE, namespace=b"git")), MESSAGE)


@pytest.mark.parametrize("kind", [SK_ED, SK_EC])
@pytest.mark.parametrize(("flags", "touched"), [(0, False), (1, True), (4, False), (5, True)])
def test_security_keys_tell_whether_they_were_touched(kind, flags, touched):
    signature = parse(sshsig(software_key(kind), MESSAGE, flags=flags, counter=0xFFFFFFFF))
    verify(signature, MESSAGE)
    assert (signature.touched, signature.counter) == (touched, 0xFFFFFFFF)


@pytest.mark.parametrize("kind", [SK_ED, SK_EC])
def test_flags_and_counter_are_signed(kind):
    """Nobody can add the touch afterwards, nor turn the counter back."""
    blob = sshsig(software_key(kind), MESSAGE, flags=0, counter=9)
    for changed in (blob[:-5] + b"\x01" + blob[-4:], blob[:-1] + b"\x08"):
        with pytest.raises(BadSignature, match="does not fit"):
            verify(parse(changed), MESSAGE)


_KEY = software_key(ED)
_FIELD = _KEY.field(signed_bytes(MESSAGE))
_ED_VALUE = _FIELD[-64:]
_R, _S = numbers_of(parse(sshsig(software_key(P256), MESSAGE)).signature, CURVES[P256].n)


def _ed(**how) -> bytes:
    return sshsig(_KEY, MESSAGE, **how)


def _inner(algorithm: bytes, value: bytes, tail: bytes = b"", kind: str = ED) -> bytes:
    return sshsig(software_key(kind), MESSAGE, field=put_string(algorithm) + put_string(value) + tail)


def _ec(value: bytes) -> bytes:
    return _inner(P256.encode(), value, kind=P256)


BAD = {
    "empty": (b"", "version 1"),
    "magic": (_ed(magic=b"SSHSIg"), "version 1"),
    "magic with NUL": (_ed(magic=b"SSHSIG\0"), "version 1"),
    "version 0": (_ed(version=0), "version 1"),
    "version 2": (_ed(version=2), "version 1"),
    "version huge": (_ed(version=0xFFFFFFFF), "version 1"),
    "reserved": (_ed(reserved=b"x"), "reserved"),
    "reserved NUL": (_ed(reserved=b"\0"), "reserved"),
    "namespace empty": (_ed(namespace=b""), "namespace"),
    "namespace with NUL": (_ed(namespace=b"sox-record\0", signed_as=(b"sox-record", b"sha512")), "characters"),
    "namespace with a NUL inside": (_ed(namespace=b"sox\0record"), "characters"),
    "namespace with a line end": (_ed(namespace=b"sox-record\n"), "characters"),
    "namespace too long": (_ed(namespace=b"n" * 256), "namespace"),
    "hash sha1": (_ed(hash_name=b"sha1"), "sha512"),
    "hash md5": (_ed(hash_name=b"md5"), "sha512"),
    "hash sha384": (_ed(hash_name=b"sha384"), "sha512"),
    "hash shake_128": (_ed(hash_name=b"shake_128"), "sha512"),
    "hash in capitals": (_ed(hash_name=b"SHA512", signed_as=(b"sox-record", b"sha512")), "sha512"),
    "hash with NUL": (_ed(hash_name=b"sha512\0", signed_as=(b"sox-record", b"sha512")), "characters"),
    "hash empty": (_ed(hash_name=b"", signed_as=(b"sox-record", b"sha512")), "sha512"),
    "hash a list": (_ed(hash_name=b"sha512,sha256", signed_as=(b"sox-record", b"sha512")), "sha512"),
    "a byte after the blob": (_ed(tail=b"\0"), "after its end"),
    "a line end after the blob": (_ed(tail=b"\n"), "after its end"),
    "two blobs": (_ed() * 2, "after its end"),
    "a byte after the inner signature": (_ed(field=_FIELD + b"\0"), "inner end"),
    "a byte after the public key": (_ed(public=_KEY.blob + b"\0"), "after its end"),
    "length 0xffffffff": (b"SSHSIG\0\0\0\1" + b"\xff" * 4 + _KEY.blob, "cut short"),
    "inner length 0xffffffff": (_ed(field=put_string(ED.encode()) + b"\xff" * 4), "cut short"),
    "longer than any": (_ed(tail=b"\0" * 8192), "longer"),
    "public key: certificate": (_ed(public=put_string(b"ssh-ed25519-cert-v01@openssh.com")), "certificate"),
    "public key: weak": (_ed(public=put_string(b"ssh-ed25519") + put_string(b"\1" + b"\0" * 31)), "everybody"),
    "algorithm of another kind": (_inner(b"rsa-sha2-512", _ED_VALUE), "fit its key"),
    "algorithm with NUL": (_inner(b"ssh-ed25519\0", _ED_VALUE), "characters"),
    "ed25519 short": (_inner(b"ssh-ed25519", _ED_VALUE[:-1]), "length"),
    "ed25519 long": (_inner(b"ssh-ed25519", _ED_VALUE + b"\0"), "length"),
    "ed25519 with a security key's tail": (_inner(b"ssh-ed25519", _ED_VALUE, b"\1\0\0\0\7"), "inner end"),
    "rsa with sha1": (sshsig(software_key(RSA), MESSAGE, algorithm="ssh-rsa"), "fit its key"),
    "rsa short": (_inner(b"rsa-sha2-512", b"x" * 255, kind=RSA), "length"),
    "rsa long": (_inner(b"rsa-sha2-512", b"\0" + b"x" * 256, kind=RSA), "length"),
    "ecdsa of another curve": (_inner(b"ecdsa-sha2-nistp384", b"", kind=P256), "fit its key"),
    "ecdsa zero": (_ec(put_mpint(0) + put_mpint(_S)), "shortest"),
    "ecdsa negative": (_ec(put_string(b"\xff") + put_mpint(_S)), "shortest"),
    "ecdsa leading zero": (_ec(put_mpint(_R) + put_string(b"\0" + put_mpint(_S)[4:])), "shortest"),
    "ecdsa plus order": (_ec(put_mpint(_R) + put_mpint(_S + CURVES[P256].n)), "of its curve"),
    "ecdsa huge": (_ec(put_mpint(2**4000) + put_mpint(_S)), "of its curve"),
    "ecdsa three numbers": (_ec(put_mpint(_R) + put_mpint(_S) + put_mpint(1)), "of its curve"),
    "ecdsa as DER": (_ec(b"\x30\x06\x02\x01\x01\x02\x01\x01"), "cut short"),
    "security key without flags": (_inner(SK_ED.encode(), _ED_VALUE, kind=SK_ED), "five bytes"),
    "security key without counter": (_inner(SK_ED.encode(), _ED_VALUE, b"\1", kind=SK_ED), "five bytes"),
    "security key with more": (_inner(SK_ED.encode(), _ED_VALUE, b"\1\0\0\0\7\0", kind=SK_ED), "five bytes"),
    "security key as plain": (_inner(b"ssh-ed25519", _ED_VALUE, b"\1\0\0\0\7", kind=SK_ED), "fit its key"),
    "webauthn": (
        _inner(b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com", b"", b"\1\0\0\0\7", kind=SK_EC),
        "fit its key",
    ),
}


@pytest.mark.parametrize(("blob", "reason"), BAD.values(), ids=BAD)
def test_bad_blobs_are_refused_when_read(blob, reason):
    with pytest.raises(BadSignature, match=reason) as caught:
        parse(blob)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("kind", KINDS)
def test_every_cut_is_refused(kind):
    blob = sshsig(software_key(kind), MESSAGE)
    for length in range(len(blob)):
        with pytest.raises(BadSignature):
            parse(blob[:length])


def test_a_signature_by_a_key_that_signs_for_everybody_is_refused():
    """With the neutral element as key, R = S*B fits every message: take S = 0, R = the neutral element."""
    neutral = b"\1" + b"\0" * 31
    public = put_string(b"ssh-ed25519") + put_string(neutral)
    field = put_string(b"ssh-ed25519") + put_string(neutral + b"\0" * 32)
    with pytest.raises(BadSignature, match="everybody"):
        parse(sshsig(_KEY, b"any message", public=public, field=field))


def test_ed25519_with_a_value_beyond_the_order_is_refused():
    """RFC 8032 section 5.1.7: S must be below the order, else there are two signatures for one."""
    order = 2**252 + 27742317777372353535851937790883648493
    bigger = int.from_bytes(_ED_VALUE[32:], "little") + order
    blob = _inner(b"ssh-ed25519", _ED_VALUE[:32] + bigger.to_bytes(32, "little"))
    with pytest.raises(BadSignature, match="does not fit"):
        verify(parse(blob), MESSAGE)


# ---------------------------------------------------------------- armor

GOOD = armor(_ed())
LINES = GOOD.split(b"\n")


def test_armor_is_read_back():
    assert dearmor(GOOD) == _ed()
    assert max(map(len, LINES)) == 70


@given(st.binary(max_size=300))
def test_armor_has_one_form(blob):
    text = armor(blob)
    assert dearmor(text) == blob
    for other in (text[:-1], text + b"\n", b"\n" + text, text.replace(b"\n", b"\r\n"), text.replace(b"-\n", b"-\n\n")):
        with pytest.raises(BadSignature):
            dearmor(other)


BAD_ARMOR = {
    "empty": b"",
    "no header": GOOD.partition(b"\n")[2],
    "no footer": GOOD.rpartition(b"-----END")[0],
    "text after the footer": GOOD + b"x\n",
    "text glued to the footer": GOOD[:-1] + b"x\n",
    "leading blank line": b"\n" + GOOD,
    "leading text": b"x" + GOOD,
    "CRLF": GOOD.replace(b"\n", b"\r\n"),
    "no last line end": GOOD[:-1],
    "on one line": b"\n".join([LINES[0], b"".join(LINES[1:-2]), *LINES[-2:]]),
    "a blank inside": b"\n".join([LINES[0], LINES[1] + b" ", *LINES[2:]]),
    "a comment line": b"\n".join([LINES[0], b"Comment: x", *LINES[1:]]),
    "no padding": armor(_ed(namespace=b"git")).replace(b"=", b""),
    "other alphabet": GOOD.replace(b"/", b"_").replace(b"+", b"-"),
    "NUL": GOOD.replace(b"U1NI", b"U1NI\0"),
    "not ASCII": GOOD.replace(b"U1NI", "Ü1NI".encode()),
    "footer only": b"\n-----END SSH SIGNATURE-----\n",
    "PGP": GOOD.replace(b"SSH", b"PGP"),
}


@pytest.mark.parametrize("text", BAD_ARMOR.values(), ids=BAD_ARMOR)
def test_other_armor_is_refused(text):
    with pytest.raises(BadSignature):
        dearmor(text)


# ---------------------------------------------------------------- robustness


@given(st.binary(max_size=400))
def test_noise_is_refused(noise):
    with pytest.raises(BadSignature):
        parse(noise)
    with pytest.raises(BadSignature):
        parse(b"SSHSIG\0\0\0\1" + noise)


@cache
def _good(kind: str) -> bytes:
    return sshsig(software_key(kind), MESSAGE)


@given(st.data())
def test_no_changed_blob_verifies(data):
    """Whatever is changed in a blob, it is refused as what it is: no crash, and nothing else is ever accepted."""
    original = _good(data.draw(st.sampled_from(KINDS)))
    blob = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(blob) - 1))
        action = data.draw(st.sampled_from(["set", "insert", "delete", "repeat"]))
        if action == "set":
            blob[at] ^= data.draw(st.integers(1, 255))
        elif action == "insert":
            blob[at:at] = data.draw(st.binary(min_size=1, max_size=5))
        elif action == "delete" and len(blob) > 8:
            del blob[at : at + data.draw(st.integers(1, 5))]
        else:
            blob[at:at] = blob[at : at + data.draw(st.integers(1, 40))]
    if blob == original:
        return
    with pytest.raises(BadSignature):
        verify(parse(bytes(blob)), MESSAGE)


def test_many_threads_agree():
    """The caches are shared; a verifier may use as many threads as there are processors."""
    jobs = [(parse(sshsig(software_key(kind), MESSAGE)), MESSAGE) for kind in KINDS]
    jobs += [(signature, b"other") for signature, _ in jobs]
    wrong: list[object] = []

    def work() -> None:
        for _ in range(5):
            for signature, message in jobs:
                try:
                    verify(parse(sshsig(software_key(ED), MESSAGE)), MESSAGE)
                    verify(signature, message)
                    good = True
                except BadSignature:
                    good = False
                if good != (message == MESSAGE):
                    wrong.append((signature.key_type, message))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_more_keys_than_the_cache_holds(monkeypatch):
    monkeypatch.setattr(reader, "_MAX_KEYS", 2)
    monkeypatch.setattr(reader, "_keys", {})
    for kind in KINDS * 2:
        verify(parse(sshsig(software_key(kind), MESSAGE)), MESSAGE)
    assert len(reader._keys) <= 2


def test_the_signed_bytes_are_those_of_the_specification():
    """PROTOCOL.sshsig, "Signed Data, of which the signature goes into the blob above"."""
    digest = hashlib.sha512(MESSAGE).digest()
    expected = b"SSHSIG" + b"\0\0\0\x0asox-record" + b"\0\0\0\0" + b"\0\0\0\x06sha512" + b"\0\0\0\x40" + digest
    assert signed_bytes(MESSAGE) == expected
    _KEY.private.public_key().verify(_ED_VALUE, expected)
