"""Evidence from Agent Trace records (cursor/agent-trace, RFC 0.1.0): which files an agent edited, and when.

The specification leaves open where records are kept. Its reference implementation appends them, one a line, to
`.agent-trace/traces.jsonl` at the top of the work tree, which is the one place that is read here: at the desk, and
where it is committed, the lines that a commit adds. The same implementation writes `"version": "1.0"` and, as the
revision, the commit that was HEAD before the edit, so a revision is not taken for the commit that a record is about.

Whoever can write the file can write anything into it, so it counts with medium confidence and only adds: `human` and
`unknown` contributors are no evidence of anything. Line numbers are those of the moment of the edit, and the reference
writes line 1 where it does not know; they are not used.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.detection.recorders import model_of, sign
from sox_hooks.detection.values import as_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Any

    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.policy.facts import Evidence

PATH = ".agent-trace/traces.jsonl"
SOURCE = "agent-trace"
MOST_BYTES = 1 << 20  # at the desk, from the end of the file
MOST_COMMITTED = 16 << 20
_VERSIONS = ("0.1", "1.0")
_AI = ("ai", "mixed")
_MOST_FILES = 10_000
_DAYS_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


class Trace(Struct):
    """One file that a record says an agent edited.

    moment   when the record was made, seconds since 1970
    path     in the repository
    tool     as the record names it, "" if it does not
    version, model, session   where it tells; `session` is the raw address of the conversation
    """

    moment: int
    path: str
    tool: str
    version: str = ""
    model: str = ""
    session: str = ""


def read_file(path: str) -> bytes:
    """The end of a file at the desk, at most `MOST_BYTES`; b"" if there is none.

    Whoever made the file is not known, so it may be a link, a FIFO or a device: only a regular file is read.
    """
    import os
    import stat

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                return b""
            file.seek(max(0, found.st_size - MOST_BYTES))
            return file.read(MOST_BYTES)
    except OSError:
        return b""


def read(raw: bytes, top: str = "") -> tuple[Trace, ...]:
    """What the records in these lines say, in their order. Lines that are no record of a known version say nothing.

    `top` is the work tree, for records that give whole paths.
    """
    return tuple([trace for line in raw.splitlines() for trace in parse(line, top)])


def parse(line: bytes, top: str = "") -> tuple[Trace, ...]:
    """One record; () if it is none, or none that this version can read."""
    from sox_hooks.core.fastjson import loads

    try:
        record = loads(line.decode("utf-8").strip())
    except (ValueError, RecursionError):
        return ()
    if not isinstance(record, dict):
        return ()
    moment = _seconds(record.get("timestamp"))
    version, files = record.get("version"), record.get("files")
    if moment < 0 or not isinstance(files, list) or not isinstance(version, str):
        return ()
    if version not in _VERSIONS and version.rpartition(".")[0] not in _VERSIONS:
        return ()
    tool = record.get("tool")
    tool = tool if isinstance(tool, dict) else {}
    found = []
    for file in files[:_MOST_FILES]:
        path = _path(file.get("path") if isinstance(file, dict) else None, top)
        conversations = file.get("conversations") if path else None
        for conversation in conversations if isinstance(conversations, list) else ():
            model = _ai_model(conversation)
            if model is not None:
                texts = _text(tool.get("name")), as_version(_text(tool.get("version")))
                found.append(Trace(moment, path, *texts, model_of(model), _text(conversation.get("url"))))
    return tuple(dict.fromkeys(found))


def evidence(
    catalogue: Catalogue, traces: Iterable[Trace], touched: Collection[str], source: str = SOURCE
) -> tuple[Evidence, ...]:
    """One sign a tool, version and model, of the traces of paths that the commit touches."""
    groups: dict[tuple[str, str, str], tuple[set[str], set[str]]] = {}
    for trace in traces:
        if trace.path in touched:
            paths, sessions = groups.setdefault((trace.tool, trace.version, trace.model), (set(), set()))
            paths.add(trace.path)
            sessions.add(trace.session)
    return tuple(_signs(catalogue, source, groups))


def _signs(
    catalogue: Catalogue, source: str, groups: dict[tuple[str, str, str], tuple[set[str], set[str]]]
) -> Iterator[Evidence]:
    for (tool, version, model), (paths, sessions) in sorted(groups.items()):
        detail = f"trace of {len(paths)} file{'s' * (len(paths) != 1)}"
        session = sessions.pop() if len(sessions) == 1 else ""
        name = "" if tool == "unknown" else tool
        yield sign(catalogue, source, name, detail, strong=True, version=version, model=model, session=session)


def _ai_model(conversation: Any) -> str | None:
    """The model of a conversation in which AI took part, "" if it is not told; None for one without AI.

    A range may name another contributor than the conversation does.
    """
    if not isinstance(conversation, dict):
        return None
    ranges = conversation.get("ranges")
    default = conversation.get("contributor")
    told = [default]
    if isinstance(ranges, list) and ranges:
        told = [one.get("contributor", default) for one in ranges if isinstance(one, dict)]
    models = {_text(one.get("model_id")) for one in told if isinstance(one, dict) and one.get("type") in _AI}
    if not models:
        return None
    return models.pop() if len(models) == 1 else ""


def _path(value: object, top: str) -> str:
    """A path below the top of the repository, "" if it is none."""
    path = value if isinstance(value, str) and len(value) <= 4096 else ""
    if path.startswith("/"):
        path = path.removeprefix(top.rstrip("/") + "/") if top else "/"
    path = path.removeprefix("./")
    parts = path.split("/")
    return "" if "" in parts or ".." in parts or "." in parts or "\0" in path else path


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= 500 else ""


def _seconds(value: object) -> int:
    """A time of RFC 3339 as seconds since 1970, -1 if it is none. Without `datetime`, which a hook does not import."""
    text = value.upper() if isinstance(value, str) and len(value) <= 40 and value.isascii() else ""
    digits = text[:4] + text[5:7] + text[8:10] + text[11:13] + text[14:16] + text[17:19]
    if text[4:17:3] != "--T::" or not digits.isdigit() or len(digits) != 14:
        return -1
    rest = text[19:]
    if rest.startswith("."):
        rest = rest[1:].lstrip("0123456789")
    if rest == "Z":
        offset = 0
    elif len(rest) == 6 and rest[0] in "+-" and rest[3] == ":" and (rest[1:3] + rest[4:]).isdigit():
        offset = int(rest[0] + "1") * (int(rest[1:3]) * 3600 + int(rest[4:]) * 60)
    else:
        return -1
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    if not (year >= 1970 and 1 <= month <= 12 and 1 <= day <= 31):
        return -1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = 365 * (year - 1970) + (year - 1969) // 4 - (year - 1901) // 100 + (year - 1601) // 400
    days += _DAYS_BEFORE[month - 1] + (leap and month > 2) + day - 1
    return days * 86400 + int(digits[8:10]) * 3600 + int(digits[10:12]) * 60 + int(digits[12:14]) - offset
