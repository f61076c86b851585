"""Scanned commits counted by tool, month, author kind and path tier."""

from __future__ import annotations

import time

from sox_hooks.detection.scan import AI, BOT, PERSON, Scanned
from sox_hooks.policy.model import HIGH, LOW, MEDIUM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sox_hooks.detection.catalogue import Catalogue

_NO_DATE = "unknown"


class Inventory:
    """What `add` has seen. Months are those of the author's date in UTC.

    commits, flagged, weak   how many commits; with signs of at least medium confidence; with low ones only
    bots                     bots that are not AI -> commits that they wrote, of those not flagged
    months                   month -> all commits
    rows                     (tool, month, kind of author, tier, confidence, source) -> flagged commits; a commit with
                             two tools counts for both
    sources                  `commit` or other recorders -> flagged commits that are known from there
    contradicted             flagged commits that are declared to be without AI
    ignored                  why a note was not read -> how many
    tiers                    tier -> flagged commits, each once
    by_month                 month -> flagged commits, each once
    authors                  author as text -> flagged commits
    """

    def __init__(self) -> None:
        self.commits = self.flagged = self.weak = 0
        self.bots: dict[str, int] = {}
        self.months: dict[str, int] = {}
        self.rows: dict[tuple[str, str, str, str, str, str], int] = {}
        self.sources: dict[str, int] = {}
        self.contradicted = 0
        self.ignored: dict[str, int] = {}
        self.tiers: dict[str, int] = {}
        self.by_month: dict[str, int] = {}
        self.authors: dict[bytes, int] = {}
        self._spans: dict[str, tuple[int, int]] = {}
        self._days: dict[int, str] = {}

    def add(self, commit: Scanned) -> None:
        """Count a commit."""
        month = self._month(commit.authored)
        self.commits += 1
        _count(self.months, month)
        grade, source = commit.confidence, commit.source
        if commit.ignored:
            _count(self.ignored, commit.ignored)
        if grade not in (HIGH, MEDIUM):
            self.weak += grade == LOW
            if commit.author_kind == BOT:
                _count(self.bots, next(entry.tool for entry in commit.evidence if entry.source == "author"))
            return
        self.flagged += 1
        self.contradicted += commit.contradicted
        _count(self.sources, source)
        _count(self.by_month, month)
        _count(self.authors, commit.author)
        if commit.tier:
            _count(self.tiers, commit.tier)
        for tool in commit.tools:
            _count(self.rows, (tool, month, commit.author_kind, commit.tier, grade, source))
            if commit.authored >= 0:
                first, last = self._spans.get(tool, (commit.authored, commit.authored))
                self._spans[tool] = (min(first, commit.authored), max(last, commit.authored))

    def tools(self, catalogue: Catalogue) -> list[dict[str, Any]]:
        """One table a tool, the most used first: id, name, vendor, commits by confidence, author kind and tier."""
        tables: dict[str, dict[str, Any]] = {}
        for (tool, _, kind, tier, grade, _), count in self.rows.items():
            if tool not in tables:
                name, vendor, _ = catalogue.tools.get(tool, [tool, "", AI])
                first, last = self._spans.get(tool, (-1, -1))
                tables[tool] = {
                    "tool": tool, "name": name, "vendor": vendor, "commits": 0, HIGH: 0, MEDIUM: 0,
                    "authors": {PERSON: 0, AI: 0, BOT: 0}, "tiers": {}, "first": day(first), "last": day(last),
                }  # fmt: skip
            table = tables[tool]
            table["commits"] += count
            table[grade] += count
            table["authors"][kind] += count
            if tier:
                _count(table["tiers"], tier, count)
        return sorted(tables.values(), key=lambda table: (-table["commits"], table["tool"]))

    def by_months(self) -> list[dict[str, Any]]:
        """One table a month with flagged commits, the earliest first: all commits, flagged ones, by tool."""
        tables: dict[str, dict[str, Any]] = {
            month: {"month": month, "commits": self.months[month], "assisted": count, "tools": {}}
            for month, count in sorted(self.by_month.items())
        }
        for (tool, month, *_), count in sorted(self.rows.items()):
            _count(tables[month]["tools"], tool, count)
        return list(tables.values())

    def _month(self, seconds: int) -> str:
        if seconds < 0:
            return _NO_DATE
        number = seconds // 86400
        month = self._days.get(number)
        if month is None:
            month = self._days[number] = time.strftime("%Y-%m", time.gmtime(seconds))
        return month


def day(seconds: int) -> str:
    """The date in UTC, "" if there is none."""
    return time.strftime("%Y-%m-%d", time.gmtime(seconds)) if seconds >= 0 else ""


def _count(counts: dict[Any, int], key: object, by: int = 1) -> None:
    counts[key] = counts.get(key, 0) + by
