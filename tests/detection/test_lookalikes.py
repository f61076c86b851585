"""Letters that look like others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.detection.lookalikes import fold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ASCII", "plain ASCII"),
        ("Сlаudе", "Claude"),
        ("Ϲlαυde", "Claude"),
        ("ＣＬＡＵＤＥ", "CLAUDE"),
        ("𝗖𝗹𝗮𝘂𝗱𝗲", "Claude"),
        ("ⓒⓛⓐⓤⓓⓔ", "claude"),
        ("Cla\u200bu\u200dd\ufeffe\u00ad", "Claude"),
        ("a\u00a0b", "a b"),
        ("co‑authored–by：", "co-authored-by:"),
        ("Zoë 修正 🤖", "Zoë 修正 🤖"),
        ("a\ufe0fb\U000e0041c", "abc"),
        ("x\udcff", "x\udcff"),
    ],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more_and_keeps_lines(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once.count("\n") == text.count("\n")
