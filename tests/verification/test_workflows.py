"""What people do to recorded commits, and what a careful person would say of the result."""

from __future__ import annotations

import subprocess

import pytest

from tests.stage import BOB, LINES, SECRET, Stage, edited, words

API = "src/api/x.py"  # a tier that does not accept `same-patch`
APP = "src/app.py"  # one that does
MINE = edited((30, "mine"))
THEIRS = edited((2, "theirs"))
BOTH = edited((2, "theirs"), (30, "mine"))

CODE = """\
def post(entry):
    if entry.approved:
        check(entry)
        book(entry)
    log(entry)
"""


@pytest.fixture
def moved(stage):
    """`work` has two recorded commits; meanwhile somebody edited the same file on `main`, elsewhere."""
    stage.record({APP: MINE}, "Mine")
    stage.record({"docs/mine": "x\n"}, "Beside")
    stage.git("checkout", "-q", "main")
    stage.record({APP: THEIRS}, "Theirs", by=BOB)
    stage.git("checkout", "-q", "work")
    return stage


def statuses(stage, *range_words):
    return [words(one) for one in stage.verify(*range_words)]


MOVED = ["verified same-patch", "verified same-change"]


def rebase(stage):
    stage.git("rebase", "-q", "main")


def rebase_apply(stage):
    stage.git("rebase", "-q", "--apply", "main")


def rebase_with_signoff(stage):
    stage.git("rebase", "-q", "--signoff", "main")


def pull_rebase(stage):
    stage.git("pull", "-q", "--rebase", ".", "main")


def cherry_pick(*options):
    def scenario(stage):
        first, last = stage.repo.head("work~1"), stage.repo.head("work")
        stage.git("checkout", "-q", "-B", "work", "main")
        stage.git("cherry-pick", *options, first, last)

    return scenario


def patches_by_mail(stage):
    patches = stage.git("format-patch", "-q", "--stdout", "main..work", data=b"")
    stage.git("checkout", "-q", "-B", "work", "main")
    stage.git("am", "-q", "-3", data=patches.encode() + b"\n")


def forge_rebases(stage):
    """A forge's rebase button: another committer, new dates."""
    stage.git("rebase", "-q", "main", GIT_COMMITTER_NAME="Forge", GIT_COMMITTER_EMAIL="noreply@forge.example")


@pytest.mark.parametrize(
    "operation",
    [
        rebase,
        rebase_apply,
        rebase_with_signoff,
        pull_rebase,
        cherry_pick(),
        cherry_pick("-x"),
        cherry_pick("-s"),
        patches_by_mail,
        forge_rebases,
    ],
)
def test_a_clean_move_over_other_peoples_edits_keeps_the_record(moved, operation):
    operation(moved)
    assert statuses(moved) == MOVED
    assert (moved.repo.path / APP).read_text() == BOTH


def test_moved_commits_land_as_what_they_are(moved):
    rebase(moved)
    moved.git("checkout", "-q", "main")
    moved.git("merge", "-q", "--ff-only", "work")
    assert [words(one) for one in moved.landed()[-2:]] == MOVED


def test_a_strict_tier_wants_the_very_change(moved):
    moved.git("reset", "-q", "--hard", "main~1")
    moved.record({API: LINES}, "Both have it")
    moved.git("branch", "-f", "main")
    moved.record({API: MINE}, "Mine")
    moved.git("checkout", "-q", "main")
    moved.record({API: THEIRS}, "Theirs")
    moved.git("rebase", "-q", "main", "work")
    assert statuses(moved) == ["denied SOX615"]


