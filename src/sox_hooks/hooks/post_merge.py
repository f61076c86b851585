"""The post-merge hook: the log learns of merges.

A clean `git merge` runs commit-msg and no post-commit, so the entry of its record is linked with the commit here.
"""

from __future__ import annotations

import os

from sox_hooks.core.files import problem
from sox_hooks.hooks.made_commit import Made, look, note_committed
from sox_hooks.record.log import Log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from sox_hooks.hooks.hosts import HookEvent

MERGED = "merged"
_MOST_SOURCES = 1000


def run(event: HookEvent, environ: Mapping[str, str], err: TextIO) -> int:
    """The hook; git ignores its exit code. Raises `SoxError` where the log cannot be written."""
    del err
    made = look()
    if made is None:
        return 0
    squash = (event.arguments[:1] or (environ.get("PRE_COMMIT_IS_SQUASH_MERGE", "0"),))[0] == "1"
    action = made.move.why if made.move and not squash else ""
    fields: dict[str, object] = {"hook": event.name, "host": event.host, "action": action}
    merged = not squash and len(made.commit.parents) > 1
    if merged and note_committed(made, fields):
        return 0
    log = Log(made.repository.common_dir)
    if log.id():  # nothing was ever recorded in a clone without one
        sources = _squashed(made) if squash else []
        log.append(MERGED, {"commit": made.commit.oid, "squash": squash, "sources": sources, **fields})
    return 0


def _squashed(made: Made) -> list[str]:
    """The commits that `git merge --squash` has put into SQUASH_MSG (`commit ID` lines, as git log prints them)."""
    path = os.path.join(made.repository.git_dir, "SQUASH_MSG")
    try:
        with open(path, "rb") as file:
            lines = file.read().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise problem("read the message of the squash", path, error) from error
    ids = [line[7:].decode("ascii", "replace") for line in lines if line.startswith(b"commit ")]
    return [oid for oid in ids if len(oid) in (40, 64) and oid.isalnum()][:_MOST_SOURCES]
