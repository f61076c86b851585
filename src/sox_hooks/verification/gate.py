"""`verify RANGE`: pending commits, judged by the tip of the branch they are meant for."""

from __future__ import annotations

from sox_hooks.core import clock
from sox_hooks.core.errors import CannotVerify, UsageError
from sox_hooks.core.struct import Struct
from sox_hooks.git.commits import MalformedCommit, RawCommit
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git
from sox_hooks.record.record import Record, read
from sox_hooks.verification.governing import Policies
from sox_hooks.verification.history import gather, read_commits, walk
from sox_hooks.verification.judge import judge, same_record_again, unreadable
from sox_hooks.verification.law import Law
from sox_hooks.verification.ranges import End, Range, parse_range, resolve
from sox_hooks.verification.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Gate(Struct):
    """What is judged, and by what: known before the first verdict, so that a report can say it first."""

    range: Range
    governed_by: End
    policy_identity: str
    policy_version: int
    moment: str
    exempt: int  # commits of the range that the baseline exempts


class GateRun:
    """One run of the gate: `open_gate` makes it, iterating gives the verdicts, oldest commit first."""

    def __init__(self, room: CleanRoom, gate: Gate, law: Law, baseline: list[str]) -> None:
        self.room = room
        self.gate = gate
        self.law = law
        self._baseline = baseline

    def verdicts(self) -> Iterator[Verdict]:
        """The verdicts, one a commit. Memory grows by one integer a record and by nothing else."""
        seen: dict[int, str] | None = None
        tips = [end.oid for end in self.gate.range.tips]
        left = [end.oid for end in self.gate.range.left]
        for item in gather(self.room, walk(self.room, tips, [*left, *self._baseline])):
            if isinstance(item, MalformedCommit):
                yield unreadable(item)
                continue
            verdict = judge(item, self.law)
            record = item.reading.record
            if record is not None and verdict.signer:
                if seen is None:
                    seen = self._landed()
                first = seen.setdefault(_fingerprint(record, item.commit.author_email), verdict.commit)
                if first != verdict.commit:
                    verdict = same_record_again(verdict, first)
            yield verdict

    def _landed(self) -> dict[int, str]:
        """The records that protected history carries already: none of them is good a second time."""
        found: dict[int, str] = {}
        landed = walk(self.room, [self.gate.governed_by.oid], self._baseline)
        for commit in read_commits(self.room, landed):
            if isinstance(commit, RawCommit) and b"\nSox-Record:" in commit.message:
                record = read(commit.message).record
                if record is not None:
                    found.setdefault(_fingerprint(record, commit.author_email), commit.oid)
        return found


def open_gate(git: Git, room: CleanRoom, words: tuple[str, ...], policy_ref: str) -> GateRun:
    """Find out what is asked and which policy governs.

    `git` resolves names as the person typed them; everything else happens in `room`. `policy_ref` "" means the left
    end. Raises `UsageError` for a range without exactly one left end, `CannotVerify` where no policy governs.
    """
    with ObjectReader(git) as names:
        asked = parse_range(names, words)
        governing = resolve(names, policy_ref) if policy_ref else _left_end(asked)
    with ObjectReader(room.git) as reader:
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
        baseline = _baseline(reader, policy.baseline)
        moment = clock.now()
        law = policies.law(
            policy.identity,
            governing.name,
            moment=moment,
            steps=lambda: _steps(room, governing.oid),
            least=_least_version(policies, room, tips, left, policy.version),
        )
        exempt = _count(room, tips, left) - _count(room, tips, [*left, *baseline]) if baseline else 0
    gate = Gate(asked, governing, policy.identity, policy.version, moment, exempt)
    return GateRun(room, gate, law, baseline)


def _count(room: CleanRoom, tips: list[str], left: list[str]) -> int:
    return sum(1 for _ in walk(room, tips, left))


def _steps(room: CleanRoom, tip: str) -> dict[str, int]:
    with ObjectReader(room.git) as reader:
        return Policies(room, reader).steps(tip)


def _least_version(policies: Policies, room: CleanRoom, tips: list[str], left: list[str], current: int) -> int:
    """The lowest version among the policies where the range leaves protected history."""
    least = current
    for name, _ in walk(room, tips, left, "--boundary"):
        if name.startswith("-"):
            identity = policies.identity_at(name[1:])
            version = policies.version(identity) if identity else None
            if version is not None:
                least = min(least, version)
    return least


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


def _baseline(reader: ObjectReader, baseline: tuple[str, ...]) -> list[str]:
    for oid in baseline:
        if reader.read(f"{oid}^{{commit}}") is None:
            raise CannotVerify(
                f"the baseline {oid[:12]} of the policy is not in this clone",
                why="without it nobody can say which commits are exempt",
                fix="fetch the whole history (in CI: fetch-depth: 0), or correct [enforcement] baseline",
            )
    return list(baseline)


def _fingerprint(record: Record, author: bytes) -> int:
    return hash((record.assistance, record.assisted_by, record.moment, record.parameters, author))
