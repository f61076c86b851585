"""The verdict on one commit: a pure function of what was gathered and of the law.

The order is that of trust. First the record is read and its signature checked, so that it is known who claims what;
then whether the content is what was signed; only then is the policy asked, with the same `evaluate()` as at the desk.
"""

from __future__ import annotations

import re

from sox_hooks.core.errors import CannotVerify
from sox_hooks.core.findings import ERROR, WARNING, Finding
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git.change import Change, MalformedDiff
from sox_hooks.git.commits import MalformedCommit, RawCommit
from sox_hooks.policy.facts import Decision, Facts
from sox_hooks.policy.model import MERGE, REVERT, SAME_CHANGE, SAME_PATCH
from sox_hooks.policy.rules import finding
from sox_hooks.record.record import Reading, Record
from sox_hooks.verification.authenticate import Authentic, Rejected, authenticate
from sox_hooks.verification.law import Law
from sox_hooks.verification.verdict import (
    DENIED,
    FORGED,
    UNBOUND,
    UNRECORDED,
    UNVERIFIABLE,
    VERIFIED,
    Verdict,
)

# The folded values of our two long trailers: tokens NAME=VALUE and base64, as `record.read` has made sure.
_RECORD_LINES = re.compile(rb"\nSox-(?:Record|Signature):[^\n]*(?:\n[ \t][^\n]*)*(?=\n)")
# Findings of these groups refuse an unrecorded commit for what it does (paths, tools), not for lacking a declaration.
DEEDS = ("SOX2", "SOX3")


class Gathered(Struct):
    """Everything about a commit that its verdict needs.

    author         the author's address as it stands in the commit
    change_digest  of the commit's own content (base64url), always there
    patch_digest   "" unless it was needed: the change digest differs from the signed one
    automatic      tree id of the automatic merge of the parents, "" if it was not needed or there is a conflict
    reverts        id of a commit of protected history that this one undoes exactly, "" if there is none
    reading        what `record.read` made of the message
    """

    commit: RawCommit
    change: Change
    reading: Reading
    author: bytes
    change_digest: str
    patch_digest: str = ""
    automatic: str = ""
    reverts: str = ""

    @property
    def moved(self) -> bool:
        """Whether there is a record, and the content is not, byte for byte, the change that was signed."""
        record = self.reading.record
        digest = self.change_digest
        return record is not None and digest != record.parameter("change") and digest != record.parameter("amend")


class Unreadable(Struct):
    """A commit of which something cannot be read, and why."""

    oid: str
    error: CannotVerify


def judge(item: Gathered, law: Law, proven: str = "") -> Verdict:
    """The verdict on one commit under one law. `proven`: see `authenticate`."""
    reading = item.reading
    findings = _misplaced(item)
    if reading.record is None:
        if not reading.problems or any(kind == "absent" for kind, _ in reading.problems):
            return _unrecorded(item, law, findings)
        return _no_record(item, reading, findings)
    try:
        authentic = authenticate(item.commit, item.author, reading.record, law, proven)
    except Rejected as rejected:
        return _verdict(item, rejected.status, [*findings, rejected.finding], record=reading.record)
    findings += authentic.findings
    relation = _relation(item, reading.record)
    if not relation:
        findings.append(
            finding(
                "SOX608",
                f"the content of {item.commit.oid[:12]} is not what {authentic.person.id} signed",
                commit=item.commit.oid,
                why="neither the change digest nor the patch digest of the record is that of the commit",
            )
        )
        return _verdict(item, UNBOUND, findings, record=reading.record, authentic=authentic)
    decision = _decide(item, law, reading.record, authentic)
    judged = [*_policy_of_record(item, reading.record, law), *_about(item, decision.findings)]
    judged = in_mode(judged, law)
    if relation not in decision.relations:
        judged += relation_refused(item, relation, law)
    refused = any(entry.severity == ERROR for entry in [*authentic.findings, *judged])
    return _verdict(
        item,
        DENIED if refused else VERIFIED,
        [*findings, *judged],
        relation="" if refused else relation,
        record=reading.record,
        authentic=authentic,
        decision=decision,
    )


def unreadable(item: Unreadable) -> Verdict:
    """The verdict on a commit that cannot be read: different readers may read it differently, or a part is missing."""
    error = item.error
    rule = "SOX618" if isinstance(error, MalformedCommit | MalformedDiff) else "SOX617"
    entry = finding(rule, f"{item.oid[:12]}: {error.what}", commit=item.oid, why=error.why)
    return Verdict(item.oid, "", "", UNVERIFIABLE, findings=(entry,))


def plain(item: Gathered, status: str, findings: list[Finding]) -> Verdict:
    """A verdict that does not stand on the commit's record."""
    return _verdict(item, status, findings)


def same_record_again(verdict: Verdict, first: str) -> Verdict:
    """`verdict` for a commit whose signed record stands on another commit of the same history already."""
    again = finding(
        "SOX614",
        f"the record of {verdict.commit[:12]} stands on {first[:12]} already",
        commit=verdict.commit,
        why="a record is good once in a protected history: a second use is a copy of somebody's signature",
    )
    status = DENIED if verdict.status == VERIFIED else verdict.status
    return verdict.replace(status=status, relation="", findings=(*verdict.findings, again))


