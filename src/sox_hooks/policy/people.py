"""`people.toml`: persons and services, with everything that tells who somebody is and what they may do when."""

from __future__ import annotations

from sox_hooks.policy.document import dotted, quoted
from sox_hooks.policy.grammar import Day, Group, Key, Many, Named, Text, check
from sox_hooks.policy.model import Dated, Person
from sox_hooks.policy.sections import LINE, NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sox_hooks.policy.document import Document

# Deliberately not RFC 5322: what git, allowed_signers and forges all take without quoting.
EMAIL = Text(
    r"""[^\x00-\x20\x7f-\xa0"'(),:;<>@\\*?!]+@[^\x00-\x20\x7f-\xa0"'(),:;<>@\\*?!]+""", "an e-mail address", longest=254
)
ACCOUNT = Text(
    r"[a-z][a-z0-9.-]*:[^\x00-\x20\x7f-\xa0:]+", 'a forge and a login, such as "github:octocat"', longest=200
)

_ROLE = Group(
    (
        Key("role", NAME, "The name of the role", required=True),
        Key("from", Day(), "First day", required=True),
        Key("until", Day(), "Last day; open if it is not given"),
    )
)

_TRAINING = Group(
    (
        Key("topic", NAME, "What was taught", required=True),
        Key("on", Day(), "The day it was completed", required=True),
        Key("valid_until", Day(), "Last day on which it counts; open if it is not given"),
        Key("material", LINE, "Which version of the material was taught, or its digest"),
    )
)

_PERSON = Group(
    (
        Key("name", LINE, "The name for people", required=True),
        Key(
            "kind",
            Text(values=("person", "service")),
            "service: automation with its own key (release bots, dependency bots, CI)",
            default="person",
        ),
        Key(
            "emails",
            Many(EMAIL, least=1),
            "Every address that this person commits with",
            required=True,
            unless=("kind", "service"),
        ),
        Key("accounts", Many(ACCOUNT), 'Accounts at forges, such as "github:octocat"'),
        Key("roles", Many(_ROLE), "Roles with their days"),
        Key("trainings", Many(_TRAINING), "Trainings with their days"),
    )
)

PEOPLE_FILE = Group((Key("people", Named(NAME, _PERSON, least=1), "Persons and services by id", required=True),))


def read_people(document: Document) -> tuple[Person, ...]:
    """Everybody in the file. Addresses and accounts belong to one of them only, whatever their case."""
    entries = check(document, PEOPLE_FILE, document.data)["people"]
    _only_one_owner(document, entries, "emails")
    _only_one_owner(document, entries, "accounts")
    return tuple([_person(document, name, entry) for name, entry in entries.items()])


def _person(document: Document, name: str, entry: dict[str, Any]) -> Person:
    path = ("people", name)
    for index, role in enumerate(entry["roles"]):
        document.in_order(role, "from", "until", *path, "roles", index)
    for index, training in enumerate(entry["trainings"]):
        document.in_order(training, "on", "valid_until", *path, "trainings", index)
    return Person(
        id=name,
        name=entry["name"],
        kind=entry["kind"],
        emails=tuple(entry["emails"]),
        accounts=tuple(entry["accounts"]),
        roles=tuple([Dated(role["role"], role["from"], role["until"]) for role in entry["roles"]]),
        trainings=tuple(
            [Dated(row["topic"], row["on"], row["valid_until"], row["material"]) for row in entry["trainings"]]
        ),
        place=document.key(*path),
    )


def _only_one_owner(document: Document, entries: dict[str, Any], key: str) -> None:
    owners: dict[str, str] = {}
    for name, entry in entries.items():
        for index, value in enumerate(entry[key]):
            if not value:
                continue
            owner = owners.setdefault(value.casefold(), name)
            if owner != name:
                document.report(
                    "SOX006",
                    f"{quoted(value)} belongs to {dotted(('people', owner))} and to {dotted(('people', name))}",
                    "people", name, key, index,
                )  # fmt: skip
