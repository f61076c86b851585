"""Where the sources of evidence about one commit do not agree.

The claim that is recorded is the strongest that any source supports; here is said, for the log and for the person, that
another source says otherwise, so that nobody has to trust the outcome blindly. Imported only where there is evidence.
"""

from __future__ import annotations

from sox_hooks.core.text import printable
from sox_hooks.detection.ancestry import program
from sox_hooks.policy.model import LOW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sox_hooks.core.processes_above import ProcessInfo
    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.policy.facts import Evidence

ENVIRONMENT, JOURNAL = "environment", "journal"
# Sources that name the tool that made this very change, in the order in which they are told.
_COMPARED = (ENVIRONMENT, JOURNAL, "agent-trace", "trailer")
# Programs that keep the variables of whoever started them for shells of later days.
_KEEPERS = ("tmux", "screen", "zellij", "abduco", "dtach")


def conflicts(
    catalogue: Catalogue,
    evidence: Collection[Evidence],
    processes: Iterable[ProcessInfo],
    journal_of: Collection[str],
) -> tuple[str, ...]:
    """One line a conflict; nothing in it but names of tools, versions, models and sources.

    `journal_of` are the tools whose edits the journal of this clone holds, of whatever path.
    """
    named = [sign for sign in evidence if sign.kind == "ai" and sign.tool and sign.confidence != LOW]
    tools = {source: {sign.tool for sign in named if sign.source == source} for source in _COMPARED}
    found = list(_disjoint(tools))
    for tool in sorted(tools[ENVIRONMENT]):
        if tool in journal_of and not tools[JOURNAL]:
            found.append(f"environment: {tool} runs here; journal: {tool} edited none of the staged files")
    found += _stale(catalogue, tools[ENVIRONMENT], processes)
    found += _differing(named)
    return tuple(found)


def _disjoint(tools: dict[str, set[str]]) -> Iterator[str]:
    """Pairs of sources that both name tools, and not one in common."""
    telling = [source for source in _COMPARED if tools[source]]
    for number, first in enumerate(telling):
        for second in telling[number + 1 :]:
            if tools[first].isdisjoint(tools[second]):
                yield f"{first}: {', '.join(sorted(tools[first]))}; {second}: {', '.join(sorted(tools[second]))}"


def _stale(catalogue: Catalogue, tools: set[str], processes: Iterable[ProcessInfo]) -> Iterator[str]:
    """Tools that have left variables, but no process, in a terminal that outlives whoever opened it."""
    names = [program(process.argv) for process in processes]
    keeper = next((name for name in names if name in _KEEPERS), "")
    if not keeper:
        return
    running = {catalogue.processes.get(name, "") for name in names}
    known = set(catalogue.processes.values())
    for tool in sorted(tools & known - running):
        yield f"environment: {tool} runs here; processes: {keeper} does, {tool} does not (old variables?)"


def _differing(named: list[Evidence]) -> Iterator[str]:
    """Two versions or models of one tool, by two sources."""
    for field in ("version", "model"):
        by_tool: dict[str, dict[str, str]] = {}
        for sign in named:
            value = getattr(sign, field)
            if value:
                by_tool.setdefault(sign.tool, {}).setdefault(value, sign.source)
        for tool, values in sorted(by_tool.items()):
            if len(set(values.values())) > 1:
                told = "; ".join([f"{source}: {printable(value, 60)}" for value, source in values.items()])
                yield f"{field} of {tool}: {told}"
