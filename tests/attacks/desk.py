"""What the attacks share: the attacker's desk, the clone in which CI judges, and how an attack is told.

An attack is a function that does what an attacker with commit rights would do at `Desk`, on the branch `evil`. It is
then cloned, and `sox-hooks verify` is called as CI calls it: by the command line, in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import Repo, sox_argv
from tests.record.software_keys import software_key
from tests.stage import ALICE, BOB, MALLORY, Actor, Stage, policy_files

__all__ = ["ALICE", "BOB", "CAROL", "DAVE", "ERIN", "FRANK", "MALLORY", "PEOPLE", "ROBOT", "Attacks", "Desk", "Judged"]

CAROL = Actor("carol", "carol@bank.example", software_key("ssh-ed25519", 11), options='valid-before="20251231235959Z"')
DAVE = Actor("dave", "dave@bank.example", software_key("ssh-ed25519", 12), options='valid-after="20990101000000Z"')
ERIN = Actor("erin", "erin@bank.example", software_key("sk-ssh-ed25519@openssh.com", 13))
FRANK = Actor("frank", "frank@bank.example", software_key("ecdsa-sha2-nistp256", 14))
ROBOT = Actor("robot", "robot@bank.example", software_key("ssh-ed25519", 15), kind="service")
# Mallory has commit rights and a key, but nobody enrolled her. All others are enrolled; Carol's key has expired.
PEOPLE = (ALICE, BOB, CAROL, DAVE, ERIN, FRANK, ROBOT)
VAULT = "src/vault/seal.py"
_VAULT_TIER = """
[tiers.vault]
ai = "none"
declaration = "required"
key = "hardware"

[[paths]]
patterns = ["src/vault/**"]
tier = "vault"
"""


@dataclass
class Judged:
    """What CI saw. `verdicts` by commit id, in the report's order."""

    code: int
    out: str
    err: str
    verdicts: dict[str, dict] = field(default_factory=dict)

    def words(self, commit: str) -> str:
        """`STATUS RULE ...` of a commit: rules of errors and warnings, sorted."""
        found = self.verdicts[commit]
        rules = sorted({entry["rule"] for entry in found["findings"] if entry["severity"] != "note"})
        return " ".join([found["status"], *rules])


class Desk(Stage):
    """The attacker's repository, which is also what CI fetches from; `evil` is checked out."""

    def __init__(self, repo: Repo, clone: Path) -> None:
        super().__init__(repo)
        self.ci = Repo(clone)

    def open(self) -> Desk:
        """Begin, adopt the policy on `main`, and check `evil` out."""
        self.first = self.commit("Begin", {"README": "begin\n", "src/app.py": CODE, "src/ledger/books.py": CODE})
        self.adoption = self.commit("Adopt a policy", self.policy())
        self.branch("evil")
        return self

    def policy(self, people: tuple[Actor, ...] = PEOPLE, **options: object) -> dict[str, str]:
        """The files of the policy, with a tier for hardware keys."""
        options.setdefault("baseline", (self.first,))
        files = policy_files(people, **options)  # type: ignore[arg-type]
        files[".sox/policy.toml"] += _VAULT_TIER
        return files

    def land(self, message: str, files: dict[str, str | bytes]) -> str:
        """A commit on `main`, where it is judged no more; `evil` stays where it was."""
        self.git("checkout", "-q", "main")
        commit = self.commit(message, files)
        self.git("checkout", "-q", "evil")
        return commit

    def point(self, commit: str) -> str:
        """Let `evil` be this commit."""
        self.git("update-ref", "refs/heads/evil", commit)
        return commit

    def restate(self, commit: str, message: bytes, *parents: str, tree: str = "") -> str:
        """`commit` again with another message (and parents, and tree) and the same author: `evil` from now on."""
        who = self.git("log", "-1", "--format=%ae", commit)
        parents = parents or tuple(self.git("log", "-1", "--format=%P", commit).split())
        tree = tree or f"{commit}^{{tree}}"
        return self.point(self.commit_tree(self.git("rev-parse", tree), parents, message, author=who))

    def raw(self, content: bytes, kind: str = "commit") -> str:
        """Any bytes as an object, whatever git thinks of them."""
        return self.git("hash-object", "-t", kind, "-w", "--literally", "--stdin", data=content)

    def clone(self, *options: str) -> None:
        """What CI fetches."""
        argv = ["git", "clone", "-q", "--no-hardlinks", *options, self.repo.path.as_uri(), str(self.ci.path)]
        subprocess.run(argv, check=True, capture_output=True)

    def judge(self, *words: str, **env: str) -> Judged:
        """`sox-hooks verify` in the clone (made if there is none yet)."""
        if not self.ci.path.exists():
            self.clone()
        words = words or ("origin/main..origin/evil",)
        done = subprocess.run(
            [*sox_argv(), "verify", "--format", "json", *words],
            cwd=self.ci.path,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        judged = Judged(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr, done.stderr
        if done.stdout:
            judged.verdicts = {entry["commit"]: entry for entry in json.loads(done.stdout)["commits"]}
        return judged


CODE = "def book(entry):\n    if entry.approved:\n        post(entry)\n        audit(entry)\n    return entry\n"

Act = Callable[[Desk], "str | Judged | None"]


@dataclass
class Attack:
    """One attack: what is gained if it works, and what stops it (`STATUS RULE ...`, or `exit CODE: WORDS`)."""

    name: str
    gains: str
    stopped_by: str
    act: Act

    def run(self, desk: Desk) -> tuple[Judged, str]:
        """Attack, let CI judge, and give what came of it and the commit that it is about."""
        what = self.act(desk.open())
        judged = what if isinstance(what, Judged) else desk.judge()
        return judged, what if isinstance(what, str) else desk.git("rev-parse", "evil")


class Attacks:
    """The attacks of one file."""

    def __init__(self) -> None:
        self.all: list[Attack] = []

    def stopped(self, by: str, gains: str) -> Callable[[Act], Act]:
        """Tell an attack: the decorated function is its name and does it."""

        def tell(act: Act) -> Act:
            name = act.__name__.replace("_", " ")
            assert all(name != other.name for other in self.all), name
            self.all.append(Attack(name, gains, by, act))
            return act

        return tell

    def __getitem__(self, name: str) -> Attack:
        return next(attack for attack in self.all if attack.name == name)

    def test(self) -> Callable[[Attack, Desk], None]:
        """The test that runs them all."""

        @pytest.mark.parametrize("attack", self.all, ids=[attack.name.replace(" ", "-") for attack in self.all])
        def test_attack_is_stopped(attack: Attack, desk: Desk) -> None:
            stopped(attack, *attack.run(desk))

        return test_attack_is_stopped


def stopped(attack: Attack, judged: Judged, commit: str) -> None:
    """The attack ended as it says; `verified` is allowed only where that is what it says."""
    if attack.stopped_by.startswith("exit "):
        code, _, words = attack.stopped_by.removeprefix("exit ").partition(": ")
        assert (judged.code, words in judged.err + judged.out) == (int(code), True), (judged, attack.gains)
        return
    assert judged.verdicts, judged.err
    found = judged.words(commit)
    assert found == attack.stopped_by, f"{found}, and not {attack.stopped_by}: {attack.gains}"
    passes = {entry["status"] for entry in judged.verdicts.values()} <= {"verified", "adopted"}
    assert (judged.code == 0) == passes, judged.out
