"""Protected history cut into steps: a first-parent commit, and the commits that it brought in."""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.verification.history import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.git.room import CleanRoom


class Position(Struct):
    """A commit, the step that brought it in (itself on the first-parent line), and that step's first parent, or ""."""

    oid: str
    parents: tuple[str, ...]
    step: str
    base: str

    @property
    def linear(self) -> bool:
        """Whether the step is a commit with one parent, which brings in nothing but itself."""
        return self.step == self.oid and len(self.parents) < 2


def in_steps(room: CleanRoom, tip: str, left: list[str]) -> Iterator[Position]:
    """The commits reachable from `tip` and not from `left`, a step after the other, parents before children.

    Memory is that of the largest step. Raises `CannotVerify`.
    """
    line = walk(room, [tip], left, "--first-parent")
    upcoming = next(line, None)
    pending: list[tuple[str, tuple[str, ...]]] = []
    for oid, parents in walk(room, [tip], left):
        if upcoming is None or oid != upcoming[0]:
            pending.append((oid, parents))
            continue
        base = parents[0] if parents else ""
        # What was listed and is not reachable from this step comes in with a later one.
        reached = set(parents[1:])
        mine = []
        for node in reversed(pending):
            if node[0] in reached:
                reached.update(node[1])
                mine.append(node)
        if len(mine) < len(pending):
            taken = {node[0] for node in mine}
            pending = [node for node in pending if node[0] not in taken]
        else:
            pending = []
        for brought, above in reversed(mine):
            yield Position(brought, above, oid, base)
        yield Position(oid, parents, oid, base)
        upcoming = next(line, None)
