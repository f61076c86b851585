"""Marks of agents in the environment: each with its value, each with its grade, none of them kept."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.detection.catalogue import Catalogue
from sox_hooks.detection.environment import evidence
from sox_hooks.policy.facts import Evidence

# Variables that the shell commands of real agents have (one-shot runs of the versions in the ids), values shortened.
MEASURED = {
    "claude-code 2.1.330": (
        {
            "CLAUDECODE": "1", "CLAUDE_CODE_CHILD_SESSION": "1", "AI_AGENT": "claude-code_2-1-330_agent",
            "CLAUDE_CODE_ENTRYPOINT": "sdk-cli", "CLAUDE_CODE_SESSION_ID": "5f0c", "CLAUDE_PID": "77",
            "CLAUDE_CODE_MESSAGING_TOKEN": "sekret", "GIT_EDITOR": ":",
        },
        ("claude-code", "high", "2.1.330", "", "5f0c"),
    ),
    "codex 0.169.0": (
        {
            "CODEX_CI": "1", "CODEX_THREAD_ID": "t-1", "CODEX_SESSION_ID": "t-1", "CODEX_TOOL_CALL_ID": "call_3",
            "CODEX_VERSION": "0.169.0", "CODEX_MANAGED_BY_NPM": "1", "PAGER": "cat", "GIT_PAGER": "cat",
        },
        ("codex", "high", "0.169.0", "", "t-1"),
    ),
    "gemini-cli 0.61.0": (
        {"GEMINI_CLI": "1", "GEMINI_CLI_NO_RELAUNCH": "true", "PAGER": "cat", "GIT_CONFIG_COUNT": "8"},
        ("gemini-cli", "high", "", "", ""),
    ),
    "qwen-code 0.24.4": (
        {
            "QWEN_CODE": "1", "QWEN_CODE_SESSION_ID": "q-9", "QWEN_CODE_MODEL": "qwen3-coder-plus",
            "QWEN_CODE_STARTUP_VERSION": "0.24.4", "QWEN_CODE_MESSAGING_TOKEN": "sekret",
        },
        ("qwen-code", "high", "0.24.4", "qwen3-coder-plus", "q-9"),
    ),
    "opencode 1.18.33": (
        {"OPENCODE": "1", "AGENT": "1", "OPENCODE_PID": "4711"},
        ("opencode", "high", "", "", ""),
    ),
    "copilot-cli 1.0.102": (
        {"COPILOT_CLI": "1", "COPILOT_AGENT_SESSION_ID": "c-5", "COPILOT_CLI_BINARY_VERSION": "1.0.102"},
        ("copilot-cli", "high", "1.0.102", "", "c-5"),
    ),
    "aider 0.86.2": (
        {"OR_APP_NAME": "Aider", "OR_SITE_URL": "https://aider.chat", "LITELLM_MODE": "PRODUCTION"},
        ("aider", "medium", "", "", ""),
    ),
    "pi 0.73.1": ({"PI_CODING_AGENT": "true"}, ("pi", "high", "", "", "")),
    "cline 3.0.65": (
        {"CLINE_CONNECTOR_CLI_LAUNCH": '{"launcher":"x","cwd":"/r"}'},
        ("cline", "high", "", "", ""),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("environ", "expected"), MEASURED.values(), ids=list(MEASURED))
def test_real_agents(catalogue: Catalogue, environ: dict[str, str], expected: tuple[str, ...]) -> None:
    (found,) = evidence(catalogue, {"PATH": "/usr/bin", "HOME": "/home/alice", "TERM": "xterm", **environ})
    tool, grade, version, model, session = expected
    salted = hashlib.sha256(f"{tool}:{session}".encode()).hexdigest()[:16] if session else ""
    assert (found.tool, found.confidence, found.version, found.model) == (tool, grade, version, model)
    assert found.session == salted
    assert (found.source, found.kind) == ("environment", "ai")
    for name, value in environ.items():
        if len(value) > 2 and value not in (version, model):
            assert value not in repr(found), name


MARKS = [
    # exact values
    ("CLAUDECODE=1", "claude-code", "medium"), ("CLAUDECODE=0", "", ""), ("CLAUDECODE=true", "", ""),
    ("CLAUDE_CODE_CHILD_SESSION=1", "claude-code", "high"), ("CLAUDE_CODE_REMOTE=true", "claude-code", "high"),
    ("CLAUDE_CODE_REMOTE=false", "", ""), ("CLAUDE_CODE_ENTRYPOINT=cli", "claude-code", "medium"),
    ("CLAUDE_AGENT_SDK_VERSION=0.2", "claude-code", "medium"), ("CLAUDE_CODE=1", "claude-code", "low"),
    ("CODEX_SANDBOX=seatbelt", "codex", "high"), ("CODEX_SANDBOX_NETWORK_DISABLED=1", "codex", "high"),
    ("CODEX_CI=1", "codex", "medium"), ("CODEX_INTERNAL_ORIGINATOR_OVERRIDE=codex_web_agent", "codex", "high"),
    ("CODEX_INTERNAL_ORIGINATOR_OVERRIDE=other", "", ""), ("CODEX_MANAGED_BY_NPM=1", "codex", "low"),
    ("CURSOR_AGENT=1", "cursor", "high"), ("CURSOR_EXTENSION_HOST_ROLE=agent-exec", "cursor", "medium"),
    ("CURSOR_EXTENSION_HOST_ROLE=user", "", ""), ("CURSOR_CONVERSATION_ID=x", "cursor", "medium"),
    ("COPILOT_AGENT=1", "github-copilot", "high"), ("COPILOT_CLI=1", "copilot-cli", "high"),
    ("GEMINI_SESSION_ID=x", "gemini-cli", "medium"), ("QWEN_CODE=1", "qwen-code", "high"),
    ("OPENCODE=1", "opencode", "high"), ("OPENCODE_BIN_PATH=/x", "opencode", "medium"),
    ("AGENT=amp", "amp", "high"), ("AGENT=crush", "crush", "high"), ("AGENT=1", "", ""), ("AGENT=goose", "", ""),
    ("AMP_CURRENT_THREAD_ID=T-1", "amp", "high"), ("CRUSH=1", "crush", "high"),
    ("CRUSH_SESSION_ID=x", "crush", "medium"),
    ("GOOSE_TERMINAL=1", "goose", "medium"), ("AUGMENT_AGENT=1", "auggie", "high"),
    ("ANTIGRAVITY_AGENT=1", "antigravity", "medium"), ("GROK_SESSION_ID=x", "grok", "high"),
    ("GROK_AGENT=1", "grok", "medium"), ("PI_CODING_AGENT=true", "pi", "high"), ("PI_CODING_AGENT=1", "", ""),
    ("JUNIE_DATA=/x", "junie", "medium"), ("JUNIE_SHIM_PATH=/x", "junie", "medium"), ("OZ_RUN_ID=x", "warp", "high"),
    ("EDITOR=/opt/devin/bin/code", "devin", "medium"), ("EDITOR=vim", "", ""), ("CLINE_ACTIVE=true", "cline", "medium"),
    ("REPLIT_MODE=assistant", "replit", "medium"), ("REPLIT_MODE=workspace", "", ""),
    ("OR_APP_NAME=Aider", "aider", "medium"), ("OR_APP_NAME=Other", "", ""),
    # people have these too
    ("CURSOR_TRACE_ID=x", "cursor", "low"), ("TERM_PROGRAM=windsurf", "windsurf", "low"),
    ("CODEIUM_EDITOR_APP_ROOT=/x", "windsurf", "low"), ("REPL_ID=x", "replit", "low"),
    ("COPILOT_MODEL=gpt-5", "copilot-cli", "low"), ("COPILOT_ALLOW_ALL=true", "copilot-cli", "low"),
    ("COPILOT_GITHUB_TOKEN=ghp_x", "copilot-cli", "low"), ("GOOSE_PROVIDER=openai", "goose", "low"),
    ("AMP_HOME=/x", "amp", "low"), ("AUGMENT_API_TOKEN=x", "auggie", "low"), ("AIDER_API_KEY=x", "aider", "low"),
    ("OPENCODE_CLIENT=x", "opencode", "low"), ("OPENCODE_CALLER=x", "opencode", "low"),
    ("ROO_CODE_TASK_ID=x", "roo-code", "low"), ("CLOUD_AGENT_ID=x", "", "low"), ("GIT_AI_CLOUD_AGENT=1", "", "low"),
    ("PATH=/usr/bin:/home/a/.pi/agent/bin", "pi", "low"),
    # nothing at all
    ("TERM_PROGRAM=vscode", "", ""), ("TERM_PROGRAM=zed", "", ""), ("CLAUDE_PROJECT_DIR=/r", "", ""),
    ("GEMINI_PROJECT_DIR=/r", "", ""), ("CURSOR_PROJECT_DIR=/r", "", ""), ("QWEN_PROJECT_DIR=/r", "", ""),
    ("DEVIN_PROJECT_DIR=/r", "", ""), ("FACTORY_PROJECT_DIR=/r", "", ""), ("ANTHROPIC_API_KEY=sk-x", "", ""),
    ("OPENAI_API_KEY=sk-x", "", ""), ("GEMINI_API_KEY=x", "", ""), ("GIT_PAGER=cat", "", ""), ("PAGER=cat", "", ""),
    ("DEVIN_SESSION_ID=x", "", ""), ("DEVIN_WRAPPER_ACTIVE=1", "", ""), ("CI=true", "", ""),
    # AI_AGENT is free text: known names only, medium at most
    ("AI_AGENT=claude-code_2-1-330_agent", "claude-code", "medium"),
    ("AI_AGENT=claude-code_2-1-330_harness", "claude-code", "medium"),
    ("AI_AGENT=github_copilot_vscode_agent", "github-copilot", "medium"), ("AI_AGENT=crush", "crush", "medium"),
    ("AI_AGENT=pi@0.73.1", "pi", "medium"), ("AI_AGENT=v0", "v0", "medium"), ("AI_AGENT=Amp", "amp", "medium"),
    ("AI_AGENT=approved-tool", "", ""), ("AI_AGENT=1", "", ""), ("AI_AGENT=", "", ""), ("AI_AGENT=@1.0", "", ""),
    ("AI_AGENT=claude-code_2-1_agent", "", ""), ("AI_AGENT=claude-code_x-y-z_agent", "", ""),
    ("AI_AGENT=nobody_1-2-3_agent", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("setting", "tool", "grade"), MARKS, ids=[setting for setting, _, _ in MARKS])
def test_one_mark(catalogue: Catalogue, setting: str, tool: str, grade: str) -> None:
    name, _, value = setting.partition("=")
    found = evidence(catalogue, {name: value})
    assert [(entry.tool, entry.confidence) for entry in found] == ([(tool, grade)] if grade else [])


@pytest.mark.parametrize(
    "name", ["CODEX_THREAD_ID", "CURSOR_CONVERSATION_ID", "GOOSE_TERMINAL", "CLOUD_AGENT_X", "OZ_RUN_ID"]
)
@pytest.mark.parametrize("value", ["", "0", "false", "False", "no", "off"])
def test_a_variable_that_is_switched_off_is_no_mark(catalogue: Catalogue, name: str, value: str) -> None:
    assert evidence(catalogue, {name: value}) == ()


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("claude-code_2-1-263_agent", "2.1.263"), ("claude-code_10-0-1_harness", "10.0.1"), ("pi@0.73.1", "0.73.1"),
        ("pi@not a version", ""), ("pi@" + "9" * 40, ""), ("pi@x/../y", ""),
    ],
)  # fmt: skip
def test_versions_in_ai_agent(catalogue: Catalogue, text: str, version: str) -> None:
    assert [entry.version for entry in evidence(catalogue, {"AI_AGENT": text})] == [version]


@pytest.mark.parametrize(
    ("environ", "tool", "grade", "detail"),
    [
        (
            {"CURSOR_TRACE_ID": "x", "PAGER": "head -n 10000 | cat"},
            "cursor", "medium", "CURSOR_TRACE_ID, CURSOR_TRACE_ID and PAGER",
        ),
        ({"CURSOR_TRACE_ID": "x", "PAGER": "less"}, "cursor", "low", "CURSOR_TRACE_ID"),
        ({"TERM_PROGRAM": "vscode", "GIT_PAGER": "cat"}, "github-copilot", "low", "TERM_PROGRAM and GIT_PAGER"),
        ({"TERM_PROGRAM": "zed", "PAGER": "cat"}, "zed", "low", "TERM_PROGRAM and PAGER"),
        ({"HOME": "/home/jules", "USER": "swebot"}, "jules", "high", "HOME and USER"),
        ({"SHELL": "/bin/jsh", "npm_config_yes": "1"}, "bolt", "low", "SHELL and npm_config_yes"),
    ],
)  # fmt: skip
def test_combinations(catalogue: Catalogue, environ: dict[str, str], tool: str, grade: str, detail: str) -> None:
    (found,) = evidence(catalogue, environ)
    assert (found.tool, found.confidence, found.detail) == (tool, grade, detail)


def test_half_a_combination_is_nothing(catalogue: Catalogue) -> None:
    assert evidence(catalogue, {"HOME": "/home/jules", "USER": "jules", "SHELL": "/bin/jsh"}) == ()


_IN_KIRO = (
    "from sox_hooks.detection.catalogue import builtin; from sox_hooks.detection.environment import evidence;"
    "print([entry.confidence for entry in evidence(builtin(), {'TERM_PROGRAM': 'kiro'})])"
)


def test_kiro_without_a_terminal_is_its_agent() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IN_KIRO], capture_output=True, text=True, check=True, start_new_session=True
    )
    assert done.stdout.strip() == "['medium']"


def test_kiro_with_a_terminal_is_a_person() -> None:
    # pty forks, which a process with threads (pytest-xdist) must not.
    with_terminal = "import pty, sys; pty.spawn([sys.executable, '-c', sys.argv[1]])"
    done = subprocess.run(
        [sys.executable, "-c", with_terminal, _IN_KIRO],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert "['low']" in done.stdout


def test_several_agents_are_all_reported(catalogue: Catalogue) -> None:
    environ = {"CLAUDECODE": "1", "AGENT": "amp", "CURSOR_TRACE_ID": "x", "CODEX_THREAD_ID": "t"}
    found = {entry.tool: entry.confidence for entry in evidence(catalogue, environ)}
    assert found == {"claude-code": "medium", "amp": "high", "cursor": "low", "codex": "high"}


def test_sessions_of_two_tools_with_one_id_differ(catalogue: Catalogue) -> None:
    environ = {"CODEX_THREAD_ID": "same", "QWEN_CODE_SESSION_ID": "same"}
    sessions = {entry.session for entry in evidence(catalogue, environ)}
    assert len(sessions) == 2
    assert all(len(session) == 16 for session in sessions)


@pytest.mark.parametrize("value", ["x\ny", "\x1b[31m", "a b", "m" * 65 + "é", "<script>"])
def test_a_model_variable_that_holds_something_else_is_not_taken(catalogue: Catalogue, value: str) -> None:
    (found,) = evidence(catalogue, {"QWEN_CODE": "1", "QWEN_CODE_MODEL": value})
    assert found.model.isascii()
    assert found.model.isprintable()
    assert not set(found.model) & set(" <>\x1b")


def test_a_person_leaves_no_mark(catalogue: Catalogue) -> None:
    environ = {
        "PATH": "/usr/bin:/bin", "HOME": "/home/alice", "USER": "alice", "SHELL": "/bin/zsh", "TERM": "xterm-256color",
        "TERM_PROGRAM": "vscode", "EDITOR": "code --wait", "PAGER": "less", "LANG": "en_GB.UTF-8", "TMUX": "/tmp/t,1,0",
        "SSH_AUTH_SOCK": "/tmp/s", "VSCODE_GIT_IPC_HANDLE": "/tmp/v", "GIT_AUTHOR_NAME": "Claude Dupont",
    }  # fmt: skip
    assert evidence(catalogue, environ) == ()


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "AI_AGENT",
                "AGENT",
                "CLAUDECODE",
                "CODEX_THREAD_ID",
                "CODEX_VERSION",
                "QWEN_CODE",
                "QWEN_CODE_MODEL",
                "EDITOR",
            ]
        )
        | st.text(max_size=8),
        st.text(max_size=30),
        max_size=6,
    )
)
def test_any_environment_is_survived(catalogue: Catalogue, environ: dict[str, str]) -> None:
    for entry in evidence(catalogue, environ):
        assert isinstance(entry, Evidence)
        assert entry.detail
        assert entry.session == "" or len(entry.session) == 16
