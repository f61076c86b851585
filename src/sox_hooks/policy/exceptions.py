"""`exceptions.toml`: who may use which tool where, for how long, and who said so.

An exception that has expired stays valid as a document: history was judged by it. `policy lint` points it out.
"""

from __future__ import annotations

from sox_hooks.policy.case import holds
from sox_hooks.policy.document import quoted
from sox_hooks.policy.grammar import Day, Group, Key, Many, check
from sox_hooks.policy.model import PolicyException
from sox_hooks.policy.policy_file import compile_patterns
from sox_hooks.policy.sections import ID, LINE, NAME, PATTERNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sox_hooks.policy.document import Document
    from sox_hooks.policy.model import Person, Policy
    from sox_hooks.policy.toml_places import Path

_EXCEPTION = Group(
    (
        Key("id", NAME, "Records name the exception by it", required=True),
        Key("tool", ID, "The tool, by its id in [tools]: what is used at all stands in the register", required=True),
        Key("patterns", PATTERNS, "Where it may be used: gitignore patterns, positive ones only", required=True),
        Key("persons", Many(NAME, least=1), "Who may use it, by id in people.toml", required=True),
        Key("reason", LINE, "Why it is needed", required=True),
        Key("ticket", LINE, "Where the request is documented", required=True),
        Key("requested_by", NAME, "Who asked, by id in people.toml", required=True),
        Key("approved_by", NAME, "Who approved: another person, with the role for it on the first day", required=True),
        Key("starts", Day(), "First day", required=True),
        Key("expires", Day(), "Last day", required=True),
    )
)

EXCEPTIONS_FILE = Group((Key("exceptions", Many(_EXCEPTION), "Exceptions, each for a time"),))


def read_exceptions(document: Document, policy: Policy) -> tuple[PolicyException, ...]:
    """All exceptions of the file. `policy` has the tools and people that they may name, and the role that approves."""
    rows = check(document, EXCEPTIONS_FILE, document.data)["exceptions"]
    people = {person.id: person for person in policy.people}
    tools = {tool.id for tool in policy.tools}
    first: dict[str, int] = {}
    exceptions = []
    for index, row in enumerate(rows):
        path = ("exceptions", index)
        if row["id"] and first.setdefault(row["id"].casefold(), index) != index:
            line = document.key("exceptions", first[row["id"].casefold()]).line
            document.report(
                "SOX006", f"the exception {quoted(row['id'])} is defined in line {line} already", *path, "id"
            )
        document.refer("tool", row["tool"], tools, *path, "tool")
        document.refer("person", row["requested_by"], people, *path, "requested_by")
        for position, person in enumerate(row["persons"]):
            document.refer("person", person, people, *path, "persons", position)
        document.in_order(row, "starts", "expires", *path)
        _approver(document, row, people, policy.exceptions_approved_by, path)
        exceptions.append(
            PolicyException(
                id=row["id"],
                tool=row["tool"],
                patterns=compile_patterns(document, row["patterns"], (*path, "patterns"), policy.case_sensitive),
                persons=tuple(row["persons"]),
                reason=row["reason"],
                ticket=row["ticket"],
                requested_by=row["requested_by"],
                approved_by=row["approved_by"],
                starts=row["starts"],
                expires=row["expires"],
                place=document.key(*path),
            )
        )
    return tuple(exceptions)


def _approver(document: Document, row: dict[str, Any], people: dict[str, Person], role: str, path: Path) -> None:
    """Nobody approves what they asked for or profit from; and only who has the role on the first day approves."""
    name = row["approved_by"]
    if not name:
        return
    path = (*path, "approved_by")
    document.refer("person", name, people, *path)
    if name == row["requested_by"]:
        document.report("SOX003", f"{quoted(name)} approved the exception that they requested themselves", *path)
    elif name in row["persons"]:
        document.report("SOX003", f"{quoted(name)} approved an exception for themselves", *path)
    if name not in people:
        return
    if people[name].kind != "person":
        document.report("SOX003", f"the exception was approved by {quoted(name)}, a service", *path)
    elif row["starts"] and not holds(people[name].roles, role, row["starts"]):
        document.report(
            "SOX003",
            f"{quoted(name)} does not have the role {quoted(role)} on {row['starts']}, so cannot approve the exception",
            *path,
            why="exceptions_approved_by in [enforcement] of policy.toml names the role",
        )
