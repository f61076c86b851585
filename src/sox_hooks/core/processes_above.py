"""The processes above this one: who started whom, as far as the machine lets us look, within 50 ms.

Two rooms ask: `git.state` looks for the arguments of `git commit`, `detection.ancestry` for an agent. Neither may fail
a commit, so whatever cannot be read ends the chain instead of raising: a vanished process, `hidepid` (proc(5)), a
process namespace whose first process has no parent that we could see.
"""

from __future__ import annotations

import os
import time

from sox_hooks.core.struct import Struct

DEPTH = 32
SECONDS = 0.05
_ARGUMENT_BYTES = 2 << 20  # Linux's usual limit for all arguments of a process (execve(2)); longer ones are cut


class ProcessInfo(Struct):
    """One process. `argv` is as the process shows it: it may have rewritten it, and it is empty for kernel threads."""

    pid: int
    ppid: int
    argv: tuple[bytes, ...]


def ancestors() -> tuple[ProcessInfo, ...]:
    """The parent of this process first, then its parent, and so on; at most `DEPTH` in at most about `SECONDS`."""
    deadline = time.monotonic() + SECONDS
    if arguments_are_exact():
        return chain_in_proc(os.getppid(), deadline)
    return chain_in_listing(_listing(SECONDS), os.getppid())


def arguments_are_exact() -> bool:
    """Whether `ancestors` tells arguments as they were given; otherwise they are cut at every blank."""
    return os.path.exists("/proc/self/stat")


def chain_in_proc(pid: int, deadline: float, root: str = "/proc") -> tuple[ProcessInfo, ...]:
    """`pid` and those above it from `/proc`, until `time.monotonic()` is past `deadline`."""
    chain: list[ProcessInfo] = []
    while pid > 0 and len(chain) < DEPTH and time.monotonic() < deadline:
        process = _read_proc(pid, root)
        if process is None:
            break
        chain.append(process)
        pid = process.ppid
    return tuple(chain)


def chain_in_listing(listing: bytes, pid: int) -> tuple[ProcessInfo, ...]:
    """`pid` and those above it from lines of `PID PPID ARGUMENTS`.

    ps joins the arguments with blanks and nothing tells these from blanks inside an argument: here they are cut at
    every blank.
    """
    known: dict[int, ProcessInfo] = {}
    for line in listing.split(b"\n"):
        fields = line.split()
        if len(fields) >= 2 and fields[0].isdigit() and fields[1].isdigit():
            known[int(fields[0])] = ProcessInfo(int(fields[0]), int(fields[1]), tuple(fields[2:]))
    chain: list[ProcessInfo] = []
    while pid > 0 and len(chain) < DEPTH and pid in known:
        process = known.pop(pid)  # a process is met once, so a listing that goes round in a circle ends
        chain.append(process)
        pid = process.ppid
    return tuple(chain)


def _read_proc(pid: int, root: str) -> ProcessInfo | None:
    stat = _read(f"{root}/{pid}/stat", 4096)
    # proc(5): `pid (comm) state ppid ...`; comm is any bytes, parentheses and line ends too, so look for the last ")".
    fields = stat[stat.rfind(b")") + 1 :].split(None, 2)
    if len(fields) < 2 or not fields[1].isdigit():
        return None
    line = _read(f"{root}/{pid}/cmdline", _ARGUMENT_BYTES).removesuffix(b"\0")
    return ProcessInfo(pid, int(fields[1]), tuple(line.split(b"\0")) if line else ())


def _read(path: str, limit: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    blocks: list[bytes] = []
    try:
        while limit > 0 and (block := os.read(descriptor, limit)):
            blocks.append(block)
            limit -= len(block)
    except OSError:  # ESRCH: it went away between open and read
        pass
    finally:
        os.close(descriptor)
    return b"".join(blocks)


def _listing(seconds: float) -> bytes:
    """What ps says about every process; nothing if it is missing or too slow."""
    from sox_hooks.core.errors import EnvironmentProblem
    from sox_hooks.core.process import run

    try:
        # One -o a column: in `-o pid=,ppid=` everything behind the first "=" is a header to BSD's and POSIX's ps.
        return run(["ps", "-A", "-ww", "-o", "pid=", "-o", "ppid=", "-o", "args="], timeout=seconds).out
    except EnvironmentProblem:
        return b""
