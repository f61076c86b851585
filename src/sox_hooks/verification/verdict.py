"""What verification says of one commit."""

from __future__ import annotations

from sox_hooks.core.findings import Finding
from sox_hooks.core.struct import Struct

# Statuses. `adopted` is the commit that first brings `.sox/` in: it has no policy before it, so it is
# reported as what it is and never as verified.
VERIFIED = "verified"
DENIED = "denied"
UNRECORDED = "unrecorded"
UNBOUND = "unbound"
FORGED = "forged"
UNVERIFIABLE = "unverifiable"
ADOPTED = "adopted"
STATUSES = (VERIFIED, DENIED, UNRECORDED, UNBOUND, FORGED, UNVERIFIABLE, ADOPTED)


class Verdict(Struct):
    """The verdict on one commit.

    relation    how the content is bound to the record, only where `status` is `verified`, else ""
    assistance  the recorded claim that the verdict stands on ("" where there is no authentic record)
    tools       `TOOL[@VERSION][:MODEL]`, as claimed
    signer      id of the person whose key signed, "" if there is none or it is not known
    author      the author's e-mail, printable
    moment      the time that the record claims, "" without a record
    """

    commit: str
    subject: str
    author: str
    status: str
    relation: str = ""
    assistance: str = ""
    tools: tuple[str, ...] = ()
    signer: str = ""
    moment: str = ""
    findings: tuple[Finding, ...] = ()


class Passed(Struct):
    """Verified commits about which there is nothing to say, counted: in all, by relation, by assistance."""

    count: int = 0
    relations: tuple[tuple[str, int], ...] = ()
    assistance: tuple[tuple[str, int], ...] = ()
