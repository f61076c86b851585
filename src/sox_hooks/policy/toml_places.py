"""Where the keys and values of a TOML text stand: the standard library's reader does not say.

`locate` reads the same grammar as `tomllib`, but only as far as it must to know where things begin; it checks nothing.
It takes more than `tomllib` does (the newlines that TOML 1.1 allows in inline tables, for one), never less. It is
iterative and its work is bounded, so it runs first and keeps texts away from `tomllib` that would exhaust it: nested
arrays end in a RecursionError there, a dotted key of n parts costs n² steps (both measured with Python 3.11).
"""

from __future__ import annotations

import re
from bisect import bisect_right

from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Path = tuple[str | int, ...]

# Far beyond any policy that people read: the starter has 50 values, four levels deep.
DEEPEST = 32
MOST = 100_000

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"[ \t\n]*")
_COMMENT = re.compile(r"#[^\n]*")
_LINE_END = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_KEY = re.compile(r"""([A-Za-z0-9_-]+)|"([^"\\\n]*(?:\\.[^"\\\n]*)*)"|'([^'\n]*)'""")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
# Up to two quotes may stand before the closing three; then they belong to the text.
_STRING = re.compile(
    r'"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*"""(?:"{0,2})'
    r"|'''[^']*(?:'(?!'')[^']*)*'''(?:'{0,2})"
    r'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    r"|'[^'\n]*'"
)
# Numbers, booleans and dates; a date may hold one blank.
_BARE = re.compile(r"[^\s,\]}#\"'\[{=][^,\]}#\n]*")


class Spot(Struct):
    """Offsets into the text: where the key begins (a table's is in its header), and where the value does."""

    key: int
    value: int


class Places:
    """The spots of all paths of a text. A path holds names and, in arrays, indexes: `("paths", 0, "tier")`.

    `refused` says what was too much, at the offset `stopped`; then the text must not be given to `tomllib`.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.spots: dict[Path, Spot] = {}
        self.refused = ""
        self.stopped = len(text)
        self._lines: list[int] = []

    def __contains__(self, path: Path) -> bool:
        return path in self.spots

    def key(self, path: Path) -> tuple[int, int]:
        """Line and column, from 1, of the key; of the nearest parent's if the path is not there."""
        return self.position(self._spot(path).key)

    def value(self, path: Path) -> tuple[int, int]:
        """Line and column, from 1, of the value; of the nearest parent's if the path is not there."""
        return self.position(self._spot(path).value)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of an offset. Columns count characters, as `tomllib` counts them."""
        if not self._lines:
            self._lines = [0, *(match.end() for match in re.finditer("\n", self.text))]
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def _spot(self, path: Path) -> Spot:
        for length in range(len(path), 0, -1):
            spot = self.spots.get(path[:length])
            if spot is not None:
                return spot
        return Spot(0, 0)


def toml_reader() -> Any:
    """`tomllib`, or on Python 3.10 `tomli`, of which it is a copy."""
    from importlib import import_module

    try:
        return import_module("tomllib")
    except ModuleNotFoundError:
        return import_module("tomli")


def locate(text: str, deepest: int = DEEPEST, most: int = MOST) -> Places:
    """The places of everything in a text whose line ends are LF. Never raises.

    It stops where the text is no TOML (`tomllib` says why, there or earlier) and where it is nested deeper than
    `deepest` or holds more than `most` keys and values (see `Places.refused`).
    """
    places = Places(text)
    try:
        _Scan(places, deepest, most).statements()
    except _Lost as lost:
        places.stopped, places.refused = lost.offset, lost.reason
    return places


class _Lost(Exception):
    def __init__(self, offset: int, reason: str = "") -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


class _Scan:
    def __init__(self, places: Places, deepest: int, most: int) -> None:
        self.text = places.text
        self.spots = places.spots
        self.deepest = deepest
        self.most = most
        self.count = 0
        self.arrays: dict[Path, int] = {}  # arrays of tables: how many tables so far

    def statements(self) -> None:
        text = self.text
        table: Path = ()
        at = self._gap(0)
        while at < len(text):
            if text[at] == "[":
                table, at = self._header(at)
            else:
                path, key, at = self._name(table, at)
                at = self._value(path, key, at)
            at = self._gap(self._must(_LINE_END, at))

    def _header(self, at: int) -> tuple[Path, int]:
        array = self.text.startswith("[[", at)
        parts, at = self._parts(self._skip(_SPACE, at + 1 + array))
        at = self._skip(_SPACE, at)
        if not self.text.startswith("]]" if array else "]", at):
            raise _Lost(at)
        path: Path = ()
        for name, offset in parts[:-1]:
            path += (name,)
            self._note(path, offset)
            if path in self.arrays:
                path += (self.arrays[path] - 1,)
        name, offset = parts[-1]
        path += (name,)
        if array:
            self._note(path, offset)
            count = self.arrays.get(path, 0)
            self.arrays[path] = count + 1
            path += (count,)
        # The table's own header says more about where it is than an earlier [table.inner].
        self._set(path, offset, offset)
        return path, at + 1 + array

    def _name(self, table: Path, at: int) -> tuple[Path, int, int]:
        """A dotted key and the equals sign: its path, where its last part begins, where the value begins."""
        parts, at = self._parts(at)
        path = table
        for name, offset in parts[:-1]:
            path += (name,)
            self._note(path, offset)
        name, offset = parts[-1]
        return (*path, name), offset, self._must(_EQUALS, at)

    def _parts(self, at: int) -> tuple[list[tuple[str, int]], int]:
        parts = []
        while True:
            match = _KEY.match(self.text, at)
            if match is None:
                raise _Lost(at)
            bare, basic, literal = match.groups()
            name = bare or (literal if basic is None else basic)
            if basic and "\\" in basic:
                name = _unescaped(match.group(), at)
            parts.append((name, at))
            if len(parts) > self.deepest:
                raise self._too_deep(at)
            at = match.end()
            dot = _DOT.match(self.text, at)
            if dot is None:
                return parts, at
            at = dot.end()

    def _value(self, path: Path, key: int, at: int) -> int:
        """Note the value that begins at `at`, and all that is in it; returns where it ends.

        `frames` holds what is open: the path of an array with the index of its next element, or that of an inline
        table with -1.
        """
        text = self.text
        frames: list[tuple[Path, int]] = []
        while True:
            self._set(path, key, at)
            char = text[at : at + 1]
            if char in ("[", "{"):
                frames.append((path, 0 if char == "[" else -1))
                at = self._gap(at + 1)
            else:
                at = self._must(_STRING if char in ('"', "'") else _BARE, at)
                if not frames:
                    return at
                at = self._after_element(at)
            while text.startswith("]" if frames[-1][1] >= 0 else "}", at):
                frames.pop()
                at += 1
                if not frames:
                    return at
                at = self._after_element(at)
            path, index = frames[-1]
            if index < 0:
                path, key, at = self._name(path, at)
            else:
                frames[-1] = (path, index + 1)
                path, key = (*path, index), at

    def _after_element(self, at: int) -> int:
        """Past blanks and one comma; without a comma only a closing bracket can follow."""
        at = self._gap(at)
        if self.text.startswith(",", at):
            return self._gap(at + 1)
        if not self.text.startswith(("]", "}"), at):
            raise _Lost(at)
        return at

    def _note(self, path: Path, offset: int) -> None:
        """A table that is only mentioned on the way to another keeps the place where it was first."""
        if path not in self.spots:
            self._set(path, offset, offset)

    def _set(self, path: Path, key: int, value: int) -> None:
        if len(path) > self.deepest:
            raise self._too_deep(key)
        self.spots[path] = Spot(key, value)
        self.count += 1
        if self.count > self.most:
            raise _Lost(key, f"it holds more than {self.most:,} keys and values")

    def _too_deep(self, at: int) -> _Lost:
        return _Lost(at, f"it is nested more than {self.deepest} levels deep")

    def _gap(self, at: int) -> int:
        """Past blanks, line ends and comments. One pattern for all would keep its state for each comment (700 MB)."""
        while True:
            at = self._skip(_BLANK, at)
            if not self.text.startswith("#", at):
                return at
            at = self._skip(_COMMENT, at)

    def _must(self, pattern: re.Pattern[str], at: int) -> int:
        match = pattern.match(self.text, at)
        if match is None:
            raise _Lost(at)
        return match.end()

    def _skip(self, pattern: re.Pattern[str], at: int) -> int:
        match = pattern.match(self.text, at)
        return at if match is None else match.end()


def _unescaped(quoted: str, at: int) -> str:
    """A quoted key with its escapes resolved, by the reader whose paths ours must equal."""
    try:
        name = toml_reader().loads("key = " + quoted)["key"]
    except ValueError as error:
        raise _Lost(at) from error
    return str(name)
