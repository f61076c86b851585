from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.errors import ConfigError, SoxError
from sox_hooks.core.findings import Finding, Place
from sox_hooks.core.lines import MOST_LINES, error_lines, finding_lines

ANYTHING = st.text(st.characters(), max_size=60)
PLACE = Place(".sox/policy.toml", 41, 3)


def test_a_finding_says_what_where_why_fix_docs():
    finding = Finding(
        "SOX202", "error", "cursor is not approved", "src/a.py", "1" * 40, "tier restricted", PLACE, "use another tool"
    )
    assert finding_lines(finding) == [
        "SOX202 error: cursor is not approved",
        "  where: src/a.py (commit 111111111111)",
        "  why:   tier restricted (.sox/policy.toml:41:3)",
        "  fix:   use another tool",
        "  docs:  sox-hooks explain SOX202",
    ]


def test_a_finding_about_a_policy_file_stands_where_the_place_is():
    assert finding_lines(Finding("SOX002", "error", "unknown key", place=PLACE))[1:] == [
        "  where: .sox/policy.toml:41:3",
        "  docs:  sox-hooks explain SOX002",
    ]


def test_a_policy_line_without_a_reason_is_still_named():
    assert "  why:   see .sox/policy.toml:41:3" in finding_lines(Finding("SOX201", "error", "no", "a", place=PLACE))


def test_an_error_says_what_where_why_fix():
    error = SoxError("no key", where="~/.ssh", why="it is missing", fix="sox-hooks keys enrol", rule="SOX710")
    assert error_lines(error) == [
        "sox-hooks: no key",
        "  where: ~/.ssh",
        "  why:   it is missing",
        "  fix:   sox-hooks keys enrol",
        "  docs:  sox-hooks explain SOX710",
    ]
    assert error_lines(SoxError("short")) == ["sox-hooks: short"]


def test_the_findings_of_a_config_error_fill_what_is_left_of_eight_lines():
    findings = tuple(Finding("SOX002", "error", f"unknown key k{n}", place=PLACE) for n in range(20))
    lines = error_lines(ConfigError("cannot use .sox/", fix="sox-hooks policy lint", findings=findings))
    assert len(lines) == MOST_LINES
    assert lines[1] == "  .sox/policy.toml:41:3: SOX002 error: unknown key k0"
    assert lines[-2:] == ["  and 15 more", "  fix:   sox-hooks policy lint"]
    # All of them where they fit, and the one that is the headline already is not told twice.
    few = error_lines(ConfigError("x: unknown key k0 (and 2 more)", findings=findings[:3]))
    assert [line.rpartition(" ")[2] for line in few[1:]] == ["k1", "k2"]


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING, st.integers(0, 30))
def test_never_more_than_eight_lines_and_nothing_raw(what, where, why, fix, path, count):
    findings = tuple(Finding("SOX002", "error", what + str(n), path, place=Place(where)) for n in range(count))
    for lines in (
        error_lines(ConfigError(what, where=where, why=why, fix=fix, rule="SOX001", findings=findings)),
        finding_lines(Finding("SOX001", "error", what, path, where, why, Place(where), fix)),
    ):
        assert 1 <= len(lines) <= MOST_LINES
        assert all(line.isprintable() for line in lines)


def test_a_very_long_message_is_cut():
    assert len(finding_lines(Finding("SOX001", "error", "x" * 100_000))[0]) < 500
