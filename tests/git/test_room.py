"""The clean room: any number of diffs and merges, wherever the objects are, and what is kept of it."""

from __future__ import annotations

import itertools
import sys

import pytest

from sox_hooks.core.errors import CannotVerify, UsageError
from sox_hooks.git.change import parse_raw
from sox_hooks.git.room import CleanRoom, quoted_alternate
from sox_hooks.git.run import Git, GitFailed

ABSENT = "0123456789" * 4


def room_of(path):
    return CleanRoom(Git(str(path)))


def paths(raw: bytes) -> list[bytes]:
    return [entry.path for entry in parse_raw(raw)]


@pytest.fixture
def history(repo):
    """Twelve commits and their trees, the first against nothing."""
    trees = ["4b825dc642cb6eb9a060e54bf8d69288fbee4904"]
    for number in range(12):
        repo.commit("x", {f"f{number % 5}": f"{number}\n" * 3, "a\nb": "=" * number, "big": f"{number}" * 30_000})
        trees.append(repo.head("HEAD^{tree}"))
    return list(itertools.pairwise(trees))


def test_diff_of_trees_and_of_commits(repo):
    repo.commit("one", {"f": "1\n"})
    repo.commit("two", {"f": "2\n", "g": ""})
    with room_of(repo.path) as room:
        diff = room.diff(repo.head("HEAD^"), repo.head())
        assert diff == room.diff(repo.head("HEAD^^{tree}"), repo.head("HEAD^{tree}"))
        assert diff == b"".join(room.blocks(repo.head("HEAD^"), repo.head()))
        raw = room.diff(repo.head("HEAD^"), repo.head(), patch=False)
        assert paths(raw) == [b"f", b"g"]
        assert diff.startswith(raw + b"\0diff --git a/f b/f\n")
        assert room.diff(repo.head(), repo.head()) == b""
        assert paths(room.diff(room.empty_tree, repo.head(), patch=False)) == [b"f", b"g"]


@pytest.mark.parametrize("name", ["HEAD", "", "--help", "-p", ABSENT[:-1], "A" * 40, ABSENT + "\n", "a" * 39 + " "])
def test_takes_full_ids_only(repo, name):
    with room_of(repo.path) as room:
        for ask in (
            lambda: room.diff(name, room.empty_tree),
            lambda: room.diff(room.empty_tree, name),
            lambda: room.blocks(name, name),
            lambda: [list(blocks) for blocks in room.diff_many([(room.empty_tree, name)])],
            lambda: room.merge_trees([(name, name)]),
            lambda: room.commit_tree(name),
            lambda: room.commit_tree(room.empty_tree, [name]),
        ):
            with pytest.raises(UsageError, match="not a full object id"):
                ask()


def test_a_missing_tree(repo):
    repo.commit()
    with room_of(repo.path) as room:
        with pytest.raises(GitFailed):
            room.diff(ABSENT, repo.head())
        with pytest.raises(CannotVerify, match="git diff-tree failed: fatal: .*" + ABSENT):
            list(room.blocks(ABSENT, repo.head()))


@pytest.mark.parametrize("patch", [True, False])
def test_many_diffs_are_the_single_ones(repo, history, patch):
    with room_of(repo.path) as room:
        singly = [room.diff(old, new, patch) for old, new in history]
        assert [b"".join(blocks) for blocks in room.diff_many(history, patch)] == singly
        assert [b"".join(blocks) for blocks in room.diff_many(history * 40, patch)] == singly * 40
        assert list(room.diff_many([])) == []


def test_many_diffs_of_commits_too(repo, history):
    ids = repo.git("rev-list", "--reverse", "HEAD").split("\n")
    pairs = [(history[0][0], ids[0]), *itertools.pairwise(ids), (ids[3], history[1][0]), (ids[5], ids[2])]
    repo.git("tag", "-a", "-m", "x", "v1")
    pairs.append((repo.head("v1"), ids[0]))
    with room_of(repo.path) as room:
        singly = [room.diff(old, new) for old, new in pairs]
        assert [b"".join(blocks) for blocks in room.diff_many(pairs)] == singly


def test_what_is_not_read_of_an_answer_is_skipped(repo, history):
    with room_of(repo.path) as room:
        for number, blocks in enumerate(room.diff_many(history * 3)):
            if number % 3 == 1:
                next(blocks)
            elif number % 3 == 2:
                assert b"".join(blocks) == room.diff(*history[number % 12])


