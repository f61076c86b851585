"""What was measured, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """One line of a table: what was measured, its value, what it is compared with, the ratio, the goal, if any."""

    what: str
    value: str
    compared_with: str = ""
    ratio: str = ""
    goal: str = ""


class Part(NamedTuple):
    """One table, with what somebody must know to read it."""

    title: str
    method: str
    rows: tuple[Row, ...]


HEAD = ("what", "value", "compared with", "ratio", "goal")


def markdown(part: Part) -> str:
    """A section with the method and the table."""
    lines = [f"## {part.title}", "", part.method, "", _line(HEAD), _line(["---"] * len(HEAD))]
    return "\n".join([*lines, *[_line(row) for row in part.rows]]) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    return f"{seconds * 1000:.1f} ms"


def times(ratio: float) -> str:
    """A ratio: two digits that mean something."""
    return f"{ratio:.2f} x" if ratio < 10 else f"{ratio:.0f} x"
