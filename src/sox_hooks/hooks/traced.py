"""What files of other recorders say about the commit that is about to be made: Agent Trace's, and git-ai's.

They tell a path and a time, and no content, so they count as an edit that was announced does in the journal: until this
person has committed the path. Records of Agent Trace that HEAD has came with other commits, perhaps of other people.
"""

from __future__ import annotations

import os
import time

from sox_hooks.detection import agent_trace, git_ai, git_ai_working
from sox_hooks.detection.journal import ANNOUNCED, LIFETIME, JournalEntry
from sox_hooks.detection.recorders import tool_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sox_hooks.detection.agent_trace import Trace
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
    now = time.time()
    found = {
        (source, trace): JournalEntry(trace.moment, trace.path, ANNOUNCED, tool_of(catalogue, trace.tool))
        for source, read in ((agent_trace.SOURCE, _agent_trace(staged)), (git_ai.SOURCE, _git_ai(staged)))
        for trace in read
        if trace.path in blobs and now - LIFETIME < trace.moment <= now + 3600
    }
    kept = set(live(tuple(found.values())))
    evidence: list[Evidence] = []
    for source in (agent_trace.SOURCE, git_ai.SOURCE):
        told = [trace for (where, trace), edit in found.items() if where == source and edit in kept]
        evidence += agent_trace.evidence(catalogue, told, blobs, source)
    return tuple(evidence), tuple([edit for edit in found.values() if edit in kept and edit.tool])


def _agent_trace(staged: Staged) -> tuple[Trace, ...]:
    top = staged.desk.repository.top
    lines = agent_trace.read_file(os.path.join(top, agent_trace.PATH)).splitlines()
    if lines and staged.desk.head is not None:
        # `cat-file` of a path that HEAD does not have fails, and that is the usual case.
        before = staged.desk.git.result("cat-file", "blob", f"{staged.desk.head.oid}:{agent_trace.PATH}")
        old = set(before.out.splitlines()) if before.code == 0 else set()
        lines = [line for line in lines if line not in old]
    return agent_trace.read(b"\n".join(lines), top)


def _git_ai(staged: Staged) -> tuple[Trace, ...]:
    repository, head = staged.desk.repository, staged.desk.head
    if head is None:
        return ()
    return git_ai_working.read(
        agent_trace.read_file(git_ai_working.path_of(repository.git_dir, repository.common_dir, head.oid))
    )
