"""Starting programs: argument lists only, never a shell; several at once; nothing imported that a hook can do without.

`os.posix_spawn` costs a hook 9 ms less than importing `subprocess` (measured, Python 3.11). It exists on POSIX only,
and so does this tool for now. Callers see to it that descriptors 0 to 2 are open (`__main__` does).
"""

from __future__ import annotations

import os
import select
import time

from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from signal import SIGKILL, SIGPIPE
else:
    try:
        from _signal import SIGKILL, SIGPIPE  # `signal` wraps them in an enum, whose import takes 5 ms
    except ImportError:
        from signal import SIGKILL, SIGPIPE

_CHUNK = 1 << 16


class Result(Struct):
    """What a finished program left. `code` is negative for a signal, as in `subprocess`."""

    argv: tuple[str, ...]
    code: int
    out: bytes
    err: bytes


class Process:
    """A started program. Make one with `start`; `finish` feeds it, drains it and waits."""

    def __init__(self, argv: tuple[str, ...], pid: int, stdin: int, stdout: int, stderr: int) -> None:
        self.argv = argv
        self.pid = pid
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self._waited = False

    def finish(self, data: bytes = b"", timeout: float | None = None) -> Result:
        """Write `data` to its input, read everything it prints, wait for it.

        A program that stops reading early is no error here: its exit code says what it thought. Raises
        `EnvironmentProblem` if it takes longer than `timeout` seconds (it is killed then).
        """
        out: list[bytes] = []
        err: list[bytes] = []
        deadline = None if timeout is None else time.monotonic() + timeout
        poller = select.poll()
        sinks = {self.stdout: out, self.stderr: err}
        for descriptor in sinks:
            poller.register(descriptor, select.POLLIN | select.POLLHUP)
        pending = memoryview(data)
        # A program that goes away before it has read its input must not kill us (EPIPE instead of SIGPIPE).
        if pending:
            os.set_blocking(self.stdin, False)
            poller.register(self.stdin, select.POLLOUT)
        else:
            os.close(self.stdin)
        try:
            while sinks or pending:
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                events = poller.poll(None if left is None else left * 1000)
                if not events or left == 0:
                    raise EnvironmentProblem(
                        f"{os.path.basename(self.argv[0])} did not answer within {timeout:g} s",
                        why="a program that waits for input or a lock would hang the commit",
                    )
                for descriptor, _ in events:
                    if descriptor == self.stdin and pending:
                        try:
                            pending = pending[os.write(self.stdin, pending[:_CHUNK]) :]
                        except BrokenPipeError:
                            pending = pending[:0]
                        if not pending:
                            poller.unregister(self.stdin)
                            os.close(self.stdin)
                    elif descriptor in sinks:
                        block = os.read(descriptor, _CHUNK)
                        if block:
                            sinks[descriptor].append(block)
                        else:
                            poller.unregister(descriptor)
                            del sinks[descriptor]
        except BaseException:
            self.kill()
            raise
        finally:
            if pending:
                os.close(self.stdin)
            os.close(self.stdout)
            os.close(self.stderr)
            code = self.wait()
        return Result(self.argv, code, b"".join(out), b"".join(err))

    def kill(self) -> None:
        """End it at once. Not after `wait`: the number may be somebody else's by then."""
        os.kill(self.pid, SIGKILL)

    def wait(self) -> int:
        """Wait and return the exit code."""
        if self._waited:
            raise RuntimeError("waited twice")
        self._waited = True
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def start(argv: Sequence[str], env: Mapping[str, str] | None = None, *, detached: bool = False) -> Process:
    """Start `argv` (found on PATH) with pipes on all three ends.

    `detached` gives it a session of its own: without a controlling terminal it cannot ask anything on /dev/tty, and
    Ctrl-C does not reach it. Raises `EnvironmentProblem` if there is no such program or the machine will not start it.
    """
    arguments = tuple(argv)
    environment = dict(os.environ if env is None else env)
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    err_read, err_write = os.pipe()
    actions = [
        (os.POSIX_SPAWN_DUP2, in_read, 0),
        (os.POSIX_SPAWN_DUP2, out_write, 1),
        (os.POSIX_SPAWN_DUP2, err_write, 2),
    ]
    try:
        # Python's pipes are close-on-exec (PEP 446); the three dup2 targets are not.
        pid = os.posix_spawnp(
            arguments[0],
            arguments,
            environment,
            file_actions=actions,
            setsigdef=[SIGPIPE],
            setsid=detached,
        )
    except OSError as error:
        for descriptor in (in_write, out_read, err_read):
            os.close(descriptor)
        if isinstance(error, FileNotFoundError):
            raise EnvironmentProblem(
                f"the program {arguments[0]!r} was not found", why="it must be on PATH", fix=f"install {arguments[0]}"
            ) from error
        raise EnvironmentProblem(f"the program {arguments[0]!r} cannot be started: {error.strerror}") from error
    finally:
        for descriptor in (in_read, out_write, err_write):
            os.close(descriptor)
    return Process(arguments, pid, in_write, out_read, err_read)


def run(
    argv: Sequence[str],
    data: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    *,
    detached: bool = False,
) -> Result:
    """`start` and `finish`."""
    return start(argv, env, detached=detached).finish(data, timeout)
