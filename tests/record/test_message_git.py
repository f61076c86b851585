"""What the writer puts into a message file must be what git stores, what git reads, and what our reader reads."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sox_hooks.core.text import decode, in_utf8
from sox_hooks.core.trailers import parse_block
from sox_hooks.record.record import Record, read, render

TOOL = "claude-code@2.1.263:claude-opus-4-8"
RECORD = Record(
    "assisted",
    (TOOL,),
    "v1",
    "2026-11-23T14:02:11Z",
    (
        ("policy", "a" * 40),
        ("change", "b" * 42 + "A"),
        ("patch", "c" * 42 + "A"),
        ("log", "abcdefabcdef.12.abcdefghijklmnopqrstuv"),
    ),
    bytes(range(210)),
)

HOOK = f"""#!{sys.executable} -I
import os, sys
from sox_hooks.record.message import layout
from sox_hooks.record.record import Record, final_assisted_by, write

with open(sys.argv[1], "rb") as file:
    raw = file.read()
comment = os.environ.get("COMMENT", "#")
message = layout(
    raw,
    comments=os.environ["GIT_EDITOR"] != ":",
    comment=None if comment == "auto" else comment.encode(),
    cleanup=os.environ.get("CLEANUP", "default"),
    utf8="LATIN1" not in os.environ,
)
record = Record{RECORD.astuple()!r}
record = record.replace(assisted_by=final_assisted_by(message, record.assisted_by))
once = write(message, record)
assert write(message.again(once), record) == once
with open(sys.argv[1], "wb") as file:
    file.write(once)
