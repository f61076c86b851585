"""What protected history holds already: commits, for reverts, and records, of which none is good a second time."""

from __future__ import annotations

import re
from functools import lru_cache

from sox_hooks.git.commits import parse_commit
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.stream import Stream
from sox_hooks.record.record import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sox_hooks.git.room import CleanRoom
    from sox_hooks.record.record import Record
    from sox_hooks.verification.judge import Gathered

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
    """The records that stand on commits of one history, by the hash of their log anchors: about 100 bytes each.

    `tips` and `left` say which history was there before. It is searched when the first record is asked about.
    """

    def __init__(self, room: CleanRoom, tips: Iterable[str], left: Iterable[str]) -> None:
        self._room = room
        self._before = (list(tips), list(left))
        self._seen: dict[int, bytes] | None = None

    def first(self, item: Gathered, *, squashed: bool = False) -> str:
        """The commit that has the record of `item` already, "" if there is none; from then on `item` has it.

        `squashed`: `item` comes in as part of a squash, and may have come in so before.
        """
        record = item.reading.record
        if record is None:
            return ""
        if self._seen is None:
            self._seen = self._search()
        key = hash(record.parameter("log").encode("ascii"))
        own = bytes.fromhex(item.commit.oid)
        known = self._seen.get(key, b"")
        self._seen[key] = known + own
        # All of them are looked at: a commit that only quotes an anchor must not hide the one that has the record.
        for at in range(0, len(known), len(own)):
            oid = known[at : at + len(own)]
            if squashed if oid == own else self._same(oid.hex(), record):
                return oid.hex()
        return ""

    def _search(self) -> dict[int, bytes]:
        """All anchors in the messages of that history.

        One `git log` is three times as fast as reading the objects. What it leaves out, text behind a NUL, is no part
        of any record that can be read.
        """
        seen: dict[int, bytes] = {}
        tips, left = self._before
        if not tips:
            return seen
        arguments = ("log", "-z", "--format=tformat:%H%n%B", "--encoding=none", "--no-show-signature", "--no-notes")
        names = "".join([f"{name}\n" for name in [*tips, *[f"^{oid}" for oid in left]]]).encode("ascii")
        stream = Stream(self._room.git.start(*arguments, "--no-mailmap", "--stdin"), [names])
        rest = b""
        for block in stream.rest():
            *messages, rest = (rest + block).split(b"\0")
            for message in messages:
                for anchor in set(_ANCHOR.findall(message)):
                    key = hash(anchor)
                    seen[key] = seen.get(key, b"") + bytes.fromhex(message[: message.index(b"\n")].decode("ascii"))
        return seen

    def _same(self, oid: str, record: Record) -> bool:
        with ObjectReader(self._room.git) as reader:
            found = reader.read(oid)
        other = read(parse_commit(oid, found[2]).message).record if found else None
        return other is not None and (other.moment, other.parameters) == (record.moment, record.parameters)
