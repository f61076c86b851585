"""Checking the audit log: the chain from the first entry to the last, and anchors that commits hold.

The file is read as a stream; memory does not grow with it.
"""

from __future__ import annotations

import os
import stat

from sox_hooks.core.digest import sha256_hex
from sox_hooks.core.errors import CannotVerify, EnvironmentProblem
from sox_hooks.core.files import problem
from sox_hooks.core.findings import Place
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.policy.rules import finding
from sox_hooks.record.log import HEAD, MAX_LINE, NO_PREVIOUS, Anchor, anchor, entry_index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import BinaryIO

    from sox_hooks.core.findings import Finding

# A log that was rewritten somewhere has one broken link; one that is no log at all has a million.
MOST_FINDINGS = 20


class LogReport(Struct):
    """What a log is worth.

    entries   how many lines are entries
    findings  SOX701 and SOX702, in the order of the lines, at most `MOST_FINDINGS`; empty = all is well
    log_id    12 hex digits, "" if there is no first entry
    last      the anchor of the last entry, or None
    events    how often each event occurs, by name
    """

    entries: int
    findings: tuple[Finding, ...]
    log_id: str
    last: Anchor | None
    events: tuple[tuple[str, int], ...]


def verify_log(path: str) -> LogReport:
    """Check every line of the log at `path`.

    Raises `CannotVerify` (SOX704) where there is no log, and `EnvironmentProblem` where it cannot be read.
    """
    check = _Check(path)
    with open_log(path) as file:
        for line in lines(file):
            check.line(line)
    if not check.number:
        raise _missing("the audit log of this clone is empty", path)
    last = anchor(check.first, entry_index(check.last), check.last) if check.last else None
    events = tuple(sorted(check.events.items()))
    return LogReport(check.entries, tuple(check.findings), last.log_id if last else "", last, events)


def check_anchor(path: str, wanted: Anchor) -> bool | None:
    """Whether the log still has the entry that `wanted` fixes.

    False: the entry was changed, or the log was cut before it. None: this is another log (or there is none), which
    says nothing about that one. Everything before the entry is what it was only if `verify_log` finds nothing.
    """
    try:
        with open_log(path) as file:
            first = b""
            for number, line in enumerate(lines(file), start=1):
                content = line.removesuffix(b"\n")
                first = first or content
                if number == 1 and anchor(first, 1, content).log_id != wanted.log_id:
                    return None
                if number == wanted.index:
                    return line.endswith(b"\n") and anchor(first, number, content) == wanted
            return False if first else None
    except CannotVerify:
        return None


def entries_at(path: str, wanted: Collection[Anchor]) -> dict[Anchor, dict[str, object]]:
    """The entries that these anchors fix, as far as this log has them, each exactly as it was when it was signed.

    Raises `EnvironmentProblem` where the log cannot be read; no log has no entries.
    """
    indexes = {one.index for one in wanted}
    found: dict[Anchor, dict[str, object]] = {}
    if not indexes:
        return found
    try:
        with open_log(path) as file:
            first = b""
            for line in lines(file):
                content = line.removesuffix(b"\n")
                first = first or content
                index = entry_index(content)
                place = anchor(first, index, content) if index in indexes else None
                entry = parse_entry(content) if place is not None and place in wanted else None
                if place is not None and entry is not None:
                    found[place] = entry
    except CannotVerify:
        pass
    return found


def open_log(path: str) -> BinaryIO:
    """The log for reading. Raises as `verify_log`; a symbolic link is not followed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise _missing("there is no audit log in this clone", path) from error
    except OSError as error:
        raise problem("read the audit log", path, error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise EnvironmentProblem("the audit log is not a regular file", where=printable(path, 300))
    return os.fdopen(descriptor, "rb", buffering=1 << 16)


def _missing(what: str, path: str) -> CannotVerify:
    return CannotVerify(
        what,
        where=printable(path, 300),
        why="the first recorded commit makes the log; a clone whose log was deleted looks like a new clone",
        fix="if commits were recorded here, restore the log from a backup; their log= shows its id",
        rule="SOX704",
    )


def lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines with their newlines; one that is longer than an entry can be comes in pieces."""
    while line := file.readline(MAX_LINE + 1):
        yield line


def parse_entry(line: bytes) -> dict[str, object] | None:
    """The entry in a line (without newline), or None if it is none."""
    import json

    if not entry_index(line):
        return None
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    # The line begins with these four, and of a doubled name json takes the last: both readings must agree.
    index, time, previous, event = [entry[name] for name in HEAD]
    head = f'{{"index":{index},"time":"{time}","previous":"{previous}","event":"{event}"'
    return entry if line.startswith(head.encode("utf-8", "replace")) else None


class _Check:
    """The state of going through a log line by line."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.number = 0
        self.entries = 0
        self.first = b""
        self.before = b""  # the content of the line before this one
        self.index = 0  # of the entry in that line, 0 if there is none
        self.last = b""  # the content of the last line that is an entry
        self.findings: list[Finding] = []
        self.events: dict[str, int] = {}

    def line(self, line: bytes) -> None:
        self.number += 1
        content = line.removesuffix(b"\n")
        if len(content) == len(line) and len(line) <= MAX_LINE:
            self._found("SOX701", f"the last line of the audit log is incomplete: {len(line)} bytes without an end")
            return
        entry = parse_entry(content)
        if entry is None:
            self._found("SOX702", f"line {self.number} of the audit log is not an entry")
            self.index = 0
        else:
            self._entry(entry, content)
        self.first = self.first or content
        self.before = content

    def _entry(self, entry: dict[str, object], content: bytes) -> None:
        self.entries += 1
        index, event = entry["index"], str(entry["event"])
        first = self.number == 1
        if entry["previous"] != (NO_PREVIOUS if first else sha256_hex(self.before)):
            gone = "the entries before it are gone" if first else "an entry before it was changed or removed"
            self._found("SOX702", f"the chain of the audit log is broken at entry {index}: {gone}")
        elif index != self.index + 1:
            self._found("SOX702", f"entry {index} of the audit log stands where entry {self.index + 1} belongs")
        elif first != (event == "started"):
            self._found("SOX702", f"entry {index} of the audit log {'is no' if first else 'is a second'} beginning")
        self.events[event] = self.events.get(event, 0) + 1
        self.last = content
        self.index = entry_index(content)

    def _found(self, rule: str, message: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding(rule, message, place=Place(self.path, self.number)))
