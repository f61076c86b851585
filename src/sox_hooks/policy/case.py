"""What the rules look at, and what they answer: values that only `policy.evaluate` and the rules behind it use."""

from __future__ import annotations

from sox_hooks.core.findings import Place
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.policy.facts import Claim, Facts, PathVerdict
from sox_hooks.policy.model import Person, Policy, Tier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.policy.model import Dated


class Touched(Struct):
    """A tier that the change touches, with the verdicts of its paths (at least one), sorted by path."""

    tier: Tier
    paths: tuple[PathVerdict, ...]


class Case(Struct):
    """One change, ready to be judged.

    day      the date of `facts.moment`
    claim    what will be recorded: the stronger of declaration and evidence
    person   who answers for the change; None if nobody does
    touched  every tier that is touched, the strictest first; empty for a change without paths
    """

    policy: Policy
    facts: Facts
    day: str
    claim: Claim
    person: Person | None
    touched: tuple[Touched, ...]


class Objection(Struct):
    """What a rule has against the change. It becomes a finding, unless an exception lifts it.

    `severity` and `fix` "" mean the catalogue's. `tool` and `paths` say what an exception would have to cover.
    """

    rule: str
    message: str
    severity: str = ""
    why: str = ""
    place: Place | None = None
    fix: str = ""
    tool: str = ""
    paths: tuple[PathVerdict, ...] = ()
    liftable: bool = False


def holds(entries: tuple[Dated, ...], name: str, day: str) -> bool:
    """Whether one of the dated roles or trainings with that name covers the day."""
    return any(entry.name == name and entry.start <= day and (not entry.end or day <= entry.end) for entry in entries)


def paths_text(paths: tuple[PathVerdict, ...]) -> str:
    """`src/ledger/a.py`, or `src/ledger/a.py and 2 more`; safe to print."""
    text = printable(paths[0].path, 100)
    return text if len(paths) == 1 else f"{text} and {len(paths) - 1} more"


def where(touched: Touched) -> str:
    """`src/ledger/a.py and 2 more (tier restricted)`."""
    return f"{paths_text(touched.paths)} (tier {touched.tier.name})"


def reason(verdict: PathVerdict) -> str:
    """The line of the policy that put a path into its tier, with the reason that stands there."""
    if not verdict.pattern:
        return f"no pattern matches this path, so the strictest tier applies: {verdict.tier}"
    text = f"{printable(verdict.pattern)} is {verdict.tier}"
    return f"{text}: {printable(verdict.because, 200)}" if verdict.because else text
