from __future__ import annotations

import io

import pytest

from sox_hooks.core.findings import Finding
from sox_hooks.output import colour, findings_text
from sox_hooks.output.report import Report
from sox_hooks.output.text import EXPLAINED, LISTED
from sox_hooks.verification import verdict
from tests.output.reports import commit, empty, lint, rendered, sample

ERROR = Finding("SOX601", "error", "no record", fix="sox-hooks resign")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "terminal", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),  # no-color.org: not an empty string
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "dumb", "FORCE_COLOR": "3"}, True, True),
    ],
)
def test_when_there_is_colour(monkeypatch, environ, terminal, wanted):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert colour.wanted(Terminal() if terminal else io.StringIO()) is wanted


def test_failures_come_before_what_passed_and_the_summary_is_last():
    lines = rendered(sample(), "text").splitlines()
    marks = [line.split(" ")[0] for line in lines if line.startswith("[")]
    assert marks == ["[FAIL]", "[FAIL]", "[??]", "[ok]", "[ok]", "[ok]"]
    assert lines[-1].startswith("sox-hooks verify: FAILED: 6 commits checked, 1 unrecorded, 1 denied, ")
    assert lines[-1].endswith("; range main..topic; policy main:.sox (tree 0123456789ab, version 7)")


def test_nothing_checked_is_said_plainly():
    assert rendered(empty(), "text") == "sox-hooks verify: passed: 0 commits checked; range main..main\n"


def test_a_command_without_commits_counts_findings():
    assert rendered(lint(), "text").splitlines()[-1] == (
        "sox-hooks policy lint: FAILED: 1 error, 0 warnings, 0 notes; folder .sox"
    )


def test_colours_are_only_around_words(monkeypatch):
    plain = rendered(sample(), "text")
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = rendered(sample(), "text")
    assert "\x1b[31mSOX202 error:\x1b[0m cursor is not approved" in coloured
    for code in ("\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == plain


def test_a_flood_of_failures_is_explained_to_a_point():
    report = Report("verify", "1", (), [commit(number, verdict.UNRECORDED, ERROR) for number in range(EXPLAINED + 5)])
    lines = rendered(report, "text").splitlines()
    assert sum(line.startswith("[FAIL]") for line in lines) == EXPLAINED + 5
    assert sum("SOX601 error:" in line for line in lines) == EXPLAINED + 5
    assert sum("fix:" in line for line in lines) == EXPLAINED
    assert sum(line.startswith("(from here on") for line in lines) == 1


def test_what_passed_is_listed_only_while_it_fits():
    def listed(count: int) -> int:
        report = Report("verify", "1", (), [commit(number, verdict.VERIFIED) for number in range(count)])
        return rendered(report, "text").count("[ok]")

    assert (listed(LISTED), listed(LISTED + 1)) == (LISTED, 0)


def test_warnings_beyond_a_screenful_are_counted():
    warning = Finding("SOX619", "warning", "address replaced")
    report = Report("verify", "1", (), [commit(number, verdict.VERIFIED, warning) for number in range(LISTED + 3)])
    text = rendered(report, "text")
    assert text.count("[ok]") == LISTED
    assert "(and 3 more commits that passed with warnings)\n" in text


def test_findings_at_the_desk():
    findings = [
        Finding("SOX105", "note", "weak"),
        *[ERROR] * findings_text.MOST,
        Finding("SOX102", "warning", "says less"),
    ]
    lines = findings_text.render(findings).splitlines()
    assert lines[0] == "SOX601 error: no record"
    assert lines[-1] == "and 1 more of severity warning, 1 more of severity note"
    assert sum(line.startswith("SOX") for line in lines) == findings_text.MOST
    assert findings_text.render([]) == ""
