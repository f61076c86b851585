"""JSON files that belong to the user: read strictly, and written as they were. Pure."""

from __future__ import annotations

import json

from sox_hooks.core.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BOM = "\ufeff"


def parse(text: str) -> dict[str, Any]:
    """The object that a file holds; an empty one for an empty file.

    Raises `ConfigError` for anything that would not come out again as it went in: comments, trailing commas, a key that
    stands twice. `where` is then `:LINE:COLUMN`, or "".
    """
    try:
        value = json.loads(text.removeprefix(_BOM), object_pairs_hook=_once) if text.strip(_BOM + " \t\r\n") else {}
    except (ValueError, RecursionError) as error:
        place = f":{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ConfigError(
            "the file is no plain JSON, so it is left alone",
            where=place,
            why=str(error),
            fix="take out comments and trailing commas, or add by hand what --print shows",
        ) from error
    if not isinstance(value, dict):
        raise ConfigError("the file holds no JSON object, so it is left alone")
    return value


def render(document: dict[str, Any], before: str) -> str:
    """JSON with the indentation, the line ends and the byte order mark that the file had before."""
    indent: int | str = 2
    for line in before.splitlines():
        blanks = line[: len(line) - len(line.lstrip(" \t"))]
        if blanks:
            indent = blanks if "\t" in blanks else len(blanks)
            break
    end = "\n" if not before or before.endswith("\n") else ""
    text = json.dumps(document, indent=indent, ensure_ascii=False) + end
    if "\r\n" in before:
        text = text.replace("\n", "\r\n")
    return _BOM + text if before.startswith(_BOM) else text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {json.dumps(twice)} stands twice in one object")
    return found
