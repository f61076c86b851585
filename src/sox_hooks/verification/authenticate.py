"""Who signed a record, and whether that person's key may say so."""

from __future__ import annotations

from sox_hooks.core.findings import Finding
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode, encode, printable
from sox_hooks.git.commits import RawCommit
from sox_hooks.policy.directory import out_of_time
from sox_hooks.policy.model import ASSISTED, NONE, UNDECLARED, Person
from sox_hooks.policy.rules import finding
from sox_hooks.record import sshsig
from sox_hooks.record.quick import payload
from sox_hooks.record.record import Record
from sox_hooks.verification.law import Law
from sox_hooks.verification.verdict import FORGED, UNBOUND

NAMESPACE = "sox-record"
# How many tools of a claim are left out, one at a time, when a signature does not fit the claim as it stands.
_MOST_ALTERNATIVES = 16


class Authentic(Struct):
    """A record whose signature is good: `person` owns the key, `email` and `repository` are what was signed.

    `touched` is True or False for a hardware key (whether a person touched it), False for a key in software.
    """

    person: Person
    email: str
    repository: str
    touched: bool
    findings: tuple[Finding, ...] = ()


class Rejected(Exception):
    """A record that is not authentic: the status it leads to and why."""

    def __init__(self, status: str, entry: Finding) -> None:
        super().__init__(entry.message)
        self.status = status
        self.finding = entry


def authenticate(commit: RawCommit, email: bytes, record: Record, law: Law, proven: str = "") -> Authentic:
    """Check the signature of a record against the keys of a law; `email` is the author's. Raises `Rejected`.

    `proven` is a repository for which the record as it stands is known to be signed well, with this address.
    """
    short = commit.oid[:12]

    def reject(rule: str, message: str, why: str = "", status: str = FORGED) -> Rejected:
        return Rejected(status, finding(rule, message, commit=commit.oid, why=why))

    try:
        signature = sshsig.parse(record.signature or b"")
        if signature.namespace != NAMESPACE:
            raise sshsig.BadSignature(f"made for namespace {printable(signature.namespace, 40)!r}, not {NAMESPACE!r}")
    except sshsig.BadSignature as error:
        raise reject("SOX604", f"the signature of {short} is no good: {error}") from None
    signer, person = law.owner(signature.public_key)
    if signer is None:
        raise reject("SOX605", f"{short} is signed by a key that the policy does not know")
    if person is None:
        raise reject("SOX605", f"{short} is signed by a key whose owner the policy does not know")
    late = out_of_time(signer, law.moment or record.moment)
    if late:
        raise reject("SOX606", f"{short} is signed by a key of {person.id} that {late}")
    author, author_person = law.author(email)
    if author_person is not person and not law.policy.record_for_others:
        raise reject(
            "SOX612",
            f"{short} is by {printable(author, 80)}, but {person.id} signed its record",
            why="a record is made by the author; the policy does not let anybody record another author's commit",
        )
    found = _signed_for(email, record, signature, person, law, proven)
    if found is None:
        other = _other_claim(email, record, signature, person, law)
        if other is not None:
            raise reject(
                "SOX609",
                f"the claim of {short} was changed after signing: it was {other}, now {record.assistance}",
                status=UNBOUND,
            )
        raise reject(
            "SOX604",
            f"the signature of {short} is not over what the commit says",
            why="the claim, the repository, the author's address or a parameter of the record is another",
        )
    signed_for, repository = found
    findings: list[Finding] = []
    if signed_for != author:
        findings.append(
            finding(
                "SOX619",
                f"{short} was signed for {printable(signed_for, 80)}, now its author is {printable(author, 80)}",
                commit=commit.oid,
                why="both addresses belong to the same person; a forge that rewrites commits replaces them",
            )
        )
    if record.moment > law.latest:
        findings.append(
            finding(
                "SOX621",
                f"the record of {short} is dated {record.moment}, and now it is {law.now}",
                commit=commit.oid,
            )
        )
    return Authentic(person, signed_for, repository, bool(signature.touched), tuple(findings))


def _signed_for(
    author: bytes, record: Record, signature: sshsig.SshSignature, person: Person, law: Law, proven: str = ""
) -> tuple[str, str] | None:
    """The author's address and the repository that the signature is over: the commit's own first, then the others."""
    repository = law.policy.repository
    text, author_person = law.author(author)
    if (proven and proven == repository) or _fits(signature, payload(record, repository, author)):
        return text, repository
    addresses = {author: None}
    if author_person is person:
        addresses |= dict.fromkeys([encode(email) for email in person.emails])
    for repository in (law.policy.repository, *law.policy.former):
        for address in addresses:
            if (repository, address) != (law.policy.repository, author) and _fits(
                signature, payload(record, repository, address)
            ):
                return decode(address), repository
    return None


def _other_claim(author: bytes, record: Record, signature: sshsig.SshSignature, person: Person, law: Law) -> str | None:
    """The claim that the signature is really over, if it is one that can be guessed from what was left standing."""
    tools = record.assisted_by[:_MOST_ALTERNATIVES]
    lists = [record.assisted_by, (), *[tools[:index] + tools[index + 1 :] for index in range(len(tools))]]
    for assistance in (record.assistance, ASSISTED, NONE, UNDECLARED):
        for assisted_by in dict.fromkeys(lists):
            other = record.replace(assistance=assistance, assisted_by=assisted_by)
            if other != record and _signed_for(author, other, signature, person, law) is not None:
                return " ".join([assistance, *assisted_by])
    return None


def _fits(signature: sshsig.SshSignature, message: bytes) -> bool:
    try:
        sshsig.verify(signature, message, NAMESPACE)
    except sshsig.BadSignature:
        return False
    return True
