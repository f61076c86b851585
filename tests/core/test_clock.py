"""Times as text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.clock import is_moment, iso


@given(st.integers(0, 253_402_300_799))
def test_what_iso_writes_is_a_moment(seconds: int) -> None:
    assert is_moment(iso(seconds))


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-11-23", "2026-11-23T14:02:11", "2026-11-23 14:02:11Z", "2026-11-23T14:02:11z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z", "2026-04-00T00:00:00Z",
        "2026-04-30T24:00:00Z", "2026-04-30T23:60:00Z", "2026-04-30T23:59:60Z", "1900-02-29T00:00:00Z",
        "2026-11-23T14:02:1\u0661Z", "2026-11-23T14:02:11Z\n", " 026-11-23T14:02:11Z", "+026-11-23T14:02:11Z",
    ],
)  # fmt: skip
def test_what_is_no_moment(text: str) -> None:
    assert not is_moment(text)


@given(st.from_regex(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-5][0-9]Z", fullmatch=True))
def test_agrees_with_strptime(text: str) -> None:
    try:
        exists = iso_again(text) == text
    except ValueError:
        exists = False
    assert is_moment(text) is exists


def iso_again(text: str) -> str:
    form = "%Y-%m-%dT%H:%M:%SZ"
    return time.strftime(form, time.strptime(text, form))
