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
from sox_hooks.record.log import FOLDER, NAME, Log
from sox_hooks.record.record import Record, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

COMMITTED = "committed"
# The entry of a commit that was just made is among the last; a line holds at most a thousand files.
_TAILS = (1 << 14, 1 << 19)


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
    """Link the log entry that the record names with the commit; False if the record is not of this clone's log, or the
    entry is about another tree.

    Nothing else is asked about the content: that is the gate's matter, and pre-push asks it.
    """
    if made.record is None or of_another_tree(made):
        return False
    log = Log(made.repository.common_dir)
    log_id, _, rest = made.record.parameter("log").partition(".")
    if log.id() != log_id:
        return False
    log.append(COMMITTED, {"commit": made.commit.oid, "entry": int(rest.partition(".")[0]), **fields})
    return True


def of_another_tree(made: Made) -> bool:
    """Whether the entry that the record names is about another tree: `git commit --amend --no-verify` leaves the record
    in the message. False where the entry does not tell, or is not among the last of this clone's log."""
    cited = made.record.parameter("log") if made.record else ""
    line = cited_line(made.repository.common_dir, cited)
    return b'"tree":"' in line and b'"tree":"%b"' % made.commit.tree.encode("ascii") not in line


def cited_line(common_dir: str, cited: str) -> bytes:
    """The entry of the log that `log=` of a record names, b"" if it is not among the last ones."""
    from sox_hooks.core.digest import sha256_hex

    _, index, digest = cited.split(".") if cited.count(".") == 2 else ("", "", "")
    mark = b'\n{"index":%b,' % index.encode("ascii")
    try:
        with open(os.path.join(common_dir, FOLDER, NAME), "rb") as file:
            end = file.seek(0, os.SEEK_END)
            for size in _TAILS:
                file.seek(max(0, end - size))
                tail = file.read()
                at = tail.rfind(mark) + 1
                if at or size >= end:
                    break
    except OSError:
        return b""
    line = tail[at:].partition(b"\n")[0] if at else b""
    return line if digest and sha256_hex(line).startswith(digest) else b""
