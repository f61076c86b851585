"""`sox-hooks agents`: every agent installed, examined and taken away again, in a real repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sox_hooks.agents.adapter import IDS
from tests.agents.payloads import claude, raw
from tests.conftest import sox_argv


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    """`sox-hooks` on PATH, as a project's configuration expects it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "sox-hooks"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -I -m sox_hooks "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return script


def agents(*argv: str, code: int = 0) -> str:
    done = subprocess.run([*sox_argv(), "agents", *argv], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*"))
            if path.is_file() and ".git/" not in str(path)}  # fmt: skip


@pytest.mark.parametrize("level", [[], ["--user"]])
def test_installed_twice_and_taken_away(level, governed, hermetic, on_path):
    base = hermetic if level else governed.path
    before = files(base)
    agents("install", "--all", *level)
    installed = files(base)
    assert len(installed) >= len(before) + len(IDS)
    agents("install", "--all", *level)
    assert files(base) == installed
    agents("uninstall", *level)
    assert files(base) == before


def test_printing_changes_nothing(governed, on_path):
    before = files(governed.path)
    shown = agents("install", "--all", "--print")
    assert "sox-hooks hook agent claude-code before" in shown
    assert files(governed.path) == before


def test_only_agents_that_are_set_up_are_connected(governed, hermetic, on_path):
    assert "no agent seems to be set up" in agents("install", code=2)
    (hermetic / ".codex").mkdir()
    (governed.path / ".gemini").mkdir()
    said = agents("install")
    assert ("codex: made" in said, "gemini-cli: made" in said, "claude-code" in said) == (True, True, False)


def test_status_says_what_is_live(governed, on_path):
    agents("install", "claude", "gemini", "aider")
    said = agents("status")
    assert "[live] claude-code: connected (project)" in said
    assert "[advice] gemini-cli: commits around git's hooks" in said
    assert "[advice] aider: commits around git's hooks" in said
    assert "not connected: codex" in said
    agents("status", "codex", code=1)


def test_doctor_looks_at_agents_too(governed, on_path):
    subprocess.run([*sox_argv(), "install"], check=True, capture_output=True)
    agents("install", "claude-code", "gemini-cli")
    doctor = [*sox_argv(), "doctor"]
    done = subprocess.run(doctor, capture_output=True, text=True, check=False)
    assert "[live] claude-code: connected" in done.stdout
    assert "[advice] gemini-cli: commits around git's hooks" in done.stdout
    assert done.returncode == 0, done.stdout
    on_path.unlink()
    assert subprocess.run(doctor, capture_output=True, check=False).returncode == 1


def test_status_finds_a_command_that_is_gone(governed, on_path):
    agents("install", "claude-code", "opencode")
    on_path.unlink()
    said = agents("status", code=1)
    assert "[not live] claude-code: PreToolUse: the command does not answer (exit code 127)" in said


def test_status_finds_switches_and_missing_trust(governed, hermetic, on_path, monkeypatch):
    agents("install", "claude-code", "codex", "copilot-cli", "gemini-cli")
    assert "[not live] codex: Codex has not been told to trust" in agents("status", code=1)
    path = os.path.realpath(governed.path / ".codex/hooks.json")
    (hermetic / ".codex").mkdir()
    (hermetic / ".codex/config.toml").write_text(
        "".join(
            f'[hooks.state."{path}:{event}:0:0"]\ntrusted_hash = "sha256:0"\n'
            for event in ("pre_tool_use", "post_tool_use")
        )
    )
    (hermetic / ".copilot").mkdir()
    said = agents("status")
    assert "Copilot CLI does not trust" in said
    assert "Gemini CLI does not trust" in said
    (hermetic / ".copilot/config.json").write_text(json.dumps({"trusted_folders": [str(governed.path)]}))
    (hermetic / ".gemini").mkdir()
    (hermetic / ".gemini/trustedFolders.json").write_text(json.dumps({str(governed.path.parent): "TRUST_FOLDER"}))
    assert "does not trust" not in agents("status")
    (governed.path / ".claude/settings.local.json").write_text('{"disableAllHooks": true}')
    assert "[not live] claude-code: a setting switches all its hooks off" in agents("status", code=1)
    (governed.path / ".claude/settings.local.json").unlink()
    monkeypatch.setenv("CLAUDE_CODE_SIMPLE", "1")
    assert "[not live] claude-code: the environment switches" in agents("status", code=1)


