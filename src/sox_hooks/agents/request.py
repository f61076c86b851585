"""What an agent wants to do: the places that it would write or read, and ways around the hooks. Without any git."""

from __future__ import annotations

import os

from sox_hooks.agents import tools
from sox_hooks.agents.places import Place, Root, places, root_of, spread
from sox_hooks.core.errors import UsageError
from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.agents.event import AgentEvent
    from sox_hooks.agents.shell import Step

# Each may cost two processes of git.
_MOST_ROOTS = 32
# Of a file with a patch.
_MOST_PATCH = 1 << 20


class Request(Struct):
    """The places that a tool call would write, the ways around the hooks that it would take, the absolute paths that it
    would read (folders and patterns among them), the work trees of all these."""

    places: tuple[Place, ...]
    bypasses: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    lists_only: bool = False
    roots: tuple[Root, ...] = ()


def request_of(event: AgentEvent) -> Request:
    """What an event asks for. Empty for tools that are no business of ours.

    Raises `UsageError` for a call that is about more repositories than can be asked.
    """
    wanted: list[Place] = []
    around: list[str] = []
    reads: list[str] = []
    if event.kind == tools.EDIT:
        wanted = [place for path in event.paths for place in places(path, event.cwd)]
    elif event.kind == tools.READ:
        reads = _read_paths(event)
    elif event.kind == tools.SHELL:
        from sox_hooks.agents.bypass import bypass
        from sox_hooks.agents.shell_reads import read_by

        for step in event.steps():
            around.append(bypass(step))
            reads += read_by(step)
        wanted = shell_places(event, spread_folders=True)
    bypasses = tuple(dict.fromkeys(filter(None, around)))
    reads = list(dict.fromkeys(reads))
    roots = dict.fromkeys([place.root for place in wanted if place.root is not None])
    for path in reads:
        roots.update(dict.fromkeys([place.root for place in places(path, event.cwd) if place.root is not None]))
    if bypasses or any(place.root is None for place in wanted):
        here = root_of(os.path.realpath(event.cwd))
        if here is not None:
            roots[here] = None
    if len(roots) > _MOST_ROOTS:
        raise UsageError(f"one call is about {len(roots)} repositories", fix="be about fewer of them at once")
    listing = event.kind == tools.READ and tools.lists_only(event.tool)
    return Request(tuple(dict.fromkeys(wanted)), bypasses, tuple(reads), listing, tuple(roots))


def _read_paths(event: AgentEvent) -> list[str]:
    """What a reading tool names. Patterns begin in the folder that is named, if one is."""
    paths = [path for path in event.paths if "://" not in path or path.startswith("file://")]
    base = os.path.join(event.cwd, paths[0]) if len(paths) == 1 else event.cwd
    return [*paths, *[os.path.join(base, pattern) for pattern in event.patterns]]


def read_places(request: Request, cwd: str) -> tuple[Place, ...]:
    """The places that a request would read: files that are named, and what is in folders that are named; bounded.

    A search in the whole work tree names nothing: without it an agent could not work at all. A folder stands for
    itself where names are all that is asked for.
    """
    found: dict[Place, None] = {}
    for path in request.reads:
        for place in places(path, cwd):
            if place.root is None or place.path == ".":
                continue
            found[place] = None
            if not request.lists_only:
                found.update(dict.fromkeys(_inside(place, cwd)))
    return tuple(found)


def _inside(place: Place, cwd: str) -> list[Place]:
    """What is in a folder, or matches a pattern. Only links lead elsewhere, and only patterns match outside."""
    found = []
    start = place.absolute.rstrip("/") + "/"
    plain = place.root is not None and os.path.realpath(place.absolute) == place.absolute
    for path in spread(place.absolute)[1:]:
        if plain and path.startswith(start) and not os.path.islink(path):
            found.append(Place(place.root, f"{place.path}/{path[len(start) :]}", path))
        else:
            found += [one for one in places(path, cwd) if one.root is not None]
    return found


def shell_places(event: AgentEvent, *, spread_folders: bool = False) -> list[Place]:
    """The places that the command lines of an event plainly write."""
    from sox_hooks.agents.shell import written

    found: list[Place] = []
    for step in event.steps():
        for path in _patched(step):
            # git takes the paths in a patch from the top, wherever it is started.
            here = root_of(os.path.realpath(step.cwd)) if step.command.name == "git" else None
            found += [*places(path, step.cwd), *(places(path, here.top) if here is not None else ())]
        for path in written(step):
            found += [place for one in (spread(path) if spread_folders else [path]) for place in places(one, step.cwd)]
    for command in event.commands:
        found += [place for path in tools.shell_patch_paths(command) for place in places(path, event.cwd)]
    return found


def _patched(step: Step) -> list[str]:
    """The paths in the patches that a command applies: from files, and from here-documents."""
    from sox_hooks.agents.shell import patch_files

    files = patch_files(step)
    texts = list(step.command.bodies) if step.command.name in ("patch", "git") else []
    for path in files:
        try:
            # Not blocking: a pipe that nobody writes to must not hang an agent.
            with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
                texts.append(file.read(_MOST_PATCH).decode("utf-8", "surrogateescape"))
        except OSError:
            continue
    return [path for text in texts for path in tools.patch_paths(text)]