"""

OLD = b"AI-Assistance: none\nSox-Record: v1 2020-01-01T00:00:00Z\n policy=x\nSox-Signature:\n abc\n def\n"

# name: what the person types, and the trailers of others that git must see in the stored message
MESSAGES: dict[str, tuple[bytes, list[tuple[str, str]]]] = {
    "subject": (b"Fix it\n", []),
    "no newline at the end": (b"Fix it", []),
    "body": (b"Fix it\n\nBecause.\n", []),
    "body without newline": (b"Fix it\n\nBecause.", []),
    "blank lines at the end": (b"Fix it\n\nBecause.\n\n\n \n", []),
    "blank lines at the start": (b"\n \nFix it\n\nBecause.\n", []),
    "trailing spaces": (b"Fix it  \n\nBecause. \t\n", []),
    "blank line of spaces": (b"Fix it\n\nBecause.\n \t\nAcked-by: Bob\n", [("Acked-by", "Bob")]),
    "sign-off": (b"Fix it\n\nBecause.\n\nSigned-off-by: A <a@b>\n", [("Signed-off-by", "A <a@b>")]),
    "two trailers": (b"Fix it\n\nAcked-by: Bob\nFixes: #12\n", [("Acked-by", "Bob"), ("Fixes", "#12")]),
    "folded trailer": (b"Fix it\n\nLink: a\n  b\n\tc\n", [("Link", "a b c")]),
    "space before the colon": (b"Fix it\n\nAcked-by: Bob\nFoo : x\n", [("Acked-by", "Bob"), ("Foo", "x")]),
    "25 %: sign-off and three lines": (b"Fix it\n\na\nb\nc\nSigned-off-by: A <a@b>\n", [("Signed-off-by", "A <a@b>")]),
    "25 %: one line too many": (b"Fix it\n\na\nb\nc\nd\nSigned-off-by: A <a@b>\n", []),
    "prose and a trailer": (b"Fix it\n\nsome prose\nAcked-by: Bob\n", []),
    "trailer and prose": (b"Fix it\n\nAcked-by: Bob\nsome prose\n", []),
    "indented prose": (b"Fix it\n\nprose\n  more\nSigned-off-by: A <a@b>\n", [("Signed-off-by", "A <a@b>")]),
    "indented first line": (b"Fix it\n\n  code\nAcked-by: Bob\n", []),
    "cherry picked": (b"Fix it\n\nAcked-by: B\n(cherry picked from commit abc)\n", [("Acked-by", "B")]),
    "--- in the body": (b"Fix it\n\nabove\n---\nbelow\n", []),
    "--- paragraph": (b"Fix it\n\nabove\n\n---\n\nSigned-off-by: A <a@b>\n", [("Signed-off-by", "A <a@b>")]),
    "subject looks like a trailer": (b"AI-X: 5\n", []),
    "subject and second line look like trailers": (b"AI-X: 5\nAcked-by: Bob\n", []),
    "subject is our trailer": (b"AI-Assistance: none\n", []),
    "fixup": (b"fixup! Fix it\n", []),
    "squash": (b"squash! Fix it\n\nAcked-by: Bob\n", [("Acked-by", "Bob")]),
    "not UTF-8": (b"Fix caf\xe9\n\nAcked-by: Ren\xe9 <r@b>\n", [("Acked-by", "Ren\xe9 <r@b>")]),
    "tool that is not UTF-8": (b"Fix it\n\nAssisted-by: G\xe9mini\xff\n", [("Assisted-by", "G\xe9mini\xff")]),
    "UTF-8": ("Fix caf\u00e9\n\n\u2022 one\n".encode(), []),
    "CRLF": (b"Fix it\r\n\r\nBecause.\r\n\r\nAcked-by: Bob\r\n", [("Acked-by", "Bob")]),
    "CRLF subject": (b"Fix it\r\n", []),
    "CRLF without end": (b"Fix it\r\n\r\nBecause.", []),
    "our trailers quoted in the body": (
        b"Document it\n\n    AI-Assistance: none\n    Sox-Record: v1\n\nSox-Signature:\n abc\n\nThat is all.\n",
        [],
    ),
    "declared by hand": (b"Fix it\n\nAI-Assistance: none\n", []),
    "declared mis-cased, between others": (
        b"Fix it\n\nAcked-by: Bob\nai-assistance: NONE\n really\nTested-by: Eve\n",
        [("Acked-by", "Bob"), ("Tested-by", "Eve")],
    ),
    "declared in prose": (b"Fix it\n\nsome prose\nAI-Assistance: none\nmore prose\n", []),
    "tool named by hand": (
        b"Fix it\n\nAssisted-by: Gemini (2.5)\nAcked-by: Bob\n",
        [("Assisted-by", "Gemini (2.5)"), ("Acked-by", "Bob")],
    ),
    "our tool named by hand": (b"Fix it\n\nAssisted-by: " + TOOL.encode() + b"\n", []),
    "our tool named by hand in lower case": (b"Fix it\n\nassisted-by:  %s\n" % TOOL.encode(), [("assisted-by", TOOL)]),
    "tool named in prose": (b"Fix it\n\nprose\nAssisted-by: Gemini\n", []),
    "old record": (b"Fix it\n\nAcked-by: Bob\n" + OLD, [("Acked-by", "Bob")]),
    "old record alone": (b"Fix it\n\nWhy.\n\n" + OLD, []),
    "old record doubled, trailer below": (b"Fix it\n\n" + OLD * 2 + b"Reviewed-by: E\n", [("Reviewed-by", "E")]),
    "old conflicts of git 2.1": (
        b"Merge x\n\nAcked-by: Bob\n\nConflicts:\n\tsrc/a.c\n\tsrc/b.c\n",
        [("Acked-by", "Bob")],
    ),
    "issue number at the start of a line": (b"Fix it\n\n#12 is the number\n", []),
}
EDITED = {
    "subject": (b"Fix it\n", []),
    "sign-off": MESSAGES["sign-off"],
    "number": (b"#12 fix it\n\n#13 too\n", []),
}


@pytest.fixture
def hooked(make_repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A repository whose commit-msg hook writes RECORD; `type_in(text)` makes an editor that puts text at the top."""
    repo = make_repo("hooked")
    repo.write("f", "1\n")
    repo.git("add", "f")
    repo.git("commit", "-q", "-m", "first")
    hook = repo.path / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK)
    hook.chmod(0o755)

    def type_in(text: bytes) -> None:
        (tmp_path / "typed").write_bytes(text)
        editor = tmp_path / "editor"
        editor.write_text(f'#!/bin/sh\ncat "{tmp_path}/typed" "$1" >"$1.new" && mv "$1.new" "$1"\n')
        editor.chmod(0o755)
        monkeypatch.setenv("GIT_EDITOR", str(editor))

    repo.type_in = type_in
    return repo


