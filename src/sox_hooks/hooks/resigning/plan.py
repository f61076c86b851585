"""What `resign` would do to a range: which commits get a new record, what it would say, and what stands against it.

Nothing is written here. `carry_out` does what a plan says, all of it or nothing.
"""

from __future__ import annotations

import os

from sox_hooks.core import clock
from sox_hooks.core.errors import CannotVerify, Refused, SoxError, UsageError
from sox_hooks.core.findings import ERROR
from sox_hooks.core.processes_above import ancestors
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode, printable
from sox_hooks.detection import ancestry, environment
from sox_hooks.detection import message as message_evidence
from sox_hooks.detection.recorded_elsewhere import Recorders
from sox_hooks.detection.tool_names import read_tool
from sox_hooks.git.change import Change
from sox_hooks.git.commits import RawCommit
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.run import Git, clean_environment
from sox_hooks.hooks.in_force import WORK_TREE, InForce
from sox_hooks.hooks.resigning.lacking import has_a_bad_record, lacks_a_record
from sox_hooks.hooks.resigning.sources import Sources, gather_sources
from sox_hooks.hooks.situation import Signing, find_signing, standing_declaration
from sox_hooks.hooks.staged import Desk, open_desk
from sox_hooks.policy.claims import strongest
from sox_hooks.policy.directory import Directory
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Claim, Decision, Facts
from sox_hooks.policy.match import PathMatcher
from sox_hooks.policy.model import UNDECLARED
from sox_hooks.verification.gate import open_gate
from sox_hooks.verification.history import read_changes, read_commits
from sox_hooks.verification.verdict import VERIFIED, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.git.room import CleanRoom

_UNDER_WAY = {
    "rebase-merge": "a rebase", "rebase-apply": "a rebase", "MERGE_HEAD": "a merge", "REVERT_HEAD": "a revert",
    "CHERRY_PICK_HEAD": "a cherry-pick", "sequencer": "a cherry-pick or revert", "BISECT_LOG": "a bisection",
}  # fmt: skip


class Wish(Struct):
    """What was asked for. The last two are what the person declares of every commit that gets a new record."""

    range: str
    reason: str
    everything: bool = False
    for_others: bool = False
    pushed: bool = False
    assistance: str = ""
    assisted_by: tuple[str, ...] = ()


class Step(Struct):
    """One commit of the range.

    sources, facts, decision  only where it gets a new record
    left                      why it keeps the record it has, or none, although it lacks a good one; "" otherwise
    remade                    whether it is made again: it gets a new record, or one of its ancestors does
    """

    commit: RawCommit
    change: Change
    verdict: Verdict
    sources: Sources | None = None
    facts: Facts | None = None
    decision: Decision | None = None
    left: str = ""
    remade: bool = False


class Plan(Struct):
    """What would be done. `ref` is what moves: `HEAD` or a branch in full, from `tip` on; steps, oldest first."""

    wish: Wish
    desk: Desk
    in_force: InForce
    signing: Signing
    moment: str
    ref: str
    tip: str
    steps: tuple[Step, ...]

    @property
    def renewed(self) -> tuple[Step, ...]:
        """The steps that get a new record."""
        return tuple([step for step in self.steps if step.decision is not None])

    @property
    def refused(self) -> tuple[Step, ...]:
        """Those of them that the policy does not allow."""
        return tuple([step for step in self.renewed if step.decision is not None and not step.decision.allowed])

    @property
    def left(self) -> tuple[Step, ...]:
        """The steps that lack a good record and do not get one."""
        return tuple([step for step in self.steps if step.left])


