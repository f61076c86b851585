"""The plain case of `record.read` and `statement.payload`, for the long ranges of verification.

What a record is and what is signed is said there and nowhere else. The functions here recognise what looks as we write
it, which is nearly every commit, and leave the rest to those; tests and the fuzzer hold them to the same answers.
"""

from __future__ import annotations

import re
from binascii import Error as BinasciiError
from binascii import a2b_base64, b2a_base64
from json.encoder import encode_basestring

from sox_hooks.core.clock import is_moment
from sox_hooks.core.trailers import WHITE
from sox_hooks.record import record as strict
from sox_hooks.record import statement
from sox_hooks.record.record import CLAIMS, MAX_BLOCK, MAX_TOOLS, VERSION, Reading, Record
from sox_hooks.record.statement import PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE, pae
from sox_hooks.record.trailers import OWN_KEYS

# The last paragraph: any lines that are not indented, then Sox-Record and Sox-Signature as `trailers` writes them, each
# token on a line of its own. Nothing below.
_TAIL = re.compile(
    rb"\n\n((?:[^\s][^\n]*\n)*?)"
    rb"Sox-Record: v1 ([0-9TZ:-]{20})\n"
    rb" policy=([0-9a-f]{40}|[0-9a-f]{64})\n"
    rb" change=([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])\n"
    rb" patch=([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])\n"
    rb" log=([!-\-/-~]+\.[1-9][0-9]{0,14}\.[!-\-/-~]+)\n"
    rb"((?: [a-z][a-z0-9-]*=[!-~]+\n)*)"
    rb"Sox-Signature:\n"
    rb"((?: [A-Za-z0-9+/=]+\n)+)"
)
_ASSISTANCE = b"AI-Assistance: "
_TOOL = b"assisted-by:"


def read(message: bytes) -> Reading:
    """The record of a stored message. Never raises."""
    record = _plain(message)
    return strict.read(message) if record is None else Reading(record, (), ())


def payload(record: Record, repository: str, author_email: bytes) -> bytes:
    """The bytes that are signed for a record as `read` gives it."""
    values = record.assisted_by
    if not (author_email.isascii() and "".join(values).isascii()):
        return statement.payload(record, repository, author_email)
    # In C, and the same text as `statement.quoted`.
    quote = encode_basestring
    parameters = ",".join([f"{quote(name)}:{quote(value)}" for name, value in sorted(dict(record.parameters).items())])
    body = (
        f'{{"_type":"{STATEMENT_TYPE}","predicate":{{"assistance":{quote(record.assistance)},'
        f'"assistedBy":[{",".join([quote(value) for value in values])}],'
        f'"author":{quote(author_email.decode("ascii"))},'
        f'"record":{{"parameters":{{{parameters}}},"time":{quote(record.moment)},"version":{quote(record.version)}}},'
        f'"repository":{quote(repository)}}},"predicateType":"{PREDICATE_TYPE}",'
        f'"subject":[{{"digest":{{"sha256":"{_hex(record.parameter("change"))}"}},"name":"change"}}]}}'
    )
    return pae(PAYLOAD_TYPE, body.encode("utf-8"))


def _hex(digest: str) -> str:
    """`read` has made sure that these are 32 bytes in the one spelling of base64url."""
    return a2b_base64(digest.replace("-", "+").replace("_", "/") + "=").hex()


def _plain(message: bytes) -> Record | None:
    """The record of a message in the plain form, None for any other message."""
    if not message.isascii() or len(message) > MAX_BLOCK or b"\0" in message:
        return None
    # Each of our names stands there once, so it is the one in the block and there are no strays.
    low = message.lower()
    if low.count(b"ai-assistance") + low.count(b"sox-record") + low.count(b"sox-signature") != len(OWN_KEYS):
        return None
    start = message.rfind(b"\n\n", 0, len(message) - 1)
    found = _TAIL.fullmatch(message, max(start, 0))
    if found is None or not message[:start].strip(WHITE):
        return None
    above, moment, policy, change, patch, log, others, signed = found.groups()
    assistance = ""
    tools: list[str] = []
    for line in above.split(b"\n"):
        if line.startswith(_ASSISTANCE):
            assistance = line[len(_ASSISTANCE) :].decode("ascii")
        elif line[: len(_TOOL)].lower() == _TOOL:
            tools.append(line[len(_TOOL) :].strip(WHITE).decode("ascii"))
    when = moment.decode("ascii")
    if assistance not in CLAIMS or len(tools) > MAX_TOOLS or not is_moment(when):
        return None
    parameters = [
        ("policy", policy.decode("ascii")),
        ("change", change.decode("ascii")),
        ("patch", patch.decode("ascii")),
        ("log", log.decode("ascii")),
    ]
    if others:
        for token in others.decode("ascii").split():
            name, _, value = token.partition("=")
            parameters.append((name, value))
        if len(dict(parameters)) != len(parameters):
            return None
    body = signed.replace(b"\n", b"").replace(b" ", b"")
    try:
        signature = a2b_base64(body)
    except BinasciiError:
        return None
    if not signature or b2a_base64(signature, newline=False) != body:
        return None
    return Record(assistance, tuple(tools), VERSION, when, tuple(parameters), signature)
