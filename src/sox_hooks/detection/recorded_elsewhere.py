"""What other recorders keep of the commits of a history: git-ai's notes, and Agent Trace records that were committed.

Both are outside what a commit's author signed or wrote into its message, so they are evidence with a source of its own.
"""

from __future__ import annotations

from sox_hooks.detection import agent_trace, git_ai
from sox_hooks.detection.scan import touched_by
from sox_hooks.git.notes import list_notes, read_blobs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.detection.scan import Scanned
    from sox_hooks.git.run import Git
    from sox_hooks.policy.facts import Evidence

_AT_ONCE = 500


class Recorders:
    """The other recorders of a repository. It costs two look-ups where there are none.

    present  whether there is anything to read
    problem  why not all notes can be read, "" if they can
    """

    def __init__(self, git: Git, catalogue: Catalogue, revisions: Sequence[str]) -> None:
        """`revisions` are arguments of `git rev-list`: which commits may be asked for."""
        self._git = git
        self._catalogue = catalogue
        notes = list_notes(git, git_ai.REF)
        self._notes = notes.blobs
        self.problem = notes.problem
        self._traced = _committing(git, revisions)
        self.present = bool(self._notes or self._traced)

    def evidence(self, commits: Sequence[str]) -> Iterator[tuple[tuple[Evidence, ...], str]]:
        """For each commit the evidence, and why a note about it was not read ("" if there is none, or it was)."""
        wanted = [oid for oid in commits if oid in self._notes or oid in self._traced]
        touched = touched_by(self._git, wanted) if wanted else {}
        noted = [oid for oid in wanted if oid in self._notes]
        blobs = read_blobs(self._git, [self._notes[oid] for oid in noted], git_ai.MOST_BYTES)
        notes = {oid: self._note(raw, touched.get(oid, ())) for oid, raw in zip(noted, blobs, strict=True)}
        traces = self._traces([oid for oid in wanted if oid in self._traced], touched)
        for oid in commits:
            found, ignored = notes.get(oid, ((), ""))
            yield (*found, *traces.get(oid, ())), ignored

    def _note(self, raw: bytes | None, touched: Collection[str]) -> tuple[tuple[Evidence, ...], str]:
        if raw is None:
            return (), f"it is missing or larger than {git_ai.MOST_BYTES >> 20} MiB"
        note = git_ai.read(raw)
        return git_ai.evidence(self._catalogue, note, touched), note.problem

    def _traces(self, commits: Sequence[str], touched: dict[str, list[str]]) -> dict[str, tuple[Evidence, ...]]:
        """Of the records that a commit adds to the file, those about paths that it touches."""
        names = [f"{name}:{agent_trace.PATH}" for oid in commits for name in (oid, f"{oid}^1")]
        blobs = read_blobs(self._git, names, agent_trace.MOST_COMMITTED)
        found = {}
        for oid in commits:
            after, before = next(blobs), next(blobs)
            old = set((before or b"").splitlines())
            added = b"\n".join([line for line in (after or b"").splitlines() if line not in old])
            found[oid] = agent_trace.evidence(self._catalogue, agent_trace.read(added), touched.get(oid, ()))
        return found


def with_recorders(recorders: Recorders, commits: Iterable[Scanned]) -> Iterator[Scanned]:
    """The same commits, with the evidence of other recorders behind their own."""
    if not recorders.present:
        yield from commits
        return
    waiting: list[Scanned] = []
    for commit in commits:
        waiting.append(commit)
        if len(waiting) == _AT_ONCE:
            yield from _joined(recorders, waiting)
            waiting = []
    yield from _joined(recorders, waiting)


def _joined(recorders: Recorders, commits: list[Scanned]) -> Iterator[Scanned]:
    found = recorders.evidence([commit.commit for commit in commits])
    for commit, (evidence, ignored) in zip(commits, found, strict=True):
        if evidence or ignored:
            commit = commit.replace(evidence=(*commit.evidence, *evidence), ignored=ignored)
        yield commit


def _committing(git: Git, revisions: Sequence[str]) -> frozenset[str]:
    """The commits that change the file with the traces. Nobody looks for them unless HEAD has the file."""
    if not git.try_line("rev-parse", "--verify", "--quiet", f"HEAD:{agent_trace.PATH}"):
        return frozenset()
    arguments = [*revisions, *([] if "--" in revisions else ["--"]), agent_trace.PATH]
    return frozenset(git.run("rev-list", "--full-history", "--no-merges", *arguments).decode("ascii").split())