def test_devin_s_files_differ_by_level(governed, hermetic, on_path):
    project, own = governed.path / ".devin/hooks.v1.json", hermetic / ".config/devin/config.json"
    governed.write(".devin/hooks.v1.json", '{"Stop": []}')
    own.parent.mkdir(parents=True)
    own.write_text('{"agent": {"model": "x"}}')
    agents("install", "devin")
    agents("install", "--user", "devin")
    assert list(json.loads(project.read_text())) == ["Stop", "PreToolUse", "PostToolUse"]
    assert list(json.loads(own.read_text())) == ["agent", "hooks"]
    assert "[live] devin: connected (project)" in agents("status", "devin")
    for level in ([], ["--user"]):
        agents("uninstall", *level, "devin")
    assert (json.loads(project.read_text()), json.loads(own.read_text())) == ({"Stop": []}, {"agent": {"model": "x"}})


def test_status_of_visual_studio_code(governed, hermetic, on_path):
    agents("install", "vscode", "claude-code")
    said = agents("status")
    assert "[live] github-copilot: connected (project)" in said
    assert "[live] copilot-cli: connected (project)" in said  # one file is for both
    assert "[advice] github-copilot: it runs the hooks of .claude/settings.json, too" in said
    governed.write(".vscode/settings.json", '{\n // "chat.useHooks": false\n}')
    agents("status", "github-copilot")
    governed.write(".vscode/settings.json", '{\n "chat.useHooks": false, // no\n}')
    assert "[not live] github-copilot: a setting switches its hooks off: chat.useHooks" in agents("status", code=1)
    governed.write(".vscode/settings.json", "{}")
    settings = hermetic / ".config/Code/User/settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"chat.hookFilesLocations": {".github/hooks": false}}')
    assert "switches its hooks off: .github/hooks" in agents("status", "vscode", code=1)


def test_status_finds_double_and_changed_connections(governed, hermetic, on_path):
    agents("install", "qwen-code", "cline", "opencode")
    agents("install", "--user", "qwen-code")
    assert "[advice] qwen-code: connected twice" in agents("status")
    script = governed.path / ".clinerules/hooks/PreToolUse"
    script.chmod(0o644)
    assert "[not live] cline: the connection is not as it was made" in agents("status", code=1)
    agents("install", "cline")
    assert os.access(script, os.X_OK)
    plugin = governed.path / ".opencode/plugins/sox-hooks.js"
    plugin.write_text(plugin.read_text().replace("throw", "return"))
    assert "[not live] opencode" in agents("status", code=1)


def test_one_bad_file_stops_everything_before_anything_is_written(governed, on_path):
    governed.write(".codex/hooks.json", "{ // mine\n}")
    governed.write(".clinerules/hooks/PreToolUse", "#!/bin/sh\n")
    before = files(governed.path)
    assert ".codex/hooks.json" in agents("install", "claude-code", "codex", code=2)
    assert "not ours" in agents("install", "claude-code", "cline", code=2)
    assert files(governed.path) == before


def test_links_lead_where_people_keep_their_files_but_not_out_of_the_project(governed, hermetic, on_path, tmp_path):
    (hermetic / ".claude").mkdir()
    (tmp_path / "dotfiles.json").write_text('{"model": "x"}')
    (hermetic / ".claude/settings.json").symlink_to(tmp_path / "dotfiles.json")
    agents("install", "--user", "claude-code")
    assert (hermetic / ".claude/settings.json").is_symlink()
    assert json.loads((tmp_path / "dotfiles.json").read_text())["model"] == "x"
    (governed.path / ".codex").symlink_to(tmp_path)
    assert "out of the work tree" in agents("install", "codex", code=2)


def test_cline_s_script_refuses_and_fails_closed(governed, on_path):
    agents("install", "cline")
    script = str(governed.path / ".clinerules/hooks/PreToolUse")
    payload = raw(
        {"cwd": "REPO", "preToolUse": {"toolName": "editor", "parameters": {"path": "src/ledger/x"}}}, governed.path
    )
    assert json.loads(subprocess.run([script], input=payload, capture_output=True, check=True).stdout)["cancel"] is True
    on_path.unlink()
    said = json.loads(subprocess.run([script], input=payload, capture_output=True, check=True).stdout)
    assert "not where it was installed" in said["errorMessage"]


def test_the_installed_command_of_a_user_needs_no_path(governed, hermetic):
    agents("install", "--user", "claude-code")
    settings = json.loads((hermetic / ".claude/settings.json").read_text())
    command = settings["hooks"]["PreToolUse"][0]["hooks"][0]["command"]
    payload = raw(claude("Write", {"file_path": "src/ledger/x"}), governed.path)
    done = subprocess.run(["sh", "-c", command], input=payload, capture_output=True, check=False)
    assert done.returncode == 2


def test_wrong_calls(governed):
    for argv in (["hook", "agent"], ["hook", "agent", "claude-code", "during"], ["hook", "agent", "clippy", "before"]):
        done = subprocess.run([*sox_argv(), *argv], capture_output=True, input=b"", check=False)
        assert done.returncode == 2
        assert b"Traceback" not in done.stderr
    agents("install", "clippy", code=2)
    agents("install", "--all", "codex", code=2)
