"""One commit looked at closely: its record, who signed it, and the verdict under a policy."""

from __future__ import annotations

from contextlib import suppress

from sox_hooks.core.errors import CannotVerify
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import encode
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git
from sox_hooks.record.statement import payload
from sox_hooks.verification.authenticate import Authentic, Rejected, authenticate
from sox_hooks.verification.governing import Policies
from sox_hooks.verification.history import gather, walk
from sox_hooks.verification.judge import Gathered, Unreadable, judge
from sox_hooks.verification.law import Law
from sox_hooks.verification.protected import ProtectedHistory
from sox_hooks.verification.ranges import End, resolve
from sox_hooks.verification.verdict import Verdict


class Examined(Struct):
    """What a close look at one commit gave. `authentic` is None where the signature is not good."""

    item: Gathered
    law: Law
    governed_by: End
    verdict: Verdict
    authentic: Authentic | None

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
    return Examined(item, law, governing, judge(item, law), authentic)
