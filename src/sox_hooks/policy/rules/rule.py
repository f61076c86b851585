"""The shape of a rule."""

from __future__ import annotations

from sox_hooks.core.struct import Struct


class Rule(Struct):
    """One rule: `summary` is a sentence, `why` the reason that such a rule exists, `fix` how to mend it in general."""

    id: str
    name: str
    severity: str
    summary: str
    why: str
    fix: str
