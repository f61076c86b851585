"""What runs at night runs all of it, and says what failed and what was left out."""

from __future__ import annotations

import sys

import pytest

from dev import nightly


@pytest.fixture
def two_steps(monkeypatch):
    made = (
        nightly.Step("bad", "fails", (sys.executable, "-c", "print('told'); raise SystemExit(3)")),
        nightly.Step("good", "passes", (sys.executable, "-c", "print('12 passed')")),
        nightly.Step("absent", "cannot run", ("false",), "there is no such program"),
    )
    monkeypatch.setattr(nightly, "steps", lambda *_: made)
    monkeypatch.setattr(nightly, "environment", lambda _: sys.executable)


def test_every_step_runs_whatever_came_of_the_one_before(two_steps, tmp_path, capsys):
    assert nightly.main(["--report", str(tmp_path / "report")]) == 1
    told = capsys.readouterr().out
    assert "bad      FAILED (3)" in told
    assert "good     passed" in told
    assert "absent   left out           there is no such program" in told
    assert (tmp_path / "report/bad.txt").read_text() == "told\n"
    assert nightly.main(["--report", str(tmp_path), "good", "absent"]) == 0


def test_steps_that_do_not_exist(two_steps):
    with pytest.raises(SystemExit):
        nightly.main(["godo"])


def test_the_list_says_what_is_left_out(capsys, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert nightly.main(["--list"]) == 0
    told = capsys.readouterr().out
    assert "1,000,000 inputs" in told
    assert "left out: there is no npm" in told
