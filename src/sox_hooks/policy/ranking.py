"""Which of two tiers is the more restrictive.

A tier is seen as what it demands. If one demands all that another does, it is the stricter. If each demands something
that the other does not, there is no answer and `policy lint` says so (SOX012): a path in both is judged by one of them.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.policy.model import AI_ANY, AI_APPROVED, AI_NONE, READS_DENIED, RELATIONS, Tier

_ORDER = (AI_ANY, AI_APPROVED, AI_NONE)


class _Demands(Struct):
    """`flags` are there or not; retention in days (-1 = any) and tools (empty = all) are narrower or wider."""

    flags: frozenset[str]
    retention: int
    tools: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.flags) + (self.retention >= 0) + bool(self.tools)


def ranked(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    """The same tiers, each with its `rank` from 0.

    `ai` decides first, then the number of demands, then the number of tiers of the same `ai` that it is stricter than
    (a retention of 10 days is one demand, as is one of 30), then the order in the file: later is stricter. So a tier
    that is stricter than another in one setting and looser in none always has the higher rank.
    """
    keys = []
    for index, tier in enumerate(tiers):
        below = sum(tier.ai == other.ai and bool(beyond(tier, other)) and not beyond(other, tier) for other in tiers)
        keys.append((_ORDER.index(tier.ai), _demands(tier).count, below, index))
    ranks = {key: rank for rank, key in enumerate(sorted(keys))}
    return tuple([tier.replace(rank=ranks[key]) for tier, key in zip(tiers, keys, strict=True)])


def beyond(tier: Tier, other: Tier) -> tuple[str, ...]:
    """What `tier` demands and `other` does not, in words. `ai` is left out."""
    ours, theirs = _demands(tier), _demands(other)
    extra = sorted(ours.flags - theirs.flags)
    if ours.retention >= 0 and not 0 <= theirs.retention <= ours.retention:
        extra.append(f"retention<={ours.retention}")
    if ours.tools and not (theirs.tools and set(theirs.tools) <= set(ours.tools)):
        extra.append("only " + ", ".join(ours.tools))
    return tuple(extra)


def _demands(tier: Tier) -> _Demands:
    flags = {f"training in {topic}" for topic in tier.training}
    wanted: dict[str, int] = {}
    for role in tier.review:
        wanted[role] = wanted.get(role, 0) + 1  # two reviewers of a role are more than one
        flags.add(f"review by {role} ({wanted[role]})" if wanted[role] > 1 else f"review by {role}")
    flags |= {f"no {relation}" for relation in RELATIONS if relation not in tier.relations}
    if tier.declaration == "required":
        flags.add("a declaration")
    if tier.key == "hardware":
        flags.add("a hardware key")
    if tier.reads == READS_DENIED:
        flags.add("no reading by tools that may not edit")
    if not tier.undeclared:
        flags.add("no undeclared commits")
    retention = -1
    for condition in tier.require:
        if condition.startswith("retention<="):
            days = int(condition[len("retention<=") :])
            retention = days if retention < 0 else min(days, retention)
        elif condition == "encryption":
            flags |= {"encryption:in-transit", "encryption:at-rest"}
        else:
            flags.add(condition)
    return _Demands(frozenset(flags), retention, tier.tools)
