"""Attacks that go around the hook: it is fast feedback, and CI is the control."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.attacks.desk import ALICE, Attacks, Desk
from tests.conftest import sox_argv

attacks = Attacks()
MISSED = "unrecorded SOX601"
GAIN = "a change reaches CI with nobody having said anything about it"
NONE = ("--trailer", "AI-Assistance: none")


def live(desk: Desk) -> Desk:
    """A desk with the hook installed and Alice's key at hand; one honest commit shows that it works."""
    key = desk.key_file(ALICE, desk.repo.path.parent)
    desk.git("config", "sox.signingKey", str(key))
    subprocess.run([*sox_argv(), "install"], cwd=desk.repo.path, check=True, capture_output=True)
    desk.repo.commit("Honest", {"src/app.py": "good()\n"}, *NONE)
    assert desk.git("log", "-1", "--format=%(trailers:key=Sox-Record)")
    return desk


def test_the_hook_is_live(desk: Desk) -> None:
    """The control of this file: what is not bypassed is verified."""
    live(desk.open())
    judged = desk.judge()
    assert (judged.words(desk.repo.head()), judged.code) == ("verified", 0)


def change(desk: Desk, *options: str, **env: str) -> None:
    desk.repo.write("src/evil.py", "evil()\n")
    desk.git("add", "-A")
    desk.git(*options, "commit", "-q", "-m", "Evil", **env)


@attacks.stopped(MISSED, gains=GAIN)
def no_verify(desk: Desk) -> None:
    live(desk).repo.commit("Evil", {"src/evil.py": "evil()\n"}, "--no-verify")


@attacks.stopped(MISSED, gains=GAIN)
def hooks_path(desk: Desk) -> None:
    change(live(desk), "-c", "core.hooksPath=/dev/null")


@attacks.stopped(MISSED, gains=GAIN)
def hooks_path_by_the_environment(desk: Desk) -> None:
    change(live(desk), GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="core.hooksPath", GIT_CONFIG_VALUE_0="/nonexistent")


@attacks.stopped(MISSED, gains=GAIN)
def hook_removed(desk: Desk) -> None:
    (Path(live(desk).repo.path) / ".git/hooks/commit-msg").unlink()
    change(desk)


@attacks.stopped(MISSED, gains=GAIN)
def hook_not_executable(desk: Desk) -> None:
    os.chmod(live(desk).repo.path / ".git/hooks/commit-msg", 0o600)
    change(desk, "-c", "advice.ignoredHook=false")


@attacks.stopped(MISSED, gains=GAIN)
def doctor_variables(desk: Desk) -> None:
    """`doctor` asks the hook in this way whether it is live, and the hook answers instead of recording."""
    live(desk)
    answer = desk.repo.path.parent / "answer"
    answer.touch(mode=0o600)
    desk.repo.write("src/evil.py", "evil()\n")
    desk.git("add", "-A")
    doctor = {"SOX_HOOKS_DOCTOR": "1" * 32, "SOX_HOOKS_DOCTOR_FILE": str(answer)}
    desk.git("commit", "-q", "-m", "Evil", check=False, **doctor)
    assert answer.read_bytes()
    if desk.git("log", "-1", "--format=%s") != "Evil":  # the answer stops the commit, too
        desk.point(desk.commit_tree(desk.git("write-tree"), (desk.repo.head(),), b"Evil\n"))


@attacks.stopped(MISSED, gains=GAIN)
def plumbing(desk: Desk) -> None:
    live(desk).repo.write("src/evil.py", "evil()\n")
    desk.git("add", "-A")
    desk.point(desk.git("commit-tree", "-p", "HEAD", "-m", "Evil", desk.git("write-tree")))


@attacks.stopped(MISSED, gains=GAIN)
def fast_import(desk: Desk) -> None:
    stream = (
        f"commit refs/heads/evil\ncommitter {ALICE.id} <{ALICE.email}> 1790000000 +0000\ndata 5\nEvil\n"
        f"from {live(desk).repo.head()}\nM 644 inline src/evil.py\ndata 7\nevil()\n\n"
    )
    desk.git("fast-import", "--quiet", data=stream.encode())


@attacks.stopped(MISSED, gains=GAIN)
def edit_in_the_browser(desk: Desk) -> None:
    """What a forge makes when somebody edits a file there: its own committer, no hooks."""
    live(desk)
    who = {"GIT_COMMITTER_NAME": "GitHub", "GIT_COMMITTER_EMAIL": "noreply@github.com"}
    desk.repo.commit("Update evil.py", {"src/evil.py": "evil()\n"}, "--no-verify", **who)


@attacks.stopped(
    MISSED, gains="the record of the commit before the amendment vouches for what was amended away from it"
)
def amended_without_the_hook_and_the_record(desk: Desk) -> None:
    live(desk).repo.write("src/app.py", "evil()\n")
    desk.git("add", "-A")
    desk.git("commit", "-q", "--amend", "--no-verify", "-m", "Evil")


@attacks.stopped("unbound SOX608", gains="the record of the commit before the amendment vouches for the new content")
def amended_without_the_hook(desk: Desk) -> None:
    live(desk).repo.write("src/app.py", "evil()\n")
    desk.git("add", "-A")
    desk.git("commit", "-q", "--amend", "--no-verify", "--no-edit")


@attacks.stopped("unbound SOX608", gains="a conflict is resolved by hand in a rebase, where no hook runs")
def rebase_with_a_conflict(desk: Desk) -> None:
    live(desk)
    desk.land("Meanwhile", {"src/app.py": "meanwhile()\n"})
    subprocess.run(["git", "rebase", "-q", "main"], cwd=desk.repo.path, check=False, capture_output=True)
    desk.repo.write("src/app.py", "evil()\n")
    desk.git("add", "-A")
    desk.git("-c", "core.hooksPath=/dev/null", "rebase", "--continue", GIT_EDITOR=":")


@attacks.stopped("unrecorded SOX601 SOX607", gains="the AI record disappears when commits are squashed at the desk")
def squash_that_loses_the_record(desk: Desk) -> None:
    live(desk)
    desk.repo.commit("More", {"src/more.py": "more()\n"}, *NONE)
    desk.git("checkout", "-q", "-B", "squashed", "main")
    desk.git("merge", "-q", "--squash", "evil")
    desk.git("commit", "-q", "--no-verify", "--no-edit")
    desk.point(desk.repo.head())


test_bypass = attacks.test()
