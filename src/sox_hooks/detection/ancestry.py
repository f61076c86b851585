"""Evidence from the processes above: an agent started the shell that started git.

Always low. The chain is cut by daemons, terminal multiplexers, containers and sandboxes, an editor's own agent has the
same ancestors as a person's terminal in that editor, and names are short: there is an editor called amp. So a name
must be the whole last part of the program's path, or of the script's where the program is an interpreter.
"""

from __future__ import annotations

from sox_hooks.core.processes_above import ProcessInfo, ancestors
from sox_hooks.core.text import decode
from sox_hooks.policy.facts import Evidence
from sox_hooks.policy.model import LOW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sox_hooks.detection.catalogue import Catalogue

_INTERPRETERS = ("node", "nodejs", "python", "bun", "deno")
_ENDINGS = (".js", ".mjs", ".cjs", ".ts", ".py", ".exe")


def walk() -> tuple[ProcessInfo, ...]:
    """The processes above this one, nearest first, in at most about 50 ms: `core.processes_above.ancestors`."""
    return ancestors()


def evidence(catalogue: Catalogue, processes: Iterable[ProcessInfo]) -> tuple[Evidence, ...]:
    """One entry for every tool among the processes, nearest first."""
    found: dict[str, Evidence] = {}
    for process in processes:
        name = program(process.argv)
        tool = catalogue.processes.get(name, "") if name else ""
        if tool and tool not in found:
            found[tool] = Evidence(
                tool=tool, confidence=LOW, source="ancestry", detail=f"process {name}", kind=catalogue.kind(tool)
            )
    return tuple(found.values())


def program(argv: tuple[bytes, ...]) -> str:
    """The program's or the script's name without folders and ending: `claude`, `gemini`; "" if there is none."""
    if not argv:
        return ""
    name = _base(argv[0])
    if name.rstrip("0123456789.") not in _INTERPRETERS:
        return name
    arguments = iter(argv[1:])
    for argument in arguments:
        if argument == b"-m":  # python -m aider
            return _base(next(arguments, b""))
        if argument in (b"run", b"x"):  # bun run, bun x, deno run
            continue
        if not argument.startswith(b"-"):
            return _base(argument)
    return name


def _base(path: bytes) -> str:
    name = decode(path.rpartition(b"/")[2])
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name
