"""Versions of tools and the ranges that the register allows: `>=2.1,<3`.

Tools number their versions in several ways (`2.1.263`, `v0.19.2`, `1.2.0-beta.1`, `2024.12`), so the order is that of
semver.org 2.0.0 section 11 for any number of parts: parts count as numbers, missing ones as 0, a pre-release comes
before its release, what follows a `+` does not count.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    # Numbers without trailing zeros, 0 for a pre-release or 1, and the identifiers of the pre-release.
    Version: TypeAlias = "tuple[tuple[int, ...], int, tuple[tuple[int, int, str], ...]]"

_NUMBERS = r"v?([0-9]{1,12}(?:\.[0-9]{1,12}){0,7})"
_PRE_RELEASE = r"(?:[-.]?([A-Za-z][0-9A-Za-z.-]{0,40})|-([0-9][0-9A-Za-z.-]{0,40}))?"
_BUILD = r"(?:\+[0-9A-Za-z.-]{1,60})?"
_OPERATORS = (">=", "<=", "==", "!=", ">", "<")


def parse_version(text: str) -> Version | None:
    """A value that sorts as versions do, or None if the text is no version."""
    import re

    match = re.fullmatch(_NUMBERS + _PRE_RELEASE + _BUILD, text)
    if match is None:
        return None
    pre_release = match[2] or match[3]
    if pre_release in ("x", "X"):  # "2.x" names no version
        return None
    numbers = [int(part) for part in match[1].split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    if not pre_release:
        return tuple(numbers), 1, ()
    identifiers = re.findall(r"[0-9]+|[A-Za-z]+", pre_release)
    return tuple(numbers), 0, tuple([_identifier(part) for part in identifiers])


def parse_range(text: str) -> tuple[tuple[str, Version], ...]:
    """The comparisons of a range, which must all hold. Raises `ValueError` with what is wrong."""
    comparisons = []
    for part in text.split(","):
        comparison = part.strip(" ")
        operator = next((sign for sign in _OPERATORS if comparison.startswith(sign)), "")
        if not operator:
            raise ValueError(f"{comparison!r} is no comparison; write one such as >=2.1")
        version = parse_version(comparison[len(operator) :].strip(" "))
        if version is None:
            raise ValueError(f"{comparison[len(operator) :].strip(' ')!r} is no version; write one such as 2.1.0")
        comparisons.append((operator, version))
    return tuple(comparisons)


def satisfies(version: str, wanted: str) -> bool | None:
    """Whether a version is in a range; None if that cannot be told, because either makes no sense."""
    parsed = parse_version(version)
    if parsed is None:
        return None
    try:
        comparisons = parse_range(wanted)
    except ValueError:
        return None
    return all(_holds(parsed, operator, bound) for operator, bound in comparisons)


def _holds(version: Version, operator: str, bound: Version) -> bool:
    if operator == ">=":
        return version >= bound
    if operator == "<=":
        return version <= bound
    if operator == "==":
        return version == bound
    if operator == "!=":
        return version != bound
    if operator == ">":
        return version > bound
    # Who writes <3 does not mean 3.0.0-beta (as in the Python version specifiers, "exclusive ordered comparison").
    return version < bound and not (version[0] == bound[0] and bound[1] == 1)


def _identifier(text: str) -> tuple[int, int, str]:
    """Numbers come before words (semver.org 2.0.0, 11.4.3)."""
    return (0, int(text), "") if text.isdigit() else (1, 0, text.lower())
