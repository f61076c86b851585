"""What git said last about a work tree, for as long as nothing it depends on has changed.

Asking git which policy governs takes two processes, a quarter of the guard's time. The answer hangs on a few files:
git's configuration, HEAD, the refs that the policy is read from. Their digests are kept with the answer, and it counts
only while every one of them is as it was, and the variables that git obeys, too. What cannot be watched like this is
not kept: a policy that is not committed, a revision that is no ref, an include that git finds by itself.

Like the compiled policy it is a file of the person's own in the git directory, which agents may not edit: no more
protection is needed than that, because the commit and CI ask git.
"""

from __future__ import annotations

import os
import stat

from sox_hooks import __version__
from sox_hooks.core.digest import sha256_hex
from sox_hooks.core.own_files import read_own
from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sox_hooks.agents.places import Root

_VARIABLES = ("GIT_CONFIG", "GIT_OBJECT", "GIT_ALTERNATE", "GIT_NO_REPLACE", "GIT_REPLACE", "GIT_NAMESPACE")
_PLACES = ("HOME", "XDG_CONFIG_HOME")
# Larger files (packed-refs of many branches) and folders are known by size, time and number instead of content.
_MOST_BYTES = 1 << 16
_NONE = "-"
# What a short name may be short for.
_RULES = ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
_DEPTH = 5


class Known(Struct):
    """The policy's identity, and the settings that the guard needs."""

    identity: str
    email: str
    hooks_path: str
    transcripts: bool


def recall(root: Root, environ: Mapping[str, str]) -> Known | None:
    """What git said, None if it must be asked. Raises nothing."""
    raw = read_own(_path(root), _MOST_BYTES)
    head, _, text = (raw or b"").partition(b"\n")
    if head != _head(environ, text):
        return None
    from sox_hooks.core.fastjson import loads

    try:
        known, watched = loads(text.decode("utf-8"))
        if any(_token(path) != token for path, token in watched):
            return None
        return Known(*known)
    except (ValueError, TypeError):  # only another program can have written that, with the right digest
        return None


def remember(root: Root, environ: Mapping[str, str], known: Known, before: Mapping[str, str]) -> None:
    """Keep an answer that hangs on files; `before` are their tokens from before git was asked. Raises nothing.

    Where a file has changed while git was at work nobody knows which state it saw, so nothing is kept.
    """
    after = tokens(before)
    if after != before:
        return
    from sox_hooks.core.errors import EnvironmentProblem
    from sox_hooks.core.fastjson import dumps
    from sox_hooks.core.files import write_atomically

    try:
        text = dumps([list(known.astuple()), [list(item) for item in after.items()]]).encode("utf-8")
        write_atomically(_path(root), _head(environ, text) + b"\n" + text)
    except (OSError, EnvironmentProblem, ValueError):  # a path that is not UTF-8; a folder that cannot be written
        return


def usual_files(root: Root, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Where git looks for its configuration (git-config(1), FILES), and what every answer depends on."""
    home = environ.get("HOME", "")
    own = os.path.join(environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "git/config")
    files = [environ.get("GIT_CONFIG_SYSTEM") or "/etc/gitconfig"]
    chosen = environ.get("GIT_CONFIG_GLOBAL")
    files += [own, os.path.join(home, ".gitconfig")] if chosen is None else [chosen]
    files += [os.path.join(root.common_dir, name) for name in ("config", "packed-refs", "refs/replace")]
    files += [os.path.join(root.git_dir, name) for name in ("config.worktree", "HEAD")]
    files += [os.path.join(folder, "reftable/tables.list") for folder in dict.fromkeys((root.git_dir, root.common_dir))]
    return tuple([os.path.join(root.top, path) for path in files])


def ref_files(root: Root, configured: str) -> tuple[str, ...]:
    """The files that say which commit the policy is read from: all that a name may mean (gitrevisions(7)), and what
    symbolic refs lead to."""
    found: dict[str, None] = {}
    for rule in _RULES:
        _follow(root, rule.format(configured or "origin/HEAD"), found)
    _follow(root, "HEAD", found)
    return tuple(found)


def is_watchable(root: Root, configured: str) -> bool:
    """Whether a name can only mean a ref, so that `ref_files` says all about it."""
    if not configured:
        return True
    packed = _content(os.path.join(root.common_dir, "packed-refs")) or b""
    names = [rule.format(configured) for rule in _RULES]
    loose = [os.path.join(folder, name) for folder in (root.git_dir, root.common_dir) for name in names]
    return any(map(os.path.isfile, loose)) or any(f" {name}\n".encode("utf-8", "replace") in packed for name in names)


def _follow(root: Root, name: str, found: dict[str, None], depth: int = 0) -> None:
    for folder in dict.fromkeys((root.git_dir, root.common_dir)):
        path = os.path.join(folder, name)
        found[path] = None
        target = _content(path) or b""
        if target.startswith(b"ref: ") and depth < _DEPTH:
            _follow(root, os.fsdecode(target[5:].strip()), found, depth + 1)


def tokens(paths: Iterable[str]) -> dict[str, str]:
    """For each path what tells one state of it from another."""
    return {path: _token(path) for path in paths}


def _token(path: str) -> str:
    raw = _content(path)
    if raw is not None:
        return sha256_hex(raw)[:32]
    try:
        found = os.stat(path)
    except OSError:
        return _NONE
    return f"{found.st_mode} {found.st_ino} {found.st_size} {found.st_mtime_ns}"


def _content(path: str) -> bytes | None:
    """A file of a sensible size, whoever owns it, or None. Not blocking: a FIFO must not hang an agent."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_BYTES:
            return None
        return os.read(descriptor, _MOST_BYTES)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _path(root: Root) -> str:
    name = sha256_hex(os.fsencode(root.git_dir))[:32]
    return os.path.join(root.common_dir, f"sox-hooks/cache/ground-{name}")


def _head(environ: Mapping[str, str], text: bytes) -> bytes:
    obeyed = sorted([name for name in environ if name in _PLACES or name.startswith(_VARIABLES)])
    values = "\0".join([f"{name}={environ[name]}" for name in obeyed])
    words = f"{__version__}\0{values}".encode("utf-8", "surrogateescape") + text
    return f"sox-ground 2 {sha256_hex(words)}".encode("ascii")
