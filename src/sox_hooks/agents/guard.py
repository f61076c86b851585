"""The edit-time guard: may this tool do this? With the same `evaluate` that judges the commit.

Only what can be known before the edit is judged: the tool, the tier of every path, training and exceptions of the
person whose address git is configured with. Whether anybody declared anything, and whose key signs, is the commit's
matter. Reading is never refused: no policy key speaks about it.
"""

from __future__ import annotations

import os

from sox_hooks.agents import protected, shell, tools
from sox_hooks.agents.bypass import bypass
from sox_hooks.agents.places import Place, Root, places, root_of, spread
from sox_hooks.core import clock
from sox_hooks.core.findings import ERROR, Finding
from sox_hooks.core.struct import Struct
from sox_hooks.git.config import config_from, last, start_config
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.repository import found, start_find
from sox_hooks.git.run import Git, desk_environment
from sox_hooks.hooks.in_force import InForce, policy_in_force
from sox_hooks.policy.directory import answers_to
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Claim, Evidence, Facts, ToolUse
from sox_hooks.policy.model import ASSISTED, HIGH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.agents.event import AgentEvent

_CONFIG = ("sox.", "user.email", "core.hookspath")
# What an agent's environment may say about another repository than the one that the path is in.
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_CEILING_DIRECTORIES")
_MOST_ROOTS = 8
# Findings that belong to the commit and its record, not to an edit.
_AT_EDIT = ("SOX2", "SOX3", "SOX402")


class Request(Struct):
    """What the agent wants: the places that it would write, and ways around the hooks that it would take."""

    places: tuple[Place, ...]
    bypasses: tuple[str, ...]


class Ground(Struct):
    """One governed work tree."""

    root: Root
    in_force: InForce
    email: str
    hooks_path: str


class Judgement(Struct):
    """What the guard says. `refused` takes the mode into account; `findings` are its errors.

    `use` is what would be claimed; `grounds` are the governed work trees that the request is about.
    """

    refused: bool
    findings: tuple[Finding, ...] = ()
    use: ToolUse | None = None
    grounds: tuple[Ground, ...] = ()
    paths: tuple[str, ...] = ()


def request_of(event: AgentEvent) -> Request:
    """What an event asks for. Empty for reading and for tools that are no business of ours."""
    if event.kind == tools.EDIT:
        return Request(_unique([place for path in event.paths for place in places(path, event.cwd)]), ())
    if event.kind != tools.SHELL:
        return Request((), ())
    wanted: list[Place] = []
    around: list[str] = []
    for command in event.commands:
        for step in shell.steps(command, event.cwd):
            around.append(bypass(step))
            for path in shell.written(step):
                wanted += [place for one in spread(path) for place in places(one, step.cwd)]
        wanted += [place for path in tools.shell_patch_paths(command) for place in places(path, event.cwd)]
    return Request(_unique(wanted), tuple(dict.fromkeys(filter(None, around))))


def _unique(found: list[Place]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(found))


def judge(event: AgentEvent, request: Request, environ: Mapping[str, str]) -> Judgement:
    """The verdict on a request. Raises `SoxError` for a policy that cannot be used."""
    if not request.places and not request.bypasses:
        return Judgement(False)
    roots = dict.fromkeys([place.root for place in request.places if place.root is not None])
    if request.bypasses or any(place.root is None for place in request.places):
        here = root_of(os.path.realpath(event.cwd))
        if here is not None:
            roots[here] = None
    opened = [open_ground(root, environ) for root in list(roots)[:_MOST_ROOTS]]
    grounds = tuple([ground for ground in opened if ground is not None])
    if not grounds:
        return Judgement(False)
    use = tool_use(event, environ, grounds[0])
    findings = _bypass_findings(request, use) + _protected_findings(request, grounds, use, environ)
    for ground in grounds:
        paths = tuple(
            dict.fromkeys(
                [place.path for place in request.places if place.root == ground.root and not _in_git(place.path)]
            )
        )
        findings += _policy_findings(ground, paths, use)
    enforced = any(ground.in_force.policy.mode == "enforce" for ground in grounds)
    touched = tuple(dict.fromkeys([place.path for place in request.places if place.root is not None]))
    return Judgement(bool(findings) and enforced, tuple(findings), use, grounds, touched)


def _in_git(path: str) -> bool:
    return path == ".git" or path.startswith(".git/")


def open_ground(root: Root, environ: Mapping[str, str]) -> Ground | None:
    """The policy that governs a work tree; None if none does. Raises `SoxError` for one that cannot be used."""
    env = desk_environment({name: value for name, value in environ.items() if name not in _ELSEWHERE})
    git = Git(root.top, env)
    finding, configuring = start_find(git), start_config(git, _CONFIG)
    with ObjectReader(git) as reader:
        repository, config = found(finding.finish()), config_from(configuring.finish())
        in_force = policy_in_force(reader, last(config, "sox.policyRef"), repository)
    if in_force is None:
        return None
    email = environ.get("GIT_AUTHOR_EMAIL") or last(config, "user.email")
    return Ground(root, in_force, email, last(config, "core.hooksPath"))


def tool_use(event: AgentEvent, environ: Mapping[str, str], ground: Ground) -> ToolUse:
    """The tool with version and model, from the payload or else from what the agent put into the environment."""
    from sox_hooks.detection import environment

    version, model = event.version, event.model
    for sign in environment.evidence(ground.in_force.catalogue, environ):
        if sign.tool == event.agent:
            version, model = version or sign.version, model or sign.model
    return ToolUse(event.agent, version, model)


def _bypass_findings(request: Request, use: ToolUse) -> list[Finding]:
    return [_finding("SOX206", f"{use.tool} would go around the hooks: {way}") for way in request.bypasses]


def _protected_findings(
    request: Request, grounds: tuple[Ground, ...], use: ToolUse, environ: Mapping[str, str]
) -> list[Finding]:
    roots = tuple([ground.root for ground in grounds])
    folders = tuple([path for one in grounds for path in protected.hooks_path(one.root, one.hooks_path)])
    findings = []
    for place in request.places:
        why = protected.protected(place, roots, folders, environ.get("HOME", ""))
        if why:
            shown = place.path if place.root is not None else place.absolute
            findings.append(_finding("SOX205", f"{use.tool} may not edit this file: {why}", path=shown))
    return findings[:3]


def _policy_findings(ground: Ground, paths: tuple[str, ...], use: ToolUse) -> list[Finding]:
    if not paths:
        return []
    policy = ground.in_force.policy
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
    return [one for one in found if one.severity == ERROR and one.rule.startswith(_AT_EDIT)]


def _finding(rule: str, message: str, **fields: str) -> Finding:
    from sox_hooks.policy.rules import finding

    return finding(rule, message, **fields)
