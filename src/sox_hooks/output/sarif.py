"""`--format sarif`: SARIF 2.1.0 (OASIS), as GitHub code scanning and others read it.

Results come first and the rules they use after them, so that nothing is held back while commits are being checked.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from sox_hooks.core.errors import CANNOT_VERIFY
from sox_hooks.core.lines import finding_lines
from sox_hooks.core.text import printable
from sox_hooks.output.links import help_uri
from sox_hooks.output.places import anchor, fingerprint
from sox_hooks.policy.rules import RULES, group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.core.findings import Finding
    from sox_hooks.output.report import Report, Tally

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"


def render(report: Report, tally: Tally) -> Iterator[str]:
    """The report as a SARIF log with one run, in pieces."""
    yield f'{{"$schema": {_dump(_SCHEMA)},\n"version": "2.1.0",\n"runs": [{{\n"columnKind": "unicodeCodePoints",\n'
    yield f'"originalUriBaseIds": {_dump({_ROOT: {"description": {"text": "The root of the repository"}}})},\n'
    yield '"results": ['
    used: dict[str, int] = {}
    separator = "\n"
    for finding, commit in _all(report, tally):
        index = used.setdefault(finding.rule, len(used))
        yield separator + _dump(_result(finding, commit, index))
        separator = ",\n"
    yield "],\n"
    code = tally.summary().exit_code
    # A question that stayed open is not a run that succeeded: consumers must not close alerts for it.
    invocation = {"executionSuccessful": code != CANNOT_VERIFY, "exitCode": code}
    yield f'"invocations": [{_dump(invocation)}],\n'
    driver = {"name": "sox-hooks", "version": report.version, "rules": [_rule(rule_id) for rule_id in used]}
    yield f'"tool": {{"driver": {_dump(driver)}}}\n}}]\n}}\n'


def _all(report: Report, tally: Tally) -> Iterator[tuple[Finding, str]]:
    for finding in report.findings:
        yield finding, finding.commit
    for commit in tally.count(report.commits):
        for finding in commit.findings:
            yield finding, commit.commit


def _result(finding: Finding, commit: str, index: int) -> dict[str, object]:
    path, line = anchor(finding)
    location: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _relative(printable(path)), "uriBaseId": _ROOT},
            "region": {"startLine": line},
        }
    }
    if commit:
        name = f"commit:{commit}"
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "commit"}]
    identity = fingerprint(finding, commit)
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": "\n".join(finding_lines(finding.replace(commit=finding.commit or commit)))},
        "locations": [location],
        # GitHub reads the second name only, and makes its own from line contents without it.
        "partialFingerprints": {"soxFinding/v1": identity, "primaryLocationLineHash": identity[:16] + ":1"},
    }


def _relative(path: str) -> str:
    """A path as a URI reference (RFC 3986) against a base that the consumer knows; git names none from the root."""
    uri = quote(path, safe="/")
    return "%2F" + uri[1:] if uri.startswith("/") else uri


def _rule(rule_id: str) -> dict[str, object]:
    rule = RULES[rule_id]
    text = f"{rule.summary}\n\nWhy: {rule.why}\n\nFix: {rule.fix}"
    return {
        "id": rule_id,
        "name": "".join([word.capitalize() for word in rule.name.split("-")]),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary} {rule.why}"},
        "help": {"text": text, "markdown": text},
        "helpUri": help_uri(rule_id, f"reference/rules/{rule_id}.html"),
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": [group(rule_id)]},
    }


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)
