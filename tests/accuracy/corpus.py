"""The labelled corpus: what is written about commits, environments and agents' payloads, and what each of them is.

A row's label says what the facts support, not what any program answers: `ai` (AI took part), `bot` (automation that is
not AI), `human`, or `unknown` (neither the commit nor its circumstances tell; to say `ai` there is a guess). `tool` is
the tool that the row names, `llm` where AI took part and nothing says which. `from` names the source of the fact in
`sources.toml`. `fails` is why we get a row wrong and cannot do better; it must be wrong then.

Used by `test_accuracy.py` and by `benchmarks/accuracy.py`, so nothing but the package and the standard library is
imported here.
"""

from __future__ import annotations

import datetime
import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from sox_hooks.agents.adapter import adapter_of
from sox_hooks.agents.entry import respond
from sox_hooks.core.processes_above import ProcessInfo
from sox_hooks.detection import ancestry, environment, journal
from sox_hooks.detection.catalogue import Catalogue
from sox_hooks.detection.scan import scan
from sox_hooks.git.run import Git
from sox_hooks.policy.claims import claim_of
from sox_hooks.policy.facts import Claim, Evidence, Facts
from sox_hooks.policy.model import ASSISTED
from sox_hooks.policy.starter.starter import StarterPerson, render_starter
from sox_hooks.policy.toml_places import toml_reader

ROWS = Path(__file__).with_name("rows")
MESSAGE, IDENTITY, ENVIRONMENT, PAYLOAD = "message", "identity", "environment", "payload"
SOURCES = (MESSAGE, IDENTITY, ENVIRONMENT, PAYLOAD)
AI, BOT, HUMAN, UNKNOWN = LABELS = ("ai", "bot", "human", "unknown")

_FILES = {MESSAGE: "messages", IDENTITY: "identities", ENVIRONMENT: "environments", PAYLOAD: "payloads"}
_KEYS = {
    MESSAGE: {"line", "message", "date"},
    IDENTITY: {"line", "message", "date", "author", "committer"},
    ENVIRONMENT: {"env", "processes", "terminal", "folders"},
    PAYLOAD: {"agent", "phase", "payload", "env", "wrote", "changed", "staged", "both"},
}
_ALWAYS = {"name", "label", "tool", "from", "why", "fails"}

SOMEBODY = "Ana Iten <ana@bank.example>"
_USUAL = "Post the accrual on the last day\n\nThe job ran a day late in months of 31 days.\n"
_DATE = "2026-03-02T10:00:00Z"
# Of nobody: the starter policy wants one, and nothing is signed here.
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"


class Row(NamedTuple):
    """One thing to judge. `data` holds what the file's kind has besides."""

    reads: str
    name: str
    label: str
    tools: frozenset[str]
    origin: str
    why: str
    fails: str
    data: dict[str, Any]

    @property
    def message(self) -> str:
        """The whole message of the commit."""
        told: str = self.data.get("message", "")
        line = self.data.get("line", "")
        return told or (f"{_USUAL}\n{line}\n" if line else _USUAL)

    @property
    def author(self) -> str:
        """`Name <mail>`."""
        return str(self.data.get("author", SOMEBODY))

    @property
    def committer(self) -> str:
        """`Name <mail>`."""
        return str(self.data.get("committer", SOMEBODY))

    @property
    def text(self) -> str:
        """Everything that is written in the row."""
        return "\n".join([self.message, self.author, self.committer, repr(self.data)])


class Verdict(NamedTuple):
    """What a program says: `ai`, `bot` or "", and the tools that it names."""

    label: str
    tools: frozenset[str] = frozenset()


def origins() -> dict[str, str]:
    """What the names behind `from` stand for."""
    found: dict[str, str] = toml_reader().loads((ROWS / "sources.toml").read_text(encoding="utf-8"))
    return found


def read_rows() -> list[Row]:
    """All rows. Raises `ValueError` for one that is not as the docstring of this module says."""
    known = origins()
    rows: list[Row] = []
    for reads, name in _FILES.items():
        for given in toml_reader().loads((ROWS / f"{name}.toml").read_text(encoding="utf-8"))["row"]:
            row = _row(reads, given)
            allowed = _ALWAYS | _KEYS[reads]
            if set(given) - allowed or row.label not in LABELS or row.origin not in known:
                raise ValueError(f"{name}.toml: {row.name}: {sorted(set(given) - allowed) or row.label or row.origin}")
            if bool(row.tools) != (row.label == AI):
                raise ValueError(f"{name}.toml: {row.name}: a tool is named where AI took part, and nowhere else")
            if any((one.reads, one.name) == (row.reads, row.name) for one in rows):
                raise ValueError(f"{name}.toml: two rows are called {row.name}")
            rows.append(row)
    return rows


def _row(reads: str, given: dict[str, Any]) -> Row:
    tool = given.get("tool", [])
    return Row(
        reads=reads,
        name=given["name"],
        label=given["label"],
        tools=frozenset([tool] if isinstance(tool, str) else tool),
        origin=given["from"],
        why=given.get("why", ""),
        fails=given.get("fails", ""),
        data={key: value for key, value in given.items() if key not in _ALWAYS},
    )


