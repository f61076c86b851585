"""The record of a commit: what its trailers say, read strictly and written so that it reads back the same.

A record is four kinds of trailers in the final block (`record.trailers` shows them). Reading takes that block and
nothing else. Writing replaces what an earlier run left and touches no other byte of the text.
"""

from __future__ import annotations

from binascii import Error as BinasciiError
from binascii import a2b_base64, b2a_base64

from sox_hooks.core.clock import is_moment
from sox_hooks.core.errors import UsageError
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import in_utf8, printable
from sox_hooks.core.trailers import block_lines, split_block, unfold
from sox_hooks.record.block import join_block, joins, without
from sox_hooks.record.message import Layout, aborts, is_dropped, stored
from sox_hooks.record.trailers import (
    ASSISTANCE,
    ASSISTED_BY,
    OWN_KEYS,
    is_own,
    look_alikes,
    misplaced,
    record_lines,
    signature_lines,
    trailer,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

VERSION = "v1"
CLAIMS = ("assisted", "none", "undeclared")
REQUIRED = ("policy", "change", "patch", "log")
MAX_BLOCK = 1 << 16
MAX_TOOLS = 32

# What can be wrong with the trailers of a commit.
ABSENT, PARTIAL, DOUBLED, MALFORMED, UNKNOWN_VERSION = "absent", "partial", "doubled", "malformed", "unknown-version"

_ASSISTED_BY_KEY = ASSISTED_BY.lower().encode()
# `not text.strip(CHARS)` = all of it is in CHARS: the quickest such test (this runs for every commit of a range).
_HEX = "0123456789abcdef"
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_NAME = "abcdefghijklmnopqrstuvwxyz0123456789-"
_BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LAST_OF_32_BYTES = "AEIMQUYcgkosw048"  # 43 digits hold 258 bits, the last two are 0


class Record(Struct):
    """A record as it stands in a commit.

    assistance   `assisted`, `none` or `undeclared`
    assisted_by  the unfolded values of all `Assisted-by` trailers of the block, in order, whoever wrote them
    version      `v1`
    moment       when, by the desk's clock: `2026-11-23T14:02:11Z`
    parameters   name and value of each token of `Sox-Record`, in order; names that are not known are kept
    signature    the SSHSIG blob; None before it is signed
    """

    assistance: str
    assisted_by: tuple[str, ...]
    version: str
    moment: str
    parameters: tuple[tuple[str, str], ...]
    signature: bytes | None = None

    def parameter(self, name: str) -> str:
        """The value of a parameter, "" if it is not there."""
        for key, value in self.parameters:
            if key == name:
                return value
        return ""


class Reading(Struct):
    """What reading a message gave.

    record    None if there is any problem
    problems  pairs of kind and detail. `absent`: neither Sox-Record nor Sox-Signature is in the final block (what
              AI-Assistance alone says was recorded by nobody); `partial`: something of a record is there, but not all;
              `doubled`, `malformed`, `unknown-version`. The detail is one line, safe to print
    misplaced see `record.trailers.misplaced`; no reason to distrust the record
    """

    record: Record | None
    problems: tuple[tuple[str, str], ...] = ()
    misplaced: tuple[tuple[str, str], ...] = ()


def read(message: bytes) -> Reading:
    """The record of a stored message. Never raises."""
    lines = block_lines(message)
    own: dict[bytes, list[bytes]] = {}
    tools: list[tuple[bytes, list[bytes]]] = []
    doubled: list[bytes] = []
    count = 0
    for key, group in split_block(lines):
        name = key.lower()
        if name == _ASSISTED_BY_KEY:
            tools.append((key, group))
        elif name in OWN_KEYS:
            count += 1
            if name in own:
                doubled.append(name)
            own[name] = group
    low = message.lower()
    strays: tuple[tuple[str, str], ...] = ()
    if low.count(b"ai-assistance") + low.count(b"sox-record") + low.count(b"sox-signature") != count:
        strays = misplaced(message)
    elif not message.isascii():
        strays = look_alikes(message, ascii_too=False)
    if b"sox-record" not in own and b"sox-signature" not in own:
        return Reading(None, ((ABSENT, "AI-Assistance stands alone" if own else "no record"),), strays)
    problems: list[tuple[str, str]] = []
    if doubled:
        problems.append((DOUBLED, ", ".join(sorted({_title(key) for key in doubled})) + " more than once"))
    missing = OWN_KEYS.difference(own)
    if missing:
        problems.append((PARTIAL, "no " + ", no ".join(sorted(_title(key) for key in missing))))
    if b"\0" in message:
        problems.append((MALFORMED, "the message holds a NUL byte: git shows less than is stored"))
    if len(message) > MAX_BLOCK and sum(map(len, lines)) > MAX_BLOCK:
        problems.append((MALFORMED, f"the last paragraph is longer than {MAX_BLOCK} bytes"))
    if problems:
        return Reading(None, tuple(problems), strays)
    found = _parse(own, tools)
    if isinstance(found, Record):
        return Reading(found, (), strays)
    return Reading(None, (found,), strays)


def final_assisted_by(message: Layout, ours: Iterable[str]) -> tuple[str, ...]:
    """The values of `Assisted-by` that the final block will have once a record with the tools `ours` is written.

    This is what goes into the statement that is signed: what a person typed in the block that is joined, as it stands,
    and then those of ours that nobody typed.
    """
    values = _typed(message)
    for value in ours:
        if value not in values:
            values.append(value)
    return tuple(values)


def write(message: Layout, record: Record) -> bytes:
    """The message file with this record, which must be signed and hold the values of `final_assisted_by`.

    Old records in the final block are replaced; writing twice gives the same bytes. A message that git will refuse as
    empty comes back as it is. Raises `UsageError` if the stored message would not read back as this record.
    """
    if aborts(message):
        return b"".join(message.lines)
    if record.signature is None or final_assisted_by(message, record.assisted_by) != record.assisted_by:
        raise ValueError("not signed, or not the tools that a reader will find")
    typed = _typed(message)
    lines = [trailer(ASSISTED_BY, value) for value in record.assisted_by if value not in typed]
    lines += record_lines(record.version, record.moment, record.parameters)
    lines += signature_lines(record.signature)
    first = trailer(ASSISTANCE, record.assistance)
    written = join_block(message, lines, is_own, first, ASSISTANCE.lower().encode())
    back = read(stored(message.again(written)))
    if back.record != record:
        kind, detail = (
            back.problems[0] if back.problems else (MALFORMED, "something in it is read as part of the record")
        )
        raise UsageError(
            f"the commit message cannot carry a record ({kind}: {detail})",
            why="what is written must read back the same, or every verification would fail",
            fix="shorten or reword the last paragraph of the message",
        )
    return written


def render(record: Record) -> list[bytes]:
    """All lines of a record, as in a message where nobody typed anything."""
    return [
        trailer(ASSISTANCE, record.assistance),
        *[trailer(ASSISTED_BY, value) for value in record.assisted_by],
        *record_lines(record.version, record.moment, record.parameters),
        *(signature_lines(record.signature) if record.signature is not None else []),
    ]


def _typed(message: Layout) -> list[str]:
    paragraph, _ = without(message, is_own)
    if not joins(message, paragraph):
        return []
    dropped = message.dropped
    text = [line for line in paragraph if not is_dropped(line, dropped)]
    if message.utf8:
        text = [in_utf8(line) for line in text]
    return [unfold(key, group) for key, group in split_block(text) if key.lower() == _ASSISTED_BY_KEY]


def _title(key: bytes) -> str:
    return {b"ai-assistance": "AI-Assistance", b"sox-record": "Sox-Record"}.get(key, "Sox-Signature")


def _parse(own: dict[bytes, list[bytes]], tools: list[tuple[bytes, list[bytes]]]) -> Record | tuple[str, str]:
    """The record, or the first thing that is wrong with it."""
    text = unfold(b"sox-record", own[b"sox-record"])
    if not (text.isascii() and text.isprintable()):
        return MALFORMED, "Sox-Record is not printable ASCII"
    tokens = text.split(" ")
    version = tokens[0]
    if version != VERSION:
        if version[:1] == "v" and version[1:].isdigit():
            return UNKNOWN_VERSION, f"Sox-Record has version {version[:20]}"
        return MALFORMED, f"Sox-Record begins with {version[:20]!r} and not with a version"
    moment = tokens[1] if len(tokens) > 1 else ""
    if not is_moment(moment):
        return MALFORMED, f"Sox-Record has no time, but {moment[:30]!r}"
    parameters: dict[str, str] = {}
    for token in tokens[2:]:
        name, equals, value = token.partition("=")
        if not (equals and value and name[:1] in _LETTERS and not name.strip(_NAME)):
            return MALFORMED, f"Sox-Record has {token[:40]!r}, which is not NAME=VALUE"
        if name in parameters:
            return MALFORMED, f"the parameter {name} of Sox-Record stands there twice"
        parameters[name] = value
    for name in REQUIRED:
        if name not in parameters:
            return MALFORMED, f"Sox-Record has no {name}"
    wrong = _ill_formed(parameters)
    if wrong:
        return MALFORMED, f"{wrong} of Sox-Record is {parameters[wrong][:80]!r}"
    assistance = unfold(b"ai-assistance", own[b"ai-assistance"])
    if assistance not in CLAIMS:
        return MALFORMED, f"AI-Assistance is {printable(assistance, 40)!r} and none of: {', '.join(CLAIMS)}"
    if len(tools) > MAX_TOOLS:
        return MALFORMED, f"more than {MAX_TOOLS} Assisted-by trailers"
    body = unfold(b"sox-signature", own[b"sox-signature"]).replace(" ", "").encode("ascii", "replace")
    try:
        signature = a2b_base64(body)
    except BinasciiError:
        signature = b""
    if not signature or b2a_base64(signature, newline=False) != body:
        return MALFORMED, "Sox-Signature is not canonical base64"
    values = tuple([unfold(key, group) for key, group in tools])
    return Record(assistance, values, version, moment, tuple(parameters.items()), signature)


def _ill_formed(parameters: dict[str, str]) -> str:
    """The name of the first parameter whose value cannot be what it should be, "" if all can."""
    policy = parameters["policy"]
    if len(policy) not in (40, 64) or policy.strip(_HEX):
        return "policy"
    for name in ("change", "patch"):
        digest = parameters[name]
        if len(digest) != 43 or digest.strip(_BASE64URL) or digest[42] not in _LAST_OF_32_BYTES:
            return name
    parts = parameters["log"].split(".")
    return "log" if len(parts) != 3 or not all(parts) or not _is_index(parts[1]) else ""


def _is_index(text: str) -> bool:
    """A positive number in one spelling, and none that takes a minute to read (`int` refuses 4,301 digits)."""
    return text.isdigit() and text[0] != "0" and len(text) <= 15
