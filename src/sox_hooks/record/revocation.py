"""Ending the validity of enrolled keys: `valid-before` on their lines, so that what they signed before still holds."""

from __future__ import annotations

import os
import re

from sox_hooks.core import clock
from sox_hooks.core.errors import UsageError
from sox_hooks.core.sshkeys import KEY_TYPES, fingerprint
from sox_hooks.core.sshwire import WireError, decode_base64, encode_base64
from sox_hooks.core.text import printable
from sox_hooks.policy.document import meant
from sox_hooks.policy.model import Person, Signer
from sox_hooks.policy.source import PEOPLE, SIGNERS
from sox_hooks.record.policy_edits import people_in, read_file, signers_in, write_file
from sox_hooks.record.public_keys import parse_file, parse_line

_BEFORE = re.compile(rb'valid-before="[^"]*"')


def revoke_keys(sox_folder: str, which: str, moment: str, reason: str) -> tuple[Signer, ...]:
    """Let the keys that `which` names (see `select`) count until `moment` and no longer; the lines that changed.

    `reason` goes into a comment above each line. Keys that end earlier already stay as they are. Raises `UsageError`
    for a key that is not there and a reason or moment that cannot be used, `ConfigError` for files that are broken.
    """
    reason = reason.strip()
    if not reason or not reason.isprintable():
        raise UsageError("a revocation needs a reason, on one line", fix="--reason 'left the company'")
    if not clock.is_moment(moment):
        raise UsageError(
            f"{printable(moment, 60)!r} is not a moment", fix=f"write it as {clock.now()} (UTC, to the second)"
        )
    people = people_in(read_file(sox_folder, PEOPLE))
    data = read_file(sox_folder, SIGNERS)
    signers = signers_in(data, people)
    chosen = select(signers, people, which)
    changed = [signer for signer in chosen if not signer.valid_before or signer.valid_before > moment]
    lines = data.split(b"\n")
    for signer in sorted(changed, key=_line, reverse=True):
        if signer.valid_after >= moment:
            raise UsageError(
                f"the key {fingerprint(decode_base64(signer.key))} is valid only after {signer.valid_after}",
                where=str(signer.place),
                why="a validity that ends before it begins is no validity",
                fix="remove the line, or give a later --at",
            )
        at = _line(signer) - 1
        end = b"\r" if lines[at].endswith(b"\r") else b""
        lines[at] = _with_end(lines[at], signer, moment)
        lines.insert(at, f"# valid until {moment}: {reason}".encode() + end)
    new = b"\n".join(lines)
    ended = tuple([signer.replace(valid_before=moment) for signer in changed])
    expected = [{signer.key: signer for signer in ended}.get(signer.key, signer) for signer in signers]
    if [_bare(signer) for signer in signers_in(new, people)] != [_bare(signer) for signer in expected]:
        raise RuntimeError("the changed file says something else than was meant")
    if changed:
        write_file(sox_folder, SIGNERS, new)
    return ended


def select(signers: tuple[Signer, ...], people: tuple[Person, ...], which: str) -> tuple[Signer, ...]:
    """The signers that somebody means by a fingerprint (`SHA256:...`), a public key or its file, an address or the id
    of a person. Raises `UsageError` if there are none.
    """
    key = _key(which)
    if key:
        found = [signer for signer in signers if signer.key == key]
    elif which.startswith("SHA256:"):
        found = [signer for signer in signers if fingerprint(decode_base64(signer.key)) == which]
    else:
        owners = [
            person.id
            for person in people
            if which == person.id or which.casefold() in [address.casefold() for address in person.emails]
        ]
        found = [signer for signer in signers if signer.person in owners]
    if not found:
        names = [name for person in people for name in (person.id, *person.emails)]
        raise UsageError(
            f"no enrolled key fits {printable(which, 100)!r}{meant(which, names)}",
            why="a key is named by its fingerprint, its .pub file, or the address or id of its person",
            fix="sox-hooks keys list",
        )
    return tuple(found)


def _key(which: str) -> str:
    """The base64 of a public key that was given as a line or as a file, or ""."""
    try:
        if which.split(" ", 1)[0] in KEY_TYPES:
            return encode_base64(parse_line(which).key.blob)
        if os.path.isfile(which):
            with open(which, "rb") as file:
                return encode_base64(parse_file(file.read(1 << 16)).key.blob)
    except (WireError, OSError, ValueError) as error:
        raise UsageError(f"this is not a public key: {printable(str(error))}", where=printable(which, 200)) from None
    return ""


def _line(signer: Signer) -> int:
    return signer.place.line if signer.place else 0


def _bare(signer: Signer) -> Signer:
    return signer.replace(place=None)


def _with_end(line: bytes, signer: Signer, moment: str) -> bytes:
    """The line with another `valid-before`. Its options are what stands before the key's type (the strict form)."""
    stamp = b'valid-before="' + re.sub(r"[-:T]", "", moment).encode() + b'"'
    key = line.index(signer.key.encode())
    options_end = len(line[: line.rindex(signer.key_type.encode(), 0, key)].rstrip(b" \t"))
    head, tail = line[:options_end], line[options_end:]
    if signer.valid_before:
        return _BEFORE.sub(stamp, head) + tail
    return head + b"," + stamp + tail
