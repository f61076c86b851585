"""Comparing the files with the policy: what is out of step, and the texts that would be in step."""

from __future__ import annotations

import os
from stat import S_ISREG

from sox_hooks.agents.exclusion.blocks import UNREADABLE
from sox_hooks.agents.exclusion.refused import Refused, refused
from sox_hooks.agents.install import Change, read, writable
from sox_hooks.core.errors import ConfigError, SoxError
from sox_hooks.core.findings import NOTE, Finding, Place
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.policy.rules import finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sox_hooks.agents.exclusion.formats import Held
    from sox_hooks.agents.exclusion.targets import Target
    from sox_hooks.policy.model import Policy

# What every file holds that has something of ours; that is faster than reading it, and works for one that is broken.
MARKS = ("sox-hooks: begin", ".sox-hooks-begin")
# Of missing and stale entries each; the command that mends it shows the rest.
_MOST_NAMED = 3


class Planned(Struct):
    """One file: what it would be (`change`), what of ours it holds (`held`) and should hold (`wanted`)."""

    target: Target
    change: Change
    held: Held | None
    wanted: tuple[str, ...]
    unreadable: bool
    notes: tuple[str, ...]

    @property
    def in_step(self) -> bool:
        """Whether nothing has to be done."""
        return self.change.before == self.change.after


def used(targets: Iterable[Target], top: str) -> tuple[Target, ...]:
    """The files that hold something of ours. One that cannot be read counts: whoever plans it will say why."""
    found = []
    for target in targets:
        path = os.path.join(top, target.file)
        if os.path.islink(path) or not os.path.isfile(path):
            continue
        try:
            text = _read(target, top) or ""
            if any(mark in text for mark in MARKS) and target.format.held(text) is not None:
                found.append(target)
        except SoxError:
            found.append(target)
    return tuple(found)


def plan(target: Target, top: str, policy: Policy, day: str, unreadable: bool = False) -> Planned:
    """What a file should be on a day. `unreadable` is kept once a file was made with it.

    Raises `ConfigError` for a file that cannot be changed safely.
    """
    path = writable(os.path.join(top, target.file), top)
    text = _read(target, top)
    said = refused(policy, target.tools, day)
    try:
        held = None if text is None else target.format.held(text)
        unreadable = unreadable or (held is not None and held.unreadable)
        wanted = target.format.wanted(said, unreadable)
        notes = _notes(target, said, wanted)
        if held is not None and _same(held, wanted, unreadable):
            after = text
        else:
            after = target.format.merged(text or "", wanted, notes, unreadable)
        _check_rival(target, top)
    except ConfigError as error:
        raise _at(error, target) from error
    return Planned(target, Change(target.tools[0], path, text, after), held, wanted, unreadable, notes)


def unplan(target: Target, top: str) -> Change:
    """The file without anything of ours. Raises `ConfigError`."""
    path = writable(os.path.join(top, target.file), top)
    text = _read(target, top)
    if text is None:
        return Change(target.tools[0], path, None, None)
    try:
        if target.format.held(text) is None:
            return Change(target.tools[0], path, text, text)
        rest = target.format.removed(text)
    except ConfigError as error:
        raise _at(error, target) from error
    return Change(target.tools[0], path, text, rest if rest.strip("\ufeff \t\r\n") else None)


def findings_of(planned: Planned, ref: str) -> list[Finding]:
    """What `--check` says about one file; `ref` is where the policy was read from, "" for the work tree."""
    file = planned.target.file
    shown = {"severity": NOTE, "place": Place(file), "fix": "Nothing, if that is meant"}
    found = [finding("SOX714", f"{file}: {note}", **shown) for note in planned.notes]
    if planned.in_step:
        return found
    held = planned.held
    options = [f"--ref {printable(ref, 100)}"] if ref else []
    if planned.unreadable and not (held and held.unreadable):
        options.append(UNREADABLE)
    fix = " ".join(["sox-hooks agents ignore-files", *options, planned.target.tools[0]])
    if held is None:
        message = (
            f"{file} has no entries from the policy" if planned.change.before is not None else f"{file} is missing"
        )
        return [finding("SOX714", message, place=Place(file, 1), fix=fix), *found]
    missing = [entry for entry in planned.wanted if entry not in held.entries]
    stale = [entry for entry in held.entries if entry not in planned.wanted]
    words = [f"{name} {_named(these)}" for name, these in (("lacks", missing), ("still has", stale)) if these]
    if held.faulty:
        words.append(held.faulty)
    message = f"{file} is out of step with the policy: {'; '.join(words) or 'its entries are in another order'}"
    return [finding("SOX714", message, place=Place(file, held.line), fix=fix), *found]


def _same(held: Held, wanted: tuple[str, ...], unreadable: bool) -> bool:
    return held.entries == wanted and not held.faulty and held.unreadable is unreadable


def _named(entries: list[str]) -> str:
    text = ", ".join([printable(entry, 80) for entry in entries[:_MOST_NAMED]])
    return text if len(entries) <= _MOST_NAMED else f"{text} and {len(entries) - _MOST_NAMED} more"


def _notes(target: Target, said: Refused, wanted: tuple[str, ...]) -> tuple[str, ...]:
    notes = list(said.notes)
    if target.tools[0] == "codex" and any(entry.startswith("deny ") for entry in wanted) and not said.reads:
        notes.append("Codex cannot close a path with a wildcard to writing alone: it is closed to reading, too")
    return tuple(notes)


def _check_rival(target: Target, top: str) -> None:
    if not target.rival:
        return
    text = read(os.path.join(top, target.rival)) or ""
    if f'"{target.rival_key}"' in text:
        raise ConfigError(
            f"{target.rival} has a `{target.rival_key}`, too, and it overrules this file",
            fix=f"move that table into {target.file}",
        )


def _read(target: Target, top: str) -> str | None:
    """The file's text, None if there is none. Raises `ConfigError` for what is no file, or a link to one."""
    path = os.path.join(top, target.file)
    if os.path.islink(path):
        # `.cursorignore` is a link to `.gitignore` here and there: git would then ignore what no agent may edit.
        raise ConfigError(
            "it is a link, and our entries would count where it leads, too",
            where=target.file,
            fix="replace the link by a file of its own",
        )
    try:
        regular = S_ISREG(os.stat(path).st_mode)
    except OSError:
        regular = True  # `read` says what is wrong
    if not regular:
        raise ConfigError("what stands there is no file, so it is left alone", where=target.file)
    return read(path)


def _at(error: ConfigError, target: Target) -> ConfigError:
    return ConfigError(error.what, where=target.file + error.where, why=error.why, fix=error.fix)
