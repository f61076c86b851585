"""One function a kind of fact: checks one text of a tool's table and puts it into the index, or takes it out.

`grade` "" means take it out; then the functions say whether it was there. `Wrong` says what is wrong with the text.
"""

from __future__ import annotations

import re

from sox_hooks.detection.catalogue import folded
from sox_hooks.detection.message import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Put = Callable[[dict[str, Any], str, str, str], bool]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EMAIL = re.compile(r"[^\s<>@]+@[^\s<>@]+|[^<>@]+ <[^\s<>@]+@[^\s<>@]+>")
_ACCOUNT = re.compile(r"(?:([0-9]{1,12})\+)?([A-Za-z0-9][A-Za-z0-9_.-]{0,99}(?:\[bot\])?)")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9 _-]{0,60}")
# The forge's own committer of everything that is merged in the browser, and its like: they are nobody.
_NOBODY = ("noreply@github.com", "noreply@gitlab.com", "noreply@users.noreply.github.com")
_SECRET = ("TOKEN", "SECRET", "PASSWORD", "KEY")


class Wrong(Exception):
    """Why a text cannot be used; continues a sentence that begins with the text."""


def is_id(text: str) -> bool:
    """Ids are what the contract allows in `Assisted-by` and in the register."""
    return re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,47}", text) is not None


def trailer_key(text: str) -> str:
    """A trailer key as it is looked up: lower case, `-` for blanks and underscores."""
    return text.strip().lower().replace(" ", "-").replace("_", "-")


