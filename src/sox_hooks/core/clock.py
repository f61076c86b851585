"""Times as text. Dates compare as strings (`YYYY-MM-DD`), so the hook path needs no `datetime` (4 ms)."""

from __future__ import annotations

import time


def now() -> str:
    """The present in UTC, to the second: `2026-11-23T14:02:11Z`."""
    return iso(time.time())


def iso(seconds: float) -> str:
    """Seconds since 1970 as `2026-11-23T14:02:11Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def day(moment: str) -> str:
    """The date of an ISO time."""
    return moment[:10]


def is_moment(text: str) -> bool:
    """Whether this is a time exactly as `iso` writes it, and one that exists."""
    if len(text) != 20 or not text.isascii():
        return False
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) == text
    except ValueError:
        return False
