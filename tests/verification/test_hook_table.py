"""Which hooks git runs for which operation, and what the gate says of what the operation leaves behind.

Every row is something people do, with only our commit-msg hook installed, and a probe for every hook of git. Where git
runs commit-msg (CM), the commit has a fresh record; where it does not, the old record must still fit, or the gate says
that it does not. The hooks are those of git 2.39.5, for each of the last commands, parted by `|` (`-`: none).

PC pre-commit, PMC pre-merge-commit, PCM prepare-commit-msg (what git says about the message), PoC post-commit, PoM
post-merge (1: squash), PR post-rewrite (command, number of pairs), AM applypatch-msg, pAP and oAP pre- and
post-applypatch, PB pre-rebase, PCO post-checkout, push pre-push.
"""

from __future__ import annotations

import pytest

from sox_hooks.hooks.shims import KEPT, shim
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
    folder = stage.repo.path / ".git/hooks"
    folder.mkdir(exist_ok=True)
    probe = folder / "probe"
    probe.write_text(PROBE.format(log=stage.repo.path.parent / "fired"))
    probe.chmod(0o755)
    for name in PROBED:
        (folder / name).symlink_to(probe)
    hook = folder / "commit-msg"
    hook.write_bytes(shim("commit-msg"))
    hook.chmod(0o755)
    return Watched(stage)


PROBED = (
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg" + KEPT,
    "post-commit",
    "post-merge",
    "post-rewrite",
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-rebase",
    "post-checkout",
    "pre-push",
)
PROBE = """\
#!/bin/sh
case ${{0##*/}} in
pre-commit) said=PC ;;
pre-merge-commit) said=PMC ;;
prepare-commit-msg) said="PCM($2)" ;;
commit-msg*) said=CM ;;
post-commit) said=PoC ;;
post-merge) said="PoM($1)" ;;
post-rewrite)
	pairs=0
	while read -r pair; do pairs=$((pairs + 1)); done
	said="PR($1,$pairs)"
	;;
applypatch-msg) said=AM ;;
pre-applypatch) said=pAP ;;
post-applypatch) said=oAP ;;
pre-rebase) said=PB ;;
post-checkout) said=PCO ;;
pre-push) said=push ;;
esac
echo "$said" >>{log}
"""
# Commands of git that prepare something, or look.
PREPARING = ("add", "config", "rev-parse", "write-tree", "format-patch", "rm")


class Watched:
    """A stage that notes which hooks each command of git has run."""

    def __init__(self, stage) -> None:
        self._stage = stage
        self._log = stage.repo.path.parent / "fired"
        self.fired: list[str] = []

    def __getattr__(self, name):
        return getattr(self._stage, name)

    def git(self, *arguments: str, **options) -> str:
        before = self._read()
        out = self._stage.git(*arguments, **options)
        if arguments[0] not in PREPARING:
            self.fired.append(" ".join(self._read()[len(before) :]))
        return out

    def branch(self, name: str, at: str = "main") -> None:
        self.git("checkout", "-q", "-b", name, at)

    def _read(self) -> list[str]:
        return self._log.read_text().split("\n")[:-1] if self._log.exists() else []


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


# Rewording must change the message: the same commit again, made within the second, has the same id, and what follows it
# is then not picked but fast-forwarded, without hooks.
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
    """One commit is picked already when the next one conflicts."""
    hooked(stage, "docs/first")
    in_conflict(stage)
    stage.git("rebase", "--abort")


def rebase_that_changes_nothing(stage):
    two_then("")(stage)


def reword_without_verify(stage):
    hooked(stage, "docs/a", "x\n", "First")
    rewording = {**todo("1s/pick/reword/"), "GIT_EDITOR": "sed -i 1s/First/Reworded/"}
    stage.git("rebase", "-q", "-i", "--no-verify", "main", **rewording)


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
    revert_in_conflict(stage)
    stage.git("revert", "--continue")


def revert_in_conflict(stage):
    stage.git("checkout", "-q", "main")
    landed = stage.record({APP: edited((2, "landed"))}, "Landed")
    stage.record({APP: edited((2, "and more"))}, "More")
    stage.git("checkout", "-q", "-B", "work")
    stage.git("revert", "--no-edit", landed, check=False)
    change(stage, APP, LINES)


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


