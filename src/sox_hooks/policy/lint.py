"""What is wrong with a policy although it can be loaded: gaps, days that have passed, rules that never apply.

Nothing here refuses a commit. What it warns of may do so later: a register field that is not filled in refuses the tool
in every tier that requires the condition.
"""

from __future__ import annotations

from itertools import combinations

from sox_hooks.core.findings import NOTE, WARNING, Finding, Place
from sox_hooks.policy.conditions import MISSING, OF_A_USE, judge
from sox_hooks.policy.document import dotted, meant, quoted
from sox_hooks.policy.load import FOLDER
from sox_hooks.policy.model import AI_NONE, APPROVED, PROHIBITED, READS_DENIED, RESTRICTED, Policy, Tier, Tool
from sox_hooks.policy.ranking import beyond
from sox_hooks.policy.rules import finding
from sox_hooks.policy.source import POLICY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# How long before an approval or a SOC 2 report runs out it is pointed out: a new report takes a vendor weeks.
NEAR_DAYS = 60


def lint(policy: Policy, today: str) -> tuple[Finding, ...]:
    """Everything there is to say about a loaded policy on a day (`YYYY-MM-DD`), in the order of the files' lines."""
    findings = [
        *_register_gaps(policy, today),
        *_register_days(policy, today),
        *_tiers(policy),
        *_people(policy),
        *_exceptions(policy, today),
    ]
    return tuple(sorted(findings, key=_order))


def _order(entry: Finding) -> tuple[str, int, str]:
    return (entry.place.file, entry.place.line, entry.rule) if entry.place else ("", 0, entry.rule)


def _register_gaps(policy: Policy, today: str) -> Iterator[Finding]:
    """SOX010: one finding for a field of a tool, with all tiers that wait for it."""
    for tool in policy.tools:
        waiting: dict[str, list[Tier]] = {}
        for tier in policy.tiers:
            if _admits(tier, tool):
                # `version` and `model` are asked of the commit, not of the register.
                for result in [
                    judge(condition, tool, today) for condition in tier.require if condition not in OF_A_USE
                ]:
                    if result.state == MISSING and tier not in waiting.setdefault(result.field, []):
                        waiting[result.field].append(tier)
        for field, tiers in waiting.items():
            names = ", ".join(quoted(tier.name) for tier in tiers)
            yield finding(
                "SOX010",
                f"{dotted(('tools', tool.id, field))} is not filled in, so the tool is refused in the tier {names}",
                place=tool.place,
                why=f"{dotted(('tiers', tiers[0].name))} requires {', '.join(tiers[0].require)}",
            )


def _admits(tier: Tier, tool: Tool) -> bool:
    """Whether a tier is meant for a tool, leaving its conditions aside."""
    if tier.ai == AI_NONE or tool.status == PROHIBITED or tool.revoked_on or (tier.tools and tool.id not in tier.tools):
        return False
    return tool.status == APPROVED or (tool.status == RESTRICTED and tool.id in tier.tools)


def _register_days(policy: Policy, today: str) -> Iterator[Finding]:
    """SOX011 for tools that may be used."""
    near = _days_later(today, NEAR_DAYS)
    for tool in policy.tools:
        if tool.status == PROHIBITED or tool.revoked_on:
            continue
        name = dotted(("tools", tool.id))
        for last, ahead, over in (
            (tool.review_by, "is to be reviewed by", "was to be reviewed by"),
            (tool.soc2_valid_until, "has a SOC 2 report valid until", "had a SOC 2 report valid until"),
        ):
            if last and last <= near:
                passed = last < today
                yield finding(
                    "SOX011",
                    f"{name} {over if passed else ahead} {last}",
                    place=tool.place,
                    severity=WARNING if passed else NOTE,
                )


def _days_later(day: str, days: int) -> str:
    from datetime import date, timedelta

    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def _tiers(policy: Policy) -> Iterator[Finding]:
    """SOX012, SOX013, SOX016, and trainings that nobody has (SOX008)."""
    for one, other in combinations(sorted(policy.tiers, key=lambda tier: tier.rank), 2):
        if one.ai == other.ai and beyond(one, other) and beyond(other, one):
            yield finding(
                "SOX012",
                f"neither of the tiers {quoted(one.name)} and {quoted(other.name)} is stricter: a path in both is "
                f"judged as {quoted(other.name)}",
                place=other.place,
                severity=WARNING,
                why=f"only {one.name} demands: {'; '.join(beyond(one, other))}. "
                f"Only {other.name} demands: {'; '.join(beyond(other, one))}",
            )
        elif one.reads == READS_DENIED and other.reads != READS_DENIED:
            yield finding(
                "SOX012",
                f"the tier {quoted(other.name)} is stricter than {quoted(one.name)}, but agents may read in it: a path "
                f"in both may be read",
                place=other.place,
                severity=WARNING,
                why=f'only {one.name} has reads = "deny"',
                fix=f'Give {other.name} the line reads = "deny", too',
            )
    used = {rule.tier for rule in policy.paths}
    if not any(pattern.kind == "all" for rule in policy.paths for pattern in rule.patterns):
        strictest = max(policy.tiers, key=lambda tier: tier.rank)
        used.add(strictest.name)
        yield finding(
            "SOX013",
            f"no pattern matches everything: all other paths are in the tier {quoted(strictest.name)}",
            place=Place(FOLDER + POLICY),
        )
    taught = {training.name for person in policy.people for training in person.trainings}
    for tier in policy.tiers:
        if tier.name not in used:
            yield finding("SOX016", f"no pattern puts a path into the tier {quoted(tier.name)}", place=tier.place)
        for topic in tier.training:
            if topic not in taught:
                yield finding(
                    "SOX008",
                    f"{dotted(('tiers', tier.name))} asks for the training {quoted(topic)}, which nobody has"
                    + meant(topic, taught),
                    place=tier.place,
                    severity=WARNING,
                )


def _people(policy: Policy) -> Iterator[Finding]:
    """SOX407 and SOX408."""
    for signer in policy.signers:
        if signer.key_type == "ssh-rsa":
            yield finding("SOX407", f"{quoted(signer.person)} signs with an RSA key", place=signer.place)
    signers = {signer.person for signer in policy.signers}
    for person in policy.people:
        if person.id not in signers:
            yield finding(
                "SOX408", f"{dotted(('people', person.id))} has no key in allowed_signers", place=person.place
            )


def _exceptions(policy: Policy, today: str) -> Iterator[Finding]:
    """SOX011, as a note: an exception that has expired does no harm, and history needs it."""
    for entry in policy.exceptions:
        if entry.expires < today:
            yield finding(
                "SOX011",
                f"the exception {quoted(entry.id)} expired on {entry.expires}",
                place=entry.place,
                severity=NOTE,
                fix="Leave it in place while commits name it, or remove it",
            )
