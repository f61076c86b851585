"""A stage for tests about records: a repository with a policy, persons with keys, and commits recorded as told.

`Stage.record` makes a commit with a record without any hook, so that every part of it can be right or deliberately
wrong; `Stage.commit` makes one without. Signatures are made in this process (tests.record.software_keys); `key_file`
writes a key as OpenSSH does, for tests with hooks and with `ssh-keygen`.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sox_hooks.core import clock
from sox_hooks.core.struct import Struct
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git, clean_environment
from sox_hooks.record.binding import bind
from sox_hooks.record.message import layout
from sox_hooks.record.record import VERSION, Record, write
from sox_hooks.record.statement import payload
from sox_hooks.verification.gate import open_gate
from sox_hooks.verification.landed import open_landed
from tests.record.software_keys import SoftwareKey, software_key, sshsig

REPOSITORY = "bank/ledger"
SECRET = "src/ledger/books.py"  # a path of the tier `restricted`

_POLICY = """\
[policy]
repository = "{repository}"
former = {former}
version = {version}
owner = "Risk"

[enforcement]
mode = "{mode}"
baseline = {baseline}
undeclared = ["open"]
record_for_others = {record_for_others}
{relations}

[tools.claude-code]
status = "approved"

[tools.cursor]
status = "{cursor}"

[tiers.open]
ai = "any"

[tiers.controlled]
ai = "approved"
declaration = "required"

[tiers.restricted]
ai = "none"
declaration = "required"

[[paths]]
patterns = ["**"]
tier = "open"

[[paths]]
patterns = [".sox/**", "src/api/**"]
tier = "controlled"

