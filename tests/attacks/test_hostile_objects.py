"""Objects that git itself would not write, or that are made to cost: every commit gets a verdict, in bounded resources.

Gained if one of them worked: a commit that two readers read differently, a gate that breaks down (and is then switched
off), or one that says nothing of the commits beside the hostile one.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attacks.desk import Desk
from tests.conftest import sox_argv

WHO = b" Alice <alice@bank.example> 1790000000 +0000\n"
AUTHOR, COMMITTER = b"author" + WHO, b"committer" + WHO
PGP = b"gpgsig -----BEGIN SSH SIGNATURE-----\n U1NIU0lH\n -----END SSH SIGNATURE-----\n"
# Bytes of memory and seconds of processor time that one run may take, git's part included by being a child each.
MEMORY, SECONDS = 1 << 30, 60


def limited(desk: Desk, *words: str, form: str = "json", memory: int = MEMORY) -> tuple[int, dict[str, str], str]:
    """The exit code, the status of every commit, and what else was said, of a run in bounded resources."""

    def limits() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    done = subprocess.run(
        [*sox_argv(), "verify", "--format", form, *words],
        cwd=desk.repo.path,
        capture_output=True,
        check=False,
        timeout=110,
        preexec_fn=limits,
    )
    err = done.stderr.decode("utf-8", "replace")
    assert "Traceback" not in err, err
    assert done.returncode in (0, 1, 2, 4), err
    found = json.loads(done.stdout)["commits"] if form == "json" and done.stdout else []
    return done.returncode, {entry["commit"]: entry["status"] for entry in found}, err


def head(desk: Desk, tree: str = "") -> bytes:
    tree = tree or desk.git("rev-parse", "main^{tree}")
    return f"tree {tree}\nparent {desk.adoption}\n".encode()


# Commits whose headers git can walk, all judged in one run; what each of them is, and its status.
WALKABLE: dict[str, tuple[str, Callable[[Desk], bytes]]] = {
    "header behind the committer": (
        "unverifiable",
        lambda d: head(d) + AUTHOR + COMMITTER + b"author X <x@y> 1 +0000\n\nm\n",
    ),
    "two authors": ("unverifiable", lambda d: head(d) + AUTHOR + AUTHOR + COMMITTER + b"\nm\n"),
    "two committers": ("unverifiable", lambda d: head(d) + AUTHOR + COMMITTER + COMMITTER + b"\nm\n"),
    "committer before author": ("unverifiable", lambda d: head(d) + COMMITTER + AUTHOR + b"\nm\n"),
    "no author": ("unverifiable", lambda d: head(d) + COMMITTER + b"\nm\n"),
    "no committer": ("unverifiable", lambda d: head(d) + AUTHOR + b"\nm\n"),
    "nobody at all": ("unverifiable", lambda d: head(d) + b"\nm\n"),
    "parent behind the author": (
        "unverifiable",
        lambda d: head(d) + AUTHOR + f"parent {d.first}\n".encode() + COMMITTER + b"\nm\n",
    ),
    "second tree": (
        "unverifiable",
        lambda d: head(d) + f"tree {d.git('rev-parse', 'main^{tree}')}\n".encode() + AUTHOR + COMMITTER + b"\nm\n",
    ),
    "two encodings": (
        "unverifiable",
        lambda d: head(d) + AUTHOR + COMMITTER + b"encoding UTF-8\nencoding UTF-16\n\nm\n",
    ),
    "two signatures": ("unverifiable", lambda d: head(d) + AUTHOR + COMMITTER + PGP + PGP + b"\nm\n"),
    "header behind the signature": (
        "unverifiable",
        lambda d: head(d) + AUTHOR + COMMITTER + PGP + b"encoding UTF-8\n\nm\n",
    ),
    "NUL among the headers": ("unverifiable", lambda d: head(d) + AUTHOR + b"x a\0b\n" + COMMITTER + b"\nm\n"),
    "NUL behind the committer": ("unverifiable", lambda d: head(d) + AUTHOR + COMMITTER + b"x a\0b\n\nm\n"),
    "header without a value": ("unverifiable", lambda d: head(d) + AUTHOR + COMMITTER + b"x\n\nm\n"),
    "line that continues nothing": ("unverifiable", lambda d: head(d) + AUTHOR + b" more\n" + COMMITTER + b"\nm\n"),
    "no end of the headers": ("unverifiable", lambda d: (head(d) + AUTHOR + COMMITTER).removesuffix(b"\n")),
    "no message": ("unrecorded", lambda d: head(d) + AUTHOR + COMMITTER),
    "NUL in the message": ("unrecorded", lambda d: head(d) + AUTHOR + COMMITTER + b"\nm\0\n\nAI-Assistance: none\n"),
    "author without brackets": ("unrecorded", lambda d: head(d) + b"author nobody\n" + COMMITTER + b"\nm\n"),
    "date of a million digits": (
        "unrecorded",
        lambda d: head(d) + b"author A <a@b> " + b"9" * 1_000_000 + b" +0000\n" + COMMITTER + b"\nm\n",
    ),
    "header line of 5 MB": (
        "unrecorded",
        lambda d: head(d) + AUTHOR + COMMITTER + b"x " + b"y" * 5_000_000 + b"\n\nm\n",
    ),
    "100,000 headers": ("unrecorded", lambda d: head(d) + AUTHOR + COMMITTER + b"x y\n" * 100_000 + b"\nm\n"),
    "message of 10 MB": ("unrecorded", lambda d: head(d) + AUTHOR + COMMITTER + b"\n" + b"word " * 2_000_000 + b"\n"),
    "10 MB of blank lines": (
        "unrecorded",
        lambda d: head(d) + AUTHOR + COMMITTER + b"\nm" + b"\n" * 10_000_000 + b"x\n",
    ),
    "10 MB of white lines": (
        "unrecorded",
        lambda d: head(d) + AUTHOR + COMMITTER + b"\nm" + b"\n " * 5_000_000 + b"x\n",
    ),
    "100,000 trailers": (
        "forged",
        lambda d: head(d) + AUTHOR + COMMITTER + b"\nm\n\n" + b"AI-Assistance: none\nSox-Record: v1\n" * 100_000,
    ),
    "100,000 folds": (
        "forged",
        lambda d: head(d) + AUTHOR + COMMITTER + b"\nm\n\nAI-Assistance: none\nSox-Record: v1\n" + b" x=y\n" * 100_000,
    ),
    "100,000 tools": (
        "unrecorded",
        lambda d: head(d) + AUTHOR + COMMITTER + b"\nm\n\n" + b"Assisted-by: claude-code\n" * 100_000,
    ),
    "100,000 look-alikes": (
        "unrecorded",
        lambda d: head(d) + AUTHOR + COMMITTER + b"\nm\n\n" + "АI-Assistance: none\n".encode() * 100_000,
    ),
    "message in UTF-16": (
        "unrecorded",
        lambda d: head(d) + AUTHOR + COMMITTER + b"encoding UTF-16\n\n" + "m\n\nSox-Record: v1\n".encode("utf-16"),
    ),
    "message that is not UTF-8": (
        "unrecorded",
        lambda d: head(d) + AUTHOR + COMMITTER + b"encoding x-nothing\n\n\xff\xfe\x80\n\nA: \xff\n",
    ),
    "the same parent 300 times": (
        "unrecorded",
        lambda d: head(d) + f"parent {d.adoption}\n".encode() * 299 + AUTHOR + COMMITTER + b"\nm\n",
    ),
}


def test_every_walkable_commit_gets_its_verdict_in_one_run(desk: Desk) -> None:
    """An honest commit stands between them, and loses nothing."""
    desk.open()
    honest = desk.record({"src/app.py": "good()\n"})
    tips = {name: desk.raw(make(desk)) for name, (_, make) in WALKABLE.items()}
    names = list(tips)
    order = (
        [tips[name] for name in names[: len(names) // 2]] + [honest] + [tips[name] for name in names[len(names) // 2 :]]
    )
    code, statuses, err = limited(desk, "^main", *order)
    assert code == 1, err
    assert statuses[honest] == "verified"
    assert {name: statuses[oid] for name, oid in tips.items()} == {
        name: status for name, (status, _) in WALKABLE.items()
    }


# What git cannot walk: the run ends with a plain error, and never with a pass.
UNWALKABLE: dict[str, Callable[[Desk], bytes]] = {
    "nothing at all": lambda _: b"",
    "no headers": lambda _: b"\nm\n",
    "tree id too short": lambda d: head(d).replace(b"tree ", b"tree", 1)[:44] + b"\n" + AUTHOR + COMMITTER + b"\nm\n",
    "tree id too long": lambda d: head(d, d.git("rev-parse", "main^{tree}") + "0") + AUTHOR + COMMITTER + b"\nm\n",
    "parent that is a tree": lambda d: (
        head(d).replace(d.adoption.encode(), d.git("rev-parse", "main^{tree}").encode()) + AUTHOR + COMMITTER + b"\nm\n"
    ),
    "parent that is a blob": lambda d: (
        head(d).replace(d.adoption.encode(), d.git("rev-parse", "main:README").encode()) + AUTHOR + COMMITTER + b"\nm\n"
    ),
    "parent that is missing": lambda d: (
        head(d).replace(d.adoption.encode(), b"4b" * 20) + AUTHOR + COMMITTER + b"\nm\n"
    ),
}


@pytest.mark.parametrize("name", UNWALKABLE)
def test_what_cannot_be_walked_is_no_pass(desk: Desk, name: str) -> None:
    desk.open()
    oid = desk.raw(UNWALKABLE[name](desk))
    code, statuses, err = limited(desk, f"main..{oid}")
    assert code == 4, (err, statuses)
    assert statuses.get(oid, "unverifiable") == "unverifiable"
    # The commit is not the tip: somebody went on from it.
    tip = desk.raw(head(desk).replace(desk.adoption.encode(), oid.encode()) + AUTHOR + COMMITTER + b"\nm\n")
    code, statuses, err = limited(desk, f"main..{tip}")
    assert code == 4, (err, statuses)


def tree(desk: Desk, *entries: tuple[bytes, bytes, str]) -> str:
    """A tree of these entries, as they come."""
    return desk.raw(b"".join([mode + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries]), "tree")


def blob(desk: Desk) -> str:
    return desk.git("hash-object", "-w", "--stdin", data=b"evil()\n")


F, D, L, S = b"100644", b"40000", b"120000", b"160000"
TREES: dict[str, Callable[[Desk], str]] = {
    ".git": lambda d: tree(d, (F, b".git", blob(d))),
    ".GIT": lambda d: tree(d, (F, b".GIT", blob(d))),
    "dots": lambda d: tree(d, (F, b".", blob(d)), (F, b"..", blob(d))),
    "up and away": lambda d: tree(d, (F, b"../../etc/passwd", blob(d))),
    "absolute": lambda d: tree(d, (F, b"/etc/passwd", blob(d))),
    "no name": lambda d: tree(d, (F, b"", blob(d))),
    "the same name twice": lambda d: tree(d, (F, b"a", blob(d)), (F, b"a", d.git("rev-parse", "main:README"))),
    "file and folder of one name": lambda d: tree(d, (F, b"a", blob(d)), (D, b"a", d.git("rev-parse", "main:src"))),
    "wrong order": lambda d: tree(d, (F, b"b", blob(d)), (F, b"a", blob(d))),
    "odd mode": lambda d: tree(d, (b"100666", b"a", blob(d)), (b"0", b"b", blob(d))),
    "mode with leading zero": lambda d: tree(d, (b"0100644", b"a", blob(d))),
    "mode that is none": lambda d: tree(d, (b"9", b"a", blob(d))),
    "line feed in a name": lambda d: tree(d, (F, b"a\nb", blob(d))),
    "tab and quote in a name": lambda d: tree(d, (F, b'a\t"b', blob(d))),
    "name of 100,000 bytes": lambda d: tree(d, (F, b"a" * 100_000, blob(d))),
    "missing blob": lambda d: tree(d, (F, b"a", "4b" * 20)),
    "missing folder": lambda d: tree(d, (D, b"a", "4b" * 20)),
    "folder that is a blob": lambda d: tree(d, (D, b"a", blob(d))),
    "file that is a folder": lambda d: tree(d, (F, b"a", d.git("rev-parse", "main:src"))),
    "modules that are a link": lambda d: tree(d, (L, b".gitmodules", blob(d))),
    "submodule of nothing": lambda d: tree(d, (S, b"a", "0" * 40)),
    "cut off": lambda d: d.raw(b"100644 a\0" + b"\1" * 7, "tree"),
    "no entries at all": lambda d: tree(d),
}


def test_every_malicious_tree_gets_its_verdict_in_one_run(desk: Desk) -> None:
    """Nobody recorded them; whether a tree can be read or not, none of them passes, and the honest commit does."""
    desk.open()
    honest = desk.record({"src/app.py": "good()\n"})
    tips = {
        name: desk.raw(head(desk, make(desk)) + AUTHOR + COMMITTER + b"\n" + name.encode() + b"\n")
        for name, make in TREES.items()
    }
    code, statuses, err = limited(desk, "^main", *tips.values(), honest)
    assert code in (1, 4), err
    assert statuses[honest] == "verified"
    found = {name: statuses[oid] for name, oid in tips.items()}
    assert set(found.values()) <= {"unrecorded", "denied", "unverifiable"}, found
    for name in ("missing folder", "folder that is a blob", "cut off", "the same name twice"):
        assert found[name] == "unverifiable", name


def test_record_over_a_malicious_tree_says_nothing_good(desk: Desk) -> None:
    """A signature is no reason to trust a tree that has one path twice."""
    desk.open()
    first, second = blob(desk), desk.git("rev-parse", "main:README")
    honest = desk.record({"a": "evil()\n"})
    entries = [(F, b"a", first), (F, b"a", second)]
    twice = tree(desk, *entries)
    evil = desk.point(desk.commit_tree(twice, (desk.adoption,), desk.message(honest)))
    code, statuses, _ = limited(desk, "main..evil")
    assert (code, statuses[evil]) == (1, "unverifiable")  # 1, since the tree has no .sox/ any more


def bomb(desk: Desk, depth: int = 9, width: int = 10) -> str:
    """A tree of width ** (depth + 1) files in a few hundred bytes."""
    leaf = tree(desk, *[(F, b"f%d" % number, blob(desk)) for number in range(width)])
    for _ in range(depth):
        leaf = tree(desk, *[(D, b"d%d" % number, leaf) for number in range(width)])
    return leaf


def test_git_itself_is_bounded(repo, tmp_path: Path) -> None:
    """Where the system sets no limit, the room does."""
    from sox_hooks.git.bounded import MOST_MEMORY
    from sox_hooks.git.room import CleanRoom
    from sox_hooks.git.run import Git

    before = resource.getrlimit(resource.RLIMIT_DATA)
    with CleanRoom(Git(str(repo.path))) as room:
        shown = room.git.run("-c", "alias.limit=!ulimit -d", "limit")
        assert int(shown) * 1024 == MOST_MEMORY
    with CleanRoom(Git(str(repo.path)), folder=str(tmp_path / "room")) as kept:
        assert kept.kept
        assert kept.git.run("-c", "alias.limit=!ulimit -d", "limit").split() != shown.split()
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_bomb_of_ten_billion_files(desk: Desk) -> None:
    """A few kilobytes that unpack to ten billion paths: no verdict on it, and the others have theirs."""
    desk.open()
    honest = desk.record({"src/app.py": "good()\n"})
    evil = desk.raw(head(desk, bomb(desk)) + AUTHOR + COMMITTER + b"\nBoom\n")
    code, statuses, err = limited(desk, "^main", evil, honest, memory=1 << 28)  # sooner than the bound of the room
    assert code == 1, err  # as above
    assert statuses == {evil: "unverifiable", honest: "verified"}


def test_folders_300_deep(desk: Desk) -> None:
    desk.open()
    deep = tree(desk, (F, b"f", blob(desk)))
    for _ in range(300):
        deep = tree(desk, (D, b"folder", deep))
    evil = desk.raw(head(desk, deep) + AUTHOR + COMMITTER + b"\nDeep\n")
    code, statuses, err = limited(desk, f"main..{evil}")
    assert code in (1, 4), err
    assert statuses[evil] in ("unrecorded", "unverifiable")


def test_tag_that_is_a_parent_and_a_tip(desk: Desk) -> None:
    """A tag names a commit on the command line, but is no parent."""
    desk.open()
    desk.git("tag", "-a", "-m", "t", "annotated", "main")
    tag = desk.git("rev-parse", "annotated")
    code, _, _ = limited(desk, "main..annotated")
    assert code == 0
    oid = desk.raw(head(desk).replace(desk.adoption.encode(), tag.encode()) + AUTHOR + COMMITTER + b"\nm\n")
    code, statuses, err = limited(desk, f"main..{oid}")
    assert (code, "verified" in statuses.values()) == (4, False), err


def test_damaged_object(desk: Desk) -> None:
    """A file of the object store that holds something else than its name says."""
    desk.open()
    evil = desk.commit("Unrecorded", {"src/app.py": "evil()\n"})
    path = Path(desk.repo.path) / ".git/objects" / evil[:2] / evil[2:]
    os.chmod(path, 0o600)
    path.write_bytes(path.read_bytes()[:-9])
    code, statuses, err = limited(desk, "main..evil")
    assert (code, statuses.get(evil, "unverifiable")) == (4, "unverifiable"), err


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit"])
def test_reports_of_hostile_commits_are_whole(desk: Desk, form: str) -> None:
    desk.open()
    for name in ("100,000 look-alikes", "message of 10 MB", "two authors", "NUL in the message"):
        desk.point(desk.raw(WALKABLE[name][1](desk).replace(desk.adoption.encode(), desk.repo.head().encode())))
    code, _, err = limited(desk, "main..evil", form=form)
    assert (code, err) == (1, "")
