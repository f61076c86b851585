"""Times as text. Dates compare as strings (`YYYY-MM-DD`), so the hook path needs no `datetime` (4 ms)."""

from __future__ import annotations

import time

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


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
    """Whether this is a time exactly as `iso` writes it, and one that exists.

    Not with `time.strptime`, which imports `datetime`, `re` and `locale` at its first call.
    """
    if len(text) != 20 or not text.isascii() or text[4:20:3] != "--T::Z":
        return False
    digits = text[:4] + text[5:7] + text[8:10] + text[11:13] + text[14:16] + text[17:19]
    if not digits.isdigit():
        return False
    year, month, number = int(text[:4]), int(text[5:7]), int(text[8:10])
    if not (year >= 1000 and 1 <= month <= 12 and text[11:13] <= "23" and text[14:16] <= "59" and text[17:19] <= "59"):
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= number <= (29 if month == 2 and leap else _DAYS[month - 1])
