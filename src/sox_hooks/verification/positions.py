"""The logs of developers as protected history shows them: does every position extend what was seen before it?

A log only grows. So of two records of one person and log, the one with the lower index cannot be the later one, and
one index has one hash. Where either is not so, the log was put back to an earlier state, or copied, and went on from
there. A lower index by itself is nothing: branches are merged in another order than their commits were made.

What was seen before is what CI has signed (countersigned.py), and what came earlier in the range.
"""

from __future__ import annotations

from calendar import timegm

from sox_hooks.core.findings import Finding
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.policy.model import SQUASH
from sox_hooks.policy.rules import finding
from sox_hooks.record import sshsig
from sox_hooks.record.log import Anchor, parse_anchor
from sox_hooks.record.public_keys import fingerprint
from sox_hooks.verification.countersigned import Position, is_position
from sox_hooks.verification.verdict import DENIED, VERIFIED, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sox_hooks.record.record import Record
    from sox_hooks.verification.countersigned import Seen
    from sox_hooks.verification.judge import Gathered

# Seconds by which a clock may have been put back between two records of one log.
_SKEW = 60
_WHY_OTHER = "the entry was changed after the commit, or this log is a copy that went its own way"
_WHY_EARLIER = "the log was cut off or put back to an earlier state, or its clock was"
_FIX = "Have the log of that clone checked where it is: sox-hooks log verify --against origin/main"


class _Cited(Struct):
    """A position with its record, and who vouches for it: "" for this run, else when CI saw it."""

    anchor: Anchor
    commit: str
    moment: str
    signature: bytes = b""
    seen: str = ""


class Positions:
    """One run over protected history. It keeps about 130 bytes a commit."""

    def __init__(self, seen: Iterable[Seen]) -> None:
        self._seen: dict[tuple[str, str], _Cited] = {}
        self._highest: dict[tuple[str, str], _Cited] = {}
        # By person, log and index: the beginnings of the commit's id and of the entry's hash, which is enough to tell.
        self._all: dict[tuple[str, str], dict[int, bytes]] = {}
        self._logs: dict[str, set[str]] = {}  # of each person, as far as CI has seen them
        for one in seen:
            place = one.position
            key = (place.person, place.anchor.log_id)
            known = self._seen.get(key)
            if known is None or place.anchor.index > known.anchor.index:
                self._seen[key] = _Cited(place.anchor, place.commit, place.moment, seen=one.moment)
            self._logs.setdefault(place.person, set()).add(place.anchor.log_id)

    @property
    def logs(self) -> int:
        """How many logs CI had seen before this run."""
        return len(self._seen)

    def checked(self, item: Gathered, verdict: Verdict) -> Verdict:
        """`verdict`, denied if the record of a verified commit contradicts what was seen of its log before."""
        record = item.reading.record
        if verdict.status != VERIFIED or record is None or verdict.relation == SQUASH:
            return verdict
        found = self.cited(item.commit.oid, record, verdict.signer)
        if not found:
            return verdict
        bad = any(entry.rule != "SOX705" for entry in found)
        verdict = verdict.replace(findings=(*verdict.findings, *found))
        return verdict.replace(status=DENIED, relation="") if bad else verdict

    def cited(self, commit: str, record: Record, person: str) -> list[Finding]:
        """Take note of the position that a verified commit cites; what is wrong with it.

        SOX703: that entry is another one; SOX704: the log was put back; SOX705 (no refusal): CI knows the person with
        other logs only.
        """
        log = record.parameter("log")
        if not is_position(log):
            return []
        anchor = parse_anchor(log)
        key = (person, anchor.log_id)
        now = _Cited(anchor, commit, record.moment, record.signature or b"")
        before = self._highest.get(key)
        for other in (self._seen.get(key), self._same_index(key, anchor), before):
            wrong = _contradiction(now, other, person) if other else None
            if wrong:
                return [wrong]
        brief = bytes.fromhex(commit[:12] + anchor.digest[:16])
        self._all.setdefault(key, {}).setdefault(anchor.index, brief)
        if before is None or anchor.index > before.anchor.index:
            self._highest[key] = now
        logs = self._logs.get(person)
        if logs is None or anchor.log_id in logs:
            return []
        known = sorted(logs)[0]
        logs.add(anchor.log_id)
        return [
            finding(
                "SOX705",
                f"{printable(person)} signs {commit[:12]} with the new log {anchor.log_id}; CI has seen log {known}",
                commit=commit,
                why="another clone of the same person has a log of its own; so has a clone whose log was deleted",
            )
        ]

    def _same_index(self, key: tuple[str, str], anchor: Anchor) -> _Cited | None:
        """Another entry with the index of `anchor` that a commit of this run cites; None if it is the same."""
        brief = self._all.get(key, {}).get(anchor.index, b"")
        if not brief or brief[6:].hex() == anchor.digest[:16]:
            return None
        return _Cited(anchor.replace(digest=brief[6:].hex()), brief[:6].hex(), "")

    def extending(self) -> list[tuple[Position, str]]:
        """The positions of this run that extend what CI has seen, each with the anchor that it had seen, or ""."""
        found = []
        for (person, log_id), cited in sorted(self._highest.items(), key=lambda entry: entry[0]):
            known = self._seen.get((person, log_id))
            if known is None or cited.anchor.index > known.anchor.index:
                key = fingerprint(sshsig.parse(cited.signature).public_key)
                position = Position(person, cited.anchor, cited.commit, cited.moment, key)
                found.append((position, str(known.anchor) if known else ""))
        return found


def _contradiction(now: _Cited, other: _Cited, person: str) -> Finding | None:
    mine, known = now.anchor, other.anchor
    whose = f"of {printable(person)}'s log {mine.log_id}"
    commit = f"commit {other.commit[:12]} cites"
    says = f"what {commit} (seen by CI at {other.seen})" if other.seen else f"what {commit}"
    if mine.index == known.index and mine.digest != known.digest:
        message = f"{now.commit[:12]} cites another entry {mine.index} {whose} than {says}"
        return finding("SOX703", message, commit=now.commit, why=_WHY_OTHER, fix=_FIX)
    if mine.index < known.index and _seconds(now.moment) > _seconds(other.moment) + _SKEW:
        message = (
            f"{now.commit[:12]} cites entry {mine.index} {whose}, made {now.moment}, when there was "
            f"entry {known.index}: {says}, made {other.moment}"
        )
        return finding("SOX704", message, commit=now.commit, why=_WHY_EARLIER, fix=_FIX)
    return None


def _seconds(moment: str) -> int:
    """A time as `clock.iso` writes it, in seconds since 1970."""
    parts = [int(moment[at : at + 2]) for at in (5, 8, 11, 14, 17)]
    return timegm((int(moment[:4]), *parts))
