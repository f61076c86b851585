from __future__ import annotations

import tracemalloc

import pytest

from sox_hooks.core.errors import CANNOT_VERIFY, FINDING, PASS
from sox_hooks.core.findings import Finding
from sox_hooks.output.formats import FORMATS, renderer, write
from sox_hooks.output.report import Report, Tally, exit_code, outcome
from sox_hooks.verification import verdict
from tests.output.reports import commit, empty, lint, sample

ERROR = Finding("SOX601", "error", "no record")
WARNING = Finding("SOX619", "warning", "address replaced")
NOTE = Finding("SOX105", "note", "weak")


@pytest.mark.parametrize(
    ("status", "findings", "result"),
    [
        (verdict.VERIFIED, (), PASS),
        (verdict.VERIFIED, (WARNING, NOTE), PASS),
        (verdict.VERIFIED, (NOTE, ERROR), FINDING),
        (verdict.ADOPTED, (NOTE,), PASS),
        (verdict.DENIED, (ERROR,), FINDING),
        (verdict.UNRECORDED, (ERROR,), FINDING),
        (verdict.UNBOUND, (ERROR,), FINDING),
        (verdict.FORGED, (ERROR,), FINDING),
        (verdict.UNVERIFIABLE, (ERROR,), CANNOT_VERIFY),
        ("a-status-of-tomorrow", (), FINDING),
    ],
)
def test_outcome_of_a_commit(status, findings, result):
    assert outcome(commit(1, status, *findings)) == result


def test_every_status_is_covered_above():
    marks = test_outcome_of_a_commit.pytestmark[0].args[1]
    assert {status for status, _, _ in marks} >= set(verdict.STATUSES)


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], PASS),
        ([PASS, PASS], PASS),
        ([PASS, CANNOT_VERIFY], CANNOT_VERIFY),
        ([CANNOT_VERIFY, FINDING, PASS], FINDING),
        ([FINDING], FINDING),
    ],
)
def test_one_finding_decides_else_one_open_question(outcomes, code):
    assert exit_code(outcomes) == code


def test_the_tally_counts_what_passes_by():
    report = sample()
    tally = Tally(report)
    assert len(list(tally.count(report.commits))) == 6
    summary = tally.summary()
    assert summary.commits == 6
    assert summary.statuses == (
        ("unrecorded", 1),
        ("denied", 1),
        ("unverifiable", 1),
        ("verified", 2),
        ("adopted", 1),
    )
    assert summary.relations == (("merge", 1), ("same-change", 1))
    assert summary.assistance == (("assisted", 2), ("none", 1))
    assert summary.findings == (("error", 4), ("warning", 2), ("note", 2))
    assert summary.exit_code == FINDING


def test_findings_that_no_commit_owns_count():
    assert Tally(lint()).summary().exit_code == FINDING
    assert Tally(Report("x", "1", (), None, (WARNING,))).summary().exit_code == PASS


def test_a_failing_commit_must_say_why():
    report = Report("verify", "1", (), [commit(1, verdict.FORGED, WARNING)])
    with pytest.raises(ValueError, match="no error says why"):
        list(Tally(report).count(report.commits))


@pytest.mark.parametrize("name", FORMATS)
def test_all_formats_return_the_same_code(name, capsys):
    assert write(sample(), name) == FINDING
    assert write(empty(), name) == PASS
    assert write(Report("verify", "1", (), [commit(1, verdict.UNVERIFIABLE, ERROR)]), name) == CANNOT_VERIFY
    assert capsys.readouterr().out


def test_unknown_format():
    with pytest.raises(KeyError):
        renderer("report")  # a module of the package, but no format


@pytest.mark.parametrize("name", FORMATS)
def test_memory_does_not_grow_with_the_number_of_commits(name):
    def peak(count: int) -> int:
        statuses = ((verdict.VERIFIED, (WARNING,)), (verdict.VERIFIED, ()), (verdict.UNRECORDED, (ERROR,)))
        commits = (commit(number, *_pair(statuses[number % 3])) for number in range(count))
        report = Report("verify", "1", (), commits)
        tally = Tally(report)
        tracemalloc.start()
        size = sum(len(piece) for piece in renderer(name)(report, tally))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert size > count
        return most

    peak(300)  # imports and caches
    assert peak(6000) < peak(600) + 50_000


def _pair(entry):
    status, findings = entry
    return status, *findings
