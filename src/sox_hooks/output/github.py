"""`--format github`: workflow commands that GitHub Actions shows as annotations, then one line of summary.

GitHub shows ten errors and ten warnings a step; all lines stand in the job's log. Escaping is that of the runner
(actions/runner, ActionCommand.cs): `%`, CR and LF in the message, `:` and `,` as well in a property.
"""

from __future__ import annotations

from sox_hooks.core.findings import ERROR, NOTE, WARNING
from sox_hooks.core.lines import finding_lines
from sox_hooks.core.text import printable
from sox_hooks.output.colour import Paint
from sox_hooks.output.places import anchor
from sox_hooks.output.text import summary_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.core.findings import Finding
    from sox_hooks.output.report import Report, Tally

_COMMANDS = {ERROR: "error", WARNING: "warning", NOTE: "notice"}


def render(report: Report, tally: Tally) -> Iterator[str]:
    """The report as workflow commands."""
    for finding in report.findings:
        yield _command(finding, "")
    for commit in tally.count(report.commits):
        for finding in commit.findings:
            yield _command(finding, commit.commit)
    yield summary_line(report, tally.summary(), Paint(False))


def _command(finding: Finding, commit: str) -> str:
    path, line = anchor(finding)
    title = f"{finding.rule} in commit {commit[:12]}" if commit else finding.rule
    properties = [("file", path), ("line", str(line)), ("title", title)]
    told = ",".join([f"{name}={_property(value)}" for name, value in properties])
    text = "\n".join(line.strip() for line in finding_lines(finding.replace(commit=finding.commit or commit)))
    return f"::{_COMMANDS[finding.severity]} {told}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
