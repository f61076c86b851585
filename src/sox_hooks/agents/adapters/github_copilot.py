"""The agent of GitHub Copilot in Visual Studio Code. From code.visualstudio.com/docs/agent-customization/hooks, a
preview; not measured. It reads the very file of the CLI and its names of events, so there is one file for both."""

from __future__ import annotations

from sox_hooks.agents.adapters.copilot_cli import ADAPTER as CLI

ADAPTER = CLI.replace(
    id="github-copilot",
    name="GitHub Copilot in Visual Studio Code",
    shares="copilot-cli",
    boundary="refuses edits as documented; fails open if the hook cannot run; not measured",
    remarks=("the file is the one of Copilot CLI; what an organisation's policy forbids in VS Code is not seen here",),
)
