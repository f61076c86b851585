"""git with a bound on its memory, for reading what others pushed.

A tree of a few hundred bytes can stand for ten billion files (ten folders that are one, ten levels deep), and
`git diff-tree` holds all of them before it prints the first (measured, git 2.39.5): without a bound it takes the whole
machine. What counts is RLIMIT_DATA, which leaves out the packs that git maps.
"""

from __future__ import annotations

from sox_hooks.core.process import Process
from sox_hooks.git.run import Git

# A change of a million files takes 300 MB.
MOST_MEMORY = 2 << 30


class BoundedGit(Git):
    """git whose processes take at most `MOST_MEMORY` bytes each; where they need more, they fail."""

    def start(self, *arguments: str) -> Process:
        """As `Git.start`. The bound is set here and inherited, and taken back at once."""
        import resource

        before, most = resource.getrlimit(resource.RLIMIT_DATA)
        bounds = [bound for bound in (before, most, MOST_MEMORY) if bound != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_DATA, (min(bounds), most))
        try:
            return super().start(*arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_DATA, (before, most))
