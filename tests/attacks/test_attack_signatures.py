"""Attacks on the reading of signatures: what `ssh-keygen` or other readers tolerate, and what was made for others."""

from __future__ import annotations

import pytest

from sox_hooks.core.sshkeys import CURVES, ECDSA_256
from sox_hooks.core.sshwire import put_mpint, put_string
from sox_hooks.record import sshsig
from tests.attacks.desk import BOB, ERIN, FRANK, MALLORY, Attacks, Desk, stopped
from tests.attacks.test_attack_identity import with_signature

attacks = Attacks()
EVIL = {"src/app.py": "evil()\n"}


@attacks.stopped("forged SOX604", gains="a commit signature or anything else that Alice signed with git is a record")
def git_namespace_signature_as_a_record(desk: Desk) -> None:
    desk.record(EVIL, signature={"namespace": b"git"})


@attacks.stopped("forged SOX604", gains="a signature for git is relabelled as one for records")
def git_namespace_relabelled(desk: Desk) -> None:
    desk.record(EVIL, signature={"signed_as": (b"git", b"sha512")})


@attacks.stopped("forged SOX604", gains="a namespace that only begins like ours counts")
def namespace_with_a_tail(desk: Desk) -> None:
    desk.record(EVIL, signature={"namespace": b"sox-record@evil.example"})


@attacks.stopped(
    "forged SOX604", gains="the reserved field, which is not signed, carries something to readers that look"
)
def reserved_field_not_empty(desk: Desk) -> None:
    desk.record(EVIL, signature={"reserved": b"approved by CFO"})


# ssh-keygen 9.2 accepts version 0, a NUL behind the name of the hash, and a reserved field that is not empty.
@pytest.mark.parametrize(
    "made",
    [
        {"version": 0},
        {"version": 2},
        {"magic": b"SSHSIH"},
        {"hash_name": b"sha512\0"},
        {"hash_name": b"sha1"},
        {"hash_name": b"md5"},
        {"hash_name": b"shake_128"},
        {"tail": b"\0"},
        {"namespace": b""},
        {"namespace": b"sox-record\0"},
        {"signed_as": (b"sox-record", b"sha256")},
        {"public": BOB.key.blob},
        {"public": MALLORY.key.blob},
        {"public": b""},
        {"field": b""},
        {"field": put_string(b"ssh-ed25519") + put_string(bytes(64))},
        {"field": b"\xff\xff\xff\xff" + bytes(80)},
    ],
    ids=str,
)
def test_blob_that_some_reader_tolerates(desk: Desk, made: dict) -> None:
    """Gained if it worked: a signature that two readers judge differently, or none at all, passes as Alice's."""
    desk.open()
    commit = desk.record(EVIL, signature=made)
    judged = desk.judge()
    assert judged.words(commit) in ("forged SOX604", "forged SOX605", "forged SOX612"), judged.verdicts
    assert judged.code == 1


@attacks.stopped("forged SOX602", gains="a signature has many spellings, and so many names")
def base64_with_loose_bits(desk: Desk) -> None:
    def loosen(message: bytes) -> bytes:
        assert message.endswith(b"=\n")
        digit = message.rstrip(b"=\n")[-1:]
        others = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        tail = message[len(message.rstrip(b"=\n")) :]
        return message.rstrip(b"=\n")[:-1] + others[others.index(digit) + 1 :][:1] + tail

    # A signature of Erin's key always has 223 bytes, so its last digit has bits to spare; ECDSA's vary in length.
    desk.record(EVIL, by=ERIN, edit=loosen)


@attacks.stopped("forged SOX602", gains="a record without a signature counts")
def signature_left_out(desk: Desk) -> None:
    desk.record(EVIL, edit=lambda message: message[: message.index(b"Sox-Signature:")])


@attacks.stopped("forged SOX602", gains="an empty signature counts")
def signature_empty(desk: Desk) -> None:
    desk.record(EVIL, edit=lambda message: message[: message.index(b"Sox-Signature:")] + b"Sox-Signature:\n")


@attacks.stopped(
    "denied SOX614", gains="a copy of a record passes as another one, by its equally good second signature"
)
def ecdsa_signature_turned_over(desk: Desk) -> str:
    def other(blob: bytes) -> bytes:
        parsed = sshsig.parse(blob)
        r, s = sshsig.read_ecdsa(parsed.signature, CURVES[ECDSA_256].n)
        value = put_mpint(r) + put_mpint(CURVES[ECDSA_256].n - s)
        field = put_string(parsed.signature_algorithm.encode()) + put_string(value)
        return blob[: blob.rindex(put_string(parsed.signature)) - 4 - 4 - len(ECDSA_256)] + put_string(field)

    first = desk.record({"src/app.py": "one()\n"}, by=FRANK)
    desk.record({"src/app.py": "def book(entry):\n    return 0\n"}, "Back", by=FRANK)
    tree = desk.git("rev-parse", f"{first}^{{tree}}")
    before = desk.git("rev-parse", f"{first}^^{{tree}}")
    back = desk.record_tree(before, (desk.repo.head(),), "Undo", by=FRANK)
    copy = with_signature(desk.message(first), other)
    assert copy != desk.message(first)
    return desk.point(desk.commit_tree(tree, (back,), copy, by=FRANK))


@attacks.stopped("unverifiable SOX616", gains="a record of a version that nobody can read is waved through")
def record_version_of_the_future(desk: Desk) -> None:
    desk.record(EVIL, edit=lambda message: message.replace(b"Sox-Record: v1 ", b"Sox-Record: v2 "))


@attacks.stopped("forged SOX602", gains="a version that is none is read as an old and lax one")
def record_version_that_is_none(desk: Desk) -> None:
    desk.record(EVIL, edit=lambda message: message.replace(b"Sox-Record: v1 ", b"Sox-Record: V1 "))


@attacks.stopped("forged SOX604", gains="a record of another repository with the same content counts here")
def record_of_another_repository(desk: Desk) -> None:
    desk.record(EVIL, repository="bank/sandbox")


@attacks.stopped("forged SOX604", gains="a parameter that was not signed is believed")
def parameter_added_after_signing(desk: Desk) -> None:
    desk.record(EVIL, edit=lambda message: message.replace(b"\n patch=", b"\n exception=EX-1\n patch="))


@attacks.stopped("forged SOX604", gains="the time of a record is moved into a time when something else held")
def time_changed_after_signing(desk: Desk) -> None:
    desk.record(
        EVIL, moment="2026-02-01T00:00:00Z", edit=lambda message: message.replace(b"2026-02-01T", b"2026-01-01T")
    )


def test_signature_of_somebody_else_in_the_place_of_the_own(desk: Desk) -> None:
    """Gained if it worked: the record of one commit carries the signature of another."""
    attack = attacks["git namespace relabelled"]
    desk.open()
    other = desk.record({"src/app.py": "one()\n"})
    text = desk.message(other)
    desk.record(EVIL, edit=lambda message: message[: message.index(b"Sox-Sig")] + text[text.index(b"Sox-Sig") :])
    stopped(attack, desk.judge(), desk.repo.head())


test_signatures = attacks.test()
