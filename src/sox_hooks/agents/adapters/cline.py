"""Cline. Hook scripts measured with the CLI 3.0.65."""

from __future__ import annotations

from sox_hooks.agents.adapter import FILES, Adapter, OwnFile
from sox_hooks.agents.verdict import CLINE

_SCRIPT = """\
#!/bin/sh
# sox-hooks: made by `sox-hooks agents install`, removed by `sox-hooks agents uninstall`. Do not edit.
# Cline runs the tool whatever the exit code is; only `cancel` stops it.
@@COMMAND@@ {phase} && exit 0
printf '%s\\n' '{failed}'
"""
_GONE = (
    '{"cancel":true,"errorMessage":"sox-hooks refused this, because it is not where it was installed.'
    ' Install it, then run: sox-hooks agents install cline"}'
)

ADAPTER = Adapter(
    id="cline",
    name="Cline",
    shape=FILES,
    project=".clinerules/hooks",
    user="Documents/Cline/Hooks",
    before=("PreToolUse",),
    after=("PostToolUse",),
    form=CLINE,
    files=(
        OwnFile("PreToolUse", _SCRIPT.replace("{phase}", "before").replace("{failed}", _GONE), True),
        OwnFile("PostToolUse", _SCRIPT.replace("{phase}", "after").replace("{failed}", "{}"), True),
    ),
    boundary="refuses edits, which ends Cline's whole run",
    remarks=("scripts in .clinerules/hooks and in .cline/hooks both run, so have ours in one of them",),
)
