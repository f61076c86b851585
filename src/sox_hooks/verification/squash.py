"""Squashed requests: a commit of protected history that is exactly the merge of a verified range.

A forge that squashes makes one new commit without a record of its own. Where the head of the request can still be
fetched, the commit is proven by its tree: it is what merging that head into the commit's parent gives, in the clean
room, and every commit that the head brings is verified under the policy that stood there.
"""

from __future__ import annotations

import re

from sox_hooks.core.findings import ERROR, Finding
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode, printable
from sox_hooks.git.objects import ObjectReader
from sox_hooks.policy.facts import Claim
from sox_hooks.policy.model import SQUASH
from sox_hooks.policy.rules import finding
from sox_hooks.verification.gate import present
from sox_hooks.verification.history import gather, walk
from sox_hooks.verification.judge import Gathered, Unreadable, judge, plain, relation_refused
from sox_hooks.verification.protected import ProtectedHistory, UsedRecords
from sox_hooks.verification.squash_claim import of_sources, uses, with_message
from sox_hooks.verification.squashed_before import squashed_before
from sox_hooks.verification.summary import Summary, believed
from sox_hooks.verification.verdict import DENIED, VERIFIED, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.git.room import CleanRoom
    from sox_hooks.git.run import Git
    from sox_hooks.verification.governing import Policies
    from sox_hooks.verification.law import Law
    from sox_hooks.verification.positions import Positions
    from sox_hooks.verification.summaries import Summaries

# refs/pull/7/head (GitHub, Gitea), refs/merge-requests/7/head (GitLab), and where people fetch these to.
_HEAD = re.compile(r"^refs/(?:remotes/[^/]+/)?(?:pull|pr|merge-requests)/([0-9]{1,9})(?:/head)?$")
# "Title (#7)" (GitHub), "See merge request group/project!7" (GitLab).
_NUMBER = re.compile(rb"[#!]([0-9]{1,9})\b")
# So many heads are tried for a commit whose message names none that fits, and so many in one run: each costs a merge.
_MOST_HEADS = 50
_MOST_TRIES = 2000
_MOST_SOURCES = 1000
_SHOWN = 5


class Head(Struct):
    """Where a squash may come from."""

    name: str
    number: str
    oid: str


