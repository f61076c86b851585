"""What the policy refuses a tool, as patterns: the same rules as `evaluate`, without a change, a person or a version.

An exception opens nothing here: it is for persons, and the files are everybody's.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.policy.model import READS_DENIED
from sox_hooks.policy.tool_faults import admits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sox_hooks.policy.model import Policy, Tier

EVERYTHING = "**"


class Refused(Struct):
    """Patterns of paths that may not be edited, and of those that may not even be read, in the policy's order.

    They cover at least what the policy refuses. `notes` say where it is more, one sentence each.
    """

    edits: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def refused(policy: Policy, tools: Iterable[str], day: str) -> Refused:
    """What is refused to at least one of the tools on a day (`YYYY-MM-DD`).

    A policy that only warns refuses nothing.
    """
    if policy.mode != "enforce":
        return Refused(notes=('the policy has mode = "warn", so nothing is refused',))
    refusing: list[Tier] = []
    notes: list[str] = []
    for tool in tools:
        closed = [tier for tier in policy.tiers if not admits(policy, tier, tool, day)]
        refusing += [tier for tier in closed if tier not in refusing]
        notes += _too_much(policy, tool, closed)
    reading = [tier for tier in refusing if tier.reads == READS_DENIED]
    return Refused(_patterns(policy, refusing), _patterns(policy, reading), tuple(dict.fromkeys(notes)))


def _patterns(policy: Policy, tiers: list[Tier]) -> tuple[str, ...]:
    names = [tier.name for tier in tiers]
    found = [pattern for rule in policy.paths if rule.tier in names for pattern in rule.patterns]
    if any(pattern.kind == "all" for pattern in found) or (_unmatched(policy) in names):
        return (EVERYTHING,)
    return tuple(dict.fromkeys([pattern.source for pattern in found]))


def _unmatched(policy: Policy) -> str:
    """The tier of paths that no pattern matches, "" if there can be none."""
    if any(pattern.kind == "all" for rule in policy.paths for pattern in rule.patterns):
        return ""
    return max(policy.tiers, key=lambda tier: tier.rank).name


def _too_much(policy: Policy, tool: str, closed: list[Tier]) -> list[str]:
    """Where a list of patterns says more than the policy: it cannot take paths out again."""
    names = [tier.name for tier in closed]
    if _unmatched(policy) in names:
        why = "a path that no pattern matches is in the strictest tier, which refuses it"
        return [f'everything is closed to {tool}: {why}; give every other path a tier with the pattern "**"']
    used = {rule.tier for rule in policy.paths}
    lowest = min([tier.rank for tier in closed if tier.name in used], default=None)
    stricter = [
        tier.name
        for tier in policy.tiers
        if lowest is not None and tier.rank > lowest and tier.name not in names and tier.name in used
    ]
    if not stricter:
        return []
    return [
        f"{tool} may work in tier {', '.join(stricter)}; paths that a looser tier matches, too, are closed all the same"
    ]
