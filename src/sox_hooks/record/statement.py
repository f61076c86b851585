r"""What is signed: an in-toto Statement v1 in RFC 8785 JSON, in the pre-authentication encoding of DSSE v1.

The bytes, with spaces where there are spaces and no newline anywhere:

    DSSEv1 28 application/vnd.in-toto+json LENGTH STATEMENT

LENGTH is the number of bytes of STATEMENT in decimal, 28 that of the payload type. STATEMENT is this object without
white space, its members sorted by the UTF-16 code units of their names, as RFC 8785 says:

    {
      "_type": "https://in-toto.io/Statement/v1",
      "predicate": {
        "assistance": the value of AI-Assistance,
        "assistedBy": [the values of Assisted-by in the final block, unfolded, in order],
        "author": the author's e-mail address,
        "record": {
          "parameters": {NAME: VALUE for every parameter of Sox-Record},
          "time": the time in Sox-Record,
          "version": "v1"
        },
        "repository": the id of the repository in .sox/policy.toml
      },
      "predicateType": "urn:sox-hooks:commit-record:v1",
      "subject": [{"digest": {"sha256": the change digest in hexadecimal}, "name": "change"}]
    }

All values are strings. JSON holds Unicode only, so bytes that are not UTF-8 are signed under other names: the address
as `"authorBytes"` instead of `"author"`, the list as `"assistedByBytes"` instead of `"assistedBy"` (all values of it,
if one of them is not UTF-8), base64url of the bytes without padding.

Sources: https://github.com/in-toto/attestation (spec/v1/statement.md), https://github.com/secure-systems-lab/dsse
(protocol.md, 1.0), RFC 8785.
"""

from __future__ import annotations

from sox_hooks.core.digest import b64url, b64url_decode
from sox_hooks.core.text import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sox_hooks.record.record import Record

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:sox-hooks:commit-record:v1"

_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def payload(record: Record, repository: str, author_email: bytes) -> bytes:
    """The bytes that are signed. They can be rebuilt from the commit and the policy alone."""
    return pae(PAYLOAD_TYPE, statement(record, repository, author_email))


def pae(payload_type: str, body: bytes) -> bytes:
    """The pre-authentication encoding of DSSE v1."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)


def statement(record: Record, repository: str, author_email: bytes) -> bytes:
    """The statement as JSON. The record must be one that `record.read` accepts, apart from its signature."""
    predicate: dict[str, object] = {
        "assistance": record.assistance,
        "record": {"version": record.version, "time": record.moment, "parameters": dict(record.parameters)},
        "repository": repository,
    }
    try:
        predicate["author"] = author_email.decode("utf-8")
    except UnicodeDecodeError:
        predicate["authorBytes"] = b64url(author_email)
    if _is_unicode("".join(record.assisted_by)):
        predicate["assistedBy"] = record.assisted_by
    else:
        predicate["assistedByBytes"] = [b64url(encode(value)) for value in record.assisted_by]
    digest = b64url_decode(record.parameter("change")).hex()
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": "change", "digest": {"sha256": digest}}],
            "predicateType": PREDICATE_TYPE,
            "predicate": predicate,
        }
    ).encode("utf-8")


def canonical(value: object) -> str:
    """RFC 8785 JSON of strings, lists (tuples) and objects. Raises `TypeError` for anything else.

    Lone surrogates cannot be written as UTF-8; encoding the result raises `UnicodeEncodeError` then.
    """
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, (list, tuple)):
        return _array(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def quoted(text: str) -> str:
    """A JSON string (RFC 8785 section 3.2.2.2): the shortest escapes, everything else as it is."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    escaped = [_SHORT.get(char) or (f"\\u{ord(char):04x}" if char < " " else char) for char in text]
    return '"' + "".join(escaped) + '"'


def _object(members: Mapping[str, object]) -> str:
    names = sorted(members, key=None if "".join(members).isascii() else _code_units)
    return "{" + ",".join([quoted(name) + ":" + canonical(members[name]) for name in names]) + "}"


def _array(items: Sequence[object]) -> str:
    return "[" + ",".join([canonical(item) for item in items]) + "]"


def _code_units(name: str) -> bytes:
    # Big-endian, so that bytes sort as code units do.
    return name.encode("utf-16-be", "surrogatepass")


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
