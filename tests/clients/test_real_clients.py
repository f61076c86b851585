"""Agents with hooks of their own against a scripted model on loopback: an edit, three refusals, a commit.

Not part of the default run, because it needs the programs: `python3 dev/clients.py` installs and tests them.
"""

from __future__ import annotations

import pytest

from tests.clients import launching
from tests.clients.driving import ALLOWED, AROUND, COMMIT, RESTRICTED, SHELL_WRITE
from tests.clients.launching import version_of


def test_gemini_cli(world, program):
    gemini = program("gemini")
    world.connect("gemini-cli")
    model = world.play(
        launching.gemini_cli(world, gemini),
        [
            ("write_file", {"file_path": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("write_file", {"file_path": str(world.path / RESTRICTED), "content": "x\n"}),
            ("run_shell_command", {"command": SHELL_WRITE}),
            ("run_shell_command", {"command": AROUND}),
            ("run_shell_command", {"command": COMMIT}),
        ],
    )
    world.assert_refused(model.said)
    # Gemini CLI switches git's hooks off; that the commit has a record is the before-hook's doing.
    world.assert_recorded("gemini-cli", "gemini-cli")


def test_codex(world, program):
    codex = program("codex")
    world.connect("codex")
    patch = "*** Begin Patch\n*** Add File: PATH\n+print(1)\n*** End Patch\n"
    model = world.play(
        launching.codex(world, codex),
        [
            ("apply_patch", patch.replace("PATH", ALLOWED)),
            ("apply_patch", patch.replace("PATH", RESTRICTED)),
            ("exec_command", {"cmd": SHELL_WRITE}),
            ("exec_command", {"cmd": AROUND}),
            ("exec_command", {"cmd": COMMIT}),
        ],
    )
    world.assert_refused(model.said)
    world.assert_recorded("codex", f"codex@{version_of(codex)}:gpt-5.5", "gpt-5.5")


def test_opencode(world, program):
    opencode = program("opencode")
    world.connect("opencode")
    model = world.play(
        launching.opencode(world, opencode),
        [
            ("write", {"filePath": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("write", {"filePath": str(world.path / RESTRICTED), "content": "x\n"}),
            ("bash", {"command": SHELL_WRITE, "description": "write"}),
            ("bash", {"command": AROUND, "description": "commit"}),
            ("bash", {"command": COMMIT, "description": "commit"}),
        ],
    )
    world.assert_refused(model.said)
    world.assert_recorded("opencode", "opencode:scripted-1", "scripted-1")


@pytest.mark.parametrize("installed", ["copilot-cli", "claude-code"])
def test_copilot_cli(installed, world, program):
    """With its own hooks, and with those that were installed for Claude Code, which it runs, too."""
    copilot = program("copilot")
    (world.path / RESTRICTED).parent.mkdir(parents=True)  # it makes no folders
    world.connect(installed)
    model = world.play(
        launching.copilot_cli(world, copilot),
        [
            ("create", {"path": str(world.path / ALLOWED), "file_text": "print(1)\n"}),
            ("create", {"path": str(world.path / RESTRICTED), "file_text": "x\n"}),
            ("bash", {"command": SHELL_WRITE, "description": "write"}),
            ("bash", {"command": AROUND, "description": "commit"}),
            ("bash", {"command": COMMIT, "description": "commit"}),
        ],
    )
    assert all("Denied by preToolUse hook" in said for said in model.said[1:4])
    # In Claude's form the reason is lost, and the refusal holds.
    world.assert_refused(model.said, "SOX301" if installed == "copilot-cli" else "")
    world.assert_recorded("copilot-cli", f"copilot-cli@{version_of(copilot)}")


def test_claude_code(world, program):
    claude = program("claude")
    world.connect("claude-code")
    model = world.play(
        launching.claude_code(world, claude),
        [
            ("Write", {"file_path": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("Write", {"file_path": str(world.path / RESTRICTED), "content": "x\n"}),
            ("Bash", {"command": SHELL_WRITE}),
            ("Bash", {"command": AROUND}),
            ("Bash", {"command": COMMIT}),
        ],
    )
    world.assert_refused(model.said, "SOX309")  # the starter policy registers it, with nothing filled in
    world.assert_recorded("claude-code", f"claude-code@{version_of(claude)}")


def test_qwen_code(world, program):
    qwen = program("qwen")
    world.connect("qwen-code")
    model = world.play(
        launching.qwen_code(world, qwen),
        [
            ("write_file", {"file_path": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("write_file", {"file_path": str(world.path / RESTRICTED), "content": "x\n"}),
            ("run_shell_command", {"command": SHELL_WRITE, "is_background": False}),
            ("run_shell_command", {"command": AROUND, "is_background": False}),
            ("run_shell_command", {"command": COMMIT, "is_background": False}),
        ],
    )
    world.assert_refused(model.said)
    world.assert_recorded("qwen-code", f"qwen-code@{version_of(qwen)}:scripted-1", "scripted-1")
