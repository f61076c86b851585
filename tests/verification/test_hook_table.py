"""Which git operations run the commit-msg hook, and what the gate says of what they leave behind.

Every row is something people do, with only the commit-msg hook installed. Where git runs it, the commit has a fresh
record; where it does not, the old record must still fit, or the gate says that it does not.
"""

from __future__ import annotations

import pytest

from sox_hooks.hooks.shims import shim
from tests.stage import ALICE, BOB, LINES, edited, words

APP = "src/app.py"
FRESH, MOVED = "verified same-change", "verified same-patch"
NONE, OTHER = "unrecorded SOX601", "unbound SOX608"
# Messages of several commits in one: earlier records stand in the body.
QUOTED, FRESH_AND_QUOTED = "unbound SOX607 SOX608", "verified same-change SOX607"
NOTHING = "/dev/null"


@pytest.fixture
def desk(stage, hermetic, monkeypatch):
    """Alice's clone: her key, the hook, and `work` checked out."""
    monkeypatch.setenv("GIT_EDITOR", "true")
    key = stage.key_file(ALICE, hermetic)
    stage.git("config", "sox.signingKey", str(key))
    stage.git("config", "sox.policyRef", "main")
    hook = stage.repo.path / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_bytes(shim("commit-msg"))
    hook.chmod(0o755)
    return stage


def change(stage, name="docs/a", text="x\n"):
    stage.repo.write(name, text)
    stage.git("add", "-A")


def hooked(stage, name="docs/a", text="x\n", subject="Change", *options):
    """A commit through the hook."""
    change(stage, name, text)
    stage.git("commit", "-q", "-m", subject, *options)


def theirs(stage, name=APP, text=""):
    """Somebody's commit on `main`, made elsewhere; `work` stays checked out."""
    stage.git("checkout", "-q", "main")
    stage.record({name: text or edited((2, "theirs"))}, "Theirs", by=BOB)
    stage.git("checkout", "-q", "work")


def todo(script):
    """An editor for the list of a rebase."""
    return {"GIT_SEQUENCE_EDITOR": f"sed -i '{script}'"}


def commit_m(stage):
    hooked(stage)


def commit_am(stage):
    stage.repo.write(APP, edited((3, "x")))
    stage.git("commit", "-q", "-am", "Change")


def commit_path(stage):
    change(stage, "docs/staged")
    stage.repo.write(APP, edited((3, "x")))
    stage.git("commit", "-q", "-m", "Only this", APP)


def commit_allow_empty(stage):
    stage.git("commit", "-q", "--allow-empty", "-m", "Trigger CI")


def commit_root(stage):
    stage.git("checkout", "-q", "--orphan", "rootless")
    stage.git("rm", "-rfq", ".")
    hooked(stage)


def commit_editor(stage):
    change(stage)
    stage.git("commit", "-q", "-v", GIT_EDITOR="echo Typed >")


def commit_template(stage):
    stage.repo.write("../template", "Template\n\nWhy:\n")
    change(stage)
    stage.git("commit", "-q", "-t", "../template", GIT_EDITOR="echo Because >>")


def commit_reuse(option):
    def operation(stage):
        hooked(stage, "docs/first")
        change(stage)
        stage.git("commit", "-q", option, "HEAD")

    return operation


def commit_file(stage):
    stage.repo.write("../message", "From a file\n")
    change(stage)
    stage.git("commit", "-q", "-F", "../message")


def commit_fixup(option):
    def operation(stage):
        hooked(stage, "docs/first")
        change(stage)
        stage.git("commit", "-q", option, "HEAD")

    return operation


def commit_no_verify(stage):
    hooked(stage, "docs/a", "x\n", "Change", "--no-verify")


def commit_no_hooks_path(stage):
    change(stage)
    stage.git("-c", f"core.hooksPath={NOTHING}", "commit", "-q", "-m", "Change")


def amend(*options):
    def operation(stage):
        hooked(stage)
        change(stage, "docs/b")
        stage.git("commit", "-q", "--amend", *options)

    return operation


def amend_nothing(stage):
    hooked(stage)
    stage.git("commit", "-q", "--amend", "--no-edit")


def rebase(*options):
    def operation(stage):
        hooked(stage, APP, edited((30, "mine")))
        hooked(stage, "docs/b")
        theirs(stage)
        stage.git("rebase", "-q", *options, "main")

    return operation


def pull_rebase(stage):
    hooked(stage, APP, edited((30, "mine")))
    theirs(stage)
    stage.git("pull", "-q", "--rebase", ".", "main")


