"""Gemini CLI. Measured with 0.61.0; docs/hooks of google-gemini/gemini-cli."""

from __future__ import annotations

from sox_hooks.agents.adapter import NESTED, Adapter

ADAPTER = Adapter(
    id="gemini-cli",
    name="Gemini CLI",
    shape=NESTED,
    project=".gemini/settings.json",
    user=".gemini/settings.json",
    before=("BeforeTool",),
    after=("AfterTool",),
    timeout=20000,  # milliseconds
    extra=(("name", "sox-hooks"),),
    boundary="refuses edits, and gives git's hooks back to the commits that it makes",
    remarks=("with --skip-trust the project's hooks are left out without a word; those of --user run even then",),
    around="it switches all git hooks off for its own commits; only this hook gives them back",
)
