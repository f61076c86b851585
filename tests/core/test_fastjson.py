"""Our reader of our own JSON agrees with `json`, and never lets anything through that `json` refuses."""

from __future__ import annotations

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.fastjson import dumps, loads

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_reads_what_json_writes(value: object) -> None:
    assert loads(json.dumps(value, separators=(",", ":"))) == value


@given(VALUES | st.floats() | st.dictionaries(st.integers(), st.integers(), max_size=2))
def test_writes_what_json_writes(value: object) -> None:
    assert dumps(value) == json.dumps(value, separators=(",", ":"))


@given(st.text(alphabet='{}[]",:0123456789.truefalsn \\u', max_size=30))
def test_refuses_what_json_refuses(text: str) -> None:
    expected, ours = outcome(json.loads, text), outcome(loads, text)
    # White space around a value is the one thing that ours need not take.
    assert ours == expected or (ours == REFUSED and text != text.strip())


REFUSED = object()


def outcome(reader: Callable[[str], object], text: str) -> object:
    try:
        return reader(text)
    except ValueError:
        return REFUSED
