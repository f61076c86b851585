"""Writing the journal of what agents edited: one line a file in `sox-hooks/journal.jsonl` of the common git directory.

It keeps the path, the object id of the content as git would store it, tool, version, model, hashed session and the
time: no prompts, no contents. It is a plain file of the person's own, so it is evidence and no proof.
"""

from __future__ import annotations

import os
import time

from sox_hooks.agents import tools
from sox_hooks.agents.event import BEFORE
from sox_hooks.agents.ground import finish, start
from sox_hooks.agents.places import Place, places
from sox_hooks.agents.told import tool_use
from sox_hooks.detection.journal import ANNOUNCED, DELETED, JournalEntry, tree_name
from sox_hooks.detection.journal_file import append
from sox_hooks.git.run import Git, desk_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.agents.event import AgentEvent
    from sox_hooks.agents.ground import Ground
    from sox_hooks.agents.places import Root

# Files of one tool call: a shell command may name a folder.
_MOST_PATHS = 500
# Seconds for git to hash them; a clean filter of the repository runs then.
_PATIENCE = 20.0


def edited(event: AgentEvent) -> tuple[Place, ...]:
    """The places in work trees that a tool call wrote, as far as it names them."""
    found: list[Place] = []
    if event.kind == tools.EDIT:
        found = [place for path in event.paths for place in places(path, event.cwd)]
    elif event.kind == tools.SHELL:
        from sox_hooks.agents import window
        from sox_hooks.agents.request import shell_places

        found = shell_places(event)
        if event.phase != BEFORE:
            found += window.changed(event)
    inside = [place for place in found if place.root is not None and place.path != "."]
    return tuple(dict.fromkeys([one for one in inside if not one.path.startswith(".git/")]))[:_MOST_PATHS]


def record(event: AgentEvent, environ: Mapping[str, str]) -> int:
    """Note what a tool call wrote in every governed work tree; returns the number of lines that were added.

    Before the tool runs nothing is known of the result, so the paths are only announced: Codex runs no after-hook for
    a patch that goes through the shell (measured: 0.169.0), Crush has none at all. Raises `SoxError`.
    """
    by_root: dict[Root, list[Place]] = {}
    for place in edited(event):
        if place.root is not None:
            by_root.setdefault(place.root, []).append(place)
    count = 0
    for root, found in by_root.items():
        ground = finish(start(root, environ))
        if ground is not None:
            blobs = dict.fromkeys([one.path for one in found], ANNOUNCED)
            if event.phase != BEFORE:
                blobs = object_ids(root, found)
            count += append(root.common_dir, entries(event, blobs, ground, environ))
    return count


def entries(
    event: AgentEvent, blobs: Mapping[str, str], ground: Ground, environ: Mapping[str, str]
) -> tuple[JournalEntry, ...]:
    """The lines for a tool call."""
    use = tool_use(event, environ, ground)
    session = event.session
    if not session:
        from sox_hooks.detection import environment

        signs = environment.evidence(ground.catalogue(), environ)
        session = next((sign.session for sign in signs if sign.tool == event.agent), "")
    now, tree = int(time.time()), tree_name(ground.root.git_dir, ground.root.common_dir)
    return tuple(
        [JournalEntry(now, path, blob, use.tool, use.version, use.model, session, tree) for path, blob in blobs.items()]
    )


def object_ids(root: Root, found: list[Place]) -> dict[str, str]:
    """Path -> object id of the file as `git add` would store it (with the filters of the path), or `deleted`.

    Folders, links and paths with line ends are left out: git hashes what a link leads to, and takes one path a line.
    """
    ids: dict[str, str] = {}
    asked: list[str] = []
    for place in found:
        path = os.path.join(root.top, place.path)
        if not os.path.lexists(path):
            ids[place.path] = DELETED
        elif os.path.isfile(path) and not os.path.islink(path) and "\n" not in path:
            asked.append(place.path)
    if asked:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        git = Git(root.top, desk_environment(environ))
        data = b"".join([os.fsencode(path) + b"\n" for path in asked])
        result = git.start("hash-object", "--stdin-paths").finish(data, _PATIENCE)
        # A file may go away while git reads: what came before it is right.
        ids.update(zip(asked, result.out.decode("ascii").split(), strict=False))
    return ids
