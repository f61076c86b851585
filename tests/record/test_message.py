"""Where the text of a message file ends, what git makes of it, and what git refuses."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sox_hooks.core.text import in_utf8
from sox_hooks.record.message import aborts, layout, stored

CUT = b" ------------------------ >8 ------------------------\n"
HINTS = b"\n# Please enter the commit message\n#\n# On branch main\n#\tmodified: f\n"


@pytest.mark.parametrize(
    ("raw", "comments", "cleanup", "text", "block"),
    [
        (b"", False, "default", b"", b""),
        (b"\n \n", False, "default", b"", b""),
        (b"s\n", False, "default", b"s\n", b""),
        (b"s\nA: 1\n", False, "default", b"s\nA: 1\n", b""),
        (b"s\n\nA: 1", False, "default", b"s\n\nA: 1", b"A: 1"),
        (b"\n\ns\n\nb\n\nA: 1\n\n", False, "default", b"\n\ns\n\nb\n\nA: 1\n", b"A: 1\n"),
        (b"s\n\n# a\n", False, "default", b"s\n\n# a\n", b"# a\n"),
        (b"s\n\n# a\n", False, "strip", b"s\n", b""),
        (b"s\n\n# a\n", True, "default", b"s\n", b""),
        (b"s\n\n# a\n", True, "scissors", b"s\n\n# a\n", b"# a\n"),
        (b"s\n\n# a\n" + HINTS, True, "whitespace", b"s\n", b""),
        (b"#12 s\n" + HINTS, True, "whitespace", b"#12 s\n", b""),
        (b"#12 s\n" + HINTS, True, "verbatim", b"#12 s\n", b""),
        (b"#12 s\n" + HINTS, True, "default", b"", b""),
        (b"#12 s\n#" + CUT + b"# x\n", True, "scissors", b"#12 s\n", b""),
        (b"s\n#" + CUT + b"# x\ndiff\n", True, "default", b"s\n", b""),
        (b"s\n#" + CUT + b"# x\ndiff\n", False, "default", b"s\n#" + CUT + b"# x\ndiff\n", b""),
        (b"s\n#" + CUT[:-1], True, "scissors", b"s\n", b""),
        (b"s\n\nA: 1\n\n# Conflicts:\n#\tf\n", False, "default", b"s\n\nA: 1\n", b"A: 1\n"),
        (b"s\n\n#" + CUT + b"# x\n#\n# Conflicts:\n#\tf\n", False, "default", b"s\n", b""),
        (b"s\n\n# x\n#\n# Conflicts:\n#\tf\n", False, "default", b"s\n\n# x\n#\n", b"# x\n#\n"),
        (b"s\n\n# Conflicts:\n#\tf\n\n; hint\n;\n", True, "default", b"s\n", b""),
        (b"s\n\na\tb\n", False, "default", b"s\n\na\tb\n", b"a\tb\n"),
        (b"s\n\na Conflicts:\na\tb\n", False, "default", b"s\n\na Conflicts:\na\tb\n", b"a Conflicts:\na\tb\n"),
    ],
)
def test_layout(raw: bytes, comments: bool, cleanup: str, text: bytes, block: bytes) -> None:
    comment = None if b"; hint" in raw else b"#"
    message = layout(raw, comments=comments, comment=comment, cleanup=cleanup)
    assert b"".join(message.lines) == raw
    assert b"".join(message.lines[: message.end]).rstrip(b"\n") == text.rstrip(b"\n")
    assert b"".join(message.lines[message.block : message.end]) == block
    assert message.again(raw) == message


@pytest.mark.parametrize("options", [["--strip-comments"], []])
def test_stored_is_what_git_makes_of_it(repo, options: list[str]) -> None:
    lines = st.sampled_from([b"s", b"A: 1 ", b"", b" ", b"\t", b"# c", b"#", b" # d", b"e\r", b"\r", b"\x0c", b"f\x0b"])

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(lines, max_size=12), st.sampled_from([b"", b"\n"]))
    def compare(parts: list[bytes], end: bytes) -> None:
        raw = b"\n".join(parts) + end
        message = layout(raw, comments=bool(options), comment=b"#")
        assert stored(message) == repo.git_bytes("stripspace", *options, data=raw)

    compare()


def test_verbatim_stays() -> None:
    raw = b"\n s \n\n\n# c\r\n"
    assert stored(layout(raw, comments=True, comment=b"#", cleanup="verbatim")) == raw


def test_multi_character_comment_string() -> None:
    raw = b"s\n\n# text\n/ text\n// hint\n\n//" + CUT + b"// x\ndiff\n"
    assert stored(layout(raw, comments=True, comment=b"//")) == b"s\n\n# text\n/ text\n"


@pytest.mark.parametrize(
    ("raw", "comments", "cleanup", "template", "refused"),
    [
        (b"", False, "default", b"", True),
        (b"\n# c\n", True, "default", b"", True),
        (b"\n# c\n", False, "default", b"", False),
        (b"\n# c\n", True, "scissors", b"", False),
        (b"\n\nSigned-off-by: A <a@b>\n# c\n", True, "default", b"", True),
        (b"Signed-off-by: A <a@b>\n", False, "default", b"", True),
        (b"Signed-off-by: A <a@b>\n", False, "verbatim", b"", False),
        (b"Signed-off-by:A\n", False, "default", b"", False),
        (b"s\n", False, "default", b"", False),
        (b"why:\n\n# c\n", True, "default", b"why:\n", True),
        (b"why:\n\nSigned-off-by: A <a@b>\n# c\n", True, "default", b"why:\n# hint\n", True),
        (b"why: so\n# c\n", True, "default", b"why:\n", False),
        (b"why:\n", True, "default", b"why:\n\nwhat:\n", False),
        (b"why:\n# c\n", True, "whitespace", b"why:\n# c\n", True),
    ],
)
def test_what_git_refuses(repo, raw: bytes, comments: bool, cleanup: str, template: bytes, refused: bool) -> None:
    message = layout(raw, comments=comments, comment=b"#", cleanup=cleanup)
    assert aborts(message, template) is refused
    # The same of git itself: the editor leaves exactly this.
    repo.write("wanted", raw)
    editor = repo.write("editor", f'#!/bin/sh\ncp "{repo.path}/wanted" "$1"\n')
    editor.chmod(0o755)
    options = ["-t", str(repo.write("template", template))] if template else []
    if comments:
        options += ["-e"] if not template else []
        words = repo.git(
            "commit", "--allow-empty", f"--cleanup={cleanup}", *options, check=False, GIT_EDITOR=str(editor)
        )
    else:
        words = repo.git_bytes("commit", "--allow-empty", f"--cleanup={cleanup}", "-F", "wanted", check=False).decode()
    made = bool(repo.git("rev-parse", "--verify", "-q", "HEAD", check=False))
    assert made is not refused, words


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"plain", b"plain"),
        ("\u00e9\u20ac\U0001f600".encode(), "\u00e9\u20ac\U0001f600".encode()),
        (b"caf\xe9 \xff", "caf\u00e9 \u00ff".encode()),
        (b"\xed\xa0\x80", "\u00ed\u00a0\u0080".encode()),
        ("\ufffe".encode(), "\u00ef\u00bf\u00be".encode()),
    ],
)
def test_in_utf8(raw: bytes, expected: bytes) -> None:
    assert in_utf8(raw) == expected
    assert in_utf8(expected) == expected


@pytest.mark.parametrize(
    "raw",
    [
        b"s\n\n" + b"# Conflicts:\n#\tf\n" * 60_000,
        b"s\n\n" + b"#\tf\n" * 200_000,
        b"s\n\n" + b"#" * 5_000_000,
        b"#\n" * 400_000,
        b"s\n" + (b">" + CUT) * 100_000,
        b"s\n\n" + b"\xff" * 500_000,
    ],
    ids=["conflicts", "one list", "one line", "comments", "scissors", "not UTF-8"],
)
def test_linear_time(raw: bytes) -> None:
    """Generous: quadratic behaviour would take minutes."""
    begun = time.process_time()
    for comments in (True, False):
        message = layout(raw, comments=comments, comment=None)
        assert len(stored(message)) <= 2 * len(raw) + 1
    assert time.process_time() - begun < 30
