"""The clean room: any number of diffs and merges, wherever the objects are, and what is kept of it."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import pytest

from sox_hooks.core.errors import CannotVerify, SoxError, UsageError
from sox_hooks.git import room_folder
from sox_hooks.git.change import parse_raw
from sox_hooks.git.index import staged_tree
from sox_hooks.git.room import CleanRoom, quoted_alternate
from sox_hooks.git.run import Git, GitFailed

ABSENT = "0123456789" * 4


def room_of(path, folder=""):
    return CleanRoom(Git(str(path)), folder=str(folder))


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


# -- the folder


def test_a_temporary_room_goes_away(repo):
    room = room_of(repo.path)
    assert room_folder.is_room(room.folder, "sha1")
    assert os.stat(room.folder).st_mode & 0o077 == 0
    room.close()
    room.close()
    assert not os.path.exists(room.folder)
    script = (
        "import sys\nfrom sox_hooks.git.room import CleanRoom\nfrom sox_hooks.git.run import Git\n"
        "print(CleanRoom(Git(sys.argv[1])).folder)"
    )
    left = subprocess.run([sys.executable, "-c", script, repo.path], capture_output=True, text=True, check=True).stdout
    assert not os.path.exists(left.strip())


def test_no_room_anywhere(repo, monkeypatch, tmp_path):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(SoxError, match="no temporary folder"):
        room_of(repo.path)


def test_a_kept_room_is_made_once(repo):
    oid = repo.commit("x", {"f": "x"})
    folder = repo.path / ".git/sox-hooks/room"
    room = room_of(repo.path, folder)
    assert (room.folder, room.kept) == (str(folder), True)
    diff = room.diff(room.empty_tree, oid)
    room.close()
    before = os.stat(folder).st_ino
    assert room_of(repo.path, folder).diff(room.empty_tree, oid) == diff
    assert os.stat(folder).st_ino == before
    assert os.listdir(folder.parent) == ["room"]


def test_a_kept_room_only_reads(repo):
    oid = repo.commit("x", {"f": "x"})
    room = room_of(repo.path, repo.path / ".git/sox-hooks/room")
    with pytest.raises(RuntimeError):
        room.merge_trees([(oid, oid)])
    with pytest.raises(RuntimeError):
        room.commit_tree(oid)


def spoil_config(folder):
    with open(folder / "config", "a") as file:
        file.write("[diff]\n\tnoprefix = true\n")


def spoil_attributes(folder):
    (folder / "info").mkdir()
    (folder / "info/attributes").write_text("* -diff\n")


def spoil_grafts(folder):
    (folder / "info").mkdir()
    (folder / "info/grafts").write_text("x\n")


def spoil_object(folder):
    (folder / "objects/00").mkdir()


def spoil_alternates(folder):
    (folder / "objects/info").mkdir()
    (folder / "objects/info/alternates").write_text("/elsewhere\n")


def spoil_reference(folder):
    (folder / "refs/replace").mkdir()


def spoil_head(folder):
    (folder / "HEAD").write_text("ref: refs/heads/main\n")


def spoil_size(folder):
    (folder / "config").write_bytes((folder / "config").read_bytes() + b"#" * 5000)


def spoil_missing(folder):
    (folder / "refs").rmdir()


def spoil_hook(folder):
    (folder / "hooks").mkdir()


def spoil_work_tree_config(folder):
    (folder / "config.worktree").write_text("")


def spoil_link(folder):
    folder.rename(folder.parent / "elsewhere")
    (folder.parent / "elsewhere/extra").write_text("")
    folder.symlink_to("elsewhere")


def spoil_file(folder):
    folder.rename(folder.parent / "elsewhere")
    folder.write_text("")


def spoil_all(folder):
    folder.rename(folder.parent / "elsewhere")


@pytest.mark.parametrize("spoil", [one for name, one in sorted(globals().items()) if name.startswith("spoil_")])
def test_a_kept_room_that_was_touched_is_made_anew(repo, spoil):
    oid = repo.commit("x", {"f": "x"})
    folder = repo.path / ".git/sox-hooks/room"
    diff = room_of(repo.path, folder).diff(repo.git("hash-object", "-t", "tree", "--stdin", data=b""), oid)
    spoil(folder)
    assert not room_folder.is_room(str(folder), "sha1")
    room = room_of(repo.path, folder)
    assert room.kept
    assert room_folder.is_room(str(folder), "sha1")
    assert room.diff(room.empty_tree, oid) == diff
    assert set(os.listdir(folder.parent)) <= {"room", "elsewhere"}


def test_a_room_of_the_other_format_is_made_anew(make_repo, tmp_path):
    for kind in ("sha1", "sha256"):
        repo = make_repo(kind, f"--object-format={kind}")
        oid = repo.commit("x", {"f": "x"})
        room = room_of(repo.path, tmp_path / "room")
        assert paths(room.diff(room.empty_tree, oid, patch=False)) == [b"f"]


def test_where_none_can_be_kept_it_is_temporary(repo, tmp_path):
    (tmp_path / "file").write_text("")
    with room_of(repo.path, tmp_path / "file/room") as room:
        assert not room.kept
        assert room_folder.is_room(room.folder, "sha1")


def test_many_hooks_make_it_at_once(repo):
    oid = repo.commit("x", {"f": "x"})
    script = (
        "import sys\nfrom sox_hooks.git.room import CleanRoom\nfrom sox_hooks.git.run import Git\n"
        "room = CleanRoom(Git(sys.argv[1]), folder=sys.argv[2])\n"
        "sys.exit(not (room.kept and room.diff(room.empty_tree, sys.argv[3])))"
    )
    folder = repo.path / ".git/sox-hooks/room"
    running = [subprocess.Popen([sys.executable, "-c", script, repo.path, folder, oid]) for _ in range(6)]
    assert [one.wait() for one in running] == [0] * 6
    assert os.listdir(folder.parent) == ["room"]


# -- what is staged


def test_the_staged_tree_is_that_of_the_index_in_use(repo, tmp_path):
    repo.commit("one", {"f": "1"})
    repo.write("f", "2")
    repo.write("later", "x")
    repo.git("add", "-N", "later")
    git = Git(str(repo.path))
    assert staged_tree(git) == repo.head("HEAD^{tree}")
    other = {**os.environ, "GIT_INDEX_FILE": str(tmp_path / "index")}
    repo.git("read-tree", "HEAD", GIT_INDEX_FILE=str(tmp_path / "index"))
    repo.git("add", "f", GIT_INDEX_FILE=str(tmp_path / "index"))
    assert staged_tree(Git(str(repo.path), other)) != staged_tree(git)
    repo.git("add", "f")
    assert staged_tree(Git(str(repo.path), other)) == staged_tree(git)


def test_a_conflict_has_no_tree(repo, branches):
    repo.git("checkout", "-q", "b")
    repo.git("merge", "clash", check=False)
    with pytest.raises(GitFailed, match=r"unmerged|error building trees"):
        staged_tree(Git(str(repo.path)))


def test_a_lock_that_goes_away_is_waited_for(repo):
    repo.commit("one", {"f": "1"})
    repo.write("f", "2")
    repo.git("add", "f")
    lock = repo.path / ".git/index.lock"
    lock.write_text("")
    with subprocess.Popen([sys.executable, "-c", f"import time, os; time.sleep(0.3); os.unlink({str(lock)!r})"]):
        assert len(staged_tree(Git(str(repo.path)))) == 40
    lock.write_text("")
    with pytest.raises(GitFailed, match=r"index\.lock|File exists|remove the file"):
        staged_tree(Git(str(repo.path)))