def make_plan(wish: Wish, room: CleanRoom, environ: Mapping[str, str]) -> Plan:
    """Look at a range and say what would be done.

    Raises `SoxError`s: no policy that a commit has, a key that cannot sign or is not enrolled, a range whose right end
    is no branch, an operation of git that is under way.
    """
    desk = open_desk()
    in_force = _law(desk)
    moment = clock.now()
    signing = find_signing(desk, in_force, environ, moment)
    _require_key(signing)
    if wish.for_others and not in_force.policy.record_for_others:
        raise Refused(
            "the policy does not let anybody record another author's commit",
            where=f"{printable(in_force.ref)}:.sox/policy.toml",
            why="[enforcement] record_for_others is not set",
            fix="let the author of the commits run sox-hooks resign",
        )
    clean = Git(env=clean_environment(environ))
    with ObjectReader(clean) as clone:
        run = open_gate(clean, room, (wish.range,), in_force.ref)
        if len(run.gate.range.tips) != 1:
            raise UsageError("resign takes one range", fix="sox-hooks resign --reason WHY origin/main..HEAD")
        end = run.gate.range.tips[0]
        ref = _ref(desk, end.name)
        if ref == "HEAD":
            _require_quiet(desk)
        steps = _steps(room, run.verdicts())
        unpushed = None if wish.pushed else _unpushed(desk.git, end.oid)
        steps = _chosen(steps, wish, in_force, signing, unpushed)
        wanted = [number for number, step in enumerate(steps) if step.remade and step.sources is not None]
        common_dir = desk.repository.common_dir
        pairs = [(steps[number].commit, steps[number].change) for number in wanted]
        matcher = PathMatcher(in_force.policy)
        around = (
            *environment.evidence(in_force.catalogue, environ),
            *ancestry.evidence(in_force.catalogue, ancestors()),
        )
        said, standing = _declared(wish, in_force.catalogue), standing_declaration(desk)
        recorders = Recorders(clean, in_force.catalogue, ("--no-walk", end.oid, *[commit.oid for commit, _ in pairs]))
        gathered = gather_sources(room, clone, common_dir, in_force.catalogue, pairs, recorders)
        for number, sources in zip(wanted, gathered, strict=True):
            step = steps[number]
            declared = strongest(said, sources.declared)
            facts = Facts(
                paths=step.change.touched(),
                declared=standing if declared.assistance == UNDECLARED else declared,
                # An agent that runs this command is taken to have had a part in what it records.
                evidence=tuple(dict.fromkeys([*sources.evidence, *around])),
                author_email=decode(step.commit.author_email),
                person=signing.person,
                moment=moment,
            )
            decision = evaluate(in_force.policy, facts, matcher)
            steps[number] = step.replace(sources=sources, facts=facts, decision=decision)
    return Plan(wish, desk, in_force, signing, moment, ref, end.oid, tuple(steps))


def _law(desk: Desk) -> InForce:
    if desk.in_force is None or desk.in_force.ref == WORK_TREE:
        raise CannotVerify(
            "no commit has a policy yet, so no record can be judged",
            rule="SOX713",
            fix="sox-hooks init, then commit .sox/",
        )
    return desk.in_force


def _require_key(signing: Signing) -> None:
    errors = [entry for entry in signing.findings if entry.severity == ERROR]
    if errors or signing.reference is None:
        first = (errors or list(signing.findings))[0]
        raise Refused(first.message, where=first.path, why=first.why, fix=first.fix, rule=first.rule)


def _ref(desk: Desk, name: str) -> str:
    """What is to move for a range that ends in `name`."""
    if name in ("HEAD", "@"):
        return "HEAD"
    full = desk.git.try_line("rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options", name)
    full = full.removeprefix("--end-of-options\n")  # git before 2.44 prints it
    if not full.startswith("refs/heads/"):
        raise UsageError(
            f"{printable(name, 100)!r} is no branch of this clone, so nothing could be moved to the new commits",
            fix="end the range with a branch, or with HEAD: sox-hooks resign --reason WHY origin/main..HEAD",
        )
    checked_out = desk.git.try_line("symbolic-ref", "--quiet", "HEAD")
    return "HEAD" if full == checked_out else full


