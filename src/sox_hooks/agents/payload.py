"""Reading what an agent sends: JSON from outside, of which nothing is certain.

Agents change the names of fields between versions, send JSON inside JSON strings, and Windsurf is known to leave raw
control characters in strings. So whatever can be read is read, and whatever cannot is no error: the answer is then
`None` or "".
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# A payload holds the whole new content of a file.
MOST_BYTES = 64 << 20
_DEPTH = 8
_MOST_VALUES = 5000


def read(raw: bytes) -> dict[str, Any] | None:
    """The JSON object in `raw`; None if there is none."""
    value = parse(raw.decode("utf-8", "surrogateescape"))
    return value if isinstance(value, dict) else None


def parse(text: str) -> Any:
    """The value of a JSON text, None for anything else. Raises nothing."""
    text = text.strip(" \t\r\n\ufeff")
    from sox_hooks.core.fastjson import loads

    try:
        return loads(text)
    except (ValueError, RecursionError, IndexError):
        pass
    from json import JSONDecoder

    try:
        return JSONDecoder(strict=False).raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def key(name: str) -> str:
    """The one spelling of a field's name: `filePath`, `file_path` and `FilePath` are one."""
    return name.replace("_", "").replace("-", "").lower()


def field(value: Any, *names: str) -> Any:
    """The first of several fields of an object that is there; names as `key` spells them. None if there is none."""
    if not isinstance(value, dict):
        return None
    folded = {key(name): inner for name, inner in reversed(value.items()) if isinstance(name, str)}
    return next((folded[name] for name in names if folded.get(name) is not None), None)


def text(value: Any, *names: str) -> str:
    """As `field`, but "" for everything that is no text."""
    found = field(value, *names)
    return found if isinstance(found, str) else ""


def opened(value: Any) -> Any:
    """A value, parsed if it is a text that holds a JSON object or list."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        inner = parse(value)
        return value if inner is None else inner
    return value


def fields(value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every named value in an object and in what it holds, with names as `key` spells them; bounded."""
    stack = [(value, depth)]
    count = 0
    while stack:
        inner, level = stack.pop()
        if level > _DEPTH:
            continue
        if isinstance(inner, list):
            stack += [(one, level + 1) for one in reversed(inner[:_MOST_VALUES])]
            continue
        if not isinstance(inner, dict):
            continue
        for name, one in inner.items():
            count += 1
            if count > _MOST_VALUES:
                return
            yield key(str(name)), one
            if isinstance(one, (dict, list)):
                stack.append((one, level + 1))


def clean_path(value: str) -> str:
    """A path as `core.text.decode` would give it; "" for what can be no path."""
    if not value or "\0" in value or len(value) > 32768:
        return ""
    if value.isascii():
        return value
    try:
        raw = value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a pair, which no file name of Python's can hold
        raw = value.encode("utf-8", "surrogatepass")
    return raw.decode("utf-8", "surrogateescape")
