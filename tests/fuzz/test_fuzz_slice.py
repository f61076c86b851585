"""A slice of what `dev/fuzz.py` does, always the same; the rest is for the night."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from dev import fuzz
from tests.fuzz.targets import TARGETS, Target

COUNTS = {"policy": 150, "message": 600, "log": 500, "allowed_signers": 800}


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_crashes_hangs_or_contradicts(name: str) -> None:
    share = fuzz.run(name, "ci", 0, COUNTS.get(name, 1500))
    assert share.failures == ()
    assert share.accepted, "nothing is accepted: the seeds are no good any more"


@pytest.mark.parametrize("name", TARGETS)
def test_inputs_repeat(name: str) -> None:
    """In another process, too: a failure that a night finds can be looked at in the morning."""
    code = f"from dev import fuzz; import sys; sys.stdout.write(repr(fuzz.make_input({name!r}, 'ci', 5)))"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True, text=True)
    assert done.stdout == repr(fuzz.make_input(name, "ci", 5))


def test_bugs_are_found_and_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(raw: bytes) -> bool:
        raise KeyError(len(raw))

    def slow(_: bytes) -> bool:
        end = time.process_time() + 20
        while time.process_time() < end:
            pass
        return True

    monkeypatch.setitem(TARGETS, "broken", Target(broken, lambda: (b"seed",)))
    monkeypatch.setitem(TARGETS, "slow", Target(slow, lambda: (b"seed",)))
    share = fuzz.run("broken", "s", 3, 2)
    assert [failure.number for failure in share.failures] == [3, 4]
    assert "KeyError" in share.failures[0].problem
    hung = fuzz.run("slow", "s", 0, 1, limit=0.05)
    assert "Hang" in hung.failures[0].problem
    assert fuzz.report([share, hung], 1.0) == 1
    assert "--seed s --only 3 'broken'" in capsys.readouterr().out


def test_a_process_that_ends_is_found_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    task: Future[fuzz.Share] = Future()
    task.set_exception(BrokenProcessPool())
    share = fuzz._result("s", ("commit", 500, 250), task)
    assert fuzz.report([share], 1.0) == 1
    assert "inputs 500 to 749" in capsys.readouterr().out


def test_all_failures_are_counted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_: bytes) -> bool:
        raise KeyError

    monkeypatch.setitem(TARGETS, "broken", Target(broken, lambda: (b"seed",)))
    assert fuzz.report([fuzz.run("broken", "s", 0, 60)], 1.0) == 1
    assert "60 inputs in 1 s, 60 failures" in capsys.readouterr().out


def test_command_counts_every_target(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--count", "60", "--seed", "x", "--jobs", "1", "trailers", "commit"]) == 0
    out = capsys.readouterr().out
    assert "seed x" in out
    assert [line.split()[0] for line in out.splitlines() if line.startswith(("tra", "com"))] == ["trailers", "commit"]
