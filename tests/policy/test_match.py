"""Which rule decides about a path, that the index agrees with the plain reading, and what it costs a hook."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sox_hooks.core.findings import Place
from sox_hooks.core.text import decode
from sox_hooks.policy.facts import PathVerdict
from sox_hooks.policy.match import PathMatcher, fold
from sox_hooks.policy.model import PathRule, Policy, Tier
from sox_hooks.policy.patterns import PatternRefused, compile_pattern

TIERS = (Tier("middle", "approved", 1), Tier("strict", "none", 2), Tier("open", "any", 0))


def matcher(*rules: tuple[str, str], case_sensitive: bool = False) -> PathMatcher:
    """Rules as `(patterns separated by blanks, tier)`; the reason is the patterns."""
    return PathMatcher(
        Policy(
            identity="",
            repository="r",
            version=1,
            tiers=TIERS,
            case_sensitive=case_sensitive,
            paths=tuple(
                PathRule(
                    tuple(compile_pattern(pattern, case_sensitive) for pattern in patterns.split()),
                    tier,
                    f"because {patterns}",
                    Place(".sox/policy.toml", line),
                )
                for line, (patterns, tier) in enumerate(rules, 1)
            ),
        )
    )


def test_the_most_restrictive_tier_wins_whatever_the_order() -> None:
    rules = [("**", "open"), ("src/**", "middle"), ("src/ledger/**", "strict")]
    for order in (rules, rules[::-1]):
        paths = matcher(*order)
        assert paths.verdict("src/ledger/a").tier == "strict"
        assert paths.verdict("src/a").tier == "middle"
        assert paths.verdict("a").tier == "open"


def test_of_equal_tiers_the_first_line_and_the_first_pattern_are_named() -> None:
    paths = matcher(("**", "open"), ("lib/** *.py src/**", "strict"), ("src/a.py", "strict"))
    assert paths.verdict("src/a.py") == PathVerdict(
        "src/a.py", "strict", "*.py", "because lib/** *.py src/**", Place(".sox/policy.toml", 2)
    )


def test_what_nothing_matches_is_in_the_strictest_tier() -> None:
    assert matcher(("src/**", "open")).verdict("lib/a") == PathVerdict("lib/a", "strict")
    assert matcher().verdict("lib/a") == PathVerdict("lib/a", "strict")


def test_candidates_are_all_rules_that_match_the_deciding_one_first() -> None:
    paths = matcher(("**", "open"), ("docs/**", "strict"), ("src/** *.py", "middle"), ("*.p?", "open"))
    assert [(one.pattern, one.tier) for one in paths.candidates("src/a.py")] == [
        ("src/**", "middle"),
        ("**", "open"),
        ("*.p?", "open"),
    ]
    assert matcher(("docs/**", "strict")).candidates("src/a.py") == ()


def test_an_exception_is_read_narrowly() -> None:
    """git takes `?` for a byte, and a rule matches either way; what opens a door is read as people read it."""
    paths = matcher(("**", "open"), ("docs/??.md", "strict"))
    patterns = [compile_pattern("docs/??.md"), compile_pattern("LIB/**")]
    assert paths.verdict("docs/é.md").tier == "strict"
    assert not paths.matches(patterns, "docs/é.md")
    assert paths.matches(patterns, "docs/éa.md")
    assert paths.matches(patterns, "lib/a")
    assert not paths.matches([], "lib/a")


def test_a_kind_of_pattern_that_is_not_known_matches_too_much() -> None:
    odd = compile_pattern("src/**").replace(kind="future")
    policy = Policy("", "r", 1, tiers=TIERS, paths=(PathRule((odd,), "strict"),))
    assert PathMatcher(policy).verdict("lib/a").pattern == "src/**"


@pytest.mark.parametrize(
    ("one", "other"),
    [("SRC/Ä.py", "src/ä.py"), ("cafe\u0301", "CAFÉ"), ("Straße", "STRASSE"), ("\u212a", "K"), ("ΣΑΣ", "σας")],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert fold(one) == fold(other)
    assert fold(one, case_sensitive=True) != fold(one.swapcase(), case_sensitive=True)


@given(st.binary(max_size=40))
def test_folding_is_stable_for_any_bytes(raw: bytes) -> None:
    path = decode(raw)
    assert fold(fold(path)) == fold(path)
    assert fold(path, case_sensitive=True) == fold(fold(path, case_sensitive=True), case_sensitive=True)


NAMES = ["a", "B", "ab", "ba.c", "é", "e\u0301b", "\udce9", "a\n"]
PARTS = ["a", "b", "ab", ".c", "*", "**", "?", "[!a]", "[ab]", "é", "/", "/", "abc"]
PATHS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join)


def _usable(source: str) -> bool:
    try:
        compile_pattern(source)
    except PatternRefused:
        return False
    return True


SOURCES = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("".join).filter(_usable)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(SOURCES, st.sampled_from(["open", "middle", "strict"])), max_size=12),
    st.lists(PATHS, min_size=1, max_size=12),
)
def test_the_index_agrees_with_the_plain_reading(rules, paths) -> None:
    found = matcher(*rules)
    for path in paths:
        candidates = found.candidates(path)
        assert found.verdict(path) == (candidates[0] if candidates else PathVerdict(path, "strict"))


def test_a_hook_with_a_plain_policy_needs_no_regular_expressions() -> None:
    """The starter policy has only shapes that are compared as text."""
    script = """
import sys
from sox_hooks.policy.match import PathMatcher
from sox_hooks.policy.model import PathRule, Pattern, Policy, Tier
ledger = Pattern("src/ledger/**", "prefix", "src/ledger")
rules = (PathRule((Pattern("**", "all", ""),), "open"), PathRule((ledger,), "strict"))
policy = Policy("", "r", 1, tiers=(Tier("open", "any", 0), Tier("strict", "none", 1)), paths=rules)
assert PathMatcher(policy).verdict("src/ledger/a.py").tier == "strict"
heavy = {"re", "pathspec", "unicodedata", "sox_hooks.policy.patterns", "sox_hooks.policy.glob"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", _with_source(script)], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_decision_without_findings_imports_no_catalogue() -> None:
    script = """
import sys
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Claim, Facts
from sox_hooks.policy.model import PathRule, Pattern, Person, Policy, Tier
policy = Policy("", "r", 1, tiers=(Tier("open", "any", 0),), people=(Person("alice", emails=("a@b",)),),
                paths=(PathRule((Pattern("**", "all", ""),), "open"),))
decision = evaluate(policy, Facts(("a",), Claim("none"), (), "a@b", "alice", "2026-11-23T00:00:00Z"))
assert decision.allowed and not decision.findings
heavy = {"re", "difflib", "fnmatch", "datetime", "sox_hooks.policy.rules", "sox_hooks.policy.versions"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", _with_source(script)], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def _with_source(script: str) -> str:
    """The same source as the tests use, without site-packages (an editable install imports a lot by itself)."""
    import sox_hooks

    return f"import sys; sys.path.insert(0, {str(sox_hooks.__path__[0]).removesuffix('/sox_hooks')!r})\n{script}"
