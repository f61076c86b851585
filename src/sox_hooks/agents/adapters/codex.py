"""Codex CLI. Measured with 0.169.0; codex-rs/hooks."""

from __future__ import annotations

from sox_hooks.agents.adapter import NESTED, Adapter

ADAPTER = Adapter(
    id="codex",
    name="Codex",
    shape=NESTED,
    project=".codex/hooks.json",
    user=".codex/hooks.json",
    before=("PreToolUse",),
    after=("PostToolUse",),
    timeout=20,
    boundary="refuses edits, inner calls of its JavaScript tool included; fails open if the hook cannot run",
    remarks=("hooks that you have not trusted are skipped without a word: start codex here and trust them (/hooks)",),
)
