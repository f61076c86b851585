"""What earlier runs of the gate found out, so that a run judges only the commits that came since.

A cache, and never more: with it, without it, or with one that was cut, poisoned or put back, a run prints the same. A
run is taken up again only if everything that its verdicts depend on is as it was and the range has only grown at its
tip: each new commit stands on another new one or on the old tip. Then, and not for a rewritten branch or a merge of
something older, git lists the old commits first and in the old order, the range leaves protected history where it left
it, and the commit that a record is found on first is the same one.

What is not kept: runs with a verdict that another clone or another second might change (`_settled`).
"""

from __future__ import annotations

from sox_hooks.core.errors import CannotVerify
from sox_hooks.verification import kept_run
from sox_hooks.verification.history import walk
from sox_hooks.verification.judge import Gathered, Unreadable
from sox_hooks.verification.kept_run import KeptRun
from sox_hooks.verification.landed_records import LandedRecords
from sox_hooks.verification.protected import UsedRecords
from sox_hooks.verification.record_table import RecordTable
from sox_hooks.verification.reverts import names_a_commit
from sox_hooks.verification.surroundings import calendar, programs
from sox_hooks.verification.vault import Vault, name_of
from sox_hooks.verification.verdict import VERIFIED, Passed, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sox_hooks.git.repository import Repository
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
# In another clone, or at another second, these might not be there or say something else.
_UNSETTLED = ("SOX613", "SOX617", "SOX618", "SOX621")


class Known(KeptRun):
    """A run that is taken up again, and the commits to judge, parents before children."""

    new: tuple[Node, ...]


def open_memory(
    repository: Repository, environ: Mapping[str, str], *, runs: bool = True, recall: bool = True
) -> Memory | None:
    """The memory of a repository. A shallow one has none: what it lacks may be what matters."""
    if repository.shallow:
        return None
    return Memory(Vault(repository.common_dir, environ), runs=runs, recall=recall)


class Memory:
    """What is kept in a vault: the records of protected history, and runs.

    `runs` false: no run is kept or taken up again, for hooks that want every verdict. `recall` false: runs are kept,
    and none is taken up again.
    """

    def __init__(self, vault: Vault, *, runs: bool = True, recall: bool = True) -> None:
        self._vault = vault
        self._runs = runs
        self._recall = recall

    def open(self, room: CleanRoom, asked: Range, governing: End, policy: Policy, moment: str) -> Remembering:
        """What may be known about a range."""
        own = (*programs(room), room.object_format)
        left = sorted({end.oid for end in asked.left})
        # Findings quote the name of whose policy governs.
        depends = (*own, governing.name, governing.oid, policy.identity, calendar(policy, moment), *left)
        landed = LandedRecords(self._vault, room, own, governing.oid, policy.baseline)
        runs = self._runs and len(asked.tips) == 1
        remembering = Remembering(self._vault, room, depends, asked, governing, moment, landed, runs)
        if runs and self._recall:
            remembering.recall(policy.baseline)
        return remembering


