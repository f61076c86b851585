"""The catalogue of rules, one module a group. Ids never change their meaning and are never used again.

A rule is one entry here and one function where it is decided. The pages in `docs/reference/rules/` are made from this
package (`dev/docs.py`), `sox-hooks explain SOXnnn` prints an entry. Hooks import it only when there is a finding, and
of its modules only those that have the rule.
"""

from __future__ import annotations

from sox_hooks.core.findings import Finding
from sox_hooks.policy.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    RULES: dict[str, Rule]

__all__ = ["RULES", "Rule", "finding", "group"]

_GROUPS = {
    "0": "policy files",
    "1": "declaration and attribution",
    "2": "paths and tools",
    "3": "tool register",
    "4": "people, keys, training",
    "5": "review",
    "6": "records and signatures",
    "7": "log and control operation",
    "8": "audit",
}

# The modules by the first digit of the ids in them.
_MODULES = {
    "0": "files",
    "1": "declaration",
    "2": "paths",
    "3": "register",
    "4": "people",
    "6": "records",
    "7": "operation",
}


def __getattr__(name: str) -> dict[str, Rule]:
    """`RULES`: all of them by id (PEP 562)."""
    if name != "RULES":
        raise AttributeError(name)
    found = {rule.id: rule for digit in _MODULES for rule in _rules(digit)}
    globals()["RULES"] = found
    return found


def _rules(digit: str) -> tuple[Rule, ...]:
    module = __import__(f"sox_hooks.policy.rules.{_MODULES[digit]}", fromlist=("ALL",))
    found: tuple[Rule, ...] = module.ALL
    return found


def group(rule_id: str) -> str:
    """The name of the group a rule belongs to."""
    return _GROUPS[rule_id[3]]


def finding(rule_id: str, message: str, **fields: Any) -> Finding:
    """A finding of a rule: severity and fix come from the catalogue unless given."""
    rule = {one.id: one for one in _rules(rule_id[3])}[rule_id]
    fields.setdefault("severity", rule.severity)
    fields.setdefault("fix", rule.fix)
    return Finding(rule=rule_id, message=message, **fields)
