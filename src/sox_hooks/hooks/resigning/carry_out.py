"""Doing what a plan says: log, sign, make the commits again, and at the very end move the branch.

Until the branch moves nothing can be seen of it: a run that ends in between leaves entries in the log and objects that
nothing names, and the next run begins anew. What can be seen is in the log before: the entry that links old and new
commits is written just before the branch moves. The trees stay what they were, so the work tree and the index are not
touched.
"""

from __future__ import annotations

import sys

from sox_hooks import __version__
from sox_hooks.core.errors import Refused
from sox_hooks.core.sshkeys import fingerprint
from sox_hooks.core.struct import Struct
from sox_hooks.git.commits import RawCommit
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.rewrite import is_signed, move_ref, remade, store_commit
from sox_hooks.hooks.in_force import private_folder
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Evidence
from sox_hooks.policy.model import ASSISTED
from sox_hooks.record import sshsig
from sox_hooks.record.binding import Binding, bind
from sox_hooks.record.log import Log
from sox_hooks.record.message import layout
from sox_hooks.record.record import VERSION, Record, final_assisted_by, write
from sox_hooks.record.signing import sign
from sox_hooks.record.statement import payload
from sox_hooks.record.trailers import assisted_by_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.git.room import CleanRoom
    from sox_hooks.hooks.resigning.plan import Plan, Step

RESIGNED, REWRITTEN = "resigned", "rewritten"


class Done(Struct):
    """What was done: pairs of old and new ids, oldest first, and which of the old commits had a signature of git."""

    pairs: tuple[tuple[str, str], ...]
    unsigned: tuple[str, ...]

    @property
    def tip(self) -> str:
        """The new tip of the branch."""
        return self.pairs[-1][1]


def carry_out(plan: Plan, room: CleanRoom) -> Done:
    """Make the new records and move the branch; nothing is done if nothing is to be remade.

    Raises `Refused` where the policy does not allow a record, and whatever signing and writing can raise; the branch is
    then where it was.
    """
    if plan.refused:
        raise Refused(f"the policy refuses {len(plan.refused)} of the commits, so nothing is changed")
    git = plan.desk.git
    new: dict[str, str] = {}
    unsigned: list[str] = []
    log = Log(plan.desk.repository.common_dir)
    with ObjectReader(git) as reader:
        for step in plan.steps:
            if not step.remade:
                continue
            commit = step.commit
            parents = tuple([new.get(parent, parent) for parent in commit.parents])
            message = _message(plan, step, parents, room, log) if step.decision is not None else commit.message
            found = reader.read(commit.oid)
            if found is None:  # `make_plan` has read it a moment ago
                raise Refused(f"the commit {commit.oid[:12]} has vanished")
            new[commit.oid] = store_commit(git, remade(found[2], parents, message))
            if is_signed(commit.headers):
                unsigned.append(commit.oid)
    if new:
        tip = new.get(plan.tip, plan.tip)
        log.append(
            REWRITTEN,
            {
                "command": "resign",
                "ref": plan.ref,
                "reason": plan.wish.reason,
                "person": plan.signing.person,
                "pairs": [list(pair) for pair in new.items()],
            },
        )
        move_ref(git, plan.ref, tip, plan.tip, f"sox-hooks resign: {plan.wish.reason}")
    return Done(tuple(new.items()), tuple(unsigned))


def _message(plan: Plan, step: Step, parents: tuple[str, ...], room: CleanRoom, log: Log) -> bytes:
    """The message with a new record. The rest of it stays as it is, byte for byte."""
    policy, decision = plan.in_force.policy, step.decision
    if decision is None or plan.signing.reference is None:
        raise ValueError("a plan without a decision or a key")
    # Stored as it is given: nothing is a comment, and no byte is mended.
    message = layout(step.commit.message, comments=False, comment=b"#", cleanup="verbatim", utf8=False)
    claim = decision.claim
    tools = [assisted_by_value(use.tool, use.version, use.model, policy.spelling) for use in claim.tools]
    values = final_assisted_by(message, tools if claim.assistance == ASSISTED else [])
    binding = _bind(room, step.commit, parents)
    anchor = log.append(RESIGNED, _entry(plan, step, binding), plan.moment)
    parameters = [
        ("policy", policy.identity),
        ("change", binding.change),
        ("patch", binding.patch),
        ("log", str(anchor)),
    ]
    if decision.exceptions:
        parameters.append(("exception", ",".join(decision.exceptions)))
    unsigned = Record(claim.assistance, values, VERSION, plan.moment, tuple(parameters))
    statement = payload(unsigned, policy.repository, step.commit.author_email)
    signature = sign(statement, plan.signing.reference, private_folder(plan.desk.repository))
    _require_touch(plan, step, signature)
    return write(message, unsigned.replace(signature=signature))


def _bind(room: CleanRoom, commit: RawCommit, parents: tuple[str, ...]) -> Binding:
    """The digests of the commit on its new parents, whose trees are those of the old ones."""
    before = commit.parents or (room.empty_tree,)
    return bind(parents, [room.blocks(parent, commit.oid) for parent in before])


def _require_touch(plan: Plan, step: Step, signature: bytes) -> None:
    """Raise `Refused` where a tier asks for a hardware key that was touched and this one was not."""
    policy = plan.in_force.policy
    if step.facts is None or step.decision is None:
        return
    if any(tier.key == "hardware" and tier.name in step.decision.tiers for tier in policy.tiers):
        touched = bool(sshsig.parse(signature).touched)
        decision = evaluate(policy, step.facts.replace(key_touched=touched))
        if not decision.allowed:
            first = decision.findings[0]
            raise Refused(first.message, where=step.commit.oid, why=first.why, fix=first.fix, rule=first.rule)


def _entry(plan: Plan, step: Step, binding: Binding) -> dict[str, object]:
    """What the log keeps of one new record. The new id is not known yet: the entry `rewritten` has both."""
    sources, facts, decision = step.sources, step.facts, step.decision
    if sources is None or facts is None or decision is None:
        raise ValueError("a step without a new record")
    return {
        "operation": "resign",
        "commit": step.commit.oid,
        "status": step.verdict.status,
        "reason": plan.wish.reason,
        "author": facts.author_email,
        "person": facts.person,
        "key": fingerprint(plan.signing.blob),
        "policy": plan.in_force.policy.identity,
        "policy_ref": plan.in_force.ref,
        "mode": plan.in_force.policy.mode,
        "change": binding.change,
        "patch": binding.patch,
        "assistance": decision.claim.assistance,
        "declared": facts.declared.assistance,
        "tools": [str(use) for use in decision.claim.tools],
        "tiers": list(decision.tiers),
        "exceptions": list(decision.exceptions),
        "origins": list(sources.origins),
        "entries": list(sources.entries),
        "evidence": [
            {name: value for name, value in zip(Evidence.fields, sign_.astuple(), strict=True) if value}
            for sign_ in facts.evidence
        ],
        "findings": [
            {"rule": entry.rule, "severity": entry.severity, "message": entry.message, "path": entry.path}
            for entry in decision.findings
        ],
        "version": __version__,
        "python": "{}.{}.{}".format(*sys.version_info[:3]),
    }
