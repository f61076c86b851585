"""The one model that every renderer shows, and the one place where it becomes an exit code.

A report streams: `Report.commits` may be a generator over 50,000 commits, read once, front to back. A renderer reads it
through `Tally.count`, writes what it has to say of each commit at once, and asks the tally for the summary at the end,
so that no format holds more than one commit (text keeps a bounded handful).
"""

from __future__ import annotations

from sox_hooks.core.errors import CANNOT_VERIFY, FINDING, PASS
from sox_hooks.core.findings import ERROR, SEVERITIES, Finding
from sox_hooks.core.struct import Struct
from sox_hooks.verification.verdict import (
    ADOPTED,
    DENIED,
    FORGED,
    UNBOUND,
    UNRECORDED,
    UNVERIFIABLE,
    VERIFIED,
    Passed,
    Verdict,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PASSING = (VERIFIED, ADOPTED)
_WORST_FIRST = (FORGED, UNBOUND, UNRECORDED, DENIED, UNVERIFIABLE, VERIFIED, ADOPTED)


class Report(Struct):
    """What a command looked at and what it found.

    command   the command, e.g. `verify`
    version   of sox-hooks
    checked   what was looked at, as names and values, e.g. `("range", "main..HEAD"), ("policy", "main:.sox")`
    commits   one entry a commit, read once; None where the command is not about commits (`policy lint`)
    findings  those that no commit owns
    passed    commits that are not in `commits`: verified, and nothing to say about them. None for a format that lists
              all commits (`formats.LISTS_ALL`), and none before `text.LISTED` such commits are in `commits`
    """

    command: str
    version: str
    checked: tuple[tuple[str, str], ...]
    commits: Iterable[Verdict] | None = None
    findings: tuple[Finding, ...] = ()
    passed: Passed = Passed()


class Summary(Struct):
    """The counts of a whole report. Pairs stand in a fixed order and leave out zeros, but for `findings`."""

    commits: int | None  # None where the command is not about commits
    statuses: tuple[tuple[str, int], ...]
    relations: tuple[tuple[str, int], ...]
    assistance: tuple[tuple[str, int], ...]
    findings: tuple[tuple[str, int], ...]  # by severity
    exit_code: int


def outcome(verdict: Verdict) -> int:
    """`PASS`, `FINDING` or `CANNOT_VERIFY`: what this commit alone would make of the exit code.

    A status that is not known fails: a new one must never pass because a reader has not heard of it.
    """
    if verdict.status == UNVERIFIABLE:
        return CANNOT_VERIFY
    if verdict.status in _PASSING and not any(entry.severity == ERROR for entry in verdict.findings):
        return PASS
    return FINDING


def exit_code(outcomes: Iterable[int]) -> int:
    """The exit code of a run from the outcomes of its parts: one finding decides, else one open question, else pass."""
    seen = set(outcomes)
    if FINDING in seen:
        return FINDING
    return CANNOT_VERIFY if CANNOT_VERIFY in seen else PASS


class Tally:
    """Counts the commits of a report while a renderer reads them."""

    def __init__(self, report: Report) -> None:
        passed = report.passed
        self._commits = None if report.commits is None else passed.count
        self._statuses: dict[str, int] = {VERIFIED: passed.count} if passed.count else {}
        self._relations: dict[str, int] = dict(passed.relations)
        self._assistance: dict[str, int] = dict(passed.assistance)
        self._severities = dict.fromkeys(SEVERITIES, 0)
        self._outcomes: set[int] = {PASS} if passed.count else set()
        for finding in report.findings:
            self._severities[finding.severity] += 1
            self._outcomes.add(FINDING if finding.severity == ERROR else PASS)

    def count(self, commits: Iterable[Verdict] | None) -> Iterator[Verdict]:
        """The same commits, counted as they pass by.

        Raises `ValueError` for a commit that fails without an error that says why: formats that know findings only
        would show it as passed.
        """
        for commit in commits or ():
            result = outcome(commit)
            if result != PASS and not any(entry.severity == ERROR for entry in commit.findings):
                raise ValueError(f"commit {commit.commit} is {commit.status}, and no error says why")
            self._commits = (self._commits or 0) + 1
            self._outcomes.add(result)
            _add(self._statuses, commit.status)
            if commit.relation:
                _add(self._relations, commit.relation)
            if commit.assistance:
                _add(self._assistance, commit.assistance)
            for finding in commit.findings:
                self._severities[finding.severity] += 1
            yield commit

    def summary(self) -> Summary:
        """The counts so far."""
        return Summary(
            commits=self._commits,
            statuses=tuple(sorted(self._statuses.items(), key=lambda pair: _rank(pair[0]))),
            relations=tuple(sorted(self._relations.items())),
            assistance=tuple(sorted(self._assistance.items())),
            findings=tuple(self._severities.items()),
            exit_code=exit_code(self._outcomes),
        )


def _add(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1


def _rank(status: str) -> int:
    return _WORST_FIRST.index(status) if status in _WORST_FIRST else -1
