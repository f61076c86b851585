"""Session ids: hashed before they are kept anywhere, because some are the addresses of transcripts."""

from __future__ import annotations

from sox_hooks.core.digest import sha256_hex


def hashed(tool: str, session: str) -> str:
    """16 hexadecimal digits of SHA-256 over `tool:id`; of an address, the last part of its path is the id.

    The tool's id is the salt, so that equal ids of two tools differ.
    """
    last = session.strip().rstrip("/").rpartition("/")[2]
    return sha256_hex(f"{tool}:{last}".encode("utf-8", "surrogatepass"))[:16] if last else ""
