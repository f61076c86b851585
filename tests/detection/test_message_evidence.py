"""Trailers, footers and subjects in messages: each spelling found, with its authority; people and prose left alone."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.detection.catalogue import Catalogue
from sox_hooks.detection.message import evidence, plain
from sox_hooks.policy.facts import Evidence


def seen(catalogue: Catalogue, message: str) -> list[tuple[str, str, str]]:
    """Tool, confidence and source of everything found."""
    return [(e.tool, e.confidence, e.source) for e in evidence(catalogue, message.encode())]


def in_block(line: str) -> str:
    return f"Fix the ledger\n\nIt was wrong.\n\n{line}\n"


TRAILERS = [
    # co-authors by address
    ("Co-authored-by: Claude <noreply@anthropic.com>", "claude-code", "high"),
    ("Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>", "claude-code", "high"),
    ("co-authored-by: claude <NOREPLY@ANTHROPIC.COM>", "claude-code", "high"),
    ("Co-Authored-By: Claude Code <noreply@anthropic.com>", "claude-code", "high"),
    ("Co-authored-by: Codex <noreply@openai.com>", "codex", "high"),
    ("Co-authored-by: GPT 5.5 <codex@openai.com>", "codex", "high"),
    ("Co-authored-by: Cursor <cursoragent@cursor.com>", "cursor", "high"),
    ("Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>", "copilot-cli", "high"),
    ("Co-authored-by: Copilot <copilot@github.com>", "github-copilot", "high"),
    ("Co-authored-by: copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>", "copilot-agent", "high"),
    ("Co-authored-by: Copilot Autofix powered by AI <175728472+Copilot@users.noreply.github.com>",
     "copilot-review", "high"),
    ("Co-authored-by: gemini-code-assist[bot] <176961590+gemini-code-assist[bot]@users.noreply.github.com>",
     "gemini-code-assist", "high"),
    ("Co-authored-by: google-labs-jules[bot] <161369871+google-labs-jules[bot]@users.noreply.github.com>",
     "jules", "high"),
    ("Co-authored-by: Devin AI <158243242+devin-ai-integration[bot]@users.noreply.github.com>", "devin", "high"),
    ("Co-authored-by: Amp <amp@ampcode.com>", "amp", "high"),
    ("Co-authored-by: opencode <noreply@opencode.ai>", "opencode", "high"),
    ("Co-authored-by: aider (openai/gpt-4.1) <aider@aider.chat>", "aider", "high"),
    ("Co-authored-by: aider (gpt-4o) <noreply@aider.chat>", "aider", "high"),
    ("Co-authored-by: Crush <crush@charm.land>", "crush", "high"),
    ("Co-authored-by: factory-droid[bot] <138933559+factory-droid[bot]@users.noreply.github.com>", "droid", "high"),
    ("Co-authored-by: Oz <oz-agent@warp.dev>", "warp", "high"),
    ("Co-authored-by: Roo Code <roomote@roocode.com>", "roo-code", "high"),
    ("Co-authored-by: Qwen-Coder <qwen-coder@alibabacloud.com>", "qwen-code", "high"),
    ("Co-Authored-By: Continue <noreply@continue.dev>", "continue", "high"),
    ("Co-authored-by: openhands <openhands@all-hands.dev>", "openhands", "high"),
    ("Co-authored-by: claude-flow <ruv@ruv.net>", "claude-flow", "high"),
    ("Co-authored-by: goose <opensource@block.xyz>", "goose", "low"),
    ("Co-developed-by: Claude <noreply@anthropic.com>", "claude-code", "high"),
    ("Signed-off-by: Claude <noreply@anthropic.com>", "claude-code", "high"),
    ("Pair-programmed-by: Claude <noreply@anthropic.com>", "claude-code", "high"),
    ("Reviewed-by: Claude <noreply@anthropic.com>", "claude-code", "low"),
    ("Tested-by: Codex <noreply@openai.com>", "codex", "low"),
    # what people do to it
    ("Co-authored-by:Claude<noreply@anthropic.com>", "claude-code", "high"),
    ("Co-authored-by: Claude noreply@anthropic.com", "claude-code", "high"),
    ("Co-authored-by: Crush &lt;crush@charm.land&gt;", "crush", "high"),
    ("Co-authored-by: Crush <crush@charm.land", "crush", "high"),
    ("Co-authored-by: Claude\n <noreply@anthropic.com>", "claude-code", "high"),
    # disclosures
    ("Assisted-by: claude-code@2.1.263:claude-opus-4-8", "claude-code", "high"),
    ("Assisted-by: Claude:claude-3-opus coccinelle sparse", "claude-code", "high"),
    ("Assisted-by: LLM coccinelle sparse", "llm", "high"),
    ("Assisted-by: Opus 4.7", "llm", "high"),
    ("Assisted-by: GLM-5 via Crush <crush@charm.land>", "crush", "high"),
    ("Assisted-By: Gemini 3.1 Pro via Google Antigravity", "antigravity", "high"),
    ("Entire-Agent: Claude Code", "claude-code", "high"),
    # statements and hints
    ("AI-assisted-by: Claude Code", "claude-code", "high"),
    ("AI-agent: codex", "codex", "high"),
    ("AI-assistant: pi-coding-agent:glm-4.7", "pi", "high"),
    ("AI-generated-by: Cursor", "cursor", "high"),
    ("LLM-assisted-by: Gemini CLI", "gemini-cli", "high"),
    ("Commit-generated-by: Claude", "claude-code", "high"),
    ("Co-developed-by-AI: Claude", "claude-code", "high"),
    ("Ai-assisted: true", "", "medium"),
    ("AI-generated: yes", "", "medium"),
    ("AI-used-for: code, tests", "", "medium"),
    ("Coding-Agent: codex", "codex", "medium"),
    ("Generated-by: Claude Code", "claude-code", "medium"),
    ("Generated-with: opencode", "opencode", "medium"),
    ("Agent: claude-code", "claude-code", "medium"),
    ("Agent-Signature: claude-opus-4-8-max on behalf of matt", "llm", "medium"),
    # marks of one tool
    ("Made-with: Cursor", "cursor", "high"),
    ("Claude-Session: https://claude.ai/code/session_01GrHZSypDfMnym1tM5XJAFZ", "claude-code", "high"),
    ("Claude-Session: 0f", "claude-code", "medium"),
    ("Amp-Thread-ID: https://ampcode.com/threads/T-019c6cc7-4a27-751b-a32f-f57ecd7618bc", "amp", "high"),
    ("Agent-Logs-Url: https://github.com/o/r/sessions/4b090064-52f7-4818-b384-7cfcce4f30cd", "copilot-agent", "high"),
    ("Copilot-Session: 23994aca-a562-4387-b723-5c4fd4f9a1ca", "copilot-cli", "high"),
    ("Replit-Commit-Author: Agent", "replit", "high"),
    ("Replit-Commit-Author: Assistant", "replit", "high"),
    ("Replit-Commit-Session-Id: 0b7e", "replit", "medium"),
    ("Entire-Checkpoint: ed51f6581660", "", "high"),
    ("Entire-Session: c010174c", "", "high"),
    ("Turbocommit-Session: x", "", "medium"),
]  # fmt: skip

FOOTERS = [
    ("🤖 Generated with [Claude Code](https://claude.ai/code)", "claude-code", "high"),
    ("🤖 Generated with [Claude Code](https://claude.com/claude-code)", "claude-code", "high"),
    ("Generated with Claude Code", "claude-code", "high"),
    ("🤖 Generated with Claude Code (claude.ai/code)", "claude-code", "high"),
    ("🤖 Generated with Claude CLI.", "claude-code", "medium"),
    ("💘 Generated with Crush", "crush", "high"),
    ("🐈‍⬛ Generated with [Crush](https://github.com/charmbracelet/crush)", "crush", "high"),
    ("🤖 Generated with [opencode](https://opencode.ai)", "opencode", "high"),
    ("Made with [Cursor](https://cursor.com)", "cursor", "high"),
    ("🤖 Generated with [Droid](https://docs.factory.ai/factory-droids)", "droid", "high"),
    ("Generated with [Continue](https://continue.dev)", "continue", "high"),
    ("PR created automatically by Jules for task [123](https://jules.google.com/task/123)", "jules", "high"),
    ("Ultraworked with [Sisyphus](https://github.com/code-yeongyu/oh-my-openagent)", "oh-my-opencode", "high"),
    ("https://claude.ai/code/session_01VcpPXLrTQeySNQ6FPB8VER", "claude-code", "high"),
    ("https://ampcode.com/threads/T-86df68a3-578c-4a1c-91f3-788f8b8f0aae", "amp", "medium"),
    ("Generated with copilot", "github-copilot", "medium"),
    ("🤖 Assisted by Kiro", "kiro", "medium"),
]

NOTHING = [
    # people
    "Co-authored-by: Claude Dupont <claude.dupont@bank.example>", "Co-authored-by: Devin <devin@bank.example>",
    "Co-authored-by: Jules <12+jules@users.noreply.github.com>",
    "Co-authored-by: Claude <81847+claude@users.noreply.github.com>",
    "Co-authored-by: Jane <jane@anthropic.com>", "Co-authored-by: Cody", "Co-authored-by: Gemini",
    "Signed-off-by: Cline <cline@bank.example>", "Assisted-by: Jay Satiro", "Assisted-by: Daniel Stenberg",
    "Assisted-by: Claude Dupont", "Assisted-by: Claude <claude@bank.example>", "Assisted-by: norbertmm on github",
    "Assisted-by: dpull@users.noreply.github.com", "Assisted-by: superagent", "Reviewed-by: Alice <alice@bank.example>",
    "Co-authored-by: GitHub <noreply@github.com>",
    # negatives
    "Assisted-by: none", "Assisted-by: N/A", "AI-assisted: no", "AI-assisted: false", "AI-generated: none",
    "AI-used-for: n/a",
    "AI-Assistance: none", "AI-Assistance: undeclared", "AI-Assistance: assisted",
    # other keys and generators
    "Generated-by: OpenAPI Generator", "Generated-by: protoc 3.21", "Made-with: love", "Agent: Smith",
    "Agent-Id: opencodes",
    "Replit-Commit-Author: Alice", "Cc: stable@vger.kernel.org", "Fixes: 0123456789ab (\"cursor: fix\")",
    "Executed-By: beads/crew/emma", "Change-Id: I0123",
    # prose
    "The cursor jumps, continue with amp or codex.", "This was written mostly by Amp, a person.",
    "Remove the \"Generated with Crush\" line from commit messages.",
    "Generated with Crush line, including validation.",
    "We asked Claude Code to look at it.", "See https://claude.ai and https://ampcode.com/manual.",
    "Generated by protoc",
    "Made with love", "`Co-authored-by: Claude <noreply@anthropic.com>`: how Claude Code signs",
    "for Co-authored-by trailers (default: noreply@aider.chat)",
    # dependabot's own trailer
    "dependency-type: direct:production",
]  # fmt: skip


@pytest.mark.parametrize(("line", "tool", "grade"), TRAILERS, ids=[line for line, _, _ in TRAILERS])
def test_trailers_in_the_final_block(catalogue: Catalogue, line: str, tool: str, grade: str) -> None:
    assert seen(catalogue, in_block(line)) == [(tool, grade, "trailer")]
    assert seen(catalogue, in_block(f"Signed-off-by: Alice <alice@bank.example>\n{line}")) == [(tool, grade, "trailer")]
    assert seen(catalogue, in_block(line).replace("\n", "\r\n")) == [(tool, grade, "trailer")]


@pytest.mark.parametrize(("line", "tool", "grade"), FOOTERS, ids=[line for line, _, _ in FOOTERS])
def test_footers(catalogue: Catalogue, line: str, tool: str, grade: str) -> None:
    assert seen(catalogue, in_block(line)) == [(tool, grade, "footer")]
    assert seen(catalogue, f"x\n\n{line}\n\nSigned-off-by: Alice <a@b.example>\n") == [(tool, grade, "footer")]


@pytest.mark.parametrize("line", NOTHING)
def test_people_negatives_and_prose(catalogue: Catalogue, line: str) -> None:
    assert seen(catalogue, in_block(line)) == []
    assert seen(catalogue, f"x\n\n* {line}\n    {line}\n\nmore\n") == []


_LESS = {"high": "medium", "medium": "low", "low": "low"}


@pytest.mark.parametrize(
    ("line", "tool", "grade"),
    [
        row
        for row in TRAILERS
        if row[0].startswith(("Co-auth", "Co-Auth", "Assisted-by", "Claude-", "Amp-", "Made-", "Ai-"))
    ],
    ids=lambda value: value if ":" in value else "",
)
def test_elsewhere_it_counts_one_step_less(catalogue: Catalogue, line: str, tool: str, grade: str) -> None:
    if "\n" in line:
        return
    expected = [(tool, _LESS[grade], "trailer")]
    assert seen(catalogue, f"x\n\n{line}\n\nLast paragraph.\n") == expected  # a body
    assert seen(catalogue, f"x\n\n    {line}\n\nLast paragraph.\n") == expected  # git merge --squash
    assert seen(catalogue, f"x\n\n* {line}\n\nLast paragraph.\n") == expected  # a forge's squash
    assert seen(catalogue, f"x\n{line}\n") == expected  # no blank line behind the subject: no block to git


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("GitHub Copilot", [("github-copilot", "medium", "trailer")]),
        ("ChatGPT", [("chatgpt", "medium", "trailer")]),
        ("Claude Code <ai@bank.example>", [("claude-code", "medium", "trailer")]),
        ("Claude Opus 4.5 <ai@bank.example>", [("llm", "medium", "trailer")]),
        ("gpt-4-turbo", [("llm", "medium", "trailer")]),
        ("Claude", []),
        ("Claude Dubois 3rd <c@dubois.example>", []),
        ("Dependabot Preview <x@bank.example>", []),
    ],
)
def test_co_authors_by_a_name_that_nobody_has(catalogue: Catalogue, value: str, expected: list) -> None:
    assert seen(catalogue, in_block(f"Co-authored-by: {value}")) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Generated by Devin", [("devin", "medium", "footer")]),
        ("🤖 Generated with [Qwen Code](https://x.example)", [("qwen-code", "medium", "footer")]),
        ("Generated by AI", [("llm", "medium", "footer")]),
        ("    Generated with Junie", [("junie", "low", "footer")]),
        ("Generated by Renovate", []),
        ("Generated by Devin for the auditors", []),
    ],
)
def test_footers_in_the_words_of_the_trailer(catalogue: Catalogue, line: str, expected: list) -> None:
    assert seen(catalogue, f"x\n\n{line}\n\nSigned-off-by: Alice <a@b.example>\n") == expected


def test_what_the_body_of_a_revert_quotes_is_the_other_commits(catalogue: Catalogue) -> None:
    quoted = '"Post"\n\nThis reverts commit 0f.\n\n> Co-authored-by: Claude <noreply@anthropic.com>\n\nIt was late.\n'
    assert seen(catalogue, f"Revert {quoted}") == [("claude-code", "low", "trailer")]
    assert seen(catalogue, f"Squash {quoted}") == [("claude-code", "medium", "trailer")]
    by_claude = 'Revert "Post"\n\nThis reverts commit 0f.\n\nCo-authored-by: Claude <noreply@anthropic.com>\n'
    assert seen(catalogue, by_claude) == [("claude-code", "high", "trailer")]


def test_a_quoted_footer_counts_less(catalogue: Catalogue) -> None:
    assert seen(catalogue, "x\n\n    🤖 Generated with [Claude Code](https://claude.ai/code)\n") == [
        ("claude-code", "medium", "footer")
    ]


@pytest.mark.parametrize(
    "message",
    [
        "fix: x (#1)\\n\\nCo-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>",
        "x\n\n- a\\n- b\\n\\nCo-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>",
        "Fix line ends. Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>",
        "x\n\nMuch text in front that nobody broke; Co-authored-by: C <223556219+Copilot@users.noreply.github.com>",
        "x\n\nCo-authored-by Copilot <223556219+Copilot@users.noreply.github.com>",
        "x\n\n│Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>   │",
        "x\n\nCo Authored By: Copilot <223556219+Copilot@users.noreply.github.com>",
    ],
)
def test_messages_that_scripts_have_mangled(catalogue: Catalogue, message: str) -> None:
    assert seen(catalogue, message) == [("copilot-cli", "medium", "trailer")]


@pytest.mark.parametrize(
    "line",
    [
        "Со-authored-by: Claude <noreply@anthropic.com>",  # Cyrillic С and о
        "Co-authored-by: Claude <nоreply@anthropic.com>",  # Cyrillic о
        "Co-authored-by: Claude <noreply@anthr\u200bopic.com>",  # no width
        "Ｃｏ-ａｕｔｈｏｒｅｄ-ｂｙ: Claude <noreply@anthropic.com>",  # full width
        "Co‑authored‑by: Claude <noreply@anthropic.com>",  # hyphens that do not break
        "Co-authored-by： Claude <noreply＠anthropic.com>",
        "Αssisted-by: Claude",  # Greek
        "Assisted-by: Сlaude",
        "Assisted-by: Cla\u2060ude Code",
        "Mаde-with: Cursоr",
    ],
)
def test_look_alike_letters_are_read_as_what_they_look_like(catalogue: Catalogue, line: str) -> None:
    (found,) = evidence(catalogue, in_block(line).encode())
    assert found.tool in ("claude-code", "cursor")
    assert found.confidence == "high"
    assert found.detail.endswith("(look-alike letters)")
    assert found.detail.isascii()


@pytest.mark.parametrize(
    "line",
    [
        "Co-authored-by: Claude 🤖 <noreply@anthropic.com>",
        "Co-authored-by: Zoë – Claude <noreply@anthropic.com>",
        "Co-authored-by: Клод <noreply@anthropic.com>",
    ],
)
def test_other_letters_are_no_disguise(catalogue: Catalogue, line: str) -> None:
    (found,) = evidence(catalogue, in_block(line).encode())
    assert found.detail == "Co-authored-by"


@pytest.mark.parametrize(
    ("line", "version", "model"),
    [
        ("Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>", "", "claude-opus-4.6"),
        ("Co-Authored-By: Claude Opus 4.6 (1M context) <noreply@anthropic.com>", "", "claude-opus-4.6"),
        ("Co-Authored-By: Claude <noreply@anthropic.com>", "", ""),
        ("Co-authored-by: aider (openai/scripted-1) <aider@aider.chat>", "", "openai/scripted-1"),
        ("Co-authored-by: GPT 5.5 <noreply@openai.com>", "", "gpt-5.5"),
        ("Assisted-by: codex@0.169.0:gpt-5.6", "0.169.0", "gpt-5.6"),
    ],
)
def test_version_and_model(catalogue: Catalogue, line: str, version: str, model: str) -> None:
    (found,) = evidence(catalogue, in_block(line).encode())
    assert (found.version, found.model) == (version, model)


@pytest.mark.parametrize(
    ("line", "tool", "session"),
    [
        ("Claude-Session: https://claude.ai/code/session_01Gr", "claude-code", "session_01Gr"),
        ("https://claude.ai/code/session_01Gr", "claude-code", "session_01gr"),
        ("Amp-Thread-ID: https://ampcode.com/threads/T-019c", "amp", "T-019c"),
        ("Replit-Commit-Session-Id: 0b7e-11", "replit", "0b7e-11"),
    ],
)
def test_sessions_are_hashed_and_never_shown(catalogue: Catalogue, line: str, tool: str, session: str) -> None:
    (found,) = evidence(catalogue, in_block(line).encode())
    assert found.session == hashlib.sha256(f"{tool}:{session}".encode()).hexdigest()[:16]
    assert session.lower() not in repr(found).lower()


def test_one_tool_is_reported_once_a_source_with_all_that_was_said(catalogue: Catalogue) -> None:
    message = (
        "Fix\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)\n\n"
        "Claude-Session: https://claude.ai/code/session_1\nCo-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>\n"
    )
    footer, trailer = evidence(catalogue, message.encode())
    assert (footer.source, trailer.source) == ("footer", "trailer")
    assert trailer.model == "claude-opus-4.6"
    assert trailer.session


def test_ai_without_a_name_is_only_said_where_nothing_is_named(catalogue: Catalogue) -> None:
    named = "x\n\nAi-assisted: true\nCo-authored-by: Claude <noreply@anthropic.com>\n"
    assert seen(catalogue, named) == [("claude-code", "high", "trailer")]
    weakly = "x\n\nEntire-Checkpoint: 0f\nReviewed-by: Claude <noreply@anthropic.com>\n"
    assert seen(catalogue, weakly) == [("", "high", "trailer"), ("claude-code", "low", "trailer")]


def test_bots_are_bots(catalogue: Catalogue) -> None:
    message = in_block("Co-authored-by: dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>")
    assert [(e.tool, e.kind) for e in evidence(catalogue, message.encode())] == [("dependabot", "bot")]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("aider: Added a test", [("aider", "medium", "subject")]),
        ("aider-chat: 0.85 -> 0.86", []),
        ("coding-agent: codex", []),
        ("Agent: codex", []),
        ("AI-assisted: true", []),
        ("Merge pull request #7 from bank/claude/fix-ledger", [("claude-code", "low", "branch")]),
        ("Merge pull request #7 from claude/fix-ledger", []),  # the owner of the fork is called claude
        ("Merge branch 'codex/post' into main", [("codex", "low", "branch")]),
        ("Merge remote-tracking branch 'origin/copilot/fix'", [("copilot-agent", "low", "branch")]),
        ("Merge branch 'main' into codex/post", []),
        ("Merge branch 'devin-tools'", []),
        ("Co-Authored-By: Claude <noreply@anthropic.com>", [("claude-code", "medium", "trailer")]),
    ],
)
def test_subjects(catalogue: Catalogue, subject: str, expected: list[tuple[str, str, str]]) -> None:
    assert seen(catalogue, subject) == expected
    assert seen(catalogue, f"\n\n{subject}\n\nBody.\n") == expected


def test_names_in_the_body_of_a_squash_are_no_trailers(catalogue: Catalogue) -> None:
    body = "x (#9)\n\n* coding-agent: add QWEN_MODEL\n\n* ai-agent: fix the loop\n\n* agent: do less\n\nFixes: a\n"
    assert seen(catalogue, body) == []


@pytest.mark.parametrize(
    "message", ["", "\n", "x", "x\n", "\0", "x\n\n\0", "\n\n\n", "x\n\n:\n", "x\n\n<\n", "x\n\n : <>"]
)
def test_empty_and_odd_messages(catalogue: Catalogue, message: str) -> None:
    assert evidence(catalogue, message.encode()) == ()


def test_messages_in_other_encodings(catalogue: Catalogue) -> None:
    for encoding in ("latin-1", "shift_jis", "utf-16-le"):
        text = "Zoë" if encoding == "latin-1" else "修正"
        trailer = b"\n\nCo-authored-by: Claude <noreply@anthropic.com>\n"
        (found,) = evidence(catalogue, text.encode(encoding) + trailer)
        assert found.tool == "claude-code"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("🤖 Generated with [Claude Code](https://claude.com/claude-code)", "generated with claude code"),
        ("  **Made with** [Cursor](x) ", "made with** cursor"),
        ("- a  b (c).", "a b (c"),
        ("a b (c d)", "a b"),
        ("[a](b [c](d", "a"),
        ("](", ""),
        ("🤖", ""),
        ("", ""),
    ],
)
def test_plain_lines(line: str, expected: str) -> None:
    assert plain(line) == expected


def test_hostile_sizes_are_linear(catalogue: Catalogue) -> None:
    """Squares of these sizes would take minutes, and pytest-timeout would say so."""
    for message in (
        b"s\n\nGenerated with " + b"[x](" * 60_000,
        b"s\n\nAssisted-by: " + b"a 1 " * 60_000,
        b"s\n\nAssisted-by: a\n" + b" b\n" * 60_000,
        b"s\n\nCo-authored-by: " + b"a1 " * 60_000 + b"<x@y>",
        b"s\n\nAssisted-by: " + b"(" * 60_000 + b")" * 60_000,
    ):
        assert evidence(catalogue, message) == ()


_words = st.sampled_from(
    ["Co-authored-by", ":", " ", "\n", "\n\n", "<", ">", "noreply@anthropic.com", "Assisted-by", "Claude", "é", "С",
     "(", ")", "Generated with", "[", "](", "aider: ", "Merge branch '", "'",
     "Claude-Session", "\\n", "\r", "\t", "\u200b"]
)  # fmt: skip


@given(st.lists(_words, max_size=30).map("".join).map(str.encode) | st.binary(max_size=200))
def test_any_message_is_survived(catalogue: Catalogue, message: bytes) -> None:
    for entry in evidence(catalogue, message):
        assert isinstance(entry, Evidence)
        assert entry.confidence in ("high", "medium", "low")
        assert entry.tool == "" or entry.tool in catalogue.tools
        assert "noreply@anthropic.com" not in entry.detail
