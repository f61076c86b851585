"""The work tree that an agent works in: git is asked for what governs it, while the rest of the guard is imported."""

from __future__ import annotations

import os

from sox_hooks.agents.places import Root
from sox_hooks.core.struct import Struct
from sox_hooks.git.config import config_from, last, start_config
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.repository import Repository
from sox_hooks.git.run import Git, desk_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.core.process import Process
    from sox_hooks.hooks.in_force import InForce

_CONFIG = ("sox.", "user.email", "core.hookspath", "extensions.objectformat")
# What an agent's environment may say about another repository than the one that the path is in.
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_CEILING_DIRECTORIES")


class Opening(Struct):
    """git at work on one work tree; `finish` collects."""

    root: Root
    configuring: Process
    reader: ObjectReader
    author: str  # GIT_AUTHOR_EMAIL


class Ground(Struct):
    """One governed work tree: what is in force, the address that commits are made under, `core.hooksPath`."""

    root: Root
    in_force: InForce
    email: str
    hooks_path: str


def start(root: Root, environ: Mapping[str, str]) -> Opening:
    """Start to ask. Raises `EnvironmentProblem` where git cannot be started."""
    git = Git(root.top, desk_environment({name: one for name, one in environ.items() if name not in _ELSEWHERE}))
    return Opening(root, start_config(git, _CONFIG), ObjectReader(git), environ.get("GIT_AUTHOR_EMAIL", ""))


def finish(opening: Opening) -> Ground | None:
    """The policy that governs; None if none does. Raises `SoxError` for one that cannot be used."""
    from sox_hooks.hooks.in_force import policy_in_force

    root = opening.root
    with opening.reader as reader:
        config = config_from(opening.configuring.finish())
        # `rev-parse` would say the same, at the price of one more process.
        objects = os.path.join(root.common_dir, "objects")
        kind = last(config, "extensions.objectFormat", "sha1").lower()
        repository = Repository(root.git_dir, root.common_dir, objects, root.top, kind, False, False)
        in_force = policy_in_force(reader, last(config, "sox.policyRef"), repository)
    if in_force is None:
        return None
    return Ground(root, in_force, opening.author or last(config, "user.email"), last(config, "core.hooksPath"))
