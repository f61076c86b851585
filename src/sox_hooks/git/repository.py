"""Where a repository is and of what kind, with one `git rev-parse`."""

from __future__ import annotations

import os

from sox_hooks.core.errors import UsageError
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git.run import checked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.core.process import Process, Result
    from sox_hooks.git.run import Git

# rev-parse repeats an option that it does not know, so this one marks where a path begins and ends: paths may hold line
# ends. A path that holds this very line makes the count wrong, which is an error and not another repository.
_MARK = "--sox-hooks-mark"

EMPTY_TREE = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


class Repository(Struct):
    """One repository, as seen from one of its work trees. All paths are absolute.

    git_dir        of this work tree: where MERGE_HEAD and its like are
    common_dir     what all work trees share: where the log and the room are
    objects        the object directory; in a pre-receive hook that of the quarantine
    top            the top of the work tree, or "" in a bare repository and inside a git directory
    object_format  `sha1` or `sha256`
    """

    git_dir: str
    common_dir: str
    objects: str
    top: str
    object_format: str
    bare: bool
    shallow: bool

    @property
    def empty_tree(self) -> str:
        """The id of the tree without entries: what a root is compared with."""
        return EMPTY_TREE[self.object_format]


def start_find(git: Git) -> Process:
    """Start to look; `found` reads the answer."""
    return git.start(
        "rev-parse", "--path-format=absolute", "--is-bare-repository", "--is-shallow-repository",
        "--show-object-format", _MARK, "--git-dir", _MARK, "--git-common-dir", _MARK, "--git-path", "objects", _MARK,
        "--show-toplevel",
    )  # fmt: skip


def found(result: Result) -> Repository:
    """The repository from what `start_find` left. Raises as `git.run.checked` does, and `UsageError`."""
    parts = os.fsdecode(result.out).split(_MARK + "\n")
    kinds = parts[0].split("\n")
    if len(parts) != 5 or len(kinds) != 4:
        checked(result)
        raise UsageError(
            f"git rev-parse gave no answer that can be read: {printable(result.out, 200)!r}",
            fix="move the repository to a path without line ends",
        )
    bare, shallow, object_format, _ = kinds
    git_dir, common_dir, objects, top = [part.removesuffix("\n") for part in parts[1:]]
    if object_format not in EMPTY_TREE:
        raise UsageError(f"the repository uses the object format {printable(object_format, 40)!r}, which is not known")
    # Without a work tree --show-toplevel, asked last, fails after all else was printed.
    return Repository(git_dir, common_dir, objects, top, object_format, bare == "true", shallow == "true")


def find_repository(git: Git) -> Repository:
    """The repository that `git` works on. Raises `UsageError` where there is none."""
    return found(start_find(git).finish())


def require_work_tree(repository: Repository) -> None:
    """Raises `UsageError` for a bare repository, and from inside a git directory."""
    if not repository.top:
        raise UsageError(
            "this needs a work tree, and there is none here",
            where=repository.git_dir,
            why="the repository is bare" if repository.bare else "the current directory is inside a git directory",
            fix="cd into a clone or a work tree (git worktree list)",
        )
