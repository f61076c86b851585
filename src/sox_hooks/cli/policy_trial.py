"""What a policy would say: `policy test` and `policy tools`."""

from __future__ import annotations

import os

from sox_hooks.core import clock
from sox_hooks.core.errors import UsageError
from sox_hooks.core.findings import ERROR, WARNING
from sox_hooks.core.text import printable
from sox_hooks.detection.catalogue import builtin, merged
from sox_hooks.detection.tool_names import read_tool
from sox_hooks.output.policy_text import tier_in_words
from sox_hooks.policy.directory import Directory
from sox_hooks.policy.document import meant, quoted
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Claim, Facts, ToolUse
from sox_hooks.policy.match import PathMatcher
from sox_hooks.policy.model import ASSISTED, NONE, UNDECLARED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sox_hooks.core.findings import Finding
    from sox_hooks.policy.facts import PathVerdict
    from sox_hooks.policy.model import Person, Policy

ALLOWED, REFUSED, DEPENDS = "allowed", "refused", "depends"
# What these miss is said by a commit, not by the policy: whether the tool is allowed depends on it.
_OF_A_COMMIT = ("SOX305", "SOX307")


def trial(policy: Policy, paths: Sequence[str], tool: str | None, person: str | None) -> str:
    """For every path (from the top of the repository): tier, deciding pattern, and a line a tool.

    `tool` and `person` as typed, None = every registered tool, nobody in particular. Raises `UsageError` for names that
    mean nothing.
    """
    matcher = PathMatcher(policy)
    who = _person(policy, person) if person is not None else None
    tools = [_tool(policy, tool)] if tool is not None else [ToolUse(entry.id) for entry in policy.tools]
    claims = [(str(use), Claim(ASSISTED, (use,))) for use in tools]
    if tool is None:
        claims += [("no AI, declared", Claim(NONE)), ("nothing declared", Claim(UNDECLARED))]
    lines = []
    if policy.mode == "warn":
        lines.append('This policy has mode = "warn": what it refuses is reported and still accepted.\n')
    for path in paths:
        lines += _path(policy, matcher, path)
        width = max(len(name) for name, _ in claims)
        for name, claim in claims:
            word, reasons = _judge(policy, matcher, path, claim, who)
            lines.append(f"  {printable(name):<{width}}  {word:<7}  {reasons}".rstrip())
        lines.append("")
    return "\n".join(lines)


def known_tools(policy: Policy) -> str:
    """Every AI tool that can be recognised, and its status in the policy's register."""
    catalogue = merged(builtin(), policy.catalogue)
    status = {tool.id: f"revoked on {tool.revoked_on}" if tool.revoked_on else tool.status for tool in policy.tools}
    rows = [
        (tool, name, vendor, status.get(tool, "not registered"))
        for tool, (name, vendor, kind) in sorted(catalogue.tools.items())
        if kind == "ai"
    ]
    rows += [
        (tool, "", "", f"{said} (cannot be recognised)") for tool, said in status.items() if tool not in catalogue.tools
    ]
    widths = [max(len(printable(row[column])) for row in rows) for column in range(3)]
    return "".join(
        [
            "  ".join([*(printable(cell).ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
            + "\n"
            for row in rows
        ]
    )


def from_top(paths: Sequence[str], top: str) -> list[str]:
    """Paths as typed in the current directory, as git names them. Without a work tree ("") they are taken as they are.

    Raises `UsageError` for one that lies outside.
    """
    if not top:
        return list(paths)
    found = []
    for path in paths:
        inside = os.path.relpath(os.path.join(os.path.realpath("."), path), os.path.realpath(top))
        if inside == ".." or inside.startswith("../"):
            raise UsageError(f"{quoted(path)} is not in this repository", where=printable(top))
        found.append(inside)
    return found


def _path(policy: Policy, matcher: PathMatcher, path: str) -> list[str]:
    deciding = matcher.verdict(path)
    tier = next(tier for tier in policy.tiers if tier.name == deciding.tier)
    others = [f"{printable(other.pattern)} (tier {other.tier})" for other in matcher.candidates(path)[1:]]
    rows = [
        ("tier", tier.name),
        ("decided by", _pattern(deciding)),
        ("asks for", tier_in_words(tier)),
        ("also matches", ", ".join(others)),
    ]
    return [printable(path), *[f"  {name + ':':<13} {value}" for name, value in rows if value]]


def _pattern(verdict: PathVerdict) -> str:
    if not verdict.pattern:
        return "no pattern: what no pattern matches is in the strictest tier"
    place = f" ({printable(str(verdict.place))})" if verdict.place else ""
    because = f": {printable(verdict.because)}" if verdict.because else ""
    return f"{printable(verdict.pattern)}{place}{because}"


def _judge(policy: Policy, matcher: PathMatcher, path: str, claim: Claim, person: Person | None) -> tuple[str, str]:
    """One word, and the rules behind it."""
    decision = evaluate(
        policy,
        Facts(
            paths=(path,),
            declared=claim,
            evidence=(),
            author_email=person.emails[0] if person and person.emails else "",
            person=person.id if person else "",
            moment=clock.now(),
        ),
        matcher,
    )
    # Without a person, whatever is asked of persons is not the question.
    findings = [entry for entry in decision.findings if person or not entry.rule.startswith("SOX4")]
    errors = [entry for entry in findings if entry.severity == ERROR]
    if not errors:
        used = f"by exception {', '.join(decision.exceptions)}" if decision.exceptions else ""
        return ALLOWED, "; ".join(filter(None, (used, *_told(findings, WARNING))))
    word = DEPENDS if all(entry.rule in _OF_A_COMMIT for entry in errors) else REFUSED
    return word, "; ".join(_told(errors, ERROR))


def _told(findings: Sequence[Finding], severity: str) -> list[str]:
    return [f"{entry.rule} {printable(entry.message)}" for entry in findings if entry.severity == severity]


def _tool(policy: Policy, word: str) -> ToolUse:
    catalogue = merged(builtin(), policy.catalogue)
    use = read_tool(catalogue, word)
    registered = {tool.id for tool in policy.tools}
    if use is None or (not use.known and use.tool not in registered):
        raise UsageError(
            f"no tool {quoted(word)} is known{meant(word, [*catalogue.tools, *registered])}",
            fix="sox-hooks policy tools",
        )
    return use


def _person(policy: Policy, word: str) -> Person:
    directory = Directory(policy)
    found = directory.people.get(word) or directory.person_of(word)
    if found is None:
        raise UsageError(
            f"{quoted(word)} is nobody in people.toml{meant(word, directory.people)}", fix="sox-hooks policy show"
        )
    return found
