"""What stands behind Assisted-by: tools, models and people, as they are written in the wild."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.detection.catalogue import Catalogue
from sox_hooks.detection.tool_names import as_model, as_version, is_model, is_negative, read_tool

KNOWN = [
    # the contract's form
    ("claude-code", "claude-code", "", ""),
    ("claude-code@2.1.263", "claude-code", "2.1.263", ""),
    ("claude-code:claude-opus-4-8", "claude-code", "", "claude-opus-4-8"),
    ("claude-code@2.1.263:claude-opus-4-8", "claude-code", "2.1.263", "claude-opus-4-8"),
    ("codex@0.169.0:openai/gpt-5.5", "codex", "0.169.0", "openai/gpt-5.5"),
    ("github-copilot", "github-copilot", "", ""),
    ("devin", "devin", "", ""),
    ("llm", "llm", "", ""),
    # in the wild
    ("Claude:claude-3-opus coccinelle sparse", "claude-code", "", "claude-3-opus"),
    ("Claude:claude-fable-5-1 coccinelle", "claude-code", "", "claude-fable-5-1"),
    ("Claude Code (claude-opus-5)", "claude-code", "", "claude-opus-5"),
    ("claude-code/claude-fable-5", "claude-code", "", "claude-fable-5"),
    ("openai-codex:gpt-5.5 [read,bash]", "codex", "", "gpt-5.5"),
    ("GPT-5.6 Sol via Codex", "codex", "", "gpt-5.6-sol"),
    ("claude-code:fable-5.1#high (orchestrator, reviewer)", "claude-code", "", "fable-5.1"),
    ("LLM coccinelle sparse", "llm", "", ""),
    ("LLM", "llm", "", ""),
    ("generic LLM chatbot", "llm", "", ""),
    ("My AI Tool", "llm", "", ""),
    ("AI", "llm", "", ""),
    ("ChatGPTv5", "chatgpt", "v5", ""),
    ("ChatGPT", "chatgpt", "", ""),
    ("Claude", "claude-code", "", ""),
    ("claude code", "claude-code", "", ""),
    ("GitHub Copilot", "github-copilot", "", ""),
    ("Crush:qwen3.7-max", "crush", "", "qwen3.7-max"),
    ("Crush:AWS Claude Opus 4.6", "crush", "", "aws-claude-opus-4.6"),
    ("Crush:accounts/fireworks/models/kimi-k2p6", "crush", "", "accounts/fireworks/models/kimi-k2p6"),
    ("GLM-5 via Crush <crush@charm.land>", "crush", "", "GLM-5"),
    ("Gemini 3 Flash (Preview) via Crush <crush@charm.land>", "crush", "", "gemini-3-flash-preview"),
    ("Anthropic: Claude Opus 4 via Crush <crush@charm.land>", "crush", "", "anthropic-claude-opus-4"),
    ("openai/gpt-5.5 via Crush (modified ver.)", "crush", "", "openai/gpt-5.5"),
    ("Crush <crush@charm.land>", "crush", "", ""),
    ("Google Antigravity with Gemini", "antigravity", "", "Gemini"),
    ("Gemini 3.1 Pro via Google Antigravity", "antigravity", "", "gemini-3.1-pro"),
    ("Claude Code using Opus 4.7", "claude-code", "", "opus-4.7"),
    ("Crush via Model", "crush", "", "Model"),
    ("Codex 5.5", "codex", "5.5", ""),
    ("Claude Code 2.1.263", "claude-code", "2.1.263", ""),
    ("aider (openai/gpt-4.1)", "aider", "", "openai/gpt-4.1"),
    ("Claude Opus 4.6 (1M context) <noreply@anthropic.com>", "claude-code", "", "claude-opus-4.6"),
    ("Claude Fable 5 <noreply@anthropic.com>", "claude-code", "", "claude-fable-5"),
    ("Codex GPT-5 <noreply@openai.com>", "codex", "", "GPT-5"),
    ("Claude Code <alice@bank.example>", "claude-code", "", ""),  # nobody is called that
    ("noreply@anthropic.com", "claude-code", "", ""),
    # a model without a tool: which product ran it was not said
    ("Opus 4.7", "llm", "", "opus-4.7"),
    ("Claude Opus 4.6", "llm", "", "claude-opus-4.6"),
    ("OpenAI GPT-5.4", "llm", "", "openai-gpt-5.4"),
    ("Gemini 3.1 Pro", "llm", "", "gemini-3.1-pro"),
    ("anthropic/claude-opus-5", "llm", "", "anthropic/claude-opus-5"),
    # look-alike letters, stray blanks
    ("Сlaude  Code", "claude-code", "", ""),
    ("Cla\u200bude", "claude-code", "", ""),
    ("Claude.", "claude-code", "", ""),
]

UNKNOWN = [
    ("superagent", "superagent", "", ""),
    ("SuperAgent@1.2:model-1", "superagent", "1.2", "model-1"),
    ("superagent:model-1 sparse", "superagent", "", "model-1"),
    ("AGENT_NAME:MODEL_VERSION", "agent_name", "", "MODEL_VERSION"),
]

PEOPLE = [
    "Jay Satiro", "Daniel Stenberg", "Marc Hörsken", "Simon Warta <simon@kullo.net>", "norbertmm on github",
    "Cherish98 on Github", "o1lab on github", "dpull@users.noreply.github.com", "Ray Satiro, Michael Kaufmann",
    "Claude Dupont", "Claude <claude.dupont@bank.example>", "Devin Townsend", "Jules Mons", "Cody Kociemba",
    "Michael J Gruber <git@drmicha.warpmail.net>", "Travis Cline", "Amp Hill",
    "Karigor Chintok via Karigor <k@f.click>",
    "claude@dupont.fr", "Ai Weiwei", "", "   ", "!!", "@", ":", "<>", "none", "N/A", "no", "No AI was used",
]  # fmt: skip


@pytest.mark.parametrize(("value", "tool", "version", "model"), KNOWN, ids=[row[0] for row in KNOWN])
def test_known_tools(catalogue: Catalogue, value: str, tool: str, version: str, model: str) -> None:
    found = read_tool(catalogue, value)
    assert found is not None
    assert (found.tool, found.version, found.model, found.known) == (tool, version, model, True)


@pytest.mark.parametrize(("value", "tool", "version", "model"), UNKNOWN, ids=[row[0] for row in UNKNOWN])
def test_unknown_tools(catalogue: Catalogue, value: str, tool: str, version: str, model: str) -> None:
    found = read_tool(catalogue, value)
    assert found is not None
    assert (found.tool, found.version, found.model, found.known) == (tool, version, model, False)


@pytest.mark.parametrize("value", PEOPLE)
def test_people_and_negatives(catalogue: Catalogue, value: str) -> None:
    assert read_tool(catalogue, value) is None


@pytest.mark.parametrize("tool", ["claude-code", "github-copilot", "codex", "gemini-cli", "pi", "v0", "llm"])
def test_what_we_write_is_read_as_it_was_meant(catalogue: Catalogue, tool: str) -> None:
    for text in (tool, f"{tool}@1.2.3", f"{tool}:a/b-1.0", f"{tool}@1.2.3:gpt-5.6"):
        assert str(read_tool(catalogue, text)) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("none", True), ("None.", True), ("no", True), ("N/A", True), ("n/a", True), ("false", True), ("", True),
        ("Not used", True), ("no AI was used", True), ("without AI", True), ("human", True),
        ("yes", False), ("true", False), ("Nova", False), ("Norbert", False), ("claude", False),
        ("nothing-tool", False),
    ],
)  # fmt: skip
def test_negatives(value: str, expected: bool) -> None:
    assert is_negative(value) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Claude Opus 4.6", True), ("gpt-5", True), ("GPT4o", True), ("openai/o3-mini", True), ("qwen3-coder", True),
        ("Claude", False), ("Alice 4", False), ("o1lab", False), ("glmer 2", False), ("4.6", False), ("", False),
    ],
)  # fmt: skip
def test_models_are_families_with_a_number(catalogue: Catalogue, text: str, expected: bool) -> None:
    assert is_model(catalogue, text) is expected


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.2.3", "1.2.3"),
        ("v2", "v2"),
        ("2.1.0-rc.1+x", "2.1.0-rc.1+x"),
        ("latest", ""),
        ("", ""),
        ("1 2", ""),
        ("1" * 33, ""),
    ],
)
def test_versions(text: str, version: str) -> None:
    assert as_version(text) == version


@given(st.text(max_size=80))
def test_any_value_is_survived_and_fits_the_contract(catalogue: Catalogue, value: str) -> None:
    found = read_tool(catalogue, value)
    if found is not None:
        assert 0 < len(found.tool) <= 48
        assert len(found.version) <= 32
        assert len(found.model) <= 64
        text = str(found)
        assert text.isascii()
        assert text.isprintable()
        assert " " not in text


@given(st.text(max_size=200))
def test_models_fit_the_contract(text: str) -> None:
    allowed = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/:+-")
    assert set(as_model(text)) <= allowed
    assert len(as_model(text)) <= 64
