"""A remembered run changes no byte of what is printed, whatever became of branch, policy, day and cache."""

from __future__ import annotations

import functools
import os
import random
import shutil
import subprocess
import time

import pytest

from sox_hooks.__main__ import main
from sox_hooks.core import clock
from sox_hooks.detection import catalogue
from sox_hooks.git.repository import find_repository
from sox_hooks.git.room import CleanRoom
from sox_hooks.output import formats, text
from sox_hooks.verification import gate, kept_run, remembered, surroundings
from sox_hooks.verification.vault import Vault
from tests.conftest import Repo
from tests.stage import ALICE, BOB, SECRET, Stage, policy_files

NOW = 1_800_000_000  # 2027-01-15


class Runs:
    """`verify` as typed, with the clock standing still, and the number of commits that were judged."""

    def __init__(self, stage: Stage, capsys, monkeypatch) -> None:
        self.stage = stage
        self.now = NOW
        self.judged = 0
        self.cold: dict[tuple[object, ...], tuple[tuple[int, str, str], int]] = {}
        self._capsys = capsys
        monkeypatch.chdir(stage.repo.path)
        monkeypatch.setattr(time, "time", lambda: self.now)
        monkeypatch.setattr(remembered, "WORTH", 1)
        for module in (remembered, text):
            monkeypatch.setattr(module, "LISTED", 2)
        monkeypatch.setattr(gate, "judge", self._count(gate.judge))
        # The same in every run: read once, so that there is time for more runs.
        monkeypatch.setattr(catalogue, "builtin", functools.lru_cache(catalogue.builtin))
        monkeypatch.setattr(surroundings, "_own_code", lambda: "the code")

    def _count(self, judge):
        def counted(*arguments):
            self.judged += 1
            return judge(*arguments)

        return counted

    def run(self, *words: str, format: str = "text") -> tuple[int, str, str]:
        self.judged = 0
        code = main(["verify", *words, "--format", format])
        return (code, *self._capsys.readouterr())

    def same(self, words: str = "main..HEAD", format: str = "text") -> int:
        """Print with the cache and without, compare, and tell how many commits were judged with it."""
        with_cache = self.run(*words.split(), format=format)
        judged = self.judged
        assert with_cache == self.without_cache(words, format)
        return judged

    def without_cache(self, words: str, format: str = "text") -> tuple[int, str, str]:
        """What is printed now, and in `judged` how many commits that takes; kept, since it is the same every time."""
        now = (self.stage.git("show-ref", "--head"), self.now, words, format)
        if now not in self.cold:
            self.cold[now] = (self.run(*words.split(), "--no-cache", format=format), self.judged)
        printed, self.judged = self.cold[now]
        return printed

    @property
    def folder(self):
        return self.stage.repo.path / ".git/sox-hooks/verified"

    def files(self, kind: str = "run"):
        return sorted(self.folder.glob(kind + "-*"), key=lambda path: path.stat().st_mtime_ns)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """`work` has four commits: one has no record, one is denied."""
    path = tmp_path_factory.mktemp("template") / "repo"
    with pytest.MonkeyPatch.context() as patch:
        home = path.parent / "home"
        home.mkdir()
        (home / ".gitconfig").write_text("[user]\n\tname = Alice Ng\n\temail = alice@bank.example\n")
        patch.setenv("HOME", str(home))
        patch.delenv("GIT_CONFIG_GLOBAL", raising=False)
        patch.setattr(time, "time", lambda: NOW)
        subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
        stage = Stage(Repo(path)).begin()
        stage.branch("work")
        stage.record({"a": "1\n"}, "One", claim="assisted", tools=("claude-code@2.1.0",))
        stage.commit("Two, not recorded", {"b": "2\n"})
        stage.record({SECRET: "3\n"}, "Three, denied", claim="assisted", tools=("claude-code",))
        stage.record({"d": "4\n"}, "Four", by=BOB)
    return stage


@pytest.fixture
def stage(template, tmp_path, monkeypatch) -> Stage:
    shutil.copytree(template.repo.path, tmp_path / "repo")
    monkeypatch.setattr(time, "time", lambda: NOW)
    stage = Stage(Repo(tmp_path / "repo"))
    stage.first, stage.adoption, stage.count = template.first, template.adoption, template.count
    stage.four = stage.repo.head()
    return stage


