"""Who answers for the change: known, the author, trained, with the right kind of key."""

from __future__ import annotations

from sox_hooks.core.text import printable
from sox_hooks.policy.case import Objection, holds, reason, where
from sox_hooks.policy.directory import answers_to
from sox_hooks.policy.model import ASSISTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.policy.case import Case
    from sox_hooks.policy.model import Person


def objections(case: Case) -> Iterator[Objection]:
    """What there is to say about the person (SOX401, SOX402, SOX405, SOX406)."""
    if case.person is None:
        yield _not_known(case)
    else:
        yield from _somebody_else(case, case.person)
        yield from _training(case, case.person)
    yield from _key(case)


def _not_known(case: Case) -> Objection:
    email = printable(case.facts.author_email, 100) or "an author without an e-mail address"
    if case.facts.person:
        return Objection("SOX401", f"{printable(case.facts.person, 60)} is not in people.toml")
    return Objection("SOX401", f"nobody in .sox/ answers for this change by {email}: no enrolled key goes with it")


def _somebody_else(case: Case, person: Person) -> Iterator[Objection]:
    """A service is no exemption: automation commits under its own address and key."""
    email = case.facts.author_email
    if case.policy.record_for_others or answers_to(person, email):
        return
    owner = next((other.id for other in case.policy.people if answers_to(other, email)), "")
    belongs = f"belongs to {owner}" if owner else "is nobody's in people.toml"
    yield Objection(
        "SOX405",
        f"the author's address {printable(email, 100) or '(none)'} {belongs}, and the key is {person.id}'s",
        why=f"people.{person.id} has the addresses: {', '.join(map(printable, person.emails)) or 'none'}",
        place=person.place,
    )


def _training(case: Case, person: Person) -> Iterator[Objection]:
    """Only whoever uses AI must be trained in it. Each topic is named once, for the strictest tier that asks for it."""
    if case.claim.assistance != ASSISTED:
        return
    named: set[str] = set()
    for touched in case.touched:
        for topic in touched.tier.training:
            if topic in named or holds(person.trainings, topic, case.day):
                continue
            named.add(topic)
            yield Objection(
                "SOX402",
                f"{person.id} {_since(person, topic, case.day)}: {where(touched)}",
                why=f"tier {touched.tier.name} asks for training in {topic}; {reason(touched.paths[0])}",
                place=touched.tier.place,
                paths=touched.paths,
            )


def _since(person: Person, topic: str, day: str) -> str:
    mine = [entry for entry in person.trainings if entry.name == topic]
    ended = max((entry.end for entry in mine if entry.end and entry.end < day), default="")
    begins = min((entry.start for entry in mine if entry.start > day), default="")
    if ended:
        return f"has no valid training in {topic} since {ended}"
    return f"is trained in {topic} only from {begins}" if begins else f"has no training in {topic}"


def _key(case: Case) -> Iterator[Objection]:
    if case.facts.key_touched is not False:  # None: there is no signature yet
        return
    for touched in case.touched:
        if touched.tier.key == "hardware":
            yield Objection(
                "SOX406",
                f"a person must have touched the key that signs: {where(touched)}",
                why=f'tier {touched.tier.name} has key = "hardware"; {reason(touched.paths[0])}',
                place=touched.tier.place,
                paths=touched.paths,
            )
