"""The git processes that every commit needs, started before the rest of the hook is imported: both take about as long.

So this module imports nothing but what starting them takes.
"""

from __future__ import annotations

from sox_hooks.core.process import Process
from sox_hooks.core.struct import Struct
from sox_hooks.git.config import start_config
from sox_hooks.git.index import start_staged_tree
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.repository import start_find
from sox_hooks.git.run import Git

CONFIG = (
    "sox.", "user.signingkey", "gpg.format", "core.comment", "commit.cleanup", "commit.template", "i18n.commitencoding",
)  # fmt: skip


class Started(Struct):
    """git at work: where the repository is, its configuration, the tree of the index, and a reader of objects."""

    git: Git
    finding: Process
    configuring: Process
    writing: Process
    reader: ObjectReader


def start_gathering() -> Started:
    """Start them. Raises `EnvironmentProblem` where git cannot be started."""
    git = Git()
    return Started(git, start_find(git), start_config(git, CONFIG), start_staged_tree(git), ObjectReader(git))
