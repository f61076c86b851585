"""Our hooks in other people's configuration: added, kept, renewed and taken out, with all else as it was."""

from __future__ import annotations

import json

import pytest

from sox_hooks.agents.adapter import FLAT, IDS, NESTED, adapter_of
from sox_hooks.agents.merging import commands, merged_block, merged_json, removed_block, removed_json
from sox_hooks.core.errors import ConfigError

JSON_AGENTS = [name for name in IDS if adapter_of(name).shape in (NESTED, FLAT) and not adapter_of(name).shares]


def merged(name: str, text: str) -> str:
    return merged_json(adapter_of(name), text, lambda phase: f"sox-hooks hook agent {name} {phase}")


def theirs(name: str) -> dict:
    """A configuration of somebody's own, with hooks of other tools in the same events."""
    adapter = adapter_of(name)
    hook = {adapter.command_key: "their-own --check"}
    entry = {"matcher": "Bash", "hooks": [hook]} if adapter.shape == NESTED else hook
    return {**dict(adapter.scaffold), "model": "x", "hooks": {adapter.before[0]: [entry], "Stop": [entry]}, "é": ["ü"]}


@pytest.mark.parametrize("name", JSON_AGENTS)
def test_round_trip_with_content_of_the_user(name):
    before = json.dumps(theirs(name), indent=4, ensure_ascii=False) + "\n"
    with_ours = merged(name, before)
    adapter = adapter_of(name)
    assert merged(name, with_ours) == with_ours
    assert {event for event, _ in commands(adapter, with_ours)} == {*adapter.before, *adapter.after}
    value = json.loads(with_ours)
    assert value["hooks"][adapter.before[0]][0] == theirs(name)["hooks"][adapter.before[0]][0]
    assert removed_json(adapter, with_ours) == before
    assert removed_json(adapter, before) == before


@pytest.mark.parametrize("name", JSON_AGENTS)
def test_a_new_file_and_none_left(name):
    text = merged(name, "")
    assert json.loads(text)["hooks"]
    assert removed_json(adapter_of(name), text) == ""


@pytest.mark.parametrize("name", JSON_AGENTS)
def test_an_older_entry_is_renewed_and_doubles_go(name):
    adapter = adapter_of(name)
    old = merged_json(adapter, "", lambda phase: f"/old/python -c x hook agent {name} {phase}")
    value = json.loads(old)
    value["hooks"][adapter.before[0]] *= 2
    again = merged(name, json.dumps(value))
    found = [command for event, command in commands(adapter, again) if event == adapter.before[0]]
    assert found == [f"sox-hooks hook agent {name} before"]


def test_claude_blocks_when_the_hook_fails():
    entry = json.loads(merged("claude-code", ""))["hooks"]["PreToolUse"][0]
    assert entry["hooks"][0]["onFailure"] == "block"
    assert entry["hooks"][0]["command"] == "sox-hooks hook agent claude-code before"


def test_gemini_counts_in_milliseconds_and_qwen_states_its_version():
    assert json.loads(merged("gemini-cli", ""))["hooks"]["BeforeTool"][0]["hooks"][0]["timeout"] == 20000
    assert json.loads(merged("qwen-code", ""))["$version"] == 4


def test_a_hook_that_the_user_added_to_our_entry_stays():
    value = json.loads(merged("claude-code", ""))
    value["hooks"]["PreToolUse"][0]["hooks"].append({"type": "command", "command": "mine"})
    left = json.loads(removed_json(adapter_of("claude-code"), json.dumps(value)))
    assert left["hooks"] == {
        "PreToolUse": [
            {
                "matcher": "Edit|Write|MultiEdit|NotebookEdit|Bash|mcp__.*|Read|Grep|Glob|NotebookRead",
                "hooks": [{"type": "command", "command": "mine"}],
            }
        ]
    }


def test_indentation_is_kept():
    assert '\n\t"hooks"' in merged("codex", '{\n\t"a": 1\n}\n')
    assert '\n    "hooks"' in merged("codex", '{\n    "a": 1\n}\n')
    assert not merged("codex", '{\n  "a": 1\n}').endswith("\n")


@pytest.mark.parametrize(
    "text", ["{ // why\n}", "[]", "null", '{"hooks": []}', '{"hooks": {"PreToolUse": {}}}', "{" * 99999]
)
def test_what_cannot_be_read_is_left_alone(text):
    with pytest.raises(ConfigError):
        merged("claude-code", text)


def test_a_marked_block():
    for before in ("", "model: x\n", "model: x"):
        text = merged_block(before, "git-commit-verify: true\n")
        assert "git-commit-verify: true\n" in text
        assert merged_block(text, "git-commit-verify: true\n") == text
        assert removed_block(text).rstrip("\n") == before.rstrip("\n")
    assert merged_block("git-commit-verify: true  # mine\n", "git-commit-verify: true\n").count("verify") == 1
    with pytest.raises(ConfigError):
        merged_block("git-commit-verify: false\n", "git-commit-verify: true\n")
