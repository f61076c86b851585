"""The commit-msg hook: gather what is about to be committed, decide with `policy.evaluate`, record what was decided.

Nothing is written before the decision but a copy of a refused message. The log entry comes first, then the signature
(the statement names the entry), then the message file: a commit that is cut off in between leaves an entry without a
commit, which is normal (an aborted editor does the same).
"""

from __future__ import annotations

import os
import sys

from sox_hooks import __version__
from sox_hooks.core import clock
from sox_hooks.core.digest import sha256_hex
from sox_hooks.core.errors import EnvironmentProblem, SoxError
from sox_hooks.core.files import write_atomically
from sox_hooks.core.findings import ERROR, WARNING, Finding
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode, printable
from sox_hooks.detection import ancestry, environment, identity
from sox_hooks.detection import message as message_evidence
from sox_hooks.git.commits import parse_ident
from sox_hooks.hooks.hosts import HookEvent
from sox_hooks.hooks.in_force import InForce, private_folder
from sox_hooks.hooks.recovery import keep_message
from sox_hooks.hooks.staged import Desk, Staged, gather_staged
from sox_hooks.policy.claims import strongest
from sox_hooks.policy.directory import Directory, out_of_time
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Claim, Decision, Evidence, Facts
from sox_hooks.policy.model import ASSISTED, NONE, UNDECLARED
from sox_hooks.record.key_reference import KeyReference, find_key, public_key
from sox_hooks.record.log import Log
from sox_hooks.record.message import Layout, aborts, layout, stored
from sox_hooks.record.record import VERSION, Record, final_assisted_by, read, write
from sox_hooks.record.signing import sign
from sox_hooks.record.statement import payload
from sox_hooks.record.trailers import assisted_by_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO


class Signing(Struct):
    """The key that will sign: `reference` is None if there is none that can be used, and `findings` say why."""

    reference: KeyReference | None
    blob: bytes
    person: str
    findings: tuple[Finding, ...] = ()


class Situation(Struct):
    """All that is known about the commit that is about to be made."""

    event: HookEvent
    staged: Staged
    in_force: InForce
    message: Layout
    text: bytes  # the message as git will store it
    facts: Facts
    signing: Signing
    moment: str


def run(event: HookEvent, environ: Mapping[str, str], err: TextIO) -> int:
    """The hook; returns its exit code. Raises `SoxError` for what keeps it from deciding or recording."""
    staged = gather_staged(environ)
    if isinstance(staged, Desk) or staged.desk.in_force is None:
        err.write("sox-hooks: no policy here (.sox/), so nothing is recorded. Set up with: sox-hooks init\n")
        return 0
    message = read_layout(event.message_file, staged.desk, environ)
    if aborts(message, _template(staged.desk)):
        return 0  # git will call it off, and what we add must not make a message of it
    situation = gather(event, staged, staged.desk.in_force, message, environ)
    decision = decide(situation)
    if not decision.allowed:
        return refuse(situation, decision, err)
    _show(decision, situation, err)
    try:
        return record(situation, decision, err)
    except SoxError as error:
        if situation.in_force.policy.mode == "enforce":
            raise
        err.write(f"sox-hooks: not recorded: {printable(error.what)} (mode is warn)\n")
        return 0


# Gather


def read_layout(path: str, desk: Desk, environ: Mapping[str, str]) -> Layout:
    """The message file, and what git will make of it."""
    try:
        with open(path, "rb") as file:
            raw = file.read()
    except OSError as error:
        raise EnvironmentProblem(f"the message file cannot be read: {error.strerror}", where=printable(path)) from error
    char = desk.setting("core.commentString") or desk.setting("core.commentChar", "#")
    return layout(
        raw,
        comments=environ.get("GIT_EDITOR") != ":",  # git says so where no editor will run
        comment=None if char == "auto" else os.fsencode(char),
        cleanup=desk.setting("commit.cleanup", "default"),
    )


def _template(desk: Desk) -> bytes:
    name = desk.setting("commit.template")
    if not name:
        return b""
    try:
        with open(os.path.expanduser(name), "rb") as file:
            return file.read()
    except OSError:
        return b""


def gather(
    event: HookEvent, staged: Staged, in_force: InForce, message: Layout, environ: Mapping[str, str]
) -> Situation:
    """The facts of the commit, from every source there is at the desk."""
    moment = clock.now()
    text = stored(message)
    signing = find_signing(staged.desk, in_force, environ, moment)
    facts = gather_facts(staged, in_force, text, environ, signing.person, moment)
    return Situation(event, staged, in_force, message, text, facts, signing, moment)


def gather_facts(
    staged: Staged, in_force: InForce, text: bytes, environ: Mapping[str, str], person: str, moment: str
) -> Facts:
    """The facts that `evaluate` judges, for a hook or for `check`."""
    catalogue = in_force.catalogue
    author = staged.author
    evidence: list[Evidence] = [
        *environment.evidence(catalogue, environ),
        *ancestry.evidence(catalogue, staged.processes),
        *message_evidence.evidence(catalogue, text),
        *identity.evidence(catalogue, author, b""),
    ]
    declared = message_evidence.declared(catalogue, text)
    if declared.assistance == UNDECLARED and staged.desk.setting("sox.declaration") == NONE:
        declared = Claim(NONE)
    head = staged.desk.head
    if head is not None and (staged.operation.amend or staged.amended is not None):
        # What the amended commit said of itself is never silently dropped.
        declared = strongest(declared, message_evidence.declared(catalogue, head.message))
        evidence += message_evidence.evidence(catalogue, head.message)
    return Facts(
        paths=staged.content.content.touched(),
        declared=declared,
        evidence=tuple(dict.fromkeys(evidence)),
        author_email=decode(parse_ident(author).email),
        person=person,
        moment=moment,
    )


