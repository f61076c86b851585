"""`sox-hooks agents ignore-files`, as a user and as CI call it, with the starter policy."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.conftest import sox_argv
from tests.hooks.governed import govern
from tests.output.reports import compare_with_golden


@pytest.fixture
def governed(repo, make_key, monkeypatch):
    govern(repo, make_key())
    monkeypatch.chdir(repo.path)
    return repo


def ignore_files(*argv: str, code: int = 0) -> str:
    done = subprocess.run([*sox_argv(), "agents", "ignore-files", *argv], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def change_policy(repo, old: str, new: str) -> None:
    path = repo.path / ".sox/policy.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_what_is_made_from_the_starter_policy(governed):
    before = governed.git("status", "--porcelain")
    compare_with_golden("agents-ignore-files.txt", ignore_files("--all", "--print"))
    assert governed.git("status", "--porcelain") == before


def test_made_checked_and_mended_when_the_policy_changes(governed):
    assert "name the agents" in ignore_files(code=2)
    assert "name the agents" in ignore_files("--check", code=2)
    said = ignore_files("claude", "gemini-cli")
    assert "claude-code: made (.claude/settings.json, 4 entries)" in said
    ignore_files("--check")
    change_policy(governed, '"src/ledger/**"]', '"db/**"]')
    said = ignore_files("--check", code=1)
    assert ".geminiignore:1" in said
    assert "lacks /db; still has /src/ledger" in said
    assert "sox-hooks agents ignore-files gemini-cli" in said
    assert json.loads(ignore_files("--check", "--format", "json", code=1))["findings"][0]["rule"] == "SOX714"
    assert "::error" in ignore_files("--check", "--format", "github", code=1)
    # The policy that is committed still says what the files say.
    ignore_files("--check", "--ref", "HEAD")
    assert "changed" in ignore_files()
    ignore_files("--check")
    assert "missing" in ignore_files("--check", "cursor", code=1)


def test_a_tool_that_is_approved_there_is_let_in(governed):
    register = '[tools.claude-code]\nsoc2_valid_until = 2099-01-01\ndata_residency = ["eu"]\nretention_days = 30\n'
    change_policy(governed, "[tools.claude-code]\n", register)
    ignore_files("claude-code", "gemini-cli")
    assert "ledger" not in (governed.path / ".claude/settings.json").read_text()
    assert "ledger" in (governed.path / ".geminiignore").read_text()


def test_one_bad_file_stops_everything_before_anything_is_written(governed):
    governed.write(".claude/settings.json", "{ // mine\n}")
    assert ".claude/settings.json:1:3" in ignore_files("cursor", "claude-code", code=2)
    assert not (governed.path / ".cursorignore").exists()


def test_taken_out_again(governed):
    ignore_files("--all")
    assert "removed (.cursorignore)" in ignore_files("--remove", "cursor")
    ignore_files("--remove")
    assert governed.git("status", "--porcelain") == ""


def test_status_and_doctor_say_it_in_one_line(governed):
    for argv in (["agents", "status"], ["doctor"]):
        done = subprocess.run([*sox_argv(), *argv], capture_output=True, text=True, check=False)
        assert "ignore files" not in done.stdout
    ignore_files("cursor", "aider")
    status = [*sox_argv(), "agents", "status"]
    done = subprocess.run(status, capture_output=True, text=True, check=False)
    assert (
        "[live] agents' ignore files: in step with the policy: .cursor/cli.json, .cursorignore, .aiderignore"
        in done.stdout
    )
    governed.write(".cursorignore", (governed.path / ".cursorignore").read_text().replace("ledger", "other"))
    done = subprocess.run([*sox_argv(), "doctor"], capture_output=True, text=True, check=False)
    assert "[advice] agents' ignore files: out of step with the policy: .cursorignore\n" in done.stdout


def test_wrong_calls(governed):
    for argv in (["--check", "--print"], ["--all", "cursor"], ["clippy"], ["cursor", "--ref", "nowhere"]):
        assert "Traceback" not in ignore_files(*argv, code=2)
