"""The catalogue: the packaged one is sound and complete, and policies can add to it without breaking it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.errors import ConfigError
from sox_hooks.core.lines import error_lines
from sox_hooks.detection.catalogue import Catalogue, fits, folded, from_json, merged, to_json
from sox_hooks.detection.environment import evidence as environment_evidence
from sox_hooks.detection.identity import evidence as identity_evidence
from sox_hooks.detection.message import evidence as message_evidence

TOOLS = tuple(
    """
    aider amazon-q amp antigravity auggie bolt chatgpt claude-code cline coderabbit codebuff codex cody continue
    copilot-agent copilot-cli copilot-review crush cursor devin droid firebender gemini-cli gemini-code-assist
    github-copilot goose grok hermes jetbrains-ai jules junie kilo-code kimi-code kiro llm mistral-vibe octofriend
    opencode openhands pi qwen-code replit roo-code v0 warp windsurf zed zencoder
""".split()  # noqa: SIM905 - a table is easier to read
)
BOTS = ("dependabot", "renovate", "github-actions", "pre-commit-ci", "mergify", "snyk", "forge-app", "semantic-release")


@pytest.mark.parametrize("tool", TOOLS)
def test_every_known_tool_is_there_as_ai(catalogue: Catalogue, tool: str) -> None:
    name, _, kind = catalogue.tools[tool]
    assert kind == "ai"
    assert catalogue.named(tool) == tool
    assert catalogue.named(name) == tool


@pytest.mark.parametrize("bot", BOTS)
def test_bots_are_not_ai(catalogue: Catalogue, bot: str) -> None:
    assert catalogue.kind(bot) == "bot"


def test_what_is_not_in_the_catalogue_has_no_name_and_counts_as_ai(catalogue: Catalogue) -> None:
    assert catalogue.named("no such tool") == ""
    assert catalogue.kind("no-such-tool") == "ai"


def test_every_fact_has_a_tool_and_a_grade(catalogue: Catalogue) -> None:
    grades = {"high", "medium", "low"}
    pairs = [*catalogue.emails.values(), *catalogue.accounts.values(), *catalogue.account_ids.values()]
    pairs += [*catalogue.footers.values(), *[rule[:2] for rules in catalogue.variables.values() for rule in rules]]
    rows = [*catalogue.suffixes, *catalogue.footer_starts, *catalogue.subjects, *catalogue.variable_starts]
    rows += [row for rows in catalogue.trailers.values() for row in rows]
    pairs += [row[1:] for row in rows]
    assert len(pairs) > 200
    assert all(tool in catalogue.tools and grade in grades for tool, grade in pairs)
    plain = [catalogue.aliases, catalogue.processes, catalogue.branches]
    assert all(tool in catalogue.tools for table in plain for tool in table.values())


def test_nobody_of_the_forge_and_no_domain_is_in_it(catalogue: Catalogue) -> None:
    assert "noreply@github.com" not in catalogue.emails
    assert "gemini-cli@google.com" not in catalogue.emails  # the author of its shadow repository only
    assert all(address.count("@") == 1 and not address.startswith("@") for address in catalogue.emails)
    assert not any(name.endswith("_PROJECT_DIR") for name in catalogue.variables)


def test_json_round_trip(catalogue: Catalogue) -> None:
    text = to_json(catalogue)
    assert from_json(text) == catalogue
    assert to_json(from_json(text)) == text
    assert "\n" not in text


@pytest.mark.parametrize("text", ["{}", '{"tools": {}}', "[]", "null", "3", "{", '{"tools": {}, "unknown": 1}'])
def test_what_is_no_catalogue_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json words some of them
        from_json(text)


@pytest.mark.parametrize("name", ["Claude Code", "claude-code", "CLAUDE_CODE", " ClaudeCode ", "claude.code"])
def test_names_are_compared_without_case_and_punctuation(name: str) -> None:
    assert folded(name) == "claudecode"


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("1", "1", True), ("1", "10", False), ("a*", "abc", True), ("a*", "b", False), ("*c", "abc", True),
        ("*b*", "abc", True), ("*b*", "ac", False), ("*", "", True), ("*", "x", True), ("", "", True), ("", "x", False),
    ],
)  # fmt: skip
def test_patterns(pattern: str, value: str, expected: bool) -> None:
    assert fits(pattern, value) is expected


def _with(catalogue: Catalogue, overrides: dict[str, object]) -> Catalogue:
    return merged(catalogue, json.dumps(overrides))


def test_no_overrides_change_nothing(catalogue: Catalogue) -> None:
    assert merged(catalogue, "") is catalogue
    assert _with(catalogue, {}) == catalogue


def test_a_policy_can_add_a_tool(catalogue: Catalogue) -> None:
    before = to_json(catalogue)
    new = _with(
        catalogue,
        {
            "ledger-bot": {
                "name": "Ledger Helper",
                "vendor": "Bank",
                "aliases": ["the helper"],
                "emails": {"high": ["Helper@Bank.example"]},
                "accounts": {"medium": ["99+ledger-helper[bot]"]},
                "trailers": {"high": ["X-Helper-Session: *"]},
                "footers": {"medium": ["Drafted with Ledger Helper"]},
                "variables": {"high": ["LEDGER_HELPER=1"], "medium": ["LEDGER_*"]},
                "session": ["LEDGER_HELPER_SESSION", "X-Helper-Session:"],
                "processes": ["ledger-helper"],
                "branches": ["helper/"],
                "suffixes": {"medium": [" [helper]"]},
                "subjects": {"low": ["helper: "]},
            }
        },
    )
    assert to_json(catalogue) == before  # the old one is as it was
    assert new.tools["ledger-bot"] == ["Ledger Helper", "Bank", "ai"]
    assert new.named("LEDGER HELPER") == new.named("The Helper") == "ledger-bot"
    assert [e.confidence for e in identity_evidence(new, b"X <HELPER@bank.example>", b"Y <y@z.example>")] == ["high"]
    by_number = identity_evidence(new, b"X <99+renamed@users.noreply.github.com>", b"Y [helper] <y@z.example>")
    assert [(e.source, e.tool, e.confidence) for e in by_number] == [
        ("author", "ledger-bot", "medium"),
        ("committer", "ledger-bot", "medium"),
    ]
    said = message_evidence(
        new, b"helper: x\n\nDrafted with Ledger Helper\n\nX-Helper-Session: https://h.example/s/17\n"
    )
    assert {(e.source, e.confidence) for e in said} == {("subject", "low"), ("footer", "medium"), ("trailer", "high")}
    (mark,) = environment_evidence(new, {"LEDGER_HELPER": "1", "LEDGER_HELPER_SESSION": "17"})
    assert (mark.confidence, mark.detail) == ("high", "LEDGER_*, LEDGER_HELPER")
    assert mark.session == next(e.session for e in said if e.source == "trailer")
    assert from_json(to_json(new)) == new


def test_a_policy_can_extend_regrade_and_remove(catalogue: Catalogue) -> None:
    new = _with(
        catalogue,
        {
            "claude-code": {
                "variables": {"low": ["CLAUDECODE=1"]},
                "emails": {"high": ["claude@bank.example"]},
                "remove": {
                    "emails": ["noreply@anthropic.com"],
                    "aliases": ["claude"],
                    "variables": ["CLAUDE_CODE_REMOTE=true"],
                },
            }
        },
    )
    assert new.tools["claude-code"] == catalogue.tools["claude-code"]
    assert new.named("claude") == ""
    assert new.named("Claude Code") == "claude-code"
    assert "noreply@anthropic.com" not in new.emails
    assert new.emails["claude@bank.example"] == ["claude-code", "high"]
    assert environment_evidence(new, {"CLAUDECODE": "1"})[0].confidence == "low"
    assert environment_evidence(catalogue, {"CLAUDECODE": "1"})[0].confidence == "medium"
    assert environment_evidence(new, {"CLAUDE_CODE_REMOTE": "true"}) == ()


def test_removing_a_numbered_account_removes_the_number_too(catalogue: Catalogue) -> None:
    new = _with(catalogue, {"devin": {"remove": {"accounts": ["158243242+devin-ai-integration[bot]"]}}})
    author = b"Devin <158243242+devin-ai-integration[bot]@users.noreply.github.com>"
    assert identity_evidence(catalogue, author, b"")[0].tool == "devin"
    assert [e.tool for e in identity_evidence(new, author, b"")] == ["forge-app"]


def test_a_policy_can_turn_a_tool_into_a_bot(catalogue: Catalogue) -> None:
    new = _with(catalogue, {"coderabbit": {"kind": "bot"}})
    (sign,) = identity_evidence(new, b"C <136622811+coderabbitai[bot]@users.noreply.github.com>", b"")
    assert (sign.tool, sign.kind) == ("coderabbit", "bot")


WRONG = [
    ({"claude-code": {"emials": {"high": []}}}, "SOX002", "did you mean 'emails'?"),
    ({"claude-code": {"emails": ["a@b.c"]}}, "SOX003", "emails.high = [...]"),
    ({"claude-code": {"emails": {"certain": ["a@b.c"]}}}, "SOX002", "the confidence must be high, medium or low"),
    ({"claude-code": {"emails": {"high": "a@b.c"}}}, "SOX003", "must be an array of texts"),
    ({"claude-code": {"emails": {"high": [3]}}}, "SOX003", "texts of one line"),
    ({"claude-code": {"emails": {"high": ["a\nb@c"]}}}, "SOX003", "texts of one line"),
    ({"claude-code": {"emails": {"high": [" "]}}}, "SOX003", "texts of one line"),
    ({"claude-code": {"emails": {"high": ["@anthropic.com"]}}}, "SOX003", "a domain has people in it"),
    ({"claude-code": {"emails": {"high": ["anthropic.com"]}}}, "SOX003", "a domain has people in it"),
    ({"github-copilot": {"emails": {"low": ["noreply@github.com"]}}}, "SOX003", "it is nobody"),
    ({"claude-code": {"accounts": {"high": ["not an account"]}}}, "SOX003", "not a forge account"),
    ({"claude-code": {"trailers": {"high": ["Claude-Session"]}}}, "SOX003", '"Key: value"'),
    ({"claude-code": {"trailers": {"high": ["Claude-Session:"]}}}, "SOX003", '"Key: *"'),
    ({"claude-code": {"footers": {"high": ["With AI"]}}}, "SOX003", "too short"),
    ({"claude-code": {"subjects": {"high": ["a: "]}}}, "SOX003", "too short"),
    ({"claude-code": {"suffixes": {"high": [")"]}}}, "SOX003", "too short"),
    ({"claude-code": {"variables": {"high": ["CLAUDE_PROJECT_DIR"]}}}, "SOX003", "proves nothing"),
    ({"claude-code": {"variables": {"high": ["not a name"]}}}, "SOX003", "is not NAME"),
    ({"claude-code": {"variables": {"high": ["NAME="]}}}, "SOX003", "is not NAME"),
    ({"claude-code": {"variables": {"high": ["no terminal"]}}}, "SOX003", "must begin with a variable"),
    ({"claude-code": {"variables": {"high": ["A_* and B=1"]}}}, "SOX003", "combines"),
    ({"claude-code": {"version": ["CLAUDE_API_KEY"]}}, "SOX003", "looks like a secret"),
    ({"claude-code": {"model": ["Claude-Session:"]}}, "SOX003", "is not a variable"),
    ({"claude-code": {"processes": ["/usr/bin/claude"]}}, "SOX003", "last part of a program's path"),
    ({"claude-code": {"branches": ["claude"]}}, "SOX003", 'must end in "/" or "-"'),
    ({"claude-code": {"aliases": ["---"]}}, "SOX003", "has no letter or digit"),
    ({"claude-code": {"kind": "robot"}}, "SOX003", '"ai" or "bot"'),
    ({"claude-code": {"name": 3}}, "SOX003", "name must be one line"),
    ({"claude-code": {"vendor": "x" * 101}}, "SOX003", "vendor must be one line"),
    ({"claude-code": {"remove": ["a@b.c"]}}, "SOX003", "remove must be a table"),
    ({"claude-code": {"remove": {"emails": ["a@b.c"]}}}, "SOX008", "claude-code has no 'a@b.c'"),
    ({"claude-code": {"remove": {"naem": ["a@b.c"]}}}, "SOX002", "unknown key"),
    ({"claude-code": 3}, "SOX003", "must be a table"),
    ({"Claude Code": {}}, "SOX003", "the id must be"),
    ([], "SOX003", "must be a table"),
]


@pytest.mark.parametrize(("overrides", "rule", "words"), WRONG, ids=[words for _, _, words in WRONG])
def test_wrong_overrides_are_named(catalogue: Catalogue, overrides: object, rule: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        merged(catalogue, json.dumps(overrides))
    (found,) = caught.value.findings
    assert found.rule == rule
    assert words in found.message
    assert caught.value.where == ".sox/policy.toml"
    assert any(words in line for line in error_lines(caught.value))


def test_everything_wrong_is_reported_at_once(catalogue: Catalogue) -> None:
    with pytest.raises(ConfigError) as caught:
        _with(catalogue, {"a": {"emails": {"high": ["x", "y"]}, "kind": 1}, "B": {}})
    assert len(caught.value.findings) == 4


def test_hostile_names_are_not_printed_raw(catalogue: Catalogue) -> None:
    with pytest.raises(ConfigError) as caught:
        _with(catalogue, {"\x1b[31m": {}})
    assert "\x1b" not in "".join(error_lines(caught.value))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["claude-code", "new", "x"]) | st.text(max_size=5),
        st.dictionaries(
            st.sampled_from(["emails", "accounts", "variables", "footers", "trailers", "remove", "aliases", "session"]),
            st.dictionaries(st.sampled_from(["high", "low", "emails"]), st.lists(st.text(max_size=12), max_size=3))
            | _json,
            max_size=3,
        )
        | _json,
        max_size=2,
    )
)
def test_any_overrides_are_used_or_refused(catalogue: Catalogue, overrides: dict[str, object]) -> None:
    try:
        new = _with(catalogue, overrides)
    except ConfigError as error:
        refused = error.findings
        new = catalogue
    else:
        refused = ()
    assert refused or set(overrides) <= set(new.tools)
    assert from_json(to_json(new)) == new


def test_a_hook_needs_only_json_to_use_it(catalogue: Catalogue) -> None:
    """In a fresh process: what reading a commit with a ready catalogue imports beyond `json` and what it pulls in."""
    code = (
        "import json, os, sys; sys.path[:0] = json.loads(sys.stdin.readline()); before = set(sys.modules);"
        "from sox_hooks.detection import ancestry, environment, identity, message;"
        "from sox_hooks.detection.catalogue import from_json;"
        "c = from_json(sys.stdin.readline().strip());"
        "a = b'A <158243242+devin-ai-integration[bot]@users.noreply.github.com>';"
        "m = 'x\\n\\nAssisted-by: Сlaude\\n'.encode();"
        "found = (*message.evidence(c, m), *identity.evidence(c, a, a), *environment.evidence(c, {'CLAUDECODE': '1'}),"
        " *ancestry.evidence(c, ancestry.walk()), *message.declared(c, m).tools);"
        "print(len(found)); print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        input=json.dumps([path for path in sys.path if path]) + "\n" + to_json(catalogue) + "\n",
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    count, modules = done.stdout.splitlines()
    assert int(count) >= 4
    others = [name for name in json.loads(modules) if not name.startswith("sox_hooks")]
    assert set(others) <= {"__future__", "unicodedata", "time", "_sha2", "_sha256", "binascii"}
