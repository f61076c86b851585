"""Reading commits for verification: raw objects and raw differences, one process each, whatever the range's size.

Everything runs in the clean room, so no configuration, attribute, graft or replacement of the clone has a say. Memory
is that of a few hundred commits.
"""

from __future__ import annotations

from collections import deque
from itertools import islice, tee

from sox_hooks.core.errors import CannotVerify
from sox_hooks.git.change import RAW_FLAGS, Change, Entry, MalformedDiff, entry
from sox_hooks.git.commits import MalformedCommit, RawCommit, parse_commit
from sox_hooks.git.genuine import NotGenuine, require_genuine
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.stream import Stream
from sox_hooks.record.binding import change_digest, patch_digest
from sox_hooks.record.quick import read
from sox_hooks.verification.judge import Gathered, Unreadable
from sox_hooks.verification.reverts import reverted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    # The id of a commit and those of its parents.
    Node: TypeAlias = tuple[str, tuple[str, ...]]

_NODES_AT_ONCE = 64
# git keeps every commit that a diff was asked for: 1.3 KB each, 70 MB after 50,000 (measured, git 2.39.5). A new
# process begins with nothing.
_CHANGES_A_PROCESS = 4096
# So many commits of which something is missing are looked at one by one; after that it is the clone that is broken.
_MOST_FAILURES = 100
# Each parent after the second costs two processes; a larger octopus has to be recorded.
_MOST_PARENTS = 24
# Commits whose moved content and automatic merges are computed together.
CHUNK = 256


def walk(room: CleanRoom, tips: Iterable[str], left: Iterable[str], *options: str) -> Iterator[Node]:
    """Commits reachable from `tips` and not from `left`, parents before children. Raises `CannotVerify`."""
    arguments = ("rev-list", "--topo-order", "--reverse", "--parents", "--stdin", *options)
    names = "".join([f"{name}\n" for name in [*tips, *[f"^{oid}" for oid in left]]]).encode("ascii")
    stream = Stream(room.git.start(*arguments), [names])
    try:
        while (line := stream.line()) is not None:
            oid, *parents = line.decode("ascii").split(" ")
            yield oid, tuple(parents)
        if stream.close():
            raise _incomplete(stream)
    finally:
        stream.close()


def count(room: CleanRoom, tips: Iterable[str], left: Iterable[str]) -> int:
    """How many commits are reachable from `tips` and not from `left`. Raises `CannotVerify`."""
    names = "".join([f"{name}\n" for name in [*tips, *[f"^{oid}" for oid in left]]]).encode("ascii")
    stream = Stream(room.git.start("rev-list", "--count", "--stdin"), [names])
    try:
        line = stream.line()
        if line is None:
            raise _incomplete(stream)
        return int(line)
    finally:
        stream.close()


def read_commits(room: CleanRoom, nodes: Iterable[Node]) -> Iterator[RawCommit | CannotVerify]:
    """The commits, parsed strictly, in order; one that is malformed, or not what its id says, comes as the reason.

    Raises `CannotVerify` for one that is missing.
    """
    names, ids = tee(oid for oid, _ in nodes)
    with ObjectReader(room.git) as reader:
        for oid, found in zip(ids, reader.read_many(names), strict=True):
            if found is None or found[2] != "commit":
                raise CannotVerify(f"the commit {oid} is missing", fix="git fetch --unshallow origin")
            try:
                require_genuine(oid, "commit", found[3])
                yield parse_commit(oid, found[3])
            except (MalformedCommit, NotGenuine) as unreadable:
                yield unreadable


def read_changes(room: CleanRoom, nodes: Iterable[Node]) -> Iterator[Change | CannotVerify]:
    """What each commit changes against each of its parents, in order; where a tree is missing or malformed, why.

    Raises `CannotVerify` where that is so for many.
    """
    source = iter(nodes)
    waiting: deque[Node] = deque()  # asked and not yet answered
    more_to_come = True
    failures = 0

    def questions() -> Iterator[bytes]:
        nonlocal more_to_come
        batch = list(waiting)  # after a failure: what the process before did not answer
        for _ in range(0, _CHANGES_A_PROCESS, _NODES_AT_ONCE):
            if batch:
                yield b"".join([_question(node) for node in batch])
            batch = list(islice(source, _NODES_AT_ONCE))
            if not batch:
                more_to_come = False
                return
            waiting.extend(batch)
        yield b"".join([_question(node) for node in batch])

    while waiting or more_to_come:
        try:
            for change in _changes(room, questions(), waiting):
                waiting.popleft()
                yield change
        except CannotVerify:
            # The process is gone, and its last words may not have come through: ask for that commit alone.
            failures += 1
            if not waiting or failures > _MOST_FAILURES:
                raise
            node = waiting.popleft()
            try:
                yield next(_changes(room, iter([_question(node)]), deque([node])))
            except CannotVerify as problem:
                yield problem


def _question(node: Node) -> bytes:
    # "COMMIT PARENT" compares with that parent alone, "COMMIT" of a root with nothing (git-diff-tree(1)).
    oid, parents = node
    return "".join([f"{oid} {parent}\n" for parent in parents] or [f"{oid}\n"]).encode("ascii")


