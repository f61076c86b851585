from __future__ import annotations

import doctest
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core import text
from sox_hooks.core.text import decode, encode, printable


def test_examples_in_the_docstrings():
    assert doctest.testmod(text).failed == 0


@given(st.binary())
def test_bytes_survive_decoding(raw):
    assert encode(decode(raw)) == raw


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("Überweisung 東京", "Überweisung 東京"),
        ("a\nb\tc\r", r"a\x0ab\x09c\x0d"),
        ("nul\0", r"nul\x00"),
        ("\x1b[31mred\x1b]8;;http://evil\x07", r"\x1b[31mred\x1b]8;;http://evil\x07"),
        ("\x9b31m", r"\x9b31m"),  # CSI as one C1 character
        ("access\u202etxt.exe", r"access\u202etxt.exe"),
        ("\u2066hidden\u2069", r"\u2066hidden\u2069"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("line\u2028sep", r"line\u2028sep"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("soft\u00adhyphen nbsp\u00a0", r"soft\xadhyphen nbsp\xa0"),
        ("lone \ud83d", r"lone \ud83d"),
        ("\ufffe", r"\ufffe"),
        (b"caf\xe9", r"caf\xe9"),
        (b"\xf0\x9f\x98\x80", "\U0001f600"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_what_a_terminal_would_interpret_is_escaped(raw, shown):
    assert printable(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("##[error]x", r"#\x23[error]x"),
        ("a ##[stop-commands]b ##[c]", r"a #\x23[stop-commands]b #\x23[c]"),
        ("###[x]", r"##\x23[x]"),
        ("##vso[task.setvariable variable=a]b", r"#\x23vso[task.setvariable variable=a]b"),
        ("##teamcity[buildStop]", r"#\x23teamcity[buildStop]"),
        ("::add-mask::x", r"\x3a:add-mask::x"),
        ("  ::add-mask::x", r"  \x3a:add-mask::x"),
        ("std::vector", "std::vector"),
        ("## Heading", "## Heading"),
        ("#[derive]", "#[derive]"),
    ],
)
def test_what_a_ci_runner_would_obey_is_broken(raw, shown):
    assert printable(raw) == shown


def test_limit_shortens():
    assert printable("abcdefghij", 10) == "abcdefghij"
    assert printable("abcdefghijk", 10) == "abcdefg..."


@given(st.one_of(st.text(st.characters()), st.binary()))
def test_nothing_unsafe_is_left_and_twice_is_as_once(raw):
    shown = printable(raw)
    bad = [char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co")]
    assert bad == []
    assert "##[" not in shown
    assert not shown.lstrip().startswith("::")
    assert printable(shown) == shown
    shown.encode("utf-8")