def _unrecorded(item: Gathered, law: Law, findings: list[Finding]) -> Verdict:
    """Without a record only what git itself made of verified commits passes: a merge, a revert."""
    commit = item.commit
    relation = ""
    if len(commit.parents) > 1 and item.automatic == commit.tree:
        relation = MERGE
    elif item.reverts:
        relation = REVERT
        note = f"{commit.oid[:12]} reverts {item.reverts[:12]} exactly"
        findings.append(finding("SOX622", note, commit=commit.oid))
    if relation:
        refusal = relation_refused(item, relation, law)
        refused = any(entry.severity == ERROR for entry in refusal)
        return _verdict(
            item, DENIED if refused else VERIFIED, [*findings, *refusal], relation="" if refused else relation
        )
    decision = _decide(item, law, None, None)
    deeds = [entry for entry in decision.findings if entry.rule.startswith(DEEDS) and entry.severity == ERROR]
    findings.append(
        finding(
            "SOX601",
            f"{commit.oid[:12]} has no record: {printable(subject_of(commit), 60)}",
            commit=commit.oid,
            why="every commit after the baseline needs a record; hooks that did not run leave none",
        )
    )
    findings += in_mode(_about(item, tuple(deeds)), law)
    return _verdict(item, DENIED if deeds and law.policy.mode == "enforce" else UNRECORDED, findings)


def relation_refused(item: Gathered, relation: str, law: Law) -> list[Finding]:
    """Why the touched tiers do not take a commit that is bound by `relation`; nothing if they all do."""
    for tier in law.tiers_of(item.change.touched()):
        if relation not in tier.relations:
            refusal = finding(
                "SOX615",
                f"{item.commit.oid[:12]} is bound by {relation!r}, which {tier.name} paths do not accept",
                commit=item.commit.oid,
                why=f"tier {tier.name!r} accepts: {', '.join(tier.relations) or 'nothing'}",
            )
            return in_mode([refusal], law)
    return []


def in_mode(findings: list[Finding], law: Law) -> list[Finding]:
    """In mode `warn` what the policy refuses is a warning. Whether a record is there and good is no matter of mode."""
    if law.policy.mode == "enforce":
        return findings
    return [entry.replace(severity=WARNING) if entry.severity == ERROR else entry for entry in findings]


def _no_record(item: Gathered, reading: Reading, findings: list[Finding]) -> Verdict:
    rules = {"doubled": "SOX603", "unknown-version": "SOX616"}
    kind, detail = reading.problems[0]
    rule = rules.get(kind, "SOX602")
    findings.append(
        finding(rule, f"the record of {item.commit.oid[:12]} cannot be read: {detail}", commit=item.commit.oid)
    )
    return _verdict(item, UNVERIFIABLE if kind == "unknown-version" else FORGED, findings)


def _relation(item: Gathered, record: Record) -> str:
    if not item.moved:
        return SAME_CHANGE
    return SAME_PATCH if item.patch_digest and item.patch_digest == record.parameter("patch") else ""


def _policy_of_record(item: Gathered, record: Record, law: Law) -> list[Finding]:
    cited = record.parameter("policy")
    version = law.version_of(cited)
    if version is None:
        why = "records are made under a policy that stood on the first parents of the protected branch"
        what = f"the record of {item.commit.oid[:12]} cites a policy that the protected branch never had"
    # The minimum is never higher than the version of the law, and finding it takes a walk over the range.
    elif version < law.policy.version and version < law.minimum_version:
        why = f"version {version} is older than version {law.minimum_version} at the base of the range"
        what = f"the record of {item.commit.oid[:12]} was made under an older policy than its base"
    else:
        return []
    return [finding("SOX613", what, commit=item.commit.oid, why=why)]


def _decide(item: Gathered, law: Law, record: Record | None, authentic: Authentic | None) -> Decision:
    commit = item.commit
    text = commit.message
    if record is not None:  # its own lines are no evidence, and reading them as such is most of the work
        text = _RECORD_LINES.sub(b"", text)
    if authentic is None:
        author, person = law.author(item.author)
        who = person.id if person else ""
    else:
        who = authentic.person.id
        author = authentic.email
    named = record.parameter("exception") if record else ""
    facts = Facts(
        item.change.touched(),
        law.declared(commit.message, record),
        law.evidence(text, commit.author, commit.committer),
        author,
        who,
        law.moment or (record.moment if record else law.now),
        tuple(named.split(",")) if named else (),
        authentic.touched if authentic else None,
        (),
    )
    return law.decide(facts)


def subject_of(commit: RawCommit) -> bytes:
    """The first line of the message."""
    return commit.message.lstrip(b"\n").partition(b"\n")[0]


def _misplaced(item: Gathered) -> list[Finding]:
    if not item.reading.misplaced:
        return []
    return [
        finding(
            "SOX607",
            f"{item.commit.oid[:12]} has trailers of ours outside its last paragraph",
            commit=item.commit.oid,
            why="only the last paragraph counts; squash messages carry earlier records in their body",
        )
    ]


def _about(item: Gathered, findings: tuple[Finding, ...]) -> list[Finding]:
    return [entry.replace(commit=item.commit.oid) for entry in findings]


def _verdict(
    item: Gathered,
    status: str,
    findings: list[Finding],
    *,
    relation: str = "",
    record: Record | None = None,
    authentic: Authentic | None = None,
    decision: Decision | None = None,
) -> Verdict:
    claim = decision.claim if decision else None
    return Verdict(
        item.commit.oid,
        printable(subject_of(item.commit), 120),
        printable(item.author, 120),
        status,
        relation,
        claim.assistance if claim else (record.assistance if record and authentic else ""),
        tuple([str(use) for use in claim.tools]) if claim else (),
        authentic.person.id if authentic else "",
        record.moment if record else "",
        tuple(findings),
    )
