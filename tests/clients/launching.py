"""How each agent is started without a network, telemetry and updates: its settings in HOME, arguments and environment.

Measured with the versions that `dev/clients.py` installs. `MODEL_URL` stands for where the scripted model answers.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tests.clients.driving import World

_QUIET = {"privacy": {"usageStatisticsEnabled": False}, "telemetry": {"enabled": False}}


class Launch(NamedTuple):
    """A command line, and what its environment has besides."""

    argv: list[str]
    env: dict[str, str]


def version_of(program: str) -> str:
    """The first word of `--version` that begins with a digit."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    return next(word.rstrip(".") for word in told.splitlines()[0].split() if word[0].isdigit())


def gemini_cli(world: World, program: str) -> Launch:
    """Trusts the folder; without that it leaves a project's hooks out."""
    general = {"enableAutoUpdate": False, "enableAutoUpdateNotification": False}
    settings = {"security": {"auth": {"selectedType": "gemini-api-key"}}, "general": general, **_QUIET}
    world.configure(".gemini/settings.json", json.dumps(settings))
    world.configure(".gemini/trustedFolders.json", json.dumps({str(world.path): "TRUST_FOLDER"}))
    return Launch(
        [program, "-p", "Go on", "--approval-mode", "yolo", "-m", "gemini-2.5-flash"],
        {"GEMINI_API_KEY": "sk-test", "GOOGLE_GEMINI_BASE_URL": "MODEL_URL"},
    )


def qwen_code(world: World, program: str) -> Launch:
    """Asks a server that speaks OpenAI's chat completions."""
    security, general = {"auth": {"selectedType": "openai"}}, {"enableAutoUpdate": False}
    world.configure(".qwen/settings.json", json.dumps({"security": security, "general": general, **_QUIET}))
    return Launch(
        [program, "-p", "Go on", "--approval-mode", "yolo", "--output-format", "stream-json", "-m", "scripted-1"],
        {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": "MODEL_URL/v1", "OPENAI_MODEL": "scripted-1"},
    )


def codex(world: World, program: str, *, sandboxed: bool = False) -> Launch:
    """Outside its sandbox it can commit, and runs hooks that nobody has trusted; inside neither is so."""
    text = (
        'model = "gpt-5.5"\nmodel_provider = "script"\napproval_policy = "never"\ncheck_for_update_on_startup = false\n'
        + ("" if sandboxed else 'sandbox_mode = "danger-full-access"\n')
        + '[model_providers.script]\nname = "script"\nbase_url = "MODEL_URL/v1"\nenv_key = "SCRIPT_API_KEY"\n'
        'wire_api = "responses"\nrequest_max_retries = 0\nstream_max_retries = 0\n[analytics]\nenabled = false\n'
        "[feedback]\nenabled = false\n[features]\nplugins = false\napps = false\n"
        f'[projects."{world.path}"]\ntrust_level = "trusted"\n'
    )
    config = world.configure(".codex/config.toml", "")
    options = "" if sandboxed else "--dangerously-bypass-hook-trust"
    run = f'printf %s "$CONFIG" > {config}; exec {program} exec --json {options} "Go on"'
    return Launch(["sh", "-c", run], {"SCRIPT_API_KEY": "sk-test", "CONFIG": text})


def opencode(world: World, program: str) -> Launch:
    """Without npm's settings it waits for a package as soon as there is a folder `.opencode`."""
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "script",
        "options": {"baseURL": "MODEL_URL/v1", "apiKey": "sk-test"},
        "models": {"scripted-1": {"name": "scripted-1", "tool_call": True}},
    }
    models = {"model": "script/scripted-1", "small_model": "script/scripted-1"}
    config = {"autoupdate": False, "share": "disabled", "provider": {"script": provider}, **models}
    path = world.configure(".config/opencode/opencode.json", "{}")
    return Launch(
        ["sh", "-c", f'printf %s "$CONFIG" > {path}; exec {program} run --format json "Go on"'],
        {
            "CONFIG": json.dumps(config),
            "OPENCODE_DISABLE_AUTOUPDATE": "1",
            "OPENCODE_DISABLE_MODELS_FETCH": "1",
            "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
            "npm_config_offline": "true",
            "npm_config_fetch_retries": "0",
        },
    )


def copilot_cli(world: World, program: str) -> Launch:
    """Trusts the folder; without that it leaves a project's hooks out."""
    world.configure(".copilot/config.json", json.dumps({"trusted_folders": [str(world.path)]}))
    options = ["--allow-all-tools", "--allow-all-paths", "--no-auto-update", "--disable-builtin-mcps"]
    return Launch(
        [program, "-p", "Go on", *options],
        {
            "COPILOT_OFFLINE": "true",
            "COPILOT_PROVIDER_TYPE": "openai",
            "COPILOT_PROVIDER_BASE_URL": "MODEL_URL/v1",
            "COPILOT_PROVIDER_API_KEY": "sk-test",
            "COPILOT_MODEL": "scripted-1",
            "COPILOT_AUTO_UPDATE": "false",
        },
    )


def claude_code(world: World, program: str) -> Launch:
    """With `-p` it runs the hooks of a folder that nobody has trusted."""
    tools = ["--permission-mode", "acceptEdits", "--allowedTools", "Bash,Write,Edit,Read,Grep"]
    return Launch(
        [program, "-p", "Go on", "--output-format", "stream-json", "--verbose", "--model", "scripted-1", *tools],
        {
            "ANTHROPIC_BASE_URL": "MODEL_URL",
            "ANTHROPIC_API_KEY": "sk-test",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        },
    )