def test_a_move_over_a_rename_needs_a_new_record(stage):
    """git follows the rename, or that of the whole folder; the paths of the change are others than were signed."""
    stage.git("checkout", "-q", "main")
    stage.record({"lib/old/a.py": LINES, "lib/old/b.py": LINES}, "Both have it")
    stage.git("checkout", "-q", "-B", "work")
    stage.record({"lib/old/a.py": MINE}, "Mine")
    stage.record({"lib/old/new.py": LINES}, "Into the folder")
    stage.git("checkout", "-q", "main")
    stage.git("mv", "lib/old", "lib/new")
    stage.record({}, "Renamed", by=BOB)
    stage.git("-c", "merge.directoryRenames=true", "rebase", "-q", "main", "work")
    assert (stage.repo.path / "lib/new/a.py").read_text() == MINE
    assert (stage.repo.path / "lib/new/new.py").exists()
    assert statuses(stage) == ["unbound SOX608", "unbound SOX608"]


def test_moving_a_folder_is_a_change_like_any_other(moved):
    moved.git("mv", "docs", "manual")
    moved.record({}, "Move the folder")
    rebase(moved)
    assert statuses(moved) == [*MOVED, "verified same-change"]


def reordered(stage):
    stage.git("rebase", "-q", "-i", "main", GIT_SEQUENCE_EDITOR="sed -i '1{h;d};2G'")


def test_commits_of_different_files_may_change_places(moved):
    reordered(moved)
    assert statuses(moved) == ["verified same-change", "verified same-patch"]


def autosquash(stage):
    stage.record({APP: edited((31, "more"), (30, "mine"))}, "fixup! Mine")
    stage.git("rebase", "-q", "-i", "--autosquash", "main", GIT_SEQUENCE_EDITOR=":")


def conflict_by_hand(stage):
    stage.git("checkout", "-q", "main")
    stage.record({APP: edited((2, "theirs"), (30, "also theirs"))}, "In the way", by=BOB)
    stage.git("checkout", "-q", "work")
    stage.git("rebase", "-q", "main", check=False)
    stage.repo.write(APP, edited((2, "theirs"), (30, "something else")))
    stage.git("add", "-A")
    stage.git("rebase", "--continue", GIT_EDITOR="true")


def amended_without_hooks(stage):
    stage.repo.write("docs/mine", "and more\n")
    stage.git("commit", "-q", "-a", "--amend", "--no-edit", "--no-verify")


@pytest.mark.parametrize("operation", [autosquash, conflict_by_hand, amended_without_hooks])
def test_other_content_under_an_old_record_is_unbound(moved, operation):
    operation(moved)
    assert "unbound SOX608" in statuses(moved)


def test_white_space_that_moves_code_out_of_an_if_is_no_move(stage):
    stage.record({"src/book.py": CODE}, "Base")
    stage.git("branch", "-f", "main")
    stage.record({"src/book.py": CODE.replace("log(", "trace(")}, "Trace")
    message = stage.message()
    stage.git("reset", "-q", "--hard", "main")
    outside = CODE.replace("log(", "trace(").replace("        book", "    book")
    stage.repo.write("src/book.py", outside)
    stage.git("add", "-A")
    again = stage.commit_tree(stage.git("write-tree"), (stage.repo.head(),), message)
    stage.git("reset", "-q", "--hard", again)
    assert statuses(stage) == ["unbound SOX608"]


def test_the_same_lines_in_another_place_are_no_move(stage):
    two = "def is_test():\n    pass\n\ndef is_admin():\n    pass\n"
    stage.record({"src/who.py": two}, "Base")
    stage.git("branch", "-f", "main")
    stage.record({"src/who.py": two.replace("pass\n\n", "pass\n    return True\n\n")}, "For tests")
    message = stage.message()
    stage.git("reset", "-q", "--hard", "main")
    stage.repo.write("src/who.py", two + "    return True\n")
    stage.git("add", "-A")
    again = stage.commit_tree(stage.git("write-tree"), (stage.repo.head(),), message)
    stage.git("reset", "-q", "--hard", again)
    assert statuses(stage) == ["unbound SOX608"]


