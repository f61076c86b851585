"""The post-rewrite hook: which commits were made from which. One entry for a whole rebase.

`resign` needs it: an amend or a fixup that runs no commit-msg loses what the commits before it said, and only git
knows, and only now, which those were.
"""

from __future__ import annotations

import os
import sys

from sox_hooks.core.files import problem
from sox_hooks.git.reflog import last_move
from sox_hooks.git.repository import Repository, find_repository
from sox_hooks.git.run import Git
from sox_hooks.hooks.made_commit import under_way
from sox_hooks.record.log import Log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from sox_hooks.hooks.hosts import HookEvent

REWRITTEN = "rewritten"
AMEND = "amend"
# Where the pairs are while the hook runs, for hosts that keep standard input for themselves (pre-commit, prek).
_LISTS = ("rebase-merge/rewritten-list", "rebase-apply/rewritten")
_PAIRS_AN_ENTRY = 50_000


def run(event: HookEvent, environ: Mapping[str, str], err: TextIO) -> int:
    """The hook; git ignores its exit code. Raises `SoxError` where the log cannot be written."""
    del err
    git = Git()
    repository = find_repository(git)
    command = (event.arguments[:1] or (environ.get("PRE_COMMIT_REWRITE_COMMAND", ""),))[0]
    if command not in (AMEND, "rebase"):
        command = "rebase" if under_way(repository, "rebase-merge", "rebase-apply") else AMEND
    if command == AMEND and under_way(repository, "rebase-merge"):
        return 0  # a step of a rebase, which is told as a whole when it is over
    log = Log(repository.common_dir)
    if not log.id():  # nothing was ever recorded in this clone
        return 0
    raw = sys.stdin.buffer.read() if event.stdin and not sys.stdin.isatty() else b""
    pairs = _pairs(raw) or _fallback(git, repository, command)
    for start in range(0, len(pairs), _PAIRS_AN_ENTRY):
        part = pairs[start : start + _PAIRS_AN_ENTRY]
        fields = {"hook": event.name, "host": event.host, "command": command, "pairs": [list(pair) for pair in part]}
        log.append(REWRITTEN, fields)
    return 0


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    """`old SP new [SP extra] LF` (githooks(5)). Lines of any other form are left out."""
    pairs = []
    for line in raw.split(b"\n"):
        fields = line.decode("ascii", "replace").split(" ")
        if len(fields) >= 2 and all(len(oid) in (40, 64) and oid.isalnum() for oid in fields[:2]):
            pairs.append((fields[0], fields[1]))
    return pairs


def _fallback(git: Git, repository: Repository, command: str) -> list[tuple[str, str]]:
    if command != AMEND:
        for name in _LISTS:
            path = os.path.join(repository.git_dir, name)
            try:
                with open(path, "rb") as file:
                    return _pairs(file.read())
            except FileNotFoundError:
                continue
            except OSError as error:
                raise problem("read which commits were rewritten", path, error) from error
        return []
    head = git.try_line("rev-parse", "--verify", "--quiet", "HEAD")
    move = last_move(repository, head) if head else None
    return [(move.old, move.new)] if move and move.action == "commit (amend)" else []
