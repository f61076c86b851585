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
        self._name = name_of("landed", self._depends)

    def known(self) -> RecordTable | None:
        """The table as it was kept, with the records of what landed since; None where it must be searched."""
        head, _, rows = (self._vault.read(self._name) or b"").partition(b"\n")
        try:
            depends, tip = json.loads(head)
            table = RecordTable(rows, self._size)
        except (ValueError, TypeError):
            return None
        if depends != self._depends:
            return None
        if tip == self._target:
            return table
        try:
            if not any(tip in parents for _, parents in walk(self._room, [self._target], [tip])):
                return None  # it is no ancestor
            table = table.extended(anchors_in(self._room, [self._target], [tip, *self._baseline]))
        except CannotVerify:
            return None
        self._keep(table)
        return table

    def found(self, searched: Mapping[bytes, bytes]) -> None:
        """Keep what `anchors_in` found."""
        self._keep(RecordTable(b"", self._size).extended(searched))

    def _keep(self, table: RecordTable) -> None:
        head = json.dumps([self._depends, self._target]).encode("ascii")
        self._vault.write(self._name, head + b"\n" + table.rows)
