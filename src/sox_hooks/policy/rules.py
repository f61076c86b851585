"""The catalogue of rules. Ids never change their meaning and are never used again.

A rule is one entry here and one function where it is decided. The pages in `docs/reference/rules/` are made from this
file (`dev/docs.py`), `sox-hooks explain SOXnnn` prints an entry. Hooks import it only when there is a finding.
"""

from __future__ import annotations

from sox_hooks.core.findings import ERROR, NOTE, WARNING, Finding
from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Rule(Struct):
    """One rule: `summary` is a sentence, `why` the reason that such a rule exists, `fix` how to mend it in general."""

    id: str
    name: str
    severity: str
    summary: str
    why: str
    fix: str


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

_ALL = (
    Rule(
        "SOX001",
        "policy-unreadable",
        ERROR,
        "A file of .sox/ is not valid TOML or cannot be read.",
        "A policy that cannot be read in full cannot be enforced in full.",
        "Correct the file at the place named, then run: sox-hooks policy lint",
    ),
    Rule(
        "SOX105",
        "weak-signs-of-ai",
        NOTE,
        "Something hints at an AI tool, but not enough to say so.",
        "Signals that people also produce must never decide alone; they are kept as evidence.",
        "Declare what is true: AI-Assistance: none, or Assisted-by: TOOL",
    ),
    Rule(
        "SOX102",
        "declaration-contradicted",
        WARNING,
        "The declaration says less than the evidence; the stronger claim is recorded.",
        "An agent can write AI-Assistance: none too.",
        "If the evidence is stale (an old terminal of an agent), start a clean shell and commit again.",
    ),
)

RULES = {rule.id: rule for rule in _ALL}


def group(rule_id: str) -> str:
    """The name of the group a rule belongs to."""
    return _GROUPS[rule_id[3]]


def finding(rule_id: str, message: str, **fields: Any) -> Finding:
    """A finding of a rule: severity and fix come from the catalogue unless given."""
    rule = RULES[rule_id]
    fields.setdefault("severity", rule.severity)
    fields.setdefault("fix", rule.fix)
    return Finding(rule=rule_id, message=message, **fields)