def message_of(repo, commit: str = "HEAD") -> bytes:
    return repo.git_bytes("cat-file", "commit", commit).split(b"\n\n", 1)[1]


def git_trailers(repo, *config: str) -> list[tuple[str, str]]:
    form = "%(trailers:only,unfold,separator=%x02,key_value_separator=%x01)"
    out = repo.git_bytes(*config, "log", "-1", f"--format={form}").rstrip(b"\n").replace(b"\r", b"")
    items = [item.split(b"\x01", 1) for item in out.split(b"\x02")] if out else []
    return [(decode(key), decode(value)) for key, value in items]


def parsed_by_interpret_trailers(repo, message: bytes) -> list[tuple[str, str]]:
    out = repo.git_bytes("interpret-trailers", "--parse", "--no-divider", data=message).replace(b"\r", b"")
    items = [line.split(b":", 1) for line in out.split(b"\n") if line]
    return [(decode(key).rstrip(), decode(value.strip())) for key, value in items]


def check(repo, others: list[tuple[str, str]]) -> bytes:
    """The stored message holds RECORD, and git's readers and ours agree on all trailers of the block."""
    message = message_of(repo)
    reading = read(message)
    assert reading.problems == ()
    typed = tuple(value for key, value in others if key.lower() == "assisted-by")
    assert reading.record == RECORD.replace(assisted_by=(*typed, *[t for t in (TOOL,) if t not in typed]))
    # git also takes `Foo : x` for a trailer, and the old list of conflicts for none.
    ours = [(trailer.key, trailer.value) for trailer in parse_block(message) if trailer.key != "Conflicts"]
    seen = [item for item in git_trailers(repo) if item[0] != "Foo"]
    assert seen == ours
    assert [item for item in parsed_by_interpret_trailers(repo, message) if item[0] != "Foo"] == ours
    own = {(trailer.key, trailer.value) for trailer in parse_block(b"s\n\n" + b"\n".join(render(RECORD)))}
    assert [item for item in ours if item not in own or item in others] == [item for item in others if item[0] != "Foo"]
    assert max(len(line.rstrip()) for line in message.split(b"\n")) <= 72
    return message


def without_ours(message: bytes) -> bytes:
    """The message without our trailers, tidied as git does."""
    own = (b"ai-assistance:", b"sox-record:", b"sox-signature:", b"assisted-by: " + TOOL.encode())
    kept = []
    dropping = False
    for line in message.rstrip().split(b"\n"):
        if not line.startswith(b" "):
            dropping = line.lower().startswith(own)
        if not dropping:
            kept.append(line)
    return b"\n".join(kept).rstrip() + b"\n"


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("how", ["-F", "-v", "verbatim"])
def test_every_message(hooked, monkeypatch, tmp_path: Path, name: str, how: str) -> None:
    """Stored are the message that git would have stored without the hook, and the record."""
    text, others = MESSAGES[name]
    (tmp_path / "text").write_bytes(text)
    hooked.write("f", "2\n")
    control = ["-c", "core.hooksPath=/dev/null"]
    options = ["-F", str(tmp_path / "text")]
    if how == "verbatim":
        monkeypatch.setenv("CLEANUP", "verbatim")
        options.append("--cleanup=verbatim")
    elif how == "-v":
        hooked.type_in(text if text.endswith(b"\n") else text + b"\n")
        options = ["-v"]
    hooked.git_bytes(*control, "commit", "-qa", *options)
    plain = message_of(hooked)
    hooked.git("reset", "-q", "--soft", "HEAD^")
    hooked.git_bytes("commit", "-q", *options)

    if how == "verbatim" and not text.endswith(b"\n"):
        plain += b"\n"
    message = check(hooked, others)
    if name.startswith("old conflicts"):
        assert without_ours(message).replace(b"\n\n", b"\n") == without_ours(plain).replace(b"\n\n", b"\n")
    elif name not in ("subject is our trailer", "our trailers quoted in the body"):
        assert without_ours(message) == without_ours(plain)