def find_signing(desk: Desk, in_force: InForce, environ: Mapping[str, str], moment: str) -> Signing:
    """The key that will sign, and whose it is according to the policy in force."""
    from sox_hooks.core.sshwire import encode_base64

    directory = Directory(in_force.policy)
    try:
        reference = find_key(desk.config, environ.get("HOME"))
        blob = public_key(reference)
    except SoxError as error:
        return Signing(None, b"", "", (_finding("SOX710", error.what, why=error.why, fix=error.fix),))
    signer = directory.signer(encode_base64(blob))
    if signer is None:
        missing = _finding(
            "SOX404",
            f"your signing key is not enrolled in the policy of {in_force.ref}",
            why="CI would call every record that it signs forged",
        )
        return Signing(reference, blob, "", (missing,))
    late = out_of_time(signer, moment)
    findings = (_finding("SOX606", f"your signing key {late}", place=signer.place),) if late else ()
    return Signing(reference, blob, signer.person, findings)


def _finding(rule: str, message: str, **fields: object) -> Finding:
    from sox_hooks.policy.rules import finding

    return finding(rule, message, **{name: value for name, value in fields.items() if value})


# Decide


def decide(situation: Situation) -> Decision:
    """`policy.evaluate` on the facts, and what the key brings along."""
    decision = evaluate(situation.in_force.policy, situation.facts)
    return with_findings(decision, situation.signing.findings, situation.in_force.policy.mode)


def with_findings(decision: Decision, findings: tuple[Finding, ...], mode: str) -> Decision:
    """A decision to which findings from elsewhere are added; an error among them refuses."""
    if not findings:
        return decision
    refused = mode == "enforce" and any(finding.severity == ERROR for finding in findings)
    # A person that is not known because the key is not enrolled is one fault, not two.
    kept = tuple([entry for entry in decision.findings if entry.rule != "SOX401"])
    return decision.replace(allowed=decision.allowed and not refused, findings=(*findings, *kept))


# Record


def record(situation: Situation, decision: Decision, err: TextIO) -> int:
    """Log, sign, and write the trailers."""
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
        return 0
    if situation.signing.reference is None:  # only where the mode is `warn`
        raise EnvironmentProblem(situation.signing.findings[0].message)
    log = Log(staged.desk.repository.common_dir)
    anchor = log.append("recorded", _entry(situation, decision), situation.moment)
    unsigned = unsigned.replace(parameters=(*parameters, ("log", str(anchor)), *extra))
    message = payload(unsigned, policy.repository, parse_ident(staged.author).email)
    signature = sign(message, situation.signing.reference, private_folder(staged.desk.repository))
    if _needs_touch(situation, decision):
        decision = _decide_with_touch(situation, signature)
        if not decision.allowed:
            return refuse(situation, decision, err)
    _write(situation.event.message_file, write(situation.message, unsigned.replace(signature=signature)))
    return 0


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
    write_atomically(path, data, os.stat(path).st_mode & 0o777)


def refuse(situation: Situation, decision: Decision, err: TextIO) -> int:
    """Keep the message, note the attempt, and say what to do."""
    repository = situation.staged.desk.repository
    again = keep_message(repository, situation.text, amend=bool(situation.staged.operation.amend))
    noted = ""
    try:
        Log(repository.common_dir).append("refused", _entry(situation, decision), situation.moment)
    except EnvironmentProblem as error:
        noted = f"sox-hooks: the refusal could not be logged: {printable(error.what)}\n"
    _show(decision, situation, err)
    err.write(f"{noted}sox-hooks: refused. Your message is kept; when mended: {again}\n")
    return 1


def _show(decision: Decision, situation: Situation, err: TextIO) -> None:
    shown = [entry for entry in decision.findings if entry.severity in (ERROR, WARNING)]
    if shown:
        from sox_hooks.output.findings_text import render

        err.write(render(shown))
    if decision.allowed and decision.claim.assistance == ASSISTED:
        tools = ", ".join([str(use) for use in decision.claim.tools]) or "an AI tool"
        strictest = f" ({decision.tiers[0]} paths)" if decision.tiers else ""
        err.write(f"sox-hooks: recorded as assisted by {printable(tools)}{strictest}\n")


def _entry(situation: Situation, decision: Decision) -> dict[str, object]:
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
        "key": "SHA256:" + sha256_hex(situation.signing.blob)[:16] if situation.signing.blob else "",
        "policy": situation.in_force.policy.identity,
        "policy_ref": situation.in_force.ref,
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
        "findings": [
            {"rule": entry.rule, "severity": entry.severity, "message": entry.message, "path": entry.path}
            for entry in decision.findings
        ],
        "version": __version__,
        "python": "{}.{}.{}".format(*sys.version_info[:3]),
    }