@pytest.fixture
def runs(stage, capsys, monkeypatch) -> Runs:
    return Runs(stage, capsys, monkeypatch)


def test_only_new_commits_are_judged_while_the_branch_grows(runs, stage):
    assert runs.same() == 4
    assert runs.same() == 0
    stage.record({"e": "5\n"}, "Five")
    stage.commit("Six, not recorded", {"f": "6\n"})
    assert runs.same() == 2
    # A side branch that left at the remembered tip, and comes back.
    stage.record({"g": "7\n"}, "Seven")
    stage.branch("side", "HEAD~1")
    stage.record({"h": "8\n"}, "Eight")
    stage.git("checkout", "-q", "work")
    stage.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    assert runs.same() == 3
    assert runs.same() == 0
    assert [runs.same(format=name) for name in formats.FORMATS if name not in formats.LISTS_ALL] == [0, 0, 0, 0]
    assert [runs.same(format=name) for name in formats.LISTS_ALL] == [9, 9, 9]


def test_a_branch_that_was_rewritten_is_judged_anew(runs, stage):
    runs.same()
    stage.git("reset", "-q", "--hard", "HEAD~1")
    assert runs.same() == 3
    stage.record({"e": "5\n"}, "Five")
    assert runs.same() == 1  # there is a run of where it was set back to, and one that is in the way
    stage.git("reset", "-q", "--hard", stage.four)
    assert runs.same() == 0
    stage.git("checkout", "-q", "--detach", "main")
    stage.record({"e": "5\n"}, "Instead")
    assert runs.same() == 1
    stage.git("checkout", "-q", "--detach", "main")
    assert runs.same() == 0  # nothing to judge


def test_a_merge_of_something_older_is_judged_anew(runs, stage):
    """git lists such commits among the remembered ones, and the range may leave protected history elsewhere."""
    runs.same()
    stage.branch("older", "work~2")
    stage.record({"o": "o\n"}, "Older")
    stage.git("checkout", "-q", "work")
    stage.git("merge", "-q", "--no-ff", "-m", "Merge", "older")
    assert runs.same() == 6
    assert runs.same() == 0
    stage.git("merge", "-q", "--no-ff", "-m", "Merge, and nothing new", "main~1", "-s", "ours", check=False)
    stage.commit("A second root", {"z": "z\n"})
    root = stage.commit_tree(stage.git("rev-parse", "HEAD^{tree}"), (), b"Root\n")
    stage.git("update-ref", "HEAD", stage.commit_tree(root + "^{tree}", (stage.repo.head(), root), b"Merge\n"))
    assert runs.same() == 9


def test_a_merge_of_the_target_or_a_target_that_moved(runs, stage):
    runs.same()
    stage.git("checkout", "-q", "main")
    stage.record({"m": "m\n"}, "On main")
    stage.git("checkout", "-q", "work")
    assert runs.same() == 4  # the target is another commit
    stage.git("merge", "-q", "--no-ff", "-m", "Merge main", "main")
    assert runs.same() == 5
    stage.record({"n": "n\n"}, "After it")
    assert runs.same() == 1
    stage.git("branch", "-f", "main", "work~1")
    assert runs.same() == 1
    stage.git("branch", "-f", "main", "work")
    assert runs.same() == 0


def test_a_record_that_is_used_again_is_found_across_the_boundary(runs, stage):
    runs.same()
    again = stage.commit_tree(
        stage.git("rev-parse", "HEAD^{tree}"), (stage.repo.head(),), stage.message(stage.four), by=BOB
    )
    stage.git("update-ref", "HEAD", again)
    assert runs.same() == 1
    # What is used in the new part is remembered too, and of three uses the first is named.
    third = stage.commit_tree(stage.git("rev-parse", "HEAD^{tree}"), (again,), stage.message(again), by=BOB)
    stage.git("update-ref", "HEAD", third)
    code, out, _ = runs.run("main..HEAD")
    assert (runs.judged, code) == (1, 1)
    assert f"the record of {third[:12]} stands on" in out
    assert runs.same() == 0