def pull_rebase_of_nothing(stage):
    hooked(stage)
    stage.git("pull", "-q", "--rebase", ".", "main")


def in_conflict(stage, *options):
    hooked(stage, APP, edited((2, "mine")))
    theirs(stage)
    stage.git("rebase", "-q", *options, "main", check=False)
    change(stage, APP, edited((2, "both")))


def rebase_continue(*options):
    def operation(stage):
        in_conflict(stage, *options)
        stage.git("rebase", "--continue")

    return operation


def rebase_commit_in_stop(stage):
    in_conflict(stage)
    stage.git("commit", "-q", "--no-edit")
    stage.git("rebase", "--continue")


def two_then(script, **env):
    def operation(stage):
        hooked(stage, "docs/a", "x\n", "First")
        hooked(stage, "docs/b", "x\n", "Second")
        stage.git("rebase", "-q", "-i", "main", **todo(script), **env)

    return operation


def edit_and_amend(stage):
    two_then("1s/pick/edit/")(stage)
    change(stage, "docs/a", "edited\n")
    stage.git("commit", "-q", "--amend", "--no-edit")
    stage.git("rebase", "--continue")


def edit_and_continue(stage):
    two_then("1s/pick/edit/")(stage)
    change(stage, "docs/a", "edited\n")
    stage.git("rebase", "--continue")


def autosquash(stage):
    hooked(stage, "docs/a", "x\n", "First")
    change(stage, "docs/a", "y\n")
    stage.git("commit", "-q", "--fixup", "HEAD")
    stage.git("rebase", "-q", "-i", "--autosquash", "main", GIT_SEQUENCE_EDITOR="true")


def rebase_merges(stage):
    stage.branch("side")
    hooked(stage, "docs/side")
    stage.git("checkout", "-q", "work")
    hooked(stage, "docs/a")
    stage.git("merge", "-q", "--no-ff", "--no-edit", "side")
    theirs(stage)
    stage.git("rebase", "-q", "--rebase-merges", "main")


def rebase_abort(stage):
    in_conflict(stage)
    stage.git("rebase", "--abort")


def rebase_skips_what_landed(stage):
    hooked(stage, "docs/a", "x\n", "First")
    hooked(stage, "docs/b", "x\n", "Second")
    stage.git("checkout", "-q", "main")
    stage.record({"docs/a": "x\n"}, "The same", by=BOB)
    stage.git("checkout", "-q", "work")
    stage.git("rebase", "-q", "main")


def on_another_branch(stage, *texts):
    """Hooked commits on a branch that is merged nowhere; `work` is checked out again."""
    stage.branch("other", "main")
    for number, text in enumerate(texts):
        hooked(stage, APP, text, f"Other {number}")
    stage.git("checkout", "-q", "work")


def pick(*options, **env):
    def operation(stage):
        on_another_branch(stage, edited((30, "mine")))
        stage.record({APP: edited((2, "theirs"))}, "In between")
        stage.git("cherry-pick", *options, "other", **env)

    return operation


def pick_range(stage):
    on_another_branch(stage, edited((30, "mine")), edited((30, "mine"), (20, "more")))
    stage.record({"docs/between": "x\n"}, "In between")
    stage.git("cherry-pick", "main..other")


def pick_ff(stage):
    on_another_branch(stage, edited((30, "mine")))
    stage.git("cherry-pick", "--ff", "other")


def pick_in_conflict(stage):
    on_another_branch(stage, edited((2, "mine")))
    stage.record({APP: edited((2, "theirs"))}, "In between")
    stage.git("cherry-pick", "other", check=False)
    change(stage, APP, edited((2, "both")))


def pick_continue(stage):
    pick_in_conflict(stage)
    stage.git("cherry-pick", "--continue")


def pick_commit_in_stop(stage):
    pick_in_conflict(stage)
    stage.git("commit", "-q", "--no-edit")


def pick_without_commit(stage):
    on_another_branch(stage, edited((30, "mine")))
    stage.git("cherry-pick", "-n", "other")
    stage.git("commit", "-q", "-m", "Picked")


def revert(*options):
    def operation(stage):
        stage.git("checkout", "-q", "main")
        stage.record({APP: edited((30, "landed"))}, "Landed")
        stage.git("checkout", "-q", "-B", "work")
        stage.git("revert", *options, "HEAD")

    return operation


