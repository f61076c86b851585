"""Which commits have which records, as sorted rows of one width that are searched without being taken apart.

    row = key of the log anchor (8 bytes) | position among the rows of this key (4 bytes) | commit id

A key is the beginning of the SHA-256 of the anchor. That somebody could make two anchors with one key does no harm:
whoever asks looks at the records of all commits that are found.
"""

from __future__ import annotations

from bisect import bisect_left
from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KEY = 8
_POSITION = 4


def key_of(anchor: bytes) -> bytes:
    """The key of a log anchor."""
    return sha256(anchor).digest()[:KEY]


class RecordTable:
    """The rows of a table; `size` is the length of a commit id in bytes. Raises `ValueError` for half a row."""

    def __init__(self, rows: bytes, size: int) -> None:
        self.rows = rows
        self._size = size
        self._width = KEY + _POSITION + size
        if len(rows) % self._width:
            raise ValueError("the table ends in the middle of a row")

    def __len__(self) -> int:
        return len(self.rows) // self._width

    def __getitem__(self, index: int) -> bytes:
        return self.rows[index * self._width : (index + 1) * self._width]

    def find(self, key: bytes) -> bytes:
        """The ids of the commits under a key, one behind the other, in the order in which they came in."""
        found = b""
        for index in range(bisect_left(self, key), len(self)):
            row = self[index]
            if row[:KEY] != key:
                break
            found += row[KEY + _POSITION :]
        return found

    def extended(self, used: Mapping[bytes, bytes]) -> RecordTable:
        """The table with more commits: for each key their ids, which come behind those that are there."""
        pieces: list[bytes] = []
        at = 0
        for row in sorted(self._rows_of(used)):
            place = bisect_left(self, row) * self._width
            pieces += (self.rows[at:place], row)
            at = place
        return RecordTable(b"".join([*pieces, self.rows[at:]]), self._size)

    def _rows_of(self, used: Mapping[bytes, bytes]) -> Iterable[bytes]:
        for key, ids in used.items():
            first = len(self.find(key)) // self._size
            for number in range(len(ids) // self._size):
                oid = ids[number * self._size : (number + 1) * self._size]
                yield key + (first + number).to_bytes(_POSITION, "big") + oid
