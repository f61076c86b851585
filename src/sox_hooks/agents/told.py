"""Which version and which model of itself an agent tells."""

from __future__ import annotations

from sox_hooks.policy.facts import ToolUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.agents.event import AgentEvent
    from sox_hooks.agents.ground import Ground


def tool_use(event: AgentEvent, environ: Mapping[str, str], ground: Ground) -> ToolUse:
    """The tool with version and model: from the payload, else from what the agent put into the environment, else, where
    the person allows it, from the file of the session."""
    version, model = event.version, event.model
    if not (version and model):
        from sox_hooks.detection import environment

        told = environment.told(ground.catalogue(), event.agent, environ)
        version, model = version or told.version, model or told.model
    if ground.transcripts and not (version and model):
        from sox_hooks.agents import transcript

        read = transcript.told(event, environ.get("HOME", ""))
        version, model = version or read[0], model or read[1]
    return ToolUse(event.agent, version, model)
