"""Real agents against a scripted model on loopback: an edit, a refused edit, a commit.

Not part of the default run. It needs the programs:

    npm install --prefix CLIENTS @google/gemini-cli @openai/codex opencode-ai @github/copilot
    pip install aider-chat    # its program belongs into the same folder, as a link
    SOX_HOOKS_CLIENTS=CLIENTS/node_modules/.bin pytest -m clients tests/clients
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.scripted_model import ScriptedModel
from tests.conftest import sox_argv
from tests.hooks.governed import govern

CLIENTS = os.environ.get("SOX_HOOKS_CLIENTS", "")
pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(not CLIENTS, reason="SOX_HOOKS_CLIENTS names no folder with agents' programs"),
]
COMMIT = 'git add -A && git commit -m "agent commit"'


@pytest.fixture
def world(repo, make_key, tmp_path, monkeypatch):
    """A governed repository with the commit hook, `sox-hooks` on PATH, and no way out to the network."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "sox-hooks"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -I -m sox_hooks "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{CLIENTS}:{os.environ['PATH']}")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    monkeypatch.delenv("GIT_CONFIG_NOSYSTEM")
    govern(repo, make_key())
    repo.git("config", "--global", "user.signingKey", repo.git("config", "sox.signingKey"))
    monkeypatch.chdir(repo.path)
    subprocess.run([*sox_argv(), "install"], check=True, capture_output=True)
    return repo


def program(name: str) -> str:
    path = Path(CLIENTS) / name
    if not path.exists():
        pytest.skip(f"{name} is not installed")
    return str(path)


def connect(name: str, *more: str) -> None:
    subprocess.run([*sox_argv(), "agents", "install", *more, name], check=True, capture_output=True)


