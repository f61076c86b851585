"""Qwen Code. Measured with 0.24.4."""

from __future__ import annotations

from sox_hooks.agents.adapter import NESTED, Adapter

ADAPTER = Adapter(
    id="qwen-code",
    name="Qwen Code",
    shape=NESTED,
    project=".qwen/settings.json",
    user=".qwen/settings.json",
    before=("PreToolUse",),
    after=("PostToolUse",),
    timeout=20,
    # Qwen adds it to a file that lacks it, and its next `git add -A` commits that.
    scaffold=(("$version", 4),),
    boundary="refuses edits; fails open if the hook cannot run",
)
