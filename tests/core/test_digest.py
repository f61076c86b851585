from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.digest import b64url, b64url_decode, sha256, sha256_hex


@given(st.binary())
def test_as_the_standard_library_has_it(data):
    assert sha256_hex(data) == hashlib.sha256(data).hexdigest()
    assert sha256(data).digest() == hashlib.sha256(data).digest()
    assert b64url(data) == base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    assert b64url_decode(b64url(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        "A",  # no whole byte
        "AB",  # the last character holds bits that nothing asked for
        "AA==",  # padded
        "A A",
        "AA\n",
        "+A",
        "/w",
        "Ä",
        "=",
        "AA=A",
        "****",
    ],
)
def test_only_the_canonical_form_is_read(text):
    with pytest.raises(ValueError, match="base64url"):
        b64url_decode(text)


@given(st.text(alphabet="AQgwZz09-_+/= \n", max_size=12))
def test_whatever_is_read_is_written_back_the_same(text):
    try:
        data = b64url_decode(text)
    except ValueError:
        return
    assert b64url(data) == text