def revert_commit_in_stop(stage):
    revert_in_conflict(stage)
    stage.git("commit", "-q", "--no-edit")


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


def am_continue(stage):
    on_another_branch(stage, edited((2, "mine")))
    stage.record({APP: edited((2, "theirs"))}, "In between")
    patch = stage.git("format-patch", "-q", "--stdout", "main..other")
    stage.git("am", "-q", "-3", data=patch.encode() + b"\n", check=False)
    change(stage, APP, edited((2, "both")))
    stage.git("am", "--continue")


def reset_stash_notes(stage):
    hooked(stage)
    stage.repo.write("docs/a", "later\n")
    stage.git("stash", "-q")
    stage.git("stash", "pop", "-q")
    stage.git("notes", "add", "-m", "A note")
    stage.git("reset", "-q", "--hard")


def switch(stage):
    hooked(stage)
    stage.git("switch", "-q", "main")
    stage.git("switch", "-q", "work")


def push(stage):
    hooked(stage)
    stage.git("clone", "-q", "--bare", ".", "../server")
    hooked(stage, "docs/b")
    stage.git("push", "-q", "../server", "work")


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


def export_and_import(stage):
    """What git filter-repo does: every commit is made again, here by another committer."""
    hooked(stage)
    text = stage.repo.git_bytes("fast-export", "--reference-excluded-parents", "main..work")
    stage.git("fast-import", "--quiet", "--force", data=text.replace(b"committer Test", b"committer Filter"))


def worktree(stage):
    stage.git("worktree", "add", "-q", "-b", "beside", "../beside", "main")
    (stage.repo.path.parent / "beside/docs").mkdir()
    (stage.repo.path.parent / "beside/docs/a").write_text("x\n")
    stage.git("-C", "../beside", "add", "-A")
    stage.git("-C", "../beside", "commit", "-q", "-m", "Beside")
    stage.git("merge", "-q", "beside")


