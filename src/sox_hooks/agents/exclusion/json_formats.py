"""Lists and tables of permissions in JSON files. Our entries stand between two marks: entries that match no file."""

from __future__ import annotations

from sox_hooks.agents import json_text
from sox_hooks.agents.exclusion.formats import Held
from sox_hooks.agents.exclusion.spelling import opencode
from sox_hooks.core.errors import ConfigError
from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sox_hooks.agents.exclusion.refused import Refused

_MAP_BEGIN, _MAP_END = ".sox-hooks-begin", ".sox-hooks-end"


class DenyList(Struct):
    """`{"permissions": {"deny": [...]}}`, with our rules between two that match nothing.

    spell      pattern and verb -> rules;   edit, read: the verbs
    root       what a path begins with
    lists      further lists of `permissions` that must be there
    """

    spell: Callable[[str, str], list[str]]
    edit: str
    read: str
    root: str = ""
    lists: tuple[str, ...] = ()

    def _mark(self, which: str) -> str:
        return f"{self.edit}({self.root}.sox-hooks-{which})"

    def wanted(self, refused: Refused, unreadable: bool) -> tuple[str, ...]:
        """Rules against editing, then rules against reading."""
        rules = [rule for pattern in refused.edits for rule in self.spell(pattern, self.edit)]
        rules += [rule for pattern in refused.reads for rule in self.spell(pattern, self.read)]
        return tuple(dict.fromkeys(rules))

    def held(self, text: str) -> Held | None:
        """The rules between our marks."""
        _, ours = self._apart(json_text.parse(text))
        return None if ours is None else Held(tuple(map(str, ours)), _line_of(text, self._mark("begin")))

    def merged(self, text: str, entries: tuple[str, ...], notes: tuple[str, ...], unreadable: bool) -> str:
        """The rules at the end of the list."""
        document = json_text.parse(text)
        theirs, _ = self._apart(document)
        permissions = document.setdefault("permissions", {})
        for name in self.lists:
            permissions.setdefault(name, [])
        permissions["deny"] = [*theirs, self._mark("begin"), *entries, self._mark("end")]
        return json_text.render(document, text)

    def removed(self, text: str) -> str:
        """The user's own rules; lists that are empty then go."""
        document = json_text.parse(text)
        theirs, ours = self._apart(document)
        if ours is None:
            return text
        permissions = document["permissions"]
        permissions["deny"] = theirs
        for name in ("deny", *self.lists):
            if permissions.get(name) == []:
                del permissions[name]
        if not permissions:
            del document["permissions"]
        return json_text.render(document, text) if document else ""

    def _apart(self, document: dict[str, Any]) -> tuple[list[Any], list[Any] | None]:
        """The user's rules and ours, None if we have none."""
        permissions = _table(document, "permissions", "permissions")
        listed = permissions.get("deny", [])
        if not isinstance(listed, list):
            raise ConfigError("the key `permissions.deny` holds no list, so nothing can be added to it")
        return _between(listed, self._mark("begin"), self._mark("end"))


