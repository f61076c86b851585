"""Verification summaries: what CI saw of a squashed request, signed, for when the request's head is gone.

A summary is a statement about one commit (`gitCommit`); envelope.py says how it is signed and kept. It is believed only
if the policy of the step lists its key for a CI service.
"""

from __future__ import annotations

import json

from sox_hooks.core.clock import is_moment
from sox_hooks.core.struct import Struct
from sox_hooks.policy.model import ASSISTED, NONE, UNDECLARED
from sox_hooks.verification import envelope
from sox_hooks.verification.envelope import UNREADABLE, of_ci, opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sox_hooks.verification.law import Law

# SLSA source track 1.2: an organisation's own properties begin with ORG_SOURCE_.
_SQUASH = "ORG_SOURCE_SOX_SQUASH_OF_VERIFIED"
_CLAIMS = {claim: f"ORG_SOURCE_SOX_ASSISTANCE_{claim.upper()}" for claim in (ASSISTED, NONE, UNDECLARED)}


class Summary(Struct):
    """What is said of one squash: the policy that judged it, where it came from, and what its sources claimed."""

    commit: str
    policy: str  # tree id of .sox
    repository: str
    head: str
    sources: tuple[str, ...]
    assistance: str  # "" if no source claims anything
    tools: tuple[str, ...]
    moment: str


def statement(summary: Summary) -> bytes:
    """The statement as JSON."""
    properties = [_SQUASH] + ([_CLAIMS[summary.assistance]] if summary.assistance else [])
    annotations = {
        "repository": summary.repository,
        "head": summary.head,
        "sources": summary.sources,
        "tools": summary.tools,
    }
    return envelope.statement(summary.commit, annotations, summary.policy, summary.moment, properties)


def believed(raw: bytes, commit: str, law: Law) -> Summary | None:
    """The summary in an envelope, if it is about `commit` under this law, and signed by a CI key of it."""
    found = opened(raw)
    if found is None:
        return None
    try:
        summary = _read(found.statement)
    except UNREADABLE:
        return None
    if summary.commit != commit or summary.policy != law.policy.identity:
        return None
    if summary.repository not in (law.policy.repository, *law.policy.former) or summary.moment > law.latest:
        return None
    return summary if of_ci(law.directory, found.key, summary.moment) else None


def _read(told: Any) -> Summary:
    """Raises `ValueError`, `KeyError`, `TypeError` or `AttributeError` for anything but what `statement` writes."""
    (subject,) = told["subject"]
    annotations, predicate = subject["annotations"], told["predicate"]
    (policy,) = predicate["policies"]
    claims = [claim for claim, name in _CLAIMS.items() if name in predicate["properties"]]
    summary = Summary(
        commit=subject["digest"]["gitCommit"],
        policy=policy["digest"]["gitTree"],
        repository=annotations["repository"],
        head=annotations["head"],
        sources=tuple(annotations["sources"]),
        assistance=claims[0] if claims else "",
        tools=tuple(annotations["tools"]),
        moment=predicate["timeCreated"],
    )
    # Only texts and lists of texts can be written again, so that nothing else gets further than this line.
    if json.loads(statement(summary)) != told or not is_moment(summary.moment):
        raise ValueError("not a summary of a squash")
    return summary
