"""The commit that HEAD is at, for hooks that run when it is made already: what the log is told of it.

Such hooks cannot refuse anything. They write down which commit an entry became, and that a commit has none.
"""

from __future__ import annotations

import os

from sox_hooks.core.struct import Struct
from sox_hooks.git.commits import RawCommit, parse_commit
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.reflog import Move, last_move
from sox_hooks.git.repository import Repository, found, start_find
from sox_hooks.git.run import Git
from sox_hooks.record.log import Log
from sox_hooks.record.record import Record, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

COMMITTED = "committed"


class Made(Struct):
    """The commit, its record if it has one that can be read, and how HEAD came there (None: nothing tells)."""

    git: Git
    repository: Repository
    commit: RawCommit
    record: Record | None
    move: Move | None


def look() -> Made | None:
    """What HEAD is at; None before the first commit."""
    git = Git()
    finding = start_find(git)
    with ObjectReader(git) as reader:
        head = reader.read("HEAD^{commit}")
    repository = found(finding.finish())
    if head is None:
        return None
    commit = parse_commit(head[0], head[2])
    return Made(git, repository, commit, read(commit.message).record, last_move(repository, commit.oid))


def under_way(repository: Repository, *names: str) -> bool:
    """Whether one of these files or folders of an operation is there: `rebase-merge`, `CHERRY_PICK_HEAD`, ..."""
    return any(os.path.lexists(os.path.join(repository.git_dir, name)) for name in names)


def note_committed(made: Made, fields: Mapping[str, object]) -> bool:
    """Link the log entry that the record names with the commit; False if the record is not of this clone's log.

    Whether the record is about this very content is not asked: that is the gate's matter, and pre-push asks it.
    """
    if made.record is None:
        return False
    log = Log(made.repository.common_dir)
    log_id, _, rest = made.record.parameter("log").partition(".")
    if log.id() != log_id:
        return False
    log.append(COMMITTED, {"commit": made.commit.oid, "entry": int(rest.partition(".")[0]), **fields})
    return True
