"""Which tier a path is in: the most restrictive one of all whose patterns match it.

No pattern is parsed here (`policy.patterns` did that when the policy was compiled), and no regular expression is
compiled before a path needs it. Patterns are indexed by folder, name and ending; what was found out about a folder or
a name is kept, so that a thousand patterns cost ten thousand paths little more than ten patterns do.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.core.text import encode
from sox_hooks.policy.facts import PathVerdict
from sox_hooks.policy.model import Pattern, Policy, Tier

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterable
    from typing import TypeAlias

    from sox_hooks.policy.model import PathRule


def fold(text: str, case_sensitive: bool = False) -> str:
    """A path in the one spelling that is compared: normalised (NFC), and without case unless that matters.

    Macs do not tell "é" from "e" + accent in a file name, Macs and Windows do not tell "A" from "a"; a rule that can be
    walked around by spelling is none. Bytes that are not UTF-8 (lone surrogates) stay as they are.
    """
    if text.isascii():
        return text if case_sensitive else text.lower()
    from unicodedata import normalize

    if case_sensitive:
        return normalize("NFC", text)
    return normalize("NFC", normalize("NFD", text).casefold())  # Unicode 15.0, section 3.13, D145


def fold_bytes(text: str, case_sensitive: bool = False) -> str:
    """A path as git compares it: one character a byte, no normalisation, only A to Z have case."""
    raw = encode(text)
    return (raw if case_sensitive else raw.lower()).decode("latin-1")


class _Entry(Struct):
    """A pattern with its rule. Of several that match the greatest `weight` decides: rank, then the earlier line.

    `weight` is the tier's rank, the rule's place in the file and the pattern's place in the rule, both negative.
    """

    weight: tuple[int, int, int]
    pattern: Pattern
    rule: PathRule
    tier: Tier


if TYPE_CHECKING:
    Best: TypeAlias = "_Entry | None"

_GRAM = 3


class PathMatcher:
    """Answers questions about paths for one policy (which has at least one tier; rules name only tiers it has)."""

    def __init__(self, policy: Policy) -> None:
        self._case_sensitive = policy.case_sensitive
        self._strictest = max(policy.tiers, key=_rank)
        tiers = {tier.name: tier for tier in policy.tiers}
        self._entries = [
            _Entry((tiers[rule.tier].rank, -place, -at), pattern, rule, tiers[rule.tier])
            for place, rule in enumerate(policy.paths)
            for at, pattern in enumerate(rule.patterns)
        ]
        self._regexes = _Regexes()
        self._index = _Index(self._entries, self._regexes)
        self._byte_index: _Index | None = None

    def verdict(self, path: str) -> PathVerdict:
        """The tier of a path (text as `core.text.decode` makes it) and the pattern that put it there.

        Where no pattern matches it is the strictest tier, and `pattern` is "".
        """
        best = self._index.best(fold(path, self._case_sensitive))
        if not path.isascii():
            best = _better(best, self._bytes().best(fold_bytes(path, self._case_sensitive)))
        if best is None:
            return PathVerdict(path, self._strictest.name)
        return _verdict(path, best)

    def candidates(self, path: str) -> tuple[PathVerdict, ...]:
        """Every rule that matches a path, each with its first pattern that does; the one that decides comes first."""
        folded = fold(path, self._case_sensitive)
        found = [entry for entry in self._entries if self._regexes.test(entry.pattern, folded)]
        if not path.isascii():
            raw = fold_bytes(path, self._case_sensitive)
            found += [entry for entry in self._bytes().entries if self._regexes.test(entry.pattern, raw)]
        found.sort(key=_weight, reverse=True)
        one_a_rule: dict[int, _Entry] = {}
        for entry in found:
            one_a_rule.setdefault(entry.weight[1], entry)
        return tuple([_verdict(path, entry) for entry in one_a_rule.values()])

    def matches(self, patterns: Iterable[Pattern], path: str) -> bool:
        """Whether one of the patterns of an exception covers a path.

        What opens a door is read narrowly: git's reading byte by byte, which may match more, does not count here.
        """
        folded = fold(path, self._case_sensitive)
        return any(self._regexes.test(pattern, folded) for pattern in patterns)

    def _bytes(self) -> _Index:
        """The index of the patterns that git reads differently in a path which is not ASCII."""
        if self._byte_index is None:
            entries = [entry for entry in self._entries if entry.pattern.kind in ("glob", "regex")]
            if entries:
                from sox_hooks.policy.patterns import bytes_pattern

                entries = [
                    entry.replace(pattern=bytes_pattern(entry.pattern, self._case_sensitive)) for entry in entries
                ]
            self._byte_index = _Index(entries, self._regexes)
        return self._byte_index


class _Regexes:
    """Compiled regular expressions, each made when it is first needed, and the plain test of one pattern."""

    def __init__(self) -> None:
        self._compiled: dict[str, re.Pattern[str]] = {}

    def matches(self, text: str, subject: str) -> bool:
        compiled = self._compiled.get(text)
        if compiled is None:
            import re

            compiled = self._compiled[text] = re.compile(text)
        return compiled.match(subject) is not None

    def test(self, pattern: Pattern, path: str) -> bool:
        """Whether a pattern matches a folded path. The meaning of every kind, without any index."""
        kind, text = pattern.kind, pattern.text
        if kind in ("exact", "prefix"):
            return path == text or path.startswith(text + "/")
        if kind == "name":
            return f"/{text}/" in f"/{path}/"
        if kind == "suffix":
            return path.endswith(text) or text + "/" in path
        if kind == "glob":
            return any(self.matches(text, name) for name in path.split("/"))
        if kind == "regex":
            return self.matches(text, path)
        return True  # "all"; and a kind that is not known matches too much rather than too little


class _Index:
    """Finds the best entry for a folded path."""

    def __init__(self, entries: list[_Entry], regexes: _Regexes) -> None:
        self.entries = entries
        self._everywhere: Best = None
        self._paths: dict[str, _Entry] = {}
        self._names: dict[str, _Entry] = {}
        self._suffixes: dict[int, dict[str, _Entry]] = {}
        globs, expressions = [], []
        for entry in sorted(entries, key=_weight, reverse=True):  # the best comes first and stays
            kind, text = entry.pattern.kind, entry.pattern.text
            if kind in ("exact", "prefix"):
                self._paths.setdefault(text, entry)
            elif kind == "name":
                self._names.setdefault(text, entry)
            elif kind == "suffix":
                self._suffixes.setdefault(len(text), {}).setdefault(text, entry)
            elif kind == "glob":
                globs.append(entry)
            elif kind == "regex":
                expressions.append(entry)
            elif self._everywhere is None:
                self._everywhere = entry
        self._globs = _Expressions(globs, regexes)
        self._expressions = _Expressions(expressions, regexes)
        # What is known: the best entry of a folder (all but kind `regex`), and of a name wherever it stands.
        self._known_folders: dict[str, Best] = {}
        self._known_names: dict[str, Best] = {}

    def best(self, path: str) -> Best:
        """The entry with the greatest weight of all that match."""
        folder, _, name = path.rpartition("/")
        best = _better(self._folder(folder) if folder else self._everywhere, self._here(path, name))
        return self._expressions.best(path, best)

    def _folder(self, folder: str) -> Best:
        """The best entry that a folder has from its own and its parents' names."""
        known = self._known_folders
        if folder in known:
            return known[folder]
        at = 0
        best = self._everywhere
        while at >= 0:
            end = folder.find("/", at)
            path = folder if end < 0 else folder[:end]
            if path in known:
                best = known[path]
            else:
                best = known[path] = _better(best, self._here(path, path[at:]))
            at = end + 1 if end >= 0 else -1
        return best

    def _here(self, path: str, name: str) -> Best:
        """The best entry for the last name of a path, parents not looked at."""
        known = self._known_names
        best = known[name] if name in known else self._name(name)
        return _better(best, self._paths.get(path))

    def _name(self, name: str) -> Best:
        best = self._names.get(name)
        for length, endings in self._suffixes.items():
            best = _better(best, endings.get(name[-length:]))
        best = self._known_names[name] = self._globs.best(name, best)
        return best


