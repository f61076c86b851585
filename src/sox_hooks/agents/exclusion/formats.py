"""The formats of the files: what of ours is in one, and the text with it put in or taken out. Pure.

Every format is a class with `wanted`, `held`, `merged` and `removed`. Entries are text, for people, too. All raise
`ConfigError` for a file that cannot be changed safely; `where` is then what follows the file's name.
"""

from __future__ import annotations

from sox_hooks.agents.exclusion import blocks
from sox_hooks.agents.exclusion.spelling import gitignore
from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from sox_hooks.agents.exclusion.refused import Refused

    class Format(Protocol):
        """One format."""

        def wanted(self, refused: Refused, unreadable: bool) -> tuple[str, ...]:
            """The entries for what is refused. `unreadable`: hide only what may not be read."""

        def held(self, text: str) -> Held | None:
            """What of ours is in a file; None if there is nothing."""

        def merged(self, text: str, entries: tuple[str, ...], notes: tuple[str, ...], unreadable: bool) -> str:
            """The text with these entries, and none of ours besides."""

        def removed(self, text: str) -> str:
            """The text without ours; "" if nothing else is in it."""


class Held(Struct):
    """What of ours is in a file.

    line        where it begins, 0 = not known
    unreadable  it was made with --unreadable
    faulty      why it does not count although the entries are right, one sentence, or ""
    """

    entries: tuple[str, ...]
    line: int = 0
    unreadable: bool = False
    faulty: str = ""


class IgnoreFile(Struct):
    """Lines as in .gitignore. What they name can be neither read nor edited, as far as the agent cares.

    `placeholder` stands for an empty list where an empty file means that everything is hidden.
    """

    placeholder: str = ""

    def wanted(self, refused: Refused, unreadable: bool) -> tuple[str, ...]:
        """One line a pattern."""
        patterns = refused.reads if unreadable else refused.edits
        lines = tuple(dict.fromkeys([line for pattern in patterns for line in gitignore(pattern)]))
        return lines or ((self.placeholder,) if self.placeholder else ())

    def held(self, text: str) -> Held | None:
        """The lines of our block that are no comments."""
        parted = blocks.part(text)
        if not parted.blocks:
            return None
        block = parted.blocks[0]
        entries = tuple([line for line in block.lines if line and not line.startswith("#")])
        faulty = ""
        if len(parted.blocks) > 1:
            faulty = "the block stands there twice"
        elif any(line.startswith("!") for line in parted.after):
            faulty = "a line after the block takes paths out again"
        return Held(entries, block.first, block.unreadable, faulty)

    def merged(self, text: str, entries: tuple[str, ...], notes: tuple[str, ...], unreadable: bool) -> str:
        """Our block comes last, because the last line that matches decides."""
        rest = blocks.ended(blocks.part(text).rest)
        return rest + blocks.made([*[f"# {note}" for note in notes], *entries], rest, unreadable)

    def removed(self, text: str) -> str:
        """The user's own lines."""
        return blocks.part(text).rest
