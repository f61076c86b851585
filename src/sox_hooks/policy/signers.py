"""`allowed_signers`: OpenSSH's own format (ssh-keygen(1), ALLOWED SIGNERS), read more strictly than `ssh-keygen` does.

    alice@bank.example,ng@bank.example namespaces="sox-record",valid-before="20270101Z" ssh-ed25519 AAAA... comment

What is accepted here means the same to `ssh-keygen -Y verify -n sox-record`. What it accepts beyond that is refused,
because a signature would then not tell who made it: wildcards, negations, one key for two persons, certificate
authorities, keys for every namespace, times in whatever zone the verifier lives in. A second line for a key is
refused too: for `ssh-keygen` any one line that fits is enough, so it would undo the limits of the first.
"""

from __future__ import annotations

from sox_hooks.core.clock import is_moment
from sox_hooks.core.findings import Finding, Place
from sox_hooks.core.sshkeys import KEY_TYPES, fingerprint, read_public_key, refusal_of_type
from sox_hooks.core.sshwire import WireError, decode_base64
from sox_hooks.policy.document import ENOUGH, LIMIT, meant, quoted
from sox_hooks.policy.model import Person, Signer
from sox_hooks.policy.rules import finding

NAMESPACES = 'namespaces="sox-record"'
_VALID_AFTER, _VALID_BEFORE = "valid-after", "valid-before"
_OPTIONS = ("namespaces", _VALID_AFTER, _VALID_BEFORE)
# OpenSSH's match_pattern_list has room for 1,023 bytes a pattern and takes a longer one for no match at all.
_MAX_PRINCIPAL = 320
_BLANK = " \t"


