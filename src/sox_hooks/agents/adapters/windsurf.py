"""Windsurf (Devin Desktop), Cascade hooks. From its documentation; not measured."""

from __future__ import annotations

from sox_hooks.agents.adapter import FLAT, Adapter
from sox_hooks.agents.verdict import WORDS

ADAPTER = Adapter(
    id="windsurf",
    name="Windsurf",
    shape=FLAT,
    project=".windsurf/hooks.json",
    user=".codeium/windsurf/hooks.json",
    before=("pre_write_code", "pre_read_code", "pre_run_command"),
    after=("post_write_code", "post_run_command"),
    form=WORDS,
    extra=(("show_output", True),),
    boundary="refuses edits as documented; not measured",
)
