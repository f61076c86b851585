"""Evidence from the journal of edits that AI agents made in this clone (`agents.journal` writes it).

A commit that a person makes from an own shell shows no sign of an agent. Where the agent's hooks ran, the journal knows
which files the agent wrote and what was in them afterwards, by object id; the staged object ids are compared with that.

That a path is not in the journal is no evidence of anything: agents' hooks can be off without a word.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.policy.facts import Evidence
from sox_hooks.policy.model import HIGH, MEDIUM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Below the common git directory. One line a file that was edited.
NAME = "sox-hooks/journal.jsonl"
# Seconds after which an edit no longer says anything about what is staged.
LIFETIME = 30 * 24 * 3600
# The journal's writer keeps it below this many bytes; a reader takes no more, from its end.
MOST_BYTES = 1 << 20

# The staged content is exactly what the agent left; the agent edited the path, and it has changed since.
WRITTEN, EDITED_SINCE = "written", "edited since"
# The empty file, in SHA-1 and SHA-256, is nobody's work.
EMPTY = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
# In the place of an object id: the agent removed the file; it is only known that it was about to edit it.
DELETED, ANNOUNCED = "deleted", ""


class JournalEntry(Struct):
    """One file that an agent edited.

    moment   when, seconds since 1970
    path     in the repository, as `core.text.decode` gives it
    blob     id of the file's content afterwards as git would store it, `deleted`, or "" (announced, not confirmed)
    tool     id in the catalogue
    version, model, session   where the agent told; the session is hashed (`detection.sessions`)
    tree     name of the linked work tree that it was made in, "" for the main one
    """

    moment: int
    path: str
    blob: str
    tool: str
    version: str = ""
    model: str = ""
    session: str = ""
    tree: str = ""


class Attribution(Struct):
    """What the journal says about one staged path: `written` or `edited since`, and by which tools."""

    path: str
    state: str
    tools: tuple[str, ...]


def read(path: str, now: float) -> tuple[JournalEntry, ...]:
    """The entries of a journal that still count, oldest first; () if there is none. Lines that are damaged are left
    out."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - MOST_BYTES))
            raw = file.read(MOST_BYTES)
    except OSError:
        return ()
    entries = [entry for entry in map(parse, raw.splitlines()) if entry is not None]
    return tuple([entry for entry in entries if now - LIFETIME < entry.moment <= now + 3600])


def parse(line: bytes) -> JournalEntry | None:
    """One line of the journal; None if it is none."""
    from sox_hooks.core.fastjson import loads

    try:
        value = loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not isinstance(value.get("t"), int):
        return None
    texts = [value.get(name, "") for name in ("path", "blob", "tool", "version", "model", "session", "tree")]
    if not all(isinstance(text, str) for text in texts) or not texts[0] or not texts[2]:
        return None
    try:  # written as latin-1 of the path's bytes where it is not UTF-8, see `line_of`
        if value.get("raw") is True:
            texts[0] = texts[0].encode("latin-1").decode("utf-8", "surrogateescape")
    except ValueError:
        return None
    return JournalEntry(value["t"], *texts)


def line_of(entry: JournalEntry) -> bytes:
    """The line of an entry: one JSON object in ASCII, compact, with a line end."""
    from sox_hooks.core.fastjson import dumps

    value: dict[str, object] = {"t": entry.moment, "path": entry.path}
    try:
        entry.path.encode("utf-8")
    except UnicodeEncodeError:  # a file name that is not UTF-8
        value["path"] = entry.path.encode("utf-8", "surrogateescape").decode("latin-1")
        value["raw"] = True
    for name in ("blob", "tool", "version", "model", "session"):
        value[name] = getattr(entry, name)
    if entry.tree:
        value["tree"] = entry.tree
    return dumps(value).encode("ascii") + b"\n"


def tree_name(git_dir: str, common_dir: str) -> str:
    """What a work tree is called in entries: git's name for a linked one (gitrepository-layout(5)), "" for the main."""
    return git_dir.removeprefix(common_dir + "/worktrees/") if git_dir != common_dir else ""


def matching(entries: Iterable[JournalEntry], staged: Mapping[str, str]) -> tuple[JournalEntry, ...]:
    """The entries about paths that are staged. `staged`: path -> object id, all zeros for a path that is removed."""
    return tuple([entry for entry in entries if entry.path in staged])


def moved(entries: Iterable[JournalEntry], staged: Mapping[str, str]) -> tuple[JournalEntry, ...]:
    """What an agent left at one path and is staged, byte for byte, at others, as entries of those.

    Whether it was committed before the move is not asked here.
    """
    places: dict[str, list[str]] = {}
    for path, blob in staged.items():
        if blob not in EMPTY and blob.strip("0"):
            places.setdefault(blob, []).append(path)
    return tuple(
        [
            entry.replace(path=path)
            for entry in entries
            for path in places.get(entry.blob, ())
            if staged.get(entry.path) != entry.blob
        ]
    )


def exact(entry: JournalEntry, staged: Mapping[str, str]) -> bool:
    """Whether what is staged is what the agent left."""
    blob = staged.get(entry.path, "")
    return bool(blob) and (blob == entry.blob or (entry.blob == DELETED and not blob.strip("0")))


def evidence(entries: Iterable[JournalEntry], staged: Mapping[str, str]) -> tuple[Evidence, ...]:
    """One sign for every tool, version, model and session: high if something is staged as the agent left it."""
    states: dict[tuple[str, str, str, str], dict[str, bool]] = {}
    for entry in matching(entries, staged):
        paths = states.setdefault((entry.tool, entry.version, entry.model, entry.session), {})
        paths[entry.path] = paths.get(entry.path, False) or exact(entry, staged)
    found = []
    for (tool, version, model, session), paths in sorted(states.items()):
        written = sum(paths.values())
        counts = ((written, WRITTEN), (len(paths) - written, EDITED_SINCE))
        detail = ", ".join([f"{count} {state}" for count, state in counts if count])
        found.append(Evidence(tool, HIGH if written else MEDIUM, "journal", detail, version, model, session))
    return tuple(found)


def attributions(entries: Iterable[JournalEntry], staged: Mapping[str, str]) -> tuple[Attribution, ...]:
    """What is known about every staged path that an agent edited, sorted by path."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for entry in matching(entries, staged):
        found.setdefault(entry.path, (set(), set()))[0 if exact(entry, staged) else 1].add(entry.tool)
    return tuple(
        [
            Attribution(path, WRITTEN if written else EDITED_SINCE, tuple(sorted(written or touched)))
            for path, (written, touched) in sorted(found.items())
        ]
    )
