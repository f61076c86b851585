"""JSON of the user's: what cannot come out again as it went in is refused with its place."""

from __future__ import annotations

import sys

import pytest

from sox_hooks.agents.json_text import parse, render
from sox_hooks.core.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{\n  "a": 1, // why\n}', ":2:11"),
        # Python 3.13 names the comma, those before it what stands behind.
        ('{\n  "a": 1,\n}', ":2:9" if sys.version_info >= (3, 13) else ":3:1"),
        ('{"a": 1, "a": 2}', ""),
        ("[]", ""),
        ("[" * 99999, ""),
    ],
)
def test_what_is_refused(text, where):
    with pytest.raises(ConfigError) as refused:
        parse(text)
    assert refused.value.where == where


def test_line_ends_byte_order_mark_and_bytes_that_are_not_utf_8_are_kept():
    text = b'\xef\xbb\xbf{\r\n\t"a": "\xff"\r\n}'.decode("utf-8", "surrogateescape")
    assert render({**parse(text), "b": 1}, text).encode("utf-8", "surrogateescape") == (
        b'\xef\xbb\xbf{\r\n\t"a": "\xff",\r\n\t"b": 1\r\n}'
    )
    assert parse("") == parse("\ufeff\n") == {}
