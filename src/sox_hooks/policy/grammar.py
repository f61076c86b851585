"""How the keys of the TOML files are described, and the check of a document against a description.

One description serves the loader (`check`) and editors (`policy.schema` makes a JSON Schema of it), so that the two
cannot drift apart. What a description cannot say (references between entries, order of dates) is checked where the
entries are made: `sections`, `people`, `exceptions`.
"""

from __future__ import annotations

import re

from sox_hooks.core.struct import Struct
from sox_hooks.policy.document import closest, dotted, meant, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from sox_hooks.policy.document import Document
    from sox_hooks.policy.toml_places import Path

# JSON numbers are exact up to here (RFC 8259 section 6).
MOST = 2**53 - 1


class Text(Struct):
    """One line of text. All of it matches `pattern`, which `says` puts in words; or it is one of `values`.

    `examples` help to guess what was meant. `pattern` must mean the same to Python and to ECMA 262 (JSON Schema).
    """

    pattern: str = r" *[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*"
    says: str = "one line of text, not empty, without control characters"
    values: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    longest: int = 1000


class Whole(Struct):
    """A whole number, at least `least`."""

    least: int = 0


class Flag(Struct):
    """true or false."""


class Day(Struct):
    """A TOML date, or the same as text: `2027-06-30`."""


class Many(Struct):
    """An array. `alone`: one value may stand without brackets. Texts differ from each other unless `repeats`."""

    of: Shape
    least: int = 0
    alone: bool = False
    repeats: bool = False


class Group(Struct):
    """A table whose keys are known."""

    keys: tuple[Key, ...]


class Named(Struct):
    """A table whose keys are names that the user gives."""

    name: Text
    of: Shape
    least: int = 0
    most: int = 0  # 0 = any number


class Free(Struct):
    """A table of whatever JSON and TOML have in common, for somebody else to check. No dates, no fractions."""


class Key(Struct):
    """A key of a `Group`. Not needed where another key has a value: `unless = ("kind", "service")`."""

    name: str
    shape: Shape
    description: str
    required: bool = False
    default: str | bool | int | None = None
    unless: tuple[str, str] | None = None


if TYPE_CHECKING:
    Shape: TypeAlias = Text | Whole | Flag | Day | Many | Group | Named | Free


def check(document: Document, shape: Shape, value: Any, path: Path = ()) -> Any:
    """Compare a value with its description and report everything that is wrong.

    Returns the value in normal form: dates as text, arrays as lists, groups with all their keys (absent ones have their
    default, else None or what is empty of their kind). What was wrong is returned as if absent: the policy will not be
    used, but what refers to it need not be reported as well.
    """
    if isinstance(shape, Group):
        return _group(document, shape, value, path)
    if isinstance(shape, Named):
        return _named(document, shape, value, path)
    if isinstance(shape, Many):
        return _many(document, shape, value, path)
    if isinstance(shape, Text):
        return _text(document, shape, value, path)
    if isinstance(shape, Day):
        return _day(document, value, path)
    if isinstance(shape, Flag):
        return value if isinstance(value, bool) else _wrong_type(document, "true or false", value, path)
    if isinstance(shape, Whole):
        return _whole(document, shape, value, path)
    return _free(document, value, path)


def absent(shape: Shape) -> Any:
    """What stands for a value that is not there."""
    if isinstance(shape, Group):
        return {key.name: absent(key.shape) if key.default is None else key.default for key in shape.keys}
    if isinstance(shape, Named | Free):
        return {}
    if isinstance(shape, Many):
        return []
    return "" if isinstance(shape, Text | Day) else None


def _group(document: Document, shape: Group, value: Any, path: Path) -> dict[str, Any]:
    rows: dict[str, Any] = absent(shape)
    if not isinstance(value, dict):
        _wrong_type(document, "a table", value, path)
        return rows
    names = [key.name for key in shape.keys]
    where = f" in {dotted(path)}" if path else ""
    misspelt = set()
    for name in value:
        if name not in names:
            misspelt.add(closest(name, names))
            document.report_key(
                "SOX002",
                f"unknown key {quoted(name)}{where}{meant(name, names)}",
                *path,
                name,
                why="the keys that may stand here are: " + ", ".join(names),
            )
    for key in shape.keys:
        if key.name in value:
            rows[key.name] = check(document, key.shape, value[key.name], (*path, key.name))
        elif key.required and key.name not in misspelt and not _excused(key, value):
            document.report_key("SOX004", f"{dotted((*path, key.name))} is missing", *path, why=key.description)
    return rows


def _excused(key: Key, value: dict[str, Any]) -> bool:
    return key.unless is not None and value.get(key.unless[0]) == key.unless[1]


