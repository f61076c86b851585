"""A refused commit loses nothing: the message is kept, and the command that brings it back is printed."""

from __future__ import annotations

import os

from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.files import private_folder, write_atomically
from sox_hooks.git.repository import Repository

NAME = "sox-hooks/refused.msg"


def keep_message(repository: Repository, text: bytes, *, amend: bool) -> str:
    """Save a message, without what git would strip, in this work tree's git directory; returns the command.

    git keeps it in COMMIT_EDITMSG as well, but only until the next try, and with the diff of `commit -v` in it. Where
    the copy cannot be written, that file is what the command names.
    """
    path = os.path.join(repository.git_dir, NAME)
    name = NAME
    try:
        private_folder(os.path.dirname(path))
        write_atomically(path, text)
    except EnvironmentProblem:
        name = "COMMIT_EDITMSG"
    return f'git commit{" --amend" if amend else ""} -e -F "$(git rev-parse --git-path {name})"'
