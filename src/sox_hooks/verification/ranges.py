"""`A..B` as typed, turned into commits: what is judged, and which left end says where the law comes from."""

from __future__ import annotations

from sox_hooks.core.errors import CannotVerify, UsageError
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git.objects import ObjectReader

_EXAMPLE = "sox-hooks verify origin/main..HEAD"


class End(Struct):
    """One end of a range: the name as typed and the commit it names now."""

    name: str
    oid: str


class Range(Struct):
    """Commits reachable from `tips` and not from `left` (gitrevisions(7), "dotted range notations")."""

    text: str
    tips: tuple[End, ...]
    left: tuple[End, ...]


def parse_range(reader: ObjectReader, words: tuple[str, ...]) -> Range:
    """Resolve `A..B`, or single revisions with `^A` for what is left out.

    Raises `UsageError` for what is no range, `CannotVerify` for a revision that this clone does not have.
    """
    text = " ".join(words)
    tips: list[str] = []
    left: list[str] = []
    for word in words:
        if "..." in word:
            raise UsageError(
                f"{printable(word, 100)!r} has three dots: a symmetric difference has no base to judge by",
                fix=f"use two dots: {_EXAMPLE}",
            )
        if word.startswith("^"):
            left.append(word[1:])
        elif ".." in word:
            before, _, after = word.partition("..")
            left.append(before or "HEAD")
            tips.append(after or "HEAD")
        else:
            tips.append(word)
    if not tips:
        raise UsageError("nothing to verify: the range has no right end", fix=_EXAMPLE)
    return Range(text, tuple([resolve(reader, name) for name in tips]), tuple([resolve(reader, n) for n in left]))


def resolve(reader: ObjectReader, name: str) -> End:
    """The commit that a name stands for. The name is never an argument of git, so it cannot be taken for an option."""
    shown = printable(name, 100)
    if not name or name.startswith("-") or any(char.isspace() or not char.isprintable() for char in name):
        raise UsageError(f"{shown!r} is not a revision", fix=_EXAMPLE)
    if set(name) == {"0"}:
        raise UsageError(
            f"{shown!r} is what a forge sends for a branch that did not exist before",
            fix="name the target branch instead: " + _EXAMPLE,
        )
    found = reader.read(f"{name}^{{commit}}")
    if found is None:
        raise CannotVerify(
            f"this clone has no commit {shown!r}",
            why="the name is misspelt, or the clone is shallow or was made for one branch only",
            fix="fetch all of it first: git fetch --unshallow origin  (in CI: fetch-depth: 0)",
        )
    return End(name, found[0])
