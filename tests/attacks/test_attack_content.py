"""Attacks on the content: what changes without a record, or under one that was made for something else."""

from __future__ import annotations

import os

from tests.attacks.desk import CODE, Attacks, Desk
from tests.stage import SECRET

attacks = Attacks()
AI = {"claim": "assisted", "tools": ("claude-code",)}


def under_its_record(desk: Desk, honest: str, files: dict[str, str], *, modes: tuple[str, ...] = ()) -> str:
    """The parent of `honest` with other files, under the message of `honest`."""
    message = desk.message(honest)
    desk.git("reset", "-q", "--hard", f"{honest}^")
    for name, content in files.items():
        desk.repo.write(name, content)
    desk.git("add", "-A")
    for name in modes:
        desk.git("update-index", "--chmod=+x", name)
    return desk.point(desk.commit_tree(desk.git("write-tree"), (desk.repo.head(),), message))


@attacks.stopped("unbound SOX608", gains="one space moves the audit out of the `if`: git patch-id sees no difference")
def line_moved_out_of_an_if_by_white_space(desk: Desk) -> None:
    honest = desk.record({"src/app.py": CODE.replace("post(entry)", "post(entry, 1)")})
    moved = CODE.replace("post(entry)", "post(entry, 1)").replace("        audit", "    audit")
    under_its_record(desk, honest, {"src/app.py": moved})


@attacks.stopped("unbound SOX608", gains="the same lines, added to another function, count as moved by a clean rebase")
def lines_moved_to_another_function(desk: Desk) -> None:
    before = "def is_test():\n    check()\n\n\ndef is_admin():\n    look()\n"
    desk.land("Two functions", {"src/app.py": before})
    desk.git("reset", "-q", "--hard", "main")
    honest = desk.record({"src/app.py": before.replace("check()\n", "check()\n    return True\n")})
    under_its_record(desk, honest, {"src/app.py": before.replace("look()\n", "look()\n    return True\n")})


@attacks.stopped("unbound SOX608", gains="a recorded file is made executable afterwards")
def mode_of_a_file_changed(desk: Desk) -> None:
    honest = desk.record({"bin/close": "#!/bin/sh\n"})
    under_its_record(desk, honest, {"bin/close": "#!/bin/sh\n"}, modes=("bin/close",))


@attacks.stopped("unbound SOX608", gains="a recorded file becomes a link with the same text")
def file_turned_into_a_link(desk: Desk) -> None:
    honest = desk.record({"settings": "/etc/passwd"})
    message = desk.message(honest)
    desk.git("reset", "-q", "--hard", "main")
    (desk.repo.path / "settings").symlink_to("/etc/passwd")
    desk.git("add", "-A")
    desk.point(desk.commit_tree(desk.git("write-tree"), (desk.adoption,), message))


@attacks.stopped("unbound SOX608", gains="a submodule is bumped unseen: .gitmodules says `ignore = all`")
def submodule_bumped_behind_its_own_ignore(desk: Desk) -> None:
    ignore = '[submodule "lib"]\n\tpath = lib\n\turl = ./lib\n\tignore = all\n'
    honest = desk.record({".gitmodules": ignore, "src/app.py": "good()\n"})
    message = desk.message(honest)
    desk.git("update-index", "--add", "--cacheinfo", f"160000,{honest},lib")
    desk.point(desk.commit_tree(desk.git("write-tree"), (desk.adoption,), message))


@attacks.stopped(
    "unbound SOX608", gains="a file that .gitattributes declares binary changes without its lines being seen"
)
def change_hidden_by_attributes(desk: Desk) -> None:
    honest = desk.record({".gitattributes": "* -diff -text\n", "src/app.py": "good()\n"})
    under_its_record(desk, honest, {".gitattributes": "* -diff -text\n", "src/app.py": "evil()\n"})


@attacks.stopped("unbound SOX608", gains="what a file says to git (LFS, a filter) is not what was recorded")
def pointer_exchanged(desk: Desk) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 9\n"
    attributes = "*.bin filter=lfs diff=lfs merge=lfs -text\n"
    honest = desk.record({".gitattributes": attributes, "a.bin": pointer % ("1" * 64)})
    under_its_record(desk, honest, {".gitattributes": attributes, "a.bin": pointer % ("2" * 64)})