def _require_quiet(desk: Desk) -> None:
    for name, what in _UNDER_WAY.items():
        if os.path.lexists(os.path.join(desk.repository.git_dir, name)):
            raise UsageError(
                f"{what} is under way, and it remembers commits that resign would replace",
                where=os.path.join(desk.repository.git_dir, name),
                fix="finish it or abort it, then run resign again (git status says how)",
            )


def _steps(room: CleanRoom, verdicts: Iterable[Verdict]) -> list[Step]:
    judged = list(verdicts)
    commits = list(read_commits(room, [(verdict.commit, ()) for verdict in judged]))
    for commit in commits:
        if isinstance(commit, SoxError):
            raise commit
    plain = [commit for commit in commits if isinstance(commit, RawCommit)]
    changes = list(read_changes(room, [(commit.oid, commit.parents) for commit in plain]))
    for change in changes:
        if isinstance(change, SoxError):
            raise change
    whole = [change for change in changes if isinstance(change, Change)]
    return [Step(*parts) for parts in zip(plain, whole, judged, strict=True)]


def _unpushed(git: Git, tip: str) -> set[str]:
    """The commits that no remote-tracking branch has."""
    return set(git.run("rev-list", tip, "--not", "--remotes", "--").decode("ascii").split())


def _chosen(
    steps: list[Step], wish: Wish, in_force: InForce, signing: Signing, unpushed: set[str] | None
) -> list[Step]:
    """The steps with `remade` set, and `sources` (still empty) where a new record is to be made."""
    directory = Directory(in_force.policy)
    remade: set[str] = set()
    chosen: list[Step] = []
    for step in steps:
        commit = step.commit
        lacking = lacks_a_record(step.verdict)
        below = not remade.isdisjoint(commit.parents)
        # The record of an empty commit is bound to its parent, which is another one now.
        uprooted = below and step.change.empty and step.verdict.status == VERIFIED
        wanted = uprooted or wish.everything or lacking
        left = _against(step, wish, directory, signing.person, unpushed) if wanted else ""
        if has_a_bad_record(step.verdict) and not wanted:
            left = "it has a record that does not count (--all puts yours in its place)"
        if left and uprooted:
            raise Refused(
                f"{commit.oid[:12]} is empty, and its record would not survive on a new parent",
                why=left,
                fix="end the range before that commit, or let its author make the new records",
            )
        if wanted and not left:
            step = step.replace(sources=Sources(Claim(), ()))
        if below or (wanted and not left):
            remade.add(commit.oid)
            step = step.replace(remade=True)
        chosen.append(step.replace(left=left if step.verdict.status != VERIFIED else ""))
    return chosen


def _against(step: Step, wish: Wish, directory: Directory, person: str, unpushed: set[str] | None) -> str:
    """Why this person may not make a new record for a commit, "" if she may."""
    if unpushed is not None and step.commit.oid not in unpushed:
        return "a remote branch has it already (--pushed re-signs it all the same)"
    if not wish.for_others:
        email = decode(step.commit.author_email)
        author = directory.person_of(email)
        if author is None or author.id != person:
            return f"it is by {printable(email, 80)}, who makes the record"
    if not step.commit.message.strip():
        return "it has no message, and a record stands at the end of one"
    return ""


def _declared(wish: Wish, catalogue: Catalogue) -> Claim:
    """What the person says on the command line, read as the trailers would be. Raises `UsageError`."""
    lines = [f"AI-Assistance: {wish.assistance}"] if wish.assistance else []
    for value in wish.assisted_by:
        tool = read_tool(catalogue, value)
        if tool is None or not tool.known:
            raise UsageError(
                f"--assisted-by: no catalogue knows the tool {printable(value, 60)!r}",
                fix="name it by its id: --assisted-by claude-code@2.1  (sox-hooks policy show lists the tools)",
            )
        lines.append(f"Assisted-by: {value}")
    return message_evidence.declared(catalogue, ("-\n\n" + "\n".join(lines)).encode("utf-8", "surrogateescape"))
