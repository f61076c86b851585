"""Attacks on who signed, and when."""

from __future__ import annotations

from tests.attacks.desk import ALICE, BOB, CAROL, DAVE, ERIN, MALLORY, ROBOT, VAULT, Attacks, Desk
from tests.stage import Actor

attacks = Attacks()
EVIL = {"src/app.py": "evil()\n"}


@attacks.stopped("forged SOX605", gains="an outsider with commit rights makes records")
def unknown_key(desk: Desk) -> None:
    desk.record(EVIL, by=MALLORY)


@attacks.stopped("forged SOX605", gains="an outsider makes records in the name of somebody who is enrolled")
def unknown_key_under_a_known_name(desk: Desk) -> None:
    desk.record(EVIL, by=ALICE, key=MALLORY.key)


@attacks.stopped("forged SOX612", gains="Bob's change counts as Alice's, with her training and her roles")
def author_forged_as_somebody_else(desk: Desk) -> None:
    desk.record(EVIL, by=BOB, author=ALICE.email)


@attacks.stopped("forged SOX612", gains="Bob takes Alice's change over and signs his own claim for it")
def bob_signs_the_commit_of_alice(desk: Desk) -> None:
    honest = desk.record({"src/app.py": "alices()\n"}, claim="assisted", tools=("claude-code",))
    desk.git("reset", "-q", "--soft", "main")
    desk.record(by=BOB, author=ALICE.email, signed_for=BOB.email)
    assert desk.git("rev-parse", "evil^{tree}") == desk.git("rev-parse", f"{honest}^{{tree}}")


@attacks.stopped("forged SOX612", gains="Alice's signature covers what is shown as Bob's work")
def author_changed_to_another_person(desk: Desk) -> None:
    desk.record(EVIL, by=ALICE, author=BOB.email, signed_for=ALICE.email)


@attacks.stopped("forged SOX612", gains="a second address in the author line hides who is really the author")
def author_line_with_two_addresses(desk: Desk) -> str:
    honest = desk.record(EVIL, by=BOB)
    raw = desk.repo.git_bytes("cat-file", "commit", honest)
    return desk.point(desk.raw(raw.replace(b"Bob <", b"Alice <alice@bank.example> <", 1)))


@attacks.stopped("forged SOX612", gains="an address that looks like Alice's passes as hers")
def author_address_with_a_foreign_letter(desk: Desk) -> None:
    desk.record(EVIL, by=ALICE, author="аlice@bank.example", signed_for=ALICE.email)  # Cyrillic а


@attacks.stopped("forged SOX612", gains="a forge's stand-in address of another account counts as the signer's")
def noreply_address_of_somebody_else(desk: Desk) -> None:
    desk.record(EVIL, by=BOB, author="7+alice-ng@users.noreply.github.com", signed_for=BOB.email)


@attacks.stopped("forged SOX612", gains="a stand-in address of a forge that the attacker runs counts as Alice's")
def noreply_address_of_a_foreign_forge(desk: Desk) -> None:
    desk.record(EVIL, by=ALICE, author="7+alice-ng@users.noreply.evil.example", signed_for=ALICE.email)


@attacks.stopped("forged SOX612", gains="an empty address is nobody's, and so the signer's")
def author_without_an_address(desk: Desk) -> None:
    honest = desk.record(EVIL)
    raw = desk.repo.git_bytes("cat-file", "commit", honest)
    desk.point(desk.raw(raw.replace(b"Alice <alice@bank.example>", b"Alice <>", 1)))


@attacks.stopped("forged SOX612", gains="a service's key, which anybody can reach in CI, makes records for persons")
def service_signs_for_a_person(desk: Desk) -> None:
    desk.record(EVIL, by=ROBOT, author=ALICE.email)


@attacks.stopped("forged SOX606", gains="an expired key signs on, with dates inside its time")
def expired_key_with_backdated_dates(desk: Desk) -> None:
    old = "2025-06-01T12:00:00Z"
    commit = desk.record(EVIL, by=CAROL, moment=old)
    raw = desk.repo.git_bytes("cat-file", "commit", commit).split(b"\n")
    lines = [
        line.rpartition(b">")[0] + b"> 1748779200 +0000" if line.startswith((b"author ", b"committer ")) else line
        for line in raw
    ]
    desk.point(desk.raw(b"\n".join(lines)))


@attacks.stopped("forged SOX606", gains="a key is used before it is valid, by a record from the future")
def key_of_the_future(desk: Desk) -> None:
    desk.record(EVIL, by=DAVE, moment="2099-06-01T12:00:00Z")


@attacks.stopped("forged SOX606", gains="a key that was revoked after the fact is good for what is dated before")
def key_revoked_after_the_fact(desk: Desk) -> None:
    commit = desk.record(EVIL, by=BOB, moment="2026-01-01T12:00:00Z")
    revoked = BOB.replace(options='valid-before="20260201000000Z"')
    desk.land("Revoke Bob's key", desk.policy((ALICE, revoked), version=2))
    desk.point(commit)


@attacks.stopped(
    "denied SOX621", gains="a record of tomorrow borrows a training or an exception that does not hold yet"
)
def record_dated_in_the_future(desk: Desk) -> None:
    desk.record(EVIL, moment="2099-01-01T00:00:00Z")


@attacks.stopped("denied SOX406", gains="a program signs where a person has to touch a key")
def software_key_in_a_tier_for_hardware(desk: Desk) -> None:
    desk.record({VAULT: "open()\n"})


@attacks.stopped(
    "denied SOX406", gains="a program uses a security key in the background, without anybody's finger on it"
)
def security_key_without_touch(desk: Desk) -> None:
    desk.record({VAULT: "open()\n"}, by=ERIN, signature={"flags": 0})


@attacks.stopped("forged SOX604", gains="the flag of the touch is set afterwards")
def touch_added_to_the_signature(desk: Desk) -> None:
    def touched(message: bytes) -> bytes:
        return with_signature(message, lambda blob: blob[:-5] + b"\x01" + blob[-4:])

    desk.record({VAULT: "open()\n"}, by=ERIN, signature={"flags": 0}, edit=touched)


@attacks.stopped("verified", gains="nothing: the control, a person who does touch the key")
def security_key_with_touch(desk: Desk) -> None:
    desk.record({VAULT: "open()\n"}, by=ERIN)


@attacks.stopped("verified", gains="nothing: the control, another address of the same person")
def other_address_of_the_same_person(desk: Desk) -> None:
    desk.record(EVIL, by=ALICE, author="ng@bank.example", signed_for=ALICE.email)


@attacks.stopped("forged SOX605", gains="another key that calls itself by Alice's address in its comment")
def key_with_a_known_comment(desk: Desk) -> None:
    desk.record(EVIL, by=Actor("alice", ALICE.email, MALLORY.key))


def with_signature(message: bytes, change) -> bytes:
    """The message with another signature blob in its Sox-Signature."""
    from sox_hooks.record.record import read
    from sox_hooks.record.trailers import signature_lines

    record = read(message).record
    assert record is not None
    assert record.signature is not None
    old = b"\n".join(signature_lines(record.signature))
    assert old in message
    return message.replace(old, b"\n".join(signature_lines(change(record.signature))))


test_identity = attacks.test()
