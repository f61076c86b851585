"""The catalogue of rules: complete, well-formed, and the only source of ids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sox_hooks
from sox_hooks.core.findings import ERROR, SEVERITIES
from sox_hooks.policy.rules import RULES, Rule, finding, group

SOURCE = Path(sox_hooks.__path__[0])


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_text_is_there_and_fits(rule: Rule) -> None:
    assert re.fullmatch(r"SOX[0-8][0-9]{2}", rule.id)
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", rule.name)
    assert rule.severity in SEVERITIES
    for text in (rule.summary, rule.why):
        assert 20 <= len(text) <= 160
        assert text.isprintable()
        assert text.endswith(".")
    assert 10 <= len(rule.fix) <= 160
    assert rule.fix.isprintable()
    assert group(rule.id)


def test_ids_and_names_are_used_once() -> None:
    rules = [
        rule for file in SOURCE.glob("policy/rules/*.py") for rule in re.findall(r'"(SOX\d{3})",', file.read_text())
    ]
    assert sorted(rules) == sorted(RULES)
    names = [rule.name for rule in RULES.values()]
    assert len(set(names)) == len(names)


def test_every_id_in_the_source_is_in_the_catalogue() -> None:
    used = {
        (rule, file.name)
        for file in SOURCE.rglob("*.py")
        for rule in re.findall(r"SOX\d{3}\b", file.read_text(encoding="utf-8"))
    }
    assert used
    assert [(rule, file) for rule, file in sorted(used) if rule not in RULES] == []


def test_every_id_in_the_catalogue_is_reported_by_something() -> None:
    """A page that nobody is ever sent to is a promise that nobody keeps."""
    files = [file for file in SOURCE.rglob("*.py") if file.parent.name != "rules"]
    used = {rule for file in files for rule in re.findall(r'"(SOX\d{3})"', file.read_text(encoding="utf-8"))}
    assert sorted(set(RULES) - used) == []


def test_a_finding_takes_severity_and_fix_from_the_catalogue_unless_given() -> None:
    plain = finding("SOX201", "claude-code may not be used here")
    assert (plain.severity, plain.fix) == (ERROR, RULES["SOX201"].fix)
    own = finding("SOX201", "m", severity="note", fix="nothing", path="a")
    assert (own.severity, own.fix, own.path) == ("note", "nothing", "a")
    assert plain.docs == "reference/rules/SOX201.html"


def test_a_rule_that_does_not_exist_cannot_be_reported() -> None:
    with pytest.raises(KeyError):
        finding("SOX299", "m")
