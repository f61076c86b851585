"""Entering keys and persons into `.sox/`, and ending keys, without touching any other byte."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.errors import ConfigError, SoxError, UsageError
from sox_hooks.core.sshkeys import fingerprint
from sox_hooks.core.sshwire import decode_base64
from sox_hooks.policy.model import Person
from sox_hooks.policy.signers import parse_allowed_signers
from sox_hooks.record.enrolment import EnrolmentResult, candidate_keys, enrol_key, make_key, person_id, public_line
from sox_hooks.record.policy_edits import people_in
from sox_hooks.record.revocation import revoke_keys
from sox_hooks.record.sshsig import armor
from tests.record.software_keys import Oracle, software_key, sshsig

KEY, KEY2, KEY3 = (software_key("ssh-ed25519", number).line for number in range(3))
ALICE = "alice@bank.example"
PEOPLE = b"""# who is who
[people.alice]
name = "Alice Ng"
emails = ["alice@bank.example", "ng@bank.example"]
"""
NS = 'namespaces="sox-record"'


class Sox:
    """A `.sox/` folder with the two files that matter here."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()

    @property
    def folder(self) -> str:
        return str(self.path)

    @property
    def people(self) -> bytes:
        return (self.path / "people.toml").read_bytes()

    @people.setter
    def people(self, data: bytes) -> None:
        (self.path / "people.toml").write_bytes(data)

    @property
    def signers(self) -> bytes:
        return (self.path / "allowed_signers").read_bytes()

    @signers.setter
    def signers(self, data: bytes) -> None:
        (self.path / "allowed_signers").write_bytes(data)

    def files(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in self.path.iterdir()}


@pytest.fixture
def sox(tmp_path) -> Sox:
    sox = Sox(tmp_path / ".sox")
    sox.people = PEOPLE
    sox.signers = b"# keys\n"
    return sox


# ---------------------------------------------------------------- enrol


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


# ---------------------------------------------------------------- own keys


def test_a_new_key(hermetic, tmp_path):
    path = hermetic / ".ssh/id_ed25519_sox"
    line = make_key(str(path), "alice@bank.example")
    assert line == path.with_suffix(".pub").read_text().strip()
    assert line.startswith("ssh-ed25519 ")
    assert line.endswith(" alice@bank.example")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("taken", ["id", "id.pub"])
def test_nothing_is_overwritten(taken, tmp_path):
    (tmp_path / taken).write_text("mine")
    with pytest.raises(UsageError, match="a key of this name already") as caught:
        make_key(str(tmp_path / "id"), "c")
    assert caught.value.where == str(tmp_path / taken)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(taken, "mine")]


def test_no_folder_for_a_new_key(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SoxError, match="cannot be made"):
        make_key(str(tmp_path / "file/id"), "c")


def test_candidates_best_first(make_key, hermetic, tmp_path):
    rsa, ecdsa, ed = make_key("id_rsa", "rsa", "-b", "2048"), make_key("id_ecdsa", "ecdsa"), make_key("id_ed25519")
    own = make_key("own")
    config = {"sox.signingkey": (str(own),)}
    found = candidate_keys(config, str(hermetic))
    assert [reference.value for reference in found] == [str(path) for path in (own, ed, ecdsa, rsa)]
    assert all(reference.public_blob for reference in found)
    assert public_line(found[0]) == own.with_suffix(".pub").read_text().strip()
    # the configured one is not named twice, and a missing private or public half is no obstacle
    ed.with_suffix(".pub").unlink()
    rsa.unlink()
    found = candidate_keys({"sox.signingkey": ("~/.ssh/id_ed25519",)}, str(hermetic))
    assert [reference.value for reference in found] == [str(path) for path in (ed, ecdsa, rsa)]
    assert public_line(found[0]).split()[0] == "ssh-ed25519"
    # what cannot be used is left out
    ecdsa.with_suffix(".pub").write_text("broken")
    assert [reference.value for reference in candidate_keys({}, str(hermetic))] == [str(ed), str(rsa)]
    assert candidate_keys({"sox.signingkey": ("/nowhere",)}, None) == ()


def test_keys_of_the_agent_are_candidates(make_key, hermetic, monkeypatch, tmp_path):
    key = make_key("elsewhere")
    socket = tmp_path / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL) as agent:
        while not socket.exists():
            assert agent.poll() is None
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        assert candidate_keys({}, str(hermetic)) == ()
        subprocess.run(["ssh-add", "-q", key], check=True)
        (found,) = candidate_keys({}, str(hermetic))
        agent.terminate()
    assert (found.kind, found.value) == ("literal", key.with_suffix(".pub").read_text().strip())
    assert public_line(found) == found.value
    assert candidate_keys({}, str(hermetic)) == ()  # the agent is gone


# ---------------------------------------------------------------- revoke

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


def test_persons_are_what_the_loader_makes_of_them():
    assert [person.replace(place=None) for person in people_in(PEOPLE)] == [
        Person("alice", "Alice Ng", emails=(ALICE, "ng@bank.example"))
    ]
