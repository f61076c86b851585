"""`--format jsonl`: one JSON object a line, each with a `type`: `report`, then `commit`s, `finding`s, and `summary`.

A stream without a last line of type `summary` was cut and must not be taken for a result.
"""

from __future__ import annotations

from sox_hooks.output.json import commit_object, dump, finding_object, header_object, summary_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.output.report import Report, Tally


def render(report: Report, tally: Tally) -> Iterator[str]:
    """The report as lines of JSON."""
    yield _line("report", header_object(report))
    for commit in tally.count(report.commits):
        yield _line("commit", commit_object(commit))
    for finding in report.findings:
        yield _line("finding", finding_object(finding))
    yield _line("summary", summary_object(tally.summary()))


def _line(kind: str, value: dict[str, object]) -> str:
    return dump({"type": kind, **value}) + "\n"
