"""Positions in developers' logs that CI has seen and signed: the countersignature.

Every record cites an entry of its author's log (`log=ID.INDEX.HASH`). CI signs, for each person and log, the highest
one that a verified commit cites, if it extends what CI signed before. Later a log that ends before it, or has another
entry there, was cut off, put back or forked, and that can be told without the commits.

CI never has the log itself. That the entries up to the next position follow from those up to this one is what
`log verify` checks where the log is; what CI vouches for is which positions it saw, and in which order.
"""

from __future__ import annotations

import json
import re

from sox_hooks.core.clock import is_moment
from sox_hooks.core.struct import Struct
from sox_hooks.record.log import Anchor, parse_anchor
from sox_hooks.record.public_keys import fingerprint
from sox_hooks.verification import envelope
from sox_hooks.verification.envelope import UNREADABLE, of_ci, opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sox_hooks.policy.directory import Directory
    from sox_hooks.policy.model import Policy

FOLDER = "logs"  # in the tree of the writer's ref
_PROPERTY = "ORG_SOURCE_SOX_LOG_POSITION_SEEN"
# As `log.py` makes them; a record may hold something else, which then is no position.
_ANCHOR = re.compile(r"[0-9a-zA-Z]{1,12}\.[1-9][0-9]{0,14}\.[0-9a-f]{32}")


class Position(Struct):
    """An entry of a log, and the commit whose record cites it.

    person   the id of whoever signed the record
    moment   the time that the record claims
    key      the fingerprint of the person's key
    """

    person: str
    anchor: Anchor
    commit: str
    moment: str
    key: str

    @property
    def path(self) -> str:
        """Where its countersignature is kept: of each person and log the last one."""
        return f"{FOLDER}/{self.person}/{self.anchor.log_id}"


class Seen(Struct):
    """A position that CI saw: when it did, and the fingerprint of CI's key."""

    position: Position
    moment: str
    key: str


def is_position(log: str) -> bool:
    """Whether the `log=` of a record is one that a log of ours can have."""
    return _ANCHOR.fullmatch(log) is not None


def statement(position: Position, repository: str, policy: str, moment: str) -> bytes:
    """The statement as JSON. `policy` is the tree of the policy under which CI looked, at `moment`."""
    annotations = {
        "repository": repository,
        "person": position.person,
        "key": position.key,
        "log": str(position.anchor),
        "recorded": position.moment,
    }
    return envelope.statement(position.commit, annotations, policy, moment, [_PROPERTY])


def believed(raw: bytes, policy: Policy, directory: Directory, latest: str) -> Seen | None:
    """The position in an envelope, if a CI key of `policy` signed it for this repository, and not after `latest`."""
    found = opened(raw)
    if found is None:
        return None
    try:
        told = found.statement
        position, repository, moment = _read(told)
    except UNREADABLE:
        return None
    if repository not in (policy.repository, *policy.former) or moment > latest:
        return None
    return Seen(position, moment, fingerprint(found.key)) if of_ci(directory, found.key, moment) else None


def _read(told: Any) -> tuple[Position, str, str]:
    """Raises one of `UNREADABLE` for anything but what `statement` writes."""
    (subject,) = told["subject"]
    annotations, predicate = subject["annotations"], told["predicate"]
    (policy,) = predicate["policies"]
    if not is_position(annotations["log"]) or not is_moment(annotations["recorded"]):
        raise ValueError("not a position")
    position = Position(
        person=annotations["person"],
        anchor=parse_anchor(annotations["log"]),
        commit=subject["digest"]["gitCommit"],
        moment=annotations["recorded"],
        key=annotations["key"],
    )
    repository, moment = annotations["repository"], predicate["timeCreated"]
    texts = (position.person, position.commit, position.key, repository)
    if not all(isinstance(text, str) for text in texts) or not is_moment(moment):
        raise ValueError("not a position")
    if json.loads(statement(position, repository, policy["digest"]["gitTree"], moment)) != told:
        raise ValueError("it says more than a position")
    return position, repository, moment
