"""The change digest: its exact bytes, what it tells apart, and that stock tools give the same."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.git.change import Change, Entry, MalformedDiff, parse_raw
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git
from sox_hooks.record import binding
from sox_hooks.record.binding import bind, change_digest, manifest

NO, FILE, RUN = b"000000", b"100644", b"100755"
ZERO, ONE, TWO = b"0" * 40, b"1" * 40, b"2" * 40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


@pytest.fixture
def room(repo):
    with CleanRoom(Git(str(repo.path))) as opened:
        yield opened


def bound(room, repo, oid="HEAD"):
    """What the commit is bound to."""
    parents = tuple(repo.git("log", "-1", "--format=%P", oid).split())
    return bind(parents, [room.blocks(parent, repo.head(oid)) for parent in parents or (room.empty_tree,)])


def entries(*paths: bytes) -> tuple[Entry, ...]:
    return tuple(Entry(FILE, RUN, ONE, TWO, path) for path in paths)


def line(path: bytes) -> bytes:
    return b"100644 100755 " + ONE + b" " + TWO + b"\0" + path + b"\0"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change(("p",), (entries(b"f"),)), line(b"f")),
        (Change((), (entries(b"f"),)), line(b"f")),
        (
            Change(("p",), (entries(b"b", b"a/x", b"a", b"a\n", b"a.b"),)),
            b"".join([line(path) for path in (b"a", b"a\n", b"a.b", b"a/x", b"b")]),
        ),
        (
            Change(("p", "q"), (entries(b"b", b"a"), entries(b"a"))),
            b"parent 1 2\0" + line(b"a") + line(b"b") + b"parent 2 2\0" + line(b"a"),
        ),
        (Change(("p", "q"), (entries(b"a"), ())), b"parent 1 2\0" + line(b"a") + b"parent 2 2\0"),
        (Change(("p", "q", "r"), ((), (), entries(b"a"))), b"parent 1 3\0parent 2 3\0parent 3 3\0" + line(b"a")),
        (Change((), ((),)), b"empty root\0"),
        (Change(("p",), ((),)), b"empty p\0"),
        (Change(("p", "q"), ((), ())), b"empty p q\0"),
    ],
)  # fmt: skip
def test_manifest(change, expected):
    assert manifest(change) == expected
    assert change_digest(change) == b64(expected)


def test_a_path_twice_has_no_digest():
    with pytest.raises(MalformedDiff, match="out of order"):
        manifest(Change(("p",), (entries(b"f", b"g", b"f"),)))


_PATH = st.binary(min_size=1, max_size=6).filter(lambda path: b"\0" not in path)
_SIDE = st.lists(
    st.tuples(_PATH, st.sampled_from([FILE, RUN]), st.sampled_from([ONE, TWO])), unique_by=lambda e: e[0], max_size=4
)


def changes(parents: int):
    ids = tuple("abc"[:parents])
    sides = st.lists(_SIDE, min_size=max(1, parents), max_size=max(1, parents))
    return sides.map(
        lambda made: Change(ids, tuple(tuple(Entry(NO, m, ZERO, o, p) for p, m, o in sorted(side)) for side in made))
    )


@given(st.integers(0, 3).flatmap(changes), st.integers(0, 3).flatmap(changes))
def test_different_changes_have_different_manifests(one, other):
    same = one.sides == other.sides and (not one.empty or one.parents == other.parents)
    assert (manifest(one) == manifest(other)) == same


@given(st.integers(1, 3).flatmap(changes), st.randoms())
def test_the_order_of_entries_does_not_matter(change, random):
    shuffled = tuple(tuple(random.sample(side, len(side))) for side in change.sides)
    assert manifest(change.replace(sides=shuffled)) == manifest(change)


def documented_command() -> str:
    """The command of the module's own page."""
    (block,) = re.findall(r"stock tools .*?::\n\n(.*?)\n\n", binding.__doc__, re.DOTALL)
    return block


def test_an_auditor_gets_the_digest_with_stock_tools(repo, room):
    repo.commit("one", {"mod": "a", "gone": "b", "mode": "c", "type": "d", "d/x": "e", "a\nb": "f"})
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    repo.git("commit", "-q", "-m", "gitlink")
    for name, content in (
        ("mod", "A"), ("a\nb", "F"), ("new", ""), (":100644 100644 x y M", "like an entry"), ("d.x", "1"), ("d-x", "2"),
        ("\udcff\udcfe", "bytes"), ('q"uo\\te', "3"), ("caf\u00e9", "4"), (" ", "5"),
    ):  # fmt: skip
        repo.write(name, content)
    (repo.path / "gone").unlink()
    (repo.path / "mode").chmod(0o755)
    (repo.path / "type").unlink()
    (repo.path / "type").symlink_to("mod")
    repo.git("update-index", "--cacheinfo", f"160000,{'2' * 40},sub")
    repo.git("add", "-A", "--", ":!sub")
    repo.git("commit", "-q", "-m", "two")
    command = documented_command().replace("COMMIT", "HEAD")
    done = subprocess.run(["sh", "-c", command], cwd=repo.path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == bound(room, repo).change
    assert len(parse_raw(room.diff(repo.head("HEAD^"), repo.head(), patch=False))) == 14