def test_pairs_are_drawn_as_they_are_needed(repo, history):
    drawn = 0

    def pairs():
        nonlocal drawn
        for _ in range(5000):
            drawn += 1
            yield history[1]

    with room_of(repo.path) as room:
        answers = room.diff_many(pairs())
        next(answers)
        assert drawn < 2000
        assert sum(1 for _ in answers) == 4999


def test_a_missing_or_damaged_object_spoils_one_answer_only(repo, history):
    blob = repo.head("HEAD:f1")
    path = repo.path / ".git/objects" / blob[:2] / blob[2:]
    path.unlink()
    with room_of(repo.path) as room:
        pairs = [*history, (ABSENT, history[0][0]), (history[0][0], ABSENT), *history, (blob, blob), *history]
        answers = []
        for blocks in room.diff_many(iter(pairs)):
            try:
                answers.append(b"".join(blocks))
            except CannotVerify:
                answers.append(None)
        unread = list(room.diff_many(pairs))
    hurt = {number for number, (old, new) in enumerate(pairs) if answers[number] is None}
    gone = {n for n, pair in enumerate(history) if blob in repo.git("diff-tree", "-r", "--no-abbrev", *pair)}
    assert gone
    assert hurt == gone | {12, 13} | {14 + n for n in gone} | {26} | {27 + n for n in gone}
    assert len(unread) == len(pairs)


def test_a_tree_with_a_missing_folder_in_it(repo):
    repo.commit("one", {"d/f": "1"})
    good = repo.head("HEAD^{tree}")
    bad = repo.git("mktree", "--missing", data=f"040000 tree {ABSENT}\td\n".encode())
    with room_of(repo.path) as room:
        found = []
        for blocks in room.diff_many([(good, bad), (room.empty_tree, good), (bad, good), (good, room.empty_tree)]):
            try:
                found.append(bool(b"".join(blocks)))
            except CannotVerify:
                found.append(None)
        assert found == [None, True, None, True]


NAMES = ["plain", "co:lon", 'qu"ote', '"quoted"', "back\\slash", "line\nend", "all:\"\\\n'", "é:\udcff", "#:a"]


@pytest.mark.parametrize("name", NAMES)
def test_objects_below_any_path(make_repo, name):
    repo = make_repo(name)
    oid = repo.commit("x", {"f": "x"})
    with room_of(repo.path) as room:
        assert paths(room.diff(room.empty_tree, oid, patch=False)) == [b"f"]


def test_quoting_of_alternates():
    assert quoted_alternate("/a b\n") == "/a b\n"
    assert quoted_alternate('/a:"\\') == '"/a:\\"\\\\"'


def test_work_trees_submodules_and_borrowed_objects(repo, make_repo, tmp_path):
    oid = repo.commit("x", {"f": "x"})
    repo.git("worktree", "add", "-q", str(tmp_path / "second"))
    repo.git("clone", "-q", "--shared", ".", str(tmp_path / "shared"))
    outer = make_repo("outer")
    outer.git("submodule", "--quiet", "add", str(repo.path), "sub")
    for path in (tmp_path / "second", tmp_path / "shared", outer.path / "sub", repo.path / ".git"):
        with room_of(path) as room:
            assert paths(room.diff(room.empty_tree, oid, patch=False)) == [b"f"]


def test_sha256(make_repo):
    repo = make_repo("long", "--object-format=sha256")
    oid = repo.commit("x", {"f": "x"})
    with room_of(repo.path) as room:
        assert len(room.empty_tree) == 64
        assert paths(room.diff(room.empty_tree, oid, patch=False)) == [b"f"]
        assert len(room.commit_tree(repo.head("HEAD^{tree}"), [oid])) == 64
        assert room.merge_trees([(oid, oid)])[0].tree == repo.head("HEAD^{tree}")


def test_a_push_in_quarantine(repo, make_repo, tmp_path):
    """In pre-receive the new objects are in a folder of their own, named by the environment alone."""
    server = make_repo("ser:ver", "--bare")
    first = repo.commit("one", {"f": "1"})
    repo.git("push", "-q", str(server.path), "main")
    second = repo.commit("two", {"f": "2", "g": "1"})
    hook = server.path / "hooks/pre-receive"
    hook.write_text(
        f"#!{sys.executable}\nfrom sox_hooks.git.room import CleanRoom\n"
        "from sox_hooks.git.run import Git, clean_environment\n"
        "import os, sys\nold, new, _ = sys.stdin.read().split()\n"
        "with CleanRoom(Git('', clean_environment(os.environ))) as room:\n"
        f"    open({str(tmp_path / 'seen')!r}, 'wb').write(room.diff(old, new))\n"
        "    sys.exit(room.merge_trees([(old, new)])[0].problem != '')\n"
    )
    hook.chmod(0o755)
    repo.git("push", "-q", str(server.path), "main")
    with room_of(repo.path) as room:
        assert (tmp_path / "seen").read_bytes() == room.diff(first, second)
    assert server.head("main") == second


