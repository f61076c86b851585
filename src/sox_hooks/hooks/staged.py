"""Gathering what a commit is about to be: repository, policy in force, content, author. Nothing here judges.

Four git processes run at once, because starting and waiting is most of what a hook costs; the difference itself needs
the tree that one of them writes.
"""

from __future__ import annotations

import os

from sox_hooks.core.errors import UsageError
from sox_hooks.core.processes_above import ProcessInfo, ancestors
from sox_hooks.core.struct import Struct
from sox_hooks.git.commits import RawCommit, parse_commit
from sox_hooks.git.config import config_from, last, start_config
from sox_hooks.git.index import finish_staged_tree
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.repository import Repository, found, require_work_tree, start_find
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git, GitFailed
from sox_hooks.git.state import Operation, author_ident, operation
from sox_hooks.hooks.in_force import FOLDER, InForce, policy_in_force, policy_of_tree, private_folder
from sox_hooks.hooks.started import CONFIG, Started, start_gathering
from sox_hooks.record.binding import Binding, bind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.core.process import Process


class Desk(Struct):
    """The repository as the person at the desk has it."""

    git: Git
    repository: Repository
    config: Mapping[str, tuple[str, ...]]
    in_force: InForce | None
    head: RawCommit | None  # None before the first commit

    def setting(self, key: str, default: str = "") -> str:
        """The value of a git configuration key."""
        return last(self.config, key, default)


class Staged(Struct):
    """The commit that is about to be made.

    content  what it changes against the parents it will have, if it is what `operation` says
    amended  the same for the other reading, where nothing tells whether HEAD is being amended and HEAD's author line is
             this commit's; None otherwise
    author   the raw author line: `Name <mail> seconds zone`
    tree     the id of the tree that it will have
    """

    desk: Desk
    operation: Operation
    processes: tuple[ProcessInfo, ...]
    author: bytes
    tree: str
    content: Binding
    amended: Binding | None = None


def open_desk() -> Desk:
    """The desk without anything staged: for commands."""
    git = Git()
    finding, configuring = start_find(git), start_config(git, CONFIG)
    with ObjectReader(git) as reader:
        repository, config = found(finding.finish()), config_from(configuring.finish())
        return _desk(git, repository, config, reader)


def gather_staged(environ: Mapping[str, str], started: Started | None = None) -> Staged | Desk:
    """What is staged, under the index that git works on (GIT_INDEX_FILE); only the desk where no policy governs.

    `started` is what `start_gathering` gave, if git is at work already. Raises `SoxError`s: outside a work tree, for an
    unusable policy, for an index with conflicts.
    """
    started = started or start_gathering()
    git = started.git
    with started.reader as reader:
        processes = ancestors()
        repository, config = found(started.finding.finish()), config_from(started.configuring.finish())
        require_work_tree(repository)
        tree = _finished(git, started.writing)
        desk = _desk(git, repository, config, reader)
        if desk.in_force is None:
            return desk
        author = author_ident(git, environ)
        doing = operation(git, repository, environ, processes, desk.head)
    head, amended = desk.head, None
    with CleanRoom(git, repository, os.path.join(private_folder(repository), "room")) as room:
        content = _bind(room, repository, doing.parents, tree)
        if doing.amend is None and head is not None and head.author == author and head.parents != doing.parents:
            amended = _bind(room, repository, head.parents, tree)
    return Staged(desk, doing, processes, author, tree, content, amended)


def require_sound_policy(staged: Staged, paths: tuple[str, ...]) -> None:
    """Raises `ConfigError` where the commit, which changes `paths`, would bring in a policy that nobody can use.

    From then on it would govern, and every commit, the correction too, would be refused. A tree without a policy is no
    fault: whoever may change `.sox/` may also take it away.
    """
    if any(path == FOLDER or path.startswith(FOLDER + "/") for path in paths):
        with ObjectReader(staged.desk.git) as reader:
            policy_of_tree(reader, staged.tree, f"the staged {FOLDER}/")


def _finished(git: Git, writing: Process) -> str:
    try:
        return finish_staged_tree(git, writing)
    except GitFailed as failed:
        if b"unmerged" not in failed.result.err:
            raise
        raise UsageError(
            "the index has conflicts that are not resolved yet",
            why="what will be committed is not known before",
            fix="git status shows them; resolve them, then: git add PATH",
        ) from None


def _desk(git: Git, repository: Repository, config: Mapping[str, tuple[str, ...]], reader: ObjectReader) -> Desk:
    in_force = policy_in_force(reader, last(config, "sox.policyRef"), repository)
    head = reader.read("HEAD^{commit}")
    return Desk(git, repository, config, in_force, parse_commit(head[0], head[2]) if head else None)


def _bind(room: CleanRoom, repository: Repository, parents: tuple[str, ...], tree: str) -> Binding:
    return bind(parents, [room.blocks(parent, tree) for parent in parents or (repository.empty_tree,)])
