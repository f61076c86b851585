"""The strict reader of stored messages, by table and against real git."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.text import encode
from sox_hooks.core.trailers import all_trailers, block_lines, last_paragraph, parse_block, split_block

TABLE = {
    "empty": (b"", []),
    "white space only": (b" \n\t\r\n\n", []),
    "subject only": (b"Fix it\n", []),
    "subject that looks like a trailer": (b"AI-X: 5\n", []),
    "subject of two lines": (b"Fix it\nAI-X: 5\n", []),
    "blank lines before the subject": (b"\n\nAI-X: 5\n", []),
    "plain": (b"s\n\nbody\n\nA: 1\nB: 2\n", [("A", "1"), ("B", "2")]),
    "directly after the subject": (b"s\n\nA: 1\n", [("A", "1")]),
    "no newline at the end": (b"s\n\nA: 1", [("A", "1")]),
    "blank lines at the end": (b"s\n\nA: 1\n\n \n\t\r\n", [("A", "1")]),
    "last paragraph is prose": (b"s\n\nA: 1\n\nthe end\n", []),
    "blank line of white space": (b"s\n\nA: 1\n \t \nB: 2\n", [("B", "2")]),
    "form feed is not blank": (b"s\n\nA: 1\n\x0c\nB: 2\n", [("A", "1"), ("B", "2")]),
    "folded with SP and TAB": (b"s\n\nA: 1\n  2 \n\t3\nB: 4\n", [("A", "1 2 3"), ("B", "4")]),
    "folded, nothing on the first line": (b"s\n\nA:\n 1\n 2\n", [("A", "1 2")]),
    "no space after the colon": (b"s\n\nA:1\n", [("A", "1")]),
    "space before the colon is no trailer": (b"s\n\nA : 1\nB: 2\n", [("B", "2")]),
    "empty value": (b"s\n\nA:\nB: 2\n", [("A", ""), ("B", "2")]),
    "prose in the block": (b"s\n\nA: 1\nsome prose here\n more: prose\nB: 2\n", [("A", "1"), ("B", "2")]),
    "cherry picked": (b"s\n\nA: 1\n(cherry picked from commit abc: x)\nB: 2\n", [("A", "1"), ("B", "2")]),
    "comment kept by git": (b"s\n\nA: 1\n# Conflicts:\n#\tfile\n", [("A", "1")]),
    "indented first line": (b"s\n\n A: 1\nB: 2\n", [("B", "2")]),
    "--- is no divider": (b"s\n\nbody\n---\nmore\n\nA: 1\n", [("A", "1")]),
    "--- in the block": (b"s\n\nA: 1\n---\nB: 2\n", [("A", "1"), ("B", "2")]),
    "CRLF": (b"s\r\n\r\nbody\r\n\r\nA: 1\r\n 2\r\nB: 3\r\n", [("A", "1 2"), ("B", "3")]),
    "CRLF in the body only": (b"s\r\n\r\nbody\r\n\nA: 1\n", [("A", "1")]),
    "NUL before the block": (b"s\n\nbo\0dy\n\nA: 1\n", [("A", "1")]),
    "NUL in a value": (b"s\n\nA: 1\0 2\n", [("A", "1\0 2")]),
    "NUL in a key": (b"s\n\nA\0B: 1\n", []),
    "not UTF-8": (b"s\n\nA: caf\xe9\n", [("A", "caf\udce9")]),
    "look-alike letter in the key": ("s\n\n\u0410I: 1\nB: 2\n".encode(), [("B", "2")]),
    "zero-width space in the key": ("s\n\nA\u200bI: 1\n".encode(), []),
    "digits and dashes": (b"s\n\n9-a-: 1\n", [("9-a-", "1")]),
    "underscore is no key": (b"s\n\nA_B: 1\n", []),
    "address is a trailer to git, too": (b"s\n\nhttps://example.org\n", [("https", "//example.org")]),
    "repeated, mis-cased": (b"s\n\nA: 1\na: 2\nA: 1\n", [("A", "1"), ("a", "2"), ("A", "1")]),
}


@pytest.mark.parametrize("name", TABLE)
def test_parse_block(name: str) -> None:
    message, expected = TABLE[name]
    assert [(trailer.key, trailer.value) for trailer in parse_block(message)] == expected


def test_raw_lines_are_kept() -> None:
    (first, second) = parse_block(b"s\n\nA: 1\r\n  2\r\nprose\nB: 3\n")
    assert first.raw == b"A: 1\r\n  2\r"
    assert second.raw == b"B: 3"


def test_last_paragraph_offsets() -> None:
    message = b"s\n\nbody\n \nA: 1\nB: 2 \n\n"
    start, end = last_paragraph(message)
    assert message[start:end] == b"A: 1\nB: 2"
    assert last_paragraph(b"") == (0, 0)
    assert last_paragraph(b"\n \n") == (0, 0)


def test_all_trailers_of_a_squash_message() -> None:
    message = (
        b"Squashed commit of the following:\n\ncommit abc\nAuthor: Alice\n\n    one\n\n"
        b"    AI-Assistance: assisted\n    Sox-Record: v1\n     policy=x\n\nA: 1\n  B: 2\n  rest\n"
    )
    found = [(trailer.key, trailer.value, trailer.in_block) for trailer in all_trailers(message)]
    assert found == [
        ("Author", "Alice", False),
        ("AI-Assistance", "assisted", False),
        ("Sox-Record", "v1 policy=x", False),
        ("A", "1 B: 2 rest", True),
        ("B", "2", False),
    ]


def test_all_trailers_of_a_subject() -> None:
    assert [(trailer.key, trailer.in_block) for trailer in all_trailers(b"A: 1\n")] == [("A", False)]


@given(st.lists(st.sampled_from([b"A: 1", b"b", b" c", b"\tD: 2", b"", b" ", b"\r", b"# x", b"E:", b"\xff: 1", b"\0"])))
def test_invariants(lines: list[bytes]) -> None:
    message = b"\n".join(lines)
    start, end = last_paragraph(message)
    assert 0 <= start <= end <= len(message)
    assert not message[end:].strip()
    assert all(line.strip(b" \t\r\n") for line in message[start:end].split(b"\n")) or start == end
    found = parse_block(message)
    assert [trailer for trailer in all_trailers(message) if trailer.in_block] == [
        type(next(all_trailers(b"A: 1")))(*trailer.astuple(), True) for trailer in found
    ]
    for trailer in found:
        assert trailer.raw in message[start:end]
        assert encode(trailer.value).split() == trailer.raw.split(b":", 1)[1].split()


@pytest.mark.parametrize(
    ("message", "count"),
    [
        (b"s\n\n" + b"Key: value\n" * 100_000, 100_000),
        (b"s\n\nA:\n" + b" x\n" * 1_000_000, 1),
        (b"s\n\nA: 1" + b"\n \t\r" * 2_000_000, 1),
        (b"s\n\n" + b"word: " * 1_700_000, 1),
        (b"s\r\n" + b"line\r\n\r\n" * 800_000 + b"A: 1\r\n", 1),
        (b"\n" * 10_000_000, 0),
        (b"s\n\n" + b"\n" * 10_000_000 + b"A: 1", 1),
        (b"a" * 10_000_000, 0),
    ],
    ids=["100,000 trailers", "folds", "blank tail", "one line", "CRLF", "newlines", "gap", "no newline"],
)
def test_linear_time(message: bytes, count: int) -> None:
    """Generous: quadratic behaviour would take minutes."""
    begun = time.process_time()
    assert len(parse_block(message)) == count
    assert sum(1 for trailer in all_trailers(message) if trailer.in_block) == count
    assert time.process_time() - begun < 20


def test_split_block_needs_no_message() -> None:
    assert split_block([b"A: 1", b" 2", b"prose", b" 3"]) == [(b"A", [b"A: 1", b" 2"])]
    assert block_lines(b"s\n\nA: 1\n 2\n") == [b"A: 1", b" 2"]
    assert block_lines(b"A: 1\n") == []
