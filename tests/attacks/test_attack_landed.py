"""Attacks on protected history itself, as `verify --landed` finds them afterwards."""

from __future__ import annotations

from tests.attacks.desk import ALICE, BOB, CODE, MALLORY, PEOPLE, Attacks, Desk, Judged
from tests.stage import Stage

attacks = Attacks()
GOOD = {"src/app.py": "good()\n"}


def landed(desk: Desk, tip: str) -> Judged:
    """`main` and `evil` are at `tip` now; what looking back says, with the heads of all requests at hand."""
    desk.git("update-ref", "refs/heads/main", tip)
    desk.point(tip)
    desk.clone()
    desk.ci.git("fetch", "-q", "origin", "+refs/pull/*:refs/pull/*")
    return desk.judge("--landed", "origin/main")


def merged(desk: Desk, head: str, number: int = 1) -> str:
    """A request's head and the merge commit that a forge makes of it."""
    desk.git("update-ref", f"refs/pull/{number}/head", head)
    tree = desk.git("rev-parse", f"{head}^{{tree}}")
    return desk.commit_tree(tree, (desk.git("rev-parse", "main"), head), b"Merge pull request #%d\n" % number)


def squashed(desk: Desk, head: str, tree: str = "", number: int = 1) -> str:
    """A request's head and the squash commit that a forge makes of it."""
    desk.git("update-ref", f"refs/pull/{number}/head", head)
    tree = tree or desk.git("rev-parse", f"{head}^{{tree}}")
    message = b"Add things (#%d)\n\n* one\n\n* two\n" % number
    return desk.commit_tree(tree, (desk.git("rev-parse", "main"),), message)


def two_commits(desk: Stage) -> str:
    desk.record(GOOD)
    return desk.record({"src/more.py": "more()\n"}, claim="assisted", tools=("claude-code",))


@attacks.stopped("verified", gains="nothing: the control, a squash that is exactly its request")
def honest_squash(desk: Desk) -> Judged:
    return landed(desk, squashed(desk, two_commits(desk)))


@attacks.stopped("unrecorded SOX601", gains="a line that nobody recorded comes in with the squash button")
def squash_with_a_line_more(desk: Desk) -> Judged:
    head = two_commits(desk)
    desk.repo.write("src/evil.py", "evil()\n")
    desk.git("add", "-A")
    return landed(desk, squashed(desk, head, desk.git("write-tree")))


@attacks.stopped("unrecorded SOX601", gains="a request without records is squashed, and the squash counts as proven")
def squash_of_what_nobody_recorded(desk: Desk) -> Judged:
    desk.record(GOOD)
    return landed(desk, squashed(desk, desk.commit("Evil", {"src/evil.py": "evil()\n"})))


@attacks.stopped(
    "unrecorded SOX601", gains="a request that somebody forged is squashed, and the squash counts as proven"
)
def squash_of_forged_commits(desk: Desk) -> Judged:
    desk.record(GOOD)
    return landed(desk, squashed(desk, desk.record({"src/evil.py": "evil()\n"}, by=MALLORY)))


@attacks.stopped("unrecorded SOX601", gains="whoever may push to main goes around the gate, and nobody notices later")
def push_to_main_without_a_record(desk: Desk) -> Judged:
    return landed(desk, desk.commit("Evil", {"src/evil.py": "evil()\n"}))


def squashed_and_reverted(desk: Desk) -> tuple[str, str]:
    """A request that was squashed and then taken out again: its head, and `main` now."""
    head = two_commits(desk)
    landed_squash = squashed(desk, head)
    back = desk.record_tree(desk.git("rev-parse", "main^{tree}"), (landed_squash,), "Undo")
    desk.git("update-ref", "refs/heads/main", back)
    return head, back


@attacks.stopped(
    "denied SOX614", gains="a squashed request that was reverted for good reasons is squashed a second time"
)
def request_squashed_twice(desk: Desk) -> Judged:
    head, _ = squashed_and_reverted(desk)
    return landed(desk, squashed(desk, head))


@attacks.stopped("verified", gains="nothing: the control, an honest merge")
def honest_merge(desk: Desk) -> Judged:
    return landed(desk, merged(desk, two_commits(desk)))


@attacks.stopped("unrecorded SOX601", gains="the merge button brings in what the request did not have")
def evil_merge_that_landed(desk: Desk) -> Judged:
    head = two_commits(desk)
    desk.git("update-ref", "refs/pull/1/head", head)
    desk.repo.write("src/evil.py", "evil()\n")
    desk.git("add", "-A")
    return landed(desk, desk.commit_tree(desk.git("write-tree"), (desk.adoption, head), b"Merge\n"))


def test_key_enrolled_by_the_merge_that_needs_it(desk: Desk) -> None:
    """Gained if it worked: the keys that judge a merge are those that it brings in."""
    desk.open()
    enrolment = desk.record(desk.policy((*PEOPLE, MALLORY), version=2), "Enrol Mallory", by=ALICE)
    evil = desk.record({"src/app.py": "evil()\n"}, by=MALLORY)
    judged = landed(desk, merged(desk, evil))
    assert (judged.words(enrolment), judged.words(evil), judged.code) == ("verified", "forged SOX605", 1)


def test_record_of_a_leaver_stays_good_and_makes_no_new_one(desk: Desk) -> None:
    """Gained if it worked: old work becomes forged when somebody leaves, or new work by the leaver counts."""
    desk.open()
    old = desk.record(GOOD, by=BOB)
    removal = desk.record(desk.policy(tuple(one for one in PEOPLE if one is not BOB), version=2), "Bob has left")
    evil = desk.record({"src/app.py": CODE}, by=BOB, policy=desk.git("rev-parse", "evil:.sox"))
    judged = landed(desk, evil)
    found = (judged.words(old), judged.words(removal), judged.words(evil))
    assert found == ("verified", "verified", "forged SOX605")


def test_record_used_twice_in_protected_history(desk: Desk) -> None:
    """Gained if it worked: looking back does not see what the gate would have."""
    desk.open()
    honest = desk.record(GOOD)
    back = desk.record_tree(desk.git("rev-parse", "main^{tree}"), (honest,), "Undo")
    again = desk.commit_tree(desk.git("rev-parse", f"{honest}^{{tree}}"), (back,), desk.message(honest))
    judged = landed(desk, again)
    assert (judged.words(honest), judged.words(again)) == ("verified", "denied SOX614")


test_landed = attacks.test()
