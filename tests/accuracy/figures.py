"""Precision and recall of verdicts about the corpus, and the words and tables that show them.

Positive is `ai`. A row that is `unknown` can be no miss; to call it `ai` is a false alarm, because nothing says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tests.accuracy.corpus import AI, BOT, SOURCES, UNKNOWN, Row, Verdict

Judged = Sequence[tuple[Row, Verdict]]


class Figures(NamedTuple):
    """Counts over some rows, and the rows that a program gets wrong."""

    ai: int
    other: int
    missed: tuple[Row, ...]
    alarms: tuple[Row, ...]

    @property
    def found(self) -> int:
        """Rows that are `ai` and called so."""
        return self.ai - len(self.missed)

    @property
    def precision(self) -> str:
        """Of what it calls AI, how much is."""
        return _share(self.found, self.found + len(self.alarms))

    @property
    def recall(self) -> str:
        """Of what is AI, how much it calls so."""
        return _share(self.found, self.ai)


def figures(judged: Iterable[tuple[Row, Verdict]], positive: str = AI) -> Figures:
    """For one label against all others."""
    ai = [(row, verdict) for row, verdict in judged if row.label == positive]
    other = [(row, verdict) for row, verdict in judged if row.label != positive]
    return Figures(
        len(ai),
        len(other),
        tuple([row for row, verdict in ai if verdict.label != positive]),
        tuple([row for row, verdict in other if verdict.label == positive]),
    )


def as_expected(row: Row, verdict: Verdict) -> bool:
    """Whether a verdict is the row's label and names the row's tools."""
    wanted = row.label if row.label in (AI, BOT) else ""
    return verdict.label == wanted and verdict.tools == row.tools


def lines(program: str, judged: Judged, reads: Iterable[str]) -> dict[str, str]:
    """A table row for each source, then for all that the program reads, then for everything."""
    found = {}
    reads = tuple(reads)
    for source in SOURCES:
        part = [(row, verdict) for row, verdict in judged if row.reads == source]
        found[source] = _line(source, program, figures(part) if source in reads else None)
    part = [(row, verdict) for row, verdict in judged if row.reads in reads]
    found["read"] = _line("**all that it reads**", program, figures(part))
    found["everything"] = _line("**everything**", program, figures(judged))
    return found


def _line(what: str, program: str, have: Figures | None) -> str:
    if have is None:
        return f"| {what} | {program} | does not read it | | | | |"
    unsure = sum(row.label == UNKNOWN for row in have.alarms)
    alarms = f"{len(have.alarms)}" + (f" ({unsure} where nobody can tell)" if unsure else "")
    return (
        f"| {what} | {program} | {have.found} of {have.ai} | {len(have.missed)} | {alarms} of {have.other} "
        f"| {have.precision} | {have.recall} |"
    )


def bot_line(program: str, judged: Judged, reads: Iterable[str]) -> str:
    """The same for automation that is not AI."""
    reads = tuple(reads)
    have = figures([(row, verdict) for row, verdict in judged if row.reads in reads], BOT)
    return f"| {program} | {have.found} of {have.ai} | {len(have.alarms)} | {have.precision} | {have.recall} |"


def tool_line(judged: Judged) -> str:
    """How often the right tools are named where AI is found; exactly those, no more."""
    found = [(row, verdict) for row, verdict in judged if row.label == AI and verdict.label == AI]
    right = sum(row.tools == verdict.tools for row, verdict in found)
    return f"Of {len(found)} rows that sox-hooks finds, it names exactly the right tools in {right}."


def own_faults(judged: Judged) -> list[str]:
    """A line for each row that we get wrong, with the reason from the corpus."""
    told = []
    for row, verdict in judged:
        if not as_expected(row, verdict):
            kind = "missed" if row.label == AI and not verdict.label else "false alarm"
            if row.label == verdict.label:
                kind = f"names {', '.join(sorted(verdict.tools))} for {', '.join(sorted(row.tools))}"
            told.append(f"* {row.reads}, {row.name}: {kind}. {row.fails or '**not expected**'}.")
    return told


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"
