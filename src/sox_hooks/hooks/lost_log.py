"""A log that is gone although a commit was recorded in this very clone: said once, when a new one begins.

Where there is no log yet this is a new clone, nearly always. HEAD tells it apart: if its record is signed by the key
that signs now, and the reflog says that it was committed here, then there was a log. Whoever deletes the log can
delete the reflog too, so this finds accidents and clumsy hands; positions that CI has signed find the rest.
"""

from __future__ import annotations

from sox_hooks.core.findings import WARNING, Finding
from sox_hooks.core.text import printable
from sox_hooks.git.reflog import last_move
from sox_hooks.hooks.situation import Situation
from sox_hooks.policy.rules import finding
from sox_hooks.record.record import read
from sox_hooks.record.sshsig import BadSignature, parse


def lost_log(situation: Situation) -> Finding | None:
    """What to say where no log is there; None if nothing speaks for it that there was one."""
    desk = situation.staged.desk
    if desk.head is None:
        return None
    record = read(desk.head.message).record
    move = last_move(desk.repository, desk.head.oid)
    if record is None or record.signature is None or move is None or move.action.partition(" ")[0] != "commit":
        return None
    try:
        if parse(record.signature).public_key != situation.signing.blob:
            return None
    except BadSignature:
        return None
    log_id, _, rest = record.parameter("log").partition(".")
    return finding(
        "SOX704",
        f"the audit log {printable(log_id, 12)} of this clone is gone; a new one begins",
        severity=WARNING,
        commit=desk.head.oid,
        why=f"HEAD was committed here and cites entry {printable(rest.partition('.')[0], 12)} of it",
        fix="put the old log back before you go on, if you have it (.git/sox-hooks/log.jsonl), or tell the audit team",
    )
