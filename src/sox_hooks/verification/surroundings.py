"""What a verdict depends on besides the commits and the policy: the programs that judge, and the calendar."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from hashlib import sha256

from sox_hooks import __version__
from sox_hooks.core.clock import day
from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.git.room import CleanRoom
    from sox_hooks.policy.model import Policy

# Whatever in these rooms is another byte may judge otherwise. 135 files take 4 ms (measured).
_ROOMS = ("core", "detection", "git", "policy", "record", "verification")
_ENDINGS = (".py", ".toml")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def programs(room: CleanRoom) -> tuple[str, ...]:
    """The programs that judge: our own code to the byte, Python, git (which merges) and the library of signatures."""
    import cryptography

    return (
        f"sox-hooks {__version__} {_own_code()}",
        f"Python {sys.version} {unicodedata.unidata_version}",
        room.git.line("version"),
        f"cryptography {cryptography.__version__}",
    )


def calendar(policy: Policy, moment: str) -> str:
    """Where a moment stands among all dates and times that the policy holds: as long as it is there, nothing expires.

    Dates in a policy are only ever compared with a day, and moments with a moment.
    """
    today = day(moment)
    dates, moments = set(), set()
    for text in _texts(policy):
        if _DATE.fullmatch(text):
            dates.add(text)
        elif _MOMENT.fullmatch(text):
            moments.add(text)
    return " ".join(
        [f"{sum(one < now for one in known)}:{int(now in known)}" for known, now in ((dates, today), (moments, moment))]
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, Struct):
        yield from _texts(value.astuple())


def _own_code() -> str:
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    digest = sha256()
    for room in _ROOMS:
        for folder, folders, names in os.walk(os.path.join(package, room)):
            folders.sort()
            for name in sorted(names):
                if name.endswith(_ENDINGS):
                    path = os.path.join(folder, name)
                    with open(path, "rb") as file:
                        content = sha256(file.read()).hexdigest()
                    digest.update(f"{os.path.relpath(path, package)}\0{content}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
