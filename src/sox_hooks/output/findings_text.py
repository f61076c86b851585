"""Findings at the desk: what a hook or `check` prints on stderr. Hooks import it, so it stays light."""

from __future__ import annotations

import sys

from sox_hooks.core.findings import ERROR, SEVERITIES, WARNING
from sox_hooks.core.lines import finding_lines
from sox_hooks.output import colour
from sox_hooks.output.colour import RED, YELLOW, Paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sox_hooks.core.findings import Finding

# Ten thousand staged files may bring ten thousand findings; nobody reads on after the first few.
MOST = 10


def render(findings: Iterable[Finding]) -> str:
    """The findings as text for stderr, errors first: at most `MOST` in full, the others counted; "" for none."""
    ordered = worst_first(findings)
    paint = Paint(colour.wanted(sys.stderr))
    lines: list[str] = []
    for finding in ordered[:MOST]:
        lines += paint_first_line(finding_lines(finding), finding.severity, paint)
    if len(ordered) > MOST:
        rest = ordered[MOST:]
        counts = [(name, sum(finding.severity == name for finding in rest)) for name in SEVERITIES]
        lines.append("and " + ", ".join([f"{count} more of severity {name}" for name, count in counts if count]))
    return "".join([line + "\n" for line in lines])


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Errors, then warnings, then notes; otherwise in the order they came."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def paint_first_line(lines: list[str], severity: str, paint: Paint) -> list[str]:
    """The lines of a finding with the first, `SOXnnn severity: ...`, coloured up to the colon."""
    code = {ERROR: RED, WARNING: YELLOW}.get(severity)
    if code is None:
        return lines
    head, colon, rest = lines[0].partition(":")
    return [paint(code, head + colon) + rest, *lines[1:]]
