"""A policy in words, for staff who have to follow it and auditors who have to judge it."""

from __future__ import annotations

from binascii import a2b_base64

from sox_hooks.core.sshkeys import fingerprint
from sox_hooks.core.text import printable
from sox_hooks.policy.model import AI_ANY, AI_APPROVED, AI_NONE, READS_DENIED, RELATIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sox_hooks.policy.model import Dated, Person, Policy, PolicyException, Signer, Tier, Tool

_AI = {
    AI_ANY: "any AI tool that is not prohibited or revoked",
    AI_APPROVED: "approved AI tools only",
    AI_NONE: "no AI tool at all",
}


def render(policy: Policy, origin: str) -> str:
    """The whole policy; `origin` says where it was read, e.g. `origin/main:.sox`."""
    enforced = "refuses what breaks it" if policy.mode == "enforce" else "warns and refuses nothing (mode = warn)"
    lines = [
        f"Policy of {printable(policy.repository)}, version {policy.version}",
        f"It {enforced}.",
        "",
        *_rows(
            [
                ("read from", origin),
                ("tree id", policy.identity),
                ("owner", policy.owner or "nobody named"),
                ("former ids", ", ".join(policy.former)),
                ("baseline", ", ".join(policy.baseline) or "none: every commit needs a record"),
                ("patches of others", "may be recorded" if policy.record_for_others else "may not be recorded"),
                ("exceptions", f"approved by the role {policy.exceptions_approved_by}"),
            ]
        ),
    ]
    tiers = sorted(policy.tiers, key=lambda tier: tier.rank, reverse=True)
    sections = (
        ("Tiers, strictest first", [line for tier in tiers for line in _tier(tier, policy)]),
        ("AI tools", [line for tool in policy.tools for line in _tool(tool)]),
        ("People", [line for person in policy.people for line in _person(person, policy.signers)]),
        ("Exceptions", [line for entry in policy.exceptions for line in _exception(entry)]),
    )
    for heading, body in sections:
        lines += ["", heading, "", *(body or ["  none"])]
    return "\n".join(lines) + "\n"


def tier_in_words(tier: Tier) -> str:
    """What a tier asks for, in one line."""
    words = [_AI[tier.ai]]
    if tier.ai != AI_NONE and tier.tools:
        words.append(f"of these: {', '.join(tier.tools)}")
    if tier.ai != AI_NONE and tier.require:
        words.append(f"which must meet: {', '.join(tier.require)}")
    words.append(f"a declaration is {tier.declaration}")
    words.append(f"undeclared changes are {'accepted' if tier.undeclared else 'refused'}")
    if tier.training:
        words.append(f"training needed: {', '.join(tier.training)}")
    if tier.review:
        words.append(f"review by: {', '.join(tier.review)}")
    if tier.key != "any":
        words.append(f"signed with a {tier.key} key")
    if tier.reads == READS_DENIED:
        words.append("agents may not read what they may not edit")
    if set(tier.relations) != set(RELATIONS):
        words.append(f"bound as: {', '.join(tier.relations)}")
    return printable("; ".join(words))


def _tier(tier: Tier, policy: Policy) -> list[str]:
    lines = [f"  {printable(tier.name)}: {tier_in_words(tier)}"]
    for rule in policy.paths:
        if rule.tier == tier.name:
            patterns = printable(", ".join([pattern.source for pattern in rule.patterns]))
            lines.append(f"    {patterns}" + (f"  ({printable(rule.because)})" if rule.because else ""))
    return lines


def _tool(tool: Tool) -> list[str]:
    said = [
        ("vendor", tool.vendor),
        ("owner", tool.owner),
        ("versions", tool.versions or "any"),
        ("models", ", ".join(tool.models) or "any"),
        ("approved on", tool.approved_on),
        ("review by", tool.review_by),
        ("SOC 2 until", tool.soc2_valid_until),
        ("data stays in", ", ".join(tool.data_residency)),
        ("kept for", f"{tool.retention_days} days" if tool.retention_days >= 0 else ""),
        ("encryption", ", ".join(tool.encryption)),
        ("audit logging", {0: "no", 1: "yes"}.get(tool.audit_logging, "")),
        ("evidence", tool.evidence),
        ("revoked", " ".join(filter(None, (tool.revoked_on, tool.revoked_reason)))),
    ]
    return [f"  {printable(tool.id)}: {tool.status}", *_rows(said, "    ")]


def _person(person: Person, signers: Iterable[Signer]) -> list[str]:
    keys = []
    for signer in signers:
        if signer.person == person.id:
            span = _span(signer.valid_after, signer.valid_before)
            keys.append(f"{signer.key_type} {fingerprint(a2b_base64(signer.key))}{span}")
    said = [
        ("addresses", ", ".join(person.emails)),
        ("accounts", ", ".join(person.accounts)),
        ("roles", _dated(person.roles)),
        ("trainings", _dated(person.trainings)),
        ("keys", "; ".join(keys) or "none: cannot sign records"),
    ]
    kind = "" if person.kind == "person" else f" ({person.kind})"
    name = f", {person.name}" if person.name else ""
    return [f"  {printable(person.id + name)}{kind}", *_rows(said, "    ")]


def _exception(entry: PolicyException) -> list[str]:
    patterns = ", ".join([pattern.source for pattern in entry.patterns])
    said = [
        ("for", ", ".join(entry.persons)),
        ("paths", patterns),
        ("because", f"{entry.reason} ({entry.ticket})" if entry.ticket else entry.reason),
        ("asked by", entry.requested_by),
        ("approved by", entry.approved_by),
        ("holds", f"{entry.starts} to {entry.expires}"),
    ]
    return [f"  {printable(entry.id)}: {printable(entry.tool)}", *_rows(said, "    ")]


def _dated(entries: Iterable[Dated]) -> str:
    return ", ".join([entry.name + _span(entry.start, entry.end) for entry in entries])


def _span(start: str, end: str) -> str:
    words = " ".join(filter(None, (f"from {start}" if start else "", f"until {end}" if end else "")))
    return f" ({words})" if words else ""


def _rows(rows: Iterable[tuple[str, str]], indent: str = "  ") -> list[str]:
    """Names and values below one another; what is not said is left out."""
    said = [(name, printable(value)) for name, value in rows if value]
    width = max([len(name) for name, _ in said], default=0)
    return [f"{indent}{name + ':':<{width + 1}} {value}" for name, value in said]
