"""One TOML file of `.sox/` as a tree of values that know where they stand, or the finding that says why not."""

from __future__ import annotations

import re

from sox_hooks.core.findings import ERROR, Finding, Place
from sox_hooks.core.text import printable
from sox_hooks.policy.rules import finding
from sox_hooks.policy.toml_places import Places, locate, toml_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

    from sox_hooks.policy.toml_places import Path

# A policy of 1,000 patterns has 40 KB. More than this is a mistake or an attack on whoever reads it.
LIMIT = 4 * 1024 * 1024
# More findings than anybody reads; looking for more would let a hostile file take minutes.
ENOUGH = 100


class TooManyFindings(Exception):
    """There are enough of them: stop looking."""


class Findings:
    """What was found so far, in all files. `add` raises `TooManyFindings` once there are `ENOUGH`."""

    def __init__(self) -> None:
        self.all: list[Finding] = []

    def add(self, rule: str, message: str, place: Place | None, **fields: str) -> None:
        """Report by a rule of the catalogue; `fields` are further fields of the finding."""
        self.all.append(finding(rule, message, place=place, **fields))
        if len(self.all) >= ENOUGH:
            raise TooManyFindings

    @property
    def failed(self) -> bool:
        """Whether any of them is an error."""
        return any(entry.severity == ERROR for entry in self.all)


class Document:
    """A file that was read: `data` as `tomllib` gives it, and the places of it."""

    def __init__(self, file: str, data: dict[str, Any], places: Places, findings: Findings) -> None:
        self.file = file
        self.data = data
        self.places = places
        self.findings = findings

    def key(self, *path: str | int) -> Place:
        """Where a key stands (a table: its header)."""
        return Place(self.file, *self.places.key(path))

    def value(self, *path: str | int) -> Place:
        """Where a value stands."""
        return Place(self.file, *self.places.value(path))

    def report_key(self, rule: str, message: str, *path: str | int, **fields: str) -> None:
        """A finding about the key of a path."""
        self.findings.add(rule, message, self.key(*path), **fields)

    def report(self, rule: str, message: str, *path: str | int, **fields: str) -> None:
        """A finding about the value of a path."""
        self.findings.add(rule, message, self.value(*path), **fields)

    def refer(self, kind: str, name: str, choices: Collection[str], *path: str | int, key: bool = False) -> None:
        """Report a name (a value, or a key) that is defined nowhere."""
        if name and name not in choices:
            self.findings.add(
                "SOX008",
                f"{dotted(path)} names the {kind} {quoted(name)}, which is not defined{meant(name, choices)}",
                self.key(*path) if key else self.value(*path),
                why=f"what is defined: {printable(', '.join(sorted(choices)), 200)}"
                if choices
                else f"no {kind} is defined",
            )

    def in_order(self, rows: Mapping[str, str], first: str, second: str, *path: str | int) -> None:
        """Report two dates of one table that are the wrong way round. "" is no date."""
        if rows[first] and rows[second] and rows[second] < rows[first]:
            self.report(
                "SOX005",
                f"{dotted((*path, second))} ({rows[second]}) is before {first} ({rows[first]})",
                *path,
                second,
            )


def read_document(file: str, raw: bytes, findings: Findings) -> Document | None:
    """Parse one file. `file` is its name for people. None if there is nothing to work with; the finding says why."""
    text = _text(file, raw, findings)
    if text is None:
        return None
    places = locate(text)
    if places.refused:
        findings.add("SOX001", f"{file} is refused: {places.refused}", Place(file, *places.position(places.stopped)))
        return None
    try:
        data = toml_reader().loads(text)
    # A number of more than 4,300 digits is a plain ValueError (bpo-46663), the others are TOMLDecodeError, a subclass.
    except (ValueError, RecursionError) as error:
        message, place = _syntax_error(file, str(error), places)
        findings.add("SOX001", f"{file} is not valid TOML: {message}", place)
        return None
    return Document(file, data, places, findings)


def closest(word: str, choices: Iterable[str]) -> str:
    """The choice that looks most like the word, or ""."""
    from difflib import get_close_matches

    by_folded = {choice.lower(): choice for choice in choices}
    if len(word) > 60 or len(by_folded) > 2000:  # the cost grows with the square of the length, and for each choice
        return ""
    close = get_close_matches(word.lower().strip(), by_folded, n=1)
    return by_folded[close[0]] if close else ""


def meant(word: str, choices: Iterable[str]) -> str:
    """`; did you mean "x"?` for the closest choice, or ""."""
    guess = closest(word, choices)
    return f"; did you mean {quoted(guess)}?" if guess else ""


def quoted(text: object, limit: int = 60) -> str:
    """Something from a file, in quotes, safe to print and not too long."""
    return f'"{printable(str(text), limit)}"'


def dotted(path: Path) -> str:
    """A path as people write it: `tools.claude-code.status`, `paths[0].tier`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part) else quoted(part)
            text += f".{name}" if text else name
    return text


def _text(file: str, raw: bytes, findings: Findings) -> str | None:
    """The file as text with LF line ends, as `tomllib` sees it."""
    if len(raw) > LIMIT:
        findings.add("SOX001", f"{file} is larger than {LIMIT // 1024 // 1024} MiB", Place(file))
        return None
    if raw.startswith(b"\xef\xbb\xbf"):
        findings.add(
            "SOX001", f"{file} begins with a byte order mark", Place(file, 1, 1), fix="Save it as UTF-8 without BOM"
        )
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        findings.add("SOX001", f"{file} is not UTF-8: byte 0x{raw[error.start]:02x}", place, fix="Save it as UTF-8")
        return None
    text = text.replace("\r\n", "\n")
    if "\0" in text:
        findings.add("SOX001", f"{file} holds a NUL character", Place(file, *Places(text).position(text.index("\0"))))
        return None
    return text


def _syntax_error(file: str, words: str, places: Places) -> tuple[str, Place]:
    """`tomllib` puts the position at the end of its message: "... (at line 3, column 5)" or "(at end of document)"."""
    match = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", words)
    if match is None:
        return printable(words, 200), Place(file)
    message = printable(words[: match.start()], 200)
    if match.group(1):
        return message, Place(file, int(match.group(1)), int(match.group(2)))
    return f"{message} at the end of the file", Place(file, *places.position(len(places.text)))