def test_a_record_that_landed_is_found_when_the_target_moves(runs, stage):
    """The records of protected history are remembered as well, and grow with it."""
    landed = stage.record({"l": "1\n"}, "Landed")
    stage.git("branch", "-f", "main", "work")
    stage.branch("next", "main")
    stage.record({"l": "2\n"}, "Undo")
    assert runs.same() == 1
    assert len(runs.files("landed")) == 1
    stage.git("branch", "-f", "main", "next")
    stage.git("checkout", "-q", "--detach", "main")
    tree = stage.git("rev-parse", f"{landed}^{{tree}}")
    stage.git("update-ref", "HEAD", stage.commit_tree(tree, (stage.repo.head(),), stage.message(landed)))
    assert runs.same() == 1
    code, out, _ = runs.run("main..HEAD")
    assert (code, f"stands on {landed[:12]} already" in out) == (1, True)
    # A commit that quotes the record, so that of two the order is asked for; and a target that was set back.
    stage.git("checkout", "-q", "--detach", "main")
    stage.commit("Quote\n\n" + stage.message(landed).decode() + "\nNo more.\n", {"q": "q\n"})
    stage.git("branch", "-f", "main", "HEAD")
    stage.git("update-ref", "HEAD", stage.commit_tree(tree, (stage.repo.head(),), stage.message(landed)))
    assert runs.same() == 1
    stage.git("branch", "-f", "main", "next~1")
    assert runs.same() > 1


def test_the_policy_the_day_and_the_clock(repo, capsys, monkeypatch):
    """Keys end to the second, and findings tell the day."""
    until = clock.iso(NOW + 3600).translate(str.maketrans("", "", "-:T"))
    stage = Stage(repo).begin((ALICE, BOB.replace(options=f'valid-before="{until}"')))
    stage.branch("work")
    runs = Runs(stage, capsys, monkeypatch)
    stage.record({"a": "1\n"}, "One")
    stage.record({"b": "2\n"}, "Two", by=BOB)
    assert [runs.same(), runs.same()] == [2, 0]
    runs.now += 3600  # the last second
    assert [runs.same(), runs.same()] == [2, 0]
    runs.now += 1
    assert [runs.same(), runs.same()] == [2, 0]
    assert "SOX606" in runs.run("main..HEAD")[1]
    runs.now += 86400
    assert [runs.same(), runs.same()] == [2, 0]  # there is something to say, perhaps about the day
    runs.now -= 10
    assert runs.same() == 2  # the clock was set back
    runs.now = NOW
    assert runs.same() == 0  # the first run, which put itself down at this very second
    stage.git("checkout", "-q", "main")
    stage.commit("Bob leaves", policy_files((ALICE,), version=2, baseline=(stage.first,)))
    stage.git("checkout", "-q", "work")
    assert [runs.same(), runs.same()] == [2, 0]
    code, out, _ = runs.run("main..HEAD")
    assert (code, "SOX605" in out) == (1, True)


def test_a_policy_that_comes_in_is_looked_at_every_time(runs, stage):
    """The finding is about the range, and no commit has it. Renamed files are merged as git merges them."""
    runs.same()
    files = policy_files(version=1, mode="warn", baseline=(stage.first,))
    stage.record(files, "Change the rules")
    assert runs.same() == 1
    assert "SOX014" in runs.run("main..HEAD")[1]
    stage.git("checkout", "-q", "main")
    stage.record({"src/app.py": "main\n"}, "On main")
    stage.git("checkout", "-q", "work")
    assert runs.same() == 5
    stage.record({"y": "y\n"}, "More")
    assert runs.same() == 1
    assert "SOX014" in runs.run("main..HEAD")[1]


def test_other_programs_and_other_names_begin_anew(runs, stage, monkeypatch):
    runs.same()
    stage.git("branch", "alias", "main")
    assert runs.same("alias..HEAD") == 4
    assert runs.same("HEAD ^main") == 0
    assert runs.same() == 0
    real = remembered.programs
    monkeypatch.setattr(remembered, "programs", lambda room: (*real(room), "git version 3"))
    assert runs.same() == 4


