"""What the files close is what the policy refuses: random policies, judged by `evaluate`, git and each dialect."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sox_hooks.agents.exclusion.refused import refused
from sox_hooks.agents.exclusion.spelling import claude, codex, cursor, gitignore, opencode
from sox_hooks.core.findings import ERROR
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Claim, Evidence, Facts, ToolUse
from sox_hooks.policy.model import ASSISTED, HIGH, PathRule, Policy, Tier, Tool
from sox_hooks.policy.patterns import PatternRefused, compile_pattern

DAY = "2026-11-23"
# ASCII: to git a `?` is one byte, to the policy and to most agents one character.
NAMES = ("src", "ledger", "a", "b.sql", "x y")
PARTS = (*NAMES, "*.sql", "l*", "*", "**", "?", "[ab]", "[!s]*", "SRC", "\\*")
PATHS = ["/".join(parts) for parts in ([one] for one in (*NAMES, "Ledger", "lib", "*", "c.SQL"))] + [
    f"{one}/{two}{rest}"
    for one in ("src", "Src", "lib", "a")
    for two in (*NAMES, "c.sql")
    for rest in ("", "/ledger/z")
]


def is_pattern(source: str) -> bool:
    try:
        compile_pattern(source)
    except PatternRefused:
        return False
    return True


patterns = st.builds(
    lambda start, parts, end: start + "/".join(parts) + end,
    st.sampled_from(["", "", "/", "**/"]),
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=4),
    st.sampled_from(["", "", "/", "/**", "/*"]),
).filter(is_pattern)
tiers = st.builds(
    lambda ai, tools, reads: {"ai": ai, "tools": tools, "reads": reads},
    st.sampled_from(["any", "approved", "none"]),
    st.sampled_from([(), (), ("approved-one",), ("restricted-one",)]),
    st.sampled_from(["allow", "deny"]),
)
TOOLS = ("approved-one", "restricted-one", "prohibited-one", "unregistered-one", "revoked-one")


@st.composite
def policies(draw) -> Policy:
    levels = [Tier(f"tier-{rank}", rank=rank, **draw(tiers)) for rank in range(3)]
    rules = [
        PathRule(
            tuple(compile_pattern(source) for source in draw(st.lists(patterns, min_size=1, max_size=3))), one.name
        )
        for one in levels
        for _ in range(draw(st.integers(0, 2)))
    ]
    if draw(st.integers(0, 3)):
        rules.append(PathRule((compile_pattern("**"),), "tier-0"))
    register = (
        Tool("approved-one", "approved", versions=">=2", models=("m-*",)),
        Tool("restricted-one", "restricted"),
        Tool("prohibited-one", "prohibited"),
        Tool("revoked-one", "approved", revoked_on=DAY),
    )
    return Policy("0" * 40, "bank/ledger", 1, tools=register, tiers=tuple(levels), paths=tuple(rules))


def refuses(policy: Policy, tool: str, path: str) -> bool:
    """Whether the edit of one path by one tool (right version, right model) is refused."""
    use = ToolUse(tool, "2.1", "m-1")
    facts = Facts(
        (path,),
        Claim(ASSISTED, (use,)),
        (Evidence(tool, HIGH, "agent hook", tool, "2.1", "m-1"),),
        "alice@bank.example",
        "alice",
        f"{DAY}T12:00:00Z",
    )
    return any(one.severity == ERROR and one.rule[:4] in ("SOX2", "SOX3") for one in evaluate(policy, facts).findings)


def ignored(repo, lines: list[str]) -> set[str]:
    (repo.path / ".git/info/exclude").write_text("".join(line + "\n" for line in lines))
    asked = b"".join(path.encode() + b"\0" for path in PATHS)
    said = repo.git_bytes(
        "-c", "core.ignoreCase=true", "check-ignore", "--no-index", "-z", "--stdin", data=asked, check=False
    )
    return {path.decode() for path in said.split(b"\0") if path}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policy=policies(), tool=st.sampled_from(TOOLS))
def test_git_ignores_by_such_a_file_what_evaluate_refuses(repo, policy, tool):
    said = refused(policy, (tool,), DAY)
    closed = ignored(repo, [line for source in said.edits for line in gitignore(source)])
    refusing = {path for path in PATHS if refuses(policy, tool, path)}
    assert refusing <= closed
    if not said.notes:
        assert closed == refusing
    assert set(said.reads) <= set(said.edits) or said.edits == ("**",)


@settings(max_examples=100)
@given(source=patterns, path=st.sampled_from(PATHS))
def test_no_dialect_covers_less_than_git(source, path):
    """By a reader of our own for each dialect, as its documentation has it and as it was measured."""
    if not covered([glob_regex(source_line) for source_line in gitignore(source)], path):
        return
    assert covered([re.escape(key).replace(r"\*", ".*").replace(r"\?", ".") for key in opencode(source)], path)
    rules = [rule.removeprefix("Write(").removesuffix(")") for rule in cursor(source, "Write")]
    assert covered([stars_regex(rule) for rule in rules], path)
    entries = codex(source, "read")
    forms = [stars_regex(form) for name, _ in entries for form in (name, name + "/**") if name != "."]
    assert entries == [(".", "read")] or covered(forms, path)


def covered(expressions: list[str], path: str) -> bool:
    return any(re.fullmatch(one, path, re.IGNORECASE | re.DOTALL) for one in expressions)


def stars_regex(text: str) -> str:
    """`**` for any folders, `*` and `?` within a name."""
    text = re.escape(text).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*")
    return re.sub(r"\\\*", "[^/]*", text).replace(r"\?", "[^/]")


def glob_regex(line: str) -> str:
    """A line of an ignore file, by the policy's own reader."""
    pattern = compile_pattern(line)
    if pattern.kind == "all":
        return ".*"
    if pattern.kind in ("exact", "prefix"):
        return re.escape(pattern.text) + "(?:/.*)?"
    if pattern.kind == "name":
        return "(?:.*/)?" + re.escape(pattern.text) + "(?:/.*)?"
    if pattern.kind == "suffix":
        return ".*" + re.escape(pattern.text) + "(?:/.*)?"
    if pattern.kind == "glob":
        return r"(?:.*/)?(?:" + pattern.text.replace(r"\Z", "") + r")(?:/.*)?"
    return pattern.text.replace(r"(?:/|\Z)", "(?:/.*)?") + ("" if pattern.text.endswith(r"\Z)") else ".*")


