"""The text of a diff is read by its counts: content that imitates headers changes nothing."""

from __future__ import annotations

import contextlib
import subprocess
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sox_hooks.git.change import RAW_FLAGS, MalformedDiff
from sox_hooks.git.patch import PATCH_FLAGS, DiffReader

IMITATIONS = [
    "diff --git a/x b/x", "@@ -1 +1 @@", "@@ -0,0 +1,9 @@", "Binary files a/x and b/x differ", "index 1..2 100644",
    "--- a/x", "+++ b/x", "\\ No newline at end of file", "new file mode 100644", ":100644 100644 1 2 M", "", " ",
    "-", "+", "@", "a", "b", "c",
]  # fmt: skip


def diff(repo, old="HEAD^", new="HEAD") -> bytes:
    return repo.git_bytes("diff-tree", *RAW_FLAGS, *PATCH_FLAGS, old, new)


def pieces(raw: bytes, size: int) -> list[bytes]:
    return [raw[at : at + size] for at in range(0, len(raw), size)]


def read(raw: bytes, size: int = 0):
    reader = DiffReader(pieces(raw, size or len(raw) + 1))
    return [(item.path, sections) for item, sections in reader.sections()]


@pytest.fixture
def varied(repo):
    """One commit with every kind of section."""
    repo.commit(
        "one",
        {
            "a text": "".join(f"{n}\n" for n in range(40)),
            "bin": b"\0one",
            "empty-gone": "",
            "gone": "no newline",
            "imitation": "\n".join(IMITATIONS),
            "line\nend": "x\n",
            "mode": "same\n",
            "to-link": "text\n",
        },
    )
    repo.write("a text", "".join(f"{n}\n" for n in range(1, 20)) + "new\n" + "".join(f"{n}\n" for n in range(21, 41)))
    repo.write("bin", b"\0two")
    (repo.path / "empty-gone").unlink()
    (repo.path / "gone").unlink()
    repo.write("imitation", "\n".join(reversed(IMITATIONS)) + "\n")
    repo.write("line\nend", "y\n")
    (repo.path / "mode").chmod(0o755)
    (repo.path / "to-link").unlink()
    (repo.path / "to-link").symlink_to("mode")
    repo.write("empty-new", "")
    repo.commit("two")
    return diff(repo)


def test_every_kind_of_section(varied):
    found = dict(read(varied))
    (text,) = found[b"a text"]
    assert text.hunks == (
        (b"-0", b" 1"),
        (b" 19", b"-20", b"+new", b" 21"),
        (b" 39", b"+40"),
    )
    (binary,) = found[b"bin"]
    assert (binary.binary, binary.hunks) == (True, ())
    for name in (b"empty-gone", b"empty-new", b"mode"):
        (section,) = found[name]
        assert (section.binary, section.hunks) == (False, ())
    assert found[b"gone"][0].hunks == ((b"-no newline", b"\\"),)
    assert found[b"line\nend"][0].hunks == ((b"-x", b"+y"),)
    gone, came = found[b"to-link"]
    assert (gone.old_mode, gone.new_mode, came.old_mode, came.new_mode) == (b"100644", b"000000", b"000000", b"120000")
    assert (gone.hunks, came.hunks) == (((b"-text",),), ((b"+mode", b"\\"),))


def test_pieces_of_any_size_give_the_same(varied):
    whole = read(varied)
    for size in (1, 2, 3, 7, 64, 1000):
        assert read(varied, size) == whole


def test_an_output_that_breaks_off_is_never_taken_for_whole(varied):
    whole = read(varied)
    for end in range(len(varied)):
        with contextlib.suppress(MalformedDiff):
            assert read(varied[:end]) != whole


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"diff --git ", b"diff --cc "),
        (b"@@ -40 +39,2 @@", b"@@ -40 +39,3 @@"),  # runs into the next section
        (b"@@ -20,3 +19,3 @@", b"@@ -20,3 +19,2 @@"),
        (b"@@ -20,3 +19,3 @@", b"@@ -20,2 +19,3 @@"),
        (b"@@ -20,3 +19,3 @@", b"@@ -20,x +19,3 @@"),
        (b"@@ -20,3 +19,3 @@", b"@@ -20, +19,3 @@"),
        (b"@@ -20,3 +19,3 @@", b"@@ +20,3 -19,3 @@"),
        (b"@@ -20,3 +19,3 @@", b"@@ -20,3 @@"),
        (b"@@ -20,3 +19,3 @@", b"@@ "),
        (b"@@ -20,3 +19,3 @@", b"@@ -20,3 +19,3"),
        (b"@@ -20,3 +19,3 @@", b"@@ -20,3333333333 +19,3 @@"),
        (b"+new\n", b"new\n"),
        (b"+new\n", b"\n"),
        (b"index ", b"index 0"),
        (b" M\0bin\0", b" M\0bin\0\0"),
        (b"100644 120000", b"100644 100755"),  # one section expected, two there
        (b"Binary files", b"Text files"),
    ],
)
def test_refuses(varied, old, new):
    assert old in varied
    with pytest.raises(MalformedDiff):
        read(varied.replace(old, new, 1))


def test_refuses_more_or_fewer_sections_than_entries(varied):
    raw, separator, text = varied.partition(b"\0\0")
    with pytest.raises(MalformedDiff, match="more of it"):
        read(varied + text[text.rindex(b"diff --git") :])
    with pytest.raises(MalformedDiff, match="no section"):
        read(raw + separator + text[: text.rindex(b"diff --git")])
    with pytest.raises(MalformedDiff):
        read(raw + b"\0" + text)


def test_nothing_changed():
    assert read(b"") == []
    assert DiffReader([]).entries == ()


_FILE = st.lists(st.sampled_from(IMITATIONS), max_size=8).map("\n".join)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scratch")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


@given(_FILE, _FILE, st.booleans(), st.integers(1, 50))
@settings(max_examples=60, deadline=None)
def test_a_hunk_holds_exactly_what_changed(scratch, old, new, ended, size):
    """The old lines without the removed ones are the new lines without the added ones."""
    old, new = old + "\n" * ended, new + "\n"

    def git(*arguments: str, data: str = "") -> bytes:
        return subprocess.run(
            ["git", "-C", str(scratch), *arguments], input=data.encode(), capture_output=True, check=True
        ).stdout

    trees = []
    for content in (old, new):
        oid = git("hash-object", "-w", "--stdin", data=content).decode().strip()
        trees.append(git("mktree", data=f"100644 blob {oid}\tf\n").decode().strip())
    raw = git("diff-tree", *RAW_FLAGS, *PATCH_FLAGS, *trees)
    changed = {"-": Counter(), "+": Counter(), " ": Counter(), "\\": Counter()}
    for _, sections in read(raw, size):
        for hunk in sections[0].hunks:
            for line in hunk:
                changed[line[:1].decode()][line[1:].decode()] += 1
    kept = Counter(lines(old))
    kept.subtract(changed["-"])
    kept.update(changed["+"])
    assert +kept == Counter(lines(new))
    assert (raw == b"") == (old == new)


def lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


@pytest.mark.parametrize("mode", [b"1_0644", b"108644", b"90064\xff"])
def test_mode_that_is_no_number_is_refused(mode: bytes) -> None:
    raw = b":100644 " + mode + b" " + b"1" * 40 + b" " + b"2" * 40 + b" M\0f\0\0"
    with pytest.raises(MalformedDiff):
        read(raw)
