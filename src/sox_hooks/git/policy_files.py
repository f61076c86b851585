"""Gathering the files of `.sox/`, from a commit or from the work tree. What they say is the policy room's matter."""

from __future__ import annotations

import os
import stat

from sox_hooks.core.errors import CannotVerify
from sox_hooks.core.text import encode, printable

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
    `CannotVerify` where an object is missing (a partial clone) or is not what its id says.
    """
    from sox_hooks.git.genuine import require_genuine

    found = reader.read(oid)
    if found is None or found[1] != "tree":
        raise CannotVerify(
            f"the policy's tree {oid[:12]} is not in this clone", fix="git fetch --refetch (or clone without --filter)"
        )
    require_genuine(oid, "tree", found[2])
    files = []
    for mode, name, blob in _entries(found[2], len(oid) // 2):
        if mode in (b"100644", b"100755", b"100664"):  # the last was written by git before 1.0
            content = reader.read(blob)
            if content is None:
                raise CannotVerify(f"{FOLDER}/{name} ({blob[:12]}) is not in this clone", fix="git fetch --refetch")
            require_genuine(blob, content[1], content[2])
            files.append((name, content[2]))
    return tuple(files)


def policy_tree(reader: ObjectReader, oid: str) -> str:
    """The id of the tree `.sox/` at the commit or tree `oid`, "" if there is no such folder.

    Every object on the way to it is held against its id. Raises `CannotVerify` where one is missing or another one.
    """
    kind, content = _genuine(reader, oid)
    if kind == "commit":  # whatever else is wrong with it: it begins with "tree ID", or git would not walk over it
        oid = content[5 : 5 + len(oid)].decode("ascii", "replace")
        content = _genuine(reader, oid)[1]
    for mode, name, entry in _entries(content, len(oid) // 2):
        if name == FOLDER:
            return entry if mode.lstrip(b"0") == b"40000" else ""
    return ""


def _genuine(reader: ObjectReader, oid: str) -> tuple[str, bytes]:
    from sox_hooks.git.genuine import require_genuine

    found = reader.read(oid) if set(oid) <= set("0123456789abcdef") else None
    if found is None:
        raise CannotVerify(
            f"the object {printable(oid, 12)}, which leads to a policy, is not in this clone",
            fix="git fetch --unshallow origin  (in CI: fetch-depth: 0; no --filter)",
        )
    require_genuine(oid, found[1], found[2])
    return found[1], found[2]


def read_policy_folder(top: str, object_format: str = "sha1") -> tuple[str, Files] | None:
    """The identity and the files of `.sox/` in the work tree `top`; None if there is no such folder.

    The identity is the id of the tree that git would make of it, leaving filters and ignored files aside: what has been
    committed unchanged has the identity that it has in the commit. Raises `OSError`.
    """
    folder = os.path.join(top, FOLDER)
    if os.path.islink(folder) or not os.path.isdir(folder):
        return None
    files: list[tuple[str, bytes]] = []
    identity = _tree_id(folder, 64 if object_format == "sha256" else 40, files.append)
    return identity, tuple(sorted(files, key=lambda file: encode(file[0])))


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


def _tree_id(folder: str, digits: int, keep: Callable[[tuple[str, bytes]], None]) -> str:
    """The tree id of a folder; `keep` gets the regular files directly in it."""
    from sox_hooks.git.genuine import object_id

    entries: list[tuple[bytes, bytes]] = []  # (sort key, entry)

    def add(mode: bytes, name: bytes, oid: str) -> None:
        entries.append((name + b"/" if mode == b"40000" else name, mode + b" " + name + b"\0" + bytes.fromhex(oid)))

    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        raw = os.fsencode(name)
        mode = os.lstat(path).st_mode
        if stat.S_ISDIR(mode):
            inner = _tree_id(path, digits, lambda _: None)
            if inner != object_id("tree", b"", digits):  # git knows no empty folders
                add(b"40000", raw, inner)
        elif stat.S_ISLNK(mode):
            add(b"120000", raw, object_id("blob", os.fsencode(os.readlink(path)), digits))
        elif stat.S_ISREG(mode):
            with open(path, "rb") as file:
                content = file.read()
            keep((os.fsdecode(raw), content))
            add(b"100755" if mode & 0o100 else b"100644", raw, object_id("blob", content, digits))
    return object_id("tree", b"".join([entry for _, entry in sorted(entries)]), digits)
