"""What commits say about the log: every record cites its own log entry (`log=`), and whoever has the commits can hold
the log to it. Where the commits are gone, what CI has signed of it (countersigned.py) still does.

Up to the last entry that a commit cites which others have seen, nothing of a log can be changed, cut off or rolled back
without showing here. What came after that can have vanished, and the report says so.
"""

from __future__ import annotations

from itertools import chain

from sox_hooks.core.findings import Finding
from sox_hooks.core.struct import Struct
from sox_hooks.git.commits import RawCommit
from sox_hooks.git.room import CleanRoom
from sox_hooks.policy.rules import finding
from sox_hooks.record import sshsig
from sox_hooks.record.log import Anchor, anchor, parse_anchor
from sox_hooks.record.log_check import LogReport, lines, open_log
from sox_hooks.record.public_keys import fingerprint
from sox_hooks.record.record import Record, read
from sox_hooks.record.statement import payload
from sox_hooks.verification.history import read_commits, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sox_hooks.verification.countersigned import Seen


class CitedEntry(Struct):
    """A commit whose record is signed, the entry that it cites, and the key that signed (its fingerprint).

    `seen` is when CI saw it, "" where it is the commit itself that says so.
    """

    commit: str
    anchor: Anchor
    key: str
    seen: str = ""

    @property
    def cites(self) -> str:
        """`commit 1234 cites`, as the subject of a sentence."""
        return f"commit {self.commit[:12]}{f', seen by CI at {self.seen},' if self.seen else ''} cites"


class Comparison(Struct):
    """A log held against commits.

    cited     how many commits of the range cite this log
    seen      the last entry of it that CI has signed, or None
    fixed     the highest index that they fix, 0 if none: entries 1 to `fixed` are what they were
    findings  SOX703 (an entry is not what a commit cites), SOX704 (cited entries are gone), SOX705 (a key of these
              commits appears with another log as well)
    """

    cited: int
    seen: Seen | None
    fixed: int
    findings: tuple[Finding, ...]


def cited_entries(
    room: CleanRoom, tips: Iterable[str], left: Iterable[str], repositories: tuple[str, ...]
) -> Iterator[CitedEntry]:
    """The entries that commits reachable from `tips` and not from `left` cite, as far as their signature is good.

    Without a good signature anybody could write a commit that makes an honest log look changed. Whether the key may
    sign is another question (`verify`).
    """
    for commit in read_commits(room, walk(room, tips, left)):
        if not isinstance(commit, RawCommit) or b"\nSox-Record:" not in commit.message:
            continue
        record = read(commit.message).record
        key = _signed_by(record, commit, repositories) if record else b""
        if record and key:
            yield CitedEntry(commit.oid, parse_anchor(record.parameter("log")), fingerprint(key))


def compare(path: str, report: LogReport, cited: Iterable[CitedEntry], seen: Iterable[Seen] = ()) -> Comparison:
    """Hold the log at `path`, of which `report` says what `verify_log` found, against what commits cite and CI saw."""
    mine: dict[int, list[CitedEntry]] = {}
    others: dict[str, dict[str, list[str]]] = {}  # key -> log id -> commits
    keys: set[str] = set()
    count = 0
    last: Seen | None = None
    by_ci = []
    for one in seen:
        place = one.position
        by_ci.append(CitedEntry(place.commit, place.anchor, place.key, one.moment))
        if place.anchor.log_id == report.log_id and (last is None or place.anchor.index > last.position.anchor.index):
            last = one
    for entry in chain(cited, by_ci):
        if entry.anchor.log_id == report.log_id:
            count += not entry.seen
            mine.setdefault(entry.anchor.index, []).append(entry)
            keys.add(entry.key)
        else:
            others.setdefault(entry.key, {}).setdefault(entry.anchor.log_id, []).append(entry.commit)
    findings: list[Finding] = []
    fixed = 0
    for index, found in _anchors(path, set(mine)):
        for entry in mine.pop(index):
            if found == entry.anchor:
                fixed = max(fixed, index)
            else:
                findings.append(
                    finding(
                        "SOX703",
                        f"entry {index} of the audit log is not the one that {entry.cites}",
                        commit=entry.commit,
                        why="the entry was changed after the commit, or this log is a copy that went its own way",
                    )
                )
    for index, entries in sorted(mine.items()):
        findings.append(
            finding(
                "SOX704",
                f"{entries[0].cites} entry {index} of the audit log, which is not there",
                commit=entries[0].commit,
                why="the log was cut off or put back to an earlier state",
            )
        )
    for key in sorted(keys & set(others)):
        for log_id, commits in sorted(others[key].items()):
            findings.append(
                finding(
                    "SOX705",
                    f"the key {key} also appears with log {log_id} ({len(commits)} commits, e.g. {commits[0][:12]})",
                    commit=commits[0],
                    why="another clone of the same person has a log of its own; so has a clone whose log was deleted",
                )
            )
    return Comparison(count, last, fixed, tuple(findings))


def _anchors(path: str, wanted: set[int]) -> Iterator[tuple[int, Anchor]]:
    """The anchors of the entries with these indexes, in one pass; those that are not there are left out."""
    first = b""
    with open_log(path) as file:
        for number, line in enumerate(lines(file), start=1):
            content = line.removesuffix(b"\n")
            first = first or content
            if number in wanted and line.endswith(b"\n"):
                yield number, anchor(first, number, content)


def _signed_by(record: Record, commit: RawCommit, repositories: tuple[str, ...]) -> bytes:
    """The public key of a signature that is over what the commit says, b"" if it is not."""
    try:
        signature = sshsig.parse(record.signature or b"")
    except sshsig.BadSignature:
        return b""
    for repository in repositories:
        try:
            sshsig.verify(signature, payload(record, repository, commit.author_email))
        except sshsig.BadSignature:
            continue
        return signature.public_key
    return b""
