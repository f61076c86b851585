"""What formats for code review need of a finding: a file to hang it on, and an identity that outlives line numbers."""

from __future__ import annotations

from sox_hooks.core.digest import sha256_hex
from sox_hooks.core.text import encode, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.core.findings import Finding

# A finding about a commit as a whole stands in no file; what asked for it does.
_POLICY = ".sox/policy.toml"


def anchor(finding: Finding) -> tuple[str, int]:
    """The path (made printable by whoever shows it) and the line (from 1) to show a finding at."""
    place = finding.place
    path = finding.path or (place.file if place else _POLICY)
    line = place.line if place and place.file == path else 0
    return path, line or 1


def fingerprint(finding: Finding, commit: str) -> str:
    """SHA-256 (hex) over rule, commit, path and message: not over lines, which move."""
    parts = (finding.rule, finding.commit or commit, finding.path, finding.message)
    return sha256_hex(b"\0".join([encode(printable(part)) for part in parts]))
