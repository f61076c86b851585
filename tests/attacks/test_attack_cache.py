"""Attacks on what the verifier remembers, by somebody who may write in its clone, but not in its state folder."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from sox_hooks.__main__ import main
from sox_hooks.verification import gate, remembered, vault
from tests.attacks.desk import ALICE, PEOPLE, Attacks, Desk, Judged
from tests.stage import SECRET

attacks = Attacks()
GOOD = {"src/app.py": "good()\n"}
Change = Callable[[pytest.MonkeyPatch], None]


def nothing(_: pytest.MonkeyPatch) -> None:
    """The program as it is."""


def everything_passes(patch: pytest.MonkeyPatch) -> None:
    """The program in the attacker's hands."""
    real = gate.judge
    patch.setattr(
        gate, "judge", lambda *told: real(*told).replace(status="verified", relation="same-change", findings=())
    )


def no_seal(patch: pytest.MonkeyPatch) -> None:
    """The program without the check that is attacked here."""
    patch.setattr(vault, "_seal", lambda *_: bytes(32))


def verifier(desk: Desk, *changes: Change, **env: str) -> Judged:
    """CI fetches what there is into the clone that it keeps, and judges as text, so that it remembers.

    In this process, for speed. Small ranges are remembered as well, and so are the records of a small history.
    """
    if not desk.ci.path.exists():
        desk.clone()
    desk.ci.git("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(desk.ci.path)
        patch.setattr(remembered, "WORTH", 1)
        for name, value in env.items():
            patch.setenv(name, value)
        for change in changes:
            change(patch)
        code = main(["verify", "origin/main..origin/evil"])
    return Judged(code, out.getvalue(), err.getvalue())


def kept(desk: Desk, kind: str = "run") -> Path:
    """The newest file of the memory."""
    files = (desk.ci.path / ".git/sox-hooks/verified").glob(f"{kind}-*")
    return max(files, key=lambda path: path.stat().st_mtime_ns)


def refused_commit(desk: Desk) -> str:
    """AI where none may be."""
    return desk.record({SECRET: "evil()\n"}, "Evil", claim="assisted", tools=("claude-code",))


def poison(desk: Desk, *changes: Change) -> None:
    """The memory of a run that never was, made by this very program with a key of the attacker's own."""
    home = desk.repo.path.parent / "attacker"
    home.mkdir()
    judged = verifier(desk, everything_passes, *changes, HOME=str(home), XDG_STATE_HOME=str(home))
    assert judged.code == 0, judged
    assert kept(desk).stat().st_size > 32


@attacks.stopped("exit 1: 1 denied", gains="a commit that CI refuses is remembered as verified")
def memory_made_with_another_key(desk: Desk) -> Judged:
    desk.record(GOOD)
    verifier(desk)
    refused_commit(desk)
    poison(desk)
    return verifier(desk)


@attacks.stopped("exit 1: 1 denied", gains="a commit that CI refuses is remembered as verified")
def status_changed_in_the_memory(desk: Desk) -> Judged:
    refused_commit(desk)
    assert verifier(desk).code == 1
    raw = kept(desk).read_bytes()
    assert b'"denied"' in raw
    kept(desk).write_bytes(raw.replace(b'"denied"', b'"adopted"').replace(b'"error"', b'"note"'))
    return verifier(desk)


@attacks.stopped("exit 1: 1 denied", gains="the good name of one branch stands for another")
def memory_of_a_good_branch_under_the_name_of_an_evil_one(desk: Desk) -> Judged:
    good = desk.record(GOOD)
    assert verifier(desk).code == 0
    file = kept(desk)
    evil = refused_commit(desk)
    os.rename(file, file.with_name(file.name.replace(good, evil)))
    return verifier(desk)


@attacks.stopped("exit 1: SOX614", gains="a record that was used before comes back, and nobody remembers the first use")
def records_cut_out_of_the_memory(desk: Desk) -> Judged:
    honest = desk.record(GOOD)
    back = desk.record_tree(desk.git("rev-parse", "main^{tree}"), (honest,), "Undo")
    desk.point(back)
    assert verifier(desk).code == 0
    raw = kept(desk).read_bytes()
    kept(desk).write_bytes(raw[: raw.index(b"\n") + 1])
    desk.point(desk.commit_tree(desk.git("rev-parse", f"{honest}^{{tree}}"), (back,), desk.message(honest)))
    return verifier(desk)


@attacks.stopped("exit 1: SOX614", gains="a change that was reverted for good reasons comes back under its old record")
def records_of_protected_history_from_before_it_landed(desk: Desk) -> Judged:
    """Put back, it is good for what it says; what landed since is looked for."""
    desk.record(GOOD)
    desk.git("branch", "-f", "main", "evil")
    desk.record({"src/more.py": "more()\n"})
    verifier(desk)
    old = kept(desk, "landed").read_bytes()
    landed = desk.repo.head()
    back = desk.record_tree(desk.git("rev-parse", "main^{tree}"), (landed,), "Undo")
    desk.git("branch", "-f", "main", back)
    desk.point(desk.commit_tree(desk.git("rev-parse", f"{landed}^{{tree}}"), (back,), desk.message(landed)))
    assert verifier(desk).code == 1
    for file in kept(desk).parent.iterdir():
        file.write_bytes(old)
    return verifier(desk)


@attacks.stopped("exit 1: SOX605", gains="the branch of a leaver passes, because it passed before")
def memory_from_before_a_key_was_revoked(desk: Desk) -> Judged:
    desk.record(GOOD)
    assert verifier(desk).code == 0
    old = kept(desk)
    raw = old.read_bytes()
    others = tuple([one for one in PEOPLE if one is not ALICE])
    desk.land("Alice leaves", desk.policy(others, version=2))
    assert verifier(desk).code == 1
    for file in (old, kept(desk)):
        file.write_bytes(raw)
    return verifier(desk)


test_attack_is_stopped = attacks.test()


def test_the_seal_is_what_stops_it(desk: Desk) -> None:
    """Without it, the first attack succeeds."""
    desk.open()
    refused_commit(desk)
    assert verifier(desk).code == 1
    for file in kept(desk).parent.iterdir():
        file.unlink()
    poison(desk, no_seal)
    assert verifier(desk, no_seal).code == 0
    assert verifier(desk).code == 1


def test_a_key_that_others_could_read_is_no_key(desk: Desk, hermetic: Path) -> None:
    desk.open()
    refused_commit(desk)
    poison(desk)
    folder = hermetic / ".local/state/sox-hooks"
    folder.mkdir(parents=True, exist_ok=True)
    stolen = desk.repo.path.parent / "attacker/sox-hooks/verifier.key"
    (folder / "verifier.key").write_bytes(stolen.read_bytes())
    (folder / "verifier.key").chmod(0o600)
    assert verifier(desk).code == 0, "the control: with the attacker's key as its own it believes"
    (folder / "verifier.key").chmod(0o640)
    assert verifier(desk).code == 1
