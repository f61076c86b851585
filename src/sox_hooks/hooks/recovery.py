"""A commit that is not made loses nothing: the message is kept, and the command that brings it back is printed."""

from __future__ import annotations

import os

from sox_hooks.core.errors import EnvironmentProblem, SoxError
from sox_hooks.core.files import private_folder, write_atomically
from sox_hooks.core.processes_above import ancestors, arguments_are_exact
from sox_hooks.core.text import printable
from sox_hooks.git.argv import amends, commit_options
from sox_hooks.git.repository import Repository, find_repository
from sox_hooks.git.run import Git
from sox_hooks.record.message import layout, stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.record.message import Layout

NAME = "sox-hooks/refused.msg"
_MOST = 200  # characters of paths in a command


def keep_message(repository: Repository, message: Layout, command: str) -> str:
    """Save a message, without what git would strip, in this work tree's git directory; returns the whole command.

    git keeps it in COMMIT_EDITMSG as well, but only until the next try, and with the diff of `commit -v` in it. Where
    the copy cannot be written, that file is what the command names. `command` is what `again` gave.
    """
    text = stored(message)
    path = os.path.join(repository.git_dir, NAME)
    name = NAME
    try:
        private_folder(os.path.dirname(path))
        write_atomically(path, text)
        edited = False
    except EnvironmentProblem:
        name = "COMMIT_EDITMSG"
        edited = message.comments
    if edited:  # git's hints, and its diff below the scissors, which only -v takes out
        cleanup = " -v"
    else:  # lines that look like comments are text, which the clean-up after an editor would take out
        cleanup = " --cleanup=scissors" if message.comment and b"\n" + message.comment in b"\n" + text else ""
    before, dashes, paths = command.partition(" -- ")
    return f'{before} -e{cleanup} -F "$(git rev-parse --git-path {name})"{dashes}{paths}'


def again(environ: Mapping[str, str], options: Mapping[str, str], paths: tuple[str, ...], *, amend: bool) -> str:
    """`git commit` with what it needs to commit the same content again.

    What `-a` and `commit PATH` take in, git forgets when a hook refuses. Which of the two it was, the index tells
    that git works on (builtin/commit.c, `prepare_index`): `index.lock` for the one, `next-index-PID.lock` for the
    other. `paths` are those that the commit would have changed.
    """
    command = "git commit" + (" --amend" if amend else "")
    index = os.path.basename(environ.get("GIT_INDEX_FILE", ""))
    if index.startswith("next-index-"):
        from shlex import quote

        named = " ".join([quote(path) for path in paths])
        plain = all(printable(path) == path for path in paths)
        return f"{command} -- {named if named and plain and len(named) <= _MOST else 'PATHS'}"
    return command + (" -a" if "all" in options else "")


def rescue(path: str, environ: Mapping[str, str]) -> str:
    """Keep the message of a commit that fails before, or otherwise than by, a decision; returns the command.

    "" where there is nothing to keep or nowhere to keep it. Never raises: the failure itself is what is to be told.
    """
    try:
        with open(path, "rb") as file:
            raw = file.read()
        repository = find_repository(Git())
        message = layout(raw, comments=environ.get("GIT_EDITOR") != ":", comment=None)
        processes, exact = ancestors(), arguments_are_exact()
        command = again(environ, commit_options(processes, exact), (), amend=bool(amends(processes, exact)))
        return keep_message(repository, message, command) if stored(message).strip() else ""
    except (OSError, SoxError):
        return ""
