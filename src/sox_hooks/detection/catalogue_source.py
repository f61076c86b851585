"""From `catalogue.toml` and a policy's `[catalogue.<id>]` to the dictionaries of `Catalogue`.

Both are tables of the same form (it is described in `catalogue.toml`) and go through the same checks. Never on the
hook's path: the result is kept with the compiled policy.
"""

from __future__ import annotations

import json
import os

from sox_hooks.core.errors import ConfigError
from sox_hooks.core.text import printable
from sox_hooks.detection import catalogue_facts
from sox_hooks.detection.catalogue import Catalogue, folded, from_json, to_json
from sox_hooks.detection.catalogue_facts import GRADED, PLAIN, Wrong, meant
from sox_hooks.policy.model import HIGH, LOW, MEDIUM
from sox_hooks.policy.rules import finding
from sox_hooks.policy.toml_places import toml_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sox_hooks.core.findings import Finding

_GRADES = (HIGH, MEDIUM, LOW)
_WORDS = ("name", "vendor", "kind")
_ALLOWED = (*_WORDS, *PLAIN, *GRADED)
_KINDS = ("ai", "bot")
_KEYS = {
    "authors": "author",
    "reviewers": "reviewer",
    "disclosures": "disclosure",
    "statements": "statement",
    "hints": "hint",
}


def load() -> Catalogue:
    """The catalogue of the package."""
    with open(os.path.join(os.path.dirname(__file__), "catalogue.toml"), "rb") as file:
        document = toml_reader().load(file)
    index = _empty()
    for name, kind in _KEYS.items():
        index["keys"].update((catalogue_facts.trailer_key(key), kind) for key in document["keys"][name])
    builder = _Builder(index)
    for tool, facts in document["tools"].items():
        builder.tool(tool, facts)
    builder.finish("the catalogue of tools that comes with sox-hooks is broken", "detection/catalogue.toml")
    return from_json(json.dumps(index))


def extended(catalogue: Catalogue, overrides_json: str) -> Catalogue:
    """`catalogue` with a policy's additions. Raises `ConfigError` with a finding for everything that is wrong."""
    index = json.loads(to_json(catalogue))
    builder = _Builder(index)
    overrides = json.loads(overrides_json)
    if not isinstance(overrides, dict):
        overrides = {}
        builder.wrong("SOX003", "[catalogue] must be a table")
    for tool, facts in overrides.items():
        builder.tool(tool, facts)
    builder.finish("the policy's additions to the catalogue of tools cannot be used", ".sox/policy.toml")
    return from_json(json.dumps(index))


def _empty() -> dict[str, Any]:
    lists = {"suffixes", "footer_starts", "footer_words", "subjects", "variable_starts", "session_trailers", "families"}
    return {field: [] if field in lists else {} for field in Catalogue.fields}


class _Builder:
    """Puts tables of facts into an index and collects what is wrong with them."""

    def __init__(self, index: dict[str, Any]) -> None:
        self.index = index
        self.findings: list[Finding] = []

    def wrong(self, rule: str, message: str) -> None:
        self.findings.append(finding(rule, printable(message, 300), path=".sox/policy.toml"))

    def finish(self, what: str, where: str) -> None:
        if self.findings:
            raise ConfigError(what, where=where, rule=self.findings[0].rule, findings=tuple(self.findings))

    def tool(self, tool: str, facts: object) -> None:
        """Add a table: a new tool, or more about one that is there."""
        table = f"[catalogue.{tool}]"
        if not catalogue_facts.is_id(tool):
            self.wrong("SOX003", f"{table}: the id must be lower-case letters, digits, '.', '_' and '-'")
            return
        if not isinstance(facts, dict):
            self.wrong("SOX003", f"{table} must be a table")
            return
        self._describe(table, tool, facts)
        removed = facts.get("remove", {})
        if not isinstance(removed, dict):
            self.wrong("SOX003", f'{table} remove must be a table such as {{ emails = ["bot@example.com"] }}')
            removed = {}
        for name, value in removed.items():
            self._facts(f"{table} remove", tool, name, value, remove=True)
        for name, value in facts.items():
            if name not in _WORDS and name != "remove":
                self._facts(table, tool, name, value, remove=False)

    def _describe(self, table: str, tool: str, facts: dict[str, Any]) -> None:
        entry = self.index["tools"].setdefault(tool, [tool, "", "ai"])
        for position, word in enumerate(_WORDS):
            value = facts.get(word, entry[position])
            if word == "kind" and value not in _KINDS:
                self.wrong("SOX003", f'{table} kind must be "ai" or "bot"')
            elif not isinstance(value, str) or len(value) > 100 or not value.isprintable():
                self.wrong("SOX003", f"{table} {word} must be one line of text, at most 100 characters")
            else:
                entry[position] = value
        for name in (tool, entry[0]):
            self.index["aliases"].setdefault(folded(name), tool)

    def _facts(self, table: str, tool: str, name: str, value: object, *, remove: bool) -> None:
        if name in PLAIN or (remove and name in GRADED):
            for text in self._texts(f"{table} {name}", value):
                self._fact(f"{table} {name}", tool, name, text, LOW, remove=remove)
        elif name in GRADED:
            if not isinstance(value, dict):
                self.wrong("SOX003", f"{table} {name} needs a confidence: write {name}.high = [...], .medium or .low")
                return
            for grade, texts in value.items():
                if grade not in _GRADES:
                    self.wrong("SOX002", f"{table} {name}.{grade}: the confidence must be high, medium or low")
                    continue
                for text in self._texts(f"{table} {name}.{grade}", texts):
                    self._fact(f"{table} {name}.{grade}", tool, name, text, grade, remove=False)
        else:
            allowed = (*PLAIN, *GRADED) if remove else (*_ALLOWED, "remove")
            self.wrong("SOX002", f"{table} has the unknown key {name!r}{meant(name, allowed)}")

    def _texts(self, where: str, value: object) -> list[str]:
        if not isinstance(value, list):
            self.wrong("SOX003", f"{where} must be an array of texts")
            return []
        good = []
        for text in value:
            if isinstance(text, str) and text.strip() and len(text) <= 200 and text.isprintable():
                good.append(text)
            else:
                self.wrong("SOX003", f"{where} must hold texts of one line, at most 200 characters: {text!r}")
        return good

    def _fact(self, where: str, tool: str, name: str, text: str, grade: str, *, remove: bool) -> None:
        put = {**PLAIN, **GRADED}[name]
        try:
            found = put(self.index, tool, text, "" if remove else grade)
        except Wrong as problem:
            self.wrong("SOX003", f"{where}: {text!r} {problem}")
            return
        if remove and not found:
            self.wrong("SOX008", f"{where}: {tool} has no {text!r}")
