"""Real agents with the files that `agents ignore-files` makes, and without our hooks: what these files are worth alone.

What gets through is tested as well: docs/how-to/agent-files.md says it, and a release may change it.
"""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.clients.driving import ALLOWED, RESTRICTED, SHELL_WRITE
from tests.conftest import sox_argv

pytestmark = pytest.mark.slow

PATCH = "*** Begin Patch\n*** Add File: PATH\n+print(1)\n*** End Patch\n"
SCRIPT = f"python3 -c \"open('{RESTRICTED}', 'w').write('x')\""
OPENCODE = {
    "autoupdate": False,
    "share": "disabled",
    "model": "script/scripted-1",
    "small_model": "script/scripted-1",
    "provider": {
        "script": {
            "npm": "@ai-sdk/openai-compatible",
            "options": {"baseURL": "MODEL_URL/v1", "apiKey": "sk-test"},
            "models": {"scripted-1": {"name": "scripted-1", "tool_call": True}},
        }
    },
}


def write_files(world, agent: str) -> None:
    subprocess.run([*sox_argv(), "agents", "ignore-files", agent], check=True, capture_output=True)
    world.repo.write(RESTRICTED, "figures\n")
    world.repo.commit("Tell the agent", {}, "--no-verify")


def test_codex_stops_patches_commands_and_scripts(world, program):
    codex = program("codex")
    config = world.configure(".codex/config.toml", "")
    text = (
        'model = "gpt-5.5"\nmodel_provider = "script"\napproval_policy = "never"\ncheck_for_update_on_startup = false\n'
        '[model_providers.script]\nname = "script"\nbase_url = "MODEL_URL/v1"\nenv_key = "SCRIPT_API_KEY"\n'
        'wire_api = "responses"\n[features]\nplugins = false\napps = false\n'
        f'[projects."{world.path}"]\ntrust_level = "trusted"\n'
    )
    write_files(world, "codex")
    model = world.play(
        ["sh", "-c", f'printf %s "$CONFIG" > {config}; exec {codex} exec --json "Go on"'],
        [
            ("apply_patch", PATCH.replace("PATH", ALLOWED)),
            ("apply_patch", PATCH.replace("PATH", RESTRICTED)),
            ("exec_command", {"cmd": SHELL_WRITE}),
            ("exec_command", {"cmd": SCRIPT}),
            ("exec_command", {"cmd": f"cat {RESTRICTED}"}),
        ],
        {"SCRIPT_API_KEY": "sk-test", "CONFIG": text},
    )
    assert (world.path / ALLOWED).exists()
    assert (world.path / RESTRICTED).read_text() == "figures\n"
    assert "patch rejected" in model.said[1]
    assert all("Read-only file system" in said for said in model.said[2:4])
    assert "figures" in model.said[4]


def test_opencode_stops_its_own_tools(world, program):
    opencode = program("opencode")
    path = world.configure(".config/opencode/opencode.json", "{}")
    write_files(world, "opencode")
    model = world.play(
        ["sh", "-c", f'printf %s "$CONFIG" > {path}; exec {opencode} run --format json "Go on"'],
        [
            ("write", {"filePath": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("read", {"filePath": str(world.path / RESTRICTED)}),
            ("write", {"filePath": str(world.path / RESTRICTED), "content": "x\n"}),
            ("write", {"filePath": str(world.path / ".sox/policy.toml"), "content": "x\n"}),
            ("bash", {"command": SHELL_WRITE, "description": "write"}),
        ],
        {
            "CONFIG": json.dumps(OPENCODE),
            "OPENCODE_DISABLE_AUTOUPDATE": "1",
            "OPENCODE_DISABLE_MODELS_FETCH": "1",
            "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
            "npm_config_offline": "true",
            "npm_config_fetch_retries": "0",
        },
    )
    assert (world.path / ALLOWED).exists()
    assert "figures" in model.said[1]
    assert all("has specified a rule" in said for said in model.said[2:4])
    assert (world.path / RESTRICTED).read_text() == "x"  # the shell
    # It writes nothing of its own into the file.
    assert world.repo.git("status", "--porcelain", "opencode.json") == ""


def test_claude_code_stops_its_own_tools_and_commands_that_name_the_path(world, program):
    claude = program("claude")
    write_files(world, "claude-code")
    options = ["--output-format", "stream-json", "--verbose", "--model", "scripted-1"]
    model = world.play(
        [claude, "-p", "Go on", *options, "--permission-mode", "acceptEdits", "--allowedTools", "Bash,Write,Edit,Read"],
        [
            ("Write", {"file_path": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("Read", {"file_path": str(world.path / RESTRICTED)}),
            ("Write", {"file_path": str(world.path / RESTRICTED), "content": "x\n"}),
            ("Bash", {"command": SHELL_WRITE}),
            ("Bash", {"command": SCRIPT}),
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
    assert (world.path / ALLOWED).exists()
    assert "figures" in model.said[1]
    assert all("denied" in said for said in model.said[2:4])
    assert (world.path / RESTRICTED).read_text() == "x"  # the script


def test_gemini_cli_is_kept_from_reading_but_not_from_writing(world, program):
    gemini = program("gemini")
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
        "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
    }
    world.configure(".gemini/settings.json", json.dumps(settings))
    world.configure(".gemini/trustedFolders.json", json.dumps({str(world.path): "TRUST_FOLDER"}))
    write_files(world, "gemini-cli")
    model = world.play(
        [gemini, "-p", "Go on", "--approval-mode", "yolo", "-m", "gemini-2.5-flash"],
        [
            ("read_file", {"file_path": str(world.path / RESTRICTED)}),
            ("write_file", {"file_path": str(world.path / RESTRICTED), "content": "x"}),
        ],
        {"GEMINI_API_KEY": "sk-test", "GOOGLE_GEMINI_BASE_URL": "MODEL_URL"},
    )
    assert "ignored by configured ignore patterns" in model.said[0]
    assert (world.path / RESTRICTED).read_text() == "x"
