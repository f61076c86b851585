from __future__ import annotations

import json

import pytest

from sox_hooks.__main__ import main
from sox_hooks.policy.rules import RULES, group


@pytest.mark.parametrize("word", ["SOX201", "sox201", "201", "SOX2O1", "sox20l", "ai-not-allowed-here"])
def test_one_rule(word, capsys):
    assert main(["explain", word]) == 0
    rule = RULES["SOX201"]
    out = capsys.readouterr().out
    assert out.startswith("SOX201 ai-not-allowed-here (error; paths and tools)\n")
    for words in (rule.summary, rule.why, rule.fix):
        assert words in out
    assert "docs:" not in out  # there is no address without SOX_HOOKS_DOCS_URL


def test_one_rule_with_an_address(monkeypatch, capsys):
    monkeypatch.setenv("SOX_HOOKS_DOCS_URL", "https://docs.bank.example/")
    assert main(["explain", "SOX201"]) == 0
    assert "  docs: https://docs.bank.example/reference/rules/SOX201.html\n" in capsys.readouterr().out


def test_all_rules(capsys):
    assert main(["explain", "--all"]) == 0
    out = capsys.readouterr().out
    for rule in RULES.values():
        assert f"  {rule.id} {rule.severity:<7} {rule.name}: {rule.summary}\n" in out
        assert f"{group(rule.id)}\n" in out
    assert out.count("policy files\n") == 1


def test_json(capsys):
    assert main(["explain", "SOX201", "--format", "json"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert set(one) == {"id", "name", "severity", "summary", "why", "fix", "group", "docs"}
    assert main(["explain", "--all", "--format", "json"]) == 0
    every = json.loads(capsys.readouterr().out)
    assert [rule["id"] for rule in every] == list(RULES)
    assert one in every


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("SOX999", 'there is no rule "SOX999"'),
        ("tool-not-aproved", 'there is no rule "tool-not-aproved"; did you mean "tool-not-approved"?'),
        ("", 'there is no rule ""'),
        ("x" * 10_000, 'there is no rule "xxx'),
        ("\x1b[2J", r'there is no rule "\x1b[2J"'),
    ],
)
def test_a_rule_that_does_not_exist(word, first, capsys):
    assert main(["explain", word]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"sox-hooks: {first}")
    assert err.endswith("  fix:   sox-hooks explain --all\n")
    assert len(err) < 300


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_is_worth_reading(rule):
    assert rule.severity in ("error", "warning", "note")
    assert rule.summary.endswith(".")
    assert rule.why.endswith(".")
    assert rule.fix
    assert rule.summary != rule.why