@pytest.mark.parametrize("options", [["-m", "Fix it", "-m", "Acked-by: Bob"], ["-e", "-m", "Fix it\n\nAcked-by: Bob"]])
def test_more_ways_to_give_a_message(hooked, options: list[str]) -> None:
    hooked.write("f", "2\n")
    hooked.type_in(b"")
    hooked.git("commit", "-qa", *options)
    check(hooked, [("Acked-by", "Bob")])


@pytest.mark.parametrize("name", EDITED)
@pytest.mark.parametrize("verbose", ["-q", "-v"])
@pytest.mark.parametrize("cleanup", ["strip", "whitespace", "verbatim", "scissors"])
def test_every_cleanup_mode(hooked, monkeypatch, name: str, verbose: str, cleanup: str) -> None:
    """Also where the hook does not know the mode (`--cleanup` on the command line), but for a subject in comments."""
    text, others = EDITED[name]
    if name == "number" and cleanup == "strip":
        text = b"Fix it\n\n" + text
    for known in (True, False):
        if name == "number" and not known:
            text = b"Fix it\n\n" + text
        monkeypatch.setenv("CLEANUP", cleanup if known else "default")
        hooked.write("f", f"{known}\n")
        hooked.type_in(text)
        hooked.git("commit", "-qa", verbose, f"--cleanup={cleanup}")
        message = check(hooked, others)
        assert message.startswith(text.split(b"\n")[0])
        assert (b"#13 too" in message) is (name == "number" and cleanup != "strip")


@pytest.mark.parametrize("char", ["#", ";", "%", "auto"])
@pytest.mark.parametrize("verbose", ["-q", "-v"])
def test_comment_characters(hooked, monkeypatch, char: str, verbose: str) -> None:
    hooked.git("config", "core.commentChar", char)
    monkeypatch.setenv("COMMENT", char)
    for number, text in enumerate((b"it\n", b"it\n\n# one\n; two\n% three\n", b"it\n\nAcked-by: Bob\n")):
        hooked.write("template", text)
        hooked.git("config", "commit.template", "template")  # `auto` chooses by what is there before the editor opens
        hooked.type_in(b"Fix ")
        hooked.write("f", f"{number}\n")
        hooked.git("commit", "-qa", verbose)
        message = message_of(hooked)
        assert message.startswith(b"Fix it\n")
        assert b"diff --git" not in message
        assert b"Please enter" not in message
        assert read(message).problems == ()
        kept = {b"# one", b"; two", b"% three"}.intersection(message.split(b"\n"))
        assert len(kept) == (0 if number != 1 else 3 if char == "auto" else 2)
        assert (("Acked-by", "Bob") in git_trailers(hooked)) is (number == 2)


def test_latin_1_repository(hooked, monkeypatch) -> None:
    """Bytes stay as they are where the commit says that they are Latin-1."""
    hooked.git("config", "i18n.commitEncoding", "ISO-8859-1")
    monkeypatch.setenv("LATIN1", "1")
    hooked.write("f", "2\n")
    hooked.git_bytes("commit", "-qa", "-F", "-", data=b"Fix caf\xe9\n\nAssisted-by: G\xe9mini\n")
    message = message_of(hooked)
    assert b"Fix caf\xe9\n\nAssisted-by: G\xe9mini\n" in message
    record = read(message).record
    assert record is not None
    assert record.assisted_by == ("G\udce9mini", TOOL)


ODD_UTF8 = [
    *[char.encode() for char in ("\u00e9", "\ufdd0", "\ufdef", "\ufffe", "\U0001ffff", "\U0001fffe", "\U0010fffd")],
    *(b"\xc0\x80", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82"),
]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(min_size=1, max_size=3) | st.sampled_from(ODD_UTF8), max_size=12).map(b"|".join))
def test_what_git_makes_of_bytes_that_are_not_utf8(repo, raw: bytes) -> None:
    raw = raw.replace(b"\0", b"0")
    tree = repo.git("mktree", data=b"")
    commit = repo.git("commit-tree", "-F", "-", tree, data=raw)
    assert message_of(repo, commit).removesuffix(b"\n") == in_utf8(raw).removesuffix(b"\n")


