"""Exceptions: somebody with the role has allowed a tool, for persons, paths and days.

An exception lifts what a tier or the register has against a tool on paths: SOX201, SOX202, SOX203, SOX303, SOX304,
SOX306, SOX308, SOX309 and SOX311. It does not lift

* SOX301: an exception names a tool of the register, so that the register stays the list of all that may be used;
* SOX302 and SOX310: who wants to allow a prohibited or revoked tool again changes the register;
* SOX305, SOX307, SOX101, SOX103, SOX106: nobody needs an exception to say what they did;
* SOX4xx: training, keys and standing belong to the person, not to the tool.

One exception must cover all the paths that an objection is about.
"""

from __future__ import annotations

from sox_hooks.core.findings import NOTE
from sox_hooks.core.text import printable
from sox_hooks.policy.case import Objection, holds, paths_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.policy.case import Case
    from sox_hooks.policy.match import PathMatcher
    from sox_hooks.policy.model import PolicyException


def lifted(case: Case, objections: list[Objection], matcher: PathMatcher) -> tuple[list[Objection], tuple[str, ...]]:
    """The objections after exceptions, with what there is to say about those (SOX403), and the ids that were used."""
    named = case.facts.exceptions
    considered = sorted([one for one in case.policy.exceptions if not named or one.id in named], key=lambda one: one.id)
    problems = {one.id: problem(case, one) for one in considered}
    kept: list[Objection] = []
    open_ones: list[Objection] = []
    used: set[str] = set()
    for objection in objections:
        fitting = [
            one for one in considered if not problems[one.id] and not _gap(one, objection, matcher)
        ] if objection.liftable else []  # fmt: skip
        if fitting:
            used.add(fitting[0].id)
            kept.append(_note(objection, fitting[0]))
        else:
            kept.append(objection)
            if objection.liftable:
                open_ones.append(objection)
    if named:
        kept += _named(case, considered, problems, used, open_ones, matcher)
    else:
        kept += _near_misses(considered, problems, open_ones, matcher)
    return kept, tuple(sorted(used))


def problem(case: Case, exception: PolicyException) -> str:
    """Why an exception cannot be used by this person on this day, whatever the tool and the paths; "" if it can."""
    person = case.person.id if case.person is not None else ""
    if not person or person not in exception.persons:
        return f"is not for {person or 'an unknown person'}"
    if case.day < exception.starts:
        return f"begins on {exception.starts}"
    if case.day > exception.expires:
        return f"expired on {exception.expires}"
    approver = next((one for one in case.policy.people if one.id == exception.approved_by), None)
    role = case.policy.exceptions_approved_by
    if approver is None or approver.kind != "person" or not holds(approver.roles, role, exception.starts):
        return f"was not approved by a person with the role {role}"
    if approver.id == exception.requested_by or approver.id in exception.persons:
        return f"was approved by {approver.id}, who asked for it or profits from it"
    return ""


def _gap(exception: PolicyException, objection: Objection, matcher: PathMatcher) -> str:
    """What of the objection an exception leaves open; "" if it covers it."""
    if exception.tool != objection.tool:
        return f"is for {exception.tool}, not for {printable(objection.tool, 60)}"
    outside = tuple([path for path in objection.paths if not matcher.matches(exception.patterns, path.path)])
    return f"does not cover {paths_text(outside)}" if outside else ""


def _note(objection: Objection, exception: PolicyException) -> Objection:
    return objection.replace(
        severity=NOTE,
        message=f"{objection.message}; allowed by exception {exception.id} until {exception.expires}",
        why=f"{printable(exception.reason, 200)} ({printable(exception.ticket, 60)}), "
        f"approved by {exception.approved_by}",
        place=exception.place,
        fix=f"Nothing, until {exception.expires}",
    )


def _named(
    case: Case,
    considered: list[PolicyException],
    problems: dict[str, str],
    used: set[str],
    open_ones: list[Objection],
    matcher: PathMatcher,
) -> Iterator[Objection]:
    """What is wrong with the exceptions that the change claims. One that is fit but not needed is no fault."""
    for unknown in sorted(set(case.facts.exceptions) - {one.id for one in considered}):
        yield Objection("SOX403", f"there is no exception {printable(unknown, 60)} in exceptions.toml")
    for one in considered:
        trouble = problems[one.id]
        if not trouble and one.id not in used and open_ones:
            trouble = _gap(one, open_ones[0], matcher)
        if trouble:
            yield Objection("SOX403", f"exception {one.id} {trouble}", place=one.place)


def _near_misses(
    considered: list[PolicyException], problems: dict[str, str], open_ones: list[Objection], matcher: PathMatcher
) -> Iterator[Objection]:
    """Exceptions that would have lifted something, were it not for the day, the person or the approval."""
    for one in considered:
        if problems[one.id] and any(not _gap(one, objection, matcher) for objection in open_ones):
            yield Objection(
                "SOX403", f"exception {one.id} would allow it, but {problems[one.id]}", severity=NOTE, place=one.place
            )
