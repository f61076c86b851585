"""Authors and committers: exact addresses and accounts are found in every variant, people and domains never."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.detection.catalogue import Catalogue
from sox_hooks.detection.identity import evidence, lookup, split

NOBODY = b"Alice Ng <alice@bank.example> 1700000000 +0100"

FOUND = [
    # whole addresses
    ("Claude <noreply@anthropic.com>", "claude-code", "high"),
    ("Claude Opus 4.6 <NoReply@Anthropic.com>", "claude-code", "high"),
    ("Codex <noreply@openai.com>", "codex", "high"),
    ("Codex <codex@openai.com>", "codex", "high"),
    ("Codex Test <codex@example.com>", "codex", "low"),
    ("Cursor <cursoragent@cursor.com>", "cursor", "high"),
    ("Cursor Agent <agent@cursor.com>", "cursor", "medium"),
    ("Copilot <copilot@github.com>", "github-copilot", "high"),
    ("Amp <amp@ampcode.com>", "amp", "high"),
    ("opencode <noreply@opencode.ai>", "opencode", "high"),
    ("aider <aider@aider.chat>", "aider", "high"),
    ("aider <noreply@aider.chat>", "aider", "high"),
    ("Crush <crush@charm.land>", "crush", "high"),
    ("Droid <droid@factory.ai>", "droid", "medium"),
    ("goose <opensource@block.xyz>", "goose", "low"),
    ("goose <goose@opensource.block.xyz>", "goose", "low"),
    ("Oz <oz-agent@warp.dev>", "warp", "high"),
    ("Windsurf <noreply@codeium.com>", "windsurf", "low"),
    ("Cline <noreply@cline.bot>", "cline", "low"),
    ("Roo Code <roomote@roocode.com>", "roo-code", "high"),
    ("Continue <noreply@continue.dev>", "continue", "high"),
    ("Amazon Q <noreply@amazon.com>", "amazon-q", "low"),
    ("openhands <openhands@all-hands.dev>", "openhands", "high"),
    ("Codebuff <noreply@codebuff.com>", "codebuff", "medium"),
    ("Grok <grok@x.ai>", "grok", "medium"),
    ("Qwen-Coder <qwen-coder@alibabacloud.com>", "qwen-code", "high"),
    ("Qwen <noreply@alibaba.com>", "qwen-code", "low"),
    ("pi <pi@earendil.works>", "pi", "medium"),
    ("pi <noreply@pi.dev>", "pi", "low"),
    ("v0 <v0@vercel.com>", "v0", "low"),
    ("Gemini <gemini-cli-agent@google.com>", "gemini-cli", "low"),
    ("claude-flow <ruv@ruv.net>", "claude-flow", "high"),
    # forge accounts: with the number, with another number, without
    ("Copilot <198982749+Copilot@users.noreply.github.com>", "copilot-agent", "high"),
    ("copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>", "copilot-agent", "high"),
    ("copilot-swe-agent[bot] <copilot-swe-agent[bot]@users.noreply.github.com>", "copilot-agent", "high"),
    ("Copilot <223556219+Copilot@users.noreply.github.com>", "copilot-cli", "high"),
    ("Copilot <175728472+Copilot@users.noreply.github.com>", "copilot-review", "high"),
    ("Copilot <7+Copilot@users.noreply.github.com>", "github-copilot", "high"),
    ("Copilot <Copilot@users.noreply.github.com>", "github-copilot", "high"),
    ("c <167198135+copilot[bot]@users.noreply.github.com>", "github-copilot", "high"),
    ("c <copilot-pull-request-reviewer[bot]@users.noreply.github.com>", "copilot-review", "high"),
    ("c <62310815+github-advanced-security[bot]@users.noreply.github.com>", "copilot-review", "medium"),
    ("claude[bot] <209825114+claude[bot]@users.noreply.github.com>", "claude-code", "high"),
    ("c <209825114+renamed[bot]@users.noreply.github.com>", "claude-code", "high"),
    ("c <claude[bot]@users.noreply.github.com>", "claude-code", "high"),
    ("c <1+CLAUDE[bot]@users.noreply.github.com>", "claude-code", "high"),
    ("c <215619710+anthropic-claude[bot]@users.noreply.github.com>", "claude-code", "high"),
    ("c <208546643+claude-code-action[bot]@users.noreply.github.com>", "claude-code", "high"),
    ("c <199175422+chatgpt-codex-connector[bot]@users.noreply.github.com>", "codex", "high"),
    ("c <215057067+openai-codex[bot]@users.noreply.github.com>", "codex", "high"),
    ("c <206951365+cursor[bot]@users.noreply.github.com>", "cursor", "high"),
    ("c <201670782+cursoragent[bot]@users.noreply.github.com>", "cursor", "high"),
    ("c <176961590+gemini-code-assist[bot]@users.noreply.github.com>", "gemini-code-assist", "high"),
    ("c <161369871+google-labs-jules[bot]@users.noreply.github.com>", "jules", "high"),
    ("Devin AI <158243242+devin-ai-integration[bot]@users.noreply.github.com>", "devin", "high"),
    ("d <cognition-devin[bot]@users.noreply.github.com>", "devin", "high"),
    ("d <138933559+factory-droid[bot]@users.noreply.github.com>", "droid", "high"),
    ("w <189301087+windsurf-bot[bot]@users.noreply.github.com>", "windsurf", "low"),
    ("c <205137888+cline[bot]@users.noreply.github.com>", "cline", "high"),
    ("c <230936708+continue[bot]@users.noreply.github.com>", "continue", "high"),
    ("c <244629292+kiro-agent@users.noreply.github.com>", "kiro", "high"),
    ("c <208079219+amazon-q-developer[bot]@users.noreply.github.com>", "amazon-q", "high"),
    ("c <201248094+sourcegraph-cody[bot]@users.noreply.github.com>", "cody", "high"),
    ("c <220155983+jetbrains-ai[bot]@users.noreply.github.com>", "jetbrains-ai", "high"),
    ("c <openhands-agent@users.noreply.github.com>", "openhands", "high"),
    ("c <136622811+coderabbitai[bot]@users.noreply.github.com>", "coderabbit", "high"),
    ("c <zencoder-ai[bot]@users.noreply.github.com>", "zencoder", "medium"),
    # other forges and servers of one's own
    ("d <158243242+devin-ai-integration[bot]@users.noreply.git.bank.example>", "devin", "high"),
    ("d <devin-ai-integration[bot]@users.noreply.gitlab.com>", "devin", "high"),
    ("d <12345-devin-ai-integration[bot]@users.noreply.gitlab.com>", "devin", "high"),
    ("c <12345-copilot@users.noreply.gitlab.com>", "github-copilot", "medium"),
    ("c <198982749+copilot@users.noreply.git.bank.example>", "github-copilot", "medium"),
    # look-alike letters
    ("Claude <nоreply@аnthropic.com>", "claude-code", "high"),
    ("Claude <noreply\u200b@anthropic.com>", "claude-code", "high"),
    # endings of names that a tool adds
    ("Alice Ng (aider) <alice@bank.example>", "aider", "medium"),
]  # fmt: skip

PEOPLE = [
    "Claude Dupont <claude.dupont@bank.example>", "Claude <claude@dupont.fr>", "Devin Breshears <devinb@microsoft.com>",
    "Jules Maselbas <jules.maselbas@grenoble-inp.org>", "Cody Kociemba <cody@symbaventures.com>",
    "Travis Cline <travis.cline@gmail.com>", "Jane <jane@anthropic.com>", "Jane <jane@openai.com>",
    "Nik <nik@cline.bot>", "Xingyao Wang <xingyao@all-hands.dev>", "Paul <paul@aider.chat>", "B <bruno@roocode.com>",
    "claude <81847+claude@users.noreply.github.com>", "devin <123+devin@users.noreply.github.com>",
    "jules <jules@users.noreply.github.com>", "c <12+cursor@users.noreply.github.com>",
    "Alice <8+alice@users.noreply.github.com>", "GitHub <noreply@github.com>", "GitLab <noreply@gitlab.com>",
    "Gemini CLI <gemini-cli@google.com>", "rUv <ruv@ruv.net>", "Claude Opus 4.6 <alice@bank.example>",
    "noreply@anthropic.com <alice@bank.example>", "A <noreply@anthropic.com.evil.example>",
    "A <xnoreply@anthropic.com>", "A <noreply@mail.anthropic.com>", "A <@anthropic.com>", "A <anthropic.com>",
    "A <209825114@users.noreply.github.com>", "A <users.noreply.github.com>", "A <>", "A", "", "<", "><",
    "aider <a@b.example>", "Alice aider <a@b.example>", "(aider) Alice <a@b.example>", "Copilot <copilot@bank.example>",
]  # fmt: skip

BOTS = [
    ("dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>", "dependabot"),
    ("d <27856297+dependabot-preview[bot]@users.noreply.github.com>", "dependabot"),
    ("d <support@dependabot.com>", "dependabot"),
    ("renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>", "renovate"),
    ("Renovate Bot <bot@renovateapp.com>", "renovate"),
    ("github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>", "github-actions"),
    ("github-actions[bot] <github-actions[bot]@users.noreply.github.com>", "github-actions"),
    ("pre-commit-ci[bot] <66853113+pre-commit-ci[bot]@users.noreply.github.com>", "pre-commit-ci"),
    ("x <gemini-cli-robot@google.com>", "gemini-cli-robot"),
    ("x <424242+nobody-knows-me[bot]@users.noreply.github.com>", "forge-app"),
]


@pytest.mark.parametrize(("person", "tool", "grade"), FOUND, ids=[person for person, _, _ in FOUND])
def test_known_identities(catalogue: Catalogue, person: str, tool: str, grade: str) -> None:
    raw = person.encode() + b" 1700000000 +0000"
    as_author = evidence(catalogue, raw, NOBODY)
    assert [(e.tool, e.confidence, e.source, e.kind) for e in as_author] == [(tool, grade, "author", "ai")]
    as_committer = evidence(catalogue, NOBODY, person.encode())
    assert [(e.tool, e.confidence, e.source, e.kind) for e in as_committer] == [(tool, grade, "committer", "ai")]


@pytest.mark.parametrize("person", PEOPLE)
def test_people_domains_and_the_forge_are_nobody(catalogue: Catalogue, person: str) -> None:
    assert evidence(catalogue, person.encode(), person.encode() + b" 1 +0000") == ()


@pytest.mark.parametrize(("person", "bot"), BOTS, ids=[person for person, _ in BOTS])
def test_bots_are_bots(catalogue: Catalogue, person: str, bot: str) -> None:
    assert [(e.tool, e.kind) for e in evidence(catalogue, person.encode(), NOBODY)] == [(bot, "bot")]


def test_the_detail_says_nothing_about_the_person(catalogue: Catalogue) -> None:
    for person, _, _ in FOUND:
        for entry in evidence(catalogue, person.encode(), NOBODY):
            assert entry.detail in ("e-mail address", "name ends in (aider)")


def test_author_and_committer_are_reported_apart(catalogue: Catalogue) -> None:
    found = evidence(catalogue, b"Claude <noreply@anthropic.com>", b"C <198982749+Copilot@users.noreply.github.com>")
    assert [(e.source, e.tool) for e in found] == [("author", "claude-code"), ("committer", "copilot-agent")]


@pytest.mark.parametrize(
    ("person", "name", "address"),
    [
        ("A B <a@b>", "A B", "a@b"), ("<a@b>", "", "a@b"), ("A", "A", ""), ("A <b", "A <b", ""),
        ("A > <b>", "A >", "b"),
        ("A < a@b > 1 +0", "A", "a@b"),
    ],
)  # fmt: skip
def test_split(person: str, name: str, address: str) -> None:
    assert split(person) == (name, address)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_are_survived(catalogue: Catalogue, author: bytes, committer: bytes) -> None:
    assert all(e.source in ("author", "committer") for e in evidence(catalogue, author, committer))


@given(
    st.text(max_size=40),
    st.sampled_from(["", "@users.noreply.github.com", "@users.noreply.x", "[bot]@users.noreply.x"]),
)
def test_any_address_is_survived(catalogue: Catalogue, local: str, host: str) -> None:
    hit = lookup(catalogue, local + host)
    assert hit is None or hit[0] in catalogue.tools
