"""Verification summaries: what CI saw of a squashed request, signed, for when the request's head is gone.

A summary is an in-toto Statement v1 about one commit (`gitCommit`), with the predicate SVR v0.2
(https://in-toto.io/attestation/svr/v0.2, in-toto/attestation: spec/predicates/svr.md), in a DSSE envelope whose
signature is an SSHSIG blob over the envelope's PAE in the namespace `sox-record`. That is the namespace of records too,
since a policy admits no other; the two cannot be taken for each other, because their predicate types are signed.

Envelopes are kept on one ref a writer, `refs/sox/summaries/<key>`: pushes of two writers never race. What stands there
is believed only if the policy of the step lists the key for a service with the role `ci`.
"""

from __future__ import annotations

import json
from binascii import b2a_base64

from sox_hooks.core.clock import day, is_moment
from sox_hooks.core.digest import sha256_hex
from sox_hooks.core.sshwire import WireError, decode_base64, encode_base64
from sox_hooks.core.struct import Struct
from sox_hooks.policy.case import holds
from sox_hooks.policy.directory import out_of_time
from sox_hooks.policy.model import ASSISTED, NONE, UNDECLARED
from sox_hooks.record import sshsig
from sox_hooks.record.statement import PAYLOAD_TYPE, STATEMENT_TYPE, canonical, pae

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sox_hooks.verification.law import Law

PREDICATE_TYPE = "https://in-toto.io/attestation/svr/v0.2"
REFS = "refs/sox/summaries/"
ROLE = "ci"
_VERIFIER = "urn:sox-hooks:verify"
# SLSA source track 1.2: an organisation's own properties begin with ORG_SOURCE_.
_SQUASH = "ORG_SOURCE_SOX_SQUASH_OF_VERIFIED"
_CLAIMS = {claim: f"ORG_SOURCE_SOX_ASSISTANCE_{claim.upper()}" for claim in (ASSISTED, NONE, UNDECLARED)}
_LONGEST = 1 << 20


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
    """The statement as JSON: what is signed, in its PAE, and kept."""
    properties = [_SQUASH] + ([_CLAIMS[summary.assistance]] if summary.assistance else [])
    annotations = {
        "repository": summary.repository,
        "head": summary.head,
        "sources": summary.sources,
        "tools": summary.tools,
    }
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"digest": {"gitCommit": summary.commit}, "annotations": annotations}],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "verifier": {"id": _VERIFIER},
                "timeCreated": summary.moment,
                "policies": [{"digest": {"gitTree": summary.policy}}],
                "properties": properties,
            },
        }
    ).encode("utf-8")


def signed_bytes(body: bytes) -> bytes:
    """What the signature of an envelope is over."""
    return pae(PAYLOAD_TYPE, body)


def envelope(body: bytes, signature: bytes) -> bytes:
    """The DSSE envelope, one line."""
    text = canonical(
        {
            "payloadType": PAYLOAD_TYPE,
            "payload": encode_base64(body),
            "signatures": [{"sig": encode_base64(signature)}],
        }
    )
    return text.encode("ascii") + b"\n"


def writer(public_key: bytes) -> str:
    """The last part of a writer's ref."""
    return sha256_hex(public_key)[:32]


def believed(raw: bytes, commit: str, law: Law) -> Summary | None:
    """The summary in an envelope, if it is about `commit` under this law, and signed by a CI key of it."""
    if len(raw) > _LONGEST:
        return None
    try:
        outer = json.loads(raw)
        (entry,) = outer["signatures"]
        body = decode_base64(outer["payload"])
        blob = decode_base64(entry["sig"])
        signature = sshsig.parse(blob)
        sshsig.verify(signature, signed_bytes(body))
        summary = _read(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, WireError, sshsig.BadSignature):
        return None  # AttributeError: a number or a list stands where text should
    if summary.commit != commit or summary.policy != law.policy.identity or outer.get("payloadType") != PAYLOAD_TYPE:
        return None
    if summary.repository not in (law.policy.repository, *law.policy.former) or summary.moment > law.latest:
        return None
    signer = law.directory.signer(b2a_base64(signature.public_key, newline=False).decode("ascii"))
    person = law.directory.people.get(signer.person) if signer else None
    if signer is None or person is None or out_of_time(signer, summary.moment):
        return None
    if person.kind != "service" or not holds(person.roles, ROLE, day(summary.moment)):
        return None
    return summary


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
