"""Gemini CLI runs git without any hook; its before-hook gives them back.

Its shell tool sets GIT_CONFIG_COUNT=8 with `core.hooksPath=""` among the settings, and hides the global and the system
configuration (measured: gemini-cli 0.61.0). Then no hook runs, whatever hook manager there is, and neither the name of
the author nor the signing key is found. A before-hook may rewrite the command, so one that commits gets a prefix that
restores what the person's own shell has. A person's own GIT_CONFIG_COUNT comes first in the list, so its number cuts
off what was appended.
"""

from __future__ import annotations

from sox_hooks.agents.bypass import commits
from sox_hooks.agents.shell import steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

TOOL = "run_shell_command"
_VARIABLES = ("GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")


def with_hooks(command: str, cwd: str, environ: Mapping[str, str]) -> str:
    """The command with git's hooks given back; "" if it makes no commits or has been given them already."""
    if command.startswith("unset GIT_CONFIG_") or not any(commits(step) for step in steps(command, cwd)):
        return ""
    own = {name: environ[name] for name in _VARIABLES if name in environ}
    parts = ["unset " + " ".join([name for name in _VARIABLES if name not in own])] if len(own) < 4 else []
    parts += ["export " + name + "='" + value.replace("'", "'\\''") + "'" for name, value in own.items()]
    return "; ".join([*parts, command])


def answer(tool_input: Mapping[str, object], command: str) -> str:
    """What the hook prints so that Gemini runs `command` instead."""
    from sox_hooks.core.fastjson import dumps

    rewritten = {"hookEventName": "BeforeTool", "tool_input": {**tool_input, "command": command}}
    return dumps({"decision": "allow", "hookSpecificOutput": rewritten}) + "\n"
