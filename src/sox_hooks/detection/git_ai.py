"""Evidence from the notes of git-ai: which lines of a commit its users' agents wrote, in `refs/notes/ai`.

A note has lines of attestation (a path at the line's beginning, below it `  KEY RANGES`), a line `---`, and a JSON
object that says whose keys these are (git-ai standard 3.0.0, schema `authorship/3.0.0`; notes since 2025 were compared:
10,685 of git-ai's own history). Keys are `s_<14 hex>::t_<14 hex>` of `sessions`, 16 or 7 hex digits of `prompts`, and
`h_...` of people. Old notes hold whole conversations: nothing of them leaves this module.

Anybody who can push can write a note, and git-ai's notes were lost and copied to wrong commits by squashes
(git-ai-project/git-ai#1079, #1473). So a note can only add to what is known, never more than with medium confidence,
and what it says of files that the commit does not touch is low. That there is no note, or that a note says a person
wrote a line, is no evidence of anything.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode, printable
from sox_hooks.detection.recorders import model_of, sign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.policy.facts import Evidence

REF = "refs/notes/ai"
SOURCE = "git-ai"
# The largest of those notes has 3.2 MB, from a time when they held conversations.
MOST_BYTES = 8 << 20
_MOST_SESSIONS = 10_000
_LONGEST_NUMBER = 7  # digits of a line number
_HEX = frozenset("0123456789abcdef")


class Session(Struct):
    """One agent's session as a note has it.

    tool, model, session   as written there; `session` is the raw id. All "" where the note does not describe the key
    lines                  path -> how many lines of it are the session's
    """

    tool: str
    model: str
    session: str
    lines: dict[str, int]


class Note(Struct):
    """What a note says; nothing if there is a `problem`."""

    sessions: tuple[Session, ...] = ()
    problem: str = ""


def read(raw: bytes) -> Note:
    """A note. Lines of another form are passed over, whole notes of another form or version are a problem."""
    if len(raw) > MOST_BYTES:
        return Note(problem=f"it is larger than {MOST_BYTES >> 20} MiB")
    head, divider, tail = (b"\n" + raw).partition(b"\n---\n")
    if not divider:
        return Note(problem="it has no line that is just ---")
    found = _described(tail)
    if isinstance(found, str):
        return Note(problem=found)
    path = ""
    for line in head[1:].split(b"\n"):
        if line[:1] not in (b" ", b""):
            quoted = len(line) > 2 and line[:1] == line[-1:] == b'"'
            path = decode(line[1:-1] if quoted else line)
        elif path and line.startswith(b"  "):
            key, _, ranges = line[2:].decode("ascii", "replace").partition(" ")
            count = _count(ranges)
            name = key.partition("::")[0]
            if not count or not (name in found or _is_agents(name)) or len(found) > _MOST_SESSIONS:
                continue
            lines = found.setdefault(name, Session("", "", "", {})).lines
            lines[path] = lines.get(path, 0) + count
    return Note(tuple(found.values()))


def evidence(catalogue: Catalogue, note: Note, touched: Collection[str]) -> tuple[Evidence, ...]:
    """One sign a tool and model; `touched` are the paths that the commit touches.

    Medium where lines of such paths are attested, else low, as where the note does not say whose session it was.
    """
    groups: dict[tuple[str, str], list[Session]] = {}
    for session in note.sessions:
        groups.setdefault((session.tool, model_of(session.model)), []).append(session)
    found = []
    for (tool, model), sessions in sorted(groups.items()):
        lines: dict[str, int] = {}
        for session in sessions:
            for path, count in session.lines.items():
                if path in touched:
                    lines[path] = lines.get(path, 0) + count
        if lines:
            total = sum(lines.values())
            detail = f"note attests {total} line{'s' * (total != 1)} in {len(lines)} file{'s' * (len(lines) != 1)}"
        else:
            detail = "note names a session, and no line that the commit touches"
        ids = {session.session for session in sessions} - {""}
        strong = bool(lines and tool)
        session_id = ids.pop() if len(ids) == 1 else ""
        found.append(sign(catalogue, SOURCE, tool, detail, strong=strong, model=model, session=session_id))
    return tuple(found)


def _described(tail: bytes) -> dict[str, Session] | str:
    """The sessions that the JSON part describes, by their keys, or what is wrong with it."""
    import json

    try:
        document = json.loads(tail.decode("utf-8"))
    except (ValueError, RecursionError):
        return "what follows the line --- is not JSON"
    if not isinstance(document, dict):
        return "what follows the line --- is not a JSON object"
    version = document.get("schema_version")
    if not isinstance(version, str) or not version.startswith("authorship/3."):
        return f"its schema is '{printable(str(version), 40)}', and only authorship/3 is read"
    found: dict[str, Session] = {}
    for table in ("prompts", "sessions"):
        records = document.get(table)
        for key, record in records.items() if isinstance(records, dict) else ():
            session = _session(record)
            if session is not None and len(found) < _MOST_SESSIONS:
                found[key] = session
    return found


def _session(record: Any) -> Session | None:
    agent = record.get("agent_id") if isinstance(record, dict) else None
    if not isinstance(agent, dict):
        return None
    texts = [agent.get(name) for name in ("tool", "model", "id")]
    tool, model, session = [text if isinstance(text, str) else "" for text in texts]
    return Session(tool, model, session, {})


def _is_agents(name: str) -> bool:
    """Whether a key of this form is one of a session, though nothing describes it. `human` and `h_...` are people."""
    digits = name.removeprefix("s_")
    lengths = (7, 16) if digits == name else (14,)
    return len(digits) in lengths and set(digits) <= _HEX


def _count(ranges: str) -> int:
    """How many lines `1-4,9,12-14` names; 0 if it is not of this form."""
    total = 0
    for part in ranges.split(","):
        first, dash, last = part.partition("-")
        start, end = _number(first), _number(last if dash else first)
        if not 1 <= start <= end:
            return 0
        total += end - start + 1
    return total


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else 0
