"""`sox-hooks hook agent AGENT before|after`: what agents call, with the call of a tool as JSON on standard input.

Nothing that goes wrong here may crash an agent. When the guard fails:

* a call that names no path and no way around the hooks, or nothing that can be read, is allowed with a note on stderr;
* a call that would edit paths of a repository which has a policy is refused, because whoever has a policy must not
  silently be without one: the policy cannot be used, or the guard itself has a fault, and the reason says which;
* after a tool nothing is ever refused.
"""

from __future__ import annotations

import os
import sys

from sox_hooks.agents import payload, tools
from sox_hooks.agents.adapter import adapter_of
from sox_hooks.agents.event import AFTER, BEFORE, PROBE, AgentEvent, read_event
from sox_hooks.agents.verdict import Answer, allowed, refusal
from sox_hooks.core.errors import SoxError, UsageError
from sox_hooks.core.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sox_hooks.agents.adapter import Adapter
    from sox_hooks.agents.guard import Judgement
    from sox_hooks.agents.request import Request

LIVE = '{"sox-hooks":"live"}\n'
_ADVICE = "Do not try another tool or the shell for it: tell the person, who can change it or ask for an exception."


def main(argv: Sequence[str]) -> int:
    """One call; the exit code. Raises `UsageError` for arguments that `sox-hooks agents install` never writes."""
    if len(argv) != 2 or argv[1] not in (BEFORE, AFTER):
        raise UsageError("an agent's hook is called with the agent and `before` or `after`",
                         fix="sox-hooks agents install")  # fmt: skip
    adapter = adapter_of(argv[0])
    answer = respond(adapter, argv[1], sys.stdin.buffer.read(payload.MOST_BYTES), dict(os.environ))
    sys.stdout.write(answer.out)
    sys.stderr.write(answer.err)
    return answer.code


def respond(adapter: Adapter, phase: str, raw: bytes, environ: Mapping[str, str]) -> Answer:
    """The answer to one payload. Raises nothing."""
    event = None
    try:
        event = read_event(adapter.id, phase, raw, environ)
        if event is None:
            return allowed(adapter.form, "sox-hooks: the agent sent nothing that can be read; nothing was judged\n")
        if event.tool == PROBE:
            return Answer(LIVE)
        return _after(adapter, event, environ) if phase == AFTER else _before(adapter, event, raw, environ)
    except Exception as error:  # an agent must never see a traceback, whatever the fault
        return _failed(adapter, phase, event, error)


def _after(adapter: Adapter, event: AgentEvent, environ: Mapping[str, str]) -> Answer:
    # A command that fails may have written before it did.
    if event.kind == tools.SHELL or (event.kind == tools.EDIT and not event.failed):
        from sox_hooks.agents.journal import record

        record(event, environ)
    return allowed(adapter.form)


def _before(adapter: Adapter, event: AgentEvent, raw: bytes, environ: Mapping[str, str]) -> Answer:
    if event.kind not in (tools.EDIT, tools.READ, tools.SHELL):
        return allowed(adapter.form)
    from sox_hooks.agents.request import request_of

    request = request_of(event)
    note = ""
    if request.roots and (request.places or request.bypasses or request.reads):
        from sox_hooks.agents import ground

        openings = [ground.start(root, environ) for root in request.roots]  # git works while Python imports the rest
        from sox_hooks.agents.guard import judge

        judged = judge(event, request, openings, environ)
        if judged.refused:
            return _refused(adapter, event, judged)
        note = "".join([f"sox-hooks (mode is warn): {printable(one.message, 300)}\n" for one in judged.findings])
        _announce(adapter, event, request, environ)
    if event.kind == tools.SHELL:
        from sox_hooks.agents import window

        window.begin(event)
    if event.agent == "gemini-cli" and event.kind == tools.SHELL:
        out = _gemini(event, raw, environ)
        if out:
            return Answer(out, note)
    return allowed(adapter.form, note)


def _announce(adapter: Adapter, event: AgentEvent, request: Request, environ: Mapping[str, str]) -> None:
    """Journal now what no after-hook will tell."""
    patched = event.kind == tools.SHELL and any(map(tools.shell_patch_paths, event.commands))
    if request.places and (patched or not adapter.after):
        from sox_hooks.agents.journal import record

        record(event, environ)


def _gemini(event: AgentEvent, raw: bytes, environ: Mapping[str, str]) -> str:
    from sox_hooks.agents import gemini_git

    given = payload.field(payload.read(raw), "toolinput")
    if tools.plain(event.tool) != tools.plain(gemini_git.TOOL) or not isinstance(given, dict):
        return ""
    command = given.get("command")
    if not isinstance(command, str):
        return ""
    rewritten = gemini_git.with_hooks(command, event.cwd, environ)
    return gemini_git.answer(given, rewritten) if rewritten else ""


def _refused(adapter: Adapter, event: AgentEvent, judged: Judgement) -> Answer:
    from sox_hooks.core.lines import finding_lines

    lines = [line for one in judged.findings[:3] for line in finding_lines(one)]
    more = len(judged.findings) - 3
    reason = "\n".join(["sox-hooks refused this.", *lines, *([f"and {more} more"] if more > 0 else []), _ADVICE])
    note = _log(event, judged)
    answer = refusal(adapter.form, _event_name(adapter), reason)
    return answer.replace(err=answer.err + note)


def _event_name(adapter: Adapter) -> str:
    """As the dialect has it that names its event in the answer: Claude Code's, which VS Code took over."""
    name = adapter.before[0] if adapter.before else ""
    return name[:1].upper() + name[1:]


def _log(event: AgentEvent, judged: Judgement) -> str:
    """An entry in the audit log; the words for stderr where that fails."""
    from sox_hooks.record.log import Log

    told = {
        "agent": event.agent,
        "tool": str(judged.use),
        "session": event.session,
        "kind": event.kind,
        "paths": list(judged.paths[:100]),
        "policy": judged.grounds[0].policy.identity,
        "findings": [{"rule": one.rule, "message": one.message, "path": one.path} for one in judged.findings[:20]],
    }
    try:
        Log(judged.grounds[0].root.common_dir, timeout=2.0).append("agent-refused", told)
    except SoxError as error:
        return f"sox-hooks: the refusal could not be logged: {printable(error.what)}\n"
    return ""


def _failed(adapter: Adapter, phase: str, event: AgentEvent | None, error: Exception) -> Answer:
    what = printable(error.what if isinstance(error, SoxError) else f"{type(error).__name__}: {error}", 300)
    fix = printable(error.fix, 200) if isinstance(error, SoxError) and error.fix else "sox-hooks doctor"
    words = f"sox-hooks could not judge this: {what}\n  fix: {fix}"
    if phase == BEFORE and event is not None and event.kind == tools.EDIT and _governed(event):
        return refusal(adapter.form, _event_name(adapter), f"{words}\n{_ADVICE}")
    return allowed(adapter.form, words + "\n")


def _governed(event: AgentEvent) -> bool:
    """Whether a path of the event is in a work tree that has, or seems to have, a policy. Raises nothing."""
    from sox_hooks.agents.places import places

    try:
        roots = {place.root for path in event.paths for place in places(path, event.cwd) if place.root is not None}
        return any(
            os.path.isdir(os.path.join(root.top, ".sox")) or os.path.isdir(os.path.join(root.common_dir, "sox-hooks"))
            for root in roots
        )
    except (OSError, ValueError, RecursionError):
        return False
