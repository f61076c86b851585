"""JSON in a hook: the C half of `json` without the rest, whose import (`re`, `enum`) costs 5 ms.

`loads` takes text as this tool writes it, compact and without white space around it. Where Python has no C scanner,
`json` does it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def loads(text: str) -> Any:
    """The value of a JSON text. Raises `ValueError` for anything that is not exactly one value."""
    scan = _scanner()
    if scan is None:
        from json import loads as slow

        return slow(text)
    try:
        value, end = scan(text, 0)
    except (StopIteration, TypeError, SystemError):  # how the scanner says so where no Python code stands around it
        raise ValueError("not JSON") from None
    if end != len(text):
        raise ValueError("something follows the JSON value")
    return value


class _Settings:
    """What `json.JSONDecoder` tells its scanner (Modules/_json.c of CPython reads these attributes)."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = None
    memo: dict[str, str] = {}  # noqa: RUF012 - CPython keeps its own; this one is never written to


def _scanner() -> Callable[[str, int], tuple[Any, int]] | None:
    try:
        from _json import make_scanner
    except ImportError:
        return None
    make: Any = make_scanner  # typeshed wants a whole JSONDecoder, whose module is what must not be imported
    scan: Callable[[str, int], tuple[Any, int]] = make(_Settings)
    return scan


def dumps(value: object) -> str:
    """Compact JSON in ASCII of texts, integers, booleans, None, lists, tuples and tables of them; `json` does the rest.

    Raises `TypeError` and `ValueError` as `json.dumps` does.
    """
    if isinstance(value, str):
        return _quote(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return f"[{','.join([dumps(one) for one in value])}]"
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return f"{{{','.join([f'{_quote(name)}:{dumps(one)}' for name, one in value.items()])}}}"
    from json import dumps as slow

    return slow(value, separators=(",", ":"))


def _quote(text: str) -> str:
    try:
        from _json import encode_basestring_ascii as quote
    except ImportError:
        from json.encoder import encode_basestring_ascii as quote
    quoted: str = quote(text)
    return quoted
