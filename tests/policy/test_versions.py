"""Versions of tools, and the ranges of the register."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.policy.versions import parse_range, parse_version, satisfies

ORDER = [
    "0.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.2",
    "1.10",
    "2.1.0-beta",
    "2.1.0",
    "2.1.263",
    "2024.12",
]


@pytest.mark.parametrize("at", range(len(ORDER) - 1))
def test_order(at: int) -> None:
    lower, higher = parse_version(ORDER[at]), parse_version(ORDER[at + 1])
    assert lower is not None
    assert higher is not None
    assert lower < higher


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2.1", "2.1.0"),
        ("v2.1", "2.1"),
        ("2.1.0+build.5", "2.1"),
        ("1.0rc1", "1.0-rc.1"),
        ("0", "0.0"),
        ("2.01", "2.1"),
    ],
)
def test_equal(one: str, other: str) -> None:
    assert parse_version(one) == parse_version(other) is not None


@pytest.mark.parametrize(
    "text",
    ["", "latest", "2.", ".2", "2..1", "2.1 ", "2.x", "2.1\n", "-1", "2,1", "٢.١", "9" * 13, "1" + ".1" * 8, "1+"],
)
def test_what_is_no_version(text: str) -> None:
    assert parse_version(text) is None
    assert satisfies(text, ">=0") is None


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("2.1.263", ">=2.1,<3", True),
        ("2.1", ">=2.1,<3", True),
        ("2.1.0-beta", ">=2.1,<3", False),
        ("2.0.9", ">=2.1,<3", False),
        ("3.0.0", ">=2.1,<3", False),
        ("3.0.0-beta", ">=2.1,<3", False),
        ("3.0.0-beta", ">=2.1,<=3", True),
        ("3.0.0-alpha", "<3.0.0-beta", True),
        ("2.9.9-rc1", "<3", True),
        ("2.10", ">2.9", True),
        ("2.1.5", "!=2.1.5", False),
        ("2.1.6", "!=2.1.5 , >= 2", True),
        ("2.1", "==2.1.0", True),
        ("unknown", ">=2.1", None),
        ("", ">=2.1", None),
        ("2.1", "2.1", None),
        ("2.1", ">=two", None),
        ("2.1", "", None),
    ],
)
def test_satisfies(version: str, wanted: str, expected: bool | None) -> None:
    assert satisfies(version, wanted) is expected


@pytest.mark.parametrize("text", ["", ">=", "2.1", "~=2.1", ">=2.1,", ">=2.1;<3", "=>2", ">=latest"])
def test_a_range_that_makes_no_sense_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        parse_range(text)


@given(
    st.lists(st.integers(0, 10**12 - 1), min_size=1, max_size=8), st.lists(st.integers(0, 99), min_size=1, max_size=8)
)
def test_numbers_decide(one: list[int], other: list[int]) -> None:
    text, bound = ".".join(map(str, one)), ".".join(map(str, other))
    width = max(len(one), len(other))
    below = one + [0] * (width - len(one)) < other + [0] * (width - len(other))
    assert satisfies(text, f"<{bound}") is below
    assert satisfies(text, f">={bound}") is not below


@given(st.text(max_size=30), st.text(max_size=30))
def test_nothing_raises(version: str, wanted: str) -> None:
    assert satisfies(version, wanted) in (True, False, None)
