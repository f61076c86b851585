"""Reverts: `git revert` runs no commit-msg hook, so its commits have no record and are proven by their tree.

A revert of C is what a three-way merge with base C, ours N^ and theirs C^ gives; of a merge, theirs is the parent that
the message names as the mainline. 147 of 188 real reverts in git, redis and flask are exactly that.
"""

from __future__ import annotations

import re

from sox_hooks.core.errors import SoxError
from sox_hooks.git.objects import ObjectReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sox_hooks.git.commits import RawCommit
    from sox_hooks.git.room import CleanRoom

# "This reverts commit %s." and "This reverts commit %s, reversing\nchanges made to %s." (sequencer.c of git 2.39.5).
_NAMED = re.compile(
    rb"^This reverts commit ([0-9a-f]{40}|[0-9a-f]{64})"
    rb"(?:, reversing\s+changes made to ([0-9a-f]{40}|[0-9a-f]{64}))?\b",
    re.MULTILINE,
)
_MOST_NAMED = 8
_FIRST = "^1"  # the mainline of a merge on the first-parent line


def reverted(
    room: CleanRoom,
    commit: RawCommit,
    protected: Callable[[str, str], bool],
    meant: Callable[[RawCommit], Iterable[str]] | None = None,
) -> str:
    """The id of the commit that `commit`, which has one parent, undoes exactly; "" if its message names none.

    `protected(other, commit)` tells whether `other` was part of protected history before `commit` came in. `meant`
    finds commits of the first-parent line that a message without ids may mean.
    """
    for named, mainline in _named(commit.message):
        here = len(named) == len(commit.oid) and protected(named, commit.oid)
        if here and _undone(room, commit, named, mainline) == commit.tree:
            return named
    for named in meant(commit) if meant else ():
        if protected(named, commit.oid) and _undone(room, commit, named, _FIRST) == commit.tree:
            return named
    return ""


def names_a_commit(message: bytes) -> bool:
    """Whether a message says that it reverts some commit."""
    return _NAMED.search(message) is not None


def _named(message: bytes) -> Iterator[tuple[str, str]]:
    for number, match in enumerate(_NAMED.finditer(message)):
        if number >= _MOST_NAMED:
            return
        yield match[1].decode("ascii"), (match[2] or b"").decode("ascii")


def _undone(room: CleanRoom, commit: RawCommit, named: str, mainline: str) -> str:
    """The tree that reverting `named` on the parent of `commit` gives, "" if there is a conflict."""
    from sox_hooks.git.commits import parse_commit

    with ObjectReader(room.git) as reader:
        found = reader.read(named)
        parent = reader.read(f"{commit.parents[0]}^{{tree}}")
        if found is None or parent is None or found[1] != "commit":
            return ""
        try:
            target = parse_commit(named, found[2])
            before = room.empty_tree
            if target.parents:
                theirs = target.parents[0] if mainline in ("", _FIRST) else mainline
                if theirs not in target.parents or (len(target.parents) > 1 and not mainline):
                    return ""
                tree = reader.read(f"{theirs}^{{tree}}")
                if tree is None:
                    return ""
                before = tree[0]
            # git 2.39 has no --merge-base: two commits on top of the base have it as theirs.
            ours = room.commit_tree(parent[0], [named])
            merged = room.merge_trees([(ours, room.commit_tree(before, [named]))])[0]
        except SoxError:
            return ""
    return merged.tree if merged.clean else ""
