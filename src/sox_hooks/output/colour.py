"""When to colour, and how."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

RED, GREEN, YELLOW, BOLD = "31", "32", "33", "1"


def wanted(stream: TextIO) -> bool:
    """NO_COLOR (no-color.org) beats FORCE_COLOR and CLICOLOR_FORCE, these beat asking whether it is a terminal."""
    environ = os.environ
    if environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if environ.get(name, "0") not in ("", "0"):
            return True
    return stream.isatty() and environ.get("TERM") != "dumb"


class Paint:
    """Puts colours around text, or leaves it alone."""

    def __init__(self, on: bool) -> None:
        self._on = on

    def __call__(self, code: str, text: str) -> str:
        """`text` in the colour of the SGR code (ECMA-48), if colours are on."""
        return f"\x1b[{code}m{text}\x1b[0m" if self._on else text