def _changes(room: CleanRoom, questions: Iterator[bytes], waiting: deque[Node]) -> Iterator[Change]:
    """The change of `waiting[0]`, whatever that is when the next one is asked for."""
    stream = Stream(room.git.start("diff-tree", "--stdin", "--root", "--always", *RAW_FLAGS), questions)
    try:
        sides: list[tuple[Entry, ...]] = []
        for oid, entries in _answers(stream):
            if not waiting or oid != waiting[0][0]:
                raise MalformedDiff(f"an answer that was not asked for: {oid[:64]}")
            sides.append(entries)
            parents = waiting[0][1]
            if len(sides) == max(1, len(parents)):
                yield Change(parents, tuple(sides))
                sides = []
        if waiting:
            raise _incomplete(stream)
    finally:
        stream.close()


def _answers(stream: Stream) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    """`(commit, entries)` as `diff-tree --always -z` prints them: the id, then entries, all ended by NUL."""
    commit = ""
    meta = b""
    entries: list[Entry] = []
    left = b""
    for block in stream.rest():
        fields = (left + block).split(b"\0")
        left = fields.pop()
        for field in fields:
            if meta:
                entries.append(entry(meta, field))
                meta = b""
            elif field[:1] == b":":
                meta = field
            else:
                if commit:
                    yield commit, tuple(entries)
                commit, entries = field.decode("ascii", "replace"), []
    if left or meta:
        raise MalformedDiff("it ends in the middle of an entry")
    if commit:
        yield commit, tuple(entries)


def gather(
    room: CleanRoom,
    nodes: Iterable[Node],
    protected: Callable[[str, str], bool] | None = None,
    meant: Callable[[RawCommit], Iterable[str]] | None = None,
) -> Iterator[Gathered | Unreadable]:
    """Everything that judging these commits needs, the expensive parts only where they are needed.

    `protected(commit, before)` tells whether a commit was part of protected history before another one came in;
    without it nothing is a revert. `meant` finds what a revert without ids may mean (first_parents.py).
    """
    for_commits, for_changes = tee(nodes)
    pairs = zip(read_commits(room, for_commits), read_changes(room, for_changes), strict=True)
    while chunk := list(islice(pairs, CHUNK)):
        items = [_first_look(commit, change) for commit, change in chunk]
        _add_patches(room, items)
        _add_merges(room, items)
        if protected is not None:
            _add_reverts(room, items, protected, meant)
        yield from items


def _first_look(commit: RawCommit | CannotVerify, change: Change | CannotVerify) -> Gathered | Unreadable:
    if isinstance(commit, CannotVerify):
        return Unreadable(commit.where, commit)
    if isinstance(change, CannotVerify):
        return Unreadable(commit.oid, change)
    try:
        return Gathered(commit, change, read(commit.message), commit.author_email, change_digest(change), "", "", "")
    except MalformedDiff as malformed:
        return Unreadable(commit.oid, malformed)


def _add_patches(room: CleanRoom, items: list[Gathered | Unreadable]) -> None:
    """The patch digest of commits that are not what their record says: they may have been moved."""
    moved = [
        (index, item)
        for index, item in enumerate(items)
        if isinstance(item, Gathered) and len(item.commit.parents) == 1 and item.moved
    ]
    if not moved:
        return
    diffs = room.diff_many([(item.commit.parents[0], item.commit.oid) for _, item in moved])
    for (index, item), blocks in zip(moved, diffs, strict=True):
        try:
            items[index] = item.replace(patch_digest=patch_digest(item.commit.parents, [blocks]))
        except CannotVerify as problem:
            items[index] = Unreadable(item.commit.oid, problem)


def _add_merges(room: CleanRoom, items: list[Gathered | Unreadable]) -> None:
    """The automatic merge of the parents of unrecorded merges: equal to it, nothing new came in."""
    wanted = [
        (index, item)
        for index, item in enumerate(items)
        if isinstance(item, Gathered) and 1 < len(item.commit.parents) <= _MOST_PARENTS and item.reading.record is None
    ]
    if not wanted:
        return
    merges = room.automatic_merges([item.commit.parents for _, item in wanted])
    for (index, item), merged in zip(wanted, merges, strict=True):
        if merged.clean:
            items[index] = item.replace(automatic=merged.tree)


def _add_reverts(
    room: CleanRoom,
    items: list[Gathered | Unreadable],
    protected: Callable[[str, str], bool],
    meant: Callable[[RawCommit], Iterable[str]] | None,
) -> None:
    """The commit that an unrecorded one undoes exactly, if its message names it as `git revert` or a forge does."""
    for index, item in enumerate(items):
        if isinstance(item, Gathered) and item.reading.record is None and len(item.commit.parents) == 1:
            found = reverted(room, item.commit, protected, meant)
            if found:
                items[index] = item.replace(reverts=found)


def _incomplete(stream: Stream) -> CannotVerify:
    failure = stream.failure()
    if "memory" in failure.what:
        return CannotVerify(failure.what, why="the change is too large to be read", fix="split the change")
    return CannotVerify(
        failure.what,
        why="an object is missing: the clone is shallow, partial or damaged",
        fix="git fetch --unshallow origin  (in CI: fetch-depth: 0)",
    )
