"""Where things stand in a TOML text: against a writer that knows, and against the paths of the real reader."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sox_hooks.policy.toml_places import DEEPEST, locate, toml_reader

BARE = st.text("abcXYZ019_-", min_size=1, max_size=6).map(lambda name: (name, name))
BASIC = st.sampled_from(
    [
        ('""', ""),
        ('"a.b"', "a.b"),
        ('"\\u00e9"', "é"),
        ('"q\\"#="', 'q"#='),
        ('"[x]"', "[x]"),
        ('"\\\\"', "\\"),
        ('"李"', "李"),
    ]
)
LITERAL = st.sampled_from([("''", ""), ("'a.b'", "a.b"), ("'\\u0041'", "\\u0041"), ("'x\"'", 'x"'), ("'#'", "#")])
KEYS = st.one_of(BARE, BARE, BASIC, LITERAL)
BLANK = st.sampled_from(["", " ", "\t", "  "])
SCALARS = st.sampled_from(
    [
        "1", "-17", "+0", "0xdead_BEEF", "0o17", "1_000", "1.5", "6.02e-23", "inf", "-nan", "true", "false",
        "1979-05-27", "1979-05-27 07:32:00", "1979-05-27T07:32:00.999-07:00", "07:32:00",
        '""', '"a # b"', '"é\\"]"', '"\\\\"', "''", "'\\'", "'a, [b] = {'",
        '""""""',
        '"""a\nb"""', '"""\n"one" ""two"" """', '"""end""""', '"""end"""""', '"""\\"""\\\\"""', '"""a\\\n   b"""',
        "''''''", "'''a\n'b' ''c'''", "'''it''''", "'''\n]\n#'''",
    ]
)  # fmt: skip


