"""What a push would bring to the remote: for every ref the commits that no branch of the remote has yet.

git tells the pre-push hook on standard input. pre-commit and prek keep that for themselves and tell of the first ref
only; then the arguments of the `git push` above say which branches go out, and where these are not known, every local
branch that is ahead counts.
"""

from __future__ import annotations

import os

from sox_hooks.core.processes_above import ancestors
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode
from sox_hooks.git.argv import git_command
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.run import Git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEADS = "refs/heads/"
# Options of `git push` that take the next argument (git-push(1)).
_VALUES = ("-o", "--push-option", "--receive-pack", "--exec", "--repo")
_EVERYTHING = ("--all", "--branches", "--mirror")


class Update(Struct):
    """One ref that is pushed: `local` and `remote` are refs as git names them, `tip` is the commit."""

    local: str
    remote: str
    tip: str


class Outgoing(Struct):
    """What goes out: the updates that bring commits, and where their history leaves what the remote has."""

    remote: str
    updates: tuple[Update, ...]
    left: tuple[str, ...]


def outgoing(git: Git, data: bytes | None, arguments: Sequence[str], environ: Mapping[str, str]) -> Outgoing:
    """What goes out. `data` is what git has told the hook, None if the host keeps it for itself."""
    remote = arguments[0] if arguments and data is not None else environ.get("PRE_COMMIT_REMOTE_NAME", "")
    listing = git.start("for-each-ref", "--format=%(objectname) %(refname)", "refs/remotes", _HEADS)
    with ObjectReader(git) as reader:
        refs = [line.partition(" ")[::2] for line in decode(listing.finish().out).splitlines()]
        lines = _told(data) if data is not None else _guessed(refs, environ)
        updates = [
            Update(local, name, found[0])
            for local, oid, name in lines
            if set(oid) != {"0"} and (found := reader.read(f"{oid}^{{commit}}")) is not None
        ]
    there = [oid for oid, name in refs if name.startswith(f"refs/remotes/{remote}/")]
    if not there:  # pushed to an address, or to a remote that nothing was fetched from yet
        there = [oid for oid, name in refs if name.startswith("refs/remotes/")]
    left = _boundary(git, [update.tip for update in updates], there)
    return Outgoing(remote, tuple(updates), left[1]) if left[0] else Outgoing(remote, (), ())


def commits_of(git: Git, update: Update, left: Sequence[str]) -> set[str]:
    """The outgoing commits of one update."""
    return set(_rev_list(git, [update.tip], left))


def _told(data: bytes) -> list[tuple[str, str, str]]:
    """`local-ref SP local-id SP remote-ref SP remote-id LF` (githooks(5)); refs hold no blanks."""
    lines = [line.split(" ") for line in decode(data).splitlines()]
    return [(fields[0], fields[1], fields[2]) for fields in lines if len(fields) == 4]


def _guessed(refs: list[tuple[str, str]], environ: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The local branches that are pushed, as far as anything tells."""
    heads = [(name, oid, name) for oid, name in refs if name.startswith(_HEADS)]
    named = _named(environ)
    return heads if named is None else [one for one in heads if one[0] in named]


def _named(environ: Mapping[str, str]) -> set[str] | None:
    """The local branches that the `git push` above names, and the one that the host tells of; None for all."""
    told = environ.get("PRE_COMMIT_LOCAL_BRANCH", "")
    for process in ancestors():
        command = git_command([os.fsdecode(argument) for argument in process.argv])
        if command is None or command[0] != "push":
            continue
        words = iter(command[1:])
        positional = []
        for word in words:
            if word in _VALUES:
                next(words, "")
            elif word in _EVERYTHING:
                return None
            elif not word.startswith("-"):
                positional.append(word)
        sources = [word.removeprefix("+").partition(":")[0] for word in positional[1:]]
        if "" in sources or (not sources and not told):  # `:` pushes all that match
            return None
        return {told, *sources, *[_HEADS + source for source in sources]}
    return None


def _boundary(git: Git, tips: list[str], there: list[str]) -> tuple[bool, tuple[str, ...]]:
    """Whether anything goes out, and the commits where it leaves what is `there`: a few instead of all refs."""
    listed = _rev_list(git, tips, there, "--boundary") if tips else []
    left = [name[1:] for name in listed if name.startswith("-")]
    return len(listed) > len(left), tuple(left)


def _rev_list(git: Git, tips: Sequence[str], left: Sequence[str], *options: str) -> list[str]:
    names = "".join([f"{oid}\n" for oid in [*tips, *[f"^{oid}" for oid in left]]])
    return git.run("rev-list", *options, "--stdin", data=names.encode("ascii")).decode("ascii").split()
