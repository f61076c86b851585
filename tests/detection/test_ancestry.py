"""Agents among the processes above: whole names only, and never more than low."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.processes_above import ProcessInfo
from sox_hooks.detection.ancestry import evidence, program, walk
from sox_hooks.detection.catalogue import Catalogue

NAMES = [
    ("claude", "claude", "claude-code"),
    ("/usr/local/bin/claude --resume", "claude", "claude-code"),
    ("/x/vendor/x86_64-unknown-linux-musl/bin/codex exec", "codex", "codex"),
    ("node /usr/bin/codex exec", "codex", "codex"),
    ("codex-linux-sandbox -c x", "codex-linux-sandbox", "codex"),
    ("node --max-old-space-size=8192 /usr/lib/node_modules/.bin/gemini -p x", "gemini", "gemini-cli"),
    ("/usr/bin/node /usr/bin/qwen", "qwen", "qwen-code"),
    ("/h/.local/share/copilot-linux-x64/copilot", "copilot", "copilot-cli"),
    ("opencode", "opencode", "opencode"),
    ("/venv/bin/python3.11 /venv/bin/aider --message x", "aider", "aider"),
    ("python -m aider", "aider", "aider"),
    ("pi", "pi", "pi"),
    ("cline", "cline", "cline"),
    ("node /usr/bin/cn", "cn", "continue"),
    ("/h/.amp/bin/amp", "amp", "amp"),
    ("crush", "crush", "crush"),
    ("cursor-agent --resume", "cursor-agent", "cursor"),
    ("goose session", "goose", "goose"),
    ("bun run /x/droid.js", "droid", "droid"),
    ("deno run --allow-all /x/octofriend.ts", "octofriend", "octofriend"),
    # not these
    ("bash -c claude", "bash", ""),
    ("bash /home/a/claude-notes/x.sh", "bash", ""),
    ("vim claude", "vim", ""),
    ("example", "example", ""),
    ("pipefail", "pipefail", ""),
    ("claude-notes", "claude-notes", ""),
    ("node /x/cli.js", "cli", ""),
    ("node", "node", ""),
    ("python3 -c claude", "claude", "claude-code"),  # low is what that is worth
    ("/Applications/Cursor.app/Contents/MacOS/Cursor", "Cursor", ""),
    ("windsurf", "windsurf", ""),
    ("code", "code", ""),
    ("-zsh", "-zsh", ""),
]


@pytest.mark.parametrize(("line", "name", "tool"), NAMES, ids=[line for line, _, _ in NAMES])
def test_names(catalogue: Catalogue, line: str, name: str, tool: str) -> None:
    argv = tuple(line.encode().split())
    assert program(argv) == name
    found = evidence(catalogue, [ProcessInfo(2, 1, argv)])
    assert [(entry.tool, entry.confidence, entry.source) for entry in found] == (
        [(tool, "low", "ancestry")] if tool else []
    )


def test_each_tool_once_nearest_first(catalogue: Catalogue) -> None:
    chain = [
        ProcessInfo(9, 8, (b"bash",)),
        ProcessInfo(8, 7, (b"codex",)),
        ProcessInfo(7, 6, (b"node", b"/bin/codex")),
        ProcessInfo(6, 1, (b"claude",)),
        ProcessInfo(1, 0, ()),
    ]
    found = evidence(catalogue, chain)
    assert [(entry.tool, entry.detail) for entry in found] == [
        ("codex", "process codex"),
        ("claude-code", "process claude"),
    ]


def test_a_real_process_called_claude_above_us(catalogue: Catalogue, tmp_path: Path) -> None:
    script = tmp_path / "claude"
    os.symlink("/bin/sh", script)
    ask = (
        "from sox_hooks.detection.ancestry import evidence, walk; from sox_hooks.detection.catalogue import builtin;"
        "print([entry.tool for entry in evidence(builtin(), walk())])"
    )
    done = subprocess.run(
        [str(script), "-c", f'"{sys.executable}" -c "{ask}"; :'], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['claude-code']"


def test_walk_begins_with_the_parent() -> None:
    assert walk()[0].pid == os.getppid()


@given(st.lists(st.lists(st.binary(max_size=12), max_size=4), max_size=5))
def test_any_arguments_are_survived(catalogue: Catalogue, chains: list[list[bytes]]) -> None:
    processes = [ProcessInfo(number, number - 1, tuple(argv)) for number, argv in enumerate(chains, 1)]
    assert all(entry.confidence == "low" for entry in evidence(catalogue, processes))
