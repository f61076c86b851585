"""`--format gitlab`: a Code Quality report, which is a plain JSON array of violations."""

from __future__ import annotations

import json

from sox_hooks.core.findings import ERROR, NOTE, WARNING
from sox_hooks.core.text import printable
from sox_hooks.output.places import anchor, fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.core.findings import Finding
    from sox_hooks.output.report import Report, Tally

# GitLab knows info, minor, major, critical and blocker.
_SEVERITIES = {ERROR: "critical", WARNING: "minor", NOTE: "info"}


def render(report: Report, tally: Tally) -> Iterator[str]:
    """The report as an array, one violation a line."""
    separator = "[\n"
    for finding, commit in _all(report, tally):
        yield separator + json.dumps(_violation(finding, commit), ensure_ascii=True)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _all(report: Report, tally: Tally) -> Iterator[tuple[Finding, str]]:
    for finding in report.findings:
        yield finding, ""
    for commit in tally.count(report.commits):
        for finding in commit.findings:
            yield finding, commit.commit


def _violation(finding: Finding, commit: str) -> dict[str, object]:
    path, line = anchor(finding)
    about = f" (commit {commit[:12]})" if commit else ""
    fix = f" Fix: {printable(finding.fix)}" if finding.fix else ""
    return {
        "description": f"{finding.rule}: {printable(finding.message)}{about}{fix}",
        "check_name": finding.rule,
        "fingerprint": fingerprint(finding, commit),
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": printable(path), "lines": {"begin": line}},
    }
