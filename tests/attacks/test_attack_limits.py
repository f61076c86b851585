"""What cannot be stopped: these attacks work, verification says `verified`, and the threat model admits it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.attacks.desk import ALICE, CODE, Attacks, Desk, Judged
from tests.attacks.forged_index import lead_astray
from tests.attacks.limits import ADMITTED
from tests.attacks.test_attack_bypass import NONE, live
from tests.attacks.test_attack_cache import everything_passes, kept, refused_commit, verifier
from tests.attacks.test_attack_landed import landed, squashed_and_reverted
from tests.attacks.test_attack_reading import hide, packed
from tests.conftest import Repo

attacks = Attacks()
GOOD = {"src/app.py": "good()\n"}
WORKS = "verified"
THREAT_MODEL = Path(__file__).parents[2] / "docs/explanation/threat-model.md"


@attacks.stopped(WORKS, gains="a person signs `none` over what a machine wrote")
def owner_lies_about_ai(desk: Desk) -> None:
    desk.record(GOOD, claim="none")


@attacks.stopped(WORKS, gains="a record is made by plumbing, without the hook and what it would have noticed")
def owner_signs_without_the_hook(desk: Desk) -> None:
    desk.git("config", "core.hooksPath", "/dev/null")
    desk.record(GOOD, claim="assisted", tools=("claude-code",))


@attacks.stopped(
    WORKS, gains="whoever can write into the clone in which CI judges shows an honest tree for an evil one"
)
def tree_exchanged_in_the_clone_that_verifies(desk: Desk) -> str:
    evil, _ = hide(desk)
    packed(desk)
    lead_astray(
        desk.ci.path / ".git", desk.git("rev-parse", f"{evil}^{{tree}}"), desk.git("rev-parse", "honest^{tree}")
    )
    assert subprocess.run(["git", "fsck", "--full"], cwd=desk.ci.path, capture_output=True, check=False).returncode
    return evil


@attacks.stopped(WORKS, gains="an agent signs `none` with the key file of whoever started it")
def agent_uses_the_key_of_its_user(desk: Desk) -> None:
    key = desk.key_file(ALICE, desk.repo.path.parent)
    blob = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-q", "-n", "sox-record", "-f", str(key)],
        input=b"x",
        capture_output=True,
        check=True,
    )
    assert b"BEGIN SSH SIGNATURE" in blob.stdout
    desk.record(GOOD, claim="none", key=ALICE.key)


@attacks.stopped(WORKS, gains="a signed change is shown under another subject")
def subject_changed(desk: Desk) -> None:
    desk.record(GOOD, edit=lambda message: message.replace(b"Change\n", b"Approved by CFO: release 9.0\n", 1))


@attacks.stopped(WORKS, gains="a signed change is shown under another name and another day")
def author_name_and_dates_changed(desk: Desk) -> None:
    raw = desk.repo.git_bytes("cat-file", "commit", desk.record(GOOD))
    lines = raw.split(b"\n")
    at = next(number for number, line in enumerate(lines) if line.startswith(b"author "))
    lines[at] = b"author The CFO <alice@bank.example> 1000000000 +0000"
    desk.point(desk.raw(b"\n".join(lines)))


@attacks.stopped(WORKS, gains="a signed change is shown as committed by somebody else")
def committer_changed(desk: Desk) -> None:
    raw = desk.repo.git_bytes("cat-file", "commit", desk.record(GOOD))
    lines = raw.split(b"\n")
    at = next(number for number, line in enumerate(lines) if line.startswith(b"committer "))
    lines[at] = b"committer The CFO <cfo@bank.example> 1000000000 +0000"
    desk.point(desk.raw(b"\n".join(lines)))


@attacks.stopped(
    WORKS, gains="the owner of a valid key says that the record is older; keys are judged now all the same"
)
def record_dated_back_by_the_owner(desk: Desk) -> None:
    desk.record(GOOD, moment="2020-01-01T00:00:00Z")


@attacks.stopped(WORKS, gains="a change that was meant for one branch is put on another, where it lands first")
def replay_to_another_branch(desk: Desk) -> None:
    honest = desk.record(GOOD)
    desk.git("branch", "-q", "release", honest)
    desk.git("reset", "-q", "--hard", "main")
    desk.repo.commit("Elsewhere", {"notes": "x\n"}, "--no-verify")
    desk.git("update-ref", "refs/heads/main", "evil")
    desk.git("cherry-pick", honest)


@attacks.stopped(WORKS, gains="a change that was meant for the bank's repository is put on a fork that kept its id")
def fork_with_the_same_repository_id(desk: Desk) -> str:
    honest = desk.record(GOOD)
    fork = desk.repo.path.with_name("fork")
    shutil.copytree(desk.repo.path, fork, symlinks=True)
    desk.repo = Repo(fork)
    return honest


@attacks.stopped(
    WORKS, gains="a request that was squashed and reverted for good reasons is offered under its old records"
)
def squashed_request_offered_again(desk: Desk) -> None:
    """The gate lets it pass; looking back at the second squash does not (`request squashed twice`)."""
    head, _ = squashed_and_reverted(desk)
    desk.point(head)


@attacks.stopped(WORKS, gains="what was taken out comes back without anybody's record")
def revert_of_a_revert_that_landed(desk: Desk) -> None:
    honest = desk.record(GOOD)
    back = desk.record_tree(desk.git("rev-parse", "main^{tree}"), (honest,), "Undo")
    desk.git("update-ref", "refs/heads/main", back)
    desk.git("reset", "-q", "--hard", back)
    desk.git("revert", "--no-edit", "evil")


@attacks.stopped(WORKS, gains="the same lines stand where they mean something else, after a rebase over other edits")
def same_lines_with_another_meaning(desk: Desk) -> str:
    honest = desk.record({"src/app.py": CODE.replace("audit(entry)\n", "audit(entry, 1)\n")})
    desk.land("Meanwhile", {"src/app.py": CODE.replace("entry.approved", "False")})
    desk.git("rebase", "-q", "main", "evil")
    assert desk.repo.head() != honest
    return desk.repo.head()


@attacks.stopped(WORKS, gains="two harmless changes make a harmful one, which nobody signed")
def two_verified_commits_add_up_to_something(desk: Desk) -> None:
    side = desk.record({"src/rate.py": "RATE = 100\n"})
    desk.git("reset", "-q", "--hard", "main")
    desk.record({"src/app.py": CODE + "\npost(rate.RATE)\n"})
    desk.git("merge", "-q", "--no-edit", side)


@attacks.stopped(WORKS, gains="refusals and bypasses before the first push vanish with the log")
def log_deleted_before_the_first_push(desk: Desk) -> None:
    live(desk)
    shutil.rmtree(desk.repo.path / ".git/sox-hooks")
    desk.repo.commit("After", {"src/more.py": "more()\n"}, *NONE)


@attacks.stopped(WORKS, gains="what the log held of refusals and bypasses is gone, and nothing shows at the next merge")
def record_of_a_log_that_was_put_back_dated_back_as_well(desk: Desk) -> Judged:
    """Where the log is, it shows: the entry that CI has seen is not there (`log verify`)."""
    for index, day in ((9, 2), (6, 1)):
        entry = f"0123456789ab.{index}.{'aa' * 16}"
        desk.record({f"docs/{index}": "x\n"}, log=entry, moment=f"2026-10-{day:02}T12:00:00Z")
    return landed(desk, desk.repo.head())


@attacks.stopped("exit 0: 1 verified", gains="a commit that CI refuses is remembered as verified")
def memory_made_with_the_key_of_the_verifier(desk: Desk) -> Judged:
    """Nobody else can (test_attack_cache.py)."""
    refused_commit(desk)
    assert verifier(desk).code == 1
    kept(desk).unlink()
    verifier(desk, everything_passes)
    return verifier(desk)


test_limits = attacks.test()


@pytest.mark.parametrize("attack", [attack.name for attack in attacks.all])
def test_limit_is_admitted(attack: str) -> None:
    """The documentation cannot drift away from what is so."""
    text = " ".join(THREAT_MODEL.read_text("utf-8").replace("`", "").split()).lower()
    assert ADMITTED[attack].lower() in text


def test_every_admission_has_an_attack() -> None:
    assert set(ADMITTED) == {attack.name for attack in attacks.all}
