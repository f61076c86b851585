"""Real agents that want to read what the policy keeps from them, and whose model only their session file tells."""

from __future__ import annotations

from tests.clients import launching
from tests.clients.driving import ALLOWED, COMMIT
from tests.clients.launching import version_of

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
    model = world.play(
        launching.claude_code(world, claude),
        [
            ("Read", {"file_path": str(world.path / SECRET)}),
            ("Grep", {"pattern": "hunter", "path": str(world.path / "secrets"), "output_mode": "content"}),
            ("Bash", {"command": f"cat {SECRET}"}),
            ("Write", {"file_path": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("Bash", {"command": COMMIT}),
        ],
    )
    assert_kept(world, model.said, 3, f"claude-code@{version_of(claude)}:scripted-1")


def test_copilot_cli(world, program):
    copilot = program("copilot")
    keep_secret(world)
    (world.path / ALLOWED).parent.mkdir(parents=True, exist_ok=True)
    world.connect("copilot-cli")
    model = world.play(
        launching.copilot_cli(world, copilot),
        [
            ("view", {"path": str(world.path / SECRET)}),
            ("bash", {"command": f"cat {SECRET}", "description": "read"}),
            ("create", {"path": str(world.path / ALLOWED), "file_text": "print(1)\n"}),
            ("bash", {"command": COMMIT, "description": "commit"}),
        ],
    )
    assert_kept(world, model.said, 2, f"copilot-cli@{version_of(copilot)}:scripted-1")
