"""What Agent Trace's file in the work tree says about the commit that is about to be made.

A record tells a path and a time, and no content, so it counts as an edit that was announced does in the journal: until
this person has committed the path. Records that HEAD has came with other commits, perhaps of other people.
"""

from __future__ import annotations

import os
import time

from sox_hooks.detection import agent_trace
from sox_hooks.detection.journal import ANNOUNCED, LIFETIME, JournalEntry
from sox_hooks.detection.recorders import tool_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.hooks.staged import Staged
    from sox_hooks.policy.facts import Evidence


def traces(
    staged: Staged,
    catalogue: Catalogue,
    blobs: Mapping[str, str],
    live: Callable[[tuple[JournalEntry, ...]], tuple[JournalEntry, ...]],
) -> tuple[tuple[Evidence, ...], tuple[JournalEntry, ...]]:
    """The evidence, and the same as entries of a journal. `live` leaves out those that have been committed since."""
    top = staged.desk.repository.top
    now = time.time()
    found = {
        trace: JournalEntry(trace.moment, trace.path, ANNOUNCED, tool_of(catalogue, trace.tool))
        for trace in agent_trace.read(_new_lines(staged), top)
        if trace.path in blobs and now - LIFETIME < trace.moment <= now + 3600
    }
    kept = set(live(tuple(found.values())))
    evidence = agent_trace.evidence(catalogue, [trace for trace, edit in found.items() if edit in kept], blobs)
    return evidence, tuple([edit for edit in found.values() if edit in kept and edit.tool])


def _new_lines(staged: Staged) -> bytes:
    lines = agent_trace.read_file(os.path.join(staged.desk.repository.top, agent_trace.PATH)).splitlines()
    if not lines or staged.desk.head is None:
        return b"\n".join(lines)
    # `cat-file` of a path that HEAD does not have fails, and that is the usual case.
    before = staged.desk.git.result("cat-file", "blob", f"{staged.desk.head.oid}:{agent_trace.PATH}")
    old = set(before.out.splitlines()) if before.code == 0 else set()
    return b"\n".join([line for line in lines if line not in old])