def test_a_file_that_becomes_executable_is_another_change(stage):
    stage.record({APP: MINE}, "Mine")
    message = stage.message()
    stage.git("reset", "-q", "--hard", "main")
    stage.record({APP: THEIRS}, "Theirs")
    stage.repo.write(APP, BOTH).chmod(0o755)
    stage.git("add", "-A")
    again = stage.commit_tree(stage.git("write-tree"), (stage.repo.head(),), message)
    stage.git("reset", "-q", "--hard", again)
    assert statuses(stage)[-1] == "unbound SOX608"


# Reverts


def test_a_revert_of_a_landed_commit_needs_no_record(stage):
    stage.git("checkout", "-q", "main")
    landed = stage.record({APP: MINE}, "Mine")
    stage.record({APP: BOTH}, "More")
    stage.git("checkout", "-q", "-B", "work")
    stage.git("revert", "--no-edit", landed)
    assert statuses(stage) == ["verified revert"]
    (note,) = stage.verdict().findings
    assert landed[:12] in note.message


def test_a_revert_of_a_revert_lands_as_one(stage):
    stage.git("checkout", "-q", "main")
    stage.record({APP: MINE}, "Mine")
    stage.git("revert", "--no-edit", "HEAD")
    stage.git("revert", "--no-edit", "HEAD")
    assert (stage.repo.path / APP).read_text() == MINE
    assert [words(one) for one in stage.landed()[-2:]] == ["verified revert"] * 2


@pytest.mark.parametrize("mainline", ["1", "2"])
def test_a_revert_of_a_merge_names_its_mainline(stage, mainline):
    stage.record({APP: MINE}, "Mine")
    stage.git("checkout", "-q", "main")
    stage.record({"docs/x": "x\n"}, "Meanwhile")
    stage.git("merge", "-q", "--no-ff", "--no-edit", "work")
    stage.git("checkout", "-q", "-B", "work")
    stage.git("revert", "--no-edit", "-m", mainline, "HEAD")
    assert statuses(stage) == ["verified revert"]


def test_a_revert_of_the_first_commit(bare_stage):
    stage = bare_stage.begin(baseline=())
    stage.branch("work")
    stage.git("revert", "--no-edit", stage.first)
    assert statuses(stage) == ["verified revert"]


def edited_revert(stage):
    stage.git("revert", "--no-commit", "HEAD")
    stage.repo.write(APP, edited((5, "evil")))
    stage.git("add", "-A")
    stage.git("commit", "-q", "--no-verify", "-m", f'Revert "Mine"\n\nThis reverts commit {stage.repo.head("HEAD")}.')


def nameless_revert(stage):
    stage.git("revert", "--no-edit", "HEAD")
    stage.git("commit", "-q", "--amend", "--no-verify", "-m", "Take it back")


def revert_of_something_else(stage):
    other = stage.first
    stage.git("revert", "--no-edit", "HEAD")
    stage.git("commit", "-q", "--amend", "--no-verify", "-m", f"Revert\n\nThis reverts commit {other}.")


@pytest.mark.parametrize("operation", [edited_revert, nameless_revert, revert_of_something_else])
def test_what_is_not_exactly_a_revert_is_unrecorded(stage, operation):
    stage.git("checkout", "-q", "main")
    stage.record({APP: MINE}, "Mine")
    stage.git("checkout", "-q", "-B", "work")
    operation(stage)
    assert statuses(stage) == ["unrecorded SOX601"]


def test_a_revert_of_what_never_landed_is_unrecorded(stage):
    """Mallory's own commit, reverted in the same branch or taken from elsewhere, proves nothing."""
    stage.branch("elsewhere")
    stage.commit("Take a check away, so that its revert brings in what I want", {APP: ""})
    elsewhere = stage.repo.head()
    stage.git("checkout", "-q", "work")
    stage.commit("Empty", {APP: ""})
    stage.git("revert", "--no-edit", elsewhere)
    assert statuses(stage) == ["unrecorded SOX601"] * 2


def test_a_tier_can_refuse_reverts(repo):
    stage = Stage(repo).begin(relations='{ restricted = ["same-change", "merge"] }')
    landed = stage.record({SECRET: MINE}, "Mine")
    stage.branch("work")
    stage.git("revert", "--no-edit", landed)
    assert statuses(stage) == ["denied SOX615"]


