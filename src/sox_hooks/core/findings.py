"""`Finding`: what a rule has to say about a change, a commit or a file. Made by whoever decides, shown by `output/`."""

from __future__ import annotations

from sox_hooks.core.struct import Struct

ERROR = "error"
WARNING = "warning"
NOTE = "note"
SEVERITIES = (ERROR, WARNING, NOTE)


class Place(Struct):
    """A position in a text file: `line` and `column` count from 1, 0 means not known."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        text = self.file
        if self.line:
            text += f":{self.line}"
            if self.column:
                text += f":{self.column}"
        return text


class Finding(Struct):
    """One statement of one rule.

    rule      `SOXnnn`, see `policy.rules`
    severity  `error`, `warning` or `note`; only errors refuse
    message   one line that stands alone: what happened and to what
    path      the path in the repository that it is about (printable, see `core.text.printable`), or ""
    commit    the full commit id that it is about, or ""
    why       the rule or policy line behind it, one sentence, or ""
    place     where that policy line stands, or None
    fix       the one command (or sentence) that mends it, or ""
    """

    rule: str
    severity: str
    message: str
    path: str = ""
    commit: str = ""
    why: str = ""
    place: Place | None = None
    fix: str = ""

    @property
    def docs(self) -> str:
        """The address of the rule's page, relative to the documentation's root."""
        return f"reference/rules/{self.rule}.html"
