"""The work tree that an agent works in: which policy governs it, and under which address commits are made there.

git is asked only if something has changed since it was asked last (`agents.recall`).
"""

from __future__ import annotations

import os

from sox_hooks.agents import recall
from sox_hooks.agents.places import Root
from sox_hooks.core.struct import Struct
from sox_hooks.policy.compiled import read_cache
from sox_hooks.policy.model import Policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.agents.asking import Asking
    from sox_hooks.detection.catalogue import Catalogue


class Ground(Struct):
    """One governed work tree: the policy in force, the address that commits are made under, `core.hooksPath`, whether
    agents' files of their sessions may be read (`sox.readTranscripts`)."""

    root: Root
    policy: Policy
    email: str
    hooks_path: str
    transcripts: bool = False

    def catalogue(self) -> Catalogue:
        """The tools that the policy knows."""
        from sox_hooks.hooks.catalogue_cache import cached_catalogue

        return cached_catalogue(cache_folder(self.root), self.policy.catalogue)


class Opening(Struct):
    """What is known of one work tree, or git at work on it; `finish` collects."""

    known: Ground | None
    asking: Asking | None = None


def start(root: Root, environ: Mapping[str, str]) -> Opening:
    """Recall, or start to ask. Raises `EnvironmentProblem` where git cannot be started."""
    author = environ.get("GIT_AUTHOR_EMAIL", "")
    known = recall.recall(root, environ)
    policy = read_cache(cache_folder(root), known.identity) if known is not None else None
    if known is not None and policy is not None:
        return Opening(Ground(root, policy, author or known.email, known.hooks_path, known.transcripts))
    from sox_hooks.agents import asking

    return Opening(None, asking.start(root, environ))


def finish(opening: Opening) -> Ground | None:
    """The policy that governs; None if none does. Raises `SoxError` for one that cannot be used."""
    if opening.asking is None:
        return opening.known
    from sox_hooks.agents import asking

    return asking.finish(opening.asking)


def cache_folder(root: Root) -> str:
    """Where `hooks.in_force` keeps compiled policies."""
    return os.path.join(root.common_dir, "sox-hooks/cache")