def test_a_baseline_in_the_range_and_a_policy_from_elsewhere(runs, stage):
    stage.git("checkout", "-q", "main")
    stage.commit("Exempt", policy_files(version=2, baseline=(stage.first, stage.git("rev-parse", "work~2"))))
    stage.git("branch", "-q", "policy", "HEAD")
    stage.git("checkout", "-q", "work")
    assert [runs.same(), runs.same()] == [2, 0]
    assert "exempt by the baseline 2 commits" in runs.run("main..HEAD")[1]
    stage.record({"e": "5\n"}, "Five")
    assert runs.same() == 1
    assert "exempt by the baseline 2 commits" in runs.run("main..HEAD")[1]
    assert runs.same("main~1..HEAD --policy-ref policy") == 3
    stage.record({"f": "6\n"}, "Six")
    assert runs.same("main~1..HEAD --policy-ref policy") == 1
    assert runs.same("main~1..HEAD --policy-ref main~1") == 6


def test_ids_of_sha256(make_repo, capsys, monkeypatch):
    stage = Stage(make_repo("long", "--object-format=sha256", "-b", "main")).begin()
    stage.branch("work")
    first = stage.record({"a": "1\n"}, "One")
    stage.record({"b": "1\n"}, "Two")
    runs = Runs(stage, capsys, monkeypatch)
    runs.now = 4_000_000_000  # the records are of today
    assert [runs.same(), runs.same()] == [2, 0]
    tree = stage.git("rev-parse", "HEAD^{tree}")
    stage.git("update-ref", "HEAD", stage.commit_tree(tree, (stage.repo.head(),), stage.message(first)))
    assert runs.same() == 1


def test_what_another_clone_might_judge_otherwise_is_not_kept(runs, stage):
    """A merge that could not be computed, a revert that could not be followed, a record from the future."""
    head = stage.repo.head()
    stage.commit("Revert\n\nThis reverts commit " + "1" * 40 + ".", {"r": "r\n"})
    assert [runs.same(), runs.same()] == [5, 5]
    stage.git("reset", "-q", "--hard", head)
    merge = stage.commit_tree(stage.git("rev-parse", "HEAD~1^{tree}"), (head, stage.first), b"Merge\n")
    stage.git("update-ref", "HEAD", merge)
    assert [runs.same(), runs.same()] == [5, 5]
    stage.git("reset", "-q", "--hard", head)
    stage.record({"r": "f\n"}, "Tomorrow", moment=clock.iso(NOW + 86400))
    assert [runs.same(), runs.same()] == [5, 5]
    runs.now += 86400
    assert [runs.same(), runs.same()] == [5, 0]


def test_nothing_is_kept_when_told_so_nor_of_small_ranges_nor_in_a_shallow_clone(runs, stage, monkeypatch):
    runs.run("main..HEAD", "--no-cache")
    assert not runs.folder.exists()
    monkeypatch.setattr(remembered, "WORTH", 5)
    runs.run("main..HEAD")
    assert not runs.folder.exists()
    monkeypatch.setattr(remembered, "WORTH", 1)
    runs.run("main..HEAD")
    (stage.repo.path / ".git/shallow").write_text(stage.first + "\n")
    assert runs.same() == 4


def test_verdicts_outlive_the_objects_they_are_about(runs, stage):
    """An id fixes its content. What is new and leads to them has no verdict, nor has anything without the cache."""
    before = runs.run("main..HEAD")
    message, tree = stage.message("HEAD~3"), stage.git("rev-parse", "HEAD^{tree}")
    for lost in ("HEAD~2:b", "HEAD~3"):
        oid = stage.git("rev-parse", lost)
        (stage.repo.path / ".git/objects" / oid[:2] / oid[2:]).unlink()
    assert runs.run("main..HEAD") == before
    code, _, words = runs.run("main..HEAD", "--no-cache")
    assert (code, "missing" in words or "bad object" in words or "failed" in words) == (4, True)
    again = stage.commit_tree(tree, (stage.four,), message)
    stage.git("update-ref", "HEAD", again)
    code, _, words = runs.run("main..HEAD")
    assert (code, "is missing" in words) == (4, True), "its record may be the one that was taken away"