def meant(word: str, choices: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the choice that looks most like the word, or ""."""
    from difflib import get_close_matches

    close = get_close_matches(word.lower()[:60], list(choices), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _entry(table: dict[str, Any], key: str, tool: str, grade: str) -> bool:
    if grade:
        table[key] = [tool, grade]
        return True
    return table.get(key, [""])[0] == tool and bool(table.pop(key))


def _word(table: dict[str, str], key: str, tool: str, grade: str) -> bool:
    if grade:
        table[key] = tool
        return True
    return table.get(key) == tool and bool(table.pop(key))


def _row(rows: list[Any], text: str, tool: str, grade: str) -> bool:
    """Rows are [text, tool, grade]; a second grade for one text replaces the first."""
    kept = [row for row in rows if row[:2] != [text, tool]]
    found = len(kept) < len(rows)
    rows[:] = [*kept, [text, tool, grade]] if grade else kept
    return bool(grade) or found


def _alias(index: dict[str, Any], tool: str, text: str, grade: str) -> bool:
    name = folded(text)
    if not name:
        raise Wrong("has no letter or digit")
    return _word(index["aliases"], name, tool, grade)


def _email(index: dict[str, Any], tool: str, text: str, grade: str) -> bool:
    address = text.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise Wrong("is not one whole e-mail address; a domain has people in it")
    if address in _NOBODY:
        raise Wrong("is the forge's own address for everything done in the browser: it is nobody")
    return _entry(index["emails"], address, tool, grade)


def _account(index: dict[str, Any], tool: str, text: str, grade: str) -> bool:
    match = _ACCOUNT.fullmatch(text.strip())
    if match is None:
        raise Wrong("is not a forge account such as helper[bot] or 1234+helper[bot]")
    number, slug = match[1], match[2].lower()
    found = bool(number) and _entry(index["account_ids"], number, tool, grade)
    # Several products share the account name "Copilot" and differ in the number: the plain name belongs to whoever
    # has it without one.
    if not grade or not number or slug not in index["accounts"]:
        found = _entry(index["accounts"], slug, tool, grade) or found
    return found


def _suffix(index: dict[str, Any], tool: str, text: str, grade: str) -> bool:
    if len(text.strip()) < 4:
        raise Wrong("is too short for the end of a name")
    return _row(index["suffixes"], text.lower(), tool, grade)


def _trailer(index: dict[str, Any], tool: str, text: str, grade: str) -> bool:
    key, colon, value = text.partition(":")
    value = value.strip()
    if not colon or not value or not _KEY.fullmatch(key):
        raise Wrong('is not "Key: value"; write "Key: *" for any value')
    rows = index["trailers"].setdefault(trailer_key(key), [])
    found = _row(rows, value.lower(), tool, grade)
    if not rows:
        del index["trailers"][trailer_key(key)]
    return found


def _footer(index: dict[str, Any], tool: str, text: str, grade: str) -> bool:
    start = text.endswith("*")
    line = plain(text.removesuffix("*"))
    if len(line) < 8:
        raise Wrong("is too short for a line that nobody else writes")
    found = _row(index["footer_starts"], line, tool, grade) if start else _entry(index["footers"], line, tool, grade)
    lines = [*index["footers"], *(row[0] for row in index["footer_starts"])]
    index["footer_words"] = sorted({" ".join(line.split()[:2]) for line in lines})
    return found


def _subject(index: dict[str, Any], tool: str, text: str, grade: str) -> bool:
    if len(text.strip()) < 4:
        raise Wrong("is too short for the beginning of a subject")
    return _row(index["subjects"], text.lower(), tool, grade)


def _variable(index: dict[str, Any], tool: str, text: str, grade: str) -> bool:
    terms = [_term(term) for term in text.split(" and ")]
    first = terms[0][0]
    if first.endswith("*"):
        if len(terms) > 1 or terms[0][1]:
            raise Wrong("combines a beginning of names with something else")
        return _row(index["variable_starts"], first[:-1], tool, grade)
    if first == "no terminal":
        raise Wrong("must begin with a variable")
    rules = index["variables"].setdefault(first, [])
    kept = [rule for rule in rules if rule[0] != tool or [list(term) for term in rule[2]] != terms]
    found = len(kept) < len(rules)
    rules[:] = [*kept, [tool, grade, terms]] if grade else kept
    if not rules:
        del index["variables"][first]
    return bool(grade) or found


def _term(term: str) -> list[str]:
    if term == "no terminal":
        return [term, ""]
    if term.startswith("directory /"):
        return [term, ""]
    name, equals, value = term.partition("=")
    if not _NAME.fullmatch(name.removesuffix("*")) or (equals and not value):
        raise Wrong("is not NAME, NAME=value, PREFIX_*, a directory or a combination with ' and '")
    if name.endswith("_PROJECT_DIR"):
        raise Wrong("proves nothing: agents set each other's *_PROJECT_DIR for their hooks")
    return [name, value]


def _listed(field: str, *, secret_ok: bool) -> Put:
    def put(index: dict[str, Any], tool: str, text: str, grade: str) -> bool:
        if text.endswith(":"):
            if field != "sessions" or not _KEY.fullmatch(text[:-1]):
                raise Wrong("is not a variable")
            return _member(index["session_trailers"], trailer_key(text[:-1]), grade)
        if not _NAME.fullmatch(text):
            raise Wrong("is not the name of a variable")
        if not secret_ok and any(word in text.upper() for word in _SECRET):
            raise Wrong("looks like a secret: its value would be stored")
        names = index[field].setdefault(tool, [])
        found = _member(names, text, grade)
        if not names:
            del index[field][tool]
        return found

    return put


def _member(members: list[str], text: str, grade: str) -> bool:
    found = text in members
    if grade and not found:
        members.append(text)
    elif found and not grade:
        members.remove(text)
    return bool(grade) or found


def _process(index: dict[str, Any], tool: str, text: str, grade: str) -> bool:
    if "/" in text or len(text) < 2:
        raise Wrong("is not the last part of a program's path")
    return _word(index["processes"], text, tool, grade)


def _branch(index: dict[str, Any], tool: str, text: str, grade: str) -> bool:
    if not text.endswith(("/", "-")) or len(text) < 3:
        raise Wrong('must end in "/" or "-"')
    return _word(index["branches"], text.lower(), tool, grade)


def _family(index: dict[str, Any], _: str, text: str, grade: str) -> bool:
    return _member(index["families"], folded(text), grade)


PLAIN: dict[str, Put] = {
    "aliases": _alias,
    "session": _listed("sessions", secret_ok=True),
    "version": _listed("versions", secret_ok=False),
    "model": _listed("models", secret_ok=False),
    "processes": _process,
    "branches": _branch,
    "families": _family,
}
GRADED: dict[str, Put] = {
    "emails": _email,
    "accounts": _account,
    "suffixes": _suffix,
    "trailers": _trailer,
    "footers": _footer,
    "subjects": _subject,
    "variables": _variable,
}
