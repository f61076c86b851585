"""`allowed_signers` beside stock `ssh-keygen`: what we accept means the same to it, at every moment."""

from __future__ import annotations

import random

import pytest

from sox_hooks.policy.directory import out_of_time
from sox_hooks.policy.model import Person
from sox_hooks.policy.signers import parse_allowed_signers
from sox_hooks.record.sshsig import armor
from tests.record.software_keys import KINDS, Oracle, software_key, sshsig

MESSAGE = b"a record"
ALICE = ("alice@bank.example", "Alice.Ng@bank.example", "ng+sox@bank.example")
PEOPLE = (Person("alice", emails=ALICE), Person("bob", emails=("bob@bank.example", "böb@bank.example")))
NS = 'namespaces="sox-record"'


@pytest.fixture
def oracle(tmp_path) -> Oracle:
    return Oracle(tmp_path)


def compact(moment: str) -> str:
    return moment.translate(str.maketrans("", "", "-:T"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_means_the_same_at_the_ends_of_its_validity(kind, oracle, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")  # times in Z do not move with the zone
    key = software_key(kind)
    text = f'{ALICE[0]},{ALICE[1]} {NS},valid-after="20260101Z",valid-before="202602011530Z" {key.line} note\n'
    ((signer,), findings) = parse_allowed_signers(text.encode(), "f", PEOPLE)
    assert findings == ()
    armored = armor(sshsig(key, MESSAGE))
    for moment, expected in {
        "2025-12-31T23:59:59Z": False,
        "2026-01-01T00:00:00Z": True,
        "2026-02-01T15:30:00Z": True,
        "2026-02-01T15:30:01Z": False,
    }.items():
        at = f"verify-time={compact(moment)}"
        assert bool(out_of_time(signer, moment)) is not expected
        for principal in signer.principals:
            assert oracle.verify(armored, MESSAGE, text, principal, "-O", at) is expected
        assert bool(oracle.principals(armored, text, compact(moment))) is expected
    inside = ("-O", "verify-time=20260115Z")
    assert not oracle.verify(armored, MESSAGE, text, ALICE[2], *inside)
    other = armor(sshsig(key, MESSAGE, namespace=b"git"))
    assert not oracle.verify(other, MESSAGE, text, ALICE[0], *inside, namespace="git")


_PRINCIPALS = (
    *ALICE,
    ",".join(ALICE[:2]),
    f'"{ALICE[0]}"',
    '"alice@bank.example,ng+sox@bank.example"',
    "bob@bank.example",
    "böb@bank.example",
    "alice@bank.example,bob@bank.example",
    "*",
    "!bob@bank.example",
    "*@bank.example",
    "",
    f'"{ALICE[0]}',
    "#alice@bank.example",
)
_OPTIONS = (
    NS,
    f'{NS},valid-after="20200101Z"',
    f'valid-before="20990101Z",{NS}',
    f'valid-after="20200101Z",valid-before="202612312359Z",{NS}',
    f'valid-after="20990101Z",{NS}',
    f'{NS},valid-before="20200101000000Z"',
    "",
    'namespaces="git"',
    'namespaces="*"',
    f"{NS},{NS}",
    f"cert-authority,{NS}",
    f"{NS},octopus",
    f"{NS},",
    f'valid-after="20990101Z",valid-before="20200101Z",{NS}',
    f'valid-after="20200101",{NS}',
    NS.upper(),
    "namespaces=sox-record",
)
_BLANKS = (" ", "\t", "  ", " \t ", "")
_COMMENTS = ("", " note", ' a "note" with = and ,', "\t# x", "\r", " note\r", " ö")


def test_random_files_mean_the_same(oracle):
    """Lines put together from good and bad parts: each key that we accept counts for the same principals to them."""
    dice = random.Random("allowed_signers")  # noqa: S311
    now, accepted, refused_by_us_alone = "2026-06-01T00:00:00Z", 0, 0
    armored = {kind: armor(sshsig(software_key(kind), MESSAGE)) for kind in KINDS}
    for _ in range(28):
        kinds = dice.sample(KINDS, 2)
        lines = []
        for kind in kinds:
            principals, options = dice.choice(_PRINCIPALS), dice.choice(_OPTIONS)
            blanks = [dice.choice(_BLANKS[:4]) for _ in range(2)]
            lines.append(
                dice.choice(("", "", " ")) + principals + blanks[0] + options + dice.choice(_BLANKS) * bool(options)
                + software_key(kind).line + dice.choice(_COMMENTS)
            )  # fmt: skip
        text = "\n".join([*lines, "# end", ""])
        signers, findings = parse_allowed_signers(text.encode(), "f", PEOPLE)
        assert len(signers) + len(findings) <= 2
        for kind in kinds:
            ours = [s for s in signers if s.key == software_key(kind).line.split()[1] and not out_of_time(s, now)]
            theirs = [
                who
                for who in (*ALICE, "bob@bank.example", "böb@bank.example")
                if oracle.verify(armored[kind], MESSAGE, text, who, "-O", f"verify-time={compact(now)}")
            ]
            if ours:
                accepted += 1
                assert sorted(theirs) == sorted(ours[0].principals), text
                assert oracle.principals(armored[kind], text, compact(now)) == list(ours[0].principals), text
            elif theirs:
                refused_by_us_alone += 1
    # Else the test would hold for a parser that refuses all, or for an oracle that does.
    assert accepted > 5
    assert refused_by_us_alone > 2


def test_the_second_line_for_a_key_would_undo_the_first(oracle):
    key = software_key("ssh-ed25519")
    text = f"{ALICE[0]} {NS} {key.line}\n{ALICE[0]} {key.line}\n"
    armored = armor(sshsig(key, MESSAGE, namespace=b"git"))
    assert oracle.verify(armored, MESSAGE, text, ALICE[0], namespace="git")
    signers, findings = parse_allowed_signers(text.encode(), "f", PEOPLE)
    assert len(signers) == 1
    assert [entry.place.line for entry in findings] == [2]


def test_a_key_revoked_by_a_revocation_file_is_not_our_business(oracle, tmp_path):
    """`-r` takes keys back for ssh-keygen; in `.sox/` the line itself says until when (`valid-before`)."""
    key = software_key("ssh-ed25519")
    revoked = tmp_path / "revoked"
    revoked.write_text(key.line + "\n")
    text = f"{ALICE[0]} {NS} {key.line}\n"
    armored = armor(sshsig(key, MESSAGE))
    assert oracle.verify(armored, MESSAGE, text, ALICE[0])
    assert not oracle.verify(armored, MESSAGE, text, ALICE[0], "-r", str(revoked))
    ended = f'{ALICE[0]} {NS},valid-before="20260101Z" {key.line}\n'
    assert not oracle.verify(armored, MESSAGE, ended, ALICE[0])
    ((signer,), _) = parse_allowed_signers(ended.encode(), "f", PEOPLE)
    assert out_of_time(signer, "2026-01-02T00:00:00Z")
