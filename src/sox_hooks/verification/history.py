"""Reading commits for verification: raw objects and raw differences, one process each, whatever the range's size.

Everything runs in the clean room, so no configuration, attribute, graft or replacement of the clone has a say. Memory
is that of a few hundred commits.
"""

from __future__ import annotations

from itertools import islice, tee

from sox_hooks.core.errors import CannotVerify
from sox_hooks.git.change import RAW_FLAGS, Change, Entry, MalformedDiff, entry
from sox_hooks.git.commits import MalformedCommit, RawCommit, parse_commit
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.stream import Stream
from sox_hooks.record.binding import change_digest, patch_digest
from sox_hooks.record.record import read
from sox_hooks.verification.judge import Gathered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    # The id of a commit and those of its parents.
    Node: TypeAlias = tuple[str, tuple[str, ...]]

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


def read_commits(room: CleanRoom, nodes: Iterable[Node]) -> Iterator[RawCommit | MalformedCommit]:
    """The commits, parsed strictly, in order; one that is malformed comes as the reason. Raises `CannotVerify`."""
    names, ids = tee(oid for oid, _ in nodes)
    with ObjectReader(room.git) as reader:
        for oid, found in zip(ids, reader.read_many(names), strict=True):
            if found is None or found[2] != "commit":
                raise CannotVerify(f"the commit {oid} is missing", fix="git fetch --unshallow origin")
            try:
                yield parse_commit(oid, found[3])
            except MalformedCommit as malformed:
                yield malformed


def read_changes(room: CleanRoom, nodes: Iterable[Node]) -> Iterator[Change]:
    """What each commit changes against each of its parents, in order. Raises `CannotVerify`."""
    asking, answering = tee(nodes)

    def questions() -> Iterator[bytes]:
        # "COMMIT PARENT" compares with that parent alone, "COMMIT" of a root with nothing (git-diff-tree(1)).
        for oid, parents in asking:
            yield "".join([f"{oid} {parent}\n" for parent in parents] or [f"{oid}\n"]).encode("ascii")

    stream = Stream(room.git.start("diff-tree", "--stdin", "--root", "--always", *RAW_FLAGS), questions())
    answers = _answers(stream)
    try:
        for oid, parents in answering:
            sides: list[tuple[Entry, ...]] = []
            for _ in parents or ("",):
                answer = next(answers, None)
                if answer is None:
                    raise _incomplete(stream)
                if answer[0] != oid:
                    raise MalformedDiff(f"not the answer for {oid}")
                sides.append(answer[1])
            yield Change(parents, tuple(sides))
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


def gather(room: CleanRoom, nodes: Iterable[Node]) -> Iterator[Gathered | MalformedCommit]:
    """Everything that judging these commits needs, the expensive parts only where they are needed."""
    for_commits, for_changes = tee(nodes)
    pairs = zip(read_commits(room, for_commits), read_changes(room, for_changes), strict=True)
    while chunk := list(islice(pairs, CHUNK)):
        items: list[Gathered | MalformedCommit] = [
            commit
            if isinstance(commit, MalformedCommit)
            else Gathered(commit, change, read(commit.message), change_digest(change))
            for commit, change in chunk
        ]
        _add_patches(room, items)
        _add_merges(room, items)
        yield from items


def _add_patches(room: CleanRoom, items: list[Gathered | MalformedCommit]) -> None:
    """The patch digest of commits that are not what their record says: they may have been moved."""
    moved = [
        (index, item)
        for index, item in enumerate(items)
        if isinstance(item, Gathered) and len(item.commit.parents) == 1 and item.moved
    ]
    diffs = room.diff_many([(item.commit.parents[0], item.commit.oid) for _, item in moved])
    for (index, item), blocks in zip(moved, diffs, strict=True):
        items[index] = item.replace(patch_digest=patch_digest(item.commit.parents, [blocks]))


def _add_merges(room: CleanRoom, items: list[Gathered | MalformedCommit]) -> None:
    """The automatic merge of the parents of unrecorded merges: equal to it, nothing new came in."""
    wanted = [
        (index, item)
        for index, item in enumerate(items)
        if isinstance(item, Gathered) and len(item.commit.parents) > 1 and item.reading.record is None
    ]
    merges = room.automatic_merges([item.commit.parents for _, item in wanted])
    for (index, item), merged in zip(wanted, merges, strict=True):
        if merged.clean:
            items[index] = item.replace(automatic=merged.tree)


def _incomplete(stream: Stream) -> CannotVerify:
    failure = stream.failure()
    return CannotVerify(
        failure.what,
        why="an object is missing: the clone is shallow, partial or damaged",
        fix="git fetch --unshallow origin  (in CI: fetch-depth: 0)",
    )
