"""Evidence from who wrote and who committed: exact addresses and forge accounts, never names, never domains.

People are called Claude, Devin and Jules, and people work at the vendors; `noreply@github.com`, the committer of
everything merged in the browser, is nobody. The one exception for names is an ending that a tool itself adds to the
person's name (aider's ` (aider)`).
"""

from __future__ import annotations

from sox_hooks.core.text import decode
from sox_hooks.detection.lookalikes import fold
from sox_hooks.policy.facts import Evidence
from sox_hooks.policy.model import HIGH, LOW, MEDIUM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.detection.catalogue import Catalogue

_PRIVATE = "users.noreply."
_GITHUB = "users.noreply.github.com"
_ANY_APP = "forge-app"


def evidence(catalogue: Catalogue, author: bytes, committer: bytes) -> tuple[Evidence, ...]:
    """What the two lines of a commit say, each `Name <mail>` as the object has it (what follows is ignored)."""
    found = []
    for source, raw in (("author", author), ("committer", committer)):
        name, address = split(decode(raw))
        hit = lookup(catalogue, address, name)
        if hit is not None:
            found.append(_evidence(catalogue, hit, source, "e-mail address"))
        else:
            for suffix, tool, grade in catalogue.suffixes:
                if name.lower().endswith(suffix):
                    found.append(_evidence(catalogue, (tool, grade), source, f"name ends in{suffix}"))
    return tuple(found)


def split(person: str) -> tuple[str, str]:
    """Name and address of `Name <mail>`; the address is "" if there is none."""
    start = person.find("<")
    end = person.find(">", start)
    if start < 0 or end < 0:
        return person.strip(), ""
    return person[:start].strip(), person[start + 1 : end].strip()


def lookup(catalogue: Catalogue, address: str, name: str = "") -> tuple[str, str] | None:
    """Tool and confidence for an address.

    A tool that writes its maker's own address is in the catalogue with its name: `claude-flow <ruv@ruv.net>`.

    Forges hide addresses behind `<number>+<account>@users.noreply.github.com`, GitLab behind `<number>-<account>@...`,
    servers of one's own behind their own host. A known number or an account ending in `[bot]`, which no person can
    have, is enough on every host; other accounts belong to whoever took the name there, so they count less off GitHub.
    """
    address = address.lower() if address.isascii() else fold(address).lower()
    known = catalogue.emails.get(address) or catalogue.emails.get(f"{name} <{address}>".lower())
    if known is not None:
        return known[0], known[1]
    local, at, host = address.rpartition("@")
    if not at or not host.startswith(_PRIVATE):
        return None
    number, separator, account = local.partition("+")
    if not separator:
        head, dash, rest = local.partition("-")
        number, account = (head, rest) if dash and head.isdigit() and not host.startswith(_GITHUB) else ("", local)
    github = host == _GITHUB
    known = catalogue.account_ids.get(number) if number and github else None
    if known is None:
        known = catalogue.accounts.get(account)
        if known is None:
            return (_ANY_APP, HIGH) if account.endswith("[bot]") and _ANY_APP in catalogue.tools else None
        if not github and not account.endswith("[bot]"):
            return known[0], LOW if known[1] == LOW else MEDIUM
    return known[0], known[1]


def _evidence(catalogue: Catalogue, hit: tuple[str, str], source: str, detail: str) -> Evidence:
    tool, grade = hit
    return Evidence(tool=tool, confidence=grade, source=source, detail=detail, kind=catalogue.kind(tool))
