"""What is staged."""

from __future__ import annotations

from sox_hooks.git.run import checked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.core.process import Process
    from sox_hooks.git.run import Git


def staged_tree(git: Git) -> str:
    """The id of the tree that a commit of the index makes; the index is the one that GIT_INDEX_FILE names.

    `git commit -a` and `git commit PATH` work on another index than `.git/index`, so `git` must have the desk's
    environment. What `git add -N` announced is not in it. Raises `GitFailed` for an index with conflicts.
    """
    return finish_staged_tree(git, start_staged_tree(git))


def start_staged_tree(git: Git) -> Process:
    """Start to write the tree; `finish_staged_tree` waits."""
    return git.start("write-tree")


def finish_staged_tree(git: Git, process: Process) -> str:
    """The id of the tree. Tries again for a second while somebody else (an editor's `git status`) locks the index."""
    import time

    result = process.finish()
    for _ in range(20):
        if result.code == 0 or b".lock': File exists" not in result.err:
            break
        time.sleep(0.05)
        result = git.result("write-tree")
    return checked(result).decode("ascii").strip()
