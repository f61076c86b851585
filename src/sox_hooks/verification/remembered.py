"""What earlier runs of the gate found out, so that a run judges only the commits that came since.

A cache, and never more: with it, without it, or with one that was cut, poisoned or put back, a run prints the same. A
run is taken up again only if everything that its verdicts depend on is as it was (`Memory.depends`) and the range has
only grown at its tip: each new commit stands on another new one or on the old tip. Then, and not for a rewritten branch
or a merge of something older, git lists the old commits first and in the old order, the range leaves protected history
where it left it, and the commit that a record is found on first is the same one.

What is not kept: runs with a verdict that another clone or another second might change (`_settled`).
"""

from __future__ import annotations

import json
from hashlib import sha256

from sox_hooks.core.clock import day
from sox_hooks.core.errors import CannotVerify
from sox_hooks.core.findings import Finding, Place
from sox_hooks.core.struct import Struct
from sox_hooks.verification.history import walk
from sox_hooks.verification.judge import Gathered, Unreadable
from sox_hooks.verification.protected import UsedRecords, anchors_in
from sox_hooks.verification.record_table import RecordTable
from sox_hooks.verification.reverts import names_a_commit
from sox_hooks.verification.surroundings import calendar, programs
from sox_hooks.verification.vault import Vault
from sox_hooks.verification.verdict import VERIFIED, Passed, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sox_hooks.git.room import CleanRoom
    from sox_hooks.policy.model import Policy
    from sox_hooks.verification.history import Node
    from sox_hooks.verification.ranges import End, Range

# Fewer commits are judged as quickly as all this is read.
WORTH = 200
# Commits that passed without a word are counted; so many at the beginning are kept whole, for formats that list a few.
LISTED = 20
# A range in which more is wrong is not kept.
_MOST_KEPT = 2000
# Another text of a remembered day or moment, or a clone that lacks something, would change what these say.
_UNSETTLED = ("SOX613", "SOX617", "SOX618", "SOX621")


class Known(Struct):
    """A run that is taken up again, and what is new since.

    verdicts   of the remembered commits, those that are not in `passed`; in the order of the range
    passed     the others: verified, and nothing to be said about them
    table      the records of all of them
    exempt     how many commits the baseline exempts
    least      the lowest version of a policy where the range leaves protected history, -1 = not known
    base       the only best common ancestor of the range and its target, "" = not known or not the only one
    new        the commits to judge, parents before children
    """

    verdicts: tuple[Verdict, ...]
    passed: Passed
    table: RecordTable
    exempt: int
    least: int
    base: str
    new: tuple[Node, ...]


class Memory:
    """The runs that are kept in a vault. `recall` false: nothing is taken up again, but runs are kept."""

    def __init__(self, vault: Vault, recall: bool = True) -> None:
        self._vault = vault
        self._recall = recall

    def open(self, room: CleanRoom, asked: Range, governing: End, policy: Policy, moment: str) -> Remembering | None:
        """What may be known about a range; None where nothing is to be kept of it."""
        if len(asked.tips) != 1:
            return None
        own = programs(room)
        depends = (
            *own,
            room.object_format,
            governing.name,  # findings quote it
            governing.oid,
            policy.identity,
            calendar(policy, moment),
            *sorted({end.oid for end in asked.left}),
        )
        history = (*own, room.object_format, governing.name, *policy.baseline)
        return Remembering(self._vault, room, asked, governing, policy, moment, depends, history, self._recall)


