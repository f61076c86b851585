"""Who contributed what to a commit, file by file, as far as it is known: for other tools, not for verdicts.

What is known has three sources, and none is stretched: the signed record says what the whole commit claims; the log
entry that the record names, in the clone where the commit was made, says which files an agent left as they are
committed and which were edited since; the commit's own diff says which lines are new. Signatures are not checked here
(`sox-hooks verify` does that); a record whose digests are not those of the content counts as none.
"""

from __future__ import annotations

from itertools import islice

from sox_hooks.core.clock import iso
from sox_hooks.core.digest import sha256
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode
from sox_hooks.detection import identity as identity_evidence
from sox_hooks.detection import message as message_evidence
from sox_hooks.detection.journal import EDITED_SINCE, WRITTEN
from sox_hooks.git.change import GITLINK, NO_MODE
from sox_hooks.git.commits import parse_ident
from sox_hooks.git.patch import ADDED, MARK, REMOVED, DiffReader, first_line
from sox_hooks.policy.claims import claim_of
from sox_hooks.policy.facts import Claim, Facts, ToolUse
from sox_hooks.policy.model import ASSISTED, NONE
from sox_hooks.record.log import parse_anchor
from sox_hooks.record.log_check import entries_at
from sox_hooks.verification.history import gather
from sox_hooks.verification.judge import Gathered, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.git.patch import Section
    from sox_hooks.git.room import CleanRoom
    from sox_hooks.verification.history import Node

HUMAN, AI, MIXED, UNKNOWN = "human", "ai", "mixed", "unknown"
BOUND, UNBOUND, ABSENT, UNREADABLE = "bound", "unbound", "absent", "unreadable"
_CHUNK = 64
_STATES = {WRITTEN: AI, EDITED_SINCE: MIXED}


class LineRange(Struct):
    """Lines that a commit brought into a file: the first and the last, from 1, and the SHA-256 of their bytes."""

    first: int
    last: int
    digest: str


class FileOrigin(Struct):
    """One file of a commit.

    contributor  `ai`: it is as an agent left it; `mixed`: an agent edited it and it changed since, or it is the only
                 file of an assisted commit; `human`: a person declared that no AI took part; else `unknown`
    tools        that took part in this file, or in the commit where it is not known in which file
    lines        the lines that are new in this commit, none where the contributor is unknown
    """

    path: str
    contributor: str
    tools: tuple[ToolUse, ...] = ()
    lines: tuple[LineRange, ...] = ()


class Attributed(Struct):
    """A commit with its files, without those that it removes and submodules.

    moment   when it was recorded, else when it was committed
    record   `bound` to this content, `unbound`, `absent` or `unreadable`
    claim    of the record; else what the message and the addresses show
    logged   whether the entry that the record names was found
    """

    commit: str
    moment: str
    record: str
    claim: Claim
    logged: bool
    files: tuple[FileOrigin, ...]


def attributed(room: CleanRoom, nodes: Iterable[Node], log: str, catalogue: Catalogue) -> Iterator[Attributed]:
    """These commits, in order; `log` is the path of this clone's audit log. Raises `CannotVerify`."""
    items = gather(room, nodes)
    while chunk := list(islice(items, _CHUNK)):
        found = [_sound(item) for item in chunk]
        cited = {item.commit.oid: _cited(item) for item in found}
        anchors = {oid: parse_anchor(text) for oid, text in cited.items() if text}
        entries = entries_at(log, set(anchors.values()))
        drafts = [
            _draft(item, entries.get(anchors[item.commit.oid]) if item.commit.oid in anchors else None, catalogue)
            for item in found
        ]
        yield from _with_lines(room, found, drafts)


def _sound(item: Gathered | Unreadable) -> Gathered:
    if isinstance(item, Unreadable):
        raise item.error
    return item


def _cited(item: Gathered) -> str:
    record = item.reading.record
    return record.parameter("log") if record is not None and _state(item) == BOUND else ""


def _state(item: Gathered) -> str:
    record = item.reading.record
    if record is None:
        absent = not item.reading.problems or any(kind == "absent" for kind, _ in item.reading.problems)
        return ABSENT if absent else UNREADABLE
    if not item.moved or (item.patch_digest and item.patch_digest == record.parameter("patch")):
        return BOUND
    return UNBOUND


