"""Recording what was decided: the log entry first, then the signature, then the trailers.

The statement that is signed names the log entry, hence the order: a commit that is cut off in between leaves an entry
without a commit, which is normal (an aborted editor does the same).
"""

from __future__ import annotations

import os
import sys

from sox_hooks import __version__
from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.files import problem, write_atomically
from sox_hooks.core.sshkeys import fingerprint
from sox_hooks.git.commits import parse_ident
from sox_hooks.hooks.in_force import private_folder
from sox_hooks.hooks.situation import Situation
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Decision, Evidence
from sox_hooks.policy.model import ASSISTED
from sox_hooks.record.log import Log
from sox_hooks.record.record import VERSION, Record, final_assisted_by, read, write
from sox_hooks.record.signing import Signer
from sox_hooks.record.statement import payload
from sox_hooks.record.trailers import assisted_by_value

RECORDED, REFUSED = "recorded", "refused"
KEPT = "kept"
# A commit may have a hundred thousand files; a line of the log may not.
_MOST_FILES = 1000


def record(situation: Situation, decision: Decision) -> tuple[str, Decision]:
    """Log, sign and write the trailers. Returns what came of it and the decision behind it.

    `RECORDED`; `KEPT` if the message carries a record already that is good and says the same; `REFUSED` if the
    signature shows what the decision could not know before (a tier asks for a hardware key that was touched). Raises
    `SoxError` where no record can be made; the message file is then as it was.
    """
    policy = situation.in_force.policy
    staged = situation.staged
    claim = decision.claim
    tools = [assisted_by_value(use.tool, use.version, use.model, policy.spelling) for use in claim.tools]
    values = final_assisted_by(situation.message, tools if claim.assistance == ASSISTED else [])
    parameters = [("policy", policy.identity), ("change", staged.content.change), ("patch", staged.content.patch)]
    extra = []
    if decision.exceptions:
        extra.append(("exception", ",".join(decision.exceptions)))
    if staged.amended is not None:
        extra.append(("amend", staged.amended.change))
    unsigned = Record(claim.assistance, values, VERSION, situation.moment, (*parameters, *extra))
    if _still_valid(situation, unsigned):
        return KEPT, decision
    if situation.signing.reference is None:  # only where the mode is `warn`
        raise EnvironmentProblem(situation.signing.findings[0].message)
    log = Log(staged.desk.repository.common_dir)
    # ssh-keygen starts up while the log entry goes to the disk.
    with Signer(situation.signing.reference, private_folder(staged.desk.repository)) as signer:
        anchor = log.append(RECORDED, log_entry(situation, decision), situation.moment)
        unsigned = unsigned.replace(parameters=(*parameters, ("log", str(anchor)), *extra))
        signature = signer.sign(payload(unsigned, policy.repository, parse_ident(staged.author).email))
    if _needs_touch(situation, decision):
        decision = _decide_with_touch(situation, signature)
        if not decision.allowed:
            return REFUSED, decision
    _write(situation.event.message_file, write(situation.message, unsigned.replace(signature=signature)))
    return RECORDED, decision


def _still_valid(situation: Situation, wanted: Record) -> bool:
    """Whether the message carries a record that says just this and is good: then it is kept, not renewed."""
    old = read(situation.text).record
    if old is None or old.signature is None:
        return False
    told = tuple([(name, value) for name, value in old.parameters if name != "log"])
    if (old.assistance, old.assisted_by, told) != (wanted.assistance, wanted.assisted_by, wanted.parameters):
        return False
    from sox_hooks.record import sshsig  # it needs `cryptography`, which only an amend pays for

    try:
        signature = sshsig.parse(old.signature)
        if signature.public_key != situation.signing.blob:
            return False
        repository = situation.in_force.policy.repository
        sshsig.verify(signature, payload(old, repository, parse_ident(situation.staged.author).email))
    except sshsig.BadSignature:
        return False
    return True


def _needs_touch(situation: Situation, decision: Decision) -> bool:
    return any(tier.key == "hardware" and tier.name in decision.tiers for tier in situation.in_force.policy.tiers)


def _decide_with_touch(situation: Situation, signature: bytes) -> Decision:
    from sox_hooks.record import sshsig

    touched = bool(sshsig.parse(signature).touched)
    return evaluate(situation.in_force.policy, situation.facts.replace(key_touched=touched))


def _write(path: str, data: bytes) -> None:
    try:
        mode = os.stat(path).st_mode & 0o777
    except OSError as error:
        raise problem("find the commit message again", path, error) from error
    # git reads it at once and never after a crash; two waits for the disk would be half of what the log entry costs.
    write_atomically(path, data, mode, durable=False)


def log_entry(situation: Situation, decision: Decision) -> dict[str, object]:
    """What the log keeps of a decision: what the trailers do not hold. No values of variables, no content."""
    staged = situation.staged
    claim = decision.claim
    return {
        "hook": situation.event.name,
        "host": situation.event.host,
        "operation": staged.operation.kind,
        "amend": staged.operation.amend,
        "author": situation.facts.author_email,
        "person": situation.facts.person,
        "key": fingerprint(situation.signing.blob) if situation.signing.blob else "",
        "policy": situation.in_force.policy.identity,
        "policy_ref": situation.in_force.ref,
        "mode": situation.in_force.policy.mode,
        "tree": staged.tree,
        "change": staged.content.change,
        "patch": staged.content.patch,
        "assistance": claim.assistance,
        "declared": situation.facts.declared.assistance,
        "tools": [str(use) for use in claim.tools],
        "tiers": list(decision.tiers),
        "exceptions": list(decision.exceptions),
        "evidence": [
            {name: value for name, value in zip(Evidence.fields, entry.astuple(), strict=True) if value}
            for entry in situation.facts.evidence
        ],
        "files": [
            {"path": path, "state": state, "tools": list(tools)}
            for path, state, tools in situation.facts.files[:_MOST_FILES]
        ],
        **({"conflicts": list(situation.facts.conflicts)} if situation.facts.conflicts else {}),
        "findings": [
            {"rule": entry.rule, "severity": entry.severity, "message": entry.message, "path": entry.path}
            for entry in decision.findings
        ],
        "version": __version__,
        "python": "{}.{}.{}".format(*sys.version_info[:3]),
    }
