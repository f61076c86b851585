"""What we say about every row of the labelled corpus, and what the page about it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from sox_hooks.agents.adapter import IDS
from sox_hooks.detection.catalogue import builtin
from tests.accuracy import figures
from tests.accuracy.corpus import AI, HUMAN, PAYLOAD, SOURCES, UNKNOWN, judge, origins, read_rows
from tests.accuracy.coverage import entries_without_row, excused

PAGE = Path(__file__).parents[2] / "docs/accuracy.md"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory):
    return judge(read_rows(), builtin(), tmp_path_factory.mktemp("corpus").resolve())


@pytest.mark.parametrize("source", SOURCES)
def test_every_row_has_the_verdict_of_its_label(judged, source: str) -> None:
    wrong = [
        f"{row.name}: {row.label} {sorted(row.tools)}, but we say {verdict}"
        for row, verdict in judged
        if row.reads == source and not row.fails and not figures.as_expected(row, verdict)
    ]
    assert wrong == []


def test_known_failures_still_fail(judged) -> None:
    """Whoever mends one takes the reason away, and the page about accuracy is made again."""
    mended = [row.name for row, verdict in judged if row.fails and figures.as_expected(row, verdict)]
    assert mended == []


def test_every_source_has_rows_of_both_kinds() -> None:
    rows = read_rows()
    for source in SOURCES:
        labels = {row.label for row in rows if row.reads == source}
        assert AI in labels
        assert labels & {HUMAN, UNKNOWN}
    assert {row.origin for row in rows} == set(origins())


def test_every_entry_of_the_catalogue_has_a_row_or_a_reason() -> None:
    assert entries_without_row(builtin(), read_rows()) == set(excused())


def test_every_agent_that_can_be_connected_has_a_payload() -> None:
    """Aider calls nobody."""
    assert {row.data["agent"] for row in read_rows() if row.reads == PAYLOAD} == {*IDS} - {"aider"}


def test_the_page_has_our_figures(judged) -> None:
    """Made again by `python3 benchmarks/accuracy.py`."""
    page = PAGE.read_text(encoding="utf-8")
    told = [*figures.lines("sox-hooks", judged, SOURCES).values(), figures.tool_line(judged)]
    told += [figures.bot_line("sox-hooks", judged, SOURCES), *figures.own_faults(judged)]
    assert [line for line in told if line not in page] == []


def test_figures_of_a_small_case(judged) -> None:
    ai = [pair for pair in judged if pair[0].label == AI][:3]
    people = [pair for pair in judged if pair[0].label == HUMAN][:2]
    blind = [(row, verdict._replace(label="")) for row, verdict in ai[:1]] + ai[1:]
    eager = [(people[0][0], people[0][1]._replace(label=AI)), people[1]]
    have = figures.figures([*blind, *eager])
    assert (have.found, have.ai, len(have.alarms), have.other) == (2, 3, 1, 2)
    assert (have.precision, have.recall) == ("66.7 %", "66.7 %")
    assert figures.figures([]).recall == "-"
