"""One commit looked at closely: its record, who signed it, and the verdict under a policy."""

from __future__ import annotations

from contextlib import suppress

from sox_hooks.core.errors import CannotVerify
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import encode
from sox_hooks.detection.recorded_elsewhere import Recorders
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git
from sox_hooks.policy.model import ASSISTED, LOW
from sox_hooks.policy.rules import finding
from sox_hooks.record.statement import payload
from sox_hooks.verification.authenticate import Authentic, Rejected, authenticate
from sox_hooks.verification.governing import Policies
from sox_hooks.verification.history import gather, walk
from sox_hooks.verification.judge import Gathered, Unreadable, judge
from sox_hooks.verification.law import Law
from sox_hooks.verification.protected import ProtectedHistory
from sox_hooks.verification.ranges import End, resolve
from sox_hooks.verification.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.core.findings import Finding
    from sox_hooks.policy.facts import Evidence


class Examined(Struct):
    """What a close look at one commit gave.

    authentic  None where the signature is not good
    elsewhere  what other recorders say of the commit, which has no part in the verdict
    ignored    why a note about it was not read, "" if there is none or it was
    """

    item: Gathered
    law: Law
    governed_by: End
    verdict: Verdict
    authentic: Authentic | None
    elsewhere: tuple[Evidence, ...] = ()
    ignored: str = ""

    def payload(self) -> bytes:
        """The exact bytes that the signature is over; where none fits, those it would have to be over.

        Raises `CannotVerify` for a commit without a readable record.
        """
        record = self.item.reading.record
        if record is None:
            kind = ", ".join([f"{kind} ({detail})" for kind, detail in self.item.reading.problems])
            raise CannotVerify(f"commit {self.item.commit.oid[:12]} has no record that can be read: {kind}")
        if self.authentic is None:
            return payload(record, self.law.policy.repository, self.item.author)
        return payload(record, self.authentic.repository, encode(self.authentic.email))


def examine(git: Git, room: CleanRoom, name: str, policy_refs: tuple[str, ...]) -> Examined:
    """Look at the commit `name` under the policy of the first of `policy_refs` that has one.

    Keys are judged at the time that the record claims, as an audit would. Raises `CannotVerify`.
    """
    with ObjectReader(git) as clone, ObjectReader(room.git) as reader:
        commit = resolve(clone, reader, name)
        ends = [resolve(clone, reader, ref) for ref in policy_refs if clone.read(f"{ref}^{{commit}}") is not None]
        policies = Policies(room, reader)
        governing = next((end for end in ends if policies.identity_at(end.oid)), None)
        if governing is None:
            raise CannotVerify(
                "there is no policy (.sox/) on " + " or ".join(policy_refs), fix="name a ref that has one: --policy-ref"
            )
        steps = policies.steps(governing.oid)
        law = policies.law(
            policies.identity_at(governing.oid), governing.name, moment="", steps=lambda: steps, least=lambda: 0
        )
    node = next(walk(room, [commit.oid], [], "--max-count=1"))
    protected = ProtectedHistory(room)
    item = next(iter(gather(room, [node], lambda named, _: protected.holds(named, governing.oid))))
    if isinstance(item, Unreadable):
        raise item.error
    record = item.reading.record
    authentic: Authentic | None = None
    if record is not None:
        with suppress(Rejected):
            authentic = authenticate(item.commit, item.author, record, law)
    recorders = Recorders(git, law.catalogue, ("--no-walk", commit.oid))
    ((elsewhere, ignored),) = recorders.evidence([commit.oid])
    return Examined(item, law, governing, judge(item, law), authentic, elsewhere, ignored or recorders.problem)


def says_more(found: Examined) -> tuple[Finding, ...]:
    """SOX108 for every recorder that says more about AI than the record of the commit does.

    No part of a verdict: notes change without their commit, and whoever may push may write them, so a verdict that
    looked at them would not be the same tomorrow, or for somebody else.
    """
    record = found.item.reading.record
    if record is None:
        return ()
    named = {use.tool for use in found.law.declared(found.item.commit.message, record).tools}
    findings = []
    for sign in found.elsewhere:
        more = sign.tool not in named if sign.tool else record.assistance != ASSISTED
        if sign.kind == "ai" and sign.confidence != LOW and more:
            said = ", ".join(sorted(named)) or record.assistance
            message = f"{sign.source} says {sign.tool or 'an AI tool'} took part, the record says {said}"
            findings.append(finding("SOX108", message, commit=found.item.commit.oid, why=sign.detail))
    return tuple(findings)
