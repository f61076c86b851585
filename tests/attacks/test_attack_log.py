"""Attacks on what CI has signed of a developer's log, as the next `verify --landed` finds them."""

from __future__ import annotations

import os
import subprocess

from sox_hooks.verification.envelope import writer
from tests.attacks.desk import ALICE, BOB, PEOPLE, Actor, Attacks, Desk, Judged
from tests.conftest import sox_argv
from tests.positions import keep_position
from tests.record.software_keys import software_key

attacks = Attacks()
JENKINS = Actor("jenkins", "ci@bank.example", software_key("ssh-ed25519", 7), kind="service", roles=("ci",))
LOG = "0123456789ab"
OWN = "refs/sox/summaries/" + writer(JENKINS.key.blob)


def merge(desk: Desk, index: int, day: int, digest: str = "aa") -> str:
    """A commit of Alice that cites an entry of her log lands on `main`; returns it."""
    name = f"docs/{desk.count}"
    log, moment = f"{LOG}.{index}.{digest * 16}", f"2026-10-{day:02}T12:00:00Z"
    commit = desk.record({name: "x\n"}, log=log, moment=moment)
    desk.git("update-ref", "refs/heads/main", commit)
    return commit


def look(desk: Desk) -> None:
    """CI's job after a merge: it signs what it sees of the log, and pushes that."""
    desk.git("update-ref", "refs/heads/main", desk.record(desk.policy((*PEOPLE, JENKINS), version=2), by=BOB))
    merge(desk, 9, day=2)
    key = desk.key_file(JENKINS, desk.repo.path.parent)
    argv = [*sox_argv(), "verify", "--landed", "main", "--write-summary", "--key", str(key)]
    done = subprocess.run(argv, cwd=desk.repo.path, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert "entry 9" in done.stderr, done
    desk.git("tag", "seen")


def look_again(desk: Desk, tip: str) -> Judged:
    """The next job, in a clone of its own that has fetched what was signed."""
    desk.point(tip)
    desk.clone()
    desk.ci.git("fetch", "-q", "origin", "+refs/sox/summaries/*:refs/sox/summaries/*")
    return desk.judge("--landed", "seen..origin/evil")


@attacks.stopped("verified", gains="nothing: the control, a log that has grown")
def log_that_has_grown(desk: Desk) -> Judged:
    look(desk)
    return look_again(desk, merge(desk, 12, day=3))


@attacks.stopped(
    "denied SOX704", gains="refused attempts and bypasses vanish: the log is put back to a state before them"
)
def log_put_back_between_two_merges(desk: Desk) -> Judged:
    look(desk)
    return look_again(desk, merge(desk, 6, day=3))


@attacks.stopped("denied SOX703", gains="an entry that CI has seen is written anew")
def entry_replaced_between_two_merges(desk: Desk) -> Judged:
    look(desk)
    return look_again(desk, merge(desk, 9, day=3, digest="bb"))


@attacks.stopped("denied SOX704", gains="another person's word on an earlier position takes CI's back")
def position_moved_back_by_a_developer(desk: Desk) -> Judged:
    look(desk)
    keep_position(desk.git, BOB.key, f"{LOG}.3.{'dd' * 16}")
    return look_again(desk, merge(desk, 6, day=3))


@attacks.stopped("verified", gains="a made-up position far ahead makes all honest work look as if it were put back")
def position_moved_ahead_by_a_developer(desk: Desk) -> Judged:
    look(desk)
    keep_position(desk.git, ALICE.key, f"{LOG}.900.{'dd' * 16}", ref=OWN)
    return look_again(desk, merge(desk, 12, day=3))


@attacks.stopped("verified", gains="somebody signs with the id of another's log, and her work looks put back")
def log_of_another_person_cited(desk: Desk) -> Judged:
    look(desk)
    entry = f"{LOG}.900.{'ee' * 16}"
    desk.git("update-ref", "refs/heads/main", desk.record({"docs/bob": "x\n"}, by=BOB, log=entry))
    desk.git("tag", "-f", "seen", "main")
    return look_again(desk, merge(desk, 12, day=3))


test_log = attacks.test()
