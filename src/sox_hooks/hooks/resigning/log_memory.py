"""What the local audit log remembers of changes: claims and evidence by digest, and which commit came from which.

The log is the only place that knows what the environment showed when a commit was made, or when a first try was
refused and a second one went past the hook.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.detection import message as message_evidence
from sox_hooks.policy.facts import Claim, Evidence
from sox_hooks.record.log_check import lines, open_log, parse_entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sox_hooks.detection.catalogue import Catalogue

_DIGEST = 43  # base64url digits of a SHA-256
_MOST_STEPS = 10_000


class Remembered(Struct):
    """One entry of the log about a change: its index, what was claimed, and the evidence of that moment."""

    index: int
    event: str
    claim: Claim
    evidence: tuple[Evidence, ...]


def origins(path: str, wanted: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each commit the commits that it was made from by amending and rebasing, as far back as the log knows."""
    before: dict[str, set[str]] = {}
    for entry in _entries(path, b'"event":"rewritten"'):
        for pair in _list(entry.get("pairs")):
            if isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair):
                before.setdefault(pair[1], set()).add(pair[0])
    return {oid: tuple(sorted(_all_before(oid, before))) for oid in wanted if oid in before}


def remembered(path: str, digests: set[str], catalogue: Catalogue) -> dict[str, list[Remembered]]:
    """The entries about changes with these change or patch digests, by digest, oldest first."""
    found: dict[str, list[Remembered]] = {}
    if not digests:
        return found
    for entry in _entries(path, b'"change":"', digests):
        memory = Remembered(
            int(str(entry["index"])), str(entry.get("event")), _claim(entry, catalogue), tuple(_evidence(entry))
        )
        for name in ("change", "patch"):
            digest = entry.get(name)
            if isinstance(digest, str) and digest in digests:
                found.setdefault(digest, []).append(memory)
    return found


def _entries(path: str, holds: bytes, digests: set[str] | None = None) -> Iterator[dict[str, object]]:
    """The entries whose line holds these bytes (and one of the digests). A line that is no entry says nothing."""
    from sox_hooks.core.errors import CannotVerify

    try:
        with open_log(path) as file:
            for line in lines(file):
                if holds not in line or (digests is not None and not _mentions(line, digests)):
                    continue
                entry = parse_entry(line.removesuffix(b"\n"))
                if entry is not None:
                    yield entry
    except CannotVerify:  # there is no log
        return


def _mentions(line: bytes, digests: set[str]) -> bool:
    for name in (b'"change":"', b'"patch":"'):
        at = line.find(name)
        if at >= 0 and line[at + len(name) : at + len(name) + _DIGEST].decode("ascii", "replace") in digests:
            return True
    return False


def _all_before(oid: str, before: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [oid]
    while todo and len(seen) < _MOST_STEPS:
        for old in before.get(todo.pop(), ()):
            if old not in seen:
                seen.add(old)
                todo.append(old)
    return seen - {oid}


def _claim(entry: dict[str, object], catalogue: Catalogue) -> Claim:
    """The claim of an entry, read as the trailers would be that say the same."""
    words = [f"AI-Assistance: {entry.get('assistance')}"]
    words += [f"Assisted-by: {tool}" for tool in _list(entry.get("tools")) if isinstance(tool, str)]
    plain = [word for word in words if word.isprintable()]
    return message_evidence.declared(catalogue, ("-\n\n" + "\n".join(plain)).encode("utf-8", "surrogateescape"))


def _evidence(entry: dict[str, object]) -> Iterator[Evidence]:
    for item in _list(entry.get("evidence")):
        if isinstance(item, dict):
            known = {str(name): str(value) for name, value in item.items() if name in Evidence.fields}
            yield Evidence(**{"tool": "", "confidence": "", "source": "", "detail": "", **known})


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
