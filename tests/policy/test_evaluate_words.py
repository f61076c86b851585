"""What findings and decisions say, beyond the id of the rule."""

from __future__ import annotations

from typing import Any

import pytest

from sox_hooks.policy.model import RELATIONS, Dated
from tests.policy.decisions import CLAUDE, DOCS, KEYS, LEDGER, Change, decide, exception, person, tool, trained


def only(*changes: Change, **facts: Any):
    (one,) = decide(changes, **facts).findings
    return one


def test_a_refusal_names_tool_path_tier_reason_place_and_what_to_do() -> None:
    one = only(declared="aider", paths=["src/ledger/b.py", "src/ledger/a.py", "src/ledger/c.py"])
    assert one.message == "aider is not in the tool register: src/ledger/a.py and 2 more (tier restricted)"
    assert one.why == "src/ledger/** is restricted: books of record"
    assert str(one.place) == ".sox/policy.toml:78:1"
    assert one.fix == "Use claude-code there, make this change without AI, or ask for an exception"
    assert one.path == "src/ledger/a.py"


def test_a_condition_names_both_numbers_and_the_entry() -> None:
    one = only(tool("claude-code", retention_days=90), declared=CLAUDE)
    assert "retention<=30 (data is kept for 90 days, not 30)" in one.message
    assert "[tools.claude-code]" in one.why
    assert "books of record" in one.why
    assert str(one.place) == ".sox/policy.toml:20:1"


def test_missing_fields_are_named() -> None:
    one = only(declared="github-copilot")
    assert "data_residency, retention_days, soc2_valid_until" in one.message


def test_a_misspelt_tool_gets_a_suggestion() -> None:
    assert "did you mean claude-code?" in only(declared="cloude-code?", paths=[DOCS]).message


def test_where_no_tool_is_left_the_advice_says_so() -> None:
    one = only(tool("claude-code", retention_days=90), declared="aider")
    assert one.fix == "Make this change without AI: the register has no tool for tier restricted now"


@pytest.mark.parametrize(
    ("training", "words"),
    [
        ((), "has no training in ai-sox"),
        ((Dated("ai-sox", "2025-01-01", "2025-12-31"),), "has no valid training in ai-sox since 2025-12-31"),
        ((Dated("ai-sox", "2026-12-01"),), "is trained in ai-sox only from 2026-12-01"),
        ((Dated("other", "2025-01-01"),), "has no training in ai-sox"),
    ],
)
def test_training_says_since_when(training, words) -> None:
    one = only(trained(), person("alice", trainings=training), declared=CLAUDE)
    assert words in one.message


def test_a_lifted_refusal_says_by_whom_and_until_when() -> None:
    decision = decide([exception()], declared="aider")
    (one,) = decision.findings
    assert decision.exceptions == ("EX-1",)
    assert "allowed by exception EX-1 until 2026-11-30" in one.message
    assert one.why == "pilot (GRC-7), approved by carol"


@pytest.mark.parametrize(
    ("changes", "claimed", "words"),
    [
        ([exception(expires="2026-11-22")], (), "would allow it, but expired on 2026-11-22"),
        ([exception(starts="2026-11-24")], ("EX-1",), "begins on 2026-11-24"),
        ([exception(persons=("bob",))], ("EX-1",), "is not for alice"),
        ([exception(patterns=["lib/**"])], ("EX-1",), "does not cover src/ledger/post.py"),
        ([exception(tool="cursor")], ("EX-1",), "is for cursor, not for aider"),
        ([exception(requested_by="carol")], ("EX-1",), "who asked for it or profits from it"),
        ([], ("EX-1",), "there is no exception EX-1"),
    ],
)
def test_an_exception_that_does_not_fit_says_why(changes, claimed, words) -> None:
    findings = decide(changes, declared="aider", exceptions=claimed).findings
    assert words in next(one.message for one in findings if one.rule == "SOX403")


def test_the_decision_lists_tiers_relations_and_paths() -> None:
    decision = decide(paths=[DOCS, LEDGER, KEYS, LEDGER])
    assert decision.tiers == ("sealed", "restricted", "open")
    assert decision.relations == ("same-change", "merge")
    assert [(one.path, one.tier, one.pattern) for one in decision.paths] == [
        (KEYS, "sealed", "keys/**"),
        (LEDGER, "restricted", "src/ledger/**"),
    ]
    empty = decide(paths=[])
    assert (empty.tiers, empty.relations, empty.paths) == ((), RELATIONS, ())


def test_a_huge_change_has_a_short_decision() -> None:
    paths = [f"src/ledger/{number}.py" for number in range(3000)]
    decision = decide(paths=paths, declared="codex")
    (one,) = decision.findings
    assert len(decision.paths) == 1000
    assert one.message.endswith("src/ledger/0.py and 2999 more")


def test_nothing_from_outside_is_printed_raw() -> None:
    decision = decide(
        paths=["src/ledger/\x1b[31m\udcff\n.py"],
        declared="evil\x1b]0;?",
        email="a\x07@b",
        exceptions=["EX\r"],
        evidence=["x\x1by low a"],
    )
    assert len(decision.findings) >= 4
    for one in decision.findings:
        assert f"{one.message}{one.why}{one.fix}{one.path}".isprintable()
