"""The edit-time guard: may this tool do this? With the same `evaluate` that judges the commit.

Only what can be known before the edit is judged: the tool, the tier of every path, training and exceptions of the
person whose address git is configured with. Whether anybody declared anything, and whose key signs, is the commit's
matter. Where a tier has `reads = "deny"`, whatever speaks against an edit of a path speaks against reading it, too.
"""

from __future__ import annotations

import os

from sox_hooks.agents.ground import Ground, Opening, finish
from sox_hooks.agents.told import tool_use
from sox_hooks.core import clock
from sox_hooks.core.findings import ERROR, Finding
from sox_hooks.core.struct import Struct
from sox_hooks.policy.directory import answers_to
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Claim, Evidence, Facts, ToolUse
from sox_hooks.policy.match import PathMatcher
from sox_hooks.policy.model import ASSISTED, HIGH, READS_DENIED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sox_hooks.agents.event import AgentEvent
    from sox_hooks.agents.request import Request
    from sox_hooks.policy.model import Policy

# Findings that belong to an edit; all others are about the commit and its record.
_AT_EDIT = ("SOX2", "SOX3", "SOX402")
# The agent told no version, or no model. What helps then is a setting of the person's.
_NOT_TOLD = ("SOX305", "SOX307")
_ALLOW = "A person may let it be read from the agent's file of the session: git config sox.readTranscripts true"
# Of the controls' own files; one is enough to say no.
_MOST_PROTECTED = 3


class Judgement(Struct):
    """What the guard says. `refused` takes the mode into account; `findings` are errors.

    `use` is what would be claimed; `grounds` are the governed work trees that the request is about.
    """

    refused: bool
    findings: tuple[Finding, ...] = ()
    use: ToolUse | None = None
    grounds: tuple[Ground, ...] = ()
    paths: tuple[str, ...] = ()


def judge(event: AgentEvent, request: Request, openings: Sequence[Opening], environ: Mapping[str, str]) -> Judgement:
    """The verdict on a request. `openings`: its roots. Raises `SoxError` for a policy that cannot be used."""
    grounds = tuple([ground for ground in map(finish, openings) if ground is not None])
    if not grounds:
        return Judgement(False)
    use = ToolUse(event.agent, event.version, event.model)
    if any(_asks_which(ground.policy) for ground in grounds):
        use = tool_use(event, environ, grounds[0])
    findings = [_finding("SOX206", f"{use.tool} would go around the hooks: {way}") for way in request.bypasses]
    findings += _protected_findings(request, grounds, use, environ)
    for ground in grounds:
        paths = [place.path for place in request.places if place.root == ground.root and not _in_git(place.path)]
        findings += _policy_findings(ground, tuple(dict.fromkeys(paths)), use)
    reading = _reading(event, request, grounds)
    for ground, read in reading:
        findings += [_not_read(one) for one in _policy_findings(ground, read, use)]
    if findings and not (use.version and use.model):
        use = tool_use(event, environ, grounds[0])  # the audit log is to have it
    enforced = any(ground.policy.mode == "enforce" for ground in grounds)
    touched = [place.path for place in request.places if place.root is not None]
    touched += [path for _, read in reading for path in read]
    return Judgement(bool(findings) and enforced, tuple(findings), use, grounds, tuple(dict.fromkeys(touched)))


def _in_git(path: str) -> bool:
    return path == ".git" or path.startswith(".git/")


def _asks_which(policy: Policy) -> bool:
    """Whether version or model play a part: where they do not, nobody waits until they are found out."""
    return any(tool.versions or tool.models for tool in policy.tools) or any(
        "version" in tier.require or "model" in tier.require for tier in policy.tiers
    )


def _reading(event: AgentEvent, request: Request, grounds: tuple[Ground, ...]) -> list[tuple[Ground, tuple[str, ...]]]:
    """For each work tree the paths that would be read and are in tiers that refuse reading."""
    found: list[tuple[Ground, tuple[str, ...]]] = []
    closed = [one for one in grounds if any(tier.reads == READS_DENIED for tier in one.policy.tiers)]
    if not request.reads or not closed:
        return found
    from sox_hooks.agents.request import read_places

    places = read_places(request, event.cwd)
    for ground in closed:
        matcher = PathMatcher(ground.policy)
        denied = [tier.name for tier in ground.policy.tiers if tier.reads == READS_DENIED]
        paths = []
        for place in places:
            if place.root == ground.root and not _in_git(place.path):
                verdict = matcher.verdict(place.path)
                # A folder that no pattern names holds what other patterns say.
                if verdict.tier in denied and (verdict.pattern or not os.path.isdir(place.absolute)):
                    paths.append(place.path)
        found.append((ground, tuple(dict.fromkeys(paths))))
    return found


def _not_read(one: Finding) -> Finding:
    return _finding("SOX207", f"reading is refused, as editing is: {one.message}", path=one.path, why=one.why,
                    place=one.place)  # fmt: skip


def _protected_findings(
    request: Request, grounds: tuple[Ground, ...], use: ToolUse, environ: Mapping[str, str]
) -> list[Finding]:
    from sox_hooks.agents.protected import hooks_path, protected

    roots = tuple([ground.root for ground in grounds])
    folders = tuple([path for one in grounds for path in hooks_path(one.root, one.hooks_path)])
    findings = []
    for place in request.places:
        why = protected(place, roots, folders, environ.get("HOME", ""))
        if why:
            shown = place.path if place.root is not None else place.absolute
            findings.append(_finding("SOX205", f"{use.tool} may not edit this file: {why}", path=shown))
    return findings[:_MOST_PROTECTED]


def _policy_findings(ground: Ground, paths: tuple[str, ...], use: ToolUse) -> list[Finding]:
    if not paths:
        return []
    policy = ground.policy
    person = next((one.id for one in policy.people if answers_to(one, ground.email)), "")
    facts = Facts(
        paths=paths,
        declared=Claim(ASSISTED, (use,)),
        evidence=(Evidence(use.tool, HIGH, "agent hook", use.tool, use.version, use.model),),
        author_email=ground.email,
        person=person,
        moment=clock.now(),
    )
    found = evaluate(policy, facts).findings
    return [
        one.replace(fix=_ALLOW) if one.rule in _NOT_TOLD and not ground.transcripts else one
        for one in found
        if one.severity == ERROR and one.rule.startswith(_AT_EDIT)
    ]


def _finding(rule: str, message: str, **fields: Any) -> Finding:
    from sox_hooks.policy.rules import finding

    return finding(rule, message, **fields)
