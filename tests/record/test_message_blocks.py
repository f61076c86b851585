"""git's rule of what a trailer block is, against git itself; and putting trailers into one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sox_hooks.core.text import decode
from sox_hooks.core.trailers import block_lines, parse_block
from sox_hooks.record.block import is_git_block, join_block, retire, without
from sox_hooks.record.message import Layout, layout, stored
from sox_hooks.record.trailers import is_own

LINES = st.sampled_from(
    [
        b"Acked-by: Bob", b"Signed-off-by: A <a@b>", b"Signed-off-by:", b"(cherry picked from commit abc)", b"prose",
        b"more prose, with: colon", b"  indented", b"\tindented: too", b"# comment", b"key:value", b"-: x", b"Foo : x",
        b"http://example.org", b": no key", b"Co-authored-by: Ren\xc3\xa9", b"", b"", b" ",
    ]
)  # fmt: skip


def git_sees(repo, messages: list[bytes]) -> list[list[tuple[str, str]]]:
    """What git reads as trailers in each of the messages, stored as they are."""
    stream = [b"commit refs/heads/x\ncommitter A <a@b> 0 +0000\ndata %d\n%b\n" % (len(m), m) for m in messages]
    repo.git("fast-import", "--force", "--quiet", data=b"reset refs/heads/x\n\n" + b"".join(stream))
    form = "%x03%(trailers:only,unfold,separator=%x02,key_value_separator=%x01)"
    out = repo.git_bytes("log", "--reverse", f"--format={form}", "x").split(b"\x03")[1:]
    pairs = [[item.split(b"\x01", 1) for item in entry.rstrip(b"\n").split(b"\x02") if item] for entry in out]
    return [[(decode(key), decode(value)) for key, value in entry if key != b"Foo"] for entry in pairs]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(LINES, min_size=1, max_size=9), min_size=60, max_size=100))
def test_the_rule_is_that_of_git(repo, many: list[list[bytes]]) -> None:
    # Comments at the end are no part of the text to git's readers; `layout` takes them off, here nobody does.
    trimmed = [b"\n".join(lines).rstrip() for lines in many]
    messages = [b"s\n\n" + text + b"\n" for text in trimmed if not text.rsplit(b"\n", 1)[-1].startswith(b"#")]
    for message, seen in zip(messages, git_sees(repo, messages), strict=True):
        ours = [(trailer.key, trailer.value) for trailer in parse_block(message)]
        assert seen == (ours if is_git_block(block_lines(message)) else []), message


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(LINES, min_size=1, max_size=9), min_size=60, max_size=100))
def test_no_trailer_drops_out_of_what_git_sees(repo, many: list[list[bytes]]) -> None:
    raw = [b"s\n\n" + b"\n".join(lines).rstrip() + b"\n" for lines in many]
    before = [
        layout(text, comments=False, comment=b"#") for text in raw if not text.rsplit(b"\n", 2)[1].startswith(b"#")
    ]
    after = [
        message.again(join_block(message, [b"Sox-Record: v1", b" x=1"], is_own, b"AI-Assistance: none"))
        for message in before
    ]
    seen_before = git_sees(repo, [stored(message) for message in before])
    seen_after = git_sees(repo, [stored(message) for message in after])
    ours = [("AI-Assistance", "none"), ("Sox-Record", "v1 x=1")]
    assert seen_after == [items + ours for items in seen_before]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([b"Acked-by: Bob"], True),
        ([b"Acked-by: Bob", b" folded"], True),
        ([b" folded", b"Acked-by: Bob"], False),
        ([b"Acked-by: Bob", b"prose"], False),
        ([b"Acked-by: Bob", b"; prose"], False),
        ([b"prose"] * 3 + [b"Signed-off-by: A"], True),
        ([b"prose"] * 4 + [b"Signed-off-by: A"], False),
        ([b"prose"] * 6 + [b"(cherry picked from commit abc)", b"Acked-by: Bob"], True),
        ([b"prose"], False),
        ([b"# comment"], False),
        ([], False),
    ],
)
def test_the_rule_by_table(lines: list[bytes], expected: bool) -> None:
    assert is_git_block(lines) is expected


def test_another_comment_string() -> None:
    assert is_git_block([b"Acked-by: Bob", b"// prose"], b"//")
    assert not is_git_block([b"Acked-by: Bob", b"# prose"], b"//")


def edit(raw: bytes, lines: tuple[bytes, ...] = (b"New: 1",), **options: object) -> bytes:
    message = layout(raw, **{"comments": False, "comment": b"#", **options})
    return join_block(message, lines, lambda key: key in (b"old", b"first", b"new"), b"First: 1", b"first")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"s\n", b"s\n\nFirst: 1\nNew: 1\n"),
        (b"s", b"s\n\nFirst: 1\nNew: 1\n"),
        (b"s\n\nA: 1\n", b"s\n\nA: 1\nFirst: 1\nNew: 1\n"),
        (b"s\n\nA: 1", b"s\n\nA: 1\nFirst: 1\nNew: 1\n"),
        (b"s\r\n\r\nA: 1", b"s\r\n\r\nA: 1\r\nFirst: 1\r\nNew: 1\r\n"),
        (b"s\n\nA: 1\r\n", b"s\n\nA: 1\r\nFirst: 1\r\nNew: 1\r\n"),
        (b"s\n\nA: 1\n\n\n", b"s\n\nA: 1\nFirst: 1\nNew: 1\n\n\n"),
        (b"s\n\nprose\nA: 1\n", b"s\n\nprose\nA: 1\n\nFirst: 1\nNew: 1\n"),
        # in place of the first, the others go
        (b"s\n\nfirst: 0\n 0\nA: 1\nFIRST: 2\nOld: 3\n", b"s\n\nFirst: 1\nA: 1\nNew: 1\n"),
        (b"s\n\nA: 1\nfirst: 0", b"s\n\nA: 1\nFirst: 1\nNew: 1\n"),
        # only ours in the paragraph: it is renewed where it stands
        (b"s\n\nA: 1\n\nOld: 1\nFirst: 0\n", b"s\n\nA: 1\n\nFirst: 1\nNew: 1\n"),
        # ours in prose: taken out, and a paragraph of their own
        (b"s\n\nprose\nFirst: 0\nprose\n", b"s\n\nprose\nprose\n\nFirst: 1\nNew: 1\n"),
        # the subject's paragraph is not touched
        (b"First: 0\nOld: 1\n", b"First: 0\nOld: 1\n\nFirst: 1\nNew: 1\n"),
        (b"s\n\nOld: in the body\n\nA: 1\n", b"s\n\nOld: in the body\n\nA: 1\nFirst: 1\nNew: 1\n"),
        # conflicts that git keeps: no blank line may stand between
        (b"s\n\n# Conflicts:\n#\tf\n", b"s\n\nFirst: 1\nNew: 1\n# Conflicts:\n#\tf\n"),
        (b"s\n\nA: 1\n\n# Conflicts:\n#\tf\n#\tg\n\n", b"s\n\nA: 1\nFirst: 1\nNew: 1\n# Conflicts:\n#\tf\n#\tg\n\n"),
        (b"s\n\nA: 1\n\n// Conflicts:\n//\tf\n", b"s\n\nA: 1\nFirst: 1\nNew: 1\n// Conflicts:\n//\tf\n"),
        (b"s\n\n# Conflict:\n#\tf\n", b"s\n\n# Conflict:\n#\tf\n\nFirst: 1\nNew: 1\n"),
        (b"s\n\n# heading\n", b"s\n\n# heading\n\nFirst: 1\nNew: 1\n"),
    ],
)
def test_join_without_an_editor(raw: bytes, expected: bytes) -> None:
    assert edit(raw) == expected
    assert edit(expected) == expected


CUT = b" ------------------------ >8 ------------------------\n"


@pytest.mark.parametrize(
    ("raw", "expected", "comment"),
    [
        (b"s\n\n# hint\n# hint\n", b"s\n\nFirst: 1\nNew: 1\n# hint\n# hint\n", b"#"),
        (b"s\n# hint\n\n#\n# hint\n", b"s\n\nFirst: 1\nNew: 1\n# hint\n#\n# hint\n", b"#"),
        (b"s\n\nA: 1\n# hint\nB: 2\n\n# hint\n", b"s\n\nA: 1\n# hint\nB: 2\nFirst: 1\nNew: 1\n# hint\n", b"#"),
        (b"# hint\ns\n", b"# hint\ns\n\nFirst: 1\nNew: 1\n", b"#"),
        (b"# hint\n\nA: subject\n", b"# hint\n\nA: subject\n\nFirst: 1\nNew: 1\n", b"#"),
        (b"s\n\nOld: 1\n# hint\n 1\n# hint\n", b"s\n\n# hint\nFirst: 1\nNew: 1\n# hint\n", b"#"),
        (b"s\n\n#" + CUT + b"# do not\n\ndiff\n", b"s\n\nFirst: 1\nNew: 1\n#" + CUT + b"# do not\n\ndiff\n", b"#"),
        (b"s\n\n//" + CUT + b"// do not\ndiff\n", b"s\n\nFirst: 1\nNew: 1\n//" + CUT + b"// do not\ndiff\n", b"//"),
        # git's own, with another character than we were told of
        (b"s\n\n;" + CUT + b"; do not\ndiff\n", b"s\n\nFirst: 1\nNew: 1\n;" + CUT + b"; do not\ndiff\n", b"#"),
        (b"s\n\n;" + CUT + b"; do not\ndiff\n", b"s\n\nFirst: 1\nNew: 1\n;" + CUT + b"; do not\ndiff\n", None),
        # quoted by a person
        (b"s\n\n>" + CUT + b"text\n", b"s\n\n>" + CUT + b"text\n\nFirst: 1\nNew: 1\n", b"#"),
        (b"s\n\n>" + CUT + b"text\n#" + CUT, b"s\n\n>" + CUT + b"text\n\nFirst: 1\nNew: 1\n#" + CUT, b"#"),
        # automatic: two or more lines at the end that look like git's
        (b"s\n\n# text\n\n; hint\n;\n;\ton\n", b"s\n\n# text\n\nFirst: 1\nNew: 1\n; hint\n;\n;\ton\n", None),
        (b"s\n\n!important\n", b"s\n\n!important\n\nFirst: 1\nNew: 1\n", None),
        (b"s\n\n# hint\n", b"s\n\nFirst: 1\nNew: 1\n# hint\n", None),
    ],
)
def test_join_after_an_editor(raw: bytes, expected: bytes, comment: bytes | None) -> None:
    assert edit(raw, comments=True, comment=comment) == expected
    assert edit(expected, comments=True, comment=comment) == expected


OLD = b"AI-Assistance: none\nAssisted-by: x\nSox-Record: v1 2026\n policy=1\nSox-Signature:\n abc\n"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"s\n\nbody\n\n" + OLD + b"\ntyped below\n", b"s\n\nbody\n\ntyped below\n"),
        (b"s\n\nA: 1\n" + OLD + b"B: 2\n\ntyped below\n", b"s\n\nA: 1\nB: 2\n\ntyped below\n"),
        (b"s\n\nAI-Assistance: none\n\n" + OLD + b"\nend\n", b"s\n\nAI-Assistance: none\n\nend\n"),
        (b"s\r\n\r\n" + OLD.replace(b"\n", b"\r\n") + b"\r\nend\r\n", b"s\r\n\r\nend\r\n"),
        # in the last paragraph `join_block` renews it
        (b"s\n\nbody\n\n" + OLD, b"s\n\nbody\n\n" + OLD),
        # another record, or one that is quoted: not what the amended commit carried
        (b"s\n\n" + OLD.replace(b"2026", b"2027") + b"\nend\n", b"s\n\n" + OLD.replace(b"2026", b"2027") + b"\nend\n"),
        (b"s\n\n" + OLD.replace(b"\n", b"\n  ") + b"\n\nend\n", b"s\n\n" + OLD.replace(b"\n", b"\n  ") + b"\n\nend\n"),
    ],
)
def test_retire(raw: bytes, expected: bytes) -> None:
    previous = b"s\n\nbody\n\nA: 1\n" + OLD + b"Assisted-by: typed\n"
    after = retire(layout(raw, comments=False, comment=b"#"), previous)
    assert b"".join(after.lines) == expected
    assert after == layout(expected, comments=False, comment=b"#")


def test_retire_needs_a_record() -> None:
    message = layout(b"s\n\nA: 1\n\nend\n", comments=False, comment=b"#")
    assert retire(message, b"s\n\nA: 1\n") is message


text_lines = st.lists(LINES | st.sampled_from([b"AI-Assistance: x", b"sox-record: y", b" z"]), max_size=12)


@given(text_lines, st.booleans(), st.booleans())
def test_foreign_bytes_stay(lines: list[bytes], comments: bool, crlf: bool) -> None:
    raw = (b"\r\n" if crlf else b"\n").join([b"s", b"", *lines])
    message = layout(raw, comments=comments, comment=b"#")

    def put(where: Layout) -> bytes:
        return join_block(where, [b"Sox-Record: new", b" folded"], is_own, b"AI-Assistance: new", b"ai-assistance")

    new = put(message)
    after = message.again(new)
    assert put(after) == new
    # All above the last paragraph is as it was, and of the paragraph nothing is gone or moved but our trailers.
    assert after.lines[: message.block] == message.lines[: message.block]
    foreign = [line.strip() for line in without(message, is_own)[0] if not line.startswith(b"#")]
    rest = [line.strip() for line in after.lines[message.block :]]
    assert [line for line in rest if line in foreign] == foreign
    # In the end there are one record and all comments.
    final = [trailer.key for trailer in parse_block(stored(after))]
    assert final.count("AI-Assistance") == final.count("Sox-Record") == 1
    assert new.count(b"# comment") == raw.count(b"# comment")
