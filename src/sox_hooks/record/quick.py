"""The plain case of `record.read` and `statement.payload`, for the long ranges of verification.

What a record is and what is signed is said there and nowhere else. The functions here recognise what looks as we write
it, which is nearly every commit, and leave the rest to those; tests and the fuzzer hold them to the same answers.
"""

from __future__ import annotations

import re
from binascii import Error as BinasciiError
from binascii import a2b_base64, b2a_base64
from functools import lru_cache

from sox_hooks.core.clock import is_moment
from sox_hooks.core.trailers import WHITE
from sox_hooks.record import record as strict
from sox_hooks.record import statement
from sox_hooks.record.record import CLAIMS, MAX_BLOCK, MAX_TOOLS, REQUIRED, VERSION, Reading, Record
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
_LONGEST_KEPT = 1024
_ASSISTANCE = b"AI-Assistance: "
_TOOL = b"assisted-by:"


def read(message: bytes) -> Reading:
    """The record of a stored message. Never raises."""
    record = _plain(message)
    return strict.read(message) if record is None else Reading(record, (), ())


def payload(record: Record, repository: str, author_email: bytes) -> bytes:
    """The bytes that are signed for a record as `read` gives it."""
    parameters = record.parameters
    if tuple([name for name, _ in parameters]) != REQUIRED or len(author_email) > _LONGEST_KEPT:
        return statement.payload(record, repository, author_email)
    (_, policy), (_, change), (_, patch), (_, log) = parameters
    varying = f"{record.moment}{policy}{change}{patch}{log}"
    if not (varying.isascii() and varying.isprintable()) or '"' in varying or "\\" in varying:
        return statement.payload(record, repository, author_email)
    tools = "".join(record.assisted_by)
    if not (tools.isascii() and author_email.isascii()) or len(tools) > _LONGEST_KEPT:
        return statement.payload(record, repository, author_email)
    start, end = _around(record.assistance, record.assisted_by, record.version, repository, author_email)
    # `read` has made sure that the digest is 32 bytes in the one spelling of base64url.
    digest = a2b_base64(change.replace("-", "+").replace("_", "/") + "=").hex()
    body = (
        f'{start}"change":"{change}","log":"{log}","patch":"{patch}","policy":"{policy}"}},"time":"{record.moment}"'
        f'{end}[{{"digest":{{"sha256":"{digest}"}},"name":"change"}}]}}'
    )
    return pae(PAYLOAD_TYPE, body.encode("utf-8"))


@lru_cache(maxsize=256)
def _around(
    assistance: str, assisted_by: tuple[str, ...], version: str, repository: str, author_email: bytes
) -> tuple[str, str]:
    """What stands before the parameters and behind the time: alike for many commits."""
    quoted = statement.quoted
    start = (
        f'{{"_type":"{STATEMENT_TYPE}","predicate":{{"assistance":{quoted(assistance)},'
        f'"assistedBy":[{",".join([quoted(value) for value in assisted_by])}],'
        f'"author":{quoted(author_email.decode("ascii"))},"record":{{"parameters":{{'
    )
    end = (
        f',"version":{quoted(version)}}},"repository":{quoted(repository)}}},'
        f'"predicateType":"{PREDICATE_TYPE}","subject":'
    )
    return start, end


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
