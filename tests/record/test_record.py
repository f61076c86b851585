"""Reading records strictly, and writing them so that they read back the same."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sox_hooks.core.digest import b64url
from sox_hooks.core.errors import UsageError
from sox_hooks.core.text import in_utf8
from sox_hooks.core.trailers import parse_block, split_block, unfold
from sox_hooks.record.block import joins, without
from sox_hooks.record.message import aborts, is_dropped, layout, stored
from sox_hooks.record.record import Record, final_assisted_by, read, render, write
from sox_hooks.record.trailers import is_own

DIGEST = b64url(bytes(range(32)))
PARAMETERS = (("policy", "a" * 40), ("change", DIGEST), ("patch", DIGEST), ("log", "abcdefabcdef.12.abcdefghijklm"))
RECORD = Record("assisted", ("cursor", "x@1:m"), "v1", "2026-11-23T14:02:11Z", PARAMETERS, bytes(range(210)))
BLOCK = b"\n".join(render(RECORD)) + b"\n"
GOOD = b"Fix it\n\nWhy.\n\n" + BLOCK


def test_render_is_the_documented_shape() -> None:
    lines = render(RECORD.replace(signature=b"x" * 60))
    assert lines == [
        b"AI-Assistance: assisted",
        b"Assisted-by: cursor",
        b"Assisted-by: x@1:m",
        b"Sox-Record: v1 2026-11-23T14:02:11Z",
        b" policy=" + b"a" * 40,
        b" change=" + DIGEST.encode(),
        b" patch=" + DIGEST.encode(),
        b" log=abcdefabcdef.12.abcdefghijklm",
        b"Sox-Signature:",
        b" " + b"eHh4" * 17 + b"eH",
        b" h4eHh4eHh4",
    ]
    assert render(RECORD.replace(signature=None)) == render(RECORD)[:8]


def test_read() -> None:
    reading = read(GOOD)
    assert reading.record == RECORD
    assert reading.problems == ()
    assert reading.misplaced == ()
    assert RECORD.parameter("log") == "abcdefabcdef.12.abcdefghijklm"
    assert RECORD.parameter("exception") == ""


SAME = {
    "other trailers around": GOOD + b"Signed-off-by: A <a@b>\n(cherry picked from commit abc)\n",
    "prose in the block": GOOD + b"prose\n",
    "mis-cased keys": GOOD.replace(b"AI-Assistance", b"ai-assistance").replace(b"Sox-Record", b"SOX-RECORD"),
    "CRLF": GOOD.replace(b"\n", b"\r\n"),
    "tabs": GOOD.replace(b"\n ", b"\n\t"),
    "deeper indentation": GOOD.replace(b"\n ", b"\n    "),
    "unfolded": GOOD.replace(b"\n ", b" "),
    "no end of line": GOOD[:-1],
    "blank lines at the end": GOOD + b"\n \n",
    "other order": b"s\n\n" + b"".join([b"%b\n" % t.raw for t in reversed(parse_block(GOOD))]).replace(b"cursor", b"y"),
    "a message that is not UTF-8": GOOD.replace(b"Why", b"\xff"),
}


@pytest.mark.parametrize("name", SAME)
def test_what_tools_may_do_to_it(name: str) -> None:
    expected = RECORD.replace(assisted_by=("x@1:m", "y")) if name == "other order" else RECORD
    assert read(SAME[name]).record == expected


def changed(old: bytes, new: bytes) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


BODY = base64.b64encode(bytes(range(210)))
MISREAD = {
    # name: message, kind, words of the detail
    "no trailers": (b"s\n", "absent", "no record"),
    "empty": (b"", "absent", "no record"),
    "only a claim": (b"s\n\nAI-Assistance: none\n", "absent", "alone"),
    "a paragraph below": (GOOD + b"\ntext\n", "absent", "no record"),
    "in the subject": (BLOCK, "absent", "no record"),
    "indented": (b"s\n\n    " + BLOCK.replace(b"\n", b"\n    "), "absent", "no record"),
    "no claim": (changed(b"AI-Assistance: assisted\n", b""), "partial", "no AI-Assistance"),
    "no signature": (GOOD[: GOOD.index(b"Sox-Sig")], "partial", "no Sox-Signature"),
    "only a signature": (b"s\n\n" + GOOD[GOOD.index(b"Sox-Sig") :], "partial", "no AI-Assistance, no Sox-Record"),
    "claim doubled": (GOOD + b"AI-Assistance: assisted\n", "doubled", "AI-Assistance"),
    "claim doubled mis-cased": (GOOD + b"ai-ASSISTANCE: none\n", "doubled", "AI-Assistance"),
    "all doubled": (GOOD + BLOCK, "doubled", "AI-Assistance, Sox-Record, Sox-Signature"),
    "NUL": (changed(b"Why.", b"Why.\0"), "malformed", "NUL"),
    "look-alike claim": (changed(b"AI-A", "\u0410I-A".encode()), "partial", "no AI-Assistance"),
    "gap before the colon": (changed(b"Assistance:", b"Assistance :"), "partial", "no AI-Assistance"),
    "claim unknown": (changed(b"assisted\n", b"maybe\n"), "malformed", "'maybe'"),
    "claim in capitals": (changed(b"assisted\n", b"ASSISTED\n"), "malformed", "AI-Assistance"),
    "claim empty": (changed(b" assisted\n", b"\n"), "malformed", "AI-Assistance"),
    "claim with an escape": (changed(b"assisted\n", b"\x1b[31m\n"), "malformed", "\\x1b"),
    "version 2": (changed(b"v1 ", b"v2 "), "unknown-version", "v2"),
    "version 12": (changed(b"v1 ", b"v12 "), "unknown-version", "v12"),
    "version 2 with another grammar": (changed(b"v1 2026", b"v2 ?? 2026"), "unknown-version", "v2"),
    "no version": (changed(b"v1 ", b""), "malformed", "version"),
    "version v": (changed(b"v1 ", b"v "), "malformed", "version"),
    "empty record": (b"s\n\nAI-Assistance: none\nSox-Record:\nSox-Signature: AA==\n", "malformed", "version"),
    "no time": (changed(b"2026-11-23T14:02:11Z", b""), "malformed", "no time"),
    "time with zone": (changed(b"11Z", b"11+00:00"), "malformed", "no time"),
    "no such day": (changed(b"11-23T", b"11-31T"), "malformed", "no time"),
    "two spaces": (changed(b"v1 2026", b"v1  2026"), "malformed", "no time"),
    "not NAME=VALUE": (changed(b" log=", b" log"), "malformed", "NAME=VALUE"),
    "name in capitals": (changed(b" log=", b" Log="), "malformed", "NAME=VALUE"),
    "name with a digit first": (changed(b" log=", b" 1log="), "malformed", "NAME=VALUE"),
    "no name": (changed(b" log=", b" ="), "malformed", "NAME=VALUE"),
    "no value": (changed(b" log=", b" x=\n log="), "malformed", "NAME=VALUE"),
    "parameter doubled": (changed(b" log=", b" policy=%b\n log=" % (b"a" * 40)), "malformed", "policy"),
    "unknown parameter doubled": (changed(b" log=", b" x=1\n x=1\n log="), "malformed", "twice"),
    "value is not ASCII": (changed(b" log=", " x=\u00e9\n log=".encode()), "malformed", "ASCII"),
    "value with an escape": (changed(b" log=", b" x=\x1b[31m\n log="), "malformed", "ASCII"),
    "value with a tab": (changed(b" log=", b" x=a\tb\n log="), "malformed", "ASCII"),
    "no policy": (changed(b" policy=" + b"a" * 40 + b"\n", b""), "malformed", "no policy"),
    "log without a place": (changed(b".12.", b"."), "malformed", "log"),
    "log at a place that takes a minute to read": (changed(b".12.", b"." + b"1" * 5000 + b"."), "malformed", "log"),
    "log at a place in two spellings": (changed(b".12.", b".012."), "malformed", "log"),
    "no log": (changed(b"\n log=abcdefabcdef.12.abcdefghijklm", b""), "malformed", "no log"),
    "policy short": (changed(b"=aaa", b"=aa"), "malformed", "policy"),
    "policy in capitals": (changed(b"=aaa", b"=AAA"), "malformed", "policy"),
    "change short": (changed(b"change=AA", b"change=A"), "malformed", "change"),
    "change padded": (changed(DIGEST.encode(), DIGEST.encode() + b"="), "malformed", "change"),
    "change in standard base64": (changed(b"change=AAE", b"change=A/E"), "malformed", "change"),
    "change not canonical": (changed(DIGEST.encode(), DIGEST[:-1].encode() + b"9"), "malformed", "change"),
    "patch in hexadecimal": (changed(b"patch=" + DIGEST.encode(), b"patch=" + b"0" * 64), "malformed", "patch"),
    "log without hash": (changed(b".abcdefghijklm", b""), "malformed", "log"),
    "log without index": (changed(b".12.", b".x."), "malformed", "log"),
    "signature empty": (GOOD[: GOOD.index(b"Sox-Sig")] + b"Sox-Signature:\n", "malformed", "base64"),
    "signature not base64": (changed(b"\n AAEC", b"\n A!EC"), "malformed", "base64"),
    "signature with foreign letters": (changed(b"\n AAEC", "\n A\u0410EC".encode()), "malformed", "base64"),
    "signature with bits to spare": (changed(BODY[-60:], BODY[-60:-4] + b"0B=="), "malformed", "base64"),
    "signature cut": (GOOD.rstrip()[:-1], "malformed", "base64"),
    "signature with armor": (changed(b"Sox-Signature:\n", b"Sox-Signature: -----BEGIN\n"), "malformed", "base64"),
    "signature with padding inside": (changed(b"\n AAEC", b"\n AA==AAEC"), "malformed", "base64"),
    "33 tools": (GOOD + b"Assisted-by: y\n" * 31, "malformed", "Assisted-by"),
    "long block": (GOOD + b"Foo: %b\n" % (b"x" * 70_000), "malformed", "longer"),
}


@pytest.mark.parametrize("name", MISREAD)
def test_what_is_no_record(name: str) -> None:
    message, kind, words = MISREAD[name]
    reading = read(message)
    assert reading.record is None
    assert [found for found, _ in reading.problems] == [kind]
    detail = reading.problems[0][1]
    assert words in detail
    assert detail.isprintable()
    assert detail.isascii()


def test_several_problems_are_all_named() -> None:
    reading = read(changed(b"Why.", b"\0").replace(b"Sox-Signature", b"AI-Assistance") + b"Sox-Record: x\n")
    assert [kind for kind, _ in reading.problems] == ["doubled", "partial", "malformed"]


def test_a_long_body_is_no_problem() -> None:
    assert read(b"s\n\n" + b"x\n" * 50_000 + b"\n" + BLOCK).record == RECORD
    assert read(b"s\n\n" + b"x" * 100_000).problems[0][0] == "absent"


def test_32_tools_are_none_too_many() -> None:
    record = read(GOOD + b"Assisted-by: y\n" * 30).record
    assert record is not None
    assert len(record.assisted_by) == 32


def test_unknown_parameters_are_kept_in_order() -> None:
    record = read(changed(b" policy", b" x-1=a=b\n policy") + b"").record
    assert record is not None
    assert record.parameters == (("x-1", "a=b"), *PARAMETERS)


def test_typed_values_are_kept_raw() -> None:
    record = read(GOOD + b"assisted-by:  Claude Code\n  <noreply@x>  \xff\n").record
    assert record is not None
    assert record.assisted_by == ("cursor", "x@1:m", "Claude Code <noreply@x>  \udcff")


def test_misplaced_trailers_do_no_harm() -> None:
    reading = read(changed(b"Why.", b"    Sox-Record: v1 x\n\nSox-Rec\xc3\xb6rd: y\n\nSox-Record in prose"))
    assert reading.record == RECORD
    assert reading.misplaced == (("elsewhere", "Sox-Record: v1 x"), ("look-alike", "Sox-Rec\u00f6rd: y"))


def test_prose_about_our_trailers_is_not_misplaced() -> None:
    reading = read(changed(b"Why.", b"The Sox-Record trailer and AI-Assistance, see docs."))
    assert reading.record == RECORD
    assert reading.misplaced == ()


@given(st.binary(max_size=300))
def test_read_never_raises(data: bytes) -> None:
    assert read(data).record is None
    assert read(b"s\n\n" + data + GOOD).problems is not None


@given(st.integers(0, len(BLOCK) - 1), st.binary(min_size=1, max_size=2))
def test_one_changed_byte(at: int, new: bytes) -> None:
    """Never an exception; a record, if there is one, renders to trailers that read back as the same."""
    reading = read(b"s\n\n" + BLOCK[:at] + new + BLOCK[at + 1 :])
    assert (reading.record is None) is bool(reading.problems)
    if reading.record is not None:
        assert read(b"s\n\n" + b"\n".join(render(reading.record))).record == reading.record


def put(raw: bytes, record: Record = RECORD, **options: object) -> bytes:
    message = layout(raw, **{"comments": False, "comment": b"#", **options})
    return write(message, record.replace(assisted_by=final_assisted_by(message, record.assisted_by)))


def test_write() -> None:
    assert put(b"Fix it\n\nWhy.\n") == GOOD
    assert put(GOOD) == GOOD
    newer = RECORD.replace(moment="2026-11-23T14:02:12Z", assistance="none", signature=b"x")
    assert put(put(GOOD, newer)) == GOOD


def test_typed_lines_stay_where_they_are() -> None:
    raw = b"s\n\nAssisted-by: x@1:m\nAcked-by: B\nASSISTED-BY:  Gemini \n"
    once = put(raw)
    assert once.startswith(raw + b"AI-Assistance: assisted\nAssisted-by: cursor\nSox-Record: v1")
    assert read(once).record == RECORD.replace(assisted_by=("x@1:m", "Gemini", "cursor"))
    assert put(once) == once


def test_a_tool_more_goes_below_the_others() -> None:
    once = put(b"s\n")
    twice = put(once, RECORD.replace(assisted_by=("cursor", "zed")))
    assert read(twice).record == RECORD.replace(assisted_by=("cursor", "x@1:m", "zed"))
    assert twice.index(b"x@1:m") < twice.index(b"zed") < twice.index(b"Sox-Record")


def test_final_assisted_by() -> None:
    def final(raw: bytes, *ours: str) -> tuple[str, ...]:
        return final_assisted_by(layout(raw, comments=True, comment=b"#"), ours)

    assert final(b"s\n", "b", "a", "b") == ("b", "a")
    assert final(b"s\n\nAssisted-by: a\nAssisted-by: a\n", "b", "a") == ("a", "a", "b")
    assert final(b"s\n\nprose\nAssisted-by: a\n", "b") == ("b",)
    assert final(b"Assisted-by: a\n", "b") == ("b",)
    assert final(b"s\n\nAssisted-by: a\n# c\n  folded\n# d\n", "b") == ("a folded", "b")
    assert final(b"s\n\nAssisted-by: caf\xe9\n") == ("caf\u00e9",)


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"# comment\n", b"\nSigned-off-by: A <a@b>\n# c\n"])
def test_nothing_is_written_into_what_git_refuses(raw: bytes) -> None:
    assert put(raw, comments=True) == raw


def test_a_record_that_would_not_read_back_is_not_written() -> None:
    with pytest.raises(UsageError, match="longer than") as caught:
        put(b"s\n\nFoo: " + b"x" * 70_000 + b"\n")
    assert caught.value.fix
    with pytest.raises(UsageError, match="Assisted-by"):
        put(b"s\n\n" + b"Assisted-by: y\n" * 32)
    with pytest.raises(UsageError, match="NUL"):
        put(b"s\0\n")
    with pytest.raises(UsageError, match="policy"):
        put(b"s\n", RECORD.replace(parameters=(("policy", "x"), *PARAMETERS[1:])))


def test_what_was_signed_must_be_what_is_read() -> None:
    message = layout(b"s\n\nAssisted-by: typed\n", comments=False, comment=b"#")
    with pytest.raises(ValueError, match="not signed"):
        write(message, RECORD)
    with pytest.raises(ValueError, match="not signed"):
        write(message, RECORD.replace(assisted_by=("typed", *RECORD.assisted_by), signature=None))


lines = st.one_of(
    st.sampled_from(
        [
            b"", b"", b"prose", b"Acked-by: Bob", b"Signed-off-by: A <a@b>", b"Assisted-by: cursor",
            b"Assisted-by: other", b"AI-Assistance: none", b"Sox-Record: v1 x", b"Sox-Signature:", b" abc", b"---",
            b"# c", b"#\tf", b"# Conflicts:", b"Conflicts:", b"(cherry picked from commit abc)",
            b"# ------------------------ >8 ------------------------",
        ]
    ),
    st.binary(max_size=12).map(lambda raw: raw.translate(None, b"\n\0")),
)  # fmt: skip
messages = st.builds(
    lambda parts, crlf, end: (b"\r\n" if crlf else b"\n").join(parts) + end,
    st.lists(lines, max_size=14),
    st.booleans(),
    st.sampled_from([b"", b"\n", b"\n\n \n"]),
)


@settings(max_examples=300)
@given(
    messages,
    st.booleans(),
    st.sampled_from([b"#", b";", b"//", None]),
    st.sampled_from(["default", "strip", "whitespace", "verbatim", "scissors"]),
    st.booleans(),
)
def test_round_trip(raw: bytes, comments: bool, comment: bytes | None, cleanup: str, utf8: bool) -> None:
    """For any message that git takes: the record reads back, twice is as once, and nothing else is touched."""
    message = layout(raw, comments=comments, comment=comment, cleanup=cleanup, utf8=utf8)
    expected = RECORD.replace(assisted_by=final_assisted_by(message, RECORD.assisted_by))
    once = write(message, expected)
    if aborts(message):
        assert once == raw
        return
    after = message.again(once)
    assert read(stored(after)).record == expected
    assert write(after, expected) == once
    # The body, byte by byte, and every line of the last paragraph but ours.
    body = b"".join(message.lines[: message.block])
    assert once.startswith(body)
    remaining = iter(once[len(body) :].split(b"\n"))
    for line in without(message, is_own)[0]:
        assert any(line.rstrip(b"\r\n") == other.rstrip(b"\r") for other in remaining), line
    # All that stood below the text, without blank lines above comments.
    tail = [line.strip() for line in message.lines[message.end :] if line.strip()]
    assert tail == [line.strip() for line in after.lines if line.strip()][-len(tail) or len(after.lines) :]
    # A trailer of others that git sees is still in the block.
    paragraph = [line for line in without(message, is_own)[0] if not is_dropped(line, message.dropped)]
    if joins(message, paragraph):
        seen = [(trailer.key, trailer.value) for trailer in parse_block(stored(after))]
        for key, group in split_block([in_utf8(line) for line in paragraph] if utf8 else paragraph):
            assert (key.decode(), unfold(key, group)) in seen


def test_reading_is_linear() -> None:
    begun = time.process_time()
    assert read(b"s\n\n" + b"Sox-Record: v1\n" * 100_000).record is None
    assert read(b"s\n\n" + b"\xd0\x90I-Assistance: x\n" * 100_000 + b"\n" + BLOCK).record == RECORD
    assert read(b"s\n\n" + b"Sox-Record:\n\n" * 100_000 + BLOCK).record == RECORD
    assert time.process_time() - begun < 20