@pytest.mark.parametrize("cleanup", ["default", "scissors"])
@pytest.mark.parametrize("char", ["#", ";"])
@pytest.mark.parametrize("signoff", [[], ["-s"]])
@pytest.mark.parametrize("edited", ["--no-edit", "--edit"])
def test_conflicts(hooked, monkeypatch, cleanup: str, char: str, signoff: list[str], edited: str) -> None:
    """`commit --no-edit` keeps the `# Conflicts:` lines, `--edit` drops them."""
    hooked.git("config", "commit.cleanup", cleanup)
    hooked.git("config", "core.commentChar", char)
    monkeypatch.setenv("CLEANUP", cleanup)
    monkeypatch.setenv("COMMENT", char)
    hooked.git("config", "core.hooksPath", "/dev/null")
    hooked.commit("ours", {"f": "ours\n", "g": "ours\n"})
    hooked.git("switch", "-q", "-c", "other", "HEAD^")
    hooked.commit("theirs", {"f": "theirs\n", "g": "theirs\n"})
    hooked.git("switch", "-q", "main")
    hooked.git("merge", "-q", "other", check=False)
    hooked.git("config", "--unset", "core.hooksPath")
    hooked.git("add", "f", "g")
    hooked.type_in(b"")
    hooked.git("commit", "-q", edited, *signoff)
    message = message_of(hooked)
    assert (b"Conflicts:\n" in message) is (edited == "--no-edit")
    reading = read(message)
    assert reading.problems == ()
    seen = git_trailers(hooked)
    assert [key for key, _ in seen] == [
        *(["Signed-off-by"] if signoff else []), "AI-Assistance", "Assisted-by", "Sox-Record", "Sox-Signature",
    ]  # fmt: skip
    # A second round (amend) replaces the record and nothing else.
    hooked.git("commit", "-q", "--amend", "--no-edit")
    assert message_of(hooked) == message


def test_conflict_of_a_cherry_pick(hooked) -> None:
    """The stopped commit brings its own record, `-x` adds a line: one record, in one block, at the end."""
    hooked.commit("ours", {"f": "ours\n"})
    hooked.git("switch", "-q", "-c", "other", "HEAD^")
    hooked.commit("theirs\n\nAcked-by: Bob", {"f": "theirs\n"})
    hooked.git("switch", "-q", "main")
    hooked.git("cherry-pick", "-x", "other", check=False)
    hooked.write("f", "both\n")
    hooked.git("add", "f")
    hooked.git("commit", "-q", "--no-edit")
    message = message_of(hooked)
    assert read(message).problems == ()
    assert message.count(b"Sox-Record") == 1
    assert b"(cherry picked from commit" in message
    assert [key for key, _ in git_trailers(hooked)][:2] == ["Acked-by", "AI-Assistance"]


def test_what_git_refuses_stays_refused(hooked, monkeypatch) -> None:
    hooked.write("f", "2\n")
    hooked.git("add", "f")
    before = hooked.head()
    hooked.type_in(b"")
    for options in ([], ["-s"], ["-v"], ["-m", ""], ["--cleanup=scissors"]):
        words = hooked.git("commit", *options, check=False, LC_ALL="C")
        assert hooked.head() == before, (options, words)


def test_later_tools_keep_the_block(hooked) -> None:
    hooked.write("f", "2\n")
    hooked.git("commit", "-qam", "Fix it")
    record = read(message_of(hooked)).record
    for options in (["-s"], ["--trailer", "Reviewed-by: Eve <e@b>"]):
        hooked.git("commit", "-q", "--amend", "--no-edit", "--no-verify", *options)
        assert read(message_of(hooked)).record == record
    hooked.git("format-patch", "-1", "-o", "patches")
    hooked.git("reset", "-q", "--hard", "HEAD^")
    hooked.git("am", "-q", next(str(path) for path in (hooked.path / "patches").iterdir()))
    assert read(message_of(hooked)).record == record