def revert_without_commit(stage):
    revert("-n")(stage)
    stage.git("commit", "-q", "-m", "Take it back")


def revert_continue(stage):
    stage.git("checkout", "-q", "main")
    landed = stage.record({APP: edited((2, "landed"))}, "Landed")
    stage.record({APP: edited((2, "and more"))}, "More")
    stage.git("checkout", "-q", "-B", "work")
    stage.git("revert", "--no-edit", landed, check=False)
    change(stage, APP, LINES)
    stage.git("revert", "--continue")


def two_sides(stage, text):
    hooked(stage, APP, edited((30, "mine")))
    stage.branch("side", "main")
    hooked(stage, APP, text, "Side")
    stage.git("checkout", "-q", "work")


def merge(*options):
    def operation(stage):
        two_sides(stage, edited((2, "side")))
        stage.git("merge", "-q", *options, "side")

    return operation


def merge_then_commit(stage):
    merge("--no-commit")(stage)
    stage.git("commit", "-q", "--no-edit")


def merge_in_conflict(*finish):
    def operation(stage):
        two_sides(stage, edited((30, "side")))
        stage.git("merge", "-q", "side", check=False)
        change(stage, APP, edited((30, "both")))
        stage.git(*finish)

    return operation


def merge_squash(stage):
    two_sides(stage, edited((2, "side")))
    stage.git("merge", "-q", "--squash", "side")
    stage.git("commit", "-q", "--no-edit")


def merge_ff(stage):
    stage.branch("side", "main")
    hooked(stage)
    stage.git("checkout", "-q", "work")
    stage.git("merge", "-q", "side")


def am(*options):
    def operation(stage):
        on_another_branch(stage, edited((30, "mine")))
        stage.record({APP: edited((2, "theirs"))}, "In between")
        patch = stage.git("format-patch", "-q", "--stdout", "main..other")
        stage.git("am", "-q", *options, data=patch.encode() + b"\n")

    return operation


def commit_tree(stage):
    change(stage)
    commit = stage.git("commit-tree", stage.git("write-tree"), "-p", "HEAD", "-m", "By hand")
    stage.git("update-ref", "HEAD", commit)


def filter_branch(stage):
    hooked(stage)
    script = "cat && echo Reviewed-by: Bob"
    stage.git("filter-branch", "--msg-filter", script, "main..work", FILTER_BRANCH_SQUELCH_WARNING="1")


def fast_import(stage):
    head = stage.repo.head()
    text = (
        f"commit refs/heads/work\ncommitter A <alice@bank.example> 1760000000 +0000\ndata 3\nHi\nfrom {head}\n"
        "M 100644 inline docs/a\ndata 2\nx\n\n"
    )
    stage.git("fast-import", "--quiet", data=text.encode())


def worktree(stage):
    stage.git("worktree", "add", "-q", "-b", "beside", "../beside", "main")
    (stage.repo.path.parent / "beside/docs").mkdir()
    (stage.repo.path.parent / "beside/docs/a").write_text("x\n")
    stage.git("-C", "../beside", "add", "-A")
    stage.git("-C", "../beside", "commit", "-q", "-m", "Beside")
    stage.git("merge", "-q", "beside")