def _draft(item: Gathered, entry: dict[str, object] | None, catalogue: Catalogue) -> Attributed:
    """Everything but the lines."""
    commit, record, state = item.commit, item.reading.record, _state(item)
    declared = message_evidence.declared(catalogue, commit.message)
    evidence = (
        *message_evidence.evidence(catalogue, commit.message),
        *identity_evidence.evidence(catalogue, commit.author, commit.committer),
    )
    claim = claim_of(Facts((), declared, () if state == BOUND else evidence, "", "", ""))
    moment = record.moment if record else iso(max(0, parse_ident(commit.committer).seconds))
    touched = set(item.change.touched())
    paths = [
        decode(one.path)
        for one in item.change.sides[0]
        if one.new_mode not in (NO_MODE, GITLINK) and decode(one.path) in touched
    ]
    known = _known_files(entry)
    # Where it is known what agents edited, they are not named for the rest.
    others = claim.replace(tools=()) if known else claim
    files = tuple(
        [_origin(path, known.get(path), claim if path in known else others, state, len(touched) == 1) for path in paths]
    )
    return Attributed(commit.oid, moment, state, claim, entry is not None, files)


def _origin(path: str, known: tuple[str, tuple[str, ...]] | None, claim: Claim, state: str, alone: bool) -> FileOrigin:
    assisted = claim.assistance == ASSISTED
    if state != BOUND:
        return FileOrigin(path, UNKNOWN, claim.tools if assisted else ())
    if known is not None:
        return FileOrigin(path, known[0], tuple([use for tool in known[1] for use in _uses(claim, tool)]))
    if assisted:
        return FileOrigin(path, MIXED if alone else UNKNOWN, claim.tools)
    return FileOrigin(path, HUMAN if claim.assistance == NONE else UNKNOWN)


def _uses(claim: Claim, tool: str) -> list[ToolUse]:
    """How the claim names a tool: with its version and model, where it knows one."""
    uses = [use for use in claim.tools if use.tool == tool]
    return uses if len(uses) == 1 else [ToolUse(tool)]


def _known_files(entry: dict[str, object] | None) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Path -> contributor and tools, from the `files` of a log entry."""
    found = {}
    files = (entry or {}).get("files")
    for file in files if isinstance(files, list) else ():
        if isinstance(file, dict) and isinstance(file.get("path"), str) and file.get("state") in _STATES:
            tools = file.get("tools")
            names = tuple([name for name in tools if isinstance(name, str)]) if isinstance(tools, list) else ()
            found[file["path"]] = (_STATES[file["state"]], names)
    return found


def _with_lines(room: CleanRoom, items: list[Gathered], drafts: list[Attributed]) -> Iterator[Attributed]:
    """The drafts with the lines of files whose contributor is known. A merge has none: its diff has several sides."""
    pairs = [
        (item.commit.parents[0] if item.commit.parents else room.empty_tree, item.commit.oid)
        for item, draft in zip(items, drafts, strict=True)
        if _wanted(item, draft)
    ]
    diffs = room.diff_many(pairs) if pairs else iter(())
    for item, draft in zip(items, drafts, strict=True):
        if not _wanted(item, draft):
            yield draft
            continue
        lines = {
            decode(one.path): tuple([found for section in sections for found in _ranges(section)])
            for one, sections in DiffReader(next(diffs)).sections()
        }
        files = [
            file if file.contributor == UNKNOWN else file.replace(lines=lines.get(file.path, ()))
            for file in draft.files
        ]
        yield draft.replace(files=tuple(files))


def _wanted(item: Gathered, draft: Attributed) -> bool:
    return len(item.commit.parents) < 2 and any(file.contributor != UNKNOWN for file in draft.files)


def _ranges(section: Section) -> Iterator[LineRange]:
    """Runs of added lines."""
    for head, hunk in zip(section.heads, section.hunks, strict=True):
        number = first_line(head)
        run: list[bytes] = []
        for place, line in enumerate((*hunk, b" ")):
            if line[0] == ADDED:
                run.append(line[1:] + b"\n")
                continue
            if line[0] == MARK:
                if place and hunk[place - 1][0] == ADDED:
                    run[-1] = run[-1][:-1]
                continue
            if run:
                yield LineRange(number, number + len(run) - 1, sha256(b"".join(run)).hexdigest())
                number += len(run)
                run = []
            number += line[0] != REMOVED
