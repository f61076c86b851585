"""Commits as records of Agent Trace (cursor/agent-trace, RFC 0.1.0), which other tools read.

One record a commit and tool, and one without a tool for files in which none is known to have taken part: only the
record has a place for a tool's name. Equal content gives equal records: their ids are UUIDs (version 5) over the record
itself. What the specification asks for and the record does not know is left out: addresses of conversations, and
the provider in front of a model's name.
"""

from __future__ import annotations

import json
import uuid

from sox_hooks.core.struct import Struct
from sox_hooks.policy.facts import ToolUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from sox_hooks.verification.attribution import Attributed, FileOrigin

VERSION = "0.1.0"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:sox-hooks:agent-trace")
# Where the tool's version is not recorded: the published schema asks for text.
_NO_VERSION = "unknown"


class _Part(Struct):
    """The files of one record; the tool is None where none is known."""

    use: ToolUse | None
    files: tuple[FileOrigin, ...]


def records(commits: Iterable[Attributed]) -> Iterator[dict[str, Any]]:
    """The records, in the order of the commits. A commit without files has none."""
    for commit in commits:
        for part in _parts(commit):
            record = _record(commit, part)
            text = json.dumps(record, sort_keys=True, separators=(",", ":"))
            yield {"version": VERSION, "id": str(uuid.uuid5(_NAMESPACE, text)), **record}


def line(record: dict[str, Any]) -> str:
    """A record in one line. DEL is the one character that JSON in ASCII leaves and a terminal would not print."""
    return json.dumps(record, separators=(",", ":")).replace("\x7f", "\\u007f") + "\n"


def _parts(commit: Attributed) -> Iterator[_Part]:
    uses = sorted({use for file in commit.files for use in file.tools}, key=ToolUse.astuple)
    for use in uses:
        yield _Part(use, tuple([file for file in commit.files if use in file.tools]))
    rest = tuple([file for file in commit.files if not file.tools])
    if rest:
        yield _Part(None, rest)


def _record(commit: Attributed, part: _Part) -> dict[str, Any]:
    use = part.use
    tool = {"tool": {"name": use.tool, "version": use.version or _NO_VERSION}} if use else {}
    return {
        "timestamp": commit.moment,
        "vcs": {"type": "git", "revision": commit.commit},
        **tool,
        "files": [_file(file, use) for file in part.files],
        "metadata": {
            "sox-hooks": {
                "assistance": commit.claim.assistance,
                "record": commit.record,
                "signature": "not checked",
                "attribution": "log" if commit.logged else "commit",
            }
        },
    }


def _file(file: FileOrigin, use: ToolUse | None) -> dict[str, Any]:
    contributor = {"type": file.contributor}
    if use and use.model:
        contributor["model_id"] = use.model
    ranges = [
        {"start_line": one.first, "end_line": one.last, "content_hash": f"sha256:{one.digest}"} for one in file.lines
    ]
    # Names that are not UTF-8 have no place in JSON.
    path = file.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return {"path": path, "conversations": [{"contributor": contributor, "ranges": ranges}]}
