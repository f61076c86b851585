"""`verify --landed`: protected history, judged step by step along its first parents.

A step is a first-parent commit M together with the commits that it brought in: those reachable from M and not from
M^1. They are judged by the `.sox/` that stood at M^1, so that who was enrolled later, or left later, is judged rightly,
and keys at the time that each record claims. The step that first brings `.sox/` in is the adoption; what lies before
it is counted and not judged.
"""

from __future__ import annotations

from sox_hooks.core.errors import CannotVerify, ConfigError, SoxError, UsageError
from sox_hooks.core.struct import Struct
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.policy_files import FOLDER
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git
from sox_hooks.policy.rules import finding
from sox_hooks.verification.first_parents import FirstParents
from sox_hooks.verification.governing import Policies
from sox_hooks.verification.history import count, gather, walk
from sox_hooks.verification.judge import Unreadable, judge, plain, same_record_again, unreadable
from sox_hooks.verification.laws import Laws, count_exempt
from sox_hooks.verification.positions import Positions
from sox_hooks.verification.protected import ProtectedHistory, UsedRecords
from sox_hooks.verification.ranges import End, Range, parse_range, resolve
from sox_hooks.verification.second_core import checked_ahead
from sox_hooks.verification.squash import Squashes
from sox_hooks.verification.steps import Position, in_steps
from sox_hooks.verification.summaries import Summaries
from sox_hooks.verification.verdict import ADOPTED, UNVERIFIABLE, VERIFIED, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.policy.model import Policy
    from sox_hooks.verification.judge import Gathered
    from sox_hooks.verification.summary import Summary


class Landed(Struct):
    """What is judged: known before the first verdict.

    start    the commits of the range that are reachable from here were before the first policy, or are left out
    adopted  the step that first brings a policy in, "" if there was one at the left end already
    before   how many commits of the range came in before the first policy, or with it
    exempt   how many came in later that a baseline exempts
    """

    range: Range
    start: tuple[str, ...]
    adopted: str
    before: int
    exempt: int


class LandedRun:
    """One run: `open_landed` makes it, `verdicts` gives the verdicts, a step after the other."""

    def __init__(
        self,
        git: Git,
        room: CleanRoom,
        landed: Landed,
        heads: tuple[str, ...],
        *,
        policy: Policy | None,
    ) -> None:
        self.git = git
        self.room = room
        self.landed = landed
        self.policy = policy  # at the end of the range: it says whose countersignatures count
        self.summaries = Summaries(git, room)
        self.positions = Positions(self.summaries.positions(policy) if policy else ())
        self._heads = heads
        self._repository = ""  # of the law that was asked last
        self.proven: list[Summary] = []  # the squashes that were shown to be such, once `verdicts` is through

    def verdicts(self) -> Iterator[Verdict]:
        """The verdicts on all commits that are not exempt."""
        tip, start = self.landed.range.tips[0].oid, list(self.landed.start)
        with ObjectReader(self.room.git) as reader:
            policies = Policies(self.room, reader)
            laws = Laws(self.room, reader, policies, start[0] if start else "")
            used = UsedRecords(self.room, start, [])
            protected = ProtectedHistory(self.room)
            squashes = Squashes(
                self.git,
                self.room,
                policies,
                self._heads,
                used=used,
                summaries=self.summaries,
                positions=self.positions,
                start="" if self.landed.adopted else start[0],
            )
            self.proven = squashes.proven
            places: dict[str, Position] = {}

            def nodes() -> Iterator[tuple[str, tuple[str, ...]]]:
                for place in in_steps(self.room, tip, start):
                    places[place.oid] = place
                    yield place.oid, place.parents

            def landed_before(named: str, oid: str) -> bool:
                base = places[oid].base
                return bool(base) and protected.holds(named, base)

            meant = FirstParents(self.room, tip).reverted_by
            items = gather(self.room, nodes(), landed_before, meant)
            for item, proven in checked_ahead(items, lambda: self._repository):
                oid = item.oid if isinstance(item, Unreadable) else item.commit.oid
                place = places.pop(oid)
                if oid == self.landed.adopted:
                    yield _adoption(item)
                elif place.step != self.landed.adopted and not laws.exempt(place):
                    verdict = self._judged(item, proven, place, laws, used, squashes)
                    if place.step == oid and not isinstance(item, Unreadable):
                        verdict = laws.checked(verdict, item.change)
                    yield verdict
                if place.step == oid:
                    laws.passed(oid, None if isinstance(item, Unreadable) else item.change)

    def _judged(
        self,
        item: Gathered | Unreadable,
        proven: str,
        place: Position,
        laws: Laws,
        used: UsedRecords,
        squashes: Squashes,
    ) -> Verdict:
        if isinstance(item, Unreadable):
            return unreadable(item)
        law = laws.law(place)
        if isinstance(law, SoxError):
            return plain(item, UNVERIFIABLE, [finding("SOX623", law.what, commit=item.commit.oid, why=law.why)])
        self._repository = law.policy.repository
        verdict = judge(item, law, proven)
        # Not only on the first-parent line: GitLab can squash a request and then merge the one commit.
        if verdict.status != VERIFIED and len(place.parents) == 1:
            verdict = squashes.explain(item, verdict, law)
        elif verdict.signer:
            first = used.first(item)
            if first:
                verdict = same_record_again(verdict, first)
        return self.positions.checked(item, verdict)


def open_landed(git: Git, room: CleanRoom, word: str, heads: tuple[str, ...]) -> LandedRun:
    """Find out what is asked: `A..B`, or `B` for all of its history. `heads` are where squashes may come from.

    Raises `UsageError` for what is no such range, `CannotVerify` where there never was a policy.
    """
    with ObjectReader(git) as clone, ObjectReader(room.git) as reader:
        asked = parse_range(clone, reader, (word,))
        if len(asked.tips) != 1:
            raise UsageError(f"{word!r} is not one branch", fix="sox-hooks verify --landed origin/main")
        tip = asked.tips[0]
        left = [end.oid for end in asked.left]
        known = tuple([resolve(clone, reader, head).oid for head in heads])
        policies = Policies(room, reader)
        policy = _policy_at(policies, tip)
        if left and policies.identity_at(left[0]):
            exempt = count_exempt(room, reader, policies, left[0], tip.oid)
            return LandedRun(git, room, Landed(asked, tuple(left), "", 0, exempt), known, policy=policy)
        for oid, _ in walk(room, [tip.oid], left, "--first-parent", "--", FOLDER):
            if policies.identity_at(oid):
                # With a path, git lists parents as if the commits in between were not there.
                above = reader.read(f"{oid}^1^{{commit}}")
                start = (*([above[0]] if above else []), *left)
                exempt = count_exempt(room, reader, policies, oid, tip.oid)
                landed = Landed(asked, start, oid, count(room, [oid], left) - 1, exempt)
                return LandedRun(git, room, landed, known, policy=policy)
    raise CannotVerify(
        f"{tip.name} never had a policy: there is no .sox/ folder in its history",
        rule="SOX610",
        fix="sox-hooks init, then review and merge what it wrote",
    )


def _policy_at(policies: Policies, end: End) -> Policy | None:
    try:
        return policies.at(end)
    except (ConfigError, CannotVerify):
        return None  # the steps that it governs will say so


def _adoption(item: Gathered | Unreadable) -> Verdict:
    if isinstance(item, Unreadable):
        return unreadable(item)
    note = finding(
        "SOX610", f"{item.commit.oid[:12]} brings the policy in: no policy governs it", commit=item.commit.oid
    )
    return plain(item, ADOPTED, [note])
