"""`--format junit`: one suite a commit, one test case a rule in it; a commit without findings is one passed case.

Failures are policy and verification findings; a commit that could not be verified is an error, which is JUnit's word
for a test that did not come to an answer. Only ASCII is written, the rest as character references.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from sox_hooks.core.errors import CANNOT_VERIFY
from sox_hooks.core.findings import ERROR
from sox_hooks.core.lines import finding_lines
from sox_hooks.core.text import printable
from sox_hooks.output.report import outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.core.findings import Finding
    from sox_hooks.output.report import Report, Tally
    from sox_hooks.verification.verdict import Verdict


def render(report: Report, tally: Tally) -> Iterator[str]:
    """The report as XML, in pieces."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites name={_attribute(f'sox-hooks {report.command}')}>\n"
    if report.findings or report.commits is None:
        checked = ", ".join([f"{name} {value}" for name, value in report.checked])
        yield _suite(f"{report.command} {checked}".strip(), report.command, "no findings", report.findings, "failure")
    for commit in tally.count(report.commits):
        yield _commit(commit)
    yield "</testsuites>\n"


def _commit(commit: Verdict) -> str:
    short = commit.commit[:12]
    kind = "error" if outcome(commit) == CANNOT_VERIFY else "failure"
    name = f"{short} {commit.status} {printable(commit.subject, 100)}"
    return _suite(name, f"commit.{short}", commit.status, commit.findings, kind)


def _suite(name: str, class_name: str, passed: str, findings: tuple[Finding, ...], kind: str) -> str:
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    bad = sum(any(entry.severity == ERROR for entry in entries) for entries in by_rule.values())
    cases = [_case(class_name, rule, entries, kind) for rule, entries in by_rule.items()]
    cases = cases or [f"<testcase classname={_attribute(class_name)} name={_attribute(passed)}/>\n"]
    failures, errors = (bad, 0) if kind == "failure" else (0, bad)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}"'
    return f"<testsuite name={_attribute(name)} {counts}>\n{''.join(cases)}</testsuite>\n"


def _case(class_name: str, rule: str, findings: list[Finding], kind: str) -> str:
    errors = [finding for finding in findings if finding.severity == ERROR]
    text = _text("\n".join([line for finding in findings for line in finding_lines(finding)]))
    body = f"<system-out>{text}</system-out>"
    if errors:
        message = _attribute(printable(errors[0].message, 300))
        body = f"<{kind} type={_attribute(rule)} message={message}>{text}</{kind}>"
    return f"<testcase classname={_attribute(class_name)} name={_attribute(rule)}>{body}</testcase>\n"


def _text(text: str) -> str:
    return _ascii(escape(text))


def _attribute(text: str) -> str:
    return _ascii(quoteattr(printable(text)))


def _ascii(text: str) -> str:
    # `printable` has left nothing that XML 1.0 forbids (section 2.2): no controls, surrogates or non-characters.
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