class _Wrong(Exception):
    """What is wrong with a line: the message, the offset in the line, and how to mend this case."""

    def __init__(self, message: str, at: int, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.fix = fix


def parse_allowed_signers(
    data: bytes, file: str, people: tuple[Person, ...]
) -> tuple[tuple[Signer, ...], tuple[Finding, ...]]:
    """The signers of a file, and what is wrong with it: at most one finding (SOX009) a line.

    Lines end with LF or CRLF. `valid_after` and `valid_before` of the signers are moments, both included.
    """
    if len(data) > LIMIT:
        return (), (finding("SOX009", f"{file} is larger than {LIMIT // 1024 // 1024} MiB", place=Place(file)),)
    owners = {address.casefold(): person for person in people for address in person.emails}
    signers: list[Signer] = []
    findings: list[Finding] = []
    lines_of_keys: dict[str, int] = {}
    for number, raw in enumerate(data.split(b"\n"), 1):
        try:
            signer = _signer(_text(raw, number), Place(file, number), owners)
            if signer is None:
                continue
            first = lines_of_keys.setdefault(signer.key, number)
            if first != number:
                raise _Wrong(
                    f"the key {fingerprint(decode_base64(signer.key))} is on line {first} already",
                    raw.index(signer.key.encode()),
                    "Keep one of the two lines; to replace a key, list a new one",
                )
            signers.append(signer)
        except _Wrong as wrong:
            fields = {"fix": wrong.fix} if wrong.fix else {}
            findings.append(finding("SOX009", wrong.message, place=Place(file, number, wrong.at + 1), **fields))
            if len(findings) >= ENOUGH:
                break
    return tuple(signers), tuple(findings)


def _text(raw: bytes, number: int) -> str:
    """The line without its end. What would make two readers see two different lines is refused."""
    raw = raw.removesuffix(b"\r")
    if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
        raise _Wrong("the file begins with a byte order mark", 0, "Save it as UTF-8 without BOM")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Wrong("the line is not UTF-8", len(raw[: error.start].decode("utf-8"))) from None
    for at, char in enumerate(text):
        if (char < " " and char != "\t") or char == "\x7f":
            raise _Wrong("the line holds a control character", at)
    return text


def _signer(text: str, place: Place, owners: dict[str, Person]) -> Signer | None:
    """The signer on a line, or None for an empty line or a comment."""
    at = _skip(text, 0)
    if at == len(text) or text[at] == "#":
        return None
    start = at
    principals, at = _principals(text, at)
    person = _owner(principals, start, owners)
    at = _skip(text, at)
    first, end = _field(text, at)
    if first in KEY_TYPES:
        raise _Wrong(
            f"the line lacks {NAMESPACES}: the key would sign for every purpose",
            at,
            f"Insert {NAMESPACES} before {first}",
        )
    options = _options(text, at, end)
    at = _skip(text, end)
    key_type, end = _field(text, at)
    if key_type not in KEY_TYPES:
        if not key_type:
            raise _Wrong("the line ends before its key", at)
        near = meant(key_type, KEY_TYPES)
        raise _Wrong(f"the key type {quoted(key_type)} is not accepted: {refusal_of_type(key_type)}{near}", at)
    at = _skip(text, end)
    key, _ = _field(text, at)
    try:
        found = read_public_key(decode_base64(key))
    except WireError as error:
        raise _Wrong(f"the key cannot be used: {error}", at) from None
    if found.type != key_type:
        raise _Wrong(f"the key inside is {found.type}, not {key_type}", at)
    return Signer(
        person=person.id,
        principals=principals,
        key_type=key_type,
        key=key,
        valid_after=options.get(_VALID_AFTER, ""),
        valid_before=options.get(_VALID_BEFORE, ""),
        place=place,
    )


def _principals(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """The first field. Quotes may stand around the whole of it, as OpenSSH allows."""
    if text[at] == '"':
        close = text.find('"', at + 1)
        if close < 0:
            raise _Wrong("the quote before the principals is not closed", at)
        listed, end = text[at + 1 : close], close + 1
        if end < len(text) and text[end] not in _BLANK:
            raise _Wrong("a space must follow the quoted principals", end)
        at += 1
    else:
        listed, end = _field(text, at)
        if '"' in listed:
            raise _Wrong("a quote inside the principals ends them for OpenSSH", at + listed.index('"'))
    principals = tuple(listed.split(","))
    for principal in principals:
        shown = quoted(principal)
        if not principal:
            raise _Wrong("the list of principals has an empty entry", at)
        if principal.startswith("!"):
            raise _Wrong(f"the principal {shown} is a negation; list the addresses that are meant", at)
        if "*" in principal or "?" in principal:
            raise _Wrong(f"the principal {shown} is a wildcard; list the addresses that are meant", at)
        if len(principal.encode()) > _MAX_PRINCIPAL:
            raise _Wrong(f"the principal {shown} is longer than any address", at)
        at += len(principal) + 1
    return principals, end


def _owner(principals: tuple[str, ...], at: int, owners: dict[str, Person]) -> Person:
    """The one person to whom all principals belong."""
    persons = []
    for principal in principals:
        person = owners.get(principal.casefold())
        if person is None:
            raise _Wrong(
                f"the principal {quoted(principal)} is nobody's address in people.toml{meant(principal, owners)}",
                at,
                "Add the address to the emails of its person in .sox/people.toml, or correct it here",
            )
        persons.append(person)
        if person.id != persons[0].id:
            raise _Wrong(f"the key is listed for {persons[0].id} and for {person.id}; a key belongs to one person", at)
        at += len(principal) + 1
    return persons[0]


def _options(text: str, at: int, end: int) -> dict[str, str]:
    """The options field, as moments by name; it stands in `text[at:end]`, separated by commas."""
    options: dict[str, str] = {}
    start = at
    while True:
        name, at = _option_name(text, at, end)
        if name in options:
            raise _Wrong(f"the option {name} is repeated", at)
        begin = at + len(name) + 2
        close = text.find('"', begin, end)
        if text[begin - 1 : begin] != '"' or close < 0:
            raise _Wrong(f'the value of {name} must be in double quotes: {name}="..."', at)
        value = text[begin:close]
        if name != "namespaces":
            options[name] = _moment(value, begin)
        elif value != "sox-record":
            raise _Wrong(
                f"the namespaces must be exactly {NAMESPACES}, not {quoted(value)}", begin, f"Write {NAMESPACES}"
            )
        else:
            options[name] = value
        at = close + 1
        if at == end:
            break
        if text[at] != ",":
            raise _Wrong("a comma or a space must follow an option", at)
        at += 1
    if "namespaces" not in options:
        raise _Wrong(f"the options lack {NAMESPACES}: the key would sign for every purpose", start)
    after, before = options.get(_VALID_AFTER, ""), options.get(_VALID_BEFORE, "")
    if after and before and before <= after:
        raise _Wrong(f"valid-before ({before}) is not later than valid-after ({after})", start)
    return options


def _option_name(text: str, at: int, end: int) -> tuple[str, int]:
    for name in _OPTIONS:
        if text.startswith(f"{name}=", at, end):
            return name, at
    name = text[at:end].split("=", 1)[0].split(",", 1)[0]
    if name.lower() == "cert-authority":
        raise _Wrong("cert-authority lets somebody else say whose key it is; list the keys of persons", at)
    if name.lower() in _OPTIONS:
        raise _Wrong(f"the option {quoted(name)} must be written {name.lower()}=, in lower case, with its value", at)
    raise _Wrong(f"the option {quoted(name)} is not one of {', '.join(_OPTIONS)}{meant(name, _OPTIONS)}", at)


def _moment(value: str, at: int) -> str:
    """`YYYYMMDDZ`, `YYYYMMDDHHMMZ` or `YYYYMMDDHHMMSSZ` as a moment."""
    digits = value[:-1]
    if value[-1:] != "Z" or not digits.isdigit() or not digits.isascii() or len(digits) not in (8, 12, 14):
        raise _Wrong(
            f"the time {quoted(value)} must be written YYYYMMDDZ, YYYYMMDDHHMMZ or YYYYMMDDHHMMSSZ (Z: in UTC)",
            at,
            "Write the time in UTC with a Z at the end; without it, it means another moment on every machine",
        )
    full = digits.ljust(14, "0")
    moment = f"{full[:4]}-{full[4:6]}-{full[6:8]}T{full[8:10]}:{full[10:12]}:{full[12:]}Z"
    # OpenSSH keeps times as seconds since 1970, and takes 0 for "not given".
    if not is_moment(moment) or full[12:] == "60" or moment <= "1970-01-01T00:00:00Z":
        raise _Wrong(f"the time {quoted(value)} does not exist", at)
    return moment


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _field(text: str, at: int) -> tuple[str, int]:
    """The text up to the next blank, and where it ends."""
    end = at
    while end < len(text) and text[end] not in _BLANK:
        end += 1
    return text[at:end], end