def play(argv: list[str], steps: list[tuple[str, object]], env: dict[str, str]) -> ScriptedModel:
    """Run an agent with a model that wants these steps."""
    model = ScriptedModel(steps)
    try:
        done = subprocess.run(
            [part.replace("MODEL_URL", model.url) for part in argv],
            env={**os.environ, **{name: value.replace("MODEL_URL", model.url) for name, value in env.items()}},
            capture_output=True,
            text=True,
            timeout=100,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    finally:
        model.close()
    assert len(model.said) == len(steps), (model.said, done.stdout[-3000:], done.stderr[-3000:])
    return model


def journal(repo) -> list[dict]:
    return [json.loads(line) for line in (repo.path / ".git/sox-hooks/journal.jsonl").read_text().splitlines()]


def message(repo) -> str:
    return repo.git("log", "-1", "--format=%B")


def test_gemini_cli(world, hermetic):
    gemini = program("gemini")
    (hermetic / ".gemini").mkdir()
    (hermetic / ".gemini/settings.json").write_text(
        json.dumps(
            {
                "security": {"auth": {"selectedType": "gemini-api-key"}},
                "privacy": {"usageStatisticsEnabled": False},
                "telemetry": {"enabled": False},
                "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
            }
        )
    )
    (hermetic / ".gemini/trustedFolders.json").write_text(json.dumps({str(world.path): "TRUST_FOLDER"}))
    connect("gemini-cli")
    world.commit("Connect Gemini", {}, "--trailer", "AI-Assistance: none")
    model = play(
        [gemini, "-p", "Go on", "--approval-mode", "yolo", "-m", "gemini-2.5-flash"],
        [
            ("write_file", {"file_path": str(world.path / "src/app.py"), "content": "print(1)\n"}),
            ("write_file", {"file_path": str(world.path / "src/ledger/post.py"), "content": "x\n"}),
            ("run_shell_command", {"command": "printf x > src/ledger/post.py"}),
            ("run_shell_command", {"command": "git commit -n --allow-empty -m x"}),
            ("run_shell_command", {"command": COMMIT}),
        ],
        {"GEMINI_API_KEY": "sk-test", "GOOGLE_GEMINI_BASE_URL": "MODEL_URL"},
    )
    assert "src/ledger/post.py" in model.said[1]
    assert "SOX301" in model.said[1]
    assert "SOX301" in model.said[2]
    assert "SOX206" in model.said[3]
    assert not (world.path / "src/ledger/post.py").exists()
    assert [(line["path"], line["tool"]) for line in journal(world)] == [("src/app.py", "gemini-cli")]
    # Gemini CLI switches git's hooks off; that the commit has a record is the before-hook's doing.
    assert "agent commit" in message(world)
    assert "AI-Assistance: assisted" in message(world)
    assert "Sox-Signature:" in message(world)


def test_codex(world, hermetic):
    codex = program("codex")
    (hermetic / ".codex").mkdir()
    (hermetic / ".codex/config.toml").write_text(
        'model = "gpt-5.5"\nmodel_provider = "script"\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\n'
        "check_for_update_on_startup = false\n[model_providers.script]\n"
        'name = "script"\nbase_url = "MODEL_URL/v1"\nenv_key = "SCRIPT_API_KEY"\nwire_api = "responses"\n'
        "request_max_retries = 0\nstream_max_retries = 0\n[analytics]\nenabled = false\n[feedback]\nenabled = false\n"
        f'[features]\nplugins = false\napps = false\n[projects."{world.path}"]\ntrust_level = "trusted"\n'
    )
    connect("codex")
    world.commit("Connect Codex", {}, "--trailer", "AI-Assistance: none")
    edit = "*** Begin Patch\n*** Add File: src/app.py\n+print(1)\n*** End Patch\n"
    config = hermetic / ".codex/config.toml"
    text = config.read_text()
    script = [
        ("apply_patch", edit),
        ("apply_patch", edit.replace("src/app.py", "src/ledger/post.py")),
        ("exec_command", {"cmd": "printf x > src/ledger/post.py"}),
        ("exec_command", {"cmd": "git commit -n --allow-empty -m x"}),
        ("exec_command", {"cmd": COMMIT}),
    ]
    model = play(
        [
            "sh",
            "-c",
            f'printf %s "$CONFIG" > {config}; exec {codex} exec --json --dangerously-bypass-hook-trust "Go on"',
        ],
        script,
        {"SCRIPT_API_KEY": "sk-test", "CONFIG": text},
    )
    assert "SOX301" in model.said[1]
    assert "SOX301" in model.said[2]
    assert "SOX206" in model.said[3]
    assert not (world.path / "src/ledger/post.py").exists()
    assert [(line["path"], line["tool"], line["model"]) for line in journal(world)] == [
        ("src/app.py", "codex", "gpt-5.5")
    ]
    assert "AI-Assistance: assisted" in message(world)
    assert "Assisted-by: codex@0.169.0:gpt-5.5" in message(world)


def test_opencode(world, hermetic):
    opencode = program("opencode")
    (hermetic / ".config/opencode").mkdir(parents=True)
    connect("opencode")
    world.commit("Connect OpenCode", {}, "--trailer", "AI-Assistance: none")
    config = {
        "autoupdate": False,
        "share": "disabled",
        "model": "script/scripted-1",
        "small_model": "script/scripted-1",
        "provider": {
            "script": {
                "npm": "@ai-sdk/openai-compatible",
                "name": "script",
                "options": {"baseURL": "MODEL_URL/v1", "apiKey": "sk-test"},
                "models": {"scripted-1": {"name": "scripted-1", "tool_call": True}},
            }
        },
    }
    path = hermetic / ".config/opencode/opencode.json"
    model = play(
        ["sh", "-c", f'printf %s "$CONFIG" > {path}; exec {opencode} run --format json "Go on"'],
        [
            ("write", {"filePath": str(world.path / "src/app.py"), "content": "print(1)\n"}),
            ("write", {"filePath": str(world.path / "src/ledger/post.py"), "content": "x\n"}),
            ("bash", {"command": "printf x > src/ledger/post.py", "description": "write"}),
            ("bash", {"command": "git commit -n --allow-empty -m x", "description": "commit"}),
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
    assert "SOX301" in model.said[1]
    assert "SOX301" in model.said[2]
    assert "SOX206" in model.said[3]
    assert not (world.path / "src/ledger/post.py").exists()
    (line,) = journal(world)
    assert (line["path"], line["tool"], line["model"]) == ("src/app.py", "opencode", "scripted-1")
    assert "AI-Assistance: assisted" in message(world)
    assert "Assisted-by: opencode:scripted-1" in message(world)


@pytest.mark.parametrize("installed", ["copilot-cli", "claude-code"])
def test_copilot_cli(installed, world, hermetic):
    """With its own hooks, and with those that were installed for Claude Code, which it runs, too."""
    copilot = program("copilot")
    (hermetic / ".copilot").mkdir()
    (hermetic / ".copilot/config.json").write_text(json.dumps({"trusted_folders": [str(world.path)]}))
    connect(installed)
    (world.path / "src/ledger").mkdir(parents=True)
    world.commit("Connect Copilot", {}, "--trailer", "AI-Assistance: none")
    model = play(
        [
            copilot,
            "-p",
            "Go on",
            "--allow-all-tools",
            "--allow-all-paths",
            "--no-auto-update",
            "--disable-builtin-mcps",
        ],
        [
            ("create", {"path": str(world.path / "src/app.py"), "file_text": "print(1)\n"}),
            ("create", {"path": str(world.path / "src/ledger/post.py"), "file_text": "x\n"}),
            ("bash", {"command": "printf x > src/ledger/post.py", "description": "write"}),
            ("bash", {"command": "git commit -n --allow-empty -m x", "description": "commit"}),
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
    if installed == "copilot-cli":  # in Claude's form the reason is lost, and the refusal holds
        assert "SOX301" in model.said[1]
        assert "SOX301" in model.said[2]
        assert "SOX206" in model.said[3]
    assert not (world.path / "src/ledger/post.py").exists()
    assert [(line["path"], line["tool"]) for line in journal(world)] == [("src/app.py", "copilot-cli")]
    assert "AI-Assistance: assisted" in message(world)
    assert "Assisted-by: copilot-cli" in message(world)


@pytest.mark.parametrize("connected", [True, False])
def test_aider(connected, world, hermetic):
    """It has no hooks and commits with --no-verify; connected, its commit is judged and recorded."""
    aider = program("aider")
    caches = hermetic / ".aider/caches"
    caches.mkdir(parents=True)
    (caches / "model_prices_and_context_window.json").write_text('{"script": {}}')
    if connected:
        connect("aider")
    world.write(".gitignore", ".aider*\n!.aider.conf.yml\n")
    world.commit("Connect Aider", {"src/app.py": "print(0)\n"}, "--trailer", "AI-Assistance: none")
    edit = "Here it is.\n\nsrc/app.py\n```\nprint(1)\n```\n"
    model = ScriptedModel([])
    model.text = edit
    try:
        subprocess.run(
            [
                aider, "--model", "openai/scripted-1", "--openai-api-base", f"{model.url}/v1",
                "--openai-api-key", "sk-test", "--edit-format", "whole", "--yes-always", "--no-check-update",
                "--analytics-disable", "--no-gitignore", "--no-show-model-warnings", "--no-show-release-notes",
                "--no-pretty", "--no-fancy-input", "--map-tokens", "0", "--no-stream", "--message", "Go on",
                "src/app.py",
            ],
            env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
            capture_output=True, timeout=100, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    finally:
        model.close()
    assert (world.path / "src/app.py").read_text() == "print(1)\n"
    assert world.git("log", "-1", "--format=%s") != "Connect Aider"
    assert ("Sox-Signature:" in message(world)) is connected
    if connected:
        assert "AI-Assistance: assisted" in message(world)
        assert "Assisted-by: aider:openai/scripted-1" in message(world)
