"""The patch digest: its exact bytes, what it tells apart, and what it forgives."""

from __future__ import annotations

import base64
import hashlib
import tracemalloc

import pytest

from sox_hooks.git.change import MalformedDiff
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git
from sox_hooks.record import binding
from sox_hooks.record.binding import bind, patch_digest

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


class Collected:
    """Stands in for SHA-256 and keeps what was put in."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = data

    def update(self, data: bytes) -> None:
        self.data += data

    def digest(self) -> bytes:
        return hashlib.sha256(self.data).digest()


@pytest.fixture
def preimage(monkeypatch, room, repo):
    """The bytes of which the patch digest of a commit is taken."""
    made: list[Collected] = []

    def collecting(data: bytes = b"") -> Collected:
        made.append(Collected(data))
        return made[-1]

    def take(oid="HEAD") -> bytes:
        made.clear()
        with monkeypatch.context() as patched:
            patched.setattr(binding, "sha256", collecting)
            digest = bound(room, repo, oid).patch
        (data,) = [one.data for one in made if b64(one.data) == digest][:1]
        return data

    return take


def test_the_bytes_of_every_kind_of_entry(repo, preimage):
    numbers = [f"{n}\n" for n in range(12)]
    repo.commit("one", {
        "a": "".join(numbers), "bin": b"\0one", "empty": "", "end": "x\ny", "gone": "1\n2", "mode": "m\n",
        "type": "t\n", "crlf": "a\r\nb\r\n",
    })  # fmt: skip
    oid = {name: repo.head(f"HEAD:{name}").encode() for name in ("bin", "type")}
    repo.git(
        "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub", "--cacheinfo", f"160000,{'1' * 40},was-sub"
    )
    repo.git("commit", "-q", "-m", "gitlinks")
    repo.write(
        "a", "".join([*numbers[:2], "two\n", *numbers[3:4], "four\n", *numbers[5:8], "8\n", "new\n", *numbers[9:]])
    )
    repo.write("bin", b"\0two")
    (repo.path / "empty").unlink()
    repo.write("end", "x\ny\n")
    (repo.path / "gone").unlink()
    (repo.path / "mode").chmod(0o755)
    (repo.path / "type").unlink()
    (repo.path / "type").symlink_to("mode")
    repo.write("was-sub", "file\n")
    repo.write("new empty", "")
    repo.write("line\nend", "@\n")
    repo.write("crlf", "a\r\nb\n")
    repo.git("update-index", "--cacheinfo", f"160000,{'2' * 40},sub")
    repo.git("add", "-A", "--", ":!sub")
    repo.git("commit", "-q", "-m", "two")
    new = repo.head("HEAD:bin").encode()
    assert preimage() == b"".join(
        [
            b"100644 100644\0a\0",
            b"@\n 1\n-2\n+two\n 3\n", b"@\n 3\n-4\n+four\n 5\n", b"@\n 8\n+new\n 9\n",
            b"100644 100644\0bin\0=", oid["bin"], b" ", new, b"\0",
            b"100644 100644\0crlf\0@\n a\r\n-b\r\n+b\n",
            b"100644 000000\0empty\0",
            b"100644 100644\0end\0@\n x\n-y\n\\\n+y\n",
            b"100644 000000\0gone\0@\n-1\n-2\n\\\n",
            b"000000 100644\0line\nend\0@\n+@\n",
            b"100644 100755\0mode\0",
            b"000000 100644\0new empty\0",
            b"160000 160000\0sub\0=", ONE, b" ", TWO, b"\0",
            b"100644 120000\0type\0@\n-t\n@\n+mode\n\\\n",
            b"160000 100644\0was-sub\0=", ONE, b" ", ZERO, b"\0@\n+file\n",
        ]
    )  # fmt: skip


def test_the_bytes_of_a_merge_a_root_and_of_nothing(repo, preimage):
    repo.commit("root", {"f": "1\n"})
    root = repo.head()
    assert preimage() == b"000000 100644\0f\0@\n+1\n"
    repo.commit("nothing")
    assert preimage() == b"empty " + root.encode() + b"\0"
    repo.git("checkout", "-q", "-b", "side", root)
    repo.commit("side", {"s": "s\n"})
    repo.git("checkout", "-q", "main")
    repo.commit("main", {"m": "m\n"})
    repo.git("merge", "-q", "--no-edit", "side")
    assert preimage() == b"parent 1 2\000000000 100644\0s\0@\n+s\nparent 2 2\000000000 100644\0m\0@\n+m\n"
    repo.git("checkout", "-q", "--orphan", "bare-root")
    repo.git("rm", "-rqf", ".")
    repo.commit("empty root")
    assert preimage() == b"empty root\0"


@pytest.mark.parametrize(
    ("size", "nul", "binary"),
    [(1_048_576, -1, False), (1_048_577, -1, True), (9000, 7999, True), (9000, 8000, False), (1_500_000, -1, True)],
)
def test_what_is_binary(repo, preimage, size, nul, binary):
    repo.commit("one", {"f": "x\n"})
    content = bytearray(b"0123456\n" * (size // 8) + b"#" * (size % 8))
    if nul >= 0:
        content[nul] = 0
    repo.commit("two", {"f": bytes(content)})
    assert (b"\0f\0=" in preimage()) == binary
    assert (len(preimage()) < 200) == binary


def pair(repo, room, old, new):
    """Digests of the same starting point changed in one way or the other."""
    found = []
    for version in (old, new):
        repo.git("checkout", "-q", "--detach", "base")
        for name, content in version.items():
            repo.write(name, content)
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", "x")
        found.append(bound(room, repo))
    return found


@pytest.mark.parametrize(
    ("name", "base", "one", "other"),
    [
        (
            "moved out of an if by white space alone",
            "if x:\n    a()\n    b()\n",
            "if x:\n    a()\n    b()\n    c()\n",
            "if x:\n    a()\n    b()\nc()\n",
        ),
        (
            "the same line in another function",
            "def is_test(x):\n    log()\n\n\ndef is_admin(x):\n    log(x)\n",
            "def is_test(x):\n    log()\n    return True\n\n\ndef is_admin(x):\n    log(x)\n",
            "def is_test(x):\n    log()\n\n\ndef is_admin(x):\n    log(x)\n    return True\n",
        ),
        ("a carriage return", "a\nb\n", "a\nc\n", "a\nc\r\n"),
        ("an end of line at the end", "a\nb\n", "a\nc\n", "a\nc"),
        ("a blank line", "a\nb\n", "a\n\nb\n", "a\n \nb\n"),
        ("the order of lines", "a\nb\n", "a\nx\ny\nb\n", "a\ny\nx\nb\n"),
        ("before and after", "a\nb\n", "x\na\nb\n", "a\nx\nb\n"),
        ("a tab", "a\n", "a\n\tx\n", "a\n        x\n"),
    ],
)
def test_tells_apart(repo, room, name, base, one, other):
    repo.commit("base", {"f": base})
    repo.git("tag", "base")
    first, second = pair(repo, room, {"f": one}, {"f": other})
    assert first.patch != second.patch, name
    assert first.change != second.change


def test_tells_modes_links_and_paths_apart(repo, room):
    repo.commit("base", {"f": "x\n"})
    base = repo.head()
    seen = set()
    for act in (
        lambda: repo.write("g", "target"),
        lambda: repo.write("h", "target"),
        lambda: (repo.path / "g").symlink_to("target"),
        lambda: (repo.write("g", "target"), (repo.path / "g").chmod(0o755)),
        lambda: repo.write("g", ""),
        lambda: (repo.write("g", ""), (repo.path / "g").chmod(0o755)),
        lambda: (repo.path / "f").chmod(0o755),
        lambda: (repo.path / "f").unlink(),
        lambda: repo.write("g", b"\0"),
        lambda: repo.write("g", b"\0\0"),
        lambda: None,
    ):
        repo.git("checkout", "-q", "--detach", base)
        act()
        repo.commit("x")
        found = bound(room, repo)
        seen |= {found.patch, found.change}
    assert len(seen) == 21  # an empty change has one digest for both


def test_survives_a_rebase_over_edits_elsewhere_in_the_same_file(repo, room):
    lines = [f"line {n}\n" for n in range(60)]
    repo.commit("base", {"f": "".join(lines), "g": "x\n"})
    repo.git("checkout", "-q", "-b", "side")
    mine = list(lines)
    mine[30:32] = ["mine\n", "and\n", "more\n"]
    mine[34] = "again\n"
    del mine[40]
    repo.commit("side", {"f": "".join(mine)})
    before = bound(room, repo)
    repo.git("checkout", "-q", "main")
    theirs = ["new\n"] * 7 + lines[1:28] + lines[29:45] + ["x\n"] + lines[50:]
    repo.commit("theirs", {"f": "".join(theirs), "g": "y\n"})
    repo.git("rebase", "-q", "main", "side")
    after = bound(room, repo)
    assert (before.patch, before.change != after.change) == (after.patch, True)


def test_a_neighbouring_line_is_part_of_it(repo, room):
    lines = [f"{n}\n" for n in range(9)]
    digests = set()
    for base in (lines, [*lines[:3], "close\n", *lines[4:]], ["far\n", *lines[1:]]):
        repo.commit("base", {"f": "".join(base)})
        repo.commit("mine", {"f": "".join([*base[:4], "mine\n", *base[5:]])})
        digests.add(bound(room, repo).patch)
    assert len(digests) == 2


def test_groups_are_the_same_whether_git_shows_them_as_one_hunk_or_two(repo, room, preimage):
    """Two unchanged lines between two groups: one hunk; a third line that somebody puts between them: two hunks."""
    base = "0\n1\n2\n3\n4\n5\n"
    mine = "0\nA\n2\n3\nB\n5\n"
    repo.commit("base", {"f": base})
    repo.commit("mine", {"f": mine})
    assert preimage() == b"100644 100644\0f\0@\n 0\n-1\n+A\n 2\n@\n 3\n-4\n+B\n 5\n"
    first = bound(room, repo).patch
    repo.git("checkout", "-q", "--detach", "HEAD^")
    repo.commit("theirs", {"f": base.replace("3\n", "theirs\n3\n")})
    repo.commit("mine", {"f": mine.replace("3\n", "theirs\n3\n")})
    assert bound(room, repo).patch == first


def test_an_empty_change_is_bound_to_its_parent(repo, room):
    repo.commit("base", {"f": "x"})
    seen = set()
    for number in range(3):
        repo.commit(f"empty {number}")
        found = bound(room, repo)
        seen |= {found.change, found.patch}
        assert found.change == found.patch
    assert len(seen) == 3


def test_the_parents_of_a_merge_are_told_apart(repo, room):
    """With the first parent alone another branch could be swapped in, and its changes would be lost."""
    repo.commit("base", {"f": "0\n"})
    for name in ("side", "fix"):
        repo.git("checkout", "-q", "-b", name, "main")
        repo.commit(name, {name: name})
    repo.git("checkout", "-q", "main")
    repo.commit("main", {"m": "m"})
    tree, parent = repo.head("HEAD^{tree}"), repo.head()
    made = [
        repo.git("commit-tree", tree, "-p", parent, "-p", repo.head(name), "-m", "merge") for name in ("side", "fix")
    ] + [repo.git("commit-tree", tree, "-p", repo.head("side"), "-p", parent, "-m", "turned round")]
    found = [bound(room, repo, oid) for oid in made]
    assert len({one.change for one in found}) == len({one.patch for one in found}) == 3


def test_unsorted_trees_have_no_digest(repo, room):
    blob = repo.git("hash-object", "-w", "--stdin", data=b"x\n")
    raw = b"".join(b"100644 " + name + b"\0" + bytes.fromhex(blob) for name in (b"b", b"a"))
    tree = repo.git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", data=raw)
    with pytest.raises(MalformedDiff, match="out of order"):
        bind((), [room.diff(room.empty_tree, tree)])


def test_as_many_diffs_as_parents(repo, room):
    oid = repo.commit("x", {"f": "x"})
    diff = room.diff(room.empty_tree, oid)
    for parents, count in (((), 2), (("p",), 0), (("p",), 2), (("p", "q"), 1)):
        with pytest.raises(ValueError, match="parents"):
            bind(parents, [diff] * count)
    assert patch_digest((), [diff]) == bind((), [diff]).patch


def test_a_large_change_takes_little_memory(repo):
    """4 MB of patch in 200 files of 20 kB: what is held is one file and the list of paths."""
    block = "".join(f"{n:>9}\n" for n in range(2000))
    commands = [b"commit refs/heads/main\ncommitter A <a@x> 1 +0000\ndata 0\n"]
    for number in range(200):
        content = f"{number}\n{block}".encode()
        commands.append(b"M 100644 inline f%04d\ndata %d\n%b\n" % (number, len(content), content))
    repo.git("fast-import", "--quiet", data=b"".join(commands))
    with CleanRoom(Git(str(repo.path))) as room:
        tracemalloc.start()
        found = bind((), [room.blocks(room.empty_tree, repo.head("main"))])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1_500_000
        assert found == bind((), [room.diff(room.empty_tree, repo.head("main"))])
    assert len(found.content.sides[0]) == 200
