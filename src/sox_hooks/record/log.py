"""The local audit log: one JSON object a line, each with the SHA-256 of the line before it.

    {"index":2,"time":"2026-11-23T14:02:11Z","previous":"<64 hex>","event":"recorded",...}

* `index` counts from 1; `previous` is the SHA-256 of the previous line without its newline, 64 zeros in the first.
* The first entry is `started` with a random nonce. The log's id is the first 12 hex digits of the SHA-256 of its line,
  so a deleted log that starts again has another id.
* An append reads the first line and the tail only, so its cost does not grow with the log. It is locked (worktrees of
  one repository share the log) and on disk before `append` returns.
* A process that is killed in the middle leaves a line without its end. The next append moves those bytes to
  `log.torn-<id>.<index>` (`log.torn-start` where not even the first line was whole) and writes an entry `repaired`
  with that index, the number of the bytes and their SHA-256.

What it proves: whoever holds an `Anchor` of an entry (they travel in commits, `log=`) can tell that this entry and all
before it are unchanged. What came after the last anchor that others have seen can still be cut off or rewritten, and a
deleted log looks like a new clone.
"""

from __future__ import annotations

import os
import stat

from sox_hooks.core.clock import now
from sox_hooks.core.digest import sha256_hex
from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.files import Lock, private_folder, problem, sync_folder, write_all, write_atomically
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    quote: Callable[[str], str]
else:
    try:
        from _json import encode_basestring_ascii as quote  # the C half of json; the rest imports re, which costs 5 ms
    except ImportError:
        from json.encoder import encode_basestring_ascii as quote

FOLDER = "sox-hooks"  # in the common git directory
NAME = "log.jsonl"
NO_PREVIOUS = "0" * 64
ID_DIGITS = 12
ANCHOR_DIGITS = 32  # 128 bits
MAX_LINE = 1 << 24  # bytes; nothing that we write comes near it, and a reader needs a limit
_BLOCK = 1 << 14
HEAD = ("index", "time", "previous", "event")  # how every line begins
# Never stored, whatever a caller thinks. Session ids are stored hashed, as `session`.
_FORBIDDEN = ("prompt", "prompts", "transcript", "transcript_path", "session_id", "conversation", "response")


class Anchor(Struct):
    """Fixes one entry, and through the chain all before it: the log's id, the entry's index, 32 hex digits of its hash.

    `str()` is the value of `log=` in a record.
    """

    log_id: str
    index: int
    digest: str

    def __str__(self) -> str:
        return f"{self.log_id}.{self.index}.{self.digest}"


def parse_anchor(text: str) -> Anchor:
    """The anchor in the value of a `log=` that `record.read` let pass."""
    log_id, index, digest = text.split(".")
    return Anchor(log_id, int(index), digest)


def anchor(first_line: bytes, index: int, line: bytes) -> Anchor:
    """The anchor of the entry `line` (without newline) in the log that begins with `first_line`."""
    return Anchor(_log_id(first_line), index, sha256_hex(line)[:ANCHOR_DIGITS])


def _log_id(first_line: bytes) -> str:
    return sha256_hex(first_line)[:ID_DIGITS]


class _State(Struct):
    """A log as an append finds it: bytes that are sound, the first line, and the entry that the next one follows."""

    size: int = 0
    first: bytes = b""
    index: int = 0
    line: bytes = b""


class Log:
    """The log of one repository; `common_dir` as `git rev-parse --git-common-dir` says."""

    def __init__(self, common_dir: str, timeout: float = 10.0) -> None:
        self.folder = os.path.join(common_dir, FOLDER)
        self.path = os.path.join(self.folder, NAME)
        self._timeout = timeout

    def begun(self) -> bool:
        """Whether there is anything in the place of the log."""
        return os.path.lexists(self.path)

    def id(self) -> str:
        """The log's id, "" where there is no log that can be read."""
        try:
            with open(self.path, "rb") as file:
                first = file.readline(_BLOCK)
        except OSError:
            return ""
        return _log_id(first.removesuffix(b"\n")) if entry_index(first.removesuffix(b"\n")) == 1 else ""

    def append(self, event: str, fields: Mapping[str, object], moment: str = "") -> Anchor:
        """Add an entry and return its anchor once it is on disk. `moment` is its time, the present by default.

        `fields` are strings, integers, booleans, None, and lists and dictionaries of them. Raises
        `EnvironmentProblem` where the log cannot be written (it is then as it was) or was damaged by other means than
        a killed append.
        """
        for name in HEAD:
            if name in fields:
                raise ValueError(f"the log gives every entry its own {name!r}")
        time = moment or now()
        if len(time) != 20:
            raise ValueError(f"not a time: {time!r}")
        body = encode({"event": event, **fields})
        private_folder(self.folder)
        with Lock(os.path.join(self.folder, "log.lock"), self._timeout):
            try:
                flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                descriptor = os.open(self.path, flags, 0o600)
            except OSError as error:
                raise problem("open the audit log", self.path, error) from error
            try:
                return self._append(descriptor, body, time)
            except OSError as error:
                raise problem("write the audit log", self.path, error) from error
            finally:
                os.close(descriptor)

    def _append(self, descriptor: int, body: bytes, time: str) -> Anchor:
        size = _regular_size(descriptor, self.path)
        state = _state(descriptor, size, self.path)
        if state.size < size:
            self._save_torn(state, os.pread(descriptor, size - state.size, state.size))
            os.ftruncate(descriptor, state.size)
        bodies = [body]
        torn = self._torn(state)
        if torn:
            bodies.insert(0, encode({"event": "repaired", "torn": torn}))
        if not state.index:
            bodies.insert(0, encode({"event": "started", "nonce": os.urandom(16).hex()}))
        first, index, line, text = state.first, state.index, state.line, b""
        for part in bodies:
            index += 1
            previous = sha256_hex(line) if line else NO_PREVIOUS
            line = b'{"index":%d,"time":"%b","previous":"%b",%b' % (index, time.encode(), previous.encode(), part[1:])
            if len(line) > MAX_LINE:
                raise ValueError(f"a log entry of {len(line)} bytes")
            first = first or line
            text += line + b"\n"
        _write_end(descriptor, state.size, text)
        if not state.size:
            sync_folder(self.folder)
        return anchor(first, index, line)

    def _torn_names(self, state: _State) -> list[str]:
        """The files that hold what was torn at this place, and at last the first free name."""
        place = f"{_log_id(state.first)}.{state.index + 1}" if state.index else "start"
        base = os.path.join(self.folder, f"log.torn-{place}")
        names = [base]
        while os.path.lexists(names[-1]):
            names.append(f"{base}.{len(names)}")
        return names

    def _save_torn(self, state: _State, data: bytes) -> None:
        # A repair can be killed too: then the same bytes are there already, or others were torn at the same place.
        *taken, free = self._torn_names(state)
        if data not in [_content(path) for path in taken]:
            write_atomically(free, data)

    def _torn(self, state: _State) -> list[object]:
        """What was saved by this repair, or by one that was killed before it could write its entry."""
        contents = [(os.path.basename(path), _content(path)) for path in self._torn_names(state)[:-1]]
        return [{"file": name, "bytes": len(data), "sha256": sha256_hex(data)} for name, data in contents]