class Writer:
    """Writes TOML in all its spellings and notes where it put what."""

    def __init__(self, draw) -> None:
        self.draw = draw
        self.text = ""
        self.spots: dict[tuple[str | int, ...], tuple[int, int]] = {}

    def put(self, *texts: str) -> None:
        self.text += "".join(texts)

    def blank(self) -> None:
        self.put(self.draw(BLANK))

    def end_line(self) -> None:
        self.blank()
        self.put(self.draw(st.sampled_from(["\n", "\n\n", '# a = "b"\n', "#[x]\n\t\n"])))

    def pick(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def names(self, most: int) -> list[tuple[str, str]]:
        return self.draw(st.lists(KEYS, max_size=most, unique_by=lambda key: key[1]))

    def dotted(self, path, parts) -> tuple[tuple[str | int, ...], int]:
        for number, (token, name) in enumerate(parts):
            if number:
                self.blank()
                self.put(".")
                self.blank()
            at = len(self.text)
            self.put(token)
            path = (*path, name)
            if number < len(parts) - 1:
                self.spots.setdefault(path, (at, at))
        return path, at

    def equals(self) -> None:
        self.blank()
        self.put("=")
        self.blank()

    def pair(self, path, parts, depth: int) -> None:
        path, at = self.dotted(path, parts)
        self.equals()
        self.value(path, at, depth)

    def value(self, path, key: int, depth: int) -> None:
        self.spots[path] = (key, len(self.text))
        kind = self.pick("scalar", "array", "inline") if depth else "scalar"
        if kind == "scalar":
            self.put(self.draw(SCALARS))
        elif kind == "array":
            self.array(path, depth)
        else:
            self.inline(path, depth)

    def array(self, path, depth: int) -> None:
        def gap() -> None:
            self.put(self.pick("", " ", "\n", " # ] ,\n", "\n\n  "))

        self.put("[")
        gap()
        count = self.draw(st.integers(0, 3))
        for index in range(count):
            self.value((*path, index), len(self.text), depth - 1)
            gap()
            if index < count - 1 or self.draw(st.booleans()):
                self.put(",")
                gap()
        self.put("]")

    def inline(self, path, depth: int) -> None:
        self.put("{")
        self.blank()
        for index, name in enumerate(self.names(3)):
            if index:
                self.put(",")
                self.blank()
            parts = [name, *self.names(1)] if self.draw(st.booleans()) else [name]
            self.pair(path, parts, depth - 1)
            self.blank()
        self.put("}")

    def statements(self, path, used: set[str]) -> set[str]:
        new = set()
        for name in self.names(3):
            if name[1] in used:
                continue
            new.add(name[1])
            self.blank()
            self.pair(path, [name, *(self.names(2) if self.draw(st.booleans()) else [])], 2)
            self.end_line()
        return new

    def header(self, parts, array: bool = False) -> None:
        """`parts` are tokens with the path that each stands for."""
        self.blank()
        self.put("[[" if array else "[")
        for number, (token, path) in enumerate(parts):
            self.blank()
            if number:
                self.put(".")
                self.blank()
            at = len(self.text)
            self.put(token)
            self.spots.setdefault(path, (at, at))
        if not array:
            self.spots[path] = (at, at)
        self.last = at
        self.blank()
        self.put("]]" if array else "]")
        self.end_line()

    def tables(self, path, parts, used: set[str], depth: int) -> None:
        for token, name in self.names(2):
            if name in used:
                continue
            here = (*path, name)
            header = [*parts, (token, here)]
            kind = self.pick("table", "array", "implicit", "late")
            if kind == "array":
                for index in range(self.draw(st.integers(1, 2))):
                    self.header(header, array=True)
                    self.spots[(*here, index)] = (self.last, self.last)
                    self.body((*here, index), header, set(), depth)
            elif kind == "table":
                self.header(header)
                self.body(here, header, set(), depth)
            elif kind == "implicit":
                if depth:
                    self.tables(here, header, set(), depth - 1)
            else:
                self.header([*header, ("later", (*here, "later"))])
                self.header(header)
                self.body(here, header, {"later"}, depth)

    def body(self, path, parts, used: set[str], depth: int) -> None:
        used = used | self.statements(path, used)
        if depth:
            self.tables(path, parts, used, depth - 1)


@st.composite
def written(draw) -> Writer:
    writer = Writer(draw)
    writer.put(draw(st.sampled_from(["", "\n", "# first\n", "  \t\n"])))
    writer.body((), [], set(), 2)
    if draw(st.booleans()):
        writer.text = writer.text.rstrip("\n")
    return writer


def paths(value, path=()):
    """All paths of what the real reader returned."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, entry in entries:
        yield (*path, name)
        yield from paths(entry, (*path, name))


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset].split("\n")
    return len(before), len(before[-1]) + 1


@settings(max_examples=150, deadline=None)
@given(written())
def test_positions_are_where_the_writer_put_them(writer: Writer) -> None:
    places = locate(writer.text)
    assert set(places.spots) == set(paths(toml_reader().loads(writer.text)))
    assert {path: (spot.key, spot.value) for path, spot in places.spots.items()} == writer.spots
    for path, (key, value) in writer.spots.items():
        assert places.key(path) == line_and_column(writer.text, key)
        assert places.value(path) == line_and_column(writer.text, value)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_what_the_reader_accepts_is_located_after_any_change(data) -> None:
    text = data.draw(written()).text
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 2))
        text = text[:at] + data.draw(st.text("[]{}=.,\"'\\#\n aA1é", max_size=2)) + text[at + gone :]
    places = locate(text)
    try:
        values = toml_reader().loads(text)
    except ValueError:
        return
    assert set(places.spots) == set(paths(values))
    assert not places.refused
    assert places.stopped == len(text)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.text("[]{}=.,\"'\\#\n\t aA1-:", max_size=60)))
def test_any_text_is_survived(text: str) -> None:
    places = locate(text)
    assert places.position(places.stopped) == line_and_column(text, places.stopped)
    try:
        values = toml_reader().loads(text)
    except ValueError:
        return
    if "\r" not in text:
        assert set(places.spots) == set(paths(values))


def test_the_places_of_a_policy() -> None:
    places = locate(
        '[tools.claude-code]\nstatus = "approved"\n\n'
        '[[paths]]\npatterns = [\n  "a/**",  # one\n  "b/**",\n]\n'
        '[[paths]]\ntier = "x"\nroles = [{ role = "é", from = 2026-01-01 }]\n'
    )
    assert places.key(("tools", "claude-code")) == (1, 8)
    assert places.value(("tools", "claude-code", "status")) == (2, 10)
    assert places.value(("paths", 0, "patterns", 1)) == (7, 3)
    assert places.key(("paths", 0)) == (4, 3)
    assert places.key(("paths", 1)) == (9, 3)
    assert places.key(("paths", 1, "roles", 0, "from")) == (11, 24)
    assert places.value(("paths", 1, "roles", 0, "from")) == (11, 31)


def test_a_path_that_is_not_there_is_placed_at_its_nearest_parent() -> None:
    places = locate("\n[a]\nb = 1\n")
    assert places.key(("a", "missing")) == (2, 2)
    assert places.value(("a", "b", 3, "x")) == (3, 5)
    assert places.key(("missing",)) == (1, 1)
    assert ("a", "b") in places
    assert ("a", "missing") not in places


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a = " + "[" * 100_000, 5 + DEEPEST),
        ("a = " + "{b = " * 100_000, 5 * DEEPEST + 1),
        ("a" + ".a" * 100_000 + " = 1", 2 * DEEPEST + 1),
        ("[a" + ".a" * 100_000 + "]", 2 * DEEPEST + 2),
    ],
    ids=["arrays", "tables", "keys", "headers"],
)
def test_depth_is_bounded(text: str, column: int) -> None:
    places = locate(text)
    assert places.refused == f"it is nested more than {DEEPEST} levels deep"
    assert places.position(places.stopped) == (1, column)


@pytest.mark.parametrize("text", ["a = [" + "1," * 60 + "]", "".join(f"k{n} = 1\n" for n in range(60)), "[[a]]\n" * 60])
def test_the_number_of_values_is_bounded(text: str) -> None:
    assert locate(text, most=50).refused == "it holds more than 50 keys and values"
    assert not locate(text, most=200).refused
