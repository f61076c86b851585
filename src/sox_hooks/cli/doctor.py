"""Prove that each control of this clone is live, and say how to mend what is not.

Nothing is taken from how files look: the hook that git would run is run and has to answer, the key signs, the policy is
loaded, the log is written beside the real one, what connected AI agents would run is run. Refs, index, work
tree and log are not touched.

Exit code 0: every control is live; 1: one is not.
"""

from __future__ import annotations

import json
import os
import sys
from itertools import chain

from sox_hooks.agents.status import examine_all as examine_agents
from sox_hooks.cli.parser import add_format
from sox_hooks.core.errors import FINDING, PASS
from sox_hooks.core.text import printable
from sox_hooks.hooks.doctor.control import ADVICE, LIVE, NOT_LIVE, Control
from sox_hooks.hooks.doctor.examination import examine
from sox_hooks.output import colour
from sox_hooks.output.colour import GREEN, RED, YELLOW, Paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SCHEMA = "sox-hooks/doctor/v1"
_COLOURS = {LIVE: GREEN, NOT_LIVE: RED, ADVICE: YELLOW}


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks doctor --help`."""
    add_format(parser, ("text", "json"))


def run(options: Namespace) -> int:
    """Examine, and print each control as soon as it has been tried."""
    controls = []
    paint = Paint(colour.wanted(sys.stdout))
    for control in chain(examine(os.environ), examine_agents(os.environ)):
        controls.append(control)
        if options.format == "text":
            sys.stdout.write(_text(control, paint))
            sys.stdout.flush()
    failed = [control for control in controls if control.state == NOT_LIVE]
    if options.format == "json":
        listed = [{name: getattr(control, name) for name in control.fields} for control in controls]
        sys.stdout.write(json.dumps({"schema": SCHEMA, "live": not failed, "controls": listed}, indent=2) + "\n")
    elif failed:
        names = ", ".join([control.name for control in failed])
        sys.stdout.write(f"sox-hooks doctor: {len(failed)} of {len(controls)} not live: {names}\n")
    else:
        sys.stdout.write("sox-hooks doctor: every control is live\n")
    return FINDING if failed else PASS


def _text(control: Control, paint: Paint) -> str:
    mark = paint(_COLOURS[control.state], f"[{control.state}]")
    docs = f"sox-hooks explain {control.rule}" if control.rule else ""
    rows = [("where", control.where), ("why", control.why), ("fix", control.fix), ("docs", docs)]
    lines = [f"{mark} {control.name}: {printable(control.message)}"]
    lines += [f"  {name + ':':<6} {printable(value)}" for name, value in rows if value]
    return "".join([line + "\n" for line in lines])
