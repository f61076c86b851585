"""`verify RANGE`: pending commits, judged by the tip of the branch they are meant for."""

from __future__ import annotations

from sox_hooks.core import clock
from sox_hooks.core.errors import CannotVerify, UsageError
from sox_hooks.core.findings import Finding
from sox_hooks.core.struct import Struct
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git
from sox_hooks.verification.brought import brought_policy
from sox_hooks.verification.governing import Policies
from sox_hooks.verification.history import count, gather, walk
from sox_hooks.verification.judge import Unreadable, judge, same_record_again, unreadable
from sox_hooks.verification.law import Law
from sox_hooks.verification.protected import ProtectedHistory, UsedRecords
from sox_hooks.verification.ranges import End, Range, parse_range, resolve
from sox_hooks.verification.second_core import checked_ahead
from sox_hooks.verification.verdict import Passed, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.verification.history import Node
    from sox_hooks.verification.judge import Gathered
    from sox_hooks.verification.remembered import Memory, Remembering


class Gate(Struct):
    """What is judged, and by what: known before the first verdict, so that a report can say it first."""

    range: Range
    governed_by: End
    policy_identity: str
    policy_version: int
    moment: str
    exempt: int  # commits of the range that the baseline exempts
    brought: tuple[Finding, ...] = ()  # what is wrong with the policy that the change would bring in


class GateRun:
    """One run of the gate: `open_gate` makes it, iterating gives the verdicts, oldest commit first.

    `passed` are commits that `verdicts` leaves out, because an earlier run had nothing to say about them.
    """

    def __init__(
        self, room: CleanRoom, gate: Gate, law: Law, baseline: list[str], remembering: Remembering | None = None
    ) -> None:
        self.room = room
        self.gate = gate
        self.law = law
        self._baseline = baseline
        self._remembering = remembering
        self._known = remembering.known if remembering else None
        self.passed = self._known.passed if self._known else Passed()

    def verdicts(self) -> Iterator[Verdict]:
        """The verdicts, one a commit. Memory grows by one small entry a record and by nothing else."""
        remembering, known = self._remembering, self._known
        if known:
            yield from known.verdicts
        used = UsedRecords(
            self.room,
            [self.gate.governed_by.oid],
            self._baseline,
            remembering.landed if remembering else lambda: None,
            known.table if known else None,
        )
        protected = ProtectedHistory(self.room)
        nodes = known.new if known else self._nodes()
        items = gather(self.room, nodes, lambda named, _: protected.holds(named, self.gate.governed_by.oid))
        for item, proven in checked_ahead(items, lambda: self.law.policy.repository):
            verdict = self._judged(item, proven, used)
            if remembering:
                remembering.add(item, verdict)
            yield verdict
        if remembering:
            remembering.finish(used, self.gate.exempt)

    def _nodes(self) -> Iterator[Node]:
        tips = [end.oid for end in self.gate.range.tips]
        return walk(self.room, tips, [*[end.oid for end in self.gate.range.left], *self._baseline])

    def _judged(self, item: Gathered | Unreadable, proven: str, used: UsedRecords) -> Verdict:
        if isinstance(item, Unreadable):
            return unreadable(item)
        verdict = judge(item, self.law, proven)
        first = used.first(item) if verdict.signer else ""
        return same_record_again(verdict, first) if first else verdict


def open_gate(
    git: Git, room: CleanRoom, words: tuple[str, ...], policy_ref: str, memory: Memory | None = None
) -> GateRun:
    """Find out what is asked and which policy governs.

    `git` resolves names as the person typed them; everything else happens in `room`. `policy_ref` "" means the left
    end. `memory` is what earlier runs found out. Raises `UsageError` for a range without exactly one left end,
    `CannotVerify` where no policy governs.
    """
    with ObjectReader(git) as clone, ObjectReader(room.git) as reader:
        asked = parse_range(clone, reader, words)
        governing = resolve(clone, reader, policy_ref) if policy_ref else _left_end(asked)
        policies = Policies(room, reader)
        policy = policies.at(governing)
        if policy is None:
            raise CannotVerify(
                f"{governing.name} has no policy: there is no .sox/ folder on it",
                rule="SOX610",
                why="the change that first brings .sox/ in has no policy before it, so it is never verified",
                fix="review and merge that change by hand; from then on the gate judges",
            )
        left = [end.oid for end in asked.left]
        tips = [end.oid for end in asked.tips]
        baseline = present(reader, policy.baseline)
        moment = clock.now()
        remembering = memory.open(room, asked, governing, policy, moment) if memory else None
        known = remembering.known if remembering else None

        def least() -> int:
            if remembering is None:
                return _least_version(room, tips, left, policy.version)
            return remembering.least(lambda: _least_version(room, tips, left, policy.version))

        law = policies.law(
            policy.identity, governing.name, moment=moment, steps=lambda: _steps(room, governing.oid), least=least
        )
        if known:
            exempt = known.exempt
        else:
            exempt = count(room, tips, left) - count(room, tips, [*left, *baseline]) if baseline else 0
        brought = brought_policy(policies, room, governing, asked.tips, policy, known.base if known else "")
    gate = Gate(asked, governing, policy.identity, policy.version, moment, exempt, tuple(brought))
    return GateRun(room, gate, law, baseline, remembering)


def _steps(room: CleanRoom, tip: str) -> dict[str, int]:
    with ObjectReader(room.git) as reader:
        return Policies(room, reader).steps(tip)


def _least_version(room: CleanRoom, tips: list[str], left: list[str], current: int) -> int:
    with ObjectReader(room.git) as reader:
        return Policies(room, reader).least_version(tips, left, current)


def _left_end(asked: Range) -> End:
    if len(asked.left) == 1:
        return asked.left[0]
    if not asked.left:
        raise UsageError(
            f"{asked.text!r} has no left end, so nothing says which policy governs",
            fix="name the target branch: sox-hooks verify origin/main..HEAD  (or give --policy-ref)",
        )
    raise UsageError(
        f"{asked.text!r} has {len(asked.left)} left ends: which one's policy governs?",
        fix="say so with --policy-ref REF",
    )


def present(reader: ObjectReader, baseline: tuple[str, ...]) -> list[str]:
    """The commits of a baseline. Raises `CannotVerify` if one is missing."""
    for oid in baseline:
        if reader.read(f"{oid}^{{commit}}") is None:
            raise CannotVerify(
                f"the baseline {oid[:12]} of the policy is not in this clone",
                why="without it nobody can say which commits are exempt",
                fix="fetch the whole history (in CI: fetch-depth: 0), or correct [enforcement] baseline",
            )
    return list(baseline)
