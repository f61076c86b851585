"""Real agents with the files that `agents ignore-files` makes, and without our hooks: what these files are worth alone.

What gets through is tested as well: docs/how-to/agent-files.md says it, and a release may change it.
"""

from __future__ import annotations

import subprocess

import pytest

from tests.clients import launching
from tests.clients.driving import ALLOWED, RESTRICTED, SHELL_WRITE
from tests.conftest import sox_argv

pytestmark = pytest.mark.slow

PATCH = "*** Begin Patch\n*** Add File: PATH\n+print(1)\n*** End Patch\n"
SCRIPT = f"python3 -c \"open('{RESTRICTED}', 'w').write('x')\""


def write_files(world, agent: str) -> None:
    subprocess.run([*sox_argv(), "agents", "ignore-files", agent], check=True, capture_output=True)
    world.repo.write(RESTRICTED, "figures\n")
    world.repo.commit("Tell the agent", {}, "--no-verify")


def test_codex_stops_patches_commands_and_scripts(world, program):
    codex = program("codex")
    write_files(world, "codex")
    model = world.play(
        launching.codex(world, codex, sandboxed=True),
        [
            ("apply_patch", PATCH.replace("PATH", ALLOWED)),
            ("apply_patch", PATCH.replace("PATH", RESTRICTED)),
            ("exec_command", {"cmd": SHELL_WRITE}),
            ("exec_command", {"cmd": SCRIPT}),
            ("exec_command", {"cmd": f"cat {RESTRICTED}"}),
        ],
    )
    assert (world.path / ALLOWED).exists()
    assert (world.path / RESTRICTED).read_text() == "figures\n"
    assert "patch rejected" in model.said[1]
    assert all("Read-only file system" in said for said in model.said[2:4])
    assert "figures" in model.said[4]


def test_opencode_stops_its_own_tools(world, program):
    opencode = program("opencode")
    write_files(world, "opencode")
    model = world.play(
        launching.opencode(world, opencode),
        [
            ("write", {"filePath": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("read", {"filePath": str(world.path / RESTRICTED)}),
            ("write", {"filePath": str(world.path / RESTRICTED), "content": "x\n"}),
            ("write", {"filePath": str(world.path / ".sox/policy.toml"), "content": "x\n"}),
            ("bash", {"command": SHELL_WRITE, "description": "write"}),
        ],
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
    model = world.play(
        launching.claude_code(world, claude),
        [
            ("Write", {"file_path": str(world.path / ALLOWED), "content": "print(1)\n"}),
            ("Read", {"file_path": str(world.path / RESTRICTED)}),
            ("Write", {"file_path": str(world.path / RESTRICTED), "content": "x\n"}),
            ("Bash", {"command": SHELL_WRITE}),
            ("Bash", {"command": SCRIPT}),
        ],
    )
    assert (world.path / ALLOWED).exists()
    assert "figures" in model.said[1]
    assert all("denied" in said for said in model.said[2:4])
    assert (world.path / RESTRICTED).read_text() == "x"  # the script


def test_gemini_cli_is_kept_from_reading_but_not_from_writing(world, program):
    gemini = program("gemini")
    write_files(world, "gemini-cli")
    model = world.play(
        launching.gemini_cli(world, gemini),
        [
            ("read_file", {"file_path": str(world.path / RESTRICTED)}),
            ("write_file", {"file_path": str(world.path / RESTRICTED), "content": "x"}),
        ],
    )
    assert "ignored by configured ignore patterns" in model.said[0]
    assert (world.path / RESTRICTED).read_text() == "x"