ROWS = {
    "commit -m": (commit_m, [FRESH]),
    "commit -am": (commit_am, [FRESH]),
    "commit PATH": (commit_path, [FRESH]),
    "commit --allow-empty": (commit_allow_empty, [FRESH]),
    "root commit": (commit_root, [FRESH]),
    "commit with an editor": (commit_editor, [FRESH]),
    "commit -t": (commit_template, [FRESH]),
    "commit -C": (commit_reuse("-C"), [FRESH, FRESH]),
    "commit -c": (commit_reuse("-c"), [FRESH, FRESH]),
    "commit -F": (commit_file, [FRESH]),
    "commit --fixup": (commit_fixup("--fixup"), [FRESH, FRESH]),
    "commit --squash": (commit_fixup("--squash"), [FRESH, FRESH]),
    "commit --no-verify": (commit_no_verify, [NONE]),
    "core.hooksPath=/dev/null": (commit_no_hooks_path, [NONE]),
    "amend --no-edit": (amend("--no-edit"), [FRESH]),
    "amend, nothing changed": (amend_nothing, [FRESH]),
    "amend --reset-author": (amend("--reset-author", "--no-edit"), [FRESH]),
    "amend -m": (amend("-m", "Another"), [FRESH]),
    "amend --no-verify": (amend("--no-edit", "--no-verify"), [OTHER]),
    "rebase": (rebase(), [MOVED, FRESH]),
    "rebase --exec": (rebase("--exec", "true"), [MOVED, FRESH]),
    "rebase --force-rebase": (rebase("--force-rebase"), [MOVED, FRESH]),
    "rebase --signoff": (rebase("--signoff"), [MOVED, FRESH]),
    "rebase --apply": (rebase("--apply"), [MOVED, FRESH]),
    "rebase --no-verify": (rebase("--no-verify"), [MOVED, FRESH]),
    "pull --rebase": (pull_rebase, [MOVED]),
    "pull --rebase of nothing": (pull_rebase_of_nothing, [FRESH]),
    "rebase --continue after a conflict": (rebase_continue(), [OTHER]),
    "rebase --apply --continue after a conflict": (rebase_continue("--apply"), [OTHER]),
    "commit in the stop of a rebase": (rebase_commit_in_stop, [FRESH]),
    "rebase -i reword": (two_then("1s/pick/reword/"), [FRESH, FRESH]),
    "rebase -i edit, amend": (edit_and_amend, [FRESH, FRESH]),
    "rebase -i edit, continue": (edit_and_continue, [OTHER, FRESH]),
    "rebase -i squash": (two_then("2s/pick/squash/"), [QUOTED]),
    "rebase -i fixup": (two_then("2s/pick/fixup/"), [OTHER]),
    "rebase -i fixup -C": (two_then("2s/pick/fixup -C/"), [OTHER]),
    "rebase -i reorder": (two_then("1{h;d};2G"), [FRESH, FRESH]),
    "rebase -i drop": (two_then("1d"), [FRESH]),
    "rebase --autosquash": (autosquash, [OTHER]),
    "rebase skips what landed": (rebase_skips_what_landed, [FRESH]),
    "rebase --rebase-merges": (rebase_merges, [FRESH, FRESH, FRESH]),
    "rebase --abort": (rebase_abort, [FRESH]),
    "cherry-pick": (pick(), [FRESH, MOVED]),
    "cherry-pick -x": (pick("-x"), [FRESH, MOVED]),
    "cherry-pick -s": (pick("-s"), [FRESH, MOVED]),
    "cherry-pick -e": (pick("-e", GIT_EDITOR="sed -i 1s/Other/Picked/"), [FRESH, MOVED]),
    "cherry-pick of a range": (pick_range, [FRESH, FRESH, FRESH]),
    "cherry-pick --ff": (pick_ff, [FRESH]),
    "cherry-pick --continue": (pick_continue, [FRESH, FRESH]),
    "commit in the stop of a cherry-pick": (pick_commit_in_stop, [FRESH, FRESH]),
    "cherry-pick -n, commit": (pick_without_commit, [FRESH]),
    "revert": (revert("--no-edit"), ["verified revert"]),
    "revert -e": (revert("-e"), ["verified revert"]),
    "revert -n, commit": (revert_without_commit, [FRESH]),
    "revert --continue": (revert_continue, [FRESH]),
    "merge": (merge("--no-edit"), [FRESH, FRESH, FRESH]),
    "merge --no-verify": (merge("--no-edit", "--no-verify"), [FRESH, FRESH, "verified merge"]),
    "merge --no-commit, commit": (merge_then_commit, [FRESH, FRESH, FRESH]),
    "merge in conflict, commit": (merge_in_conflict("commit", "-q", "--no-edit"), [FRESH, FRESH, FRESH]),
    "merge in conflict, continue": (merge_in_conflict("merge", "--continue"), [FRESH, FRESH, FRESH]),
    "merge in conflict, --no-verify": (
        merge_in_conflict("commit", "-q", "--no-edit", "--no-verify"),
        [FRESH, FRESH, NONE],
    ),
    "merge --squash, commit": (merge_squash, [FRESH, FRESH_AND_QUOTED]),
    "merge by fast-forward": (merge_ff, [FRESH]),
    "am": (am("-3"), [FRESH, MOVED]),
    "am without -3": (am(), [FRESH, MOVED]),
    "commit-tree and update-ref": (commit_tree, [NONE]),
    "filter-branch of messages": (filter_branch, [FRESH]),
    "fast-import": (fast_import, [NONE]),
    "worktree": (worktree, [FRESH]),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(desk, name):
    operation, expected = ROWS[name]
    operation(desk)
    found = [words(one) for one in desk.verify("HEAD", "^main", policy_ref="main")]
    assert sorted(found) == sorted(expected)
