"""What is read from payloads; and that nothing in them is ever too strange."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sox_hooks.agents import tools
from sox_hooks.agents.adapter import IDS, adapter_of
from sox_hooks.agents.entry import respond
from sox_hooks.agents.event import read_event
from sox_hooks.detection.sessions import hashed
from tests.agents import payloads
from tests.agents.payloads import EDITS, claude, codex, copilot, cursor, opencode, raw, windsurf

R = "/r"


@pytest.mark.parametrize("name", [name for name in EDITS if "shell" not in name and "argv" not in name])
def test_every_edit_names_its_path(name):
    agent, payload = EDITS[name]
    event = read_event(agent, "before", raw(payload, R), {})
    assert event.kind == tools.EDIT
    assert any("src/ledger/p" in os.path.normpath(path).lower() for path in event.paths)


@pytest.mark.parametrize("name", [name for name in EDITS if "shell" in name or "argv" in name])
def test_every_shell_call_has_its_command(name):
    agent, payload = EDITS[name]
    event = read_event(agent, "before", raw(payload, R), {})
    assert (event.kind, event.paths) == (tools.SHELL, ())
    assert any("src/ledger/post.py" in command for command in event.commands)


def test_session_model_version():
    event = read_event("codex", "before", raw(codex("apply_patch", {"command": payloads.PATCH}), R), {})
    assert (event.session, event.model) == (hashed("codex", payloads.SESSION), "gpt-5.5")
    event = read_event("cursor", "before", raw(cursor("afterFileEdit", file_path="/r/x"), R), {})
    assert (event.session, event.version, event.paths) == (hashed("cursor", "c1"), "2.1.0", ("/r/x",))
    event = read_event("windsurf", "before", raw(windsurf("pre_write_code", {"file_path": "x"}), R), {})
    assert (event.session, event.model) == (hashed("windsurf", "t1"), "swe-1")
    event = read_event("opencode", "before", raw(opencode("write", {"filePath": "x"}), R), {})
    assert (event.session, event.model, event.cwd) == (hashed("opencode", "ses_1"), "gpt-5.5", R)


HOSTS = [
    ("claude-code", claude("Write", {"file_path": "x"}), {}, "claude-code"),
    ("claude-code", claude("Write", {"file_path": "x"}), {"COPILOT_CLI": "1"}, "claude-code"),
    ("claude-code", EDITS["copilot as claude"][1], {"COPILOT_CLI": "1"}, "copilot-cli"),
    ("claude-code", EDITS["copilot as claude"][1], {"CLAUDE_PROJECT_DIR": "/r"}, "claude-code"),
    ("claude-code", claude("Write", {}, cursor_version="2.1.0"), {}, "cursor"),
    ("claude-code", claude("Write", {}, transcript_path="/home/dev/.cursor/x.jsonl"), {}, "cursor"),
    ("claude-code", claude("Write", {}, transcript_path="/x/GitHub.Copilot-Chat/y.json"), {}, "github-copilot"),
    ("qwen-code", claude("write_file", {}), {"GEMINI_PROJECT_DIR": "/r", "CLAUDE_PROJECT_DIR": "/r"}, "qwen-code"),
]


@pytest.mark.parametrize(("agent", "payload", "environ", "real"), HOSTS)
def test_who_really_calls(agent, payload, environ, real):
    assert read_event(agent, "before", raw(payload, R), environ).agent == real


NAMES = [
    ("Write", tools.EDIT), ("functions.apply_patch", tools.EDIT), ("mcp__fs__write_file", tools.EDIT),
    ("mcp__fs__editFile", tools.EDIT), ("mcp__git__delete_branch", tools.EDIT), ("copilot_insertEdit", tools.EDIT),
    ("Read", tools.READ), ("mcp__fs__read_file", tools.READ), ("Grep", tools.READ), ("Bash", tools.SHELL),
    ("run_shell_command", tools.SHELL), ("runInTerminal", tools.SHELL), ("TodoWrite", tools.OTHER),
    ("Task", tools.OTHER), ("", tools.OTHER), ("mcp__memory__recall", tools.OTHER),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_kinds_of_tools(name, kind):
    assert tools.kind_of(name, {}) == kind


def test_a_tool_of_no_known_name_with_a_command_is_a_shell():
    assert tools.kind_of("mcp__blender__execute", {"command": "rm x"}) == tools.SHELL


PATCHES = [
    ("*** Begin Patch\n*** Update File: a\n*** Move to: b c\n@@\n*** Delete File: d\n*** End Patch", ["a", "b c", "d"]),
    ("--- a/x.py\n+++ b/y.py\n@@ -1 +1 @@\n", ["x.py", "y.py"]),
    ("diff --git a/x b/y\nrename from x\nrename to y\n", ["x", "y"]),
    ("--- /dev/null\n+++ b/new\t2026-01-01\n", ["new"]),
    ("nothing", []),
]


@pytest.mark.parametrize(("text", "paths"), PATCHES)
def test_paths_in_patches(text, paths):
    assert tools.patch_paths(text) == paths


def test_raw_control_characters_and_byte_order_marks_are_read():
    text = b'\xef\xbb\xbf {"tool_name":"Write","tool_input":{"file_path":"x","content":"a\tb\x01\nc"}}\n'
    assert read_event("windsurf", "before", text, {}).paths == ("x",)


def test_a_failed_tool_is_told():
    failed = copilot("create", {"path": "x"}, toolResult={"resultType": "failure"})
    assert read_event("copilot-cli", "after", raw(failed, R), {}).failed
    good = copilot("create", {"path": "x"}, toolResult={"resultType": "success"})
    assert not read_event("copilot-cli", "after", raw(good, R), {}).failed


keys = st.sampled_from(
    ["tool_name", "toolName", "tool_input", "toolArgs", "cwd", "session_id", "model", "path", "file_path", "command",
     "paths", "edits", "tool_call", "preToolUse", "parameters", "hook_event_name", "transcript_path", "workspace_roots",
     "tool_response", "x"]
)  # fmt: skip
names = st.sampled_from(
    ["Write", "Bash", "apply_patch", "Read", "run_shell_command", "/etc/x", "a\0b", "\ud800", "~x", ""]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | names | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=20,
)
junk = (
    st.dictionaries(keys, values, max_size=8).map(lambda value: json.dumps(value).encode())
    | values.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=60)
    | st.sampled_from([b"", b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000, b"NaN", b'{"tool_name":"Write"'])
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=junk, agent=st.sampled_from(IDS), phase=st.sampled_from(["before", "after"]))
def test_no_payload_crashes_an_agent(payload, agent, phase, governed):
    """Always an answer of a known form, and after a tool never a refusal."""
    answer = respond(adapter_of(agent), phase, payload, dict(os.environ))
    assert answer.code in ((0, 2) if phase == "before" else (0,))
    assert answer.code == 0 or answer.err.strip()
    assert answer.out == "" or isinstance(json.loads(answer.out), dict)
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("hook", "payload", "environ", "agent"),
    [
        ("copilot-cli", payloads.vscode("create_file", {}), {}, "github-copilot"),
        ("claude-code", payloads.vscode("create_file", {}), {}, "github-copilot"),
        ("copilot-cli", payloads.copilot("create", {}), {}, "copilot-cli"),
        ("copilot-cli", {"hook_event_name": "PreToolUse", "tool_name": "Write"}, {"COPILOT_CLI": "1"}, "copilot-cli"),
    ],
)
def test_who_reads_github_s_hooks(hook, payload, environ, agent):
    event = read_event(hook, "before", json.dumps(payload).encode(), environ)
    assert event is not None
    assert event.agent == agent