class _Expressions:
    """Entries whose patterns are regular expressions, found by three characters that every match must hold."""

    def __init__(self, entries: list[_Entry], regexes: _Regexes) -> None:
        self._regexes = regexes
        self._always = [entry for entry in entries if len(entry.pattern.literal) < _GRAM]
        self._by_gram: dict[str, list[_Entry]] = {}
        rest = [entry for entry in entries if len(entry.pattern.literal) >= _GRAM]
        holders: dict[str, int] = {}
        for entry in rest:
            for gram in _grams(entry.pattern.literal):
                holders[gram] = holders.get(gram, 0) + 1
        for entry in rest:
            rarest = min(_grams(entry.pattern.literal), key=lambda gram: (holders[gram], gram))
            self._by_gram.setdefault(rarest, []).append(entry)

    def best(self, subject: str, best: Best) -> Best:
        """The best of `best` and all entries that match."""
        for entry in self._always:
            best = self._if_better(entry, subject, best)
        if self._by_gram:
            for gram in self._by_gram.keys() & _grams(subject):
                for entry in self._by_gram[gram]:
                    best = self._if_better(entry, subject, best)
        return best

    def _if_better(self, entry: _Entry, subject: str, best: Best) -> Best:
        if best is not None and entry.weight < best.weight:
            return best
        return entry if self._regexes.matches(entry.pattern.text, subject) else best


def _grams(text: str) -> set[str]:
    return {text[at : at + _GRAM] for at in range(len(text) - _GRAM + 1)}


def _better(one: Best, other: Best) -> Best:
    if one is None or (other is not None and other.weight > one.weight):
        return other
    return one


def _verdict(path: str, entry: _Entry) -> PathVerdict:
    return PathVerdict(path, entry.tier.name, entry.pattern.source, entry.rule.because, entry.rule.place)


def _rank(tier: Tier) -> int:
    return tier.rank


def _weight(entry: _Entry) -> tuple[int, int, int]:
    return entry.weight