@attacks.stopped(
    "denied SOX201", gains="a file leaves the restricted folder with AI's edits, and is then out of every rule"
)
def file_renamed_out_of_a_restricted_path(desk: Desk) -> None:
    desk.git("mv", SECRET, "src/books.py")
    desk.record({"src/books.py": CODE + "evil()\n"}, **AI)


@attacks.stopped("denied SOX201", gains="AI's work is renamed into the restricted folder")
def file_renamed_into_a_restricted_path(desk: Desk) -> None:
    desk.git("mv", "src/app.py", "src/ledger/app.py")
    desk.record(**AI)


@attacks.stopped("denied SOX201", gains="on machines that ignore case, AI overwrites the restricted file")
def restricted_path_in_another_case(desk: Desk) -> None:
    desk.record({"SRC/Ledger/books.py": "evil()\n"}, **AI)


@attacks.stopped("denied SOX201", gains="the restricted folder becomes a link to one that nobody guards")
def restricted_folder_turned_into_a_link(desk: Desk) -> None:
    desk.git("rm", "-rq", "src/ledger")
    desk.repo.write("lib/books.py", "evil()\n")
    os.makedirs(desk.repo.path / "src", exist_ok=True)
    (desk.repo.path / "src/ledger").symlink_to("../lib")
    desk.record(**AI)


@attacks.stopped(
    "denied SOX201", gains="the restricted folder, once empty, comes back as a link to one that nobody guards"
)
def link_in_the_place_of_a_restricted_folder(desk: Desk) -> None:
    desk.git("rm", "-rq", "src/ledger")
    desk.record(message="Clear")
    os.makedirs(desk.repo.path / "src", exist_ok=True)
    (desk.repo.path / "src/ledger").symlink_to("../lib")
    desk.record({"lib/books.py": "evil()\n"}, **AI)


@attacks.stopped("denied SOX201", gains="the restricted folder is a submodule whose commits nobody judges")
def submodule_in_the_place_of_a_restricted_folder(desk: Desk) -> None:
    desk.git("rm", "-rq", "src/ledger")
    desk.record(message="Clear")
    desk.git("update-index", "--add", "--cacheinfo", f"160000,{desk.first},src/ledger")
    tree = desk.git("write-tree")
    desk.point(desk.record_tree(tree, (desk.repo.head(),), **AI))


@attacks.stopped(
    "denied SOX201", gains="a parent of the restricted folder becomes a link, and the rules match nothing inside"
)
def parent_folder_turned_into_a_link(desk: Desk) -> None:
    desk.git("mv", "src", "source")
    (desk.repo.path / "src").symlink_to("source")
    desk.record({"source/ledger/books.py": CODE + "evil()\n"}, **AI)


@attacks.stopped("unrecorded SOX601", gains="code that neither side has comes in with a merge")
def evil_merge(desk: Desk) -> None:
    side = desk.record({"src/side.py": "side()\n"})
    desk.git("reset", "-q", "--hard", "main")
    other = desk.record({"src/other.py": "other()\n"})
    desk.git("merge", "-q", "--no-ff", "--no-commit", side)
    desk.repo.write("src/evil.py", "evil()\n")
    desk.git("add", "-A")
    desk.point(desk.commit_tree(desk.git("write-tree"), (other, side), b"Merge side\n"))


@attacks.stopped("unrecorded SOX601", gains="a merge takes a recorded fix out again, and git says it is merged")
def merge_that_drops_one_side(desk: Desk) -> None:
    fix = desk.record({"src/fix.py": "fix()\n"})
    desk.git("reset", "-q", "--hard", "main")
    other = desk.record({"src/other.py": "other()\n"})
    desk.git("merge", "-q", "-s", "ours", "-m", "Merge fix", fix)
    assert desk.git("log", "-1", "--format=%P").split() == [other, fix]


