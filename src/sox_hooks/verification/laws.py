"""The laws of protected history: which policy stood before each of its steps."""

from __future__ import annotations

from sox_hooks.core.errors import CannotVerify, ConfigError, SoxError
from sox_hooks.git.policy_files import FOLDER
from sox_hooks.policy.rules import finding
from sox_hooks.verification.gate import present
from sox_hooks.verification.history import count, walk
from sox_hooks.verification.verdict import DENIED, VERIFIED, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.git.change import Change
    from sox_hooks.git.objects import ObjectReader
    from sox_hooks.git.room import CleanRoom
    from sox_hooks.verification.governing import Policies
    from sox_hooks.verification.law import Law
    from sox_hooks.verification.steps import Position


class Laws:
    """The law of each step: that of the last policy that stood before it. It changes as steps pass by."""

    def __init__(self, room: CleanRoom, reader: ObjectReader, policies: Policies, start: str) -> None:
        self._room = room
        self._reader = reader
        self._policies = policies
        self._identity = self._policies.identity_at(start) if start else ""
        self._origin = start
        self._law: Law | SoxError | None = None
        self._step: tuple[str, Law] | None = None
        self._versions: dict[str, int] | None = None
        self._passed: list[str] = []  # identities since the start
        self._start = start
        self._exempt: set[str] | None = None

    def passed(self, step: str, change: Change | None) -> None:
        """A step is over: what it made of the policy governs from here on.

        A policy that is taken away stays in force: deleting it must not switch verification off.
        """
        if change is not None and not _touches_policy(change):
            return
        identity = self._policies.identity_at(step)
        if identity and identity != self._identity:
            self._identity, self._origin, self._law, self._step, self._exempt = identity, step, None, None, None
            self._passed.append(identity)

    def checked(self, verdict: Verdict, change: Change) -> Verdict:
        """`verdict` on a step, denied if it brings an older policy back."""
        law = self._state()
        if isinstance(law, SoxError) or not _touches_policy(change):
            return verdict
        identity = self._policies.identity_at(verdict.commit)
        version = self._policies.version(identity) if identity else None
        if version is None or version >= law.policy.version:
            return verdict
        what = f"{verdict.commit[:12]} brings version {version} of the policy where version {law.policy.version} stood"
        status = DENIED if verdict.status == VERIFIED else verdict.status
        back = finding("SOX014", what, commit=verdict.commit)
        return verdict.replace(status=status, relation="", findings=(*verdict.findings, back))

    def law(self, place: Position) -> Law | SoxError:
        """The law of a step, or why its policy cannot be used."""
        law = self._state()
        if isinstance(law, SoxError) or place.linear:
            return law
        if self._step is None or self._step[0] != place.step:
            # Records may cite the policy of where their branch left protected history.
            current = law.policy.version
            leaving = law.leaving_at(lambda: self._policies.least_version([place.step], [place.base], current))
            self._step = (place.step, leaving)
        return self._step[1]

    def exempt(self, place: Position) -> bool:
        """Whether the baseline of the policy reaches a commit of this step.

        Commits of protected history are never in a step of their own that comes later, so only what the baseline
        reaches beside it has to be known.
        """
        law = self._state()
        if isinstance(law, SoxError) or not law.policy.baseline:
            return False
        if self._exempt is None:
            baseline = present(self._reader, law.policy.baseline)
            self._exempt = {oid for oid, _ in walk(self._room, baseline, [place.base] if place.base else [])}
        return place.oid in self._exempt

    def _state(self) -> Law | SoxError:
        if self._law is None:
            try:
                self._law = self._policies.law(self._identity, self._origin[:12], moment="", steps=self._known)
            except (ConfigError, CannotVerify) as problem:
                self._law = problem
        return self._law

    def _known(self) -> dict[str, int]:
        """The versions of all policies that stood on the first parents up to now."""
        if self._versions is None:
            self._versions = self._policies.steps(self._start) if self._start else {}
        for identity in self._passed:
            version = self._policies.version(identity)
            if version is not None:
                self._versions[identity] = version
        return self._versions


def count_exempt(room: CleanRoom, reader: ObjectReader, policies: Policies, left: str, tip: str) -> int:
    """How many of the commits that came in after `left`, up to `tip`, the baselines of their steps' policies exempt.

    Nearly always none, since baselines lie before the adoption, and one process tells.
    """
    identity = policies.identity_at(tip)
    if not identity or not _beyond(room, reader, policies, identity, tip, left):
        return 0
    exempt = 0
    above, identity = left, policies.identity_at(left)
    changed = [oid for oid, _ in walk(room, [tip], [left], "--first-parent", "--", FOLDER)]
    for oid in (*changed, tip):
        exempt += _beyond(room, reader, policies, identity, oid, above)
        above, identity = oid, policies.identity_at(oid) or identity
    return exempt


def _beyond(room: CleanRoom, reader: ObjectReader, policies: Policies, identity: str, tip: str, left: str) -> int:
    """How many commits that `tip` reaches and `left` does not are reached by the baseline of a policy."""
    try:
        baseline = present(reader, policies.at_identity(identity, identity[:12]).baseline)
    except (ConfigError, CannotVerify):
        return 0  # nothing is exempt under a policy that cannot be used
    if tip == left or not baseline or not count(room, baseline, [left]):
        return 0
    return count(room, [tip], [left]) - count(room, [tip], [left, *baseline])


def _touches_policy(change: Change) -> bool:
    return any(entry.path == b".sox" or entry.path.startswith(b".sox/") for entry in change.sides[0])
