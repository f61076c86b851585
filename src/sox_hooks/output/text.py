"""`--format text`: for people. What failed comes first, the summary is the last line; only ASCII marks.

Failures are written as they are found. Of what passed, with or without warnings, only a screenful is kept and shown;
the rest is counted, so that a report over 50,000 commits needs no more memory than one over fifty.
"""

from __future__ import annotations

import sys

from sox_hooks.core.errors import CANNOT_VERIFY, FINDING, PASS
from sox_hooks.core.findings import ERROR, WARNING
from sox_hooks.core.lines import finding_lines
from sox_hooks.core.text import printable
from sox_hooks.output import colour
from sox_hooks.output.colour import BOLD, GREEN, RED, YELLOW, Paint
from sox_hooks.output.findings_text import paint_first_line, worst_first
from sox_hooks.output.report import outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sox_hooks.output.report import Report, Summary, Tally
    from sox_hooks.verification.verdict import Verdict

# As many failing commits are explained in full; of those after them the first line of each finding says enough.
EXPLAINED = 50
# As many passing commits are listed one by one, and as many with warnings; the others are counted.
LISTED = 20

_MARKS = {PASS: ("[ok]", GREEN), FINDING: ("[FAIL]", RED), CANNOT_VERIFY: ("[??]", YELLOW)}


def render(report: Report, tally: Tally) -> Iterator[str]:
    """The report as text, in pieces."""
    paint = Paint(colour.wanted(sys.stdout))
    yield from _own(report, paint, errors=True)
    explained = 0
    passed: list[Verdict] = []
    warned: list[Verdict] = []
    passes, warnings = report.passed.count, 0
    for commit in tally.count(report.commits):
        if outcome(commit) != PASS:
            explained += 1
            yield _commit(commit, paint, full=explained <= EXPLAINED)
            if explained == EXPLAINED:
                yield f"(from here on only the first line of each finding; for all: {report.command} --format json)\n"
        elif any(finding.severity == WARNING for finding in commit.findings):
            warnings += 1
            if len(warned) < LISTED:
                warned.append(commit)
        else:
            passes += 1
            if len(passed) < LISTED:
                passed.append(commit)
    yield from _own(report, paint, errors=False)
    for commit in warned:
        yield _commit(commit, paint, full=True)
    if warnings > len(warned):
        yield f"(and {warnings - len(warned)} more commits that passed with warnings)\n"
    if passes <= LISTED:
        for commit in passed:
            yield _commit(commit, paint, full=False)
    yield summary_line(report, tally.summary(), paint)


def _own(report: Report, paint: Paint, *, errors: bool) -> Iterator[str]:
    """The findings that no commit owns: the errors, or the others."""
    for finding in worst_first(report.findings):
        if (finding.severity == ERROR) is errors:
            yield _lines(paint_first_line(finding_lines(finding), finding.severity, paint))


def _commit(commit: Verdict, paint: Paint, *, full: bool) -> str:
    mark, code = _MARKS[outcome(commit)]
    by = ", ".join(filter(None, (printable(commit.author, 60), printable(commit.moment[:10]))))
    claim = ", ".join(filter(None, (commit.assistance, *[printable(tool, 60) for tool in commit.tools[:4]])))
    words = filter(None, (commit.status, commit.relation, f"[{claim}]" if claim else ""))
    head = f"{paint(code, mark)} {commit.commit[:12]} {' '.join(words)}: {printable(commit.subject, 72)} ({by})"
    lines = [head]
    for finding in worst_first(commit.findings):
        if full and finding.severity == ERROR:
            # The commit is named by the line above.
            body = finding_lines(finding.replace(commit=""))
        else:
            body = finding_lines(finding)[:1]
        lines += ["  " + line for line in paint_first_line(body, finding.severity, paint)]
    return _lines(lines)


def summary_line(report: Report, summary: Summary, paint: Paint) -> str:
    """The whole report in one line: what came out, what was counted, what was looked at."""
    word, code = {PASS: ("passed", GREEN), FINDING: ("FAILED", RED), CANNOT_VERIFY: ("COULD NOT VERIFY", YELLOW)}[
        summary.exit_code
    ]
    parts = []
    if summary.commits is not None:
        parts.append(_plural(summary.commits, "commit") + " checked")
        parts += [f"{count} {status}" for status, count in summary.statuses]
    counts = dict(summary.findings)
    parts += [_plural(count, name) for name, count in counts.items() if count or summary.commits is None]
    checked = "".join([f"; {printable(name)} {printable(value, 400)}" for name, value in report.checked])
    return f"{paint(BOLD, f'sox-hooks {report.command}:')} {paint(code, word)}: {', '.join(parts)}{checked}\n"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _lines(lines: Iterable[str]) -> str:
    return "".join([line + "\n" for line in lines])
