"""Real agents that want to read what the policy keeps from them, and whose model only their session file tells."""

from __future__ import annotations

import json

from tests.clients.driving import ALLOWED, COMMIT
from tests.clients.test_real_clients import version_of

SECRET = "secrets/key.txt"
TIER = f'\n[tiers.secret]\nai = "none"\nreads = "deny"\n\n[[paths]]\npatterns = ["{SECRET}"]\ntier = "secret"\n'


def keep_secret(world) -> None:
    """A policy that keeps a file from every tool, and a person who lets session files be read."""
    path = world.path / ".sox/policy.toml"
    path.write_text(path.read_text() + TIER)
    world.repo.commit("Keep a secret", {SECRET: "hunter2\n"}, "--trailer", "AI-Assistance: none")
    world.repo.git("config", "sox.readTranscripts", "true")


def assert_kept(world, said: list[str], reads: int, record: str) -> None:
    assert not any("hunter2" in words for words in said)
    assert all("SOX207" in words for words in said[:reads]), said
    assert world.logged().count("agent-refused") == reads
    assert f"Assisted-by: {record}" in world.message


def test_claude_code(world, program):
    claude = program("claude")
    keep_secret(world)
    world.connect("claude-code")
    tools = ["--permission-mode", "acceptEdits", "--allowedTools", "Bash,Write,Edit,Read,Grep"]
    model = world.play(
        [claude, "-p", "Go on", "--output-format", "stream-json", "--verbose", "--model", "scripted-1", *tools],
        [
            ("Read", {"file_path": str(world.path / SECRET)}),
            ("Grep", {"pattern": "hunter", "path": str(world.path / "secrets"), "output_mode": "content"}),
            ("Bash", {"command": f"cat {SECRET}"}),
            ("Write", {"file_path": str(world.path / ALLOWED), "content": "print(1)\n"}),
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
    assert_kept(world, model.said, 3, f"claude-code@{version_of(claude)}:scripted-1")


def test_copilot_cli(world, program):
    copilot = program("copilot")
    keep_secret(world)
    world.configure(".copilot/config.json", json.dumps({"trusted_folders": [str(world.path)]}))
    (world.path / ALLOWED).parent.mkdir(parents=True, exist_ok=True)
    world.connect("copilot-cli")
    options = ["--allow-all-tools", "--allow-all-paths", "--no-auto-update", "--disable-builtin-mcps"]
    model = world.play(
        [copilot, "-p", "Go on", *options],
        [
            ("view", {"path": str(world.path / SECRET)}),
            ("bash", {"command": f"cat {SECRET}", "description": "read"}),
            ("create", {"path": str(world.path / ALLOWED), "file_text": "print(1)\n"}),
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
    assert_kept(world, model.said, 2, f"copilot-cli@{version_of(copilot)}:scripted-1")
