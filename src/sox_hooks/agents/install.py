"""Connecting agents: the files that are to be written or removed, and doing it."""

from __future__ import annotations

import os
import sys
from shlex import quote, split

from sox_hooks.agents.adapter import FILES, MARKED, Adapter
from sox_hooks.agents.merging import merged_block, merged_json, removed_block, removed_json
from sox_hooks.core.errors import ConfigError, EnvironmentProblem
from sox_hooks.core.files import problem, write_atomically
from sox_hooks.core.interpreter import start_options
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable

PROJECT, USER = "project", "user"
MARK = "sox-hooks: made by `sox-hooks agents install"


class Change(Struct):
    """One file: its text before and after, None where there is none."""

    agent: str
    path: str
    before: str | None
    after: str | None
    executable: bool = False

    @property
    def done(self) -> str:
        """What carrying it out amounts to."""
        if self.before == self.after:
            return "nothing to remove" if self.after is None else "already connected"
        if self.after is None:
            return "removed"
        return "made" if self.before is None else "changed"


def command_line(adapter: Adapter, level: str) -> str:
    """What the agent is told to run, without the phase.

    A project's configuration is shared by people with different machines, so it has the name that is on PATH; a user's
    own has the Python that is running now, which starts faster and needs no PATH.
    """
    if level == PROJECT or not os.path.isabs(sys.executable):
        return f"sox-hooks hook agent {adapter.called}"
    start = " ".join(quote(word) for word in (sys.executable, *start_options()))
    return f"{start} hook agent {adapter.called}"


def target(adapter: Adapter, level: str, base: str) -> str:
    """The file (or folder) of an agent; `base` is the work tree's top, or HOME."""
    return os.path.join(base, adapter.project if level == PROJECT else adapter.user)


def connect(adapter: Adapter, level: str, base: str) -> tuple[Change, ...]:
    """The changes that connect an agent. Raises `ConfigError` for a file that cannot be changed safely."""
    line = command_line(adapter, level)
    if adapter.shape == FILES:
        return tuple([_own(adapter, path, text, run) for path, text, run in own_files(adapter, level, base)])
    path = writable(target(adapter, level, base), base)
    before = read(path)
    try:
        if adapter.shape == MARKED:
            after = merged_block(before or "", adapter.block)
        else:
            after = merged_json(adapter, before or "", lambda phase: f"{line} {phase}", level)
    except ConfigError as error:
        raise _at(error, path) from error
    return (Change(adapter.id, path, before, after),)


def disconnect(adapter: Adapter, level: str, base: str) -> tuple[Change, ...]:
    """The changes that take an agent's connection away. Raises `ConfigError`."""
    if adapter.shape == FILES:
        found = []
        for path, _, _ in own_files(adapter, level, base):
            before = read(path)
            found.append(Change(adapter.id, path, before, None if before and MARK in before else before))
        return tuple(found)
    path = writable(target(adapter, level, base), base)
    before = read(path)
    if before is None:
        return (Change(adapter.id, path, None, None),)
    try:
        rest = removed_block(before) if adapter.shape == MARKED else removed_json(adapter, before, level)
    except ConfigError as error:
        raise _at(error, path) from error
    gone = not rest.strip() and rest != before
    return (Change(adapter.id, path, before, None if gone else rest),)


def own_files(adapter: Adapter, level: str, base: str) -> list[tuple[str, str, bool]]:
    """The files that are ours alone: path, text, and whether they can be run."""
    from json import dumps

    line = command_line(adapter, level)
    folder = target(adapter, level, base)
    return [
        (
            writable(os.path.join(folder, one.name), base),
            one.text.replace("@@COMMAND@@", line).replace("@@ARGV@@", dumps(split(line))),
            one.executable,
        )
        for one in adapter.files
    ]


def _own(adapter: Adapter, path: str, text: str, executable: bool) -> Change:
    before = read(path)
    if before is not None and MARK not in before:
        raise ConfigError(
            f"{adapter.name} has a hook of that name already, which is not ours",
            where=printable(path),
            fix="call ours from it (--print shows it), or move it away",
        )
    return Change(adapter.id, path, before, text, executable)


def carry_out(change: Change) -> None:
    """Write or remove the file. Raises `EnvironmentProblem`."""
    if change.before == change.after:
        if change.executable and change.after is not None and not os.access(change.path, os.X_OK):
            os.chmod(change.path, 0o755)  # noqa: S103 - a script that others run, too
        return
    try:
        if change.after is None:
            if os.path.lexists(change.path):  # two agents may share a file
                os.unlink(change.path)
            return
        os.makedirs(os.path.dirname(change.path), exist_ok=True)
        mode = os.stat(change.path).st_mode & 0o777 if change.before is not None else 0o644
    except OSError as error:
        raise problem("change the file", change.path, error) from error
    write_atomically(change.path, change.after.encode("utf-8", "surrogateescape"), 0o755 if change.executable else mode)


def writable(path: str, base: str) -> str:
    """Where to write: behind links, as people keep their configuration elsewhere, but never out of a work tree."""
    real = os.path.realpath(path)
    home = os.path.realpath(os.path.expanduser("~"))
    if os.path.realpath(base) != home and not (real + "/").startswith(os.path.realpath(base) + "/"):
        raise EnvironmentProblem("the file leads out of the work tree, so it is left alone", where=printable(path))
    return real


def _at(error: ConfigError, path: str) -> ConfigError:
    return ConfigError(error.what, where=printable(path) + error.where, why=error.why, fix=error.fix)


def read(path: str) -> str | None:
    """A text file, None if there is none. Raises `EnvironmentProblem` if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise problem("read the file", path, error) from error
