"""A request that was squashed once already, before the range that is looked at.

A squash leaves no record and no parent behind, so that the history does not say what was squashed into it. Its tree
does: it is what merging the request's head into its parent gives.
"""

from __future__ import annotations

from sox_hooks.core import clock
from sox_hooks.core.errors import CannotVerify
from sox_hooks.git.commits import parse_commit, parse_ident
from sox_hooks.git.objects import ObjectReader
from sox_hooks.verification.history import read_changes, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.git.change import Change
    from sox_hooks.git.room import CleanRoom

# So many commits of the protected branch are looked at, the newest ones since the request began.
_MOST = 1000


def squashed_before(room: CleanRoom, head: str, tip: str) -> tuple[str, str]:
    """The commit on the first-parent line of `tip` that was the squash of `head`, and when it was committed.

    "" and "" if there is none. Only what came in after `head` began is asked.
    """
    found = room.git.result("merge-base", tip, head)
    began = found.out.decode("ascii").partition("\n")[0]
    if found.code or not began:
        return "", ""
    line = [
        (oid, parents[:1])
        for oid, parents in walk(room, [tip], [began], "--first-parent", f"--max-count={_MOST}")
        if parents
    ]
    if not line:
        return "", ""
    whole, *changes = read_changes(room, [(head, (began,)), *line])
    paths = _paths(whole)
    likely = [node for node, change in zip(line, changes, strict=True) if _paths(change) and _paths(change) <= paths]
    merges = room.merge_trees([(parents[0], head) for _, parents in likely])
    with ObjectReader(room.git) as reader:
        for (oid, _), merged in zip(likely, merges, strict=True):
            raw = reader.read(oid) if merged.clean else None
            commit = parse_commit(oid, raw[2]) if raw else None
            if commit is not None and commit.tree == merged.tree:
                return oid, clock.iso(parse_ident(commit.committer).seconds)
    return "", ""


def _paths(change: Change | CannotVerify) -> frozenset[str]:
    return frozenset() if isinstance(change, CannotVerify) else frozenset(change.touched())
