"""What doctor says of one control."""

from __future__ import annotations

from sox_hooks.core.errors import SoxError
from sox_hooks.core.struct import Struct

# It was tried and works; it was tried and does not; it works, but something about it will bite.
LIVE, NOT_LIVE, ADVICE = "live", "not live", "advice"


class Control(Struct):
    """One control and what came of trying it.

    name     what is tried: `commit-msg hook`, `signing key`, ...
    state    `live`, `not live` or `advice`
    message  one line that stands alone
    where    a path, a setting or a place in a file, or ""
    why      the reason, one sentence, or ""
    fix      the one command (or sentence) that mends it, or ""
    rule     `SOXnnn`, or ""
    """

    name: str
    state: str
    message: str
    where: str = ""
    why: str = ""
    fix: str = ""
    rule: str = ""


def not_live(name: str, error: SoxError, rule: str = "") -> Control:
    """The control that an error is about."""
    return Control(name, NOT_LIVE, error.what, error.where, error.why, error.fix, error.rule or rule)
