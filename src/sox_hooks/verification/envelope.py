"""What CI signs and keeps: an in-toto Statement v1 with the predicate SVR v0.2, in a DSSE envelope.

The predicate is https://in-toto.io/attestation/svr/v0.2 (in-toto/attestation: spec/predicates/svr.md). The signature is
an SSHSIG blob over the envelope's PAE in the namespace `sox-record`. That is the namespace of records too, since a
policy admits no other; the two cannot be taken for each other, because their predicate types are signed.

Envelopes are kept on one ref a writer, `refs/sox/summaries/<key>`: pushes of two writers never race. What stands there
counts only if a policy lists the key for a service with the role `ci`.
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
from sox_hooks.record import sshsig
from sox_hooks.record.statement import PAYLOAD_TYPE, STATEMENT_TYPE, canonical, pae

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sox_hooks.policy.directory import Directory

PREDICATE_TYPE = "https://in-toto.io/attestation/svr/v0.2"
REFS = "refs/sox/summaries/"
ROLE = "ci"
# What goes wrong while something is read that anybody may have written. AttributeError: a number or a list stands where
# text should.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError, WireError, sshsig.BadSignature)
_VERIFIER = "urn:sox-hooks:verify"
_LONGEST = 1 << 20


class Opened(Struct):
    """The statement of an envelope whose signature is good, and the public key that made it, whosever it is."""

    statement: Any
    key: bytes


def statement(commit: str, annotations: object, policy: str, moment: str, properties: list[str]) -> bytes:
    """A statement about a commit as JSON: what is signed, in its PAE, and kept."""
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"digest": {"gitCommit": commit}, "annotations": annotations}],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "verifier": {"id": _VERIFIER},
                "timeCreated": moment,
                "policies": [{"digest": {"gitTree": policy}}],
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


def opened(raw: bytes) -> Opened | None:
    """What is in an envelope, None if it is none or its signature is wrong."""
    if len(raw) > _LONGEST:
        return None
    try:
        outer = json.loads(raw)
        (entry,) = outer["signatures"]
        body = decode_base64(outer["payload"])
        signature = sshsig.parse(decode_base64(entry["sig"]))
        sshsig.verify(signature, signed_bytes(body))
        if outer.get("payloadType") != PAYLOAD_TYPE:
            return None
        return Opened(json.loads(body), signature.public_key)
    except UNREADABLE:
        return None


def writer(public_key: bytes) -> str:
    """The last part of a writer's ref."""
    return sha256_hex(public_key)[:32]


def of_ci(directory: Directory, public_key: bytes, moment: str) -> bool:
    """Whether a key is that of a service that had the role `ci` at a moment."""
    signer = directory.signer(b2a_base64(public_key, newline=False).decode("ascii"))
    person = directory.people.get(signer.person) if signer else None
    if signer is None or person is None or not is_moment(moment) or out_of_time(signer, moment):
        return False
    return person.kind == "service" and holds(person.roles, ROLE, day(moment))
