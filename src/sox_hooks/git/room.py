"""The clean room: an empty bare repository that borrows the objects of another one.

What git makes of two trees depends on configuration, attributes, replacements, grafts and variables of whoever runs it:
`merge=union` in a `.gitattributes` turns a conflict into a clean merge, `-diff` hides a file, GIT_DIFF_OPTS changes
every hunk. A room has none of these, so the desk, CI and an auditor get the same bytes. A kept room is for the hook,
which only reads there. A temporary one also takes the objects that merging makes, which then vanish with it.
"""

from __future__ import annotations

import os

from sox_hooks.core.errors import UsageError
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git import room_folder
from sox_hooks.git.change import RAW_FLAGS
from sox_hooks.git.patch import PATCH_FLAGS
from sox_hooks.git.repository import find_repository
from sox_hooks.git.run import Git, GitFailed, checked
from sox_hooks.git.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from typing_extensions import Self

    from sox_hooks.core.process import Process
    from sox_hooks.git.repository import Repository

# The commits that a merge is computed from must be the same for everybody.
# The date is that of no commit before 2100: git looks for merge bases from the newest commit down, and with an old date
# it would walk all of a history before it comes to a commit of ours (50,000 commits: 0.4 s for each merge, measured).
_IDENT = {"NAME": "sox-hooks", "EMAIL": "room@sox-hooks.invalid", "DATE": "@4102444800 +0000"}


class MergedTree(Struct):
    """What an automatic merge gives: `tree` (with conflict markers where not `clean`), or why there is none."""

    tree: str
    clean: bool
    problem: str = ""


