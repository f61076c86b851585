"""The strongest claim that any source makes about a commit: nothing that was ever said or seen of it is dropped."""

from __future__ import annotations

import os
import time

from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode
from sox_hooks.core.trailers import all_trailers
from sox_hooks.detection import identity as identity_evidence
from sox_hooks.detection import journal
from sox_hooks.detection import message as message_evidence
from sox_hooks.git.change import Change
from sox_hooks.git.commits import RawCommit
from sox_hooks.hooks.resigning.log_memory import origins, remembered
from sox_hooks.policy.claims import strongest
from sox_hooks.policy.facts import Claim, Evidence
from sox_hooks.policy.model import ASSISTED, NONE, UNDECLARED
from sox_hooks.record.binding import change_digest
from sox_hooks.record.log import Log
from sox_hooks.record.record import read
from sox_hooks.verification.history import read_changes, read_commits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.detection.journal import JournalEntry
    from sox_hooks.detection.recorded_elsewhere import Recorders
    from sox_hooks.git.objects import ObjectReader
    from sox_hooks.git.room import CleanRoom
    from sox_hooks.hooks.resigning.log_memory import Remembered

_OURS = ("ai-assistance", "assisted-by")


class Sources(Struct):
    """What is known of one commit besides its content.

    declared  the strongest of what its message says, what the log remembers, and what the commits say that it was
              made from
    evidence  of all of these
    entries   indexes of the log entries that had a say
    origins   ids of the commits that it was made from, as far as the log knows
    """

    declared: Claim
    evidence: tuple[Evidence, ...]
    entries: tuple[int, ...] = ()
    origins: tuple[str, ...] = ()


class _Former(Struct):
    """A commit that another one was made from: its digests and what its message says."""

    digests: tuple[str, ...]
    claim: Claim
    evidence: tuple[Evidence, ...]


def gather_sources(
    room: CleanRoom,
    clone: ObjectReader,
    common_dir: str,
    catalogue: Catalogue,
    commits: Sequence[tuple[RawCommit, Change]],
    recorders: Recorders,
) -> list[Sources]:
    """The sources of each of these commits. Below `common_dir` are the audit log and the agents' journal, if any."""
    log = Log(common_dir).path
    edits = journal.read(os.path.join(common_dir, journal.NAME), time.time())
    came_from = origins(log, [commit.oid for commit, _ in commits])
    formers = _formers(room, clone, catalogue, {oid for olds in came_from.values() for oid in olds})
    digests = {commit.oid: _digests(commit, change) for commit, change in commits}
    wanted = {digest for many in digests.values() for digest in many}
    wanted.update([digest for former in formers.values() for digest in former.digests])
    memory = remembered(log, wanted, catalogue)
    everyone = [*[commit.oid for commit, _ in commits], *formers]
    elsewhere = {oid: signs for oid, (signs, _) in zip(everyone, recorders.evidence(everyone), strict=True)}
    found = []
    for commit, change in commits:
        olds = came_from.get(commit.oid, ())
        own = _of(memory, digests[commit.oid])
        parts = [_combined(formers[old], _of(memory, formers[old].digests)) for old in olds if old in formers]
        earlier = [entry for old in olds if old in formers for entry in _of(memory, formers[old].digests)]
        claims = [_said(catalogue, commit.message), *[entry.claim for entry in own], _together(parts)]
        evidence = [
            *message_evidence.evidence(catalogue, commit.message),
            *identity_evidence.evidence(catalogue, commit.author, commit.committer),
            *_journaled(edits, change),
            *elsewhere[commit.oid],
            *[sign for old in olds if old in formers for sign in (*formers[old].evidence, *elsewhere[old])],
            *[sign for entry in (*own, *earlier) for sign in entry.evidence],
        ]
        entries = sorted({entry.index for entry in (*own, *earlier)})
        found.append(Sources(strongest(*claims), tuple(dict.fromkeys(evidence)), tuple(entries), olds))
    return found


def _digests(commit: RawCommit, change: Change) -> tuple[str, ...]:
    """The change digest of a commit, and both that its record was made for, if it has one."""
    record = read(commit.message).record
    recorded = [record.parameter("change"), record.parameter("patch")] if record else []
    return tuple(dict.fromkeys([change_digest(change), *recorded]))


def _journaled(edits: tuple[JournalEntry, ...], change: Change) -> tuple[Evidence, ...]:
    """The edits of agents that stand in the commit as the agent left them; of others nobody knows who changed them."""
    touched = set(change.touched())
    blobs = {decode(entry.path): entry.new_oid.decode("ascii") for side in change.sides for entry in side}
    blobs = {path: oid for path, oid in blobs.items() if path in touched}
    return journal.evidence([edit for edit in edits if journal.exact(edit, blobs)], blobs)


def _said(catalogue: Catalogue, message: bytes) -> Claim:
    """What the final block declares, and `assisted` also where it stands in the body, as in messages of squashes.

    `none` in the body was said of a part of what is in the commit now, so it does not count for the whole.
    """
    claim = message_evidence.declared(catalogue, message)
    loose = [item for item in all_trailers(message) if not item.in_block and item.key.lower() in _OURS]
    block = "\n".join([f"{item.key}: {item.value}" for item in loose])
    body = message_evidence.declared(catalogue, ("-\n\n" + block).encode("utf-8", "surrogateescape"))
    return strongest(claim, body) if body.assistance == ASSISTED else claim


def _formers(room: CleanRoom, clone: ObjectReader, catalogue: Catalogue, oids: set[str]) -> dict[str, _Former]:
    """Those of the commits that the clone still has."""
    nodes = [(oid, ()) for oid in sorted(oids) if (found := clone.read(oid)) is not None and found[1] == "commit"]
    commits = [commit for commit in read_commits(room, nodes) if isinstance(commit, RawCommit)]
    changes = read_changes(room, [(commit.oid, commit.parents) for commit in commits])
    return {
        commit.oid: _Former(
            _digests(commit, change),
            message_evidence.declared(catalogue, commit.message),
            (
                *message_evidence.evidence(catalogue, commit.message),
                *identity_evidence.evidence(catalogue, commit.author, commit.committer),
            ),
        )
        for commit, change in zip(commits, changes, strict=True)
        if isinstance(change, Change)
    }


def _combined(former: _Former, entries: Iterable[Remembered]) -> Claim:
    return strongest(former.claim, *[entry.claim for entry in entries])


def _together(claims: list[Claim]) -> Claim:
    """Several commits as one: `assisted` if one of them was, `none` only if all of them were."""
    whole = strongest(Claim(), *claims)
    if whole.assistance == NONE and any(claim.assistance != NONE for claim in claims):
        return whole.replace(assistance=UNDECLARED)
    return whole


def _of(memory: dict[str, list[Remembered]], digests: Iterable[str]) -> list[Remembered]:
    return [entry for digest in digests for entry in memory.get(digest, ())]
