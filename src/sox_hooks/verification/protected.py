"""What protected history holds already: commits, for reverts, and records, of which none is good a second time."""

from __future__ import annotations

import re
from functools import lru_cache

from sox_hooks.core.errors import CannotVerify
from sox_hooks.git.commits import parse_commit
from sox_hooks.git.genuine import require_genuine
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.stream import Stream
from sox_hooks.record.record import read
from sox_hooks.verification.record_table import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sox_hooks.git.room import CleanRoom
    from sox_hooks.record.record import Record
    from sox_hooks.verification.judge import Gathered
    from sox_hooks.verification.record_table import RecordTable

# The log anchor of a record: one token, which folding cannot cut and nobody can write in two ways.
_ANCHOR = re.compile(rb"\slog=(\S+)")


class ProtectedHistory:
    """Answers whether a commit is part of a protected history."""

    def __init__(self, room: CleanRoom) -> None:
        self._room = room
        self._holds = lru_cache(maxsize=1024)(self._ask)

    def holds(self, oid: str, tip: str) -> bool:
        """Whether `oid` is reachable from `tip`. False for a commit that is not there."""
        return oid == tip or self._holds(oid, tip)

    def _ask(self, oid: str, tip: str) -> bool:
        return self._room.git.result("merge-base", "--is-ancestor", oid, tip).code == 0


class UsedRecords:
    """The records that stand on commits of one history, by the keys of their log anchors: about 200 bytes each.

    `tips` and `left` say which history was there before. It is searched when the first record is asked about, unless
    `before` has been found out already. `earlier` are the records of commits that were judged by earlier runs.
    """

    def __init__(
        self,
        room: CleanRoom,
        tips: Iterable[str],
        left: Iterable[str],
        before: Callable[[], RecordTable | None] = lambda: None,
        earlier: RecordTable | None = None,
    ) -> None:
        self._room = room
        self._history = (list(tips), list(left))
        self._before = before
        self._earlier = earlier
        self._known: RecordTable | None = None
        self._asked = False
        self.searched: dict[bytes, bytes] | None = None  # what is in that history, once it was searched
        self.judged: dict[bytes, bytes] = {}  # the commits that `first` was asked about, ids joined

    def first(self, item: Gathered, *, squashed: bool = False) -> str:
        """The commit that has the record of `item` already, "" if there is none; from then on `item` has it.

        `squashed`: `item` comes in as part of a squash, and may have come in so before.
        """
        record = item.reading.record
        if record is None:
            return ""
        key = key_of(record.parameter("log").encode("ascii"))
        own = bytes.fromhex(item.commit.oid)
        lately = self.judged.get(key, b"")
        known = self._landed(key, len(own)) + (self._earlier.find(key) if self._earlier else b"") + lately
        self.judged[key] = lately + own
        # All of them are looked at: a commit that only quotes an anchor must not hide the one that has the record.
        for at in range(0, len(known), len(own)):
            oid = known[at : at + len(own)]
            if squashed if oid == own else self._same(oid.hex(), record):
                return oid.hex()
        return ""

    def _landed(self, key: bytes, size: int) -> bytes:
        """The commits of that history that have or quote an anchor, in the order of `git log`."""
        if not self._asked:
            self._known, self._asked = self._before(), True
        if self._known is not None:
            found = self._known.find(key)
            if len(found) <= size:
                return found  # of several the table does not tell the order
        if self.searched is None:
            self.searched = anchors_in(self._room, *self._history)
        return self.searched.get(key, b"")

    def _same(self, oid: str, record: Record) -> bool:
        """Whether a commit has this record. Raises `CannotVerify` where it is missing: somebody may have removed it."""
        with ObjectReader(self._room.git) as reader:
            found = reader.read(oid)
        if found is None or found[1] != "commit":
            raise CannotVerify(f"the commit {oid} is missing", fix="git fetch --unshallow origin")
        require_genuine(oid, "commit", found[2])
        other = read(parse_commit(oid, found[2]).message).record
        return other is not None and (other.moment, other.parameters) == (record.moment, record.parameters)


def anchors_in(room: CleanRoom, tips: list[str], left: list[str]) -> dict[bytes, bytes]:
    """All log anchors in the messages of a history: by key, the ids of the commits, joined.

    One `git log` is three times as fast as reading the objects. What it leaves out, text behind a NUL, is no part
    of any record that can be read. Raises `CannotVerify`.
    """
    seen: dict[bytes, bytes] = {}
    if not tips:
        return seen
    arguments = ("log", "-z", "--format=tformat:%H%n%B", "--encoding=none", "--no-show-signature", "--no-notes")
    names = "".join([f"{name}\n" for name in [*tips, *[f"^{oid}" for oid in left]]]).encode("ascii")
    stream = Stream(room.git.start(*arguments, "--no-mailmap", "--stdin"), [names])
    rest = b""
    for block in stream.rest():
        *messages, rest = (rest + block).split(b"\0")
        for message in messages:
            for anchor in set(_ANCHOR.findall(message)):
                key = key_of(anchor)
                seen[key] = seen.get(key, b"") + bytes.fromhex(message[: message.index(b"\n")].decode("ascii"))
    return seen
