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


def parse_range(clone: ObjectReader, room: ObjectReader, words: tuple[str, ...]) -> Range:
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
    return Range(
        text,
        tuple([resolve(clone, room, name) for name in tips]),
        tuple([resolve(clone, room, name) for name in left]),
    )


def resolve(clone: ObjectReader, room: ObjectReader, name: str) -> End:
    """The commit that a name stands for. The name is never an argument of git, so it cannot be taken for an option.

    The clone says only what a ref points at; from there on (`~2`, `^1`) the walk is in the room, where no graft has
    a say. Raises `UsageError` for what is no revision, and for a name that several refs have: whoever may push a tag
    `origin/main` must not choose the policy.
    """
    shown = printable(name, 100)
    if not name or name.startswith("-") or any(char.isspace() or not char.isprintable() for char in name):
        raise UsageError(f"{shown!r} is not a revision", fix=_EXAMPLE)
    if set(name) == {"0"}:
        raise UsageError(
            f"{shown!r} is what a forge sends for a branch that did not exist before",
            fix="name the target branch instead: " + _EXAMPLE,
        )
    at = min([place for place in (name.find("~"), name.find("^")) if place > 0], default=len(name))
    base, walk = name[:at], name[at:]
    found = clone.read(f"{base}^{{commit}}")
    if found is not None:
        _unambiguous(clone, base, found[0])
        found = room.read(f"{found[0]}{walk}^{{commit}}") if walk else found
    if found is None:
        raise CannotVerify(
            f"this clone has no commit {shown!r}",
            why="the name is misspelt, or the clone is shallow or was made for one branch only",
            fix="fetch all of it first: git fetch --unshallow origin  (in CI: fetch-depth: 0)",
        )
    return End(name, found[0])


def _unambiguous(clone: ObjectReader, name: str, oid: str) -> None:
    """Raise `UsageError` if refs of several kinds have this name and differ (the order is gitrevisions(7)'s)."""
    if name in ("HEAD", "@", oid):  # what git looks for before any ref
        return
    for folder in ("refs/", "refs/tags/", "refs/heads/", "refs/remotes/"):
        other = clone.read(f"{folder}{name}^{{commit}}")
        if other is not None and other[0] != oid:
            raise UsageError(
                f"{printable(name, 100)!r} is ambiguous: {folder}{printable(name, 100)} is another commit",
                why="whoever may push a tag of that name could choose what is verified, and by which policy",
                fix="name the ref in full: refs/remotes/origin/main..HEAD",
            )