class Remembering:
    """One range in the memory: `known` is what is taken up again, or None. `keep`: whether the run will be kept."""

    def __init__(
        self,
        vault: Vault,
        room: CleanRoom,
        depends: tuple[str, ...],
        asked: Range,
        governing: End,
        moment: str,
        landed: LandedRecords,
        keep: bool,
    ) -> None:
        self.known: Known | None = None
        self._vault = vault
        self._room = room
        self._depends = depends
        self._name = name_of("run", depends)
        self._tip = asked.tips[0].oid
        self._left = [end.oid for end in asked.left]
        self._governing = governing.oid
        self._moment = moment
        self._landed = landed
        self._least = -1
        self._verdicts: list[Verdict] = []
        self._passed: dict[tuple[str, str], int] = {}  # by relation and assistance, without those in `known`
        self._listed = 0
        self._new = 0
        self._on_target = False  # some commit stands on the target itself
        self._keep = keep

    def recall(self, baseline: tuple[str, ...]) -> None:
        """Look for the run of an old tip that all new commits stand on."""
        tips = [name[len(self._name) + 1 :] for name in self._vault.names(self._name + "-")]
        tips = [tip for tip in tips if len(tip) == len(self._tip) and tip.isalnum()]
        if self._tip in tips:
            self._take_up(self._tip, ())
            return
        # Nearly always one is where the branch was before. Where it was set back, newer ones are in the way.
        for few in (tips, *([[tip] for tip in tips] if len(tips) > 1 else [])):
            grown = self._grown(few, baseline) if few else None
            if grown and self._take_up(*grown):
                return

    def _grown(self, tips: list[str], baseline: tuple[str, ...]) -> tuple[str, tuple[Node, ...]] | None:
        """The one of these tips that the range has grown from, and what came since."""
        try:
            new = tuple(walk(self._room, [self._tip], [*tips, *self._left, *baseline], "--ignore-missing"))
        except CannotVerify:
            return None
        inside = {oid for oid, _ in new}
        below = {parent for _, parents in new for parent in parents} - inside
        if len(below) != 1 or not all(parents for _, parents in new) or not below <= set(tips):
            return None
        return below.pop(), new

    def _take_up(self, tip: str, new: tuple[Node, ...]) -> bool:
        run = kept_run.restore(self._vault.read(f"{self._name}-{tip}"), len(tip) // 2)
        if run is None or not run.good_for(self._depends, tip, self._moment):
            return False
        self.known = Known(**run.__dict__, new=new)
        self._least = run.least
        self._verdicts += run.verdicts
        self._listed = sum(_is_plain(verdict) for verdict in run.verdicts)
        return True

    def landed(self) -> RecordTable | None:
        """The records of protected history, None where they must be searched."""
        return self._landed.known()

    def least(self, find: Callable[[], int]) -> int:
        """The lowest version of a policy where the range leaves protected history, by `find` if it is not known."""
        if self._least < 0:
            self._least = find()
        return self._least

    def add(self, item: Gathered | Unreadable, verdict: Verdict) -> None:
        """The next verdict of the range."""
        self._new += 1
        if not isinstance(item, Unreadable) and self._governing in item.commit.parents:
            self._on_target = True
        if _is_plain(verdict) and self._listed >= LISTED:  # nearly all: nothing more is done for these
            kind = (verdict.relation, verdict.assistance)
            self._passed[kind] = self._passed.get(kind, 0) + 1
        elif self._keep:
            self._listed += _is_plain(verdict)
            self._verdicts.append(verdict)
            if not _settled(item, verdict) or len(self._verdicts) > _MOST_KEPT:
                self._keep = False
                self._verdicts.clear()

    def finish(self, used: UsedRecords, exempt: int) -> None:
        """All commits of the range are judged: keep what there is to keep."""
        if used.searched is not None and len(used.searched) >= WORTH:
            self._landed.found(used.searched)
        passed = self._all_passed()
        if not self._keep or not self._new or len(self._verdicts) + passed.count < WORTH:
            return
        kept = KeptRun(
            self._depends,
            self._tip,
            self._moment,
            exempt,
            self._least,
            self.known.base if self.known else self._base(),
            tuple(self._verdicts),
            passed,
            (self.known.table if self.known else RecordTable(b"", len(self._tip) // 2)).extended(used.judged),
        )
        self._vault.write(f"{self._name}-{self._tip}", kept_run.dump(kept))

    def _all_passed(self) -> Passed:
        before = self.known.passed if self.known else Passed()
        relations, assistance = dict(before.relations), dict(before.assistance)
        for (relation, claim), count in self._passed.items():
            relations[relation] = relations.get(relation, 0) + count
            if claim:
                assistance[claim] = assistance.get(claim, 0) + count
        count = before.count + sum(self._passed.values())
        return Passed(count, tuple(relations.items()), tuple(assistance.items()))

    def _base(self) -> str:
        """Known for good only where the target is a left end: then no commit that is new can be part of it."""
        if self._governing not in self._left:
            return ""
        if self._on_target:  # saves a walk over all of the range
            return self._governing
        result = self._room.git.result("merge-base", "--all", self._governing, self._tip)
        bases = result.out.split()
        return bases[0].decode("ascii") if result.code == 0 and len(bases) == 1 else ""


def _is_plain(verdict: Verdict) -> bool:
    return verdict.status == VERIFIED and not verdict.findings


def _settled(item: Gathered | Unreadable, verdict: Verdict) -> bool:
    """Whether the commit and what its run depends on decide this verdict for good, down to its words.

    What could not be read, a merge that could not be computed and a revert that could not be followed may be otherwise
    in a clone that is complete; a record from the future is one until its time has come.
    """
    if isinstance(item, Unreadable):
        return False
    if any(entry.rule in _UNSETTLED for entry in verdict.findings):
        return False
    if verdict.status == VERIFIED or item.reading.record is not None:
        return True
    return len(item.commit.parents) < 2 and not names_a_commit(item.commit.message)
