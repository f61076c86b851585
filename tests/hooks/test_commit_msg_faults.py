"""The machine at its worst: full disk, damaged log, closed streams, a kill at every step. Nothing is lost or forged."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sox_hooks.record.log_check import verify_log
from tests.hooks.stage import AGENT, NONE, Stage
from tests.hooks.test_commit_msg_refusals import run_again, well_told

PLAIN = "src/tool.py"


def begun(stage: Stage) -> Path:
    """A first commit, so that there is a log."""
    stage.tracked(PLAIN, "first\n")
    stage.git("commit", "-q", "-m", "First")
    return stage.path / ".git/sox-hooks/log.jsonl"


def in_its_place(kind: str):
    def act(log: Path) -> None:
        log.unlink()
        if kind == "folder":
            log.mkdir()
        elif kind == "link":
            log.symlink_to("/etc/passwd")
        else:
            os.mkfifo(log)

    return act


def garbage_at_the_front(log: Path) -> None:
    log.write_bytes(b"\x1b[31mgarbage\n" + log.read_bytes())


@pytest.mark.parametrize(
    "damage",
    [in_its_place("folder"), in_its_place("link"), in_its_place("fifo"), garbage_at_the_front],
    ids=["folder", "link", "fifo", "garbage"],
)
def test_a_log_that_cannot_be_written_stops_the_commit(stage, damage):
    log = begun(stage)
    kept = log.read_bytes()
    damage(log)
    stage.tracked(PLAIN)
    head = stage.head()
    done = stage.run("commit", "-m", "Second")
    assert done.returncode == 1
    well_told(done.stderr)
    assert stage.head() == head
    shutil.rmtree(log) if log.is_dir() else log.unlink()
    log.write_bytes(kept)
    run_again(stage, done.stderr)
    assert stage.told() == ["verified same-change"] * 2


def test_a_log_that_is_gone_is_told_once(stage, tmp_path):
    """HEAD was recorded in this clone, so there was a log. A new clone has none either, and nothing is said there."""
    log = begun(stage)
    stage.git("clone", "-q", ".", str(tmp_path / "clone"))
    log.unlink()
    stage.tracked(PLAIN)
    told = stage.run("commit", "-m", "Second").stderr
    assert "SOX704 warning: the audit log " in told
    assert [entry["rule"] for entry in stage.entries()[-1]["findings"]] == ["SOX704"]
    stage.tracked(PLAIN, "third\n")
    assert "SOX704" not in stage.run("commit", "-m", "Third").stderr
    clone = Stage(tmp_path / "clone")
    clone.git("config", "sox.signingKey", stage.git("config", "sox.signingKey"))
    shutil.copytree(stage.path / ".git/hooks", clone.path / ".git/hooks", dirs_exist_ok=True)
    clone.tracked(PLAIN, "there\n")
    assert "SOX704" not in clone.run("commit", "-m", "In a new clone").stderr
    assert clone.recorded() == 1


@pytest.mark.parametrize("damage", ["cut", "missing", "garbage last"])
def test_a_log_that_a_kill_may_have_left_is_mended(stage, damage):
    log = begun(stage)
    if damage == "cut":
        log.write_bytes(log.read_bytes()[:-20])
    elif damage == "missing":
        log.unlink()
    else:
        log.write_bytes(log.read_bytes() + b"\0" * 100)
    stage.tracked(PLAIN)
    stage.git("commit", "-q", "-m", "Second")
    assert stage.told() == ["verified same-change"] * 2
    assert [finding.severity for finding in verify_log(str(log)).findings if finding.severity == "error"] == []


def test_an_edited_entry_does_not_stop_work_but_is_found(stage):
    log = begun(stage)
    stage.tracked(PLAIN)
    stage.git("commit", "-q", "-m", "Second")
    log.write_bytes(log.read_bytes().replace(b'"assistance":"undeclared"', b'"assistance":"none"', 1))
    stage.tracked(PLAIN, "third\n")
    stage.git("commit", "-q", "-m", "Third")
    assert "SOX702" in [finding.rule for finding in verify_log(str(log)).findings]


@pytest.mark.parametrize("size", [0, 100, 400])
def test_a_full_disk(stage, size):
    """RLIMIT_FSIZE stands for it: a write past `size` bytes fails, git's own first of all."""
    begun(stage)
    stage.tracked(PLAIN)
    message = stage.path / ".git/COMMIT_EDITMSG"
    message.write_text("My message\n")
    before = (stage.path / ".git/sox-hooks/log.jsonl").read_bytes()
    code = "from sox_hooks.__main__ import script; raise SystemExit(script())"
    done = subprocess.run(
        [sys.executable, "-B", "-I", "-c", code, "hook", "commit-msg", ".git/COMMIT_EDITMSG"],
        cwd=stage.path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GIT_EDITOR": ":"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
    assert done.returncode != 0
    assert done.stderr.startswith("sox-hooks: ")
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    assert message.read_text() == "My message\n"
    assert (stage.path / ".git/sox-hooks/log.jsonl").read_bytes() == before
    stage.git("commit", "-q", "-F", ".git/COMMIT_EDITMSG")
    assert stage.told() == ["verified same-change"] * 2


@pytest.mark.parametrize("redirect", ["2>&-", ">&-", "<&-", "<&- >&- 2>&-", "2>/dev/full", ">/dev/full 2>&1"])
def test_closed_and_full_streams_lose_no_commit(stage, redirect):
    stage.tracked(PLAIN)
    subprocess.run(
        ["sh", "-c", f"git commit -q -m x {redirect}"], cwd=stage.path, env={**os.environ, **AGENT}, check=False
    )
    assert stage.told() == ["verified same-change"]
    assert stage.recorded() == 1


def test_a_reader_that_went_away_loses_no_commit(stage):
    stage.tracked(PLAIN)
    reading, writing = os.pipe()
    os.close(reading)
    subprocess.run(
        ["git", "commit", "-q", "-m", "x"], cwd=stage.path, env={**os.environ, **AGENT}, stderr=writing, check=False
    )
    os.close(writing)
    assert stage.told() == ["verified same-change"]


@pytest.mark.parametrize("script", ['rm "$1"', 'rm "$1"; mkdir "$1"', 'rm "$1"; ln -s nowhere "$1"'])
def test_a_message_file_that_another_hook_took_away(stage, script):
    before = stage.path / ".git/hooks/commit-msg.before-sox-hooks"
    before.write_text(f"#!/bin/sh\n{script}\n")
    before.chmod(0o755)
    stage.tracked(PLAIN)
    done = stage.run("commit", "-m", "x")
    assert done.returncode != 0
    well_told(done.stderr.partition("fatal:")[0])
    assert stage.entries() == []


def test_a_message_file_that_is_read_only_is_replaced(stage):
    before = stage.path / ".git/hooks/commit-msg.before-sox-hooks"
    before.write_text('#!/bin/sh\nchmod 0444 "$1"\n')
    before.chmod(0o755)
    stage.tracked(PLAIN)
    stage.git("commit", "-q", "-m", "x")
    assert stage.told() == ["verified same-change"]
    assert stat.S_IMODE((stage.path / ".git/COMMIT_EDITMSG").stat().st_mode) == 0o444


# Where the hook is killed: before and after each thing that it leaves behind.
_STEPS = {
    "before the log": ("sox_hooks.hooks.recording", "log_entry"),
    "after the log": ("sox_hooks.record.log", "anchor"),
    "before the message is made": ("sox_hooks.hooks.recording", "write"),
    "before it is replaced": ("os", "rename"),
}


@pytest.mark.parametrize(("module", "name"), _STEPS.values(), ids=_STEPS.keys())
def test_a_kill_leaves_the_message_whole_and_the_next_commit_works(stage, module, name):
    begun(stage)
    stage.tracked(PLAIN)
    message = stage.path / ".git/COMMIT_EDITMSG"
    message.write_text("My message\n")
    code = (
        f"import os, signal, {module} as module\n"
        f"module.{name} = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from sox_hooks.__main__ import script\n"
        "raise SystemExit(script())"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, "hook", "commit-msg", ".git/COMMIT_EDITMSG"],
        cwd=stage.path,
        capture_output=True,
        check=False,
        env={**os.environ, "GIT_EDITOR": ":"},
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    text = message.read_text()
    assert text == "My message\n" or (text.startswith("My message\n\nAI-Assistance: ") and "Sox-Signature:" in text)
    stage.git("commit", "-q", "-F", ".git/COMMIT_EDITMSG")
    assert stage.told() == ["verified same-change"] * 2
    assert verify_log(str(stage.path / ".git/sox-hooks/log.jsonl")).findings == ()


def test_a_cache_and_a_room_that_were_tampered_with_are_made_anew(stage):
    begun(stage)
    folder = stage.path / ".git/sox-hooks"
    for path in (folder / "cache").iterdir():
        path.write_bytes(path.read_bytes().replace(b"restricted", b"open"))
    (folder / "room/info").mkdir()
    (folder / "room/info/attributes").write_text("* -diff\n")
    stage.tracked("src/ledger/post.py")
    done = stage.run("commit", "-m", "x", **AGENT)
    assert done.returncode == 1
    assert "restricted" in done.stderr
    stage.git("commit", "-q", "-m", "x", *NONE)
    assert stage.told() == ["verified same-change"] * 2
    assert not (folder / "room/info").exists()