def judge(rows: Iterable[Row], catalogue: Catalogue, folder: Path) -> list[tuple[Row, Verdict]]:
    """What this project says about every row: `scan` for commits, the hook's claim for the rest.

    `folder` must exist and be empty. Agents' payloads are answered in a repository there, as if the agent called.
    """
    rows = list(rows)
    verdicts = _commits([row for row in rows if row.reads in (MESSAGE, IDENTITY)], catalogue, folder / "commits")
    for row in rows:
        if row.reads == ENVIRONMENT:
            verdicts[id(row)] = _claimed(_surroundings(row, catalogue))
    verdicts.update(_payloads([row for row in rows if row.reads == PAYLOAD], folder / "governed"))
    return [(row, verdicts[id(row)]) for row in rows]


def write_commits(rows: Iterable[Row], folder: Path) -> list[str]:
    """Make a repository with one commit a row, exactly as the row says; their ids, oldest first."""
    _git(folder.parent, "init", "-q", str(folder))
    count = 0
    stream = []
    for count, row in enumerate(rows, 1):
        when = _seconds(row.data.get("date", _DATE))
        message = row.message.encode()
        stream.append(f"commit refs/heads/rows\nmark :{count}\n".encode())
        for who, person in (("author", row.author), ("committer", row.committer)):
            stream.append(f"{who} {person} {when} +0000\n".encode())
        stream.append(b"data %d\n%b\n" % (len(message), message))
    _git(folder, "fast-import", "--quiet", "--date-format=raw", data=b"".join(stream))
    return _git(folder, "rev-list", "--reverse", "rows").decode().split() if count else []


def _commits(rows: list[Row], catalogue: Catalogue, folder: Path) -> dict[int, Verdict]:
    names = write_commits(rows, folder)
    found = {one.commit: one for one in scan(Git(str(folder)), catalogue, ("rows",))}
    verdicts = {}
    for row, name in zip(rows, names, strict=True):
        one = found[name]
        label = AI if one.flagged else BOT if one.author_kind == BOT else ""
        verdicts[id(row)] = Verdict(label, frozenset(one.tools if one.flagged else ()))
    return verdicts


def _surroundings(row: Row, catalogue: Catalogue) -> tuple[Evidence, ...]:
    processes = [
        ProcessInfo(100 - number, 99 - number, tuple([word.encode() for word in argv]))
        for number, argv in enumerate(row.data.get("processes", []))
    ]
    folders = row.data.get("folders", [])
    with (
        mock.patch.object(environment, "_has_terminal", return_value=row.data.get("terminal", True)),
        mock.patch.object(os.path, "isdir", folders.__contains__),
    ):
        found = environment.evidence(catalogue, row.data.get("env", {}))
    return (*found, *ancestry.evidence(catalogue, processes))


def _claimed(evidence: tuple[Evidence, ...]) -> Verdict:
    """What the commit hook would record of this evidence."""
    claim = claim_of(Facts((), Claim(), evidence, "ana@bank.example", "ana", "2026-03-02T10:00:00Z"))
    if claim.assistance != ASSISTED:
        return Verdict("")
    return Verdict(AI, frozenset([use.tool for use in claim.tools]) or frozenset(["llm"]))


def _payloads(rows: list[Row], folder: Path) -> dict[int, Verdict]:
    _git(folder.parent, "init", "-q", str(folder))
    ana = StarterPerson("ana", "Ana Iten", "ana@bank.example")
    line = f'ana@bank.example namespaces="sox-record" {_KEY}'
    for name, content in render_starter("bank/ledger", "risk@bank.example", ana, line, ()).items():
        file = folder / ".sox" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    _git(folder, "add", "-A")
    _git(folder, "-c", "user.name=Ana Iten", "-c", "user.email=ana@bank.example", "commit", "-qm", "Adopt a policy")
    return {id(row): _claimed(tuple(_journaled(row, folder))) for row in rows}


def _journaled(row: Row, folder: Path) -> Iterator[Evidence]:
    """The tool call of a row is played, then what it says is committed is looked up in the journal."""
    data = row.data
    path = folder / ".git" / journal.NAME
    path.unlink(missing_ok=True)
    raw = data["payload"].replace("REPO", str(folder)).encode()
    adapter = adapter_of(data["agent"])
    env = {**_quiet(), **data.get("env", {})}
    phase = data.get("phase", "after")
    if phase == "before" or data.get("both"):
        respond(adapter, "before", raw, env)
    for name in data.get("wrote", []):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"written for {row.name}\n")
    if phase == "after":
        respond(adapter, "after", raw, env)
    for name in data.get("changed", []):
        (folder / name).write_text("a person's\n")
    staged = {}
    for name in data.get("staged", data.get("wrote", [])):
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        if name not in data.get("wrote", []):
            file.write_text("a person's own\n")
        staged[name] = _git(folder, "hash-object", name).decode().strip()
    now = datetime.datetime.now(tz=datetime.timezone.utc).timestamp()
    yield from journal.evidence(journal.read(str(path), now), staged)
    for name in {*data.get("wrote", []), *staged}:
        (folder / name).unlink(missing_ok=True)


def _seconds(text: str) -> int:
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def _quiet() -> dict[str, str]:
    """Of this process's environment what git needs, and nothing that marks an agent."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


def _git(folder: Path, *arguments: str, data: bytes = b"") -> bytes:
    done = subprocess.run(["git", *arguments], cwd=folder, input=data, capture_output=True, env=_quiet(), check=False)
    if done.returncode:
        raise RuntimeError(f"git {arguments}: {done.stderr.decode(errors='replace')}")
    return done.stdout