ROWS = {
    "commit -m": (commit_m, [FRESH], "PC PCM(message) CM PoC"),
    "commit -am": (commit_am, [FRESH], "PC PCM(message) CM PoC"),
    "commit PATH": (commit_path, [FRESH], "PC PCM(message) CM PoC"),
    "commit --allow-empty": (commit_allow_empty, [FRESH], "PC PCM(message) CM PoC"),
    "root commit": (commit_root, [FRESH], "PC PCM(message) CM PoC"),
    "commit with an editor": (commit_editor, [FRESH], "PC PCM() CM PoC"),
    "commit -t": (commit_template, [FRESH], "PC PCM(template) CM PoC"),
    "commit -C": (commit_reuse("-C"), [FRESH, FRESH], "PC PCM(commit) CM PoC"),
    "commit -c": (commit_reuse("-c"), [FRESH, FRESH], "PC PCM(commit) CM PoC"),
    "commit -F": (commit_file, [FRESH], "PC PCM(message) CM PoC"),
    "commit --fixup": (commit_fixup("--fixup"), [FRESH, FRESH], "PC PCM(message) CM PoC"),
    "commit --squash": (commit_fixup("--squash"), [FRESH, FRESH], "PC PCM(message) CM PoC"),
    "commit --no-verify": (commit_no_verify, [NONE], "PCM(message) PoC"),
    "core.hooksPath=/dev/null": (commit_no_hooks_path, [NONE], "-"),
    "amend --no-edit": (amend("--no-edit"), [FRESH], "PC PCM(commit) CM PoC PR(amend,1)"),
    "amend, nothing changed": (amend_nothing, [FRESH], "PC PCM(commit) CM PoC PR(amend,1)"),
    "amend --reset-author": (amend("--reset-author", "--no-edit"), [FRESH], "PC PCM(commit) CM PoC PR(amend,1)"),
    "amend -m": (amend("-m", "Another"), [FRESH], "PC PCM(message) CM PoC PR(amend,1)"),
    "amend --no-verify": (amend("--no-edit", "--no-verify"), [OTHER], "PCM(commit) PoC PR(amend,1)"),
    "rebase": (rebase(), [MOVED, FRESH], "PB PCO PCM(message) PoC PCM(message) PoC PR(rebase,2)"),
    "rebase --exec": (
        rebase("--exec", "true"),
        [MOVED, FRESH],
        "PB PCO PCM(message) PoC PCM(message) PoC PR(rebase,2)",
    ),
    "rebase --force-rebase": (
        rebase("--force-rebase"),
        [MOVED, FRESH],
        "PB PCO PCM(message) PoC PCM(message) PoC PR(rebase,2)",
    ),
    "rebase --signoff": (rebase("--signoff"), [MOVED, FRESH], "PB PCO PCM(message) PoC PCM(message) PoC PR(rebase,2)"),
    "rebase --apply": (rebase("--apply"), [MOVED, FRESH], "PB PCO AM pAP oAP AM pAP oAP PR(rebase,2)"),
    "rebase --no-verify": (rebase("--no-verify"), [MOVED, FRESH], "PCO PCM(message) PoC PCM(message) PoC PR(rebase,2)"),
    "pull --rebase": (pull_rebase, [MOVED], "PB PCO PCM(message) PoC PR(rebase,1)"),
    "pull --rebase of nothing": (pull_rebase_of_nothing, [FRESH], "-"),
    "rebase --continue after a conflict": (rebase_continue(), [OTHER], "PB PCO | PCM(message) PoC PR(rebase,1)"),
    "rebase --apply --continue after a conflict": (
        rebase_continue("--apply"),
        [OTHER],
        "PB PCO AM | pAP oAP PR(rebase,1)",
    ),
    "commit in the stop of a rebase": (rebase_commit_in_stop, [FRESH], "PB PCO | PC PCM(merge) CM PoC | PR(rebase,1)"),
    "rebase -i reword": (
        two_then("1s/pick/reword/", GIT_EDITOR="sed -i 1s/First/Reworded/"),
        [FRESH, FRESH],
        "PB PCO PC PCM(commit) CM PoC PR(amend,1) PCM(message) PoC PR(rebase,2)",
    ),
    "rebase -i edit, amend": (
        edit_and_amend,
        [FRESH, FRESH],
        "PB PCO | PC PCM(commit) CM PoC PR(amend,1) | PCM(message) PoC PR(rebase,2)",
    ),
    "rebase -i edit, continue": (
        edit_and_continue,
        [OTHER, FRESH],
        "PB PCO | PCM(message) PoC PR(amend,1) PCM(message) PoC PR(rebase,2)",
    ),
    "rebase -i squash": (two_then("2s/pick/squash/"), [QUOTED], "PB PCO PCM(message) PoC PR(amend,1) PR(rebase,2)"),
    "rebase -i fixup": (two_then("2s/pick/fixup/"), [OTHER], "PB PCO PCM(message) PoC PR(amend,1) PR(rebase,2)"),
    "rebase -i fixup -C": (two_then("2s/pick/fixup -C/"), [OTHER], "PB PCO PCM(message) PoC PR(amend,1) PR(rebase,2)"),
    "rebase -i reorder": (
        two_then("1{h;d};2G"),
        [FRESH, FRESH],
        "PB PCO PCM(message) PoC PCM(message) PoC PR(rebase,2)",
    ),
    "rebase -i drop": (two_then("1d"), [FRESH], "PB PCO PCM(message) PoC PR(rebase,1)"),
    "rebase --autosquash": (autosquash, [OTHER], "PB PCO PCM(message) PoC PR(amend,1) PR(rebase,2)"),
    "rebase skips what landed": (rebase_skips_what_landed, [FRESH], "PB PCO PCM(message) PoC PR(rebase,1)"),
    "rebase --rebase-merges": (
        rebase_merges,
        [FRESH, FRESH, FRESH],
        "PB PCO PCM(message) PoC PCM(message) PoC PCM(message) PoC PR(rebase,3)",
    ),
    "rebase --abort": (rebase_abort, [FRESH, FRESH], "PB PCO PCM(message) PoC | -"),
    "rebase -i that changes nothing": (rebase_that_changes_nothing, [FRESH, FRESH], "PB PCO"),
    "rebase --no-verify reword": (reword_without_verify, [FRESH], "PCO PC PCM(commit) CM PoC PR(amend,1) PR(rebase,1)"),
    "rebase -i fixup -c": (two_then("2s/pick/fixup -c/"), [OTHER], "PB PCO PCM(message) PoC PR(amend,1) PR(rebase,2)"),
    "cherry-pick": (pick(), [FRESH, MOVED], "PCM(message) PoC"),
    "cherry-pick -x": (pick("-x"), [FRESH, MOVED], "PCM(message) PoC"),
    "cherry-pick -s": (pick("-s"), [FRESH, MOVED], "PCM(message) PoC"),
    "cherry-pick -e": (pick("-e", GIT_EDITOR="sed -i 1s/Other/Picked/"), [FRESH, MOVED], "PCM(merge) PoC"),
    "cherry-pick of a range": (pick_range, [FRESH, FRESH, FRESH], "PCM(message) PoC PCM(message) PoC"),
    "cherry-pick --ff": (pick_ff, [FRESH], "-"),
    "cherry-pick --continue": (pick_continue, [FRESH, FRESH], "- | PC PCM(merge) CM PoC"),
    "commit in the stop of a cherry-pick": (pick_commit_in_stop, [FRESH, FRESH], "- | PC PCM(merge) CM PoC"),
    "cherry-pick -n, commit": (pick_without_commit, [FRESH], "- | PC PCM(message) CM PoC"),
    "revert": (revert("--no-edit"), ["verified revert"], "PCM(message) PoC"),
    "revert -e": (revert("-e"), ["verified revert"], "PCM(merge) PoC"),
    "revert -n, commit": (revert_without_commit, [FRESH], "- | PC PCM(message) CM PoC"),
    "revert --continue": (revert_continue, [FRESH], "- | PC PCM(merge) CM PoC"),
    "commit in the stop of a revert": (revert_commit_in_stop, [FRESH], "- | PC PCM(merge) CM PoC"),
    "merge": (merge("--no-edit"), [FRESH, FRESH, FRESH], "PMC PCM(merge) CM PoM(0)"),
    "merge --no-verify": (merge("--no-edit", "--no-verify"), [FRESH, FRESH, "verified merge"], "PCM(merge) PoM(0)"),
    "merge --no-commit, commit": (merge_then_commit, [FRESH, FRESH, FRESH], "- | PC PCM(merge) CM PoC"),
    "merge in conflict, commit": (
        merge_in_conflict("commit", "-q", "--no-edit"),
        [FRESH, FRESH, FRESH],
        "- | PC PCM(merge) CM PoC",
    ),
    "merge in conflict, continue": (
        merge_in_conflict("merge", "--continue"),
        [FRESH, FRESH, FRESH],
        "- | PC PCM(merge) CM PoC",
    ),
    "merge in conflict, --no-verify": (
        merge_in_conflict("commit", "-q", "--no-edit", "--no-verify"),
        [FRESH, FRESH, NONE],
        "- | PCM(merge) PoC",
    ),
    "merge --squash, commit": (merge_squash, [FRESH, FRESH_AND_QUOTED], "PoM(1) | PC PCM(squash) CM PoC"),
    "merge by fast-forward": (merge_ff, [FRESH], "PoM(0)"),
    "am": (am("-3"), [FRESH, MOVED], "AM pAP oAP"),
    "am without -3": (am(), [FRESH, MOVED], "AM pAP oAP"),
    "am --continue": (am_continue, [FRESH, OTHER], "AM | pAP oAP"),
    "commit-tree and update-ref": (commit_tree, [NONE], "- | -"),
    "filter-branch of messages": (filter_branch, [FRESH], "-"),
    "fast-import": (fast_import, [NONE], "-"),
    "fast-export and fast-import": (export_and_import, [FRESH], "-"),
    "reset, stash, notes": (reset_stash_notes, [FRESH], "- | - | - | -"),
    "switch": (switch, [FRESH], "PCO"),
    "push": (push, [FRESH, FRESH], "push"),
    "worktree": (worktree, [FRESH], "PCO | - | PC PCM(message) CM PoC | PoM(0)"),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(desk, name):
    operation, expected, hooks = ROWS[name]
    operation(desk)
    commands = hooks.split(" | ")
    assert [fired or "-" for fired in desk.fired[-len(commands) :]] == commands
    found = [words(one) for one in desk.verify("HEAD", "^main", policy_ref="main")]
    assert sorted(found) == sorted(expected)
