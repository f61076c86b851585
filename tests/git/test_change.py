"""Raw diffs as values: what git prints, what it would never print, and the stream of a whole history."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.errors import CannotVerify
from sox_hooks.git.change import RAW_FLAGS, Change, Entry, MalformedDiff, parse_raw

ZERO, ONE, TWO = b"0" * 40, b"1" * 40, b"2" * 40


def test_every_kind_of_entry(repo):
    repo.commit("one", {"mod": "a", "gone": "b", "mode": "c", "type": "d", "old/name": "e" * 100, "a\nb": "f"})
    before = {name: repo.head(f"HEAD:{name}").encode() for name in ("mod", "gone", "mode", "type", "old/name", "a\nb")}
    repo.write("mod", "A")
    (repo.path / "gone").unlink()
    (repo.path / "mode").chmod(0o755)
    (repo.path / "type").unlink()
    (repo.path / "type").symlink_to("mod")
    (repo.path / "old/name").rename(repo.path / "new name")
    repo.write("a\nb", "F")
    repo.write(b"\xff\xfe".decode("utf-8", "surrogateescape"), "g")
    repo.commit("two")
    after = {name: repo.head(f"HEAD:{name}").encode() for name in ("mod", "type", "a\nb", "\udcff\udcfe")}
    found = parse_raw(repo.git_bytes("diff-tree", *RAW_FLAGS, "HEAD^", "HEAD"))
    file, run, link, no = b"100644", b"100755", b"120000", b"000000"
    assert found == (
        Entry(file, file, before["a\nb"], after["a\nb"], b"a\nb"),
        Entry(file, no, before["gone"], ZERO, b"gone"),
        Entry(file, file, before["mod"], after["mod"], b"mod"),
        Entry(file, run, before["mode"], before["mode"], b"mode"),
        Entry(no, file, ZERO, before["old/name"], b"new name"),
        Entry(file, no, before["old/name"], ZERO, b"old/name"),
        Entry(file, link, before["type"], after["type"], b"type"),
        Entry(no, file, ZERO, after["\udcff\udcfe"], b"\xff\xfe"),
    )
    touched = Change((repo.head("HEAD^"),), (found,)).touched()
    assert touched == ("a\nb", "gone", "mod", "mode", "new name", "old/name", "type", "\udcff\udcfe")


META = b":100644 100644 " + ONE + b" " + TWO + b" M"
MALFORMED = {
    "no end": META + b"\0f",
    "no path": META + b"\0",
    "an empty path": META + b"\0\0",
    "two paths": META + b"\0a\0b\0",
    "a rename": META[:-1] + b"R100\0a\0b\0",
    "no colon": META[1:] + b"\0f\0",
    "a combined diff": b":" + META + b"\0f\0",
    "a short mode": META.replace(b":100644", b":10644") + b"\0f\0",
    "text": b"hello\0f\0",
    "a patch behind it": META + b"\0f\0\0diff --git a/f b/f\n",
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
def test_refuses(raw):
    with pytest.raises(MalformedDiff) as caught:
        parse_raw(raw)
    assert isinstance(caught.value, CannotVerify)


_ENTRY = st.builds(
    Entry,
    *[st.sampled_from([b"000000", b"100644", b"120000", b"160000"])] * 2,
    *[st.sampled_from([ZERO, ONE, TWO, b"3" * 64])] * 2,
    st.binary(min_size=1).filter(lambda path: b"\0" not in path),
)


def printed(entries: tuple[Entry, ...]) -> bytes:
    return b"".join(b":%b %b %b %b M\0%b\0" % (e.old_mode, e.new_mode, e.old_oid, e.new_oid, e.path) for e in entries)


@given(st.lists(_ENTRY, max_size=5))
def test_parsing_is_the_inverse_of_printing(entries):
    assert parse_raw(printed(tuple(entries))) == tuple(entries)


def side(*paths: bytes) -> tuple[Entry, ...]:
    return tuple(Entry(b"100644", b"100644", ONE, TWO, path) for path in paths)


@pytest.mark.parametrize(
    ("sides", "touched"),
    [
        ((side(b"b", b"a"),), ("a", "b")),
        ((side(),), ()),
        ((), ()),
        ((side(b"a", b"b"), side(b"b", b"c")), ("b",)),
        ((side(b"a"), side(b"b")), ()),
        ((side(b"a", b"b"), side(b"a", b"b"), side(b"b", b"\xff")), ("b",)),
        ((side(b"a"), side()), ()),
    ],
)
def test_touched(sides, touched):
    change = Change(tuple("abc"[: len(sides)]), sides)
    assert change.touched() == touched
    assert change.empty == (not any(sides))
