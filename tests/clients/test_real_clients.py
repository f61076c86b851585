"""Agents with hooks of their own against a scripted model on loopback: an edit, three refusals, a commit.

Not part of the default run, because it needs the programs: `python3 dev/clients.py` installs and tests them.
"""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.clients.driving import ALLOWED, AROUND, COMMIT, RESTRICTED, SHELL_WRITE


def version_of(program: str) -> str:
    """The last word of the first line of `--version` that begins with a digit."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    return next(word.rstrip(".") for word in told.splitlines()[0].split() if word[0].isdigit())


def test_gemini_cli(world, program):
    gemini = program("gemini")
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
        "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
    }
    world.configure(".gemini/settings.json", json.dumps(settings))
    world.configure(".gemini/trustedFolders.json", json.dumps({str(world.path): "TRUST_FOLDER"}))
    world.connect("gemini-cli")
    model = world.play(
        [gemini, "-p", "Go on", "--approval-mode", "yolo", "-m", "gemini-2.5-flash"],
        [
            ("write_file", {"file_path": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("write_file", {"file_path": str(world.path / RESTRICTED), "content": "x\n"}),
            ("run_shell_command", {"command": SHELL_WRITE}),
            ("run_shell_command", {"command": AROUND}),
            ("run_shell_command", {"command": COMMIT}),
        ],
        {"GEMINI_API_KEY": "sk-test", "GOOGLE_GEMINI_BASE_URL": "MODEL_URL"},
    )
    world.assert_refused(model.said)
    # Gemini CLI switches git's hooks off; that the commit has a record is the before-hook's doing.
    world.assert_recorded("gemini-cli", "gemini-cli")


def test_codex(world, program):
    codex = program("codex")
    text = (
        'model = "gpt-5.5"\nmodel_provider = "script"\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\n'
        "check_for_update_on_startup = false\n[model_providers.script]\n"
        'name = "script"\nbase_url = "MODEL_URL/v1"\nenv_key = "SCRIPT_API_KEY"\nwire_api = "responses"\n'
        "request_max_retries = 0\nstream_max_retries = 0\n[analytics]\nenabled = false\n[feedback]\nenabled = false\n"
        f'[features]\nplugins = false\napps = false\n[projects."{world.path}"]\ntrust_level = "trusted"\n'
    )
    config = world.configure(".codex/config.toml", text)
    world.connect("codex")
    patch = "*** Begin Patch\n*** Add File: PATH\n+print(1)\n*** End Patch\n"
    run = f'printf %s "$CONFIG" > {config}; exec {codex} exec --json --dangerously-bypass-hook-trust "Go on"'
    model = world.play(
        ["sh", "-c", run],
        [
            ("apply_patch", patch.replace("PATH", ALLOWED)),
            ("apply_patch", patch.replace("PATH", RESTRICTED)),
            ("exec_command", {"cmd": SHELL_WRITE}),
            ("exec_command", {"cmd": AROUND}),
            ("exec_command", {"cmd": COMMIT}),
        ],
        {"SCRIPT_API_KEY": "sk-test", "CONFIG": text},
    )
    world.assert_refused(model.said)
    world.assert_recorded("codex", f"codex@{version_of(codex)}:gpt-5.5", "gpt-5.5")


def test_opencode(world, program):
    opencode = program("opencode")
    world.connect("opencode")
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "script",
        "options": {"baseURL": "MODEL_URL/v1", "apiKey": "sk-test"},
        "models": {"scripted-1": {"name": "scripted-1", "tool_call": True}},
    }
    config = {
        "autoupdate": False,
        "share": "disabled",
        "model": "script/scripted-1",
        "small_model": "script/scripted-1",
        "provider": {"script": provider},
    }
    path = world.configure(".config/opencode/opencode.json", "{}")
    model = world.play(
        ["sh", "-c", f'printf %s "$CONFIG" > {path}; exec {opencode} run --format json "Go on"'],
        [
            ("write", {"filePath": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("write", {"filePath": str(world.path / RESTRICTED), "content": "x\n"}),
            ("bash", {"command": SHELL_WRITE, "description": "write"}),
            ("bash", {"command": AROUND, "description": "commit"}),
            ("bash", {"command": COMMIT, "description": "commit"}),
        ],
        {
            "CONFIG": json.dumps(config),
            "OPENCODE_DISABLE_AUTOUPDATE": "1",
            "OPENCODE_DISABLE_MODELS_FETCH": "1",
            "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
            "npm_config_offline": "true",
            "npm_config_fetch_retries": "0",
        },
    )
    world.assert_refused(model.said)
    world.assert_recorded("opencode", "opencode:scripted-1", "scripted-1")


@pytest.mark.parametrize("installed", ["copilot-cli", "claude-code"])
def test_copilot_cli(installed, world, program):
    """With its own hooks, and with those that were installed for Claude Code, which it runs, too."""
    copilot = program("copilot")
    world.configure(".copilot/config.json", json.dumps({"trusted_folders": [str(world.path)]}))
    (world.path / RESTRICTED).parent.mkdir(parents=True)  # it makes no folders
    world.connect(installed)
    options = ["--allow-all-tools", "--allow-all-paths", "--no-auto-update", "--disable-builtin-mcps"]
    model = world.play(
        [copilot, "-p", "Go on", *options],
        [
            ("create", {"path": str(world.path / ALLOWED), "file_text": "print(1)\n"}),
            ("create", {"path": str(world.path / RESTRICTED), "file_text": "x\n"}),
            ("bash", {"command": SHELL_WRITE, "description": "write"}),
            ("bash", {"command": AROUND, "description": "commit"}),
            ("bash", {"command": COMMIT, "description": "commit"}),
        ],
        {
            "COPILOT_OFFLINE": "true",
            "COPILOT_PROVIDER_TYPE": "openai",
            "COPILOT_PROVIDER_BASE_URL": "MODEL_URL/v1",
            "COPILOT_PROVIDER_API_KEY": "sk-test",
            "COPILOT_MODEL": "scripted-1",
            "COPILOT_AUTO_UPDATE": "false",
        },
    )
    assert all("Denied by preToolUse hook" in said for said in model.said[1:4])
    # In Claude's form the reason is lost, and the refusal holds.
    world.assert_refused(model.said, "SOX301" if installed == "copilot-cli" else "")
    world.assert_recorded("copilot-cli", f"copilot-cli@{version_of(copilot)}")


def test_claude_code(world, program):
    claude = program("claude")
    world.connect("claude-code")
    tools = ["--permission-mode", "acceptEdits", "--allowedTools", "Bash,Write,Edit,Read"]
    model = world.play(
        [claude, "-p", "Go on", "--output-format", "stream-json", "--verbose", "--model", "scripted-1", *tools],
        [
            ("Write", {"file_path": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("Write", {"file_path": str(world.path / RESTRICTED), "content": "x\n"}),
            ("Bash", {"command": SHELL_WRITE}),
            ("Bash", {"command": AROUND}),
            ("Bash", {"command": COMMIT}),
        ],
        {
            "ANTHROPIC_BASE_URL": "MODEL_URL",
            "ANTHROPIC_API_KEY": "sk-test",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        },
    )
    world.assert_refused(model.said, "SOX309")  # the starter policy registers it, with nothing filled in
    world.assert_recorded("claude-code", f"claude-code@{version_of(claude)}")


def test_qwen_code(world, program):
    qwen = program("qwen")
    settings = {
        "security": {"auth": {"selectedType": "openai"}},
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
        "general": {"enableAutoUpdate": False},
    }
    world.configure(".qwen/settings.json", json.dumps(settings))
    world.connect("qwen-code")
    model = world.play(
        [qwen, "-p", "Go on", "--approval-mode", "yolo", "--output-format", "stream-json", "-m", "scripted-1"],
        [
            ("write_file", {"file_path": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("write_file", {"file_path": str(world.path / RESTRICTED), "content": "x\n"}),
            ("run_shell_command", {"command": SHELL_WRITE, "is_background": False}),
            ("run_shell_command", {"command": AROUND, "is_background": False}),
            ("run_shell_command", {"command": COMMIT, "is_background": False}),
        ],
        {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": "MODEL_URL/v1", "OPENAI_MODEL": "scripted-1"},
    )
    world.assert_refused(model.said)
    world.assert_recorded("qwen-code", f"qwen-code@{version_of(qwen)}:scripted-1", "scripted-1")
