"""The formats by name, and the one way a report reaches stdout."""

from __future__ import annotations

import sys
from importlib import import_module

from sox_hooks.output.report import Report, Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Each is a module of this package with a function `render(report, tally)` that yields text.
FORMATS = ("text", "json", "jsonl", "sarif", "github", "gitlab", "junit")
# These have a line for every commit, also where there is nothing to say about it.
LISTS_ALL = ("json", "jsonl", "junit")


def renderer(name: str) -> Callable[[Report, Tally], Iterator[str]]:
    """The `render` function of a format. Raises `KeyError` for a name that is not in `FORMATS`."""
    if name not in FORMATS:
        raise KeyError(name)
    render: Callable[[Report, Tally], Iterator[str]] = import_module(f"sox_hooks.output.{name}").render
    return render


def write(report: Report, name: str) -> int:
    """Write a report to stdout in the format `name` and return the exit code of the command."""
    tally = Tally(report)
    for piece in renderer(name)(report, tally):
        sys.stdout.write(piece)
    return tally.summary().exit_code