def spoil(path, way: str, rng: random.Random) -> None:
    """What could happen to a file of the cache."""
    raw = bytearray(path.read_bytes())
    if way == "bit":
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    elif way == "cut":
        del raw[rng.randrange(len(raw)) :]
    elif way == "row removed":
        del raw[-32:]
    elif way == "row added":
        raw += raw[-32:]
    elif way == "status":
        raw = raw.replace(b'"denied"', b'"adopted"').replace(b'"unrecorded"', b'"verified"')
    path.write_bytes(raw)


WAYS = ("bit", "cut", "row removed", "row added", "status")


def test_a_spoiled_file_is_not_there(runs, stage):
    rng = random.Random(1)  # noqa: S311 - any will do
    for way in WAYS:
        runs.same()
        spoil(runs.files()[-1], way, rng)
        assert runs.same() == 4, way


def test_a_file_of_another_run_is_not_there(runs, stage, make_repo, hermetic):
    """Another range, another repository, another key, another owner of the name: each is judged anew."""
    runs.same()
    mine = runs.files()[-1]
    stage.git("branch", "alias", "main")
    assert runs.same("alias..HEAD~1") == 3
    other = runs.files()[-1]
    assert other != mine
    shutil.copy(other, mine)
    assert runs.same() == 4
    # The name of a run in this clone, and content that another clone of the same user sealed under it.
    raw = mine.read_bytes()
    Vault(str(make_repo("else").path / ".git"), os.environ).write(mine.name, b'{"depends": []}\n')
    shutil.copy(stage.repo.path.parent / "else/.git/sox-hooks/verified" / mine.name, mine)
    assert runs.same() == 4
    mine.write_bytes(raw)
    key = hermetic / ".local/state/sox-hooks/verifier.key"
    good = key.read_bytes()
    key.write_bytes(os.urandom(32))
    assert [runs.same(), runs.same()] == [4, 0]
    for bad in (b"", good[:31], good * 2):
        key.write_bytes(bad)
        assert runs.same() == 4
        assert key.read_bytes() == bad
    key.write_bytes(good)
    key.chmod(0o640)
    assert runs.same() == 4
    key.chmod(0o600)
    mine.write_bytes(raw)
    assert runs.same() == 0
    key.parent.chmod(0o777)
    assert runs.same() == 4


def test_where_nothing_can_be_kept_everything_is_judged(runs, stage, tmp_path, monkeypatch, hermetic):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    runs.folder.parent.mkdir(exist_ok=True)
    runs.folder.symlink_to(elsewhere)
    assert [runs.same(), runs.same()] == [4, 4]
    assert not list(elsewhere.iterdir())
    runs.folder.unlink()
    runs.same()
    mine = runs.files()[-1]
    raw = mine.read_bytes()
    for make in (lambda: os.mkfifo(mine), lambda: mine.symlink_to(__file__), lambda: mine.mkdir()):
        mine.unlink()
        make()
        assert runs.same() == 4
        if mine.is_dir():
            mine.rmdir()
            mine.write_bytes(raw)
    assert runs.same() == 0
    shutil.rmtree(runs.folder)

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("sox_hooks.core.files.write_all", full)
        assert [runs.same(), runs.same()] == [4, 4]
    assert not list(runs.folder.iterdir())
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_STATE_HOME")
    assert [runs.same(), runs.same()] == [4, 4]


def test_hooks_keep_the_records_of_protected_history_alone(runs, stage):
    """They want every verdict. Two protected branches do not take each other's away."""
    stage.git("branch", "-f", "main", "work")
    stage.git("branch", "release", "work~1")
    stage.record({"r": "r\n"}, "New")

    def judged(target: str, *tips: str) -> tuple[int, set[str], bool]:
        memory = remembered.open_memory(find_repository(stage.clean), os.environ, runs=False)
        with CleanRoom(stage.clean) as room:
            run = gate.open_gate(stage.clean, room, (*tips, f"^{target}"), target, memory)
            verdicts = list(run.verdicts())
            searched = memory._vault.names("landed-")
        assert [verdict.commit for verdict in verdicts] == stage.git(
            "rev-list", "--reverse", "--topo-order", *tips, f"^{target}"
        ).split()
        return len(verdicts), {name[-40:] for name in searched}, bool(runs.files())

    main, release = stage.git("rev-parse", "main"), stage.git("rev-parse", "release")
    assert judged("main", "HEAD") == (1, {main}, False)
    assert judged("release", "HEAD") == (2, {main, release}, False)
    assert judged("main", "HEAD", "HEAD~1") == (1, {main, release}, False)
    stage.git("branch", "-f", "main", "HEAD")
    stage.record({"r": "s\n"}, "Newer")
    assert judged("main", "HEAD") == (1, {main, release, stage.git("rev-parse", "main")}, False)


