"""Gathering the files of `.sox/`, from a commit or from the work tree. What they say is the policy room's matter."""

from __future__ import annotations

import os
import stat

from sox_hooks.core.errors import CannotVerify
from sox_hooks.core.text import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from sox_hooks.git.objects import ObjectReader

    # (name relative to the folder, content), sorted by name; regular files directly in the folder only.
    Files: TypeAlias = tuple[tuple[str, bytes], ...]

FOLDER = ".sox"


def read_policy_tree(reader: ObjectReader, oid: str) -> Files:
    """The files of the tree `oid`, which is a `.sox/` folder.

    Links, submodules and folders are left out: a link would let content from elsewhere stand in for a policy. Raises
    `CannotVerify` where an object is missing (a partial clone).
    """
    found = reader.read(oid)
    if found is None or found[1] != "tree":
        raise CannotVerify(
            f"the policy's tree {oid[:12]} is not in this clone", fix="git fetch --refetch (or clone without --filter)"
        )
    files = []
    for mode, name, blob in _entries(found[2], len(oid) // 2):
        if mode in (b"100644", b"100755", b"100664"):  # the last was written by git before 1.0
            content = reader.read(blob)
            if content is None:
                raise CannotVerify(f"{FOLDER}/{name} ({blob[:12]}) is not in this clone", fix="git fetch --refetch")
            files.append((name, content[2]))
    return tuple(files)


def read_policy_folder(top: str, object_format: str = "sha1") -> tuple[str, Files] | None:
    """The identity and the files of `.sox/` in the work tree `top`; None if there is no such folder.

    The identity is the id of the tree that git would make of it, leaving filters and ignored files aside: what has been
    committed unchanged has the identity that it has in the commit. Raises `OSError`.
    """
    folder = os.path.join(top, FOLDER)
    if os.path.islink(folder) or not os.path.isdir(folder):
        return None
    files: list[tuple[str, bytes]] = []
    hasher = _hasher(object_format)
    identity = _tree_id(folder, hasher, files.append)
    return identity.hex(), tuple(sorted(files, key=lambda file: encode(file[0])))


def _entries(raw: bytes, id_length: int) -> list[tuple[bytes, str, str]]:
    """A raw tree: mode SP name NUL binary id, again and again (gitformat-pack(5) leaves it to the source, tree.c)."""
    entries = []
    at = 0
    while at < len(raw):
        end = raw.find(b"\0", at)
        mode, _, name = raw[at:end].partition(b" ")
        at = end + 1 + id_length
        if end < 0 or at > len(raw):
            raise CannotVerify(f"the policy's tree ({FOLDER}) is malformed", fix="git fsck")
        entries.append((mode, os.fsdecode(name), raw[end + 1 : at].hex()))
    return entries


def _hasher(object_format: str) -> Callable[[str, bytes], bytes]:
    import hashlib

    digest = hashlib.sha256 if object_format == "sha256" else hashlib.sha1

    def of(kind: str, content: bytes) -> bytes:
        return digest(f"{kind} {len(content)}\0".encode() + content).digest()

    return of


def _tree_id(folder: str, of: Callable[[str, bytes], bytes], keep: Callable[[tuple[str, bytes]], None]) -> bytes:
    """The binary tree id of a folder; `keep` gets the regular files directly in it."""
    entries: list[tuple[bytes, bytes]] = []  # (sort key, entry)
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        raw = os.fsencode(name)
        mode = os.lstat(path).st_mode
        if stat.S_ISDIR(mode):
            inner = _tree_id(path, of, lambda _: None)
            if inner != of("tree", b""):  # git knows no empty folders
                entries.append((raw + b"/", b"40000 " + raw + b"\0" + inner))
        elif stat.S_ISLNK(mode):
            entries.append((raw, b"120000 " + raw + b"\0" + of("blob", os.fsencode(os.readlink(path)))))
        elif stat.S_ISREG(mode):
            with open(path, "rb") as file:
                content = file.read()
            keep((os.fsdecode(raw), content))
            kind = b"100755 " if mode & 0o100 else b"100644 "
            entries.append((raw, kind + raw + b"\0" + of("blob", content)))
    return of("tree", b"".join([entry for _, entry in sorted(entries)]))
