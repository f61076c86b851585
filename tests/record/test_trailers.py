"""How our trailers are spelled, and what only looks like them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.trailers import parse_block
from sox_hooks.record.trailers import (
    assisted_by_value,
    look_alikes,
    looks_like_own,
    misplaced,
    record_lines,
    signature_lines,
)


@pytest.mark.parametrize(
    ("tool", "version", "model", "value"),
    [
        ("claude-code", "", "", "claude-code"),
        ("claude-code", "2.1.263", "claude-opus-4-8", "claude-code@2.1.263:claude-opus-4-8"),
        ("cursor", "", "gpt-5/mini:latest", "cursor:gpt-5/mini:latest"),
        ("x", "1:2/3", "", "x@1-2-3"),
        ("x", "1 (beta)", "a b\n\x1b[31m\u00e9", "x@1--beta-:a-b---31m-"),
        ("x", "", "m" * 100, "x:" + "m" * 57),
    ],
)
def test_assisted_by_value(tool: str, version: str, model: str, value: str) -> None:
    assert assisted_by_value(tool, version, model) == value
    assert len(f"Assisted-by: {value}") <= 72


def test_the_kernel_names_no_product() -> None:
    assert assisted_by_value("claude-code", "2.1.263", "claude-opus-4-8", spelling="llm") == "LLM"


@given(st.text(min_size=1), st.text(), st.text())
def test_any_value_is_one_trailer(tool: str, version: str, model: str) -> None:
    value = assisted_by_value(tool, version, model)
    (trailer,) = parse_block(b"s\n\nAssisted-by: " + value.encode("ascii"))
    assert trailer.value == value
    assert len(trailer.raw) <= 72


def test_record_lines() -> None:
    parameters = (("policy", "a" * 64), ("change", "b" * 43))
    assert record_lines("v1", "2026-11-23T14:02:11Z", parameters) == [
        b"Sox-Record: v1 2026-11-23T14:02:11Z",
        b" policy=" + b"a" * 64,
        b" change=" + b"b" * 43,
    ]


def test_a_sha256_policy_just_fits() -> None:
    assert len(record_lines("v1", "2026-11-23T14:02:11Z", (("policy", "a" * 64),))[1]) == 72


def test_too_wide() -> None:
    with pytest.raises(ValueError, match="72 columns"):
        record_lines("v1", "2026-11-23T14:02:11Z", (("exception", "e" * 62),))


@pytest.mark.parametrize(("size", "lines"), [(1, 1), (51, 1), (52, 2), (209, 4), (1_124, 22)])
def test_signature_lines(size: int, lines: int) -> None:
    blob = bytes(range(256)) * 5
    first, *body = signature_lines(blob[:size])
    assert first == b"Sox-Signature:"
    assert len(body) == lines
    assert all(line.startswith(b" ") and len(line) <= 71 for line in body)
    assert all(len(line) == 71 for line in body[:-1])
    assert base64.b64decode(b"".join([line[1:] for line in body]), validate=True) == blob[:size]


LOOK_ALIKES = [
    b"AI-Assistance : none",
    b"Sox-Record\t: v1",
    "\u0410I-Assistance: none".encode(),
    "AI\u2010Assistance: none".encode(),
    "AI-Assis\u200btance: none".encode(),
    "\ufeffAI-Assistance: none".encode(),
    "AI-Assistance\uff1a none".encode(),
    "S\u043ex-Rec\u043erd: v1".encode(),
    "\uff33\uff4f\uff58-\uff32\uff45\uff43\uff4f\uff52\uff44: v1".encode(),
    "Sox-Signat\u00fcre: x".encode(),
    b"AI-Assist\xe4nce: none",
    b"AI-Assistance\xa0: none",
]
INNOCENT = [
    b"AI-Assistance: none",
    b"Sox-Record: v1",
    b"Sox-Recording: v1",
    b"Records: v1",
    b"prose with a colon: here",
    b"no colon",
    b"",
    b":",
    "\u0410\u0418-\u041f\u043e\u043c\u043e\u0449\u044c: \u043d\u0435\u0442".encode(),
    "caf\u00e9: x".encode(),
    "\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e\u65e5: x".encode(),
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff: x",
]


@pytest.mark.parametrize("line", LOOK_ALIKES)
def test_look_alikes(line: bytes) -> None:
    assert looks_like_own(line)
    ((kind, _),) = misplaced(b"s\n\n  " + line + b"\n\nA: 1\n")
    assert kind == "look-alike"
    assert bool(look_alikes(b"s\n\n" + line, ascii_too=False)) is not line.isascii()


@pytest.mark.parametrize("line", INNOCENT)
def test_innocent_lines(line: bytes) -> None:
    assert not looks_like_own(line)


@given(st.binary(max_size=60))
def test_any_line_has_an_answer(line: bytes) -> None:
    assert looks_like_own(line) in (True, False)


def test_misplaced() -> None:
    message = (
        b"s\n\nAI-Assistance: in the body\n\n    sox-record: v1\n     policy=x\x1b[31m\n\nA: 1\n  Sox-Signature: abc\n"
        b"AI-Assistance: in the block\nAssisted-by: no matter\nprose\n  AI-Assistance: \x1b[31m\n"
    )
    assert misplaced(message) == (
        ("elsewhere", "AI-Assistance: in the body"),
        ("elsewhere", "sox-record: v1"),
        ("elsewhere", "Sox-Signature: abc"),
        ("elsewhere", "AI-Assistance: \\x1b[31m"),
    )


def test_no_more_than_a_hundred() -> None:
    assert len(misplaced(b"s\n" + b"Sox-Record: x\n" * 5_000)) == 100
    assert len(misplaced(b"s\n" + b"Sox-Record : x\n" * 5_000)) == 100
    assert len(misplaced(b"s\n" + b"Sox-Record : x\nSox-Record: x\n" * 60)) == 100