[[paths]]
patterns = ["src/ledger/**"]
tier = "restricted"
"""


class Actor(Struct):
    """Somebody with an address and a key. `options` stand in the line of `allowed_signers`."""

    id: str
    email: str
    key: SoftwareKey
    others: tuple[str, ...] = ()  # more addresses
    accounts: tuple[str, ...] = ()
    options: str = ""
    kind: str = "person"
    roles: tuple[str, ...] = ()


ALICE = Actor(
    "alice", "alice@bank.example", software_key("ssh-ed25519", 1), ("ng@bank.example",), accounts=("github:alice-ng",)
)
BOB = Actor("bob", "bob@bank.example", software_key("ssh-ed25519", 2))
MALLORY = Actor("mallory", "mallory@bank.example", software_key("ssh-ed25519", 3))


def policy_files(
    people: tuple[Actor, ...] = (ALICE, BOB),
    *,
    version: int = 1,
    repository: str = REPOSITORY,
    former: tuple[str, ...] = (),
    mode: str = "enforce",
    baseline: tuple[str, ...] = (),
    record_for_others: bool = False,
    relations: str = "",
    cursor: str = "prohibited",
) -> dict[str, str]:
    """The files of `.sox/`, by path. `relations` is a TOML table such as `{ open = ["same-change"] }`."""
    persons = [
        f'[people.{one.id}]\nname = "{one.id.title()}"\nkind = "{one.kind}"\n'
        f"emails = {_list((one.email, *one.others))}\naccounts = {_list(one.accounts)}\n"
        f"roles = {_roles(one.roles)}\n"
        for one in people
    ]
    keys = [
        f'{one.email} namespaces="sox-record"{"," + one.options if one.options else ""} {one.key.line}\n'
        for one in people
    ]
    policy = _POLICY.format(
        repository=repository,
        former=_list(former),
        version=version,
        mode=mode,
        baseline=_list(baseline),
        record_for_others=str(record_for_others).lower(),
        relations=f"relations = {relations}" if relations else "",
        cursor=cursor,
    )
    return {
        ".sox/policy.toml": policy,
        ".sox/people.toml": "\n".join(persons),
        ".sox/allowed_signers": "".join(keys),
    }


def _roles(roles: tuple[str, ...]) -> str:
    return "[" + ", ".join([f'{{ role = "{role}", from = 2020-01-01 }}' for role in roles]) + "]"


def _list(values: tuple[str, ...]) -> str:
    return "[" + ", ".join([f'"{value}"' for value in values]) + "]"


class Stage:
    """A repository under a policy. `repo` is the fixture of that name, empty."""

    def __init__(self, repo) -> None:
        self.repo = repo
        self.git = repo.git
        self.count = 0
        self._room: CleanRoom | None = None

    @property
    def clean(self) -> Git:
        return Git(str(self.repo.path), env=clean_environment(os.environ))

    @property
    def room(self) -> CleanRoom:
        if self._room is None:
            self._room = CleanRoom(self.clean)
        return self._room

    def begin(self, people: tuple[Actor, ...] = (ALICE, BOB), **policy: object) -> Stage:
        """The first commit, which is the baseline, and the adoption of a policy, both on `main`."""
        self.first = self.commit("Begin", {"README": "begin\n", "src/app.py": LINES, SECRET: LINES})
        policy.setdefault("baseline", (self.first,))
        self.adoption = self.commit("Adopt a policy", policy_files(people, **policy))
        return self

    def branch(self, name: str, at: str = "main") -> None:
        """A new branch, checked out."""
        self.git("checkout", "-q", "-b", name, at)

    def commit(self, message: str = "Unrecorded", files: dict[str, str | bytes] | None = None, **env: str) -> str:
        """A commit without a record, by Alice unless `env` says otherwise."""
        return self.repo.commit(message, files, "--no-verify", **env)

    def record(
        self,
        files: dict[str, str | bytes] | None = None,
        message: str = "Change",
        *,
        by: Actor = ALICE,
        claim: str = "none",
        tools: tuple[str, ...] = (),
        moment: str = "",
        policy: str = "",
        repository: str = REPOSITORY,
        author: str = "",
        signed_for: str = "",
        key: SoftwareKey | None = None,
        parents: tuple[str, ...] | None = None,
        extra: tuple[tuple[str, str], ...] = (),
        change: str = "",
        patch: str = "",
        log: str = "",
        signature: dict[str, object] | None = None,
        edit=None,
    ) -> str:
        """A commit of all that is in the work tree, with a record; returns its id and leaves HEAD there.

        by          whose key signs, and who is the author
        author      the author's address in the commit, `signed_for` that in the statement, if they are others
        policy      what the record cites, else the `.sox/` of `main`
        log         the entry that it cites, else one that nobody has
        signature   keywords for `software_keys.sshsig`
        edit        what is done to the finished message
        """
        for name, content in (files or {}).items():
            self.repo.write(name, content)
        self.git("add", "-A")
        tree = self.git("write-tree")
        if parents is None:
            parents = (self.repo.head(),)
        commit = self.record_tree(
            tree,
            parents,
            message,
            by=by,
            claim=claim,
            tools=tools,
            moment=moment,
            policy=policy,
            repository=repository,
            author=author,
            signed_for=signed_for,
            key=key,
            extra=extra,
            change=change,
            patch=patch,
            log=log,
            signature=signature,
            edit=edit,
        )
        self.git("update-ref", "HEAD", commit)
        return commit

    def record_tree(
        self,
        tree: str,
        parents: tuple[str, ...],
        message: str = "Change",
        *,
        by: Actor = ALICE,
        claim: str = "none",
        tools: tuple[str, ...] = (),
        moment: str = "",
        policy: str = "",
        repository: str = REPOSITORY,
        author: str = "",
        signed_for: str = "",
        key: SoftwareKey | None = None,
        extra: tuple[tuple[str, str], ...] = (),
        change: str = "",
        patch: str = "",
        log: str = "",
        signature: dict[str, object] | None = None,
        edit=None,
    ) -> str:
        """The same for a tree that is there already; touches no ref."""
        self.count += 1
        room = self.room
        bound = bind(parents, [room.diff(parent, tree) for parent in parents or (room.empty_tree,)])
        record = Record(
            claim,
            tools,
            VERSION,
            moment or clock.now(),
            (
                ("policy", policy or self.git("rev-parse", "main:.sox")),
                ("change", change or bound.change),
                ("patch", patch or bound.patch),
                ("log", log or f"{'stage' + str(os.getpid()):.12}.{self.count}.{os.urandom(16).hex()}"),
                *extra,
            ),
        )
        data = payload(record, repository, (signed_for or author or by.email).encode())
        blob = sshsig(key or by.key, data, **(signature or {}))
        raw = layout(message.encode() + b"\n", comments=False, comment=b"#", cleanup="default")
        text = write(raw, record.replace(signature=blob))
        return self.commit_tree(tree, parents, edit(text) if edit else text, by=by, author=author)

    def commit_tree(
        self, tree: str, parents: tuple[str, ...], message: bytes, *, by: Actor = ALICE, author: str = ""
    ) -> str:
        """A commit as it is told to be, message and all."""
        options = [word for parent in parents for word in ("-p", parent)]
        name = {"GIT_AUTHOR_NAME": by.id.title(), "GIT_AUTHOR_EMAIL": author or by.email}
        return self.git("commit-tree", tree, *options, "-F", "-", data=message, **name)

    def message(self, commit: str = "HEAD") -> bytes:
        """The stored message."""
        return self.repo.git_bytes("cat-file", "commit", commit).partition(b"\n\n")[2]

    def verify(self, *words: str, policy_ref: str = ""):
        """The verdicts of the gate, oldest commit first."""
        return list(self.gate(*words, policy_ref=policy_ref).verdicts())

    def gate(self, *words: str, policy_ref: str = ""):
        """A run of the gate, in a room that goes with the test."""
        return open_gate(self.clean, CleanRoom(self.clean), words or ("main..HEAD",), policy_ref)

    def verdict(self, *words: str, policy_ref: str = ""):
        """The verdict on the last commit of the range."""
        return self.verify(*words, policy_ref=policy_ref)[-1]

    def landed(self, word: str = "main", *heads: str):
        """The verdicts on protected history, oldest commit first."""
        with CleanRoom(self.clean) as room:
            return list(open_landed(self.clean, room, word, heads).verdicts())

    def key_file(self, actor: Actor, folder: Path) -> Path:
        """The private key as a file that ssh-keygen takes, its public half beside it."""
        path = folder / f"key-{actor.id}"
        pem = actor.key.private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        path.write_bytes(pem)
        path.chmod(0o600)
        path.with_name(path.name + ".pub").write_text(f"{actor.key.line} {actor.id}\n")
        return path


LINES = "".join([f"line {number}\n" for number in range(1, 41)])


def edited(*changes: tuple[int, str]) -> str:
    """`LINES` with some lines (counted from 1) replaced."""
    lines = LINES.splitlines(keepends=True)
    for number, text in changes:
        lines[number - 1] = text + "\n"
    return "".join(lines)


def words(verdict) -> str:
    """`status` or `status relation`, and the rules of all findings but notes: what tables of tests compare."""
    status = " ".join([part for part in (verdict.status, verdict.relation) if part])
    rules = sorted({entry.rule for entry in verdict.findings if entry.severity != "note"})
    return " ".join([status, *rules])
