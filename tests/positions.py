"""Countersignatures of positions in logs as anybody could write them, for tests."""

from __future__ import annotations

from sox_hooks.record.log import parse_anchor
from sox_hooks.verification.countersigned import Position, statement
from sox_hooks.verification.envelope import REFS, envelope, signed_bytes, writer
from tests.record.software_keys import SoftwareKey, sshsig


def keep_position(
    git,
    key: SoftwareKey,
    log: str,
    *,
    ref: str = "",
    repository: str = "bank/ledger",
    recorded: str = "2026-10-05T12:00:00Z",
    moment: str = "2026-10-05T12:00:00Z",
) -> None:
    """Let `ref` (that of `key`) hold nothing but Alice's position `log`, signed by `key`; `git` runs git."""
    position = Position("alice", parse_anchor(log), "ab" * 20, recorded, "SHA256:x")
    body = statement(position, repository, "cd" * 20, moment)
    blob = git("hash-object", "-w", "--stdin", data=envelope(body, sshsig(key, signed_bytes(body))))
    *folders, name = position.path.split("/")
    tree = git("mktree", data=f"100644 blob {blob}\t{name}\n".encode())
    for folder in reversed(folders):
        tree = git("mktree", data=f"040000 tree {tree}\t{folder}\n".encode())
    git("update-ref", ref or REFS + writer(key.blob), git("commit-tree", tree, "-m", "x"))
