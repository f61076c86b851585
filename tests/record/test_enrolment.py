"""Entering keys and persons into `.sox/` without touching any other byte."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.errors import ConfigError, UsageError
from sox_hooks.policy.model import Person
from sox_hooks.policy.signers import parse_allowed_signers
from sox_hooks.record.enrolment import EnrolmentResult, enrol_key, person_id
from sox_hooks.record.policy_edits import people_in
from tests.record.sox_folder import ALICE, KEY, KEY2, NS, PEOPLE, Sox


def test_a_key_of_a_known_person(sox):
    assert enrol_key(sox.folder, ALICE, "Alice Ng", f"{KEY} laptop") == EnrolmentResult(True, "alice")
    assert sox.people == PEOPLE
    assert sox.signers == f"# keys\n{ALICE} {NS} {KEY} laptop\n".encode()


def test_twice_changes_nothing(sox):
    enrol_key(sox.folder, ALICE, "Alice Ng", f"{KEY} laptop")
    before = sox.files()
    assert enrol_key(sox.folder, ALICE, "Alice Ng", f"{KEY} another comment") == EnrolmentResult(False, "alice")
    assert enrol_key(sox.folder, "NG@bank.example", "", KEY) == EnrolmentResult(False, "alice")
    assert sox.files() == before


def test_a_person_who_is_new(sox):
    assert enrol_key(sox.folder, "Bob.Oz@bank.example", 'Bob "Ö" Oz', KEY) == EnrolmentResult(True, "bob.oz")
    added = b'\n[people."bob.oz"]\nname = "Bob \\"\xc3\x96\\" Oz"\nemails = ["Bob.Oz@bank.example"]\n'
    assert sox.people == PEOPLE + added
    assert [person.name for person in people_in(sox.people)] == ["Alice Ng", 'Bob "Ö" Oz']
    assert sox.signers.endswith(f"\nBob.Oz@bank.example {NS} {KEY}\n".encode())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", "{}\n"),
        (b"# no end", "# no end\n{}\n"),
        (b"# windows\r\n", "# windows\r\n{}\r\n"),
        (b"# windows\r\n# no end", "# windows\r\n# no end\r\n{}\r\n"),
        ("# Ö\n\n\n".encode(), "# Ö\n\n\n{}\n"),
    ],
)
def test_all_other_bytes_stay(before, after, sox):
    sox.signers = before
    enrol_key(sox.folder, ALICE, "", KEY)
    assert sox.signers == after.format(f"{ALICE} {NS} {KEY}").encode()


def test_a_missing_allowed_signers_is_made(sox):
    (sox.path / "allowed_signers").unlink()
    assert enrol_key(sox.folder, ALICE, "", KEY).changed
    assert sox.signers == f"{ALICE} {NS} {KEY}\n".encode()
    assert (sox.path / "allowed_signers").stat().st_mode & 0o777 == 0o644


def test_the_mode_of_a_file_stays(sox):
    (sox.path / "allowed_signers").chmod(0o664)
    enrol_key(sox.folder, ALICE, "", KEY)
    assert (sox.path / "allowed_signers").stat().st_mode & 0o777 == 0o664


def test_a_second_key_of_a_person(sox):
    enrol_key(sox.folder, ALICE, "", KEY)
    assert enrol_key(sox.folder, "ng@bank.example", "", KEY2) == EnrolmentResult(True, "alice")
    assert sox.signers.count(b"namespaces") == 2


@pytest.mark.parametrize(
    ("people", "signers", "email", "key", "error", "what"),
    [
        (PEOPLE, f"bob@bank.example {NS} {KEY}\n", ALICE, KEY2, ConfigError, "nobody's address"),
        (PEOPLE, f"* {KEY}\n", ALICE, KEY2, ConfigError, "wildcard"),
        (b"[people", "", ALICE, KEY, ConfigError, "not valid TOML"),
        (b"\xff", "", ALICE, KEY, ConfigError, "not UTF-8"),
        (b"[people.a]\nnmae = 1\n", "", ALICE, KEY, ConfigError, "people.toml:"),
        (b"", "", ALICE, KEY, ConfigError, "no .sox/people.toml"),
        (b'people.al = {name = "A", emails = ["a@b.c"]}\n[[x]]\n', "", ALICE, KEY, ConfigError, "people.toml:"),
        (b'people = {al = {name = "A", emails = ["a@b.c"]}}\n', "", ALICE, KEY, ConfigError, "cannot be added"),
        (PEOPLE, "", "", KEY, UsageError, "cannot stand in .sox/"),
        (PEOPLE, "", "no address", KEY, UsageError, "cannot stand in .sox/"),
        (PEOPLE, "", "*@bank.example", KEY, UsageError, "cannot stand in .sox/"),
        (PEOPLE, "", "a@b\n[people.eve]", KEY, UsageError, "cannot stand in .sox/"),
        (PEOPLE, "", "a@b,c@d", KEY, UsageError, "cannot stand in .sox/"),
        (PEOPLE, "", "#a@bank.example", KEY, UsageError, "cannot stand in .sox/"),
        (PEOPLE, "", "\udcff@bank.example", KEY, UsageError, "UTF-8"),
        (PEOPLE, "", ALICE, "ssh-ed25519", UsageError, "cannot be enrolled"),
        (PEOPLE, "", ALICE, f"{KEY}\n{KEY2}", UsageError, "cannot be enrolled"),
        (PEOPLE, "", ALICE, f'{NS},cert-authority {KEY}', UsageError, "cannot be enrolled"),
    ],
)  # fmt: skip
def test_what_cannot_be_entered_changes_nothing(people, signers, email, key, error, what, sox):
    sox.people, sox.signers = people, signers.encode()
    if not people:
        (sox.path / "people.toml").unlink()
    before = sox.files()
    with pytest.raises(error, match=what) as caught:
        enrol_key(sox.folder, email, "Somebody", key)
    assert caught.value.fix
    assert sox.files() == before


def test_a_key_of_somebody_else(sox):
    enrol_key(sox.folder, ALICE, "", KEY)
    before = sox.files()
    with pytest.raises(ConfigError, match=r"enrolled for alice, not for bob") as caught:
        enrol_key(sox.folder, "bob@bank.example", "Bob", KEY)
    assert caught.value.where == ".sox/allowed_signers:2"
    assert sox.files() == before


def test_a_key_that_was_ended_does_not_come_back(sox):
    sox.signers = f'{ALICE} {NS},valid-before="20260101Z" {KEY}\n'.encode()
    with pytest.raises(ConfigError, match="only until 2026-01-01"):
        enrol_key(sox.folder, ALICE, "", KEY)
    sox.signers = f'{ALICE} {NS},valid-after="20990101Z" {KEY}\n'.encode()
    assert not enrol_key(sox.folder, ALICE, "", KEY).changed


@pytest.mark.parametrize("name", ["people.toml", "allowed_signers"])
def test_links_are_not_followed(name, sox, tmp_path):
    outside = tmp_path / "outside"
    shutil.move(sox.path / name, outside)
    (sox.path / name).symlink_to(outside)
    before = outside.read_bytes()
    with pytest.raises(ConfigError, match="symbolic link"):
        enrol_key(sox.folder, ALICE, "", KEY)
    assert outside.read_bytes() == before


@pytest.mark.parametrize(
    ("email", "taken", "expected"),
    [
        ("alice@bank.example", (), "alice"),
        ("Alice.Ng+sox@bank.example", (), "alice.ng-sox"),
        ("alice@bank.example", ("alice", "alice-2"), "alice-3"),
        ("..@x", (), "person"),
        ("ömer@x", (), "mer"),
        ("日本@x", (), "person"),
        ("a" * 100 + "@x", (), "a" * 40),
    ],
)
def test_ids_of_persons(email, taken, expected):
    assert person_id(email, taken) == expected


@given(
    st.text(min_size=1, max_size=12).map(lambda local: f"{local}@bank.example"),
    st.text(max_size=20),
)
def test_whatever_git_says_of_a_person_is_entered_or_refused(tmp_path_factory, email, name):
    """Nothing that comes from git's configuration can write another line than its own."""
    sox = Sox(tmp_path_factory.mktemp("any") / ".sox")
    sox.people, sox.signers = PEOPLE, f"{ALICE} {NS} {KEY}\n".encode()
    try:
        result = enrol_key(sox.folder, email, name, KEY2)
    except UsageError:
        assert (sox.people, sox.signers) == (PEOPLE, f"{ALICE} {NS} {KEY}\n".encode())
        return
    people = people_in(sox.people)
    signers, findings = parse_allowed_signers(sox.signers, "f", people)
    assert findings == ()
    assert [signer.person for signer in signers] == ["alice", result.person]
    assert len(people) == (1 if result.person == "alice" else 2)
    assert email in people[-1].emails or result.person == "alice"


def test_persons_are_what_the_loader_makes_of_them():
    assert [person.replace(place=None) for person in people_in(PEOPLE)] == [
        Person("alice", "Alice Ng", emails=(ALICE, "ng@bank.example"))
    ]