class Remembering:
    """One range in the memory: `known` is what is taken up again, or None."""

    def __init__(
        self,
        vault: Vault,
        room: CleanRoom,
        asked: Range,
        governing: End,
        policy: Policy,
        moment: str,
        depends: tuple[str, ...],
        history: tuple[str, ...],
        recall: bool,
    ) -> None:
        self._vault = vault
        self._room = room
        self._tip = asked.tips[0].oid
        self._left = [end.oid for end in asked.left]
        self._governing = governing.oid
        self._baseline = list(policy.baseline)
        self._moment = moment
        self._depends = depends
        self._history = history
        self._recall = recall
        self._size = len(governing.oid) // 2
        self._least = -1
        self._verdicts: list[Verdict] = []
        self._plain = 0
        self._passes = 0
        self._relations: dict[str, int] = {}
        self._assistance: dict[str, int] = {}
        self._keep = True
        self._count = 0
        self.known = self._known() if recall else None
        if self.known:
            self._verdicts += self.known.verdicts
            self._plain = sum(_is_plain(verdict) for verdict in self.known.verdicts)
            self._least = self.known.least
            passed = self.known.passed
            self._passes = passed.count
            self._relations, self._assistance = dict(passed.relations), dict(passed.assistance)

    def _known(self) -> Known | None:
        """The run of the old tip that all new commits stand on."""
        start = f"run-{_digest(self._depends)}-"
        tips = [name[len(start) :] for name in self._vault.names(start)]
        tips = [tip for tip in tips if len(tip) == len(self._tip) and tip.isalnum()]
        if self._tip in tips:
            return self._read(start, self._tip, ())
        # Nearly always one is where the branch was before. Where it was set back, newer ones are in the way.
        for few in (tips, *([[tip] for tip in tips] if len(tips) > 1 else [])):
            found = self._grown(few) if few else None
            known = self._read(start, *found) if found else None
            if known:
                return known
        return None

    def _grown(self, tips: list[str]) -> tuple[str, tuple[Node, ...]] | None:
        """The one of these tips that the range has grown from, and what came since."""
        try:
            new = tuple(walk(self._room, [self._tip], [*tips, *self._left, *self._baseline], "--ignore-missing"))
        except CannotVerify:
            return None
        inside = {oid for oid, _ in new}
        below = {parent for _, parents in new for parent in parents} - inside
        if len(below) != 1 or not all(parents for _, parents in new) or not below <= set(tips):
            return None
        return below.pop(), new

    def _read(self, start: str, tip: str, new: tuple[Node, ...]) -> Known | None:
        return _thaw(self._vault.read(start + tip), self._depends, tip, self._moment, self._size, new)

    def landed(self) -> RecordTable | None:
        """The records of protected history as they were found before, with those of what landed since."""
        kept = self._kept_history()
        if kept is None:
            return None
        tip, table = kept
        if tip == self._governing:
            return table
        try:
            if not any(tip in parents for _, parents in walk(self._room, [self._governing], [tip])):
                return None  # it is no ancestor
            table = table.extended(anchors_in(self._room, [self._governing], [tip, *self._baseline]))
        except CannotVerify:
            return None
        self._keep_history(table)
        return table

    def _kept_history(self) -> tuple[str, RecordTable] | None:
        raw = self._vault.read(self._history_name) if self._recall else None
        head, _, rows = (raw or b"").partition(b"\n")
        try:
            depends, tip = json.loads(head)
            return (tip, RecordTable(rows, self._size)) if depends == list(self._history) else None
        except ValueError:
            return None

    def _keep_history(self, table: RecordTable) -> None:
        head = json.dumps([self._history, self._governing]).encode("ascii")
        self._vault.write(self._history_name, head + b"\n" + table.rows)

    @property
    def _history_name(self) -> str:
        return f"landed-{_digest(self._history)}"

    def add(self, item: Gathered | Unreadable, verdict: Verdict) -> None:
        """The next verdict of the range."""
        self._count += 1
        if not self._keep:
            return
        if not _settled(item, verdict) or len(self._verdicts) >= _MOST_KEPT:
            self._keep = False
            self._verdicts.clear()
        elif not _is_plain(verdict):
            self._verdicts.append(verdict)
        elif self._plain < LISTED:
            self._plain += 1
            self._verdicts.append(verdict)
        else:
            self._passes += 1
            self._relations[verdict.relation] = self._relations.get(verdict.relation, 0) + 1
            self._assistance[verdict.assistance] = self._assistance.get(verdict.assistance, 0) + 1

    def least(self, find: Callable[[], int]) -> int:
        """The lowest version of a policy where the range leaves protected history, by `find` if it is not known."""
        if self._least < 0:
            self._least = find()
        return self._least

    def finish(self, used: UsedRecords, exempt: int) -> None:
        """All commits of the range are judged: keep what there is to keep."""
        if used.searched is not None and len(used.searched) >= WORTH:
            self._keep_history(RecordTable(b"", self._size).extended(used.searched))
        known = self.known
        worth = len(self._verdicts) + self._passes >= WORTH
        if not self._keep or not worth or (known and not self._count):
            return
        head = {
            "depends": self._depends,
            "tip": self._tip,
            "moment": self._moment,
            "findings": any(verdict.findings for verdict in self._verdicts),
            "exempt": exempt,
            "least": self._least,
            "base": known.base if known else self._base(),
            "passed": (self._passes, list(self._relations.items()), list(self._assistance.items())),
            "verdicts": self._verdicts,
        }
        table = (known.table if known else RecordTable(b"", self._size)).extended(used.judged)
        name = f"run-{_digest(self._depends)}-{self._tip}"
        self._vault.write(name, json.dumps(head, default=Struct.astuple).encode("ascii") + b"\n" + table.rows)

    def _base(self) -> str:
        """Known for good only where the target is a left end: then no commit that is new can be part of it."""
        if self._governing not in self._left:
            return ""
        result = self._room.git.result("merge-base", "--all", self._governing, self._tip)
        bases = result.out.split()
        return bases[0].decode("ascii") if result.code == 0 and len(bases) == 1 else ""