@pytest.mark.parametrize(
    ("source", "line", "rule", "keys"),
    [
        ("src/ledger/**", "/src/ledger", "Edit(/src/ledger)", ["src/ledger", "src/ledger/*"]),
        ("src/ledger/", "/src/ledger", "Edit(/src/ledger)", ["src/ledger", "src/ledger/*"]),
        ("*.sql", "*.sql", "Edit(/**/*.sql)", ["*.sql", "*.sql/*"]),
        ("Makefile", "Makefile", "Edit(/**/Makefile)", ["Makefile", "Makefile/*", "*/Makefile", "*/Makefile/*"]),
        ("/Makefile", "/Makefile", "Edit(/Makefile)", ["Makefile", "Makefile/*"]),
        ("**/db/x", "**/db/x", "Edit(/**/db/x)", ["db/x", "db/x/*", "*/db/x", "*/db/x/*"]),
        ("src/*/**", "/src/*/**", "Edit(/src/*/**)", ["src/*/*"]),
        ("a/**/b", "/a/**/b", "Edit(/a/**/b)", ["a/b", "a/b/*", "a/*/b", "a/*/b/*"]),
        ("a[bc]/d\\*", "/a[bc]/d\\*", "Edit(/a[bc]/d\\*)", ["a?/d?", "a?/d?/*"]),
        ("~/x", "/~/x", "Edit(/~/x)", ["?/x", "?/x/*"]),
        ("a\\*[!b]/[!0]", "/a\\*?/[!0]", "Edit(/a\\*?/[!0])", ["a??/?", "a??/?/*"]),
        ("**", "*", "Edit(/**)", ["**"]),
    ],
)
def test_the_same_pattern_in_each_dialect(source, line, rule, keys):
    assert gitignore(source) == [line]
    assert claude(source, "Edit") == [rule]
    assert opencode(source) == keys


def test_letters_that_can_be_written_in_two_ways_are_written_in_both():
    assert gitignore("caf\u00e9/**") == ["/caf\u00e9", "/cafe\u0301"]


@pytest.mark.parametrize(
    ("source", "entries"),
    [
        ("src/ledger/**", [("src/ledger", "read")]),
        ("**", [(".", "read")]),
        ("*.sql", [("**/*.sql", "deny"), ("**/*.sql/**", "deny")]),
        ("src/[ab]/**", [("src/?/**", "deny")]),
        ("src/\\[x]", [("src/?x?", "deny"), ("src/?x?/**", "deny")]),
    ],
)
def test_codex_takes_read_for_plain_paths_only(source, entries):
    assert codex(source, "read") == entries


def test_a_policy_that_only_warns_closes_nothing():
    policy = Policy(
        "0" * 40, "b/l", 1, mode="warn", tiers=(Tier("t", "none", 0),),
        paths=(PathRule((compile_pattern("src/**"),), "t"),),
    )  # fmt: skip
    assert refused(policy, ("claude-code",), DAY).edits == ()
    assert refused(policy.replace(mode="enforce"), ("claude-code",), DAY).edits == ("**",)
