"""Entering a key, and if need be its person, into the `.sox/` of a work tree. It counts once it is merged."""

from __future__ import annotations

import re

from sox_hooks.core import clock
from sox_hooks.core.errors import ConfigError, UsageError
from sox_hooks.core.sshwire import WireError, encode_base64
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.policy.model import Person
from sox_hooks.policy.signers import NAMESPACES
from sox_hooks.policy.source import PEOPLE, SIGNERS
from sox_hooks.policy.starter.starter import toml_text
from sox_hooks.record.own_keys import candidate_keys, make_key, public_line
from sox_hooks.record.policy_edits import append_lines, people_in, read_file, signers_in, write_file
from sox_hooks.record.public_keys import PublicKeyLine, parse_line

__all__ = ["EnrolmentResult", "candidate_keys", "enrol_key", "make_key", "person_id", "public_line", "signer_line"]


class EnrolmentResult(Struct):
    """What came of it: whether a file was `changed`, and the id of the person who has the key."""

    changed: bool
    person: str


def enrol_key(sox_folder: str, email: str, name: str, key_line: str) -> EnrolmentResult:
    """See to it that `allowed_signers` lists a key for the person with an address, and `people.toml` the person.

    `key_line` is `keytype base64 [comment]`. Done already, it changes nothing. All other bytes of both files stay.
    Raises `UsageError` for a key or an address that cannot be entered, `ConfigError` where the files are broken or
    say something else about the key, `EnvironmentProblem` where they cannot be written.
    """
    line = _key(key_line)
    old_people, old_signers = read_file(sox_folder, PEOPLE), read_file(sox_folder, SIGNERS)
    if not old_people:
        raise ConfigError("there is no .sox/people.toml to enter the person in", fix="sox-hooks init")
    people = people_in(old_people)
    person = _person(people, email)
    new_people = old_people
    if person is None:
        new_people, person = _with_person(old_people, people, email, name)
        people = (*people, person)
    signers = signers_in(old_signers, people)
    listed = [signer for signer in signers if signer.key == encode_base64(line.key.blob)]
    new_signers = old_signers
    if not listed:
        new_signers = append_lines(old_signers, [signer_line(email, line)])
        added = signers_in(new_signers, people)[len(signers) :]
        if [(signer.person, signer.key) for signer in added] != [(person.id, encode_base64(line.key.blob))]:
            raise _not_an_address(email)
    elif listed[0].person != person.id:
        raise ConfigError(
            f"this key is enrolled for {listed[0].person}, not for {person.id}",
            where=str(listed[0].place),
            why="one key stands for one person",
            fix="sox-hooks keys enrol --new",
        )
    elif listed[0].valid_before and listed[0].valid_before < clock.now():
        raise ConfigError(
            f"this key was valid only until {listed[0].valid_before}",
            where=str(listed[0].place),
            why="a key that was taken back must not come back under the same line",
            fix="sox-hooks keys enrol --new",
        )
    # The person first: a person without a key does no harm, a key without a person makes the policy unusable.
    for file, old, new in ((PEOPLE, old_people, new_people), (SIGNERS, old_signers, new_signers)):
        if new != old:
            write_file(sox_folder, file, new)
    return EnrolmentResult((new_people, new_signers) != (old_people, old_signers), person.id)


def signer_line(email: str, line: PublicKeyLine) -> str:
    """A line of `allowed_signers` for a key of the person with an address."""
    return f"{email} {NAMESPACES} {line}"


def person_id(email: str, taken: tuple[str, ...] = ()) -> str:
    """An id for `people.toml`, made from the part of an address before the @; not one of `taken`."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", email.partition("@")[0].lower()).strip("._-")[:40] or "person"
    found, number = plain, 1
    while found in taken:
        number += 1
        found = f"{plain}-{number}"
    return found


def _key(key_line: str) -> PublicKeyLine:
    try:
        return parse_line(key_line)
    except WireError as error:
        raise UsageError(f"this key cannot be enrolled: {error}", fix="sox-hooks keys enrol --new") from None


def _person(people: tuple[Person, ...], email: str) -> Person | None:
    for person in people:
        if email.casefold() in [address.casefold() for address in person.emails]:
            return person
    return None


def _with_person(data: bytes, people: tuple[Person, ...], email: str, name: str) -> tuple[bytes, Person]:
    """`people.toml` with one person more, and that person as the loader reads it back."""
    identifier = person_id(email, tuple([person.id for person in people]))
    key = identifier if re.fullmatch(r"[A-Za-z0-9_-]+", identifier) else toml_text(identifier)
    name = printable(name or identifier, 100)
    table = [f"[people.{key}]", f"name = {toml_text(name)}", f"emails = [{toml_text(email)}]"]
    try:
        (person,) = people_in(append_lines(b"", table))
    except ConfigError:
        raise _not_an_address(email) from None
    new = append_lines(data, ["", *table])
    try:
        # Places change, everything else must not.
        added = [entry.replace(place=None) for entry in people_in(new)]
    except ConfigError:
        added = []
    if added != [entry.replace(place=None) for entry in (*people, person)]:
        raise ConfigError(
            "the person cannot be added to the end of .sox/people.toml without changing what it says",
            fix=f"add by hand: {identifier} = {{ name = {toml_text(name)}, emails = [{toml_text(email)}] }}",
        )
    return new, person


def _not_an_address(email: str) -> UsageError:
    return UsageError(
        f"{printable(email, 100)!r} cannot stand in .sox/ as the address of a person",
        why="it must be one plain address, as git, OpenSSH and forges take it without quoting",
        fix="git config user.email ADDRESS",
    )
