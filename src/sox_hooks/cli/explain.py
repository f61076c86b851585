"""Explain a rule: what it means, why it exists and how to mend it.

Rules are numbered by what they are about: SOX0xx policy files, 1xx declaration and attribution, 2xx paths and tools,
3xx tool register, 4xx people, keys and training, 5xx review, 6xx records and signatures, 7xx log and operation of the
controls, 8xx audit.
"""

from __future__ import annotations

import json
import sys

from sox_hooks.cli.describe import offer
from sox_hooks.core.errors import PASS, UsageError
from sox_hooks.core.findings import Finding
from sox_hooks.output.links import page
from sox_hooks.policy.document import meant, quoted
from sox_hooks.policy.rules import RULES, Rule, group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

# Letters that a person who copies an id from a screen takes for digits.
_MISREAD = str.maketrans("OIL", "011")


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks explain --help`."""
    what = parser.add_mutually_exclusive_group(required=True)
    rule = what.add_argument("rule", nargs="?", metavar="RULE", help="the rule's id or name, e.g. SOX201")
    offer(rule, RULES)
    what.add_argument("--all", action="store_true", help="every rule")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (default: text)")


def run(options: Namespace) -> int:
    """Print one rule or all of them."""
    if options.format == "json":
        found = [_object(rule) for rule in RULES.values()] if options.all else _object(_find(options.rule))
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    elif options.all:
        heading = ""
        for rule in RULES.values():
            if group(rule.id) != heading:
                heading = group(rule.id)
                sys.stdout.write(f"{heading}\n")
            sys.stdout.write(f"  {rule.id} {rule.severity:<7} {rule.name}: {rule.summary}\n")
    else:
        sys.stdout.write(_text(_find(options.rule)))
    return PASS


def _find(word: str) -> Rule:
    by_name = {rule.name: rule for rule in RULES.values()}
    number = word.upper().removeprefix("SOX").translate(_MISREAD)
    rule: Rule | None = RULES.get(f"SOX{number}") or by_name.get(word.lower())
    if rule is None:
        raise UsageError(
            f"there is no rule {quoted(word)}{meant(word, [*RULES, *by_name])}", fix="sox-hooks explain --all"
        )
    return rule


def _docs(rule: Rule) -> str:
    return page(Finding(rule.id, rule.severity, "").docs)


def _object(rule: Rule) -> dict[str, str]:
    return {**{name: str(getattr(rule, name)) for name in rule.fields}, "group": group(rule.id), "docs": _docs(rule)}


def _text(rule: Rule) -> str:
    text = (
        f"{rule.id} {rule.name} ({rule.severity}; {group(rule.id)})\n\n"
        f"{rule.summary}\n\n"
        f"  why:  {rule.why}\n"
        f"  fix:  {rule.fix}\n"
    )
    address = _docs(rule)
    return text + (f"  docs: {address}\n" if "://" in address else "")
