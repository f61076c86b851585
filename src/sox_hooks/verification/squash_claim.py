"""What a squash claims about AI: the strongest of its sources, and of what its own message says.

A forge writes the message of a squash, and whoever presses the button may add to it: `Co-authored-by: Claude ...` in
there may be in no source. Such a sign is read as it would be in any commit: it adds to the claim, and where the policy
does not allow that tool for what the squash changes, the squash is refused.
"""

from __future__ import annotations

from sox_hooks.core.findings import ERROR, Finding
from sox_hooks.core.text import printable
from sox_hooks.policy.claims import strongest
from sox_hooks.policy.facts import Claim, Facts, ToolUse
from sox_hooks.policy.model import ASSISTED
from sox_hooks.policy.rules import finding
from sox_hooks.verification.judge import DEEDS, Gathered, in_mode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sox_hooks.verification.law import Law
    from sox_hooks.verification.verdict import Verdict


def of_sources(verdicts: Iterable[Verdict]) -> Claim:
    """The strongest claim of all sources; merges claim nothing."""
    claims = [Claim(verdict.assistance, uses(verdict.tools)) for verdict in verdicts if verdict.assistance]
    return strongest(*claims) if claims else Claim("")


def uses(tools: tuple[str, ...]) -> tuple[ToolUse, ...]:
    """Tools of a claim as a verdict or a summary gives them, `TOOL[@VERSION][:MODEL]`, kept as they are."""
    return tuple([ToolUse(tool) for tool in tools])


def with_message(item: Gathered, claim: Claim, law: Law, moment: str) -> tuple[Claim, list[Finding]]:
    """`claim`, or a stronger one where the message of the squash shows more, and what the policy says of that.

    `moment` is when what the message shows would have happened: it decides which state of the register counts.
    """
    commit = item.commit
    evidence = law.evidence(commit.message, commit.author, commit.committer)
    if not evidence:
        return claim, []
    claimed = {use.tool.partition("@")[0].partition(":")[0] for use in claim.tools}
    facts = Facts(
        paths=item.change.touched(),
        declared=Claim(claim.assistance or "undeclared"),
        evidence=tuple([sign for sign in evidence if sign.tool not in claimed]),
        author_email="",
        person="",
        moment=moment,
    )
    decision = law.decide(facts)
    more = decision.claim
    named = claim.assistance == ASSISTED and claim.tools
    if not more.tools and (more.assistance == claim.assistance or named):
        return claim, []
    whose = ", ".join([printable(str(use), 60) for use in more.tools]) or "AI"
    signs = ", ".join(sorted({f"{sign.source}: {printable(sign.detail, 60)}" for sign in facts.evidence})[:3])
    note = finding(
        "SOX102",
        f"the message of {commit.oid[:12]} says that {whose} took part ({signs}), which no record of its sources says",
        commit=commit.oid,
        why="the claim of a squash is the strongest of its sources and of its own message",
        fix="Nothing is to be done if it is true; the sources of the next request should say so themselves",
    )
    deeds = [
        entry.replace(commit=commit.oid)
        for entry in decision.findings
        if entry.rule.startswith(DEEDS) and entry.severity == ERROR
    ]
    stronger = strongest(*[one for one in (claim, more) if one.assistance])
    return stronger, [note, *in_mode(deeds, law)]
