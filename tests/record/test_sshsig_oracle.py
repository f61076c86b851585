"""Our verifier beside stock `ssh-keygen`: the matrix of OpenSSH's regress/sshsig.sh, and mutations.

The rule: what we accept, `ssh-keygen` accepts. Where we are stricter, `test_sshsig.py` says so row by row.
"""

from __future__ import annotations

import random
import subprocess

import pytest

from sox_hooks.record.public_keys import parse_line
from sox_hooks.record.sshsig import BadSignature, armor, dearmor, parse, verify
from tests.record.software_keys import KINDS, Oracle, SoftwareKey, software_key, sshsig

MESSAGE = b"DSSEv1 28 application/vnd.in-toto+json 2 {}"
WHO = "alice@bank.example"


def ours(blob: bytes, message: bytes = MESSAGE, namespace: str = "sox-record") -> bool:
    try:
        verify(parse(blob), message, namespace)
    except BadSignature:
        return False
    return True


@pytest.fixture
def oracle(tmp_path) -> Oracle:
    return Oracle(tmp_path)


@pytest.mark.parametrize("hash_name", [b"sha512", b"sha256"])
@pytest.mark.parametrize("kind", KINDS)
def test_software_signatures_are_good_for_both(kind, hash_name, oracle):
    key, wrong = software_key(kind), software_key(kind, 1)
    blob = sshsig(key, MESSAGE, hash_name=hash_name)
    line = f'{WHO} namespaces="sox-record" {key.line}\n'
    assert ours(blob)
    assert oracle.verify(armor(blob), MESSAGE, line, WHO)
    # wrong data, wrong namespace, wrong principal, wrong key
    assert not ours(blob, MESSAGE * 2)
    assert not oracle.verify(armor(blob), MESSAGE * 2, line, WHO)
    assert not ours(blob, namespace="other")
    assert not oracle.verify(armor(blob), MESSAGE, line, WHO, namespace="other")
    assert not oracle.verify(armor(blob), MESSAGE, line, "bob@bank.example")
    assert not oracle.verify(armor(blob), MESSAGE, f"{WHO} {wrong.line}\n", WHO)
    assert parse(blob).public_key == parse_line(key.line).key.blob != parse_line(wrong.line).key.blob


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("sk-")])
@pytest.mark.parametrize("flags", [0, 1, 4, 5, 0xFF])
def test_security_keys_with_every_flag(kind, flags, oracle):
    """`ssh-keygen` does not ask for the touch; we say what the flag says and leave it to the policy."""
    key = software_key(kind)
    blob = sshsig(key, MESSAGE, flags=flags, counter=0x01020304)
    assert ours(blob)
    assert oracle.verify(armor(blob), MESSAGE, f"{WHO} {key.line}\n", WHO)
    assert parse(blob).touched == bool(flags & 1)
    assert parse(blob).counter == 0x01020304


@pytest.mark.parametrize("application", [b"ssh:", b"ssh:bank.example"])
def test_the_application_of_a_security_key_is_bound(application, oracle):
    key = SoftwareKey("sk-ssh-ed25519@openssh.com", application)
    blob = sshsig(key, MESSAGE)
    assert ours(blob)
    assert oracle.verify(armor(blob), MESSAGE, f"{WHO} {key.line}\n", WHO)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("ed25519", ()),
        ("ecdsa", ("-b", "256")),
        ("ecdsa", ("-b", "384")),
        ("ecdsa", ("-b", "521")),
        ("rsa", ("-b", "3072")),
        ("rsa", ("-b", "4096")),
    ],
)
@pytest.mark.parametrize("hash_name", ["sha512", "sha256"])
def test_what_ssh_keygen_signs_is_read(kind, options, hash_name, make_key):
    key = make_key("key", kind, *options)
    argv = ["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", "sox-record", "-O", f"hashalg={hash_name}"]
    text = subprocess.run(argv, input=MESSAGE, capture_output=True, check=True).stdout
    blob = dearmor(text)
    signature = parse(blob)
    verify(signature, MESSAGE)
    assert signature.hash_name == hash_name
    assert signature.public_key == parse_line(key.with_suffix(".pub").read_text().strip()).key.blob
    if kind == "rsa":  # OpenSSH 9.2 takes SHA-512 whatever the hash of the message, later ones take the same for both
        assert signature.signature_algorithm in ("rsa-sha2-512", f"rsa-sha2-{hash_name[3:]}")
    assert armor(blob) == text


def test_certificates_are_refused(make_key, oracle):
    """`ssh-keygen` accepts them under a cert-authority line; whose key it is would be the authority's word."""
    authority, key = make_key("ca"), make_key("id")
    subprocess.run(
        ["ssh-keygen", "-q", "-s", authority, "-I", "id", "-n", WHO, key.with_suffix(".pub")],
        check=True,
        capture_output=True,
    )
    argv = ["ssh-keygen", "-q", "-Y", "sign", "-f", f"{key}-cert.pub", "-n", "sox-record"]
    text = subprocess.run(argv, input=MESSAGE, capture_output=True, check=True).stdout
    signers = f"{WHO} cert-authority {authority.with_suffix('.pub').read_text()}"
    assert oracle.verify(text, MESSAGE, signers, WHO)
    with pytest.raises(BadSignature, match="certificate"):
        parse(dearmor(text))


@pytest.mark.parametrize("kind", KINDS)
def test_mutations_are_never_accepted_against_the_oracle(kind, oracle):
    """Single bits and bytes, all over the blob. The seed is fixed: a failure comes back."""
    dice = random.Random(f"sshsig {kind}")  # noqa: S311
    key = software_key(kind)
    good = sshsig(key, MESSAGE)
    line = f"{WHO} {key.line}\n"
    for _ in range(22):
        blob = bytearray(good)
        at = dice.randrange(len(blob))
        action = dice.choice(("bit", "bit", "bit", "byte", "insert", "delete", "append"))
        if action == "bit":
            blob[at] ^= 1 << dice.randrange(8)
        elif action == "byte":
            blob[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif action == "insert":
            blob.insert(at, dice.choice((0, 0xFF)))
        elif action == "delete":
            del blob[at]
        else:
            blob.append(0)
        we, they = ours(bytes(blob)), oracle.verify(armor(bytes(blob)), MESSAGE, line, WHO)
        assert they or not we, f"we accept what ssh-keygen refuses: {bytes(blob).hex()}"
        assert not we or blob == good, f"another blob for the same signature: {bytes(blob).hex()}"
    assert ours(good)
