"""What a push would bring to the remote: for every ref the commits that no branch of the remote has yet.

git tells the pre-push hook on standard input. pre-commit and prek keep that for themselves and tell of the first ref
only; then the arguments of the `git push` above say what goes out, or the configuration where they name nothing
(`remote.NAME.push`, `push.default`), and where none of it is known, every local branch that is ahead counts.
"""

from __future__ import annotations

import os

from sox_hooks.core.processes_above import ancestors
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode
from sox_hooks.git.argv import git_command
from sox_hooks.git.config import canonical, last, read_config
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
        lines = _told(data) if data is not None else _guessed(git, reader, refs, environ)
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


def _guessed(
    git: Git, reader: ObjectReader, refs: list[tuple[str, str]], environ: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """What is pushed, as far as anything tells: the local branches that are named, and commits that are no branch."""
    heads = [(name, oid, name) for oid, name in refs if name.startswith(_HEADS)]
    sources = _sources(git, environ)
    if sources is None:
        return heads
    left_out = [source[1:] for source in sources if source.startswith("^")]
    wanted = []
    for source in sources:
        mine = [one for one in heads if _names(source, one[0])]
        if not mine and source.isprintable() and " " not in source and (found := reader.read(f"{source}^{{commit}}")):
            mine = [(source, found[0], source)]  # HEAD, a tag, a commit
        wanted += mine
    return [one for one in dict.fromkeys(wanted) if not any(_names(source, one[0]) for source in left_out)]


def _names(source: str, ref: str) -> bool:
    """Whether the left side of a refspec names a branch; one `*` stands for anything (git-push(1))."""
    before, star, after = source.partition("*")
    if star:
        return len(ref) >= len(before) + len(after) and ref.startswith(before) and ref.endswith(after)
    return ref in (source, _HEADS + source)


def _sources(git: Git, environ: Mapping[str, str]) -> list[str] | None:
    """The left sides of what the `git push` above is to push, and the branch that the host tells of; None for all."""
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
        remote = positional[0] if positional else environ.get("PRE_COMMIT_REMOTE_NAME", "")
        refspecs = positional[1:] or _configured(git, remote)
        sources = [word.removeprefix("+").partition(":")[0] for word in refspecs]
        if "" in sources or (not sources and not told):  # `:` pushes all that match
            return None
        return [source for source in (told, *sources) if source]
    return None


def _configured(git: Git, remote: str) -> list[str]:
    """The refspecs of a `git push` that names none, but for the current branch, of which the host tells."""
    config = read_config(git, ("remote.", "push.default"))
    refspecs = config.get(canonical(f"remote.{remote}.push"), ())
    everything = last(config, f"remote.{remote}.mirror").lower() in ("true", "yes", "on", "1")
    if everything or (not refspecs and last(config, "push.default") == "matching"):
        return [":"]
    return list(refspecs)


def _boundary(git: Git, tips: list[str], there: list[str]) -> tuple[bool, tuple[str, ...]]:
    """Whether anything goes out, and the commits where it leaves what is `there`: a few instead of all refs."""
    listed = _rev_list(git, tips, there, "--boundary") if tips else []
    left = [name[1:] for name in listed if name.startswith("-")]
    return len(listed) > len(left), tuple(left)


def _rev_list(git: Git, tips: Sequence[str], left: Sequence[str], *options: str) -> list[str]:
    names = "".join([f"{oid}\n" for oid in [*tips, *[f"^{oid}" for oid in left]]])
    return git.run("rev-list", *options, "--stdin", data=names.encode("ascii")).decode("ascii").split()
