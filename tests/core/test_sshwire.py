"""The primitives of SSH's wire format: one spelling for every value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.sshwire import (
    WireError,
    decode_base64,
    encode_base64,
    put_mpint,
    put_string,
    take_mpint,
    take_string,
    take_text,
)


@given(st.binary(max_size=80), st.binary(max_size=20))
def test_a_string_is_read_back_and_the_rest_is_left(value, rest):
    wire = put_string(value)
    assert take_string(wire + rest, 0) == (value, len(wire))


@given(st.integers(min_value=1, max_value=2**600))
def test_a_number_is_read_back(value):
    wire = put_mpint(value)
    assert take_mpint(wire, 0) == (value, len(wire))


@pytest.mark.parametrize(
    ("value", "wire"),  # the examples of RFC 4251 section 5
    [
        (0, "00000000"),
        (0x9A378F9B2E332A7, "0000000809a378f9b2e332a7"),
        (0x80, "000000020080"),
    ],
)
def test_numbers_are_written_as_in_the_rfc(value, wire):
    assert put_mpint(value).hex() == wire


@pytest.mark.parametrize(
    "wire",
    [b"", b"\0\0\0", b"\0\0\0\2a", b"\xff\xff\xff\xff", b"\xff\xff\xff\xffabc", b"\x7f\xff\xff\xffabc"],
    ids=repr,
)
def test_a_length_that_lies_is_refused(wire):
    with pytest.raises(WireError, match="cut short"):
        take_string(wire, 0)


@pytest.mark.parametrize(
    "value",
    [b"", b"\0", b"\0\x01", b"\0\0\x80", b"\x80", b"\xff\x38"],
    ids=["empty", "zero", "leading-zero", "two-leading-zeros", "negative", "negative-2"],
)
def test_a_number_that_is_not_positive_and_shortest_is_refused(value):
    with pytest.raises(WireError, match="shortest"):
        take_mpint(put_string(value), 0)


@pytest.mark.parametrize("value", [b"sha512\0", b"\0", b"a b", b"a\n", b"\x1b[31m", b"caf\xc3\xa9", b"\xff", b"\x7f"])
def test_a_name_is_visible_ascii(value):
    with pytest.raises(WireError, match="characters"):
        take_text(put_string(value), 0)
    assert take_text(put_string(b"sha512"), 0) == ("sha512", 10)


@given(st.binary(max_size=100))
def test_base64_has_one_form(data):
    text = encode_base64(data)
    assert decode_base64(text) == data
    for other in (text + "\n", " " + text, text + "=", text.rstrip("=") + "==="):
        with pytest.raises(WireError, match="base64"):
            decode_base64(other)


@pytest.mark.parametrize("text", ["QQ", "QR==", "Q===", "QQ==QQ==", "QQ==\0", "QQ-_", "ä", "====", "\ud800"])
def test_other_base64_is_refused(text):
    with pytest.raises(WireError, match="base64"):
        decode_base64(text)