def _named(document: Document, shape: Named, value: Any, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        _wrong_type(document, "a table", value, path)
        return {}
    folded: dict[str, str] = {}
    for name in value:
        if not _fits(shape.name, name):
            document.report_key(
                "SOX003", f"the name {quoted(name)} in {dotted(path)} must be {shape.name.says}", *path, name
            )
        first = folded.setdefault(name.casefold(), name)
        if first != name:
            document.report_key(
                "SOX006",
                f"{dotted((*path, name))} differs from {dotted((*path, first))} only in upper and lower case",
                *path,
                name,
            )
    if len(value) < shape.least:
        document.report_key("SOX004", f"{dotted(path)} must hold at least {shape.least} entry", *path)
    entries = list(value.items())
    if shape.most and len(entries) > shape.most:
        document.report_key("SOX003", f"{dotted(path)} may hold at most {shape.most} entries", *path)
        entries = entries[: shape.most]
    return {name: check(document, shape.of, entry, (*path, name)) for name, entry in entries}


def _many(document: Document, shape: Many, value: Any, path: Path) -> list[Any]:
    if not isinstance(value, list):
        if not shape.alone:
            _wrong_type(document, "an array", value, path)
            return []
        return [entry for entry in [check(document, shape.of, value, path)] if entry]
    if len(value) < shape.least:
        document.report("SOX003", f"{dotted(path)} must hold at least {shape.least} value", *path)
    entries = [check(document, shape.of, entry, (*path, index)) for index, entry in enumerate(value)]
    if isinstance(shape.of, Text) and not shape.repeats:
        seen = set()
        for index, entry in enumerate(entries):
            if entry and entry in seen:
                document.report("SOX006", f"{quoted(entry)} stands twice in {dotted(path)}", *path, index)
            seen.add(entry)
    return entries


def _text(document: Document, shape: Text, value: Any, path: Path) -> str:
    if not isinstance(value, str):
        _wrong_type(document, "text in quotes", value, path)
        return ""
    if _fits(shape, value):
        return value
    guess = meant(value, shape.values or shape.examples)
    if shape.values:
        says = "one of " + ", ".join(quoted(choice) for choice in shape.values)
    elif len(value) > shape.longest:
        says = f"at most {shape.longest} characters long"
    else:
        says = shape.says
    document.report("SOX003", f"{dotted(path)} must be {says}, not {quoted(value)}{guess}", *path)
    return ""


def _fits(shape: Text, value: str) -> bool:
    if shape.values:
        return value in shape.values
    return len(value) <= shape.longest and re.fullmatch(shape.pattern, value) is not None


def _day(document: Document, value: Any, path: Path) -> str:
    from datetime import date, datetime

    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        _wrong_type(document, "a date such as 2027-06-30", value, path)
        return ""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    document.report("SOX005", f"{dotted(path)} must be a date such as 2027-06-30, not {quoted(value)}", *path)
    return ""


def _whole(document: Document, shape: Whole, value: Any, path: Path) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        _wrong_type(document, "a whole number", value, path)
        return None
    if not shape.least <= value <= MOST:
        # The number itself may be too long to print (CVE-2020-10735).
        document.report("SOX003", f"{dotted(path)} must be a whole number from {shape.least} to {MOST}", *path)
        return None
    return value


def _free(document: Document, value: Any, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        _wrong_type(document, "a table", value, path)
        return {}
    before = len(document.findings.all)
    _plain(document, value, path)
    return value if len(document.findings.all) == before else {}


def _plain(document: Document, value: Any, path: Path) -> None:
    """Report what has no place in JSON. The depth is bounded by `toml_places.DEEPEST`."""
    if isinstance(value, dict):
        for name, entry in value.items():
            _plain(document, entry, (*path, name))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            _plain(document, entry, (*path, index))
    elif isinstance(value, int) and not isinstance(value, bool):
        _whole(document, Whole(least=-MOST), value, path)
    elif not isinstance(value, str | bool):
        _wrong_type(document, "text, true or false, a whole number, an array or a table", value, path)


def _wrong_type(document: Document, wanted: str, value: Any, path: Path) -> None:
    document.report("SOX003", f"{dotted(path)} must be {wanted}, not {_kind(value)}", *path)


def _kind(value: Any) -> str:
    kinds = (
        (bool, "true or false"),
        (str, "text"),
        (int, "a number"),
        (float, "a number with a fraction"),
        (list, "an array"),
        (dict, "a table"),
    )
    for kind, words in kinds:
        if isinstance(value, kind):
            return words
    return "a date with a time" if hasattr(value, "date") else "a date" if hasattr(value, "year") else "a time of day"