# -- merging


@pytest.fixture
def branches(repo):
    repo.commit("base", {"f": "".join(f"{n}\n" for n in range(9)), "g": "g\n"})
    for name, files in (
        ("a", {"f": "A\n" + "".join(f"{n}\n" for n in range(1, 9))}),
        ("b", {"g": "b\n"}),
        ("c", {"h": "c\n"}),
        ("clash", {"g": "clash\n"}),
    ):
        repo.git("checkout", "-q", "-b", name, "main")
        repo.commit(name, files)
    repo.git("checkout", "-q", "--orphan", "other")
    repo.git("rm", "-rqf", ".")
    repo.commit("other", {"z": "z\n"})
    repo.git("checkout", "-q", "main")
    return {name: repo.head(name) for name in ("main", "a", "b", "c", "clash", "other")}


def test_merges_are_gits(repo, branches):
    at = branches
    repo.git("checkout", "-q", "--detach", "a")
    repo.git("merge", "-q", "--no-edit", "b")
    tree = repo.head("HEAD^{tree}")
    before = repo.git("count-objects", "-v")
    with room_of(repo.path) as room:
        wanted = [("a", "b"), ("b", "clash"), ("a", "other"), ("a", "b"), ("main", "a")]
        found = room.merge_trees([(at[ours], at[theirs]) for ours, theirs in wanted])
        clean, clash, unrelated, again, forward = found
        assert (clean.tree, clean.clean, clean.problem) == (tree, True, "")
        assert (clash.clean, clash.problem) == (False, "")
        assert unrelated.clean
        assert again == clean
        assert (forward.tree, forward.clean) == (repo.head("a^{tree}"), True)
        assert room.merge_trees([]) == []
        assert paths(room.diff(at["a"], clean.tree, patch=False)) == [b"g"]
    assert repo.git("count-objects", "-v") == before  # what was made vanished with the room


def test_an_octopus_is_merged_step_by_step(repo, branches):
    at = branches
    repo.git("checkout", "-q", "a")
    repo.git("merge", "-q", "--no-edit", "b", "c")
    with room_of(repo.path) as room:
        parents = (at["a"], at["b"], at["c"])
        octopus, plain, clash = room.automatic_merges([parents, parents[:2], (at["b"], at["clash"], at["c"])])
        assert (octopus.tree, octopus.clean) == (repo.head("HEAD^{tree}"), True)
        assert plain == room.merge_trees([parents[:2]])[0]
        assert not clash.clean


def test_one_bad_pair_does_not_spoil_the_others(repo, branches):
    at = branches
    with room_of(repo.path) as room:
        good = (at["a"], at["b"])
        found = room.merge_trees([good, (at["a"], ABSENT), good, (repo.head("a^{tree}"), at["b"])])
        assert [merged.clean for merged in found] == [True, False, True, False]
        assert found[0] == found[2]
        assert "merge-tree failed" in found[1].problem
        assert found[3].problem


def test_missing_history_is_a_problem_and_not_a_merge(repo, branches, tmp_path):
    repo.commit("later")
    repo.git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{repo.path}", str(tmp_path / "shallow"))
    with room_of(tmp_path / "shallow") as room:
        (merged,) = room.merge_trees([(branches["a"], branches["b"])])
        assert merged.problem
        assert not merged.clean


def test_commits_of_the_room_are_the_same_for_everybody(repo, branches, monkeypatch):
    made = []
    for name in ("Mallory", "Alice"):
        monkeypatch.setenv("GIT_AUTHOR_NAME", name)
        monkeypatch.setenv("GIT_COMMITTER_DATE", "@1 +0000")
        with room_of(repo.path) as room:
            oid = room.commit_tree(repo.head("a^{tree}"), [branches["b"], branches["c"]])
            made.append((oid, room.git.run("cat-file", "commit", oid)))
    assert made[0] == made[1]
    assert made[0][1].startswith(f"tree {repo.head('a^{tree}')}\nparent {branches['b']}\n".encode())