class Squashes:
    """Looks for the request that a commit is the squash of. `given` are the ids that the user named.

    `proven` collects what could be shown, for whoever writes summaries. `start` is the last commit of the protected
    branch that is not looked at, "" if all are.
    """

    def __init__(
        self,
        git: Git,
        room: CleanRoom,
        policies: Policies,
        given: tuple[str, ...],
        *,
        used: UsedRecords,
        summaries: Summaries,
        positions: Positions,
        start: str = "",
    ) -> None:
        self._git = git
        self._room = room
        self._policies = policies
        self._given = given
        self._tries = 0
        self._used = used
        self._heads: tuple[Head, ...] | None = None
        self._protected = ProtectedHistory(room)
        self._summaries = summaries
        self._positions = positions
        self._start = start
        self._landed: dict[str, str] = {}  # sources, and the squash that they came in with
        self.proven: list[Summary] = []

    def explain(self, item: Gathered, verdict: Verdict, law: Law) -> Verdict:
        """`verdict`, which is no pass, or the one on `item` as the squash that it turns out to be."""
        if self._heads is None:
            self._heads = self._find_heads()
        named = {number.decode("ascii") for number in _NUMBER.findall(item.commit.message)}
        fitting = [head for head in self._heads if not head.number or head.number in named]
        others = [head for head in self._heads if head.number and head.number not in named][:_MOST_HEADS]
        others = others[: max(0, _MOST_TRIES - self._tries)]
        found = self._first_that_fits(item, fitting, law)
        if found is None and others:
            self._tries += len(others)
            found = self._first_that_fits(item, others, law)
        return found or self._by_summary(item, law) or verdict

    def _by_summary(self, item: Gathered, law: Law) -> Verdict | None:
        """What CI said of the squash when its head was still there."""
        oid = item.commit.oid
        if item.reading.record is not None:
            return None  # whose record that is can only be told with the sources at hand
        for raw in self._summaries.about(oid):
            summary = believed(raw, oid, law)
            if summary is not None:
                refusal = relation_refused(item, SQUASH, law)
                again = sorted({self._landed[source] for source in summary.sources if source in self._landed})
                if again:
                    what = f"what {oid[:12]} squashes came in with {again[0][:12]} already"
                    refusal.append(finding("SOX614", what, commit=oid))
                self._landed.update(dict.fromkeys(summary.sources, oid))
                sources = ", ".join([source[:12] for source in summary.sources[:_SHOWN]])
                said = f"by a summary of {summary.moment}, {oid[:12]} is the squash of {summary.head}: {sources}"
                note = finding("SOX622", printable(said, 300), commit=oid)
                claim = Claim(summary.assistance, uses(summary.tools))
                claim, told = with_message(item, claim, law, summary.moment)
                return _verdict(item, claim, "", [note, *told, *refusal])
        return None

    def _first_that_fits(self, item: Gathered, heads: list[Head], law: Law) -> Verdict | None:
        base = item.commit.parents[0]
        merges = self._room.merge_trees([(base, head.oid) for head in heads])
        for head, merged in zip(heads, merges, strict=True):
            if merged.clean and merged.tree == item.commit.tree:
                sources = self._sources(head, base, law)
                if sources and _own_record(item, sources):
                    return self._squash(item, head, sources, law)
        return None

    def _find_heads(self) -> tuple[Head, ...]:
        heads = [Head(oid[:12], "", oid) for oid in self._given]
        folders = ("refs/pull", "refs/merge-requests", "refs/remotes")
        listed = self._git.run("for-each-ref", "--format=%(objectname) %(refname)", *folders)
        for line in decode(listed).splitlines():
            oid, _, name = line.partition(" ")
            match = _HEAD.match(name)
            if match:
                heads.append(Head(name, match[1], oid))
        # The newest requests first, for commits that name none.
        return tuple(sorted(heads, key=lambda head: -int(head.number or 10**9)))

    def _sources(self, head: Head, base: str, law: Law) -> list[tuple[Gathered, Verdict]]:
        """What the head brings, all of it verified; nothing if any of it is not."""
        with ObjectReader(self._room.git) as reader:
            baseline = present(reader, law.policy.baseline)
        nodes = list(walk(self._room, [head.oid], [base, *baseline], f"--max-count={_MOST_SOURCES + 1}"))
        if not nodes or len(nodes) > _MOST_SOURCES:
            return []
        current = law.policy.version
        leaving = law.leaving_at(lambda: self._policies.least_version([head.oid], [base], current))
        sources = []
        for source in gather(self._room, nodes, lambda named, _: self._protected.holds(named, base)):
            if isinstance(source, Unreadable):
                return []
            verdict = judge(source, leaving)
            if verdict.status != VERIFIED:
                return []
            sources.append((source, verdict))
        return sources

    def _squash(self, item: Gathered, head: Head, sources: list[tuple[Gathered, Verdict]], law: Law) -> Verdict:
        oid = item.commit.oid
        findings = []
        for source, verdict in sources:
            if source.reading.record is not None:
                findings += self._positions.cited(source.commit.oid, source.reading.record, verdict.signer)
            first = self._used.first(source, squashed=True)
            if first:
                again = f"the record of {source.commit.oid[:12]}, squashed here, came in with {first[:12]} already"
                findings.append(finding("SOX614", again, commit=oid))
        findings += self._earlier(item, head, sources) if not findings else []
        findings += relation_refused(item, SQUASH, law)
        self._landed.update({source.commit.oid: oid for source, _ in sources})
        names = ", ".join([source.commit.oid[:12] for source, _ in sources[:_SHOWN]])
        more = f" and {len(sources) - _SHOWN} more" if len(sources) > _SHOWN else ""
        note = f"{oid[:12]} is the squash of {printable(head.name, 100)}: {names}{more}"
        moments = [verdict.moment for _, verdict in sources if verdict.moment]
        claim, told = with_message(
            item, of_sources([verdict for _, verdict in sources]), law, max(moments, default=law.now)
        )
        findings += told
        signers = sorted({verdict.signer for _, verdict in sources if verdict.signer})
        found = _verdict(
            item, claim, signers[0] if len(signers) == 1 else "", [finding("SOX622", note, commit=oid), *findings]
        )
        if found.status == VERIFIED:
            self.proven.append(
                Summary(
                    commit=oid,
                    policy=law.policy.identity,
                    repository=law.policy.repository,
                    head=printable(head.name, 100),
                    sources=tuple([source.commit.oid for source, _ in sources]),
                    assistance=found.assistance,
                    tools=found.tools,
                    moment=law.now,
                )
            )
        return found

    def _earlier(self, item: Gathered, head: Head, sources: list[tuple[Gathered, Verdict]]) -> list[Finding]:
        """Whether the same request came in before the range; records that were made since then are new ones."""
        moments = [verdict.moment for _, verdict in sources if verdict.moment]
        if not self._start or not moments:
            return []
        earlier, when = squashed_before(self._room, head.oid, self._start)
        if not earlier or min(moments) > when:
            return []
        again = f"what {item.commit.oid[:12]} squashes came in with {earlier[:12]} already, on {when}"
        return [finding("SOX614", again, commit=item.commit.oid)]


def _verdict(item: Gathered, claim: Claim, signer: str, findings: list[Finding]) -> Verdict:
    refused = any(entry.severity == ERROR for entry in findings)
    return plain(item, DENIED if refused else VERIFIED, findings).replace(
        relation="" if refused else SQUASH,
        assistance=claim.assistance,
        tools=tuple([str(use) for use in claim.tools]),
        signer=signer,
    )


def _own_record(item: Gathered, sources: list[tuple[Gathered, Verdict]]) -> bool:
    """Whether a record in the squash, if there is one, is that of a source: forges quote the last message whole."""
    record = item.reading.record
    return record is None or any(
        source.reading.record is not None and source.reading.record.parameters == record.parameters
        for source, _ in sources
    )
