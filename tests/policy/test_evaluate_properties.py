"""What must be true of every decision: more can only make it stricter, and the order of things does not matter."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Claim, Evidence, Facts, ToolUse
from tests.policy.decisions import changed, exception, setting, tier, tool, trained

TOOLS = ["claude-code", "github-copilot", "cursor", "codex", "aider", ""]
VERSIONS = st.sampled_from(["", "2.0", "2.1.263", "latest"])
MODELS = st.sampled_from(["", "claude-opus-4-8", "gpt-5"])
CHANGES = [
    exception(),
    exception(id="EX-2", tool="github-copilot", patterns=["lib/**", "src/ledger/a*"]),
    exception(id="EX-3", expires="2026-11-22"),
    trained(),
    tier("controlled", tools=("cursor",), key="hardware"),
    tier("open", undeclared=False, require=("version",)),
    tool("claude-code", revoked_on="2026-11-01"),
    setting(record_for_others=True),
]
POLICIES = st.lists(st.sampled_from(CHANGES), unique=True, max_size=4).map(changed)
USES = st.builds(ToolUse, st.sampled_from(TOOLS[:-1]), VERSIONS, MODELS, st.booleans())
DECLARED = st.builds(
    Claim, st.sampled_from(["none", "undeclared", "assisted"]), st.lists(USES, max_size=3).map(tuple)
).map(lambda claim: claim if claim.assistance == "assisted" else claim.replace(tools=()))
SIGNS = st.builds(
    Evidence,
    st.sampled_from(TOOLS),
    st.sampled_from(["high", "medium", "low"]),
    st.sampled_from(["environment", "ancestry", "trailer"]),
    st.just("seen"),
    VERSIONS,
    MODELS,
    kind=st.sampled_from(["ai", "ai", "bot"]),
)
PATHS = st.lists(
    st.sampled_from(["docs/a", "lib/a", "lib/b", "src/ledger/a", "src/ledger/b", "keys/a", "SRC/ledger/a"]), max_size=5
)
FACTS = st.builds(
    Facts,
    PATHS.map(tuple),
    DECLARED,
    st.lists(SIGNS, max_size=4).map(tuple),
    st.sampled_from(["alice@bank.example", "bob@bank.example", "eve@evil.example", ""]),
    st.sampled_from(["alice", "bob", "release-bot", ""]),
    st.sampled_from(["2026-11-23T00:00:00Z", "2025-06-30T12:00:00Z", "2027-06-30T12:00:00Z"]),
    st.sampled_from([(), (), ("EX-1",), ("EX-2", "EX-9")]),
    st.sampled_from([None, True, False]),
)
STRENGTH = ["undeclared", "none", "assisted"]
QUICK = settings(max_examples=150, deadline=None)


@QUICK
@given(POLICIES, FACTS, SIGNS)
def test_more_evidence_never_weakens_the_claim(policy, facts, sign) -> None:
    before = evaluate(policy, facts).claim
    after = evaluate(policy, facts.replace(evidence=(*facts.evidence, sign))).claim
    assert STRENGTH.index(after.assistance) >= STRENGTH.index(before.assistance)
    assert {use.tool for use in after.tools} >= {use.tool for use in before.tools}


@QUICK
@given(POLICIES, FACTS, DECLARED)
def test_a_declaration_never_hides_what_the_evidence_shows(policy, facts, declared) -> None:
    shown = evaluate(policy, facts.replace(declared=Claim())).claim
    claim = evaluate(policy, facts.replace(declared=declared)).claim
    assert STRENGTH.index(claim.assistance) >= STRENGTH.index(shown.assistance)
    assert {use.tool for use in claim.tools} >= {use.tool for use in shown.tools}


@QUICK
@given(POLICIES, FACTS, PATHS)
def test_more_paths_never_turn_a_refusal_into_a_permission(policy, facts, paths) -> None:
    if not evaluate(policy, facts).allowed:
        assert not evaluate(policy, facts.replace(paths=(*facts.paths, *paths))).allowed
    assert set(evaluate(policy, facts.replace(paths=(*facts.paths, *paths))).relations) <= set(
        evaluate(policy, facts).relations
    )


@QUICK
@given(POLICIES, FACTS, st.randoms(use_true_random=False))
def test_order_does_not_matter(policy, facts, random) -> None:
    def shuffled(values):
        values = list(values)
        random.shuffle(values)
        return tuple(values)

    other = facts.replace(
        paths=shuffled(facts.paths),
        evidence=shuffled(facts.evidence),
        exceptions=shuffled(facts.exceptions),
        declared=facts.declared.replace(tools=shuffled(facts.declared.tools)),
    )
    shuffled_policy = policy.replace(
        tools=shuffled(policy.tools), people=shuffled(policy.people), exceptions=shuffled(policy.exceptions)
    )
    decision, again = evaluate(policy, facts), evaluate(shuffled_policy, other)
    assert again.replace(findings=()) == decision.replace(findings=())
    # Advice may list tools in the order of the register.
    assert [one.replace(fix="") for one in again.findings] == [one.replace(fix="") for one in decision.findings]


@QUICK
@given(POLICIES, FACTS)
def test_mode_warn_changes_nothing_but_the_verdict(policy, facts) -> None:
    strict, warned = evaluate(policy, facts), evaluate(policy.replace(mode="warn"), facts)
    assert warned == strict.replace(allowed=True)
    assert strict.allowed == all(one.severity != "error" for one in strict.findings)
