"""Cursor, editor and CLI. From cursor.com/docs/agent/hooks; not measured."""

from __future__ import annotations

from sox_hooks.agents.adapter import FLAT, Adapter
from sox_hooks.agents.verdict import CURSOR

ADAPTER = Adapter(
    id="cursor",
    name="Cursor",
    shape=FLAT,
    project=".cursor/hooks.json",
    user=".cursor/hooks.json",
    before=("preToolUse", "beforeShellExecution", "beforeReadFile", "beforeTabFileRead"),
    after=("afterFileEdit", "afterTabFileEdit", "afterShellExecution"),
    form=CURSOR,
    timeout=20,
    before_extra=(("failClosed", True),),
    scaffold=(("version", 1),),
    imports=(".claude/settings.json",),
    boundary="refuses edits of the agent; completions are journaled, not refused",
)
