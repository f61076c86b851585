"""What a person typed in the final block with the contract's keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.detection.catalogue import Catalogue
from sox_hooks.detection.message import declared

TABLE = [
    ("", "undeclared", []),
    ("AI-Assistance: none", "none", []),
    ("ai-assistance: None", "none", []),
    ("AI-Assistance: no", "none", []),
    ("AI-Assistance: undeclared", "undeclared", []),
    ("AI-Assistance: assisted", "assisted", []),
    ("AI-Assistance: assissted", "assisted", []),  # misspelt: the stronger reading
    ("AI-Assistance: yes", "assisted", []),
    ("AI-Assistance: claude-code", "assisted", ["claude-code"]),
    ("AI-Assistance:", "undeclared", []),
    ("Assisted-by: claude-code@2.1.263:claude-opus-4-8", "assisted", ["claude-code@2.1.263:claude-opus-4-8"]),
    ("assisted-by: Claude Code (claude-opus-5)", "assisted", ["claude-code:claude-opus-5"]),
    ("Assisted-by: LLM", "assisted", ["llm"]),
    ("Assisted-by: none", "none", []),
    ("Assisted-by: n/a", "none", []),
    ("Assisted-by: Jay Satiro", "undeclared", []),
    ("Assisted-by: Claude <claude@bank.example>", "undeclared", []),
    ("Assisted-by: dependabot", "undeclared", []),
    ("Assisted-by: superagent@1.0", "assisted", ["superagent@1.0"]),
    ("AI-Assistance: none\nAssisted-by: codex", "assisted", ["codex"]),
    ("Assisted-by: codex\nAI-Assistance: none", "assisted", ["codex"]),
    ("AI-Assistance: none\nAI-Assistance: assisted", "assisted", []),
    ("AI-Assistance: none\nAssisted-by: Jay Satiro", "none", []),
    ("Assisted-by: codex\nAssisted-by: claude-code", "assisted", ["codex", "claude-code"]),
    ("Assisted-by: codex\nAssisted-by: codex", "assisted", ["codex"]),
    (
        "AI-Assistance: assisted\nAssisted-by: codex@0.169.0\nSox-Record: v1 x\n policy=00\nSox-Signature:\n AAAA",
        "assisted",
        ["codex@0.169.0"],
    ),
    ("Co-authored-by: Claude <noreply@anthropic.com>", "undeclared", []),  # evidence, not a declaration
]


@pytest.mark.parametrize(("block", "assistance", "tools"), TABLE, ids=[block or "nothing" for block, _, _ in TABLE])
def test_declarations(catalogue: Catalogue, block: str, assistance: str, tools: list[str]) -> None:
    claim = declared(catalogue, f"Subject\n\nBody.\n\n{block}\n".encode())
    assert claim.assistance == assistance
    assert [str(tool) for tool in claim.tools] == tools
    assert declared(catalogue, f"Subject\r\n\r\nBody.\r\n\r\n{block}\r\n".encode()) == claim


@pytest.mark.parametrize(
    "message",
    [
        "AI-Assistance: none",
        "Assisted-by: codex\n",
        "x\nAssisted-by: codex\n",
        "x\n\nAssisted-by: codex\n\nThe end.\n",
        "x\n\n    Assisted-by: codex\n",
        "x\n\nSigned-off-by: A <a@b>\n Assisted-by: codex\n",
    ],
)
def test_only_the_final_block_declares(catalogue: Catalogue, message: str) -> None:
    assert declared(catalogue, message.encode()).assistance == "undeclared"


def test_known_and_unknown_tools_are_told_apart(catalogue: Catalogue) -> None:
    claim = declared(catalogue, b"x\n\nAssisted-by: codex\nAssisted-by: superagent\n")
    assert [(tool.tool, tool.known) for tool in claim.tools] == [("codex", True), ("superagent", False)]


@given(st.binary(max_size=150), st.sampled_from([b"", b"AI-Assistance: ", b"Assisted-by: "]))
def test_any_message_is_survived(catalogue: Catalogue, tail: bytes, key: bytes) -> None:
    claim = declared(catalogue, b"x\n\n" + key + tail)
    assert claim.assistance in ("undeclared", "none", "assisted")
    assert not claim.tools or claim.assistance == "assisted"
