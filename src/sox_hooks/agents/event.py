"""One call of an agent's hook, whatever the agent: which tool is about to do what, or has done it."""

from __future__ import annotations

import os

from sox_hooks.agents import payload, tools
from sox_hooks.core.struct import Struct
from sox_hooks.detection.sessions import hashed
from sox_hooks.detection.values import as_model, as_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sox_hooks.agents.shell import Step

BEFORE, AFTER = "before", "after"
# The name of a tool that no agent has: `sox-hooks agents status` asks with it whether somebody answers.
PROBE = "sox-hooks-probe"


class AgentEvent(Struct):
    """What an agent told its hook.

    agent     id in the catalogue of the agent that really runs
    phase     `before` or `after` the tool
    tool      the agent's own name of the tool
    kind      `edit`, `read`, `shell` or `other`
    paths     the paths that the call names, as the agent wrote them
    patterns  patterns of the files that it is about to read, for kind `read`
    commands  command lines, for kind `shell`
    cwd       the agent's current directory, absolute
    session   hashed; version and model where they are told
    failed    after: the tool says that it failed
    transcript  where the agent keeps this session, if it says so; read only where the person allows it
    call      the agent's own id of this call, the same before and after; "" where it has none
    """

    agent: str
    phase: str
    tool: str
    kind: str
    paths: tuple[str, ...]
    commands: tuple[str, ...]
    cwd: str
    session: str = ""
    version: str = ""
    model: str = ""
    failed: bool = False
    call: str = ""
    patterns: tuple[str, ...] = ()
    transcript: str = ""

    def steps(self) -> list[Step]:
        """The simple commands of all command lines."""
        from sox_hooks.agents.shell import steps

        return [step for command in self.commands for step in steps(command, self.cwd)]


def read_event(agent: str, phase: str, raw: bytes, environ: Mapping[str, str]) -> AgentEvent | None:
    """The event in a payload; None if there is none in it. Raises nothing, whatever the bytes are."""
    value = payload.read(raw)
    if value is None:
        return None
    agent = real_agent(agent, value, environ)
    name, arguments = _call(value)
    kind = tools.kind_of(name, arguments)
    shell = kind == tools.SHELL
    told = payload.field(value, "model", "modelname", "modelid")
    version = payload.text(value, "cursorversion", "clineversion", "version")
    return AgentEvent(
        agent=agent,
        phase=phase,
        tool=name,
        kind=kind,
        paths=() if shell else tools.paths_in(name, arguments),
        commands=tools.commands_in(arguments) if shell else (),
        cwd=_cwd(value, arguments),
        session=hashed(agent, _session(value)),
        version=as_version(version),
        model=as_model(told if isinstance(told, str) else payload.text(told, "id", "name", "modelid", "slug")),
        failed=_failed(value),
        call=payload.text(value, "tooluseid", "toolcallid", "callid", "executionid"),
        transcript=_transcript(agent, value, environ),
        patterns=tools.patterns_in(name, arguments) if kind == tools.READ else (),
    )


def real_agent(agent: str, value: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """Who is really calling: Cursor, Copilot and Visual Studio Code run the hooks that were installed for Claude Code.

    Never by a `*_PROJECT_DIR`: Gemini, Qwen and Copilot set that of others, too (measured).
    """
    transcript = payload.text(value, "transcriptpath").lower()
    if payload.field(value, "cursorversion") is not None or "/.cursor/" in transcript:
        return "cursor"
    if agent == "copilot-cli" and payload.field(value, "hookeventname") and not environ.get("COPILOT_CLI"):
        # The CLI says so in its hooks' environment, and names no event where its own names are configured (measured).
        return "github-copilot"
    if agent == "claude-code":
        if "github.copilot" in transcript or "github copilot" in transcript or payload.field(value, "extensionid"):
            return "github-copilot"
        # Measured with Copilot CLI 1.0.102: a payload in Claude's form, without these three.
        missing = payload.field(value, "transcriptpath", "tooluseid", "permissionmode") is None
        if missing and environ.get("COPILOT_CLI"):
            return "copilot-cli"
    return agent


def _call(value: Mapping[str, Any]) -> tuple[str, Any]:
    """The tool's name and its arguments."""
    inner = payload.field(value, "pretooluse", "posttooluse")  # Cline
    if isinstance(inner, dict):
        return payload.text(inner, "toolname", "name"), _opened(payload.field(inner, "parameters", "input"))
    inner = payload.field(value, "toolcall")  # Cline's other form, Pi
    if isinstance(inner, dict):
        return payload.text(inner, "name", "toolname"), _opened(payload.field(inner, "input", "arguments"))
    name = payload.text(value, "toolname", "tool", "agentactionname")
    arguments = payload.field(value, "toolinput", "toolargs", "toolinfo", "input", "args", "arguments", "parameters")
    if not name:  # Cursor's own events, and the older ones of Visual Studio Code
        name = payload.text(value, "hookeventname", "event")
    if arguments is None:
        arguments = {
            inner: one
            for inner, one in value.items()
            if payload.key(str(inner)) in ("filepath", "command", "path", "willeditfilepaths", "editedfilepaths")
        }
    return name, _opened(arguments)


def _opened(arguments: Any) -> Any:
    arguments = payload.opened(arguments)
    if isinstance(arguments, dict):
        return {
            name: payload.opened(one) if payload.key(str(name)) in ("paths", "files", "edits", "changes") else one
            for name, one in arguments.items()
        }
    return arguments


def _session(value: Mapping[str, Any]) -> str:
    names = ("sessionid", "conversationid", "trajectoryid", "chatsessionid", "threadid", "taskid")
    return payload.text(value, *names)


def _transcript(agent: str, value: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """The file of the session. Copilot CLI names only the session; its folder is called so (measured: 1.0.102)."""
    session = _session(value)
    if agent == "copilot-cli" and len(session) == 36 and session.replace("-", "").isalnum():
        return os.path.join(environ.get("HOME", ""), ".copilot/session-state", session, "events.jsonl")
    return payload.clean_path(payload.text(value, "transcriptpath"))


def _cwd(value: Mapping[str, Any], arguments: Any) -> str:
    """Where relative paths begin. The directory of this process if the agent does not say."""
    told = payload.text(arguments, "cwd", "workdir", "workingdirectory", "dirpath", "directory")
    base = payload.text(value, "cwd", "workingdirectory", "workspacefolder")
    if not base:
        roots = payload.field(value, "workspaceroots")
        base = roots[0] if isinstance(roots, list) and roots and isinstance(roots[0], str) else ""
    here = _here()
    base = os.path.join(here, payload.clean_path(base)) if payload.clean_path(base) else here
    told = payload.clean_path(told)
    return os.path.join(base, told) if told and os.path.isdir(os.path.join(base, told)) else base


def _here() -> str:
    try:
        return os.getcwd()
    except OSError:  # somebody removed it
        return "/"


def _failed(value: Mapping[str, Any]) -> bool:
    response = payload.field(value, "toolresponse", "toolresult", "posttooluse")
    if payload.field(response, "success") is False or payload.field(response, "iserror") is True:
        return True
    return payload.text(response, "resulttype") in ("failure", "denied", "rejected")
