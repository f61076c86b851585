"""What a shell command changed, though its text does not say so: files that differ from HEAD and changed while it ran.

Before the command a file is touched, whose time is the beginning of the window; afterwards git lists what differs, and
what is younger than that was changed by the command. So the price before the command is one system call, and afterwards
one `git status`, which gets no more than a few seconds; a repository that takes longer is not looked at.

A person who saves a file in an editor at that very moment is taken for the agent. Commands that only move content
around in git (`git stash pop`, `git checkout`, ...) are left out: what they bring back is somebody else's work.
"""

from __future__ import annotations

import os
import time

from sox_hooks.agents.places import Place, Root, root_of
from sox_hooks.core.digest import sha256_hex
from sox_hooks.core.errors import SoxError
from sox_hooks.core.text import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.agents.event import AgentEvent

_FOLDER = "sox-hooks/shells"
# Seconds.
_PATIENCE = 2.0
_LONGEST = 3600.0
_MOST_MARKS = 200
_MOVERS = (
    "stash", "checkout", "switch", "reset", "restore", "merge", "rebase", "pull", "cherry-pick", "revert", "am",
    "apply", "worktree", "clone",
)  # fmt: skip


def begin(event: AgentEvent) -> None:
    """Note that a command begins. Only where a policy seems to govern; never fails."""
    root = root_of(os.path.realpath(event.cwd))
    if root is None or not _governed(root):
        return
    try:
        path = _mark(root, event)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        os.utime(path)
    except OSError:
        return  # then nothing is found afterwards


def changed(event: AgentEvent) -> tuple[Place, ...]:
    """What changed in the work tree since `begin`; () if nobody noted the beginning."""
    root = root_of(os.path.realpath(event.cwd))
    if root is None:
        return ()
    path = _mark(root, event)
    try:
        since = os.stat(path).st_mtime_ns
        os.unlink(path)
    except OSError:
        return ()
    _tidy(os.path.dirname(path))
    if time.time() - since / 1e9 > _LONGEST or any(_moves(step.command.texts()) for step in event.steps()):
        return ()
    return tuple(
        [Place(root, name, os.path.join(root.top, name)) for name in _differing(root) if _younger(root, name, since)]
    )


def _governed(root: Root) -> bool:
    return os.path.isdir(os.path.join(root.top, ".sox")) or os.path.isdir(os.path.join(root.common_dir, "sox-hooks"))


def _mark(root: Root, event: AgentEvent) -> str:
    name = sha256_hex(f"{event.agent}:{event.session}:{event.call}".encode("utf-8", "surrogatepass"))[:32]
    return os.path.join(root.common_dir, _FOLDER, name)


def _moves(words: list[str]) -> bool:
    return any(word in _MOVERS for word in words[:4])


def _differing(root: Root) -> list[str]:
    """Paths that differ from HEAD, untracked ones included."""
    from sox_hooks.git.run import Git, desk_environment

    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    git = Git(root.top, desk_environment(environ))
    asked = ("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=all")
    try:
        result = git.start(*asked).finish(timeout=_PATIENCE)
    except SoxError:
        return []
    return [decode(line[3:]) for line in result.out.split(b"\0")[:-1]] if result.code == 0 else []


def _younger(root: Root, name: str, since: int) -> bool:
    path = os.path.join(root.top, name)
    try:
        # A removed file has no time, but its folder has.
        found = os.stat(path if os.path.lexists(path) else os.path.dirname(path), follow_symlinks=False)
    except OSError:
        return False
    return max(found.st_mtime_ns, found.st_ctime_ns) >= since


def _tidy(folder: str) -> None:
    """Take away the marks of commands that never ended."""
    try:
        names = os.listdir(folder)
        if len(names) < _MOST_MARKS:
            return
        for name in names:
            path = os.path.join(folder, name)
            if time.time() - os.stat(path).st_mtime > _LONGEST:
                os.unlink(path)
    except OSError:
        return
