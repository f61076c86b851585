"""Which verdicts a new record would change."""

from __future__ import annotations

from sox_hooks.core.findings import ERROR
from sox_hooks.verification.verdict import FORGED, UNBOUND, UNRECORDED, Verdict

# Faults of a denied commit that a new record mends.
_MENDED = ("SOX601", "SOX613", "SOX614", "SOX615", "SOX621")


def lacks_a_record(verdict: Verdict) -> bool:
    """Whether a commit has no record that is about it: what `resign` mends by default."""
    if verdict.status in (UNBOUND, UNRECORDED):
        return True
    return any(entry.severity == ERROR and entry.rule in _MENDED for entry in verdict.findings)


def has_a_bad_record(verdict: Verdict) -> bool:
    """Whether it has a record that does not count: `resign --all` puts the author's own in its place."""
    return verdict.status == FORGED