class CleanRoom:
    """A room for the repository that `git` works on.

    git         as given: where the objects are, also in the quarantine of a push
    repository  saves looking for it
    folder      where the room is kept (made when missing, made anew when it is not exactly ours), or "" for a
                temporary one, removed by `close` or at the end of the program; where none can be kept it is temporary

    `room.git` runs git inside: object ids only, for a room has no refs. Raises `EnvironmentProblem` if no room can be
    made.
    """

    def __init__(self, git: Git, repository: Repository | None = None, folder: str = "") -> None:
        if repository is None:
            repository = find_repository(git)
        self.object_format = repository.object_format
        self.empty_tree = repository.empty_tree
        self.folder = os.path.abspath(folder)  # git is told of it, and may run in another directory
        self.kept = bool(folder) and room_folder.keep(self.folder, repository.object_format)
        if not self.kept:
            self.folder = room_folder.temporary(repository.object_format)
            import atexit

            atexit.register(self.close)
        env = _environment(self.folder, repository.objects, git.env)
        if self.kept:
            self.git = Git(git.directory, env)
        else:  # no hook of one's own commit: what is read here may be made to do harm
            from sox_hooks.git.bounded import BoundedGit

            self.git = BoundedGit(git.directory, env)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove a temporary room. Safe to call twice."""
        if not self.kept:
            import atexit

            room_folder.remove(self.folder)
            atexit.unregister(self.close)

    def start_diff(self, old: str, new: str, patch: bool = True) -> Process:
        """Start the raw diff (with text if `patch`) of two trees or commits, given by their ids."""
        return self.git.start("diff-tree", *RAW_FLAGS, *(PATCH_FLAGS if patch else ()), _id(old), _id(new), "--")

    def diff(self, old: str, new: str, patch: bool = True) -> bytes:
        """The whole diff: for `git.change.parse_raw` without, for `git.patch.DiffReader` with the text."""
        return checked(self.start_diff(old, new, patch).finish())

    def blocks(self, old: str, new: str, patch: bool = True) -> Iterator[bytes]:
        """The same in blocks as git makes them. git is started at once, not with the first block."""
        return Stream(self.start_diff(old, new, patch)).rest()

    def diff_many(self, pairs: Iterable[tuple[str, str]], patch: bool = True) -> Iterator[Iterator[bytes]]:
        """For each pair of trees or commits, in order, the blocks of its diff; one git process for all.

        The blocks must be used before the next pair is asked for. `pairs` is drawn some hundred ahead. Where an object
        is missing or damaged, the blocks of that pair raise `CannotVerify` and the next pair is served all the same.
        """
        from sox_hooks.git.batch_diff import BatchDiff

        checked_pairs = ((_id(old), _id(new)) for old, new in pairs)
        return iter(BatchDiff(self.git, (*RAW_FLAGS, *(PATCH_FLAGS if patch else ())), checked_pairs))

    def merge_trees(self, pairs: Iterable[tuple[str, str]]) -> list[MergedTree]:
        """The automatic merge of each pair of commits, given by their ids, in one git process (git >= 2.39).

        A pair that git cannot merge, or about which it complains (missing history, say), has a `problem`.
        """
        if self.kept:
            raise RuntimeError("a kept room only reads")
        wanted = [(_id(ours), _id(theirs)) for ours, theirs in pairs]
        try:
            return self._merge(wanted)
        except GitFailed as failed:
            if len(wanted) == 1:
                return [MergedTree("", False, failed.what)]
        # One bad pair ends the process, and nothing tells which it was.
        return [merged for pair in wanted for merged in self.merge_trees([pair])]

    def automatic_merges(self, merges: Iterable[tuple[str, ...]]) -> list[MergedTree]:
        """What git makes of each merge of two or more parents, given by their ids, without anybody's help.

        More than two are merged one after the other, which gives what a clean octopus gives (measured).
        """
        wanted = list(merges)
        done = self.merge_trees([(parents[0], parents[1]) for parents in wanted])
        for number, parents in enumerate(wanted):
            for joined in range(2, len(parents)):
                if done[number].clean:
                    so_far = self.commit_tree(done[number].tree, parents[:joined])
                    done[number] = self.merge_trees([(so_far, parents[joined])])[0]
        return done

    def commit_tree(self, tree: str, parents: Iterable[str] = ()) -> str:
        """The id of a commit, made in the room, that is the same whoever makes it. Raises `GitFailed`."""
        if self.kept:
            raise RuntimeError("a kept room only reads")
        options = [option for parent in parents for option in ("-p", _id(parent))]
        return self.git.line("commit-tree", *options, "-m", "room", _id(tree))

    def _merge(self, pairs: list[tuple[str, str]]) -> list[MergedTree]:
        """Raises `GitFailed` if git ended early or complained about any of them."""
        arguments = ("merge-tree", "--write-tree", "--stdin", "--no-messages", "--allow-unrelated-histories")
        result = self.git.result(*arguments, data="".join([f"{ours} {theirs}\n" for ours, theirs in pairs]).encode())
        fields = iter(result.out.split(b"\0"))
        merged: list[MergedTree] = []
        # STATUS NUL TREE NUL, then a field for every conflicted file, then an empty field.
        while status := next(fields, b""):
            merged.append(MergedTree(next(fields, b"").decode("ascii"), status == b"1"))
            while next(fields, b""):
                pass
        if result.code or result.err or len(merged) != len(pairs):
            raise GitFailed(result)
        return merged


def _environment(folder: str, objects: str, inherited: Mapping[str, str]) -> dict[str, str]:
    alternates = quoted_alternate(objects)
    if inherited.get("GIT_ALTERNATE_OBJECT_DIRECTORIES"):  # git's own, for a push in quarantine
        alternates += ":" + inherited["GIT_ALTERNATE_OBJECT_DIRECTORIES"]
    env = {
        "PATH": inherited.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_DIR": folder,
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": alternates,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        # git writes when its buffer is full, not after every commit: a fifth of the time of many diffs (git 2.39.5).
        # Where somebody waits for one answer (`cat-file --batch`, the marks of `batch_diff`) it writes all the same.
        "GIT_FLUSH": "0",
    }
    for key, value in _IDENT.items():
        env["GIT_AUTHOR_" + key] = env["GIT_COMMITTER_" + key] = value
    return env


def quoted_alternate(path: str) -> str:
    """A path for GIT_ALTERNATE_OBJECT_DIRECTORIES, whose entries end at a colon unless they are quoted (git(1))."""
    if ":" not in path and not path.startswith('"'):
        return path
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _id(text: str) -> str:
    if len(text) not in (40, 64) or not set(text) <= set("0123456789abcdef"):
        raise UsageError(f"not a full object id: {printable(text, 100)!r}")
    return text
