"""Version and model: where each agent tells them, what the policy makes of them, and how they reach the record."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from sox_hooks.agents import ground, transcript
from sox_hooks.agents.event import read_event
from sox_hooks.agents.places import root_of
from sox_hooks.agents.told import tool_use
from tests.agents.payloads import SESSION, claude, codex, copilot, cursor, gemini, opencode, raw, windsurf
from tests.conftest import sox_argv

EDIT = {"file_path": "REPO/src/app.py", "old_string": "a", "new_string": "b"}
CLAUDE_LINES = (
    {"type": "queue-operation", "sessionId": SESSION},
    {"type": "assistant", "message": {"model": "claude-opus-4-1"}, "sessionId": SESSION, "version": "2.1.330"},
    {"type": "assistant", "message": {"model": "claude-opus-5"}, "sessionId": SESSION, "version": "2.1.330"},
    {"type": "user", "message": {"content": '"model" and "version" in a prompt'}, "version": "2.1.330"},
    {"type": "assistant", "message": {"model": "<synthetic>"}, "version": "2.1.330"},
)
CODEX_LINES = (
    {"type": "session_meta", "payload": {"cli_version": "0.169.0", "cwd": "/r"}},
    {"type": "turn_context", "payload": {"model": "gpt-5.5"}},
)
GEMINI_LINES = (
    {"$set": {"messages": []}},
    {"id": "c1", "type": "gemini", "content": "", "tokens": {"input": 1}, "model": "gemini-2.5-flash"},
)
QWEN_LINES = ({"type": "assistant", "version": "0.24.4", "model": "scripted-1", "message": {"role": "model"}},)
COPILOT_LINES = ({"type": "session.start", "data": {"copilotVersion": "1.0.102", "selectedModel": "gpt-5"}},)


def keep(home, path: str, lines) -> str:
    file = home / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join([json.dumps(line) + "\n" for line in lines]))
    return str(file)


@pytest.fixture
def use(governed):
    """`use(agent, payload)` -> "version model", as the journal would have them."""

    def told(agent: str, payload: dict) -> str:
        event = read_event(agent, "before", raw(payload, governed.path), os.environ)
        known = ground.finish(ground.start(root_of(str(governed.path)), os.environ))
        found = tool_use(event, os.environ, known)
        return f"{found.version} {found.model}"

    return told


TOLD = {
    "codex, payload and environment": ("codex", codex("Bash", {"command": "ls"}), {}, " gpt-5.5"),
    "claude, environment of its hooks": ("claude-code", claude("Edit", EDIT),
                                         {"AI_AGENT": "claude-code_2-1-330_harness"}, "2.1.330 "),
    "qwen, hooks have no QWEN_CODE": ("qwen-code", claude("edit", EDIT),
                                      {"QWEN_CODE_STARTUP_VERSION": "0.24.4", "QWEN_CODE_MODEL": "qwen3-coder"},
                                      "0.24.4 qwen3-coder"),
    "another agent's environment": ("codex", codex("Bash", {"command": "ls"}, model=None),
                                    {"AI_AGENT": "claude-code_2-1-330_agent", "QWEN_CODE_MODEL": "q"}, " "),
    "cursor": ("cursor", cursor("preToolUse", tool_name="Write", tool_input={}, model="Claude 4.5 Sonnet"), {},
               "2.1.0 claude-4.5-sonnet"),
    "windsurf": ("windsurf", windsurf("pre_write_code", {"file_path": "a"}), {}, " swe-1"),
    "opencode, from its plug-in": ("opencode", opencode("edit", {"filePath": "a"}), {}, " gpt-5.5"),
    "a model as an object": ("opencode",
                             opencode("edit", {}, model={"id": "gpt-5.5", "provider": "x"}), {}, " gpt-5.5"),
    "nothing": ("gemini-cli", gemini("replace", EDIT), {}, " "),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_what_agents_tell(name, use, monkeypatch):
    agent, payload, environ, wanted = TOLD[name]
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    assert use(agent, payload) == wanted


def test_files_of_sessions_are_read_only_where_it_is_allowed(governed, hermetic, use):
    path = keep(hermetic, f".claude/projects/-repo/{SESSION}.jsonl", CLAUDE_LINES)
    rollout = keep(hermetic, ".codex/sessions/2026/11/23/rollout.jsonl", CODEX_LINES)
    keep(hermetic, f".copilot/session-state/{SESSION}/events.jsonl", COPILOT_LINES)
    chat = keep(hermetic, ".gemini/tmp/repo/chats/session.jsonl", GEMINI_LINES)
    qwen = keep(hermetic, ".qwen/projects/-repo/chats/x.jsonl", QWEN_LINES)
    asked = (
        ("gemini-cli", gemini("replace", EDIT, transcript_path=chat), " gemini-2.5-flash"),
        ("qwen-code", claude("edit", EDIT, transcript_path=qwen), "0.24.4 scripted-1"),
        ("claude-code", claude("Edit", EDIT, transcript_path=path), "2.1.330 claude-opus-5"),
        ("codex", codex("Bash", {"command": "ls"}, transcript_path=rollout), "0.169.0 gpt-5.5"),
        ("copilot-cli", copilot("edit", {"path": "a"}), "1.0.102 gpt-5"),
    )
    assert [use(agent, payload) for agent, payload, _ in asked] == [" ", " ", " ", " gpt-5.5", " "]
    governed.git("config", "--global", "sox.readTranscripts", "yes")
    assert [use(agent, payload) for agent, payload, _ in asked] == [wanted for _, _, wanted in asked]


def test_nothing_else_is_read(hermetic, tmp_path):
    inside = f".claude/projects/-repo/{SESSION}.jsonl"
    path = keep(hermetic, inside, CLAUDE_LINES)
    outside = keep(tmp_path, "elsewhere.jsonl", CLAUDE_LINES)
    (hermetic / ".claude/projects/link.jsonl").symlink_to(outside)
    os.mkfifo(hermetic / ".claude/projects/pipe.jsonl")
    (hermetic / ".claude/projects/junk.jsonl").write_bytes(b'\xff"model"\n[1]\n{"message":["model"]}\n"model"')

    def told(agent: str, where: str) -> tuple[str, str]:
        event = read_event(agent, "before", json.dumps(claude("Edit", EDIT, transcript_path=where)).encode(), {})
        return transcript.told(event, str(hermetic))

    assert told("claude-code", path) == ("2.1.330", "claude-opus-5")
    folder = str(hermetic / ".claude/projects")
    for where in (outside, f"{folder}/link.jsonl", f"{folder}/../../secret", f"{folder}/pipe.jsonl", folder, "a\0b", "",
                  f"{folder}/junk.jsonl", f"{folder}/no"):  # fmt: skip
        assert told("claude-code", where) == ("", "")
    assert told("codex", path) == ("", "")  # another agent's
    assert transcript.told(read_event("claude-code", "before", b'{"tool_name":"Edit"}', {}), "") == ("", "")


def test_a_long_session_is_read_at_both_ends(hermetic):
    filler = [{"type": "user", "message": {"content": "x" * 1000, "model": 1}}] * 1000
    path = keep(hermetic, ".codex/sessions/long.jsonl", [*CODEX_LINES[:1], *filler, *CODEX_LINES[1:]])
    event = read_event("codex", "before", json.dumps(codex("Bash", {}, transcript_path=path)).encode(), {})
    assert transcript.told(event, str(hermetic)) == ("0.169.0", "gpt-5.5")


@pytest.mark.parametrize(
    ("register", "environ", "rule"),
    [
        ('versions = ">=2"', {}, "SOX305"),
        ('versions = ">=2"', {"AI_AGENT": "claude-code_2-1-330_harness"}, ""),
        ('versions = ">=3"', {"AI_AGENT": "claude-code_2-1-330_harness"}, "SOX304"),
        ('models = ["claude-opus-*"]', {}, "SOX307"),
    ],
)
def test_the_policy_is_enforced_on_them(register, environ, rule, governed, ask, monkeypatch):
    policy = governed.path / ".sox/policy.toml"
    text = policy.read_text().replace('vendor = "Anthropic"', f'vendor = "Anthropic"\n{register}')
    policy.write_text(text.replace('patterns = ["**"]\ntier = "open"', 'patterns = ["**"]\ntier = "controlled"'))
    governed.commit("Ask for versions")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    answer = ask("claude-code", raw(claude("Edit", EDIT), governed.path))
    assert (answer.code, rule in answer.err) == (2 if rule else 0, True)
    assert ("sox.readTranscripts" in answer.err) == (rule in ("SOX305", "SOX307"))


def test_they_reach_the_record_of_a_commit_that_a_person_makes(governed, hermetic, call):
    subprocess.run([*sox_argv(), "install"], check=True, capture_output=True)
    governed.git("config", "sox.readTranscripts", "true")
    policy = governed.path / ".sox/policy.toml"
    policy.write_text(
        policy.read_text().replace('vendor = "Anthropic"', 'vendor = "Anthropic"\nmodels = ["claude-*-5"]')
    )
    governed.git("commit", "-qam", "Ask for models", "--no-verify")
    path = keep(hermetic, f".claude/projects/-repo/{SESSION}.jsonl", CLAUDE_LINES)
    governed.write("src/app.py", "x = 1\n")
    payload = raw(claude("Write", {"file_path": "REPO/src/app.py"}, transcript_path=path), governed.path)
    assert call("claude-code", payload).returncode == 0
    assert call("claude-code", payload, "after").returncode == 0
    governed.git("add", "src/app.py")
    governed.git("commit", "-qm", "Add it", "--trailer", "Assisted-by: claude-code")
    assert "Assisted-by: claude-code@2.1.330:claude-opus-5" in governed.git("log", "-1", "--format=%B")
    assert SESSION not in (governed.path / ".git/sox-hooks/journal.jsonl").read_text()
