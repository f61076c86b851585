"""The last entry of HEAD's reflog: how HEAD came to be where it is."""

from __future__ import annotations

import os

from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.git.repository import Repository

_TAIL = 1 << 13


class Move(Struct):
    """HEAD went from `old` (zeros: from nothing) to `new`; `why` is git's word for it: `commit (amend): Subject`."""

    old: str
    new: str
    why: str

    @property
    def action(self) -> str:
        """What stands before the colon: `commit`, `commit (amend)`, `rebase (pick)`, `merge topic`."""
        return self.why.partition(":")[0]


def last_move(repository: Repository, head: str) -> Move | None:
    """How HEAD came to be `head`; None where nothing tells.

    Read from the file, not with `git log -g`, whose output depends on `log.showSignature`. None, where there is no
    reflog (`core.logAllRefUpdates`, the reftable format), and where its last entry is about another commit: a rewrite
    that gives the same id leaves none (measured, git 2.39.5).
    """
    try:
        with open(os.path.join(repository.git_dir, "logs", "HEAD"), "rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - _TAIL))
            tail = file.read()
    except OSError:
        return None
    line = tail.rstrip(b"\n").rpartition(b"\n")[2]
    who, tab, why = line.partition(b"\t")
    fields = who.split(b" ", 2)
    if len(fields) != 3 or not tab or fields[1] != head.encode("ascii"):
        return None
    return Move(fields[0].decode("ascii", "replace"), head, printable(why, 200))
