"""From a path as an agent wrote it to a place in a repository, without starting git.

A path is looked at in two ways: as it is written, and where it leads when links are followed; a change to either is
one. What Windows makes of paths (`C:\\repo\\src`, `/c:/repo/src`, `file:///...`) is understood as far as it can name
something in the repository.
"""

from __future__ import annotations

import os

from sox_hooks.core.struct import Struct

_MOST_FILES = 2000
_GLOBS = "*?["


class Root(Struct):
    """A work tree: `top`, its git directory, and the one that all its work trees share; absolute, links followed."""

    top: str
    git_dir: str
    common_dir: str


class Place(Struct):
    """One path in a work tree: `path` is relative to `root.top`, `absolute` is where it is."""

    root: Root | None
    path: str
    absolute: str


def root_of(path: str) -> Root | None:
    """The work tree that an absolute path is in: the nearest folder above it that holds a `.git`."""
    folder = path
    while True:
        found = _root_at(folder)
        if found is not None:
            return found
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _root_at(folder: str) -> Root | None:
    marker = os.path.join(folder, ".git")
    if os.path.isdir(marker):
        git_dir = marker
    else:
        try:
            with open(marker, "rb") as file:
                line = os.fsdecode(file.read(4096).rstrip(b"\n"))
        except OSError:
            return None
        if not line.startswith("gitdir: "):
            return None
        git_dir = os.path.join(folder, line.removeprefix("gitdir: "))
    if not os.path.exists(os.path.join(git_dir, "HEAD")):
        return None
    common = git_dir
    try:
        with open(os.path.join(git_dir, "commondir"), "rb") as file:
            common = os.path.join(git_dir, os.fsdecode(file.read(4096).rstrip(b"\n")))
    except OSError:
        pass
    return Root(os.path.realpath(folder), os.path.realpath(git_dir), os.path.realpath(common))


def places(path: str, cwd: str) -> tuple[Place, ...]:
    """Every place that a path may mean, none twice."""
    found: dict[str, Place] = {}
    for absolute in _readings(path, cwd):
        # `a/../b` is b, also where `a` is a link: the kernel's reading is the second one.
        for one in (os.path.normpath(absolute), os.path.realpath(absolute)):
            if one not in found:
                found[one] = _place(one)
                # The folder may be reached by a link while the last name is the link that is replaced.
                folder = os.path.join(os.path.realpath(os.path.dirname(one)), os.path.basename(one))
                found.setdefault(folder, _place(folder))
    return tuple(dict.fromkeys(found.values()))


def _place(absolute: str) -> Place:
    root = root_of(absolute)
    if root is None:
        return Place(None, "", absolute)
    relative = os.path.relpath(os.path.realpath(os.path.dirname(absolute)), root.top)
    path = os.path.normpath(os.path.join(relative, os.path.basename(absolute)))
    if absolute == root.top or path.startswith("../"):
        path = "."
    return Place(root, path, absolute)


def _readings(path: str, cwd: str) -> list[str]:
    """The absolute paths that the text may stand for."""
    if path.startswith("file://"):
        path = _unquoted(path.removeprefix("file://").removeprefix("localhost"))
    readings = [os.path.join(cwd, os.path.expanduser(path))]
    slashed = path.replace("\\", "/") if "\\" in path else path
    bare = slashed.lstrip("/").removeprefix("?/")
    drive = bare[:1].isalpha() and bare[1:3] == ":/"
    if slashed != path and not drive:
        readings.append(os.path.join(cwd, slashed))
    if drive:
        readings += _below_top(bare[2:], cwd)
    return readings


def _below_top(path: str, cwd: str) -> list[str]:
    """A path of another system: what comes behind the name of our work tree, wherever that stands in it.

    A path that does not name it is not ours.
    """
    root = root_of(cwd)
    if root is None:
        return []
    names = path.strip("/").split("/")
    own = os.path.basename(root.top).lower()
    return [os.path.join(root.top, *names[at + 1 :]) for at, name in enumerate(names) if name.lower() == own]


def _unquoted(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text, errors="surrogateescape")


def spread(absolute: str) -> list[str]:
    """A path of a shell command as paths to be judged: what a pattern matches, and what is in folders; bounded."""
    named = [absolute]
    if any(char in absolute for char in _GLOBS):
        from glob import iglob
        from itertools import islice

        named += islice(iglob(absolute), _MOST_FILES)
    folders = [path for path in named if os.path.isdir(path) and not os.path.islink(path)]
    return [*named, *_below(folders)]


def _below(folders: list[str]) -> list[str]:
    """What is in folders, level by level: what a policy names is seldom deep."""
    found: list[str] = []
    for here in folders:  # grows on the way
        if len(found) >= _MOST_FILES:
            break
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    if entry.name == ".git":
                        continue
                    found.append(entry.path)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except OSError:
            continue
    return found[:_MOST_FILES]
