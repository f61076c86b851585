"""The records of protected history, kept from run to run: half of what a run over a few commits costs is to find them.

What a history holds never changes, so the table is good for as long as the target branch only grows.
"""

from __future__ import annotations

import json

from sox_hooks.core.errors import CannotVerify
from sox_hooks.verification.history import walk
from sox_hooks.verification.protected import anchors_in
from sox_hooks.verification.record_table import RecordTable
from sox_hooks.verification.vault import Vault, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.git.room import CleanRoom

# So many tables are tried, newest first: each protected branch has its own.
_TRIED = 4


class LandedRecords:
    """The records reachable from `target` and not from `baseline`, found by the programs in `depends`."""

    def __init__(
        self, vault: Vault, room: CleanRoom, depends: tuple[str, ...], target: str, baseline: tuple[str, ...]
    ) -> None:
        self._vault = vault
        self._room = room
        self._depends = [*depends, *baseline]
        self._target = target
        self._baseline = baseline
        self._size = len(target) // 2
        self._start = name_of("landed", self._depends) + "-"

    def known(self) -> RecordTable | None:
        """The table as it was kept, with the records of what landed since; None where it must be searched."""
        tips = [name[len(self._start) :] for name in self._vault.names(self._start)]
        if self._target in tips:
            return self._read(self._target)
        for tip in tips[:_TRIED]:
            table = self._grown(tip)
            if table is not None:
                self._keep(table)
                return table
        return None

    def found(self, searched: Mapping[bytes, bytes]) -> None:
        """Keep what `anchors_in` found."""
        self._keep(RecordTable(b"", self._size).extended(searched))

    def _grown(self, tip: str) -> RecordTable | None:
        """The table of an older state of the branch and what came since; None if it is no such state."""
        try:
            since = walk(self._room, [self._target], [tip], "--ignore-missing")
            if not any(tip in parents for _, parents in since):
                return None
            table = self._read(tip)
            return table.extended(anchors_in(self._room, [self._target], [tip, *self._baseline])) if table else None
        except CannotVerify:
            return None

    def _read(self, tip: str) -> RecordTable | None:
        head, _, rows = (self._vault.read(self._start + tip) or b"").partition(b"\n")
        try:
            return RecordTable(rows, self._size) if json.loads(head) == [self._depends, tip] else None
        except ValueError:
            return None

    def _keep(self, table: RecordTable) -> None:
        head = json.dumps([self._depends, self._target]).encode("ascii")
        self._vault.write(self._start + self._target, head + b"\n" + table.rows)