def _is_plain(verdict: Verdict) -> bool:
    return verdict.status == VERIFIED and not verdict.findings


def _settled(item: Gathered | Unreadable, verdict: Verdict) -> bool:
    """Whether the commit and what `Memory.depends` on decide this verdict for good, down to its words.

    What could not be read, a merge that could not be computed and a revert that could not be followed may be otherwise
    in a clone that is complete; a record from the future is one until its time has come.
    """
    if isinstance(item, Unreadable):
        return False
    if verdict.status == VERIFIED and not verdict.findings:
        return True
    if any(entry.rule in _UNSETTLED for entry in verdict.findings):
        return False
    may_pass = len(item.commit.parents) > 1 or names_a_commit(item.commit.message)
    return verdict.status == VERIFIED or item.reading.record is not None or not may_pass


def _digest(words: tuple[str, ...]) -> str:
    return sha256(json.dumps(words).encode("ascii")).hexdigest()[:32]


def _thaw(
    raw: bytes | None, depends: tuple[str, ...], tip: str, moment: str, size: int, new: tuple[Node, ...]
) -> Known | None:
    """A run from its file, None if it is another one, of a time to come, or of a day whose date its findings tell."""
    head, _, rows = (raw or b"").partition(b"\n")
    try:
        told = json.loads(head)
        if told["depends"] != list(depends) or told["tip"] != tip or told["moment"] > moment:
            return None
        if told["findings"] and day(told["moment"]) != day(moment):
            return None
        count, relations, assistance = told["passed"]
        return Known(
            tuple([_verdict(values) for values in told["verdicts"]]),
            Passed(
                count,
                tuple([(name, number) for name, number in relations]),
                tuple([(name, number) for name, number in assistance]),
            ),
            RecordTable(rows, size),
            told["exempt"],
            told["least"],
            told["base"],
            new,
        )
    except (ValueError, TypeError, KeyError):  # another program with our key: not ours to say what it meant
        return None


def _verdict(values: list[Any]) -> Verdict:
    named = dict(zip(Verdict.fields, values, strict=True))
    findings = tuple([_finding(one) for one in named["findings"]])
    return Verdict(**{**named, "tools": tuple(named["tools"]), "findings": findings})


def _finding(values: list[Any]) -> Finding:
    named = dict(zip(Finding.fields, values, strict=True))
    return Finding(**{**named, "place": Place(*named["place"]) if named["place"] else None})
