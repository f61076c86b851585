"""What is recorded about AI: the stronger of what a person declares and what the evidence shows.

* Evidence of high or medium confidence decides. Of low confidence it takes two different sources for the same tool.
* Evidence of kind `bot` (automation that is not AI) never makes a claim.
* A declaration can add to the evidence, never take away from it: an agent can write `AI-Assistance: none` too.
"""

from __future__ import annotations

from sox_hooks.core.text import printable
from sox_hooks.policy.case import Objection, reason, where
from sox_hooks.policy.facts import Claim, Evidence, ToolUse
from sox_hooks.policy.model import ASSISTED, LOW, NONE, UNDECLARED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sox_hooks.policy.case import Case
    from sox_hooks.policy.facts import Facts
    from sox_hooks.policy.model import Policy

_STRENGTH = (UNDECLARED, NONE, ASSISTED)


def claim_of(facts: Facts) -> Claim:
    """The claim that will be recorded: tools sorted, none twice, versions and models filled in from evidence."""
    declared = facts.declared
    shown = _shown(facts.evidence)
    levels = [declared.assistance]
    if declared.tools or shown:
        levels.append(ASSISTED)
    assistance = max(levels, key=_STRENGTH.index)
    tools: list[ToolUse] = []
    for tool in sorted({use.tool for use in declared.tools} | shown.keys() - {""}):
        uses = [use for use in declared.tools if use.tool == tool]
        uses += [ToolUse(tool, one.version, one.model) for one in _ai(facts.evidence) if one.tool == tool]
        known = any(use.known for use in uses)
        tools += [use.replace(known=known) for use in _merged(uses)]
    return Claim(assistance, tuple(tools))


def strongest(*declared: Claim) -> Claim:
    """Several declarations about one change (a commit and its amendment, the sources of a squash) as one."""
    assistance = max([one.assistance for one in declared], key=_STRENGTH.index)
    return Claim(assistance, tuple(dict.fromkeys([use for one in declared for use in one.tools])))


def objections(case: Case) -> Iterator[Objection]:
    """What there is to say about declaration and evidence (SOX101 to SOX107)."""
    yield from _contradicted(case)
    for conflict in case.facts.conflicts:
        yield Objection("SOX107", f"the evidence does not agree: {conflict}")
    yield from _weak_signs(case)
    yield from _not_named(case)
    yield from _not_declared(case)


def _ai(evidence: Iterable[Evidence]) -> list[Evidence]:
    return [one for one in evidence if one.kind == "ai"]


def _by_tool(evidence: Iterable[Evidence]) -> dict[str, list[Evidence]]:
    by_tool: dict[str, list[Evidence]] = {}
    for sign in sorted(set(_ai(evidence)), key=Evidence.astuple):
        by_tool.setdefault(sign.tool, []).append(sign)
    return by_tool


def _shown(evidence: Iterable[Evidence]) -> dict[str, list[Evidence]]:
    """The tools that the evidence decides about, each with its evidence. "" is AI of which the tool is not known."""
    return {
        tool: signs
        for tool, signs in _by_tool(evidence).items()
        if any(sign.confidence != LOW for sign in signs) or len({sign.source for sign in signs}) > 1
    }


def _merged(uses: list[ToolUse]) -> list[ToolUse]:
    """The uses of one tool: what only some of them say is true of all, unless they contradict each other."""
    versions = {use.version for use in uses} - {""}
    models = {use.model for use in uses} - {""}
    version = versions.pop() if len(versions) == 1 else ""
    model = models.pop() if len(models) == 1 else ""
    filled = {(use.version or version, use.model or model) for use in uses}
    # A use that says less than another one is the same use.
    kept = [
        pair
        for pair in filled
        if not any(pair != other and pair[0] in ("", other[0]) and pair[1] in ("", other[1]) for other in filled)
    ]
    return [ToolUse(uses[0].tool, *pair) for pair in sorted(kept)]


def _contradicted(case: Case) -> Iterator[Objection]:
    declared = case.facts.declared
    if declared.assistance == UNDECLARED and not declared.tools:
        return
    if declared.assistance == ASSISTED and not declared.tools:
        return  # the evidence fills in which tool it was
    said = ", ".join(sorted({printable(use.tool) for use in declared.tools})) or "no AI"
    for tool, signs in _shown(case.facts.evidence).items():
        if tool in {use.tool for use in declared.tools} or (declared.tools and not tool):
            continue
        yield Objection(
            "SOX102",
            f"declared was {said}, but {printable(tool) or 'an AI tool'} took part ({_signs(signs)});"
            " recorded as assisted",
            tool=tool,
        )


def _weak_signs(case: Case) -> Iterator[Objection]:
    decided = {use.tool for use in case.claim.tools} | _shown(case.facts.evidence).keys()
    for tool, signs in _by_tool(case.facts.evidence).items():
        if tool not in decided:
            yield Objection(
                "SOX105",
                f"{printable(tool, 60) or 'an AI tool'} may have taken part ({_signs(signs)}); not enough to say so",
                tool=tool,
            )


def _not_named(case: Case) -> Iterator[Objection]:
    registered = [tool.id for tool in case.policy.tools]
    if case.claim.assistance == ASSISTED and not case.claim.tools:
        example = registered[0] if registered else "TOOL"
        yield Objection(
            "SOX106",
            "the change is declared as assisted by AI, but not by which tool",
            fix=f'git commit --trailer "Assisted-by: {example}@VERSION" (with the tool that was used)',
        )
    for tool in sorted({use.tool for use in case.claim.tools if unknown(case.policy, use)}):
        yield Objection(
            "SOX106", f"no catalogue knows the tool {printable(tool, 60)!r}{_meant(tool, registered)}", tool=tool
        )


def unknown(policy: Policy, use: ToolUse) -> bool:
    """Whether neither the catalogue nor the register has the tool."""
    return not use.known and use.tool not in {tool.id for tool in policy.tools}


def _meant(tool: str, registered: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(tool.lower(), registered, 1)
    return f"; did you mean {near[0]}?" if near else ""


def _not_declared(case: Case) -> Iterator[Objection]:
    if case.claim.assistance != UNDECLARED:
        return
    for touched in case.touched:
        tier = touched.tier
        if tier.declaration == "required":
            rule, words = "SOX101", "it must be declared whether AI took part"
        elif not tier.undeclared:
            rule, words = "SOX103", "nobody declared whether AI took part"
        else:
            continue
        first = touched.paths[0]
        yield Objection(
            rule, f"{words}: {where(touched)}", why=reason(first), place=tier.place or first.place, paths=touched.paths
        )


def _signs(signs: list[Evidence]) -> str:
    texts = [f"{sign.source}: {printable(sign.detail, 60)}" for sign in signs]
    return ", ".join(texts[:3]) + (f" and {len(texts) - 3} more" if len(texts) > 3 else "")