class DenyMap(Struct):
    """OpenCode's `{"permission": {"edit": {PATTERN: "deny"}}}`; the last pattern that matches decides."""

    schema: str  # OpenCode adds this key to a file that lacks it (measured with 1.18.33)

    def wanted(self, refused: Refused, unreadable: bool) -> tuple[str, ...]:
        """`edit PATTERN`, then `read PATTERN`."""
        found = [f"edit {key}" for pattern in refused.edits for key in opencode(pattern)]
        found += [f"read {key}" for pattern in refused.reads for key in opencode(pattern)]
        return tuple(dict.fromkeys(found))

    def held(self, text: str) -> Held | None:
        """The patterns between our marks."""
        permission = _table(json_text.parse(text), "permission", "permission")
        entries: list[str] = []
        faulty, there = "", False
        for section in ("edit", "read"):
            value = permission.get(section)
            _, ours = _map_apart(value)
            if ours is None:
                continue
            there = True
            entries += [f"{section} {key}" for key in ours if key != "*"]
            if isinstance(value, dict) and list(value)[-1] != _MAP_END:
                faulty = f"`permission.{section}` goes on after our entries, and the last one that matches decides"
            elif any(what != "deny" for key, what in ours.items() if key != "*"):
                faulty = f"an entry of ours in `permission.{section}` does not deny"
        return Held(tuple(entries), _line_of(text, _MAP_BEGIN), faulty=faulty) if there else None

    def merged(self, text: str, entries: tuple[str, ...], notes: tuple[str, ...], unreadable: bool) -> str:
        """Our patterns come last."""
        document = json_text.parse(text) or {"$schema": self.schema}
        _table(document, "permission", "permission")
        permission = document.setdefault("permission", {})
        for section in ("edit", "read"):
            keys = [entry.partition(" ")[2] for entry in entries if entry.startswith(section + " ")]
            theirs, ours = _map_apart(permission.get(section))
            if not keys and section == "read":
                if ours is not None:
                    _restore(permission, section, theirs)
                continue
            # Somebody's rule for all files (`"edit": "ask"`) goes first, inside our marks: it is found there again.
            block = {_MAP_BEGIN: "deny"}
            if isinstance(theirs, str):
                block["*"] = theirs
            rules = theirs if isinstance(theirs, dict) else {}
            twice = [key for key in keys if key in rules]
            if twice:
                raise ConfigError(
                    f"`permission.{section}` has a rule of its own for {twice[0]}",
                    where=f":{_line_of(text, twice[0])}",
                    fix="take that rule out; the policy decides about this path",
                )
            denied = dict.fromkeys([*keys, _MAP_END], "deny")
            permission[section] = {**rules, **block, **denied}
        return json_text.render(document, text)

    def removed(self, text: str) -> str:
        """The user's own patterns; tables that are empty then go."""
        document = json_text.parse(text)
        permission = _table(document, "permission", "permission")
        changed = False
        for section in ("edit", "read"):
            theirs, ours = _map_apart(permission.get(section))
            if ours is not None:
                changed = True
                _restore(permission, section, theirs)
        if not changed:
            return text
        if not permission:
            del document["permission"]
        return "" if document in ({}, {"$schema": self.schema}) else json_text.render(document, text)


def _map_apart(value: Any) -> tuple[dict[str, Any] | str | None, dict[str, Any] | None]:
    """What the user says about a tool (a table, one word for everything, or nothing), and our entries or None."""
    if value is None or isinstance(value, str):
        return value, None
    if not isinstance(value, dict):
        raise ConfigError("a key of `permission` holds neither a word nor a table, so nothing can be added to it")
    keys, ours = _between(list(value), _MAP_BEGIN, _MAP_END)
    if ours is None:
        return value, None
    theirs = {key: value[key] for key in keys}
    found = {key: value[key] for key in ours}
    if "*" in found:
        return ({"*": found["*"], **theirs} if theirs else str(found["*"])), found
    return theirs or None, found


def _restore(permission: dict[str, Any], section: str, theirs: dict[str, Any] | str | None) -> None:
    if theirs is None:
        del permission[section]
    else:
        permission[section] = theirs


def _table(document: dict[str, Any], key: str, name: str) -> dict[str, Any]:
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise ConfigError(
            f"the key `{name}` holds no table, so nothing can be added to it", fix="make it a table, or take it out"
        )
    return value


def _between(listed: list[Any], begin: str, end: str) -> tuple[list[Any], list[Any] | None]:
    """What is outside of the marks, and what is between them, None if there are none. Raises `ConfigError`."""
    first, last = listed.count(begin), listed.count(end)
    if not first and not last:
        return listed, None
    if (first, last) != (1, 1) or listed.index(begin) > listed.index(end):
        raise ConfigError(
            "the marks around the entries of sox-hooks are broken",
            why=f"there must be one {begin} with one {end} after it",
            fix="take both marks and what is left of our entries out, then run the command again",
        )
    at, to = listed.index(begin), listed.index(end)
    return [*listed[:at], *listed[to + 1 :]], listed[at + 1 : to]


def _line_of(text: str, word: str) -> int:
    """The line that holds a word in quotes, 1 if none does."""
    before, found, _ = text.partition(f'"{word}"')
    return before.count("\n") + 1 if found else 1
