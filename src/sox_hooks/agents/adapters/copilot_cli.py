"""GitHub Copilot CLI. Measured with 1.0.102. Visual Studio Code reads the same folder: `github_copilot`."""

from __future__ import annotations

from sox_hooks.agents.adapter import FLAT, Adapter

ADAPTER = Adapter(
    id="copilot-cli",
    name="GitHub Copilot CLI",
    shape=FLAT,
    project=".github/hooks/sox-hooks.json",
    user=".copilot/hooks/sox-hooks.json",
    before=("preToolUse",),
    after=("postToolUse",),
    timeout=20,
    extra=(("type", "command"),),
    scaffold=(("version", 1),),
    command_key="bash",
    timeout_key="timeoutSec",
    imports=(".claude/settings.json",),
    boundary="refuses edits, and fails closed if the hook cannot run",
    remarks=("the CLI skips a project's hooks in a folder that you have not trusted without a word",),
)
