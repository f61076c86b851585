"""The law that a commit is judged by: one policy, the keys it allows, and the moment.

It comes from protected history, never from the commits under judgement.
"""

from __future__ import annotations

from binascii import b2a_base64
from copy import copy

from sox_hooks.core.clock import day
from sox_hooks.core.text import decode
from sox_hooks.detection import identity as identity_evidence
from sox_hooks.detection import message as message_evidence
from sox_hooks.policy.directory import Directory
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Claim, Decision, Evidence, Facts, PathVerdict
from sox_hooks.policy.model import Person, Policy, Signer, Tier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.policy.match import PathMatcher
    from sox_hooks.record.record import Record

    Key = TypeVar("Key")
    Value = TypeVar("Value")

_MOST_KEPT = 4096
_LONGEST_KEPT = 4096


class Law:
    """A policy with the look-ups that judging needs: `directory` of persons and keys, `matcher`, `catalogue`.

    `moment` is the time that keys and conditions are judged at (ISO); "" means the time that each record claims. It is
    `now`, and no record may be dated after `latest`.
    `steps` tells the versions of all policies that the protected branch ever had on its first parents, by identity,
    and `least` the lowest version of the policy where the commits under judgement leave protected history. Both are
    called only for a record that cites another policy than this one.
    """

    def __init__(
        self,
        policy: Policy,
        matcher: PathMatcher,
        catalogue: Catalogue,
        *,
        moment: str,
        now: str,
        latest: str,
        steps: Callable[[], dict[str, int]],
        least: Callable[[], int],
    ) -> None:
        self.policy = policy
        self.matcher = matcher
        self.catalogue = catalogue
        self.moment = moment
        self.now = now
        self.latest = latest
        self._steps = steps
        self._known_steps: dict[str, int] | None = None
        self._least = least
        self._known_least: int | None = None
        self.directory = Directory(policy)
        # What is remembered is remembered of what it depends on, whole, so that it is never another commit's.
        self._claims: dict[tuple[str, tuple[str, ...]], Claim] = {}
        self._decisions: dict[tuple[object, ...], Decision] = {}
        self._owners: dict[bytes, tuple[Signer | None, Person | None]] = {}
        self._authors: dict[bytes, tuple[str, Person | None]] = {}
        self._idents: dict[tuple[bytes, bytes], tuple[Evidence, ...]] = {}
        self._blocks: dict[tuple[str, bool, bool], tuple[Evidence, ...]] = {}
        self._paths: dict[str, PathVerdict] = {}

    def version_of(self, identity: str) -> int | None:
        """The version of a policy that the protected branch has or had, None if it never had it."""
        if identity == self.policy.identity:
            return self.policy.version
        if self._known_steps is None:
            self._known_steps = self._steps()
        return self._known_steps.get(identity)

    def owner(self, key: bytes) -> tuple[Signer | None, Person | None]:
        """The enrolment of a public key, given as its blob, and the person it belongs to."""
        found = self._owners.get(key)
        if found is None:
            signer = self.directory.signer(b2a_base64(key, newline=False).decode("ascii"))
            person = self.directory.people.get(signer.person) if signer else None
            found = _kept(self._owners, key, (signer, person))
        return found

    def author(self, email: bytes) -> tuple[str, Person | None]:
        """An author's address as text, and the person with this address."""
        found = self._authors.get(email)
        if found is None:
            text = decode(email)
            found = _kept(self._authors, email, (text, self.directory.person_of(text)), len(email))
        return found

    def evidence(self, text: bytes, author: bytes, committer: bytes) -> tuple[Evidence, ...]:
        """What a message and the lines of author and committer show."""
        people = (_without_time(author), _without_time(committer))
        found = self._idents.get(people)
        if found is None:
            shown = identity_evidence.evidence(self.catalogue, *people)
            found = _kept(self._idents, people, shown, len(author) + len(committer))
        shown = message_evidence.evidence(self.catalogue, text, self._blocks)
        return (*shown, *found) if found else shown

    def declared(self, message: bytes, record: Record | None) -> Claim:
        """What a message declares. The claim of a record says it all, and few of them differ."""
        if record is None:
            return message_evidence.declared(self.catalogue, message)
        key = (record.assistance, record.assisted_by)
        claim = self._claims.get(key)
        if claim is None:
            claim = _kept(self._claims, key, message_evidence.declared(self.catalogue, message), len(message))
        return claim

    def decide(self, facts: Facts) -> Decision:
        """What the policy says: `evaluate`, asked once for all commits that differ in nothing that matters to it.

        Without any finding a decision depends on the tiers that are touched, and not on the paths; one with findings,
        or about a path that no pattern matches, is never kept.
        """
        verdicts = [self._verdict(path) for path in facts.paths]
        if not all(verdict.pattern for verdict in verdicts):
            return evaluate(self.policy, facts, self.matcher)
        key = (frozenset([verdict.tier for verdict in verdicts]), *_matters(facts))
        decision = self._decisions.get(key)
        if decision is None:
            decision = evaluate(self.policy, facts, self.matcher)
            if not decision.findings and not decision.exceptions:
                _kept(self._decisions, key, decision.replace(paths=()))
        return decision

    def _verdict(self, path: str) -> PathVerdict:
        found = self._paths.get(path)
        return _kept(self._paths, path, self.matcher.verdict(path), len(path)) if found is None else found

    @property
    def minimum_version(self) -> int:
        """The version that the policy of a record must have at least."""
        if self._known_least is None:
            self._known_least = self._least()
        return self._known_least

    def leaving_at(self, least: Callable[[], int]) -> Law:
        """The same law for commits that leave protected history elsewhere."""
        other = copy(self)
        other._least, other._known_least = least, None
        return other

    def tiers_of(self, paths: tuple[str, ...]) -> tuple[Tier, ...]:
        """The tiers that paths are in, strictest first."""
        names = {self.matcher.verdict(path).tier for path in paths}
        return tuple(sorted([tier for tier in self.policy.tiers if tier.name in names], key=lambda tier: -tier.rank))


def _kept(memory: dict[Key, Value], key: Key, value: Value, size: int = 0) -> Value:
    """Remember `value` and return it. Hostile commits must not fill the memory: `size` is about that of the key."""
    if size > _LONGEST_KEPT:
        return value
    if len(memory) >= _MOST_KEPT:
        memory.clear()
    memory[key] = value
    return value


def _without_time(line: bytes) -> bytes:
    """The part of an author or committer line up to the address, where that is clear; else the line."""
    end = line.rfind(b">") + 1
    return line[:end] if 0 <= line.find(b"<") < end else line


def _matters(facts: Facts) -> tuple[object, ...]:
    """All that a decision depends on, but for the paths; of the moment it is the day."""
    return (
        facts.declared.assistance,
        facts.declared.tools,
        facts.evidence,
        facts.author_email,
        facts.person,
        day(facts.moment),
        facts.exceptions,
        facts.key_touched,
    )