# Merges


def test_rebase_with_merges_keeps_merges_and_moves_the_rest(moved):
    moved.branch("side", "work~2")
    moved.record({"docs/side": "x\n"}, "Side")
    moved.git("checkout", "-q", "work")
    moved.git("merge", "-q", "--no-ff", "--no-edit", "side")
    moved.git("rebase", "-q", "--rebase-merges", "main")
    found = {one.subject: words(one) for one in moved.verify()}
    assert found == {
        "Mine": "verified same-patch",
        "Beside": "verified same-change",
        "Side": "verified same-change",
        "Merge branch 'side' into work": "verified merge",
    }


def test_a_conflict_solved_by_hand_needs_a_record(stage):
    stage.record({APP: edited((3, "mine"))}, "Mine")
    stage.git("checkout", "-q", "main")
    stage.record({APP: edited((3, "theirs"))}, "Theirs", by=BOB)
    stage.git("checkout", "-q", "work")
    stage.git("merge", "-q", "main", check=False)
    stage.commit("Merge main", {APP: edited((3, "both"))})
    assert statuses(stage)[-1] == "unrecorded SOX601"


def test_a_merge_that_throws_the_other_side_away_is_no_automatic_one(stage):
    stage.record({APP: MINE}, "Mine")
    stage.git("checkout", "-q", "main")
    stage.record({"docs/fix": "the fix\n"}, "A fix", by=BOB)
    stage.git("checkout", "-q", "work")
    stage.git("merge", "-q", "-s", "ours", "--no-edit", "main")
    assert statuses(stage)[-1] == "unrecorded SOX601"


def test_updating_a_branch_by_merging_the_target_is_fine(moved):
    moved.git("merge", "-q", "--no-edit", "main")
    assert statuses(moved) == ["verified same-change", "verified same-change", "verified merge"]


def test_a_subtree_is_merged_into_a_folder_only_with_a_record(stage):
    """`merge -s subtree` moves paths: not what an automatic merge gives, so a person has to answer for it."""
    stage.git("checkout", "-q", "--orphan", "library")
    stage.git("rm", "-rfq", ".")
    stage.record({"lib.py": LINES}, "Library", parents=())
    library = stage.repo.head()
    stage.git("checkout", "-q", "work")
    stage.git("merge", "-q", "-s", "ours", "--no-commit", "--allow-unrelated-histories", library)
    stage.git("read-tree", "--prefix=vendor/lib/", "-u", library)
    tree, here = stage.git("write-tree"), stage.repo.head()
    by_hand = stage.commit_tree(tree, (here, library), b"Add the library\n")
    stage.git("update-ref", "HEAD", by_hand)
    assert words(stage.verdict()) == "unrecorded SOX601"
    stage.git("update-ref", "HEAD", stage.record_tree(tree, (here, library), "Add the library"))
    assert words(stage.verdict()) == "verified same-change"


def test_a_merge_queue_merges_one_request_after_the_other(stage):
    for number in range(3):
        stage.branch(f"topic-{number}", "main")
        stage.record({f"docs/{number}": "x\n"}, f"Topic {number}")
    stage.git("checkout", "-q", "-b", "queue", "main")
    for number in range(3):
        stage.git("merge", "-q", "--no-ff", "--no-edit", f"topic-{number}")
    assert sorted(statuses(stage, "main..queue")) == ["verified merge"] * 3 + ["verified same-change"] * 3
    stage.git("branch", "-f", "main", "queue")
    assert {words(one) for one in stage.landed()[1:]} == {"verified merge", "verified same-change"}


def test_git_itself_agrees_that_the_moved_commits_are_sound(moved):
    rebase(moved)
    done = subprocess.run(["git", "fsck", "--strict"], cwd=moved.repo.path, capture_output=True, check=False)
    assert done.returncode == 0
