"""A commit-msg hook that writes down what it sees, for tests that compare it with the commit that comes of it.

`install` puts it into a repository. As a program it appends one JSON line to the file that SOX_PROBE names.
"""

from __future__ import annotations

import json
import os
import shlex
import stat
import sys
from pathlib import Path

from sox_hooks.core.processes_above import ancestors
from sox_hooks.git.commits import RawCommit, parse_commit
from sox_hooks.git.index import staged_tree
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.repository import find_repository
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git, clean_environment
from sox_hooks.git.state import amended_parents, author_ident, operation
from sox_hooks.record.binding import Binding, bind


def hook() -> None:
    """What a hook can know: everything through the desk's environment and a kept room."""
    git = Git()
    repository = find_repository(git)
    with ObjectReader(git) as reader:
        found = reader.read("HEAD")
    head = parse_commit(found[0], found[2]) if found else None
    doing = operation(git, repository, os.environ, ancestors(), head)
    tree = staged_tree(git)
    room = CleanRoom(git, repository, os.path.join(repository.common_dir, "sox-hooks", "room"))
    binding = bind(doing.parents, [room.diff(parent, tree) for parent in doing.parents or (room.empty_tree,)])
    seen = {
        "kind": doing.kind,
        "amend": doing.amend,
        "parents": doing.parents,
        "amended": amended_parents(git, repository, head) if head else (),
        "tree": tree,
        "change": binding.change,
        "patch": binding.patch,
        "touched": binding.content.touched(),
        "author": os.fsdecode(author_ident(git, os.environ)),
        "kept": room.kept,
    }
    with open(os.environ["SOX_PROBE"], "a", encoding="ascii") as file:
        file.write(json.dumps(seen) + "\n")


def install(repo, log: Path, hooks: Path | None = None) -> None:
    """Make `repo` (or the repository whose hooks these are) write to `log`: what was seen, then which commit it was."""
    hooks = hooks or repo.path / ".git/hooks"
    hooks.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("commit-msg", f"SOX_PROBE={shlex.quote(str(log))} exec {sys.executable} {__file__}\n"),
        ("post-commit", f"git rev-parse HEAD >>{shlex.quote(str(log))}\n"),
    ):
        file = hooks / name
        file.write_text("#!/bin/sh\n" + text)
        file.chmod(file.stat().st_mode | stat.S_IXUSR)


def seen(log: Path, head: str) -> list[tuple[dict, str]]:
    """Every call of the hook with the commit that was made next; a clean merge runs no post-commit: that is `head`."""
    pairs: list[tuple[dict, str]] = []
    if log.exists():
        for line in log.read_text().splitlines():
            if line.startswith("{"):
                pairs.append((json.loads(line), ""))
            elif pairs and not pairs[-1][1]:
                pairs[-1] = (pairs[-1][0], line)
        log.unlink()
    return [(found, oid or head) for found, oid in pairs]


def ci_says(path: Path, oid: str) -> tuple[RawCommit, Binding]:
    """The same from the commit, as verification sees it."""
    with CleanRoom(Git(str(path), clean_environment(os.environ))) as room, ObjectReader(room.git) as reader:
        found = reader.read(oid)
        commit = parse_commit(oid, found[2])
        trees = [parse_commit(parent, reader.read(parent)[2]).tree for parent in commit.parents] or [room.empty_tree]
        return commit, bind(commit.parents, room.diff_many([(tree, commit.tree) for tree in trees]))


if __name__ == "__main__":
    hook()
