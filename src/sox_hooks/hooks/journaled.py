"""What the agents' journal and the files of other recorders say about the commit that is about to be made.

Without them it costs one failed open() and two failed stat()s.

An edit counts until its content is committed: a staged blob that is exactly the agent's always does, also under another
name if it was never committed; a path that the agent edited and that has changed since does not any more once this
person has committed the path after the edit, on the line of history that the new commit continues, or has committed
just what the agent left on any branch. In another work tree the path is another file.
"""

from __future__ import annotations

import os
import time

from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode
from sox_hooks.detection import journal
from sox_hooks.detection.journal import Attribution
from sox_hooks.git.commits import parse_ident
from sox_hooks.policy.facts import Evidence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.detection.journal import JournalEntry
    from sox_hooks.git.repository import Repository
    from sox_hooks.hooks.staged import Staged

# Paths for which git is asked when they were last committed; those beyond it keep their evidence.
_MOST_ASKED = 50


# Where Agent Trace's reference implementation and git-ai keep what they know of edits (`detection.agent_trace` and
# `git_ai_working`, which need not be imported where there is nothing).
_AGENT_TRACE, _GIT_AI = ".agent-trace/traces.jsonl", "ai"


class Journaled(Struct):
    """Evidence of the journal and of traces, and what they say about single files.

    tools  the tools whose edits the journal holds, of whatever path
    """

    evidence: tuple[Evidence, ...] = ()
    files: tuple[Attribution, ...] = ()
    tools: tuple[str, ...] = ()


def join_journal(staged: Staged, catalogue: Catalogue) -> Journaled:
    """The journal and the traces joined with what is staged."""
    repository = staged.desk.repository
    entries = journal.read(os.path.join(repository.common_dir, journal.NAME), time.time())
    traced = os.path.lexists(os.path.join(repository.top, _AGENT_TRACE)) or os.path.lexists(
        os.path.join(repository.common_dir, _GIT_AI)
    )
    if not entries and not traced:
        return Journaled()
    tools = tuple(sorted({entry.tool for entry in entries}))
    blobs = {
        decode(entry.path): entry.new_oid.decode("ascii") for side in staged.content.content.sides for entry in side
    }
    entries = (*_live(_here(entries, blobs, repository), blobs, staged), *_moved(entries, blobs, staged))
    evidence = journal.evidence(entries, blobs)
    if traced:
        from sox_hooks.hooks.traced import traces

        found, edits = traces(staged, catalogue, blobs, lambda edits: _live(edits, blobs, staged))
        entries, evidence = (*entries, *edits), (*evidence, *found)
    return Journaled(evidence, journal.attributions(entries, blobs), tools)


def _here(entries: tuple[JournalEntry, ...], blobs: dict[str, str], repository: Repository) -> tuple[JournalEntry, ...]:
    """The entries of staged paths; those that were made in another work tree only where the content is the same."""
    tree = journal.tree_name(repository.git_dir, repository.common_dir)
    return tuple([one for one in journal.matching(entries, blobs) if one.tree == tree or journal.exact(one, blobs)])


def _moved(entries: tuple[JournalEntry, ...], blobs: dict[str, str], staged: Staged) -> tuple[JournalEntry, ...]:
    """Files that an agent wrote and that were renamed or copied before they were ever committed."""
    found = journal.moved(entries, blobs)
    earliest: dict[str, int] = {}
    for entry in found:
        earliest[entry.blob] = min(earliest.get(entry.blob, entry.moment), entry.moment)
    old = {blob for blob, moment in list(earliest.items())[:_MOST_ASKED] if _committed_as(blob, moment, staged)}
    return tuple([entry for entry in found if entry.blob not in old])


def _live(entries: tuple[JournalEntry, ...], blobs: dict[str, str], staged: Staged) -> tuple[JournalEntry, ...]:
    """The entries without those that have been committed since."""
    newest: dict[str, int] = {}
    for entry in entries:
        if not journal.exact(entry, blobs):
            newest[entry.path] = max(newest.get(entry.path, 0), entry.moment)
    committed = {path: _last_commit(path, staged) for path in sorted(newest)[:_MOST_ASKED]}
    kept = [one for one in entries if journal.exact(one, blobs) or one.moment >= committed.get(one.path, 0)]
    asked = [one for one in kept if one.blob not in (journal.ANNOUNCED, journal.DELETED)]
    asked = [one for one in asked if not journal.exact(one, blobs)][-_MOST_ASKED:]
    elsewhere = {one for one in asked if _committed_as(one.blob, one.moment, staged, f":(top,literal){one.path}")}
    return tuple([one for one in kept if one not in elsewhere])


def _last_commit(path: str, staged: Staged) -> int:
    """When the committer of this commit last committed a path (seconds), 0 if never."""
    parents = staged.operation.parents
    if not parents:
        return 0
    answer = staged.desk.git.try_line(
        "log", "-1", "--format=%ct", *_by_this_person(staged), *parents, "--", f":(top,literal){path}"
    )
    return int(answer) if answer.isdigit() else 0


def _committed_as(blob: str, moment: int, staged: Staged, *paths: str) -> bool:
    """Whether this person has committed just this content since then, on any branch of this clone."""
    options = ("-1", "--format=%H", f"--since=@{moment}", f"--find-object={blob}", *_by_this_person(staged))
    return bool(staged.desk.git.try_line("log", *options, "--branches", *staged.operation.parents, "--", *paths))


def _by_this_person(staged: Staged) -> tuple[str, str]:
    return "--fixed-strings", f"--committer=<{decode(parse_ident(staged.author).email)}>"
