"""Attacks that use an honest record a second time, or for something else. `limits.py` has those that work."""

from __future__ import annotations

from tests.attacks.desk import ALICE, BOB, MALLORY, Attacks, Desk, Judged
from tests.stage import SECRET

attacks = Attacks()
GOOD = {"src/app.py": "good()\n"}
EVIL = {"src/app.py": "evil()\n"}


def stolen(desk: Desk, message: bytes, files: dict[str, str], *, author: str = ALICE.email) -> str:
    """Other content under a message with somebody else's trailers."""
    for name, content in files.items():
        desk.repo.write(name, content)
    desk.git("add", "-A")
    tree = desk.git("write-tree")
    return desk.point(desk.commit_tree(tree, (desk.repo.head(),), message, author=author))


@attacks.stopped("unbound SOX608", gains="Alice's signature stands under content that she never saw")
def stolen_trailers(desk: Desk) -> None:
    honest = desk.record(GOOD)
    desk.git("reset", "-q", "--hard", "main")
    stolen(desk, desk.message(honest), EVIL)


@attacks.stopped("unbound SOX608", gains="a file is smuggled into a recorded change")
def one_file_more_than_was_signed(desk: Desk) -> None:
    honest = desk.record(GOOD)
    desk.git("reset", "-q", "--soft", "main")
    stolen(desk, desk.message(honest), {"src/more.py": "evil()\n"})


@attacks.stopped("unbound SOX608", gains="a file is left out of a recorded change, the test say")
def one_file_less_than_was_signed(desk: Desk) -> None:
    honest = desk.record({**GOOD, "tests/test_app.py": "assert good()\n"})
    desk.git("reset", "-q", "--hard", "main")
    stolen(desk, desk.message(honest), GOOD)


@attacks.stopped("denied SOX614", gains="the same record vouches for the same change twice in one branch")
def same_record_twice(desk: Desk) -> None:
    honest = desk.record(GOOD)
    tree = desk.git("rev-parse", "evil^{tree}")
    back = desk.record_tree(desk.git("rev-parse", "main^{tree}"), (honest,), "Undo")
    desk.point(desk.commit_tree(tree, (back,), desk.message(honest)))


@attacks.stopped("denied SOX614", gains="a change that was reverted for good reasons comes back under its old record")
def reverted_change_applied_again(desk: Desk) -> None:
    honest, back = landed_and_reverted(desk)
    desk.point(desk.commit_tree(desk.git("rev-parse", f"{honest}^{{tree}}"), (back,), desk.message(honest)))


def landed_and_reverted(desk: Desk) -> tuple[str, str]:
    """An honest change on `main`, and its revert."""
    honest = desk.record(GOOD)
    back = desk.record_tree(desk.git("rev-parse", "main^{tree}"), (honest,), "Undo")
    desk.git("update-ref", "refs/heads/main", back)
    return honest, back


@attacks.stopped("denied SOX614", gains="a decoy that quotes a record hides that the record is used twice")
def used_record_hidden_behind_a_decoy(desk: Desk) -> None:
    honest = desk.record(GOOD)
    quoted = b"Notes on a record:\n\n" + desk.message(honest).replace(b"\n", b"\n    ") + b"\n\nThat was it.\n"
    decoy = desk.commit_tree(desk.git("rev-parse", "main^{tree}"), (desk.adoption,), quoted, by=BOB)
    tree = desk.git("rev-parse", f"{honest}^{{tree}}")
    landed = desk.commit_tree(tree, (decoy,), desk.message(honest))
    back = desk.record_tree(desk.git("rev-parse", "main^{tree}"), (landed,), "Undo")
    desk.git("update-ref", "refs/heads/main", back)
    desk.point(desk.commit_tree(tree, (back,), desk.message(honest)))


@attacks.stopped("denied SOX614", gains="a decoy in the branch itself hides that a record is used twice in it")
def record_twice_behind_a_decoy_in_the_branch(desk: Desk) -> None:
    honest = desk.record(GOOD)
    anchor = next(line for line in desk.message(honest).split(b"\n") if line.startswith(b" log="))
    base = desk.git("rev-parse", "main^{tree}")
    decoy = desk.record_tree(base, (desk.adoption,), f"Decoy\n\nsee{anchor.decode()} above", by=BOB)
    tree = desk.git("rev-parse", f"{honest}^{{tree}}")
    first = desk.commit_tree(tree, (decoy,), desk.message(honest))
    back = desk.record_tree(base, (first,), "Undo")
    desk.point(desk.commit_tree(tree, (back,), desk.message(honest)))


