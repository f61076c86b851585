"""Crush. From docs/hooks of charmbracelet/crush; not measured. Only PreToolUse is in every version that has hooks."""

from __future__ import annotations

from sox_hooks.agents.adapter import FLAT, Adapter
from sox_hooks.agents.verdict import WORDS

ADAPTER = Adapter(
    id="crush",
    name="Crush",
    shape=FLAT,
    project="crush.json",
    user=".config/crush/crush.json",
    before=("PreToolUse",),
    form=WORDS,
    timeout=20,
    boundary="refuses edits as documented, but not those of sub-agents; fails open; not measured",
    remarks=("it has no hook after a tool, so the journal only knows what it was about to edit",),
)
