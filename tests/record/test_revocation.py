"""Ending keys without touching any other byte."""

from __future__ import annotations

import pytest

from sox_hooks.core.errors import SoxError, UsageError
from sox_hooks.core.sshkeys import fingerprint
from sox_hooks.core.sshwire import decode_base64
from sox_hooks.record.revocation import revoke_keys
from sox_hooks.record.sshsig import armor
from tests.record.software_keys import Oracle, software_key, sshsig
from tests.record.sox_folder import ALICE, KEY, KEY2, KEY3, NS, PEOPLE

NOW = "2026-11-23T14:02:11Z"
STAMP = 'valid-before="20261123140211Z"'
LINE = f"{ALICE} {NS} {KEY} laptop"


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        (LINE, f"{ALICE} {NS},{STAMP} {KEY} laptop"),
        (f'"{ALICE},ng@bank.example" \t{NS}\t {KEY}  a', f'"{ALICE},ng@bank.example" \t{NS},{STAMP}\t {KEY}  a'),
        (f'{ALICE} valid-before="20990101Z",{NS} {KEY}', f"{ALICE} {STAMP},{NS} {KEY}"),
        (f'{ALICE} {NS},valid-before="20990101Z" {KEY}', f"{ALICE} {NS},{STAMP} {KEY}"),
        (f'{ALICE} {NS},valid-after="20200101Z" {KEY}', f'{ALICE} {NS},valid-after="20200101Z",{STAMP} {KEY}'),
        (
            f'{ALICE} {NS} {KEY} valid-before="x" ssh-ed25519',
            f'{ALICE} {NS},{STAMP} {KEY} valid-before="x" ssh-ed25519',
        ),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_key_ends(line, changed, end, sox):
    around = (f"# keys{end}", f"{end}ng@bank.example {NS} {KEY2}{end}")
    sox.signers = f"{around[0]}{line}{around[1]}".encode()
    (signer,) = revoke_keys(sox.folder, fingerprint(decode_base64(KEY.split()[1])), NOW, "lost laptop")
    assert (signer.person, signer.valid_before) == ("alice", NOW)
    comment = f"# valid until {NOW}: lost laptop{end}"
    assert sox.signers == f"{around[0]}{comment}{changed}{around[1]}".encode()


def test_it_means_the_same_to_ssh_keygen(sox, tmp_path):
    sox.signers = (LINE + "\n").encode()
    revoke_keys(sox.folder, ALICE, NOW, "left")
    oracle, armored = Oracle(tmp_path), armor(sshsig(software_key("ssh-ed25519"), b"m"))
    for moment, good in {"20261123140211Z": True, "20261123140212Z": False}.items():
        assert oracle.verify(armored, b"m", sox.signers.decode(), ALICE, "-O", f"verify-time={moment}") is good


@pytest.mark.parametrize("which", ["alice", ALICE, "NG@bank.example"])
def test_all_keys_of_a_person_end(which, sox):
    sox.people = PEOPLE + b'[people.bob]\nname = "Bob"\nemails = ["bob@bank.example"]\n'
    sox.signers = f"{LINE}\nbob@bank.example {NS} {KEY2}\nng@bank.example {NS} {KEY3}\n".encode()
    assert [signer.key for signer in revoke_keys(sox.folder, which, NOW, "left")] == [KEY.split()[1], KEY3.split()[1]]
    assert sox.signers.count(STAMP.encode()) == 2
    assert f"\nbob@bank.example {NS} {KEY2}\n".encode() in sox.signers


def test_a_key_may_be_named_by_its_line_or_file(sox, tmp_path):
    file = tmp_path / "id.pub"
    file.write_text(KEY + " c\n")
    for which in (KEY, f"{KEY} other comment", str(file)):
        sox.signers = f"{LINE}\n".encode()
        assert len(revoke_keys(sox.folder, which, NOW, "lost")) == 1


def test_what_ends_earlier_stays(sox):
    sox.signers = f'{ALICE} {NS},valid-before="20250101Z" {KEY}\n'.encode()
    before = sox.files()
    assert revoke_keys(sox.folder, ALICE, NOW, "left") == ()
    assert sox.files() == before


@pytest.mark.parametrize(
    ("which", "moment", "reason", "what"),
    [
        ("carol@bank.example", NOW, "left", "no enrolled key fits"),
        ("alcie", NOW, "left", 'did you mean "alice"'),
        ("SHA256:AAAA", NOW, "left", "no enrolled key fits"),
        (KEY2, NOW, "left", "no enrolled key fits"),
        ("ssh-ed25519 AAAA", NOW, "left", "not a public key"),
        ("", NOW, "left", "no enrolled key fits"),
        (ALICE, "2026-11-23", "left", "not a moment"),
        (ALICE, "yesterday", "left", "not a moment"),
        (ALICE, NOW, "", "needs a reason"),
        (ALICE, NOW, "  \n", "needs a reason"),
        (ALICE, NOW, f"left\n{ALICE} {KEY2}", "on one line"),
        (ALICE, NOW, "\x1b[31m", "on one line"),
        (ALICE, "2019-12-31T00:00:00Z", "left", "valid only after"),
    ],
)
def test_what_cannot_be_ended_changes_nothing(which, moment, reason, what, sox):
    sox.signers = f'{ALICE} {NS},valid-after="20200101Z" {KEY}\n'.encode()
    before = sox.files()
    with pytest.raises(UsageError, match=what) as caught:
        revoke_keys(sox.folder, which, moment, reason)
    assert caught.value.fix or "public key" in what
    assert sox.files() == before


def test_a_full_disk_leaves_the_old_file(sox, monkeypatch):
    sox.signers = f"{LINE}\n".encode()
    before = sox.files()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sox_hooks.core.files.os.write", full)
    with pytest.raises(SoxError, match="disk is full"):
        revoke_keys(sox.folder, ALICE, NOW, "left")
    monkeypatch.undo()
    assert sox.files() == before
