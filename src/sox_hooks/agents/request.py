"""What an agent wants to do: the places that it would write, and ways around the hooks. No git is started for that."""

from __future__ import annotations

import os

from sox_hooks.agents import tools
from sox_hooks.agents.places import Place, Root, places, root_of, spread
from sox_hooks.core.errors import UsageError
from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.agents.event import AgentEvent

# Each costs two processes of git.
_MOST_ROOTS = 32


class Request(Struct):
    """The places that a tool call would write, the ways around the hooks that it would take, the work trees of both."""

    places: tuple[Place, ...]
    bypasses: tuple[str, ...] = ()
    roots: tuple[Root, ...] = ()


def request_of(event: AgentEvent) -> Request:
    """What an event asks for. Empty for reading and for tools that are no business of ours.

    Raises `UsageError` for a call that is about more repositories than can be asked.
    """
    wanted: list[Place] = []
    around: list[str] = []
    if event.kind == tools.EDIT:
        wanted = [place for path in event.paths for place in places(path, event.cwd)]
    elif event.kind == tools.SHELL:
        from sox_hooks.agents.bypass import bypass

        for step in event.steps():
            around.append(bypass(step))
        wanted = shell_places(event, spread_folders=True)
    bypasses = tuple(dict.fromkeys(filter(None, around)))
    roots = dict.fromkeys([place.root for place in wanted if place.root is not None])
    if bypasses or any(place.root is None for place in wanted):
        here = root_of(os.path.realpath(event.cwd))
        if here is not None:
            roots[here] = None
    if len(roots) > _MOST_ROOTS:
        raise UsageError(f"one call writes in {len(roots)} repositories", fix="write in fewer of them at once")
    return Request(tuple(dict.fromkeys(wanted)), bypasses, tuple(roots))


def shell_places(event: AgentEvent, *, spread_folders: bool = False) -> list[Place]:
    """The places that the command lines of an event plainly write."""
    from sox_hooks.agents.shell import written

    found = []
    for step in event.steps():
        for path in written(step):
            found += [place for one in (spread(path) if spread_folders else [path]) for place in places(one, step.cwd)]
    for command in event.commands:
        found += [place for path in tools.shell_patch_paths(command) for place in places(path, event.cwd)]
    return found