def test_what_is_listed_is_kept():
    assert remembered.LISTED >= text.LISTED


def step(stage: Stage, rng: random.Random, number: int) -> None:
    """Something that happens to a branch, its target or the clock."""
    name = f"f{rng.randrange(4)}"
    head = stage.repo.head()
    kind = rng.choice("rrrrruupmsbtl")
    if kind == "r":
        stage.record({name: f"{number}\n"}, f"Recorded {number}", by=rng.choice((ALICE, BOB)))
    elif kind == "u":
        stage.commit(f"Unrecorded {number}", {name: f"{number}\n"})
    elif kind == "p":  # a message is used again
        old = rng.choice(stage.git("rev-list", "HEAD", "^" + stage.adoption, "--max-count=9").split() or [head])
        tree = stage.git("rev-parse", "HEAD^{tree}")
        stage.git("update-ref", "HEAD", stage.commit_tree(tree, (head,), stage.message(old)))
    elif kind in "ms":  # a branch from further back comes in
        back = rng.choice(stage.git("rev-list", "HEAD", "--max-count=4").split()) if kind == "s" else "main"
        tree = stage.git("rev-parse", "HEAD^{tree}")
        other = stage.record_tree(stage.git("rev-parse", f"{back}^{{tree}}"), (stage.git("rev-parse", back),), "Side")
        stage.git("update-ref", "HEAD", stage.commit_tree(tree, (head, other), b"Merge\n"))
    elif kind == "b":
        stage.git("reset", "-q", "--hard", rng.choice(stage.git("rev-list", "--max-count=3", "HEAD").split()))
    elif kind == "t":  # the target moves on, over some of it
        stage.git("update-ref", "refs/heads/main", rng.choice(stage.git("rev-list", "--max-count=4", "HEAD").split()))
    elif kind == "l":
        tip = stage.git("rev-parse", "main")
        landed = stage.record_tree(stage.git("rev-parse", "main^{tree}"), (tip,), f"Landed {number}")
        stage.git("update-ref", "refs/heads/main", landed)


def differential(runs: Runs, seed: int, steps: int) -> int:
    """Any history and any damage; how many commits were not judged because they were known."""
    rng = random.Random(seed)  # noqa: S311 - the same every time
    saved = 0
    for number in range(steps):
        step(runs.stage, rng, number)
        if rng.random() < 0.2:
            runs.now += rng.choice((1, 3600, 90_000))
        files = runs.files("*")
        if files and rng.random() < 0.2:
            spoil(rng.choice(files), rng.choice(WAYS), rng)
        judged = runs.same(format=rng.choice(("text", "text", "text", "sarif", "json")))
        saved += runs.judged - judged
        assert judged <= runs.judged
    return saved


def test_any_history_prints_the_same(runs):
    assert differential(runs, 7, 12) > 10


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(8))
def test_many_histories_print_the_same(runs, seed):
    assert differential(runs, 100 + seed, 60) > 50


def test_the_file_is_what_the_docs_say(runs):
    runs.same()
    path = runs.files()[-1]
    assert path.stat().st_mode & 0o777 == 0o600
    run = kept_run.restore(path.read_bytes()[32:], 20)
    assert run.tip == runs.stage.repo.head()
    assert [verdict.status for verdict in run.verdicts] == ["verified", "unrecorded", "denied", "verified"]
    assert kept_run.restore(kept_run.dump(run), 20).astuple()[:-1] == run.astuple()[:-1]
    for raw in (None, b"", b"1\n", b"[]\n", b"{}\n", b"[1,2,3,4,5,6,7,8]\n", kept_run.dump(run) + b"x"):
        assert kept_run.restore(raw, 20) is None