def entry_index(line: bytes) -> int:
    """The index of a line that has the form of an entry, or 0. The cheap test of the hook; `log_check` is thorough."""
    head, separator, rest = line.partition(b',"time":"')
    digits = head.removeprefix(b'{"index":')
    if not separator or len(head) == len(digits) or not digits.isdigit() or digits[0] == 48 or len(digits) > 15:
        return 0
    middle = rest[20:34] == b'","previous":"' and rest[98:109] == b'","event":"'
    return int(digits) if middle and line.endswith(b"}") and b"\0" not in line else 0


def _regular_size(descriptor: int, path: str) -> int:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise EnvironmentProblem(
            "the audit log is not a regular file", where=printable(path, 300), fix="move it away, then commit again"
        )
    return status.st_size


def _state(descriptor: int, size: int, path: str) -> _State:
    """What is sound of a log. A broken line at the very end is what a kill or a power cut leaves; more is damage."""
    start, line, end = _last_line(descriptor, size)
    if end == size and line and not entry_index(line):
        # Power cuts can leave blocks of zeros inside the last line (delayed allocation).
        size = start
        start, line, end = _last_line(descriptor, size)
    if not end and size <= MAX_LINE:
        return _State()
    index = entry_index(line)
    first = os.pread(descriptor, _BLOCK, 0).partition(b"\n")[0]
    if not index or entry_index(first) != 1:
        raise EnvironmentProblem(
            f"the audit log is damaged: its {'first' if index else 'last'} lines are not entries",
            where=printable(path, 300),
            why="nothing is written after bytes that are no entry: it would hide that something was changed",
            fix="look at it with: sox-hooks log verify; to begin a new log, move it away and keep it for the auditors",
        )
    return _State(end, first, index, line)


def _last_line(descriptor: int, size: int) -> tuple[int, bytes, int]:
    """(start, content, end with its newline) of the last whole line in `size` bytes; (0, b"", 0) if there is none."""
    length = min(_BLOCK, size)
    while True:
        data = os.pread(descriptor, length, size - length)
        stop = data.rfind(b"\n")
        start = data.rfind(b"\n", 0, max(stop, 0)) + 1
        if stop >= 0 and (start or length == size):
            offset = size - length
            return offset + start, data[start:stop], offset + stop + 1
        if length == size or length > 2 * MAX_LINE:
            return 0, b"", 0
        length = min(4 * length, size)


def _write_end(descriptor: int, size: int, text: bytes) -> None:
    """Write at the end of a file of `size` bytes, durably, or leave it as it was."""
    try:
        os.lseek(descriptor, size, os.SEEK_SET)
        write_all(descriptor, text)
        os.fsync(descriptor)
    except OSError:
        _cut(descriptor, size)
        raise


def _cut(descriptor: int, size: int) -> None:
    try:
        os.ftruncate(descriptor, size)
    except OSError:
        return  # the next append repairs it; what went wrong first is the thing to tell


def _content(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        data = b""
        while block := os.read(descriptor, 1 << 20):
            data += block
        return data
    finally:
        os.close(descriptor)


def encode(value: object) -> bytes:
    """Compact JSON in ASCII, deterministic. Raises `TypeError` or `ValueError` for what does not belong into a log."""
    return _text(value).encode("ascii")


def _text(value: object) -> str:
    if isinstance(value, str):
        return quote(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return f"[{','.join([_text(item) for item in value])}]"
    if isinstance(value, dict):
        return f"{{{','.join([f'{quote(_key(key))}:{_text(item)}' for key, item in value.items()])}}}"
    raise TypeError(f"a log entry cannot hold a {type(value).__name__}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a log entry cannot have the key {key!r}")
    if key.lower() in _FORBIDDEN:
        raise ValueError(f"the log never stores a {key!r}")
    return key