@attacks.stopped(
    "unrecorded SOX601", gains="code comes in with a merge of many branches, which readers compare with none of them"
)
def evil_octopus(desk: Desk) -> None:
    sides = []
    for name in ("one", "two", "three"):
        desk.git("reset", "-q", "--hard", "main")
        sides.append(desk.record({f"src/{name}.py": f"{name}()\n"}))
    desk.git("merge", "-q", "--no-commit", "--no-ff", sides[0], sides[1])
    desk.repo.write("src/evil.py", "evil()\n")
    desk.git("add", "-A")
    desk.point(desk.commit_tree(desk.git("write-tree"), tuple(sides), b"Merge\n"))


@attacks.stopped(
    "unrecorded SOX601", gains="a conflict is resolved by .gitattributes of the branch, as the attacker likes"
)
def conflict_resolved_by_attributes(desk: Desk) -> None:
    base = desk.record({".gitattributes": "*.py merge=union\n"})
    side = desk.record({"src/app.py": CODE.replace("post(entry)", "side(entry)")})
    desk.git("reset", "-q", "--hard", base)
    desk.record({"src/app.py": CODE.replace("post(entry)", "other(entry)")})
    desk.git("merge", "-q", "--no-edit", "-m", "Merge side", side)


@attacks.stopped(
    "unrecorded SOX601", gains="a commit without a past is outside of every range, and a clean merge brings it in"
)
def orphan_root(desk: Desk) -> str:
    tree = desk.git("rev-parse", "main^{tree}")
    orphan = desk.commit_tree(tree, (), b"Nothing before me\n")
    merged = desk.git("merge-tree", "--write-tree", "--allow-unrelated-histories", desk.adoption, orphan)
    desk.point(desk.commit_tree(merged.split()[0], (desk.adoption, orphan), b"Merge\n"))
    return orphan


@attacks.stopped(
    "unrecorded SOX601",
    gains="commits on a base from before the rules need no record, and a clean merge brings them in",
)
def branch_from_before_the_baseline(desk: Desk) -> str:
    desk.git("checkout", "-q", "--detach", desk.first)
    evil = desk.commit("Old and evil", {"src/old.py": "evil()\n"})
    desk.git("checkout", "-q", "evil")
    desk.git("merge", "-q", "--no-edit", evil)
    return evil


@attacks.stopped("verified", gains="nothing: the control, a clean merge of recorded commits")
def clean_merge(desk: Desk) -> None:
    side = desk.record({"src/side.py": "side()\n"})
    desk.git("reset", "-q", "--hard", "main")
    desk.record({"src/other.py": "other()\n"})
    desk.git("merge", "-q", "--no-edit", side)


@attacks.stopped("unrecorded SOX601", gains="a message that names a commit makes anything a revert of it")
def revert_that_does_more(desk: Desk) -> None:
    desk.git("revert", "-n", "main")
    desk.git("checkout", "-q", "main", "--", ".sox")
    desk.repo.write("src/evil.py", "evil()\n")
    desk.commit(f'Revert "Adopt"\n\nThis reverts commit {desk.adoption}.')


@attacks.stopped("unrecorded SOX601", gains="a commit that was never landed is brought in as the revert of its revert")
def revert_of_a_revert_in_the_branch(desk: Desk) -> str:
    """The branch adds, reverts and reverts the revert: only what protected history holds may be reverted unrecorded."""
    desk.commit("Evil", {"src/evil.py": "evil()\n"})
    desk.git("revert", "--no-edit", "evil")
    desk.git("revert", "--no-edit", "evil")
    return desk.repo.head()


@attacks.stopped("unrecorded SOX601", gains="the root of a history is undone as a `revert`, and everything is gone")
def revert_of_nothing(desk: Desk) -> None:
    desk.git("rm", "-rq", ".")
    desk.commit(f"Revert\n\nThis reverts commit {'0' * 40}.")


@attacks.stopped(
    "denied SOX201 SOX302 SOX601", gains="a tree entry with a slash in its name is in no folder, and so under no rule"
)
def slash_in_the_name_of_an_entry(desk: Desk) -> None:
    blob = desk.git("hash-object", "-w", "--stdin", data=b"evil()\n")
    entry = b"100644 src/ledger/evil.py\0" + bytes.fromhex(blob)
    tree = desk.raw(entry, "tree")
    desk.point(desk.commit_tree(tree, (desk.adoption,), b"Evil\n\nAssisted-by: cursor\n"))


test_content = attacks.test()
