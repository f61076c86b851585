"""The commit-msg hook: gather what is about to be committed, decide with `policy.evaluate`, record what was decided.

`situation` gathers, `recording` records. Nothing is written before the decision. Whatever keeps the commit from being
made, the message is kept and the last line says how to go on with it.
"""

from __future__ import annotations

from sox_hooks.core.errors import EnvironmentProblem, SoxError, UsageError
from sox_hooks.core.findings import ERROR, WARNING, Finding
from sox_hooks.core.text import printable
from sox_hooks.hooks.hosts import HookEvent
from sox_hooks.hooks.recording import RECORDED, REFUSED, log_entry, record
from sox_hooks.hooks.situation import Signing, Situation, gather, options_of, read_layout, template_of
from sox_hooks.hooks.staged import Desk, gather_staged, require_sound_policy
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Decision, Facts
from sox_hooks.policy.model import ASSISTED, Policy
from sox_hooks.record.log import Log
from sox_hooks.record.message import aborts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from sox_hooks.hooks.started import Started


def run(event: HookEvent, environ: Mapping[str, str], err: TextIO, started: Started | None = None) -> int:
    """The hook; returns its exit code. What a person can mend is told on `err`, with the way back to the message.

    `started` is what `hooks.started.start_gathering` gave, if git is at work already.
    """
    try:
        return _run(event, environ, err, started)
    except SoxError as error:
        from sox_hooks.core.lines import error_lines
        from sox_hooks.hooks.recovery import rescue

        _say(err, "".join([line + "\n" for line in error_lines(error)]))
        command = rescue(event.message_file, environ)
        if command:
            _say(err, f"sox-hooks: not committed. Your message is kept; when mended: {command}\n")
        return error.exit_code


def _run(event: HookEvent, environ: Mapping[str, str], err: TextIO, started: Started | None) -> int:
    staged = gather_staged(environ, started)
    if isinstance(staged, Desk) or staged.desk.in_force is None:
        _say(err, "sox-hooks: no policy here (.sox/), so nothing is recorded. Set up with: sox-hooks init\n")
        return 0
    policy = staged.desk.in_force.policy
    options = options_of(staged.processes)
    message = read_layout(event.message_file, staged.desk, environ, options)
    if aborts(message, template_of(staged.desk, environ, options)):
        if "allow-empty-message" in options:
            return _without_message(policy, err)
        return 0  # git will call it off, and what we add must not make a message of it
    situation = gather(event, staged, staged.desk.in_force, message, environ)
    require_sound_policy(staged, situation.facts.paths)
    decision = decide(policy, situation.facts, situation.signing)
    if not Log(staged.desk.repository.common_dir).begun():
        decision = _with_lost_log(situation, decision)
    if not decision.allowed:
        return _refuse(situation, decision, environ, err)
    _show(decision, policy.mode, err)
    try:
        outcome, decision = record(situation, decision)
    except SoxError as error:
        if policy.mode == "enforce":
            raise
        _say(err, f"sox-hooks: not recorded: {printable(error.what)} (mode is warn, so the commit is made)\n")
        return 0
    if outcome == REFUSED:
        return _refuse(situation, decision, environ, err)
    if outcome == RECORDED and decision.claim.assistance == ASSISTED:
        _say(err, f"sox-hooks: recorded as assisted by {_tools(decision)}{_circumstances(decision)}\n")
    return 0


def _with_lost_log(situation: Situation, decision: Decision) -> Decision:
    from sox_hooks.hooks.lost_log import lost_log

    lost = lost_log(situation)
    return decision.replace(findings=(*decision.findings, lost)) if lost else decision


def decide(policy: Policy, facts: Facts, signing: Signing) -> Decision:
    """`policy.evaluate` on the facts, and what there is to say about the key; an error of either refuses."""
    decision = evaluate(policy, facts)
    if not signing.findings:
        return decision
    # A person who is not known because the key is not enrolled, or not there, is one fault and not two.
    kept = [entry for entry in decision.findings if entry.rule != "SOX401" or signing.person]
    findings = (*signing.findings, *kept)
    refused = policy.mode == "enforce" and any(finding.severity == ERROR for finding in findings)
    return decision.replace(allowed=not refused, findings=findings)


def in_mode(findings: tuple[Finding, ...], mode: str) -> tuple[Finding, ...]:
    """The findings as they are shown: in mode `warn` what would refuse a commit is a warning, as in the gate."""
    if mode == "enforce":
        return findings
    return tuple([entry.replace(severity=WARNING) if entry.severity == ERROR else entry for entry in findings])


def _without_message(policy: Policy, err: TextIO) -> int:
    """`git commit --allow-empty-message` with nothing in it: a record would be all of the message."""
    if policy.mode == "enforce":
        raise UsageError(
            "a commit without a message cannot carry a record",
            why="the record stands at the end of the message; without one every verification would refuse the commit",
            fix="git commit -m WHY",
        )
    _say(err, "sox-hooks: not recorded: a commit without a message cannot carry a record (mode is warn)\n")
    return 0


def _refuse(situation: Situation, decision: Decision, environ: Mapping[str, str], err: TextIO) -> int:
    """Keep the message, note the attempt, and say what to do."""
    from sox_hooks.hooks.recovery import again, keep_message

    staged = situation.staged
    repository = staged.desk.repository
    amend = bool(staged.operation.amend)
    command = again(environ, options_of(staged.processes), situation.facts.paths, amend=amend)
    kept = keep_message(repository, situation.message, command)
    noted = ""
    try:
        Log(repository.common_dir).append("refused", log_entry(situation, decision), situation.moment)
    except EnvironmentProblem as error:
        noted = f"sox-hooks: the refusal could not be logged: {printable(error.what)}\n"
    _show(decision, situation.in_force.policy.mode, err)
    _say(err, f"{noted}sox-hooks: refused. Your message is kept; when mended: {kept}\n")
    return 1


def _show(decision: Decision, mode: str, err: TextIO) -> None:
    shown = [entry for entry in in_mode(decision.findings, mode) if entry.severity in (ERROR, WARNING)]
    if not shown:
        return
    from sox_hooks.output.findings_text import render

    _say(err, render(shown))
    if decision.allowed and any(entry.severity == ERROR for entry in decision.findings):
        _say(err, "sox-hooks: mode is warn; in mode enforce this commit would be refused\n")


def _tools(decision: Decision) -> str:
    named = [printable(str(use), 100) for use in decision.claim.tools]
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return ", ".join(named[:3]) + more or "an AI tool"


def _circumstances(decision: Decision) -> str:
    """Why somebody may want to look twice: ` (restricted paths, exception EX-1)`."""
    words = [f"{printable(decision.tiers[0])} paths"] if decision.tiers else []
    words += [f"exception {printable(name)}" for name in decision.exceptions]
    return f" ({', '.join(words)})" if words else ""


def _say(err: TextIO, text: str) -> None:
    """Print, whatever became of `err`: that nobody listens any more is no reason to lose a commit."""
    try:
        err.write(text)
        err.flush()
    except (OSError, ValueError):
        return