@attacks.stopped(
    "denied SOX614", gains="somebody signs another record with the same anchor, to hide that the first is used twice"
)
def used_record_hidden_behind_the_same_anchor(desk: Desk) -> None:
    honest = desk.record(GOOD)
    base = desk.git("rev-parse", "main^{tree}")
    anchor = next(line for line in desk.message(honest).split(b"\n") if line.startswith(b" log="))

    def borrow(message: bytes) -> bytes:
        own = next(line for line in message.split(b"\n") if line.startswith(b" log="))
        return message.replace(own, anchor)

    decoy = desk.record_tree(base, (desk.adoption,), "Decoy", by=BOB, edit=borrow)
    tree = desk.git("rev-parse", f"{honest}^{{tree}}")
    landed = desk.commit_tree(tree, (decoy,), desk.message(honest))
    back = desk.record_tree(base, (landed,), "Undo")
    desk.git("update-ref", "refs/heads/main", back)
    desk.point(desk.commit_tree(tree, (back,), desk.message(honest)))


@attacks.stopped(
    "unbound SOX608 SOX614", gains='an empty "trigger CI" record approves whatever subject is put over it, anywhere'
)
def empty_commit_replayed(desk: Desk) -> None:
    empty = desk.record(message="Trigger CI")
    other = desk.record(GOOD)
    trailers = desk.message(empty).partition(b"\n\n")[2]
    desk.restate(other, b"I, Alice, approve the Q4 change\n\n" + trailers, other, tree="evil^{tree}")


@attacks.stopped("unbound SOX608", gains="the second parent of a recorded merge is swapped, and a fix counts as merged")
def merge_with_another_second_parent(desk: Desk) -> None:
    side = desk.record({"src/side.py": "side()\n"})
    desk.git("reset", "-q", "--hard", "main")
    fix = desk.record({"src/fix.py": "fix()\n"})
    tree = desk.git("rev-parse", f"{side}^{{tree}}")
    merge = desk.record_tree(tree, (desk.adoption, side), "Merge side")
    assert desk.point(merge)
    desk.restate(merge, desk.message(merge), desk.adoption, fix)


@attacks.stopped("unbound SOX608", gains="a parent is added to a recorded commit, whose history then counts as merged")
def parent_added_to_a_commit(desk: Desk) -> None:
    fix = desk.record({"src/fix.py": "fix()\n"})
    desk.git("reset", "-q", "--hard", "main")
    honest = desk.record(GOOD)
    desk.restate(honest, desk.message(honest), desk.adoption, fix)


@attacks.stopped("forged SOX605", gains="a record is enough, the key in it need not be enrolled where it lands")
def record_of_a_repository_with_other_keys(desk: Desk) -> None:
    desk.record(GOOD, by=MALLORY, repository="bank/sandbox")


@attacks.stopped("unbound SOX608", gains="a note can move a record to another commit")
def record_in_a_note(desk: Desk) -> None:
    honest = desk.record(GOOD)
    desk.git("reset", "-q", "--hard", "main")
    stolen(desk, desk.message(honest), EVIL)
    desk.git("notes", "add", "-m", desk.message(honest).decode(), "evil")


@attacks.stopped("unrecorded SOX601", gains="a commit without a record passes by a note that looks like one")
def record_only_in_a_note(desk: Desk) -> Judged | str:
    honest = desk.record(GOOD)
    evil = desk.restate(honest, b"Change\n")
    desk.git("notes", "add", "-m", desk.message(honest).decode(), "evil")
    desk.clone()
    desk.ci.git("fetch", "-q", "origin", "refs/notes/*:refs/notes/*")
    return evil


@attacks.stopped("unbound SOX608", gains="the record of an amended commit also covers what the amendment did not have")
def second_reading_of_an_amendment(desk: Desk) -> None:
    honest = desk.record(GOOD, extra=(("amend", "A" * 43),))
    desk.git("reset", "-q", "--hard", "main")
    stolen(desk, desk.message(honest), {SECRET: "evil()\n"})


test_replay = attacks.test()
