"""Every commit of a history that carries signs of AI tools, without any record or set-up.

Commits are read raw (`git cat-file --batch`): `git log` re-encodes messages, cuts them at a NUL and replaces names by
.mailmap. Nothing is decided by dates; a commit of 2015 is not flagged because nobody wrote such trailers in 2015.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode
from sox_hooks.detection import identity, message
from sox_hooks.detection.values import UNNAMED
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.stream import Stream
from sox_hooks.policy.facts import Evidence
from sox_hooks.policy.model import ASSISTED, HIGH, LOW, MEDIUM, NONE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.git.run import Git
    from sox_hooks.policy.match import PathMatcher
    from sox_hooks.policy.model import Policy

PERSON, AI, BOT = "person", "ai", "bot"
# What `source` is for evidence in the commits themselves, and the sources outside of them (`recorded_elsewhere`).
IN_COMMIT = "commit"
RECORDERS = ("agent-trace", "git-ai")
_STRENGTH = {LOW: 0, MEDIUM: 1, HIGH: 2}
_AT_ONCE = 500


class Scanned(Struct):
    """One commit.

    author       `Name <mail>` as the object has it
    author_kind  `person`, or `ai` or `bot` if the author's own address says so
    subject      first line of the message
    authored, committed   seconds since 1970, -1 if the line tells none
    evidence     of AI tools and of bots, as `identity` and `message` grade it
    tier         the strictest tier that the commit touches; "" without a policy
    declared     the value of AI-Assistance in the final block, "" if there is none
    ignored      why a note about the commit was not read, "" if there is none or it was (`with_recorders`)
    """

    commit: str
    author: bytes
    author_kind: str
    subject: bytes
    authored: int
    committed: int
    evidence: tuple[Evidence, ...]
    tier: str = ""
    declared: str = ""
    ignored: str = ""

    @property
    def confidence(self) -> str:
        """The strongest confidence of all evidence of AI tools; "" if there is none."""
        return _strongest(self.evidence)

    @property
    def flagged(self) -> bool:
        """Whether it counts as assisted: low confidence never decides alone."""
        return self.confidence in (HIGH, MEDIUM)

    @property
    def source(self) -> str:
        """Where the evidence that flags it is: `commit`, else the names of other recorders; "" if it is not flagged."""
        if not self.flagged:
            return ""
        if _strongest(entry for entry in self.evidence if entry.source not in RECORDERS) in (HIGH, MEDIUM):
            return IN_COMMIT
        return " ".join(sorted({entry.source for entry in self.evidence if entry.source in RECORDERS}))

    @property
    def contradicted(self) -> bool:
        """Whether it is declared that no AI took part, and there is evidence that it did."""
        return self.declared == NONE and self.flagged

    @property
    def tools(self) -> tuple[str, ...]:
        """The AI tools that the commit is counted for: those named, or `llm` if none is."""
        weakest = MEDIUM if self.flagged else LOW
        names = {
            entry.tool or UNNAMED: None
            for entry in self.evidence
            if entry.kind == AI and _STRENGTH[entry.confidence] >= _STRENGTH[weakest]
        }
        return tuple([name for name in names if name != UNNAMED or len(names) == 1])


def scan(git: Git, catalogue: Catalogue, revisions: tuple[str, ...]) -> Iterator[Scanned]:
    """All commits that `git rev-list REVISIONS` names, newest first. Raises `CannotVerify` if git fails."""
    people: dict[tuple[bytes, bytes], tuple[Evidence, ...]] = {}
    with ObjectReader(git) as reader:
        for found in reader.read_many(_names(git, revisions)):
            if found is None or found[2] != "commit":
                continue
            yield _scanned(catalogue, people, found[0], found[3])


def with_tiers(git: Git, policy: Policy, matcher: PathMatcher, commits: Iterable[Scanned]) -> Iterator[Scanned]:
    """The same commits; those with signs of AI tools have the tier of the paths that they touch.

    Of merges only paths that differ from every parent count: the others were brought in by other commits.
    """
    ranks = {tier.name: tier.rank for tier in policy.tiers}
    waiting: list[Scanned] = []
    for commit in commits:
        waiting.append(commit)
        if len(waiting) == _AT_ONCE:
            yield from _tiered(git, ranks, matcher, waiting)
            waiting = []
    yield from _tiered(git, ranks, matcher, waiting)


def _strongest(evidence: Iterable[Evidence]) -> str:
    return max([entry.confidence for entry in evidence if entry.kind == AI], key=_STRENGTH.__getitem__, default="")


def _names(git: Git, revisions: tuple[str, ...]) -> Iterator[str]:
    stream = Stream(git.start("rev-list", *revisions))
    try:
        while (line := stream.line()) is not None:
            yield line.decode("ascii")
        if stream.close():
            raise stream.failure()
    finally:
        stream.close()


def _scanned(
    catalogue: Catalogue, people: dict[tuple[bytes, bytes], tuple[Evidence, ...]], oid: str, raw: bytes
) -> Scanned:
    head, _, text = raw.partition(b"\n\n")
    author, committer = _header(head, b"\nauthor "), _header(head, b"\ncommitter ")
    key = (author[: author.rfind(b">") + 1], committer[: committer.rfind(b">") + 1])
    who = people.get(key)
    if who is None:  # the same few people wrote most commits
        who = people[key] = identity.evidence(catalogue, *key)
    evidence = (*who, *message.evidence(catalogue, text))
    declared = message.declared(catalogue, text).assistance if b"ssistance" in text else ""
    # A record of ours may say that a tool was used and not which.
    if declared == ASSISTED and not any(entry.kind == AI for entry in evidence):
        evidence = (*evidence, Evidence("", HIGH, "trailer", "AI-Assistance"))
    kind = who[0].kind if who and who[0].source == "author" else PERSON
    subject = text.lstrip(b"\n").partition(b"\n")[0]
    return Scanned(oid, key[0], kind, subject, _seconds(author), _seconds(committer), evidence, "", declared)


def _seconds(line: bytes) -> int:
    """The time behind the address, -1 if there is none or no clock could show it."""
    digits = line[line.rfind(b">") + 1 :].strip().partition(b" ")[0]
    return int(digits) if digits.isdigit() and len(digits) < 12 else -1


def _header(head: bytes, keyword: bytes) -> bytes:
    """The rest of the line that begins so; the signature and merged tags, which come later, are indented."""
    start = head.find(keyword)
    if start < 0:
        return b""
    start += len(keyword)
    end = head.find(b"\n", start)
    return head[start:] if end < 0 else head[start:end]


def _tiered(git: Git, ranks: dict[str, int], matcher: PathMatcher, commits: list[Scanned]) -> Iterator[Scanned]:
    wanted = [commit.commit for commit in commits if commit.confidence]
    touched = touched_by(git, wanted) if wanted else {}
    for commit in commits:
        tiers = {matcher.verdict(path).tier for path in touched.get(commit.commit, ())}
        yield commit.replace(tier=max(tiers, key=lambda tier: ranks.get(tier, 0))) if tiers else commit


def touched_by(git: Git, commits: list[str]) -> dict[str, list[str]]:
    """The paths of each commit: both ends of a rename, deletions too."""
    # In the raw form what is about a path begins with ":" and stands before it, so a path that looks like an id does
    # no harm.
    output = git.run(
        "diff-tree", "--stdin", "-r", "-c", "-z", "--root", "--always", "--raw", "--no-renames",
        "--ignore-submodules=none", data="".join([f"{commit}\n" for commit in commits]).encode(),
    )  # fmt: skip
    paths: dict[str, list[str]] = {}
    current: list[str] = []
    fields = iter(output.split(b"\0"))
    for field in fields:
        if field.startswith(b":"):
            current.append(decode(next(fields)))
        elif field:
            current = paths[field.decode("ascii")] = []
    return paths
