"""`--format json`: one object, described by `docs/reference/report-v1.schema.json`; every commit has its own line.

The order of the members lets it be written while commits are still being checked: the summary comes last. Only ASCII
is written, so that no terminal or pipe can spoil it.
"""

from __future__ import annotations

import json

from sox_hooks.core.text import printable
from sox_hooks.output.links import page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.core.findings import Finding
    from sox_hooks.output.report import Report, Summary, Tally
    from sox_hooks.verification.verdict import Verdict

SCHEMA = "sox-hooks/report/v1"
# Made once: `json.dumps` with options makes a new encoder for every commit.
dump = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode


def render(report: Report, tally: Tally) -> Iterator[str]:
    """The report as JSON text, in pieces."""
    yield "{\n" + "".join([f"{dump(name)}: {dump(value)},\n" for name, value in header_object(report).items()])
    yield '"commits": ['
    separator = "\n"
    for commit in tally.count(report.commits):
        yield separator + dump(commit_object(commit))
        separator = ",\n"
    yield "],\n"
    yield f'"findings": {dump([finding_object(finding) for finding in report.findings])},\n'
    yield f'"summary": {dump(summary_object(tally.summary()))}\n}}\n'


def header_object(report: Report) -> dict[str, object]:
    """What is known before the first commit is read."""
    return {
        "schema": SCHEMA,
        "command": report.command,
        "version": report.version,
        "checked": {printable(name): printable(value) for name, value in report.checked},
    }


def commit_object(commit: Verdict) -> dict[str, object]:
    """One member of `commits`."""
    return {
        "commit": commit.commit,
        "status": commit.status,
        "relation": commit.relation,
        "assistance": commit.assistance,
        "tools": [printable(tool) for tool in commit.tools],
        "signer": printable(commit.signer),
        "author": printable(commit.author),
        "subject": printable(commit.subject),
        "time": commit.moment,
        "findings": [finding_object(finding) for finding in commit.findings],
    }


def finding_object(finding: Finding) -> dict[str, object]:
    """One finding. `line` and `column` are those of the policy file in `file`, 0 = not known."""
    place = finding.place
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "path": printable(finding.path),
        "message": printable(finding.message),
        "why": printable(finding.why),
        "file": printable(place.file) if place else "",
        "line": place.line if place else 0,
        "column": place.column if place else 0,
        "fix": printable(finding.fix),
        "docs": page(finding.docs),
    }


def summary_object(summary: Summary) -> dict[str, object]:
    """The counts; `commits` is null where the command is not about commits."""
    return {
        "commits": summary.commits,
        "statuses": dict(summary.statuses),
        "relations": dict(summary.relations),
        "assistance": dict(summary.assistance),
        "findings": dict(summary.findings),
        "exit_code": summary.exit_code,
    }
