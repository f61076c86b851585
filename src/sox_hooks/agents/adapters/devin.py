"""Devin CLI. From docs.devin.ai/cli/extensibility/hooks; not measured."""

from __future__ import annotations

from sox_hooks.agents.adapter import NESTED, Adapter

ADAPTER = Adapter(
    id="devin",
    name="Devin CLI",
    shape=NESTED,
    project=".devin/hooks.v1.json",
    user=".config/devin/config.json",
    bare="project",
    before=("PreToolUse",),
    after=("PostToolUse",),
    timeout=20,
    imports=(".claude/settings.json",),
    boundary="refuses edits as documented; fails open if the hook cannot run; not measured",
    remarks=("Devin in the cloud runs no hooks of this machine: only the check in CI sees what it commits",),
)
