"""`sox-hooks keys` in real repositories with real keys."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from sox_hooks.cli.main import main
from sox_hooks.core.errors import ConfigError, SoxError, UsageError
from sox_hooks.core.sshkeys import fingerprint
from sox_hooks.policy.load import load_or_fail
from sox_hooks.policy.source import PolicyFiles
from sox_hooks.policy.starter.starter import StarterPerson, render_starter
from sox_hooks.record.public_keys import parse_file
from tests.record.software_keys import software_key

NS = 'namespaces="sox-record"'
ALICE = "alice@bank.example"


class Desk:
    """A repository with the starter policy, not committed yet, and the commands as a person types them."""

    def __init__(self, repo, capsys) -> None:
        self.repo = repo
        self.capsys = capsys
        for name, content in render_starter("bank/ledger", "x", StarterPerson("alice", "Alice", ALICE), "", ()).items():
            repo.write(f".sox/{name}", content)

    def keys(self, *words: str) -> tuple[int, str, str]:
        code = main(["keys", *words])
        done = self.capsys.readouterr()
        return code, done.out, done.err

    def fails(self, kind: type[SoxError], *words: str) -> SoxError:
        with pytest.raises(kind) as caught:
            main(["keys", *words])
        return caught.value

    @property
    def signers(self) -> str:
        return (self.repo.path / ".sox/allowed_signers").read_text()

    def policy(self):
        folder = self.repo.path / ".sox"
        files = tuple((file.name, file.read_bytes()) for file in folder.iterdir() if file.is_file())
        return load_or_fail(PolicyFiles("0" * 40, files, ".sox"))

    def log(self) -> list[dict[str, object]]:
        log = self.repo.path / ".git/sox-hooks/log.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
def desk(repo, capsys, monkeypatch) -> Desk:
    monkeypatch.chdir(repo.path)
    return Desk(repo, capsys)


def finger(key) -> str:
    return fingerprint(parse_file(key.with_suffix(".pub").read_bytes()).key.blob)


def test_enrol_list_show_revoke(desk, make_key):
    key = make_key()
    code, out, err = desk.keys("enrol")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"enrolled for alice ({ALICE}):",
        f"ssh-ed25519 {finger(key)}",
        f"  key:         {key}",
        "git config sox.signingKey: set for this repository",
        'next: git add .sox && git commit -m "Enrol a key"',
        "      It counts once the branch whose policy governs has it.",
    ]
    assert desk.repo.git("config", "--local", "sox.signingKey") == str(key)
    line = f"{ALICE} {NS} {key.with_suffix('.pub').read_text()}"
    assert desk.signers.endswith("\n" + line)
    assert [signer.person for signer in desk.policy().signers] == ["alice"]

    # again: nothing
    before = desk.signers
    assert desk.keys("enrol")[1].splitlines()[0] == f"enrolled already for alice ({ALICE}):"
    assert desk.signers == before

    # the work tree's policy governs while there is no other
    assert desk.keys("list")[1] == (
        f"1 key in the policy of the work tree\nalice                 ssh-ed25519             {finger(key)}\n"
    )
    code, out, _ = desk.keys("show")
    assert code == 0
    assert f"  configured:  {key} (git config sox.signingKey)\n" in out
    assert "  validity:    valid now\n" in out

    code, out, _ = desk.keys("revoke", ALICE, "--reason", "lost laptop", "--at", "2026-01-31T12:00:00Z")
    assert code == 0
    assert "until 2026-01-31T12:00:00Z  (not valid now)" in out
    assert ": lost laptop\n" in desk.signers
    assert f'{ALICE} {NS},valid-before="20260131120000Z" ssh-ed25519' in desk.signers
    code, out, _ = desk.keys("show")
    assert code == 1
    assert "  validity:    it was valid only until 2026-01-31T12:00:00Z\n" in out
    code, out, _ = desk.keys("show", finger(key))
    assert code == 1
    assert "  person:      alice (Alice)\n" in out
    assert desk.keys("revoke", "alice", "--reason", "again")[1].startswith("nothing changed")

    assert [(entry["event"], entry["key"], entry["person"]) for entry in desk.log() if "key" in entry] == [
        ("enrolled", finger(key), "alice"),
        ("key-ended", finger(key), "alice"),
    ]
    assert desk.keys("list")[1].endswith("until 2026-01-31T12:00:00Z  (not valid now)\n")


def test_a_key_that_is_not_merged_yet(desk, make_key):
    first = make_key()
    desk.keys("enrol")
    desk.repo.commit("adopt")
    second = make_key("second")
    desk.keys("enrol", "--key", str(second))
    desk.repo.git("config", "sox.signingKey", str(second))
    code, out, _ = desk.keys("show")
    assert code == 1
    assert "enrolled:    no: not in the policy of HEAD" in out
    code, out, _ = desk.keys("show", "--work-tree")
    assert code == 0
    assert "enrolled:    for alice: .sox/allowed_signers:" in out
    assert finger(first) in desk.keys("list")[1]
    assert finger(second) not in desk.keys("list")[1]
    assert finger(second) in desk.keys("list", "--work-tree")[1]


def test_a_new_key(desk, hermetic):
    code, out, _ = desk.keys("enrol", "--new")
    path = hermetic / ".ssh/id_ed25519_sox"
    assert code == 0
    assert f"ssh-keygen -p -f {path}" in out
    assert path.stat().st_mode & 0o777 == 0o600
    assert desk.repo.git("config", "sox.signingKey") == str(path)
    assert desk.fails(UsageError, "enrol", "--new").what == "there is a key of this name already"


def test_no_key_at_all(desk):
    error = desk.fails(UsageError, "enrol")
    assert (error.what, error.fix) == ("there is no SSH key to enrol", "sox-hooks keys enrol --new")
    assert desk.fails(ConfigError, "show").fix == "sox-hooks keys enrol"


def test_an_rsa_key_is_warned_of(desk, make_key):
    make_key("id_rsa", "rsa", "-b", "4096")
    code, out, err = desk.keys("enrol")
    assert code == 0
    assert "ssh-rsa (4096 bits) SHA256:" in out
    assert "takes 22 lines of every commit message" in err


def test_the_number_of_lines_is_right(desk, make_key):
    """A signature as it stands in a commit, in lines of 70 columns."""
    for bits in (2048, 3072):
        key = make_key(f"rsa{bits}", "rsa", "-b", str(bits))
        argv = ["ssh-keygen", "-q", "-Y", "sign", "-n", "sox-record", "-f", key]
        lines = subprocess.run(argv, input=b"x", capture_output=True, check=True).stdout.count(b"\n") - 2
        assert f"takes {lines} lines" in desk.keys("enrol", "--key", str(key))[2]


def test_the_configured_key_is_taken_or_refused(desk, make_key):
    make_key()
    other = make_key("other")
    desk.repo.git("config", "gpg.format", "ssh")
    desk.repo.git("config", "user.signingKey", f"{other}.pub")
    assert finger(other) in desk.keys("enrol")[1]
    assert desk.repo.git("config", "sox.signingKey", check=False) == ""  # git's own setting is enough
    desk.repo.git("config", "sox.signingKey", "/nowhere")
    assert "does not exist" in desk.fails(ConfigError, "enrol").what
    assert "enrolled already" in desk.keys("enrol", "--key", str(other))[1]
    assert desk.repo.git("config", "sox.signingKey") == str(other)


def test_a_key_that_counts_stays_until_the_new_one_does(desk, make_key):
    """Else the change that enrols the new key could not be signed."""
    old, new = make_key(), make_key("new")
    desk.keys("enrol")
    desk.repo.git("add", ".sox")
    desk.repo.git("commit", "-q", "-m", "Adopt sox-hooks")
    out = desk.keys("enrol", "--key", str(new))[1]
    assert f"when it is merged:\n  git config sox.signingKey {new}\n" in out
    assert desk.repo.git("config", "sox.signingKey") == str(old)
    desk.repo.git("commit", "-q", "-a", "-m", "Enrol a key")
    assert "git config sox.signingKey: set" in desk.keys("enrol", "--key", str(new))[1]
    assert desk.repo.git("config", "sox.signingKey") == str(new)


def test_a_relative_key_and_a_literal(desk, make_key):
    key = make_key()
    shutil.copy(f"{key}.pub", desk.repo.path / "mine.pub")
    desk.keys("enrol", "--key", "mine.pub")
    assert desk.repo.git("config", "sox.signingKey") == str(desk.repo.path / "mine.pub")
    line = software_key("ssh-ed25519").line
    assert "ssh-ed25519" in desk.keys("enrol", "--key", f"key::{line} phone")[1]
    assert desk.repo.git("config", "sox.signingKey") == f"{line} phone"
    assert desk.keys("show")[0] == 0


def test_a_key_of_somebody_else(desk, tmp_path):
    """An administrator enters what a colleague sent; the own configuration stays."""
    public = tmp_path / "bob.pub"
    public.write_text(software_key("sk-ssh-ed25519@openssh.com").line + " bob's token\n")
    code, out, _ = desk.keys("enrol", "--email", "bob@bank.example", "--name", "Bob Öz", "--key", str(public))
    assert code == 0
    assert out.splitlines()[:2] == [
        "enrolled for bob (bob@bank.example):",
        f"sk-ssh-ed25519 {finger(public)}",
    ]
    assert desk.repo.git("config", "sox.signingKey", check=False) == ""
    assert [(person.id, person.name) for person in desk.policy().people] == [("alice", "Alice"), ("bob", "Bob Öz")]
    assert "needs --key" in desk.fails(UsageError, "enrol", "--email", "carol@bank.example").what


def test_a_person_who_is_new(desk, make_key):
    make_key()
    desk.repo.git("config", "user.email", "carol@bank.example")
    desk.repo.git("config", "user.name", "Carol \u202e C")
    assert desk.keys("enrol")[1].startswith("enrolled for carol (carol@bank.example)")
    assert [person.id for person in desk.policy().people] == ["alice", "carol"]


def test_a_broken_policy_is_not_added_to(desk, make_key):
    make_key()
    desk.repo.write(".sox/allowed_signers", f"* {software_key('ssh-ed25519').line}\n")
    before = desk.signers
    error = desk.fails(ConfigError, "enrol")
    assert error.what.startswith(".sox/allowed_signers:1:1: the principal")
    assert desk.signers == before
    assert desk.log() == []


def test_a_key_can_be_entered_although_the_policy_that_governs_is_broken(desk, make_key):
    """Else nobody could mend it."""
    make_key()
    desk.keys("enrol")
    good = (desk.repo.path / ".sox/policy.toml").read_bytes()
    desk.repo.write(".sox/policy.toml", "broken")
    desk.repo.commit("break it")
    desk.repo.write(".sox/policy.toml", good)
    assert desk.fails(ConfigError, "list")
    assert "enrolled already" in desk.keys("enrol")[1]
    assert desk.keys("list", "--work-tree")[0] == 0
    assert desk.keys("revoke", ALICE, "--reason", "left")[0] == 0


def test_where_there_is_no_policy_or_no_work_tree(repo, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(repo.path)
    desk = Desk(repo, capsys)
    shutil.rmtree(repo.path / ".sox")
    for words in (("list",), ("list", "--work-tree"), ("show",), ("enrol",), ("revoke", "x", "--reason", "y")):
        assert desk.fails(UsageError, *words).fix == "sox-hooks init"
    bare = tmp_path / "bare"
    repo.git("init", "-q", "--bare", str(bare))
    monkeypatch.chdir(bare)
    assert "needs a work tree" in desk.fails(UsageError, "enrol").what
    monkeypatch.chdir(tmp_path)
    assert "not a git repository" in desk.fails(UsageError, "enrol").what


def test_from_a_subfolder(desk, make_key, monkeypatch):
    make_key()
    (desk.repo.path / "src").mkdir()
    monkeypatch.chdir(desk.repo.path / "src")
    assert desk.keys("enrol")[0] == 0
    assert NS in desk.signers
    assert os.listdir() == []


def test_usage(desk):
    assert "the following arguments are required" in desk.fails(UsageError, "revoke", ALICE).what
    assert desk.fails(UsageError, "revoke", "nobody", "--reason", "x").fix == "sox-hooks keys list"
    assert desk.fails(UsageError, "show", "nobody").fix == "sox-hooks keys list"
