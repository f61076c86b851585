"""Which version and which model of itself an agent tells."""

from __future__ import annotations

from sox_hooks.policy.facts import ToolUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.agents.event import AgentEvent
    from sox_hooks.agents.ground import Ground


def tool_use(event: AgentEvent, environ: Mapping[str, str], ground: Ground) -> ToolUse:
    """The tool with version and model, from the payload or else from what the agent put into the environment."""
    version, model = event.version, event.model
    if not (version and model):
        from sox_hooks.detection import environment

        for sign in environment.evidence(ground.catalogue(), environ):
            if sign.tool == event.agent:
                version, model = version or sign.version, model or sign.model
    return ToolUse(event.agent, version, model)
