"""The bytes that are signed, against json and the examples of RFC 8785."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.digest import b64url
from sox_hooks.core.trailers import parse_block
from sox_hooks.record.record import Record
from sox_hooks.record.statement import PAYLOAD_TYPE, canonical, pae, payload, quoted, statement

CHANGE = bytes(range(32))
RECORD = Record(
    "assisted",
    ("claude-code@2.1.263:claude-opus-4-8",),
    "v1",
    "2026-11-23T14:02:11Z",
    (("policy", "a" * 40), ("change", b64url(CHANGE)), ("patch", b64url(CHANGE)), ("log", "abc.1.def"), ("x-new", "1")),
)

text = st.text(st.characters(exclude_categories=("Cs",)))
trees = st.recursive(text, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=20)


def test_the_documented_bytes() -> None:
    body = (
        b'{"_type":"https://in-toto.io/Statement/v1","predicate":{"assistance":"assisted",'
        b'"assistedBy":["claude-code@2.1.263:claude-opus-4-8"],"author":"alice@bank.example","record":{"parameters":{'
        b'"change":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","log":"abc.1.def",'
        b'"patch":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","policy":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",'
        b'"x-new":"1"},"time":"2026-11-23T14:02:11Z","version":"v1"},"repository":"bank/ledger"},'
        b'"predicateType":"urn:sox-hooks:commit-record:v1","subject":[{"digest":{'
        b'"sha256":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},"name":"change"}]}'
    )
    assert statement(RECORD, "bank/ledger", b"alice@bank.example") == body
    expected = b"DSSEv1 28 application/vnd.in-toto+json " + str(len(body)).encode() + b" " + body
    assert payload(RECORD, "bank/ledger", b"alice@bank.example") == expected


def test_pae_example_of_dsse() -> None:
    """https://github.com/secure-systems-lab/dsse/blob/master/protocol.md, test vectors."""
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert len(PAYLOAD_TYPE) == 28


def test_lengths_are_bytes() -> None:
    body = statement(RECORD, "bank/l\u00e9dger", "j\u00f6rg@bank.example".encode())
    assert json.loads(body)["predicate"]["author"] == "j\u00f6rg@bank.example"
    assert pae("t\u00fcp", body).startswith(b"DSSEv1 4 t\xc3\xbcp %d {" % len(body))


@given(st.binary())
def test_any_address_can_be_signed(address: bytes) -> None:
    predicate = json.loads(statement(RECORD, "bank/ledger", address))["predicate"]
    try:
        expected = {"author": address.decode("utf-8")}
    except UnicodeDecodeError:
        expected = {"authorBytes": b64url(address)}
    assert {key: predicate[key] for key in predicate if key.startswith("author")} == expected


@given(st.lists(st.binary().map(lambda raw: raw.replace(b"\n", b"")), max_size=4))
def test_any_value_of_assisted_by_can_be_signed(values: list[bytes]) -> None:
    message = b"s\n\n" + b"".join([b"Assisted-by: " + value + b"\n" for value in values])
    read = tuple([trailer.value for trailer in parse_block(message)])
    predicate = json.loads(statement(RECORD.replace(assisted_by=read), "bank/ledger", b"a@b"))["predicate"]
    tidy = [value.strip(b" \t\r") for value in values]
    try:
        expected = {"assistedBy": [value.decode("utf-8") for value in tidy]}
    except UnicodeDecodeError:
        expected = {"assistedByBytes": [b64url(value) for value in tidy]}
    assert {key: predicate[key] for key in predicate if key.startswith("assistedBy")} == expected


def test_members_that_change_change_the_bytes() -> None:
    base = payload(RECORD, "bank/ledger", b"a@b")
    others = [
        payload(RECORD.replace(assistance="none"), "bank/ledger", b"a@b"),
        payload(RECORD.replace(assisted_by=()), "bank/ledger", b"a@b"),
        payload(RECORD.replace(assisted_by=(*RECORD.assisted_by, "x")), "bank/ledger", b"a@b"),
        payload(RECORD.replace(moment="2026-11-23T14:02:12Z"), "bank/ledger", b"a@b"),
        payload(RECORD.replace(version="v2"), "bank/ledger", b"a@b"),
        payload(RECORD, "bank/other", b"a@b"),
        payload(RECORD, "bank/ledger", b"A@b"),
        *[
            payload(
                RECORD.replace(parameters=RECORD.parameters[:n] + RECORD.parameters[n + 1 :]), "bank/ledger", b"a@b"
            )
            for n in (0, 2, 3, 4)
        ],
    ]
    assert len({base, *others}) == len(others) + 1


def test_the_order_of_parameters_is_not_signed() -> None:
    assert payload(RECORD.replace(parameters=RECORD.parameters[::-1]), "r", b"a@b") == payload(RECORD, "r", b"a@b")


def test_the_signature_is_not_signed() -> None:
    assert payload(RECORD.replace(signature=b"x"), "r", b"a@b") == payload(RECORD, "r", b"a@b")


def test_rfc_8785_strings() -> None:
    """Section 3.2.2's example: the euro sign, `$`, U+000F, LF, `A`, `'`, `B`, quotation mark, backslashes."""
    value = '\u20ac$\x0f\nA\'B"\\\\"/'
    assert quoted(value) == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'
    assert quoted("\b\t\n\f\r\x00\x1f\x7f\u2028") == '"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\u2028"'


def test_rfc_8785_sorting() -> None:
    """Section 3.2.3's example: by UTF-16 code units, so U+1F600 comes before U+FB33."""
    members = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\x80": "Control",
        "\xf6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical(members)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


@given(trees)
def test_reads_back(tree: object) -> None:
    assert json.loads(canonical(tree)) == tree


@given(
    st.recursive(
        text,
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=0xD7FF)), inner),
        max_leaves=20,
    )
)
def test_equals_json_where_code_units_sort_as_code_points(tree: object) -> None:
    expected = json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical(tree) == expected


@pytest.mark.parametrize("value", [1, 1.5, True, None, b"x", {"a": 1}, [None]])
def test_nothing_but_strings(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)
