"""A pack's index that leads from one object's id to another object (gitformat-pack(5), version 2)."""

from __future__ import annotations

import struct
from hashlib import sha1
from pathlib import Path


def lead_astray(git_dir: Path, oid: str, instead: str) -> None:
    """In the one pack of a SHA-1 repository: whoever asks for `oid` gets the object `instead`, and git says nothing."""
    (path,) = (git_dir / "objects/pack").glob("*.idx")
    raw = bytearray(path.read_bytes())
    assert raw[:8] == b"\xfftOc\0\0\0\2"
    (total,) = struct.unpack(">I", raw[8 + 255 * 4 : 8 + 256 * 4])
    names = 8 + 256 * 4
    sums = names + 20 * total
    offsets = sums + 4 * total
    at = {raw[names + 20 * number : names + 20 * number + 20].hex(): number for number in range(total)}
    for table in (sums, offsets):
        theirs = table + 4 * at[instead]
        mine = table + 4 * at[oid]
        raw[mine : mine + 4] = raw[theirs : theirs + 4]
    raw[-20:] = sha1(bytes(raw[:-20])).digest()  # noqa: S324 - git's own format
    path.chmod(0o600)
    path.write_bytes(bytes(raw))
