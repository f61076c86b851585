"""The decision: one pure function, the same at the desk, in CI and in an audit. No I/O, no clock.

The rules stand in `claims`, `tool_rules` and `people_rules`, one function a concern; every tier that a change touches
is judged, and all that they demand must be met. `waivers` then applies the exceptions.
"""

from __future__ import annotations

from sox_hooks.core.clock import day
from sox_hooks.core.findings import ERROR, SEVERITIES
from sox_hooks.policy import claims, people_rules
from sox_hooks.policy.case import Case, Objection, Touched, paths_text, reason
from sox_hooks.policy.facts import Decision
from sox_hooks.policy.match import PathMatcher
from sox_hooks.policy.model import ASSISTED, RELATIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sox_hooks.core.findings import Finding
    from sox_hooks.policy.facts import Facts, PathVerdict
    from sox_hooks.policy.model import Policy

# A commit of a hundred thousand files must not make a log entry of as many lines.
_MOST_PATHS = 1000


def evaluate(policy: Policy, facts: Facts, matcher: PathMatcher | None = None) -> Decision:
    """Judge a change by a policy. The order of paths, declarations and evidence does not matter.

    `matcher` is one made of the same policy, to be used for many commits. A change without paths touches no tier: only
    the rules about the commit as a whole apply.
    """
    matcher = matcher or PathMatcher(policy)
    touched = _touched(policy, facts, matcher)
    case = Case(
        policy=policy,
        facts=facts,
        day=day(facts.moment),
        claim=claims.claim_of(facts),
        person=next((person for person in policy.people if person.id == facts.person), None),
        touched=touched,
    )
    objections = [*claims.objections(case), *_about_tools(case), *people_rules.objections(case)]
    exceptions: tuple[str, ...] = ()
    if facts.exceptions or (objections and policy.exceptions):
        from sox_hooks.policy.waivers import lifted

        objections, exceptions = lifted(case, objections, matcher)
    findings = _findings([*objections, *_without_rule(touched)])
    loosest = min(policy.tiers, key=lambda tier: tier.rank).name
    verdicts = sorted([path for tier in touched for path in tier.paths if path.tier != loosest], key=_by_path)
    return Decision(
        allowed=policy.mode == "warn" or all(finding.severity != ERROR for finding in findings),
        claim=case.claim,
        findings=findings,
        tiers=tuple([tier.tier.name for tier in touched]),
        exceptions=exceptions,
        relations=tuple([one for one in RELATIONS if all(one in tier.tier.relations for tier in touched)]),
        paths=tuple(verdicts[:_MOST_PATHS]),
    )


def _about_tools(case: Case) -> Iterable[Objection]:
    if case.claim.assistance != ASSISTED:
        return ()
    from sox_hooks.policy import tool_rules  # and the register with it, which a commit without AI need not import

    return tool_rules.objections(case)


def _touched(policy: Policy, facts: Facts, matcher: PathMatcher) -> tuple[Touched, ...]:
    by_tier: dict[str, list[PathVerdict]] = {}
    for path in sorted(set(facts.paths)):
        verdict = matcher.verdict(path)
        by_tier.setdefault(verdict.tier, []).append(verdict)
    tiers = sorted([tier for tier in policy.tiers if tier.name in by_tier], key=lambda tier: tier.rank, reverse=True)
    return tuple([Touched(tier, tuple(by_tier[tier.name])) for tier in tiers])


def _without_rule(touched: tuple[Touched, ...]) -> Iterator[Objection]:
    """Paths that no pattern matches are in the strictest tier; whoever is surprised by that should know why."""
    paths = tuple([path for tier in touched for path in tier.paths if not path.pattern])
    if paths:
        yield Objection("SOX204", f"no pattern matches {paths_text(paths)}", why=reason(paths[0]), paths=paths)


def _findings(objections: list[Objection]) -> tuple[Finding, ...]:
    """Errors first, then by rule."""
    if not objections:
        return ()
    # Imported only now: most commits have no findings.
    from sox_hooks.core.text import printable
    from sox_hooks.policy.rules import finding

    findings = []
    for one in objections:
        given = {"severity": one.severity, "fix": one.fix}
        fields = {name: value for name, value in given.items() if value}
        path = printable(one.paths[0].path) if one.paths else ""
        findings.append(finding(one.rule, one.message, path=path, why=one.why, place=one.place, **fields))
    return tuple(sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.rule, one.message)))


def _by_path(verdict: PathVerdict) -> str:
    return verdict.path
