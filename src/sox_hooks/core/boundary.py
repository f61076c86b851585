"""The one error boundary: whatever is raised below becomes an exit code and a few lines, never a traceback.

It is imported on every start, so it imports next to nothing until something has gone wrong.
"""

from __future__ import annotations

import errno
import os
import sys

from sox_hooks.core.errors import FINDING, INTERNAL, USAGE, SoxError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

INTERRUPTED = 130  # 128 + SIGINT, as shells say it
BROKEN_PIPE = 141  # 128 + SIGPIPE: whoever read our output went away, so nobody may take it for a pass

# What a machine can refuse at any moment. Whatever else the system says is unexpected, so a bug.
_MACHINE = (
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.EIO,
    errno.ENOMEM, errno.EAGAIN,
)  # fmt: skip


def guarded(work: Callable[[], int], argv: Sequence[str]) -> int:
    """Call `work` and return its exit code, or the one for what it raised. `argv` goes into a crash report."""
    try:
        open_standard_streams()
        code = work()
        sys.stdout.flush()
        return code
    except SystemExit as leaving:
        return _leave(leaving)
    except BaseException as error:  # the one place that may: see the module's first line
        return _report(error, argv)


def open_standard_streams() -> None:
    """Make sure that descriptors 0 to 2 are open and that printing cannot fail for its encoding.

    With one of them closed the next file that is opened takes its number, and messages go into a repository's
    files. What the terminal's encoding lacks is escaped: a hook must not crash over a tick after it said yes.
    """
    for number, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
            os.set_inheritable(number, True)
        if not os.get_blocking(number):
            os.set_blocking(number, True)  # node leaves its pipes non-blocking; a long report would be cut (EAGAIN)
        if getattr(sys, name) is None:
            mode = "r" if number == 0 else "w"
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # a stream that a test put there may not have it
        if reconfigure:
            reconfigure(errors="backslashreplace")


def complain(lines: Sequence[str]) -> None:
    """Lines on stderr, whatever its state: there is nobody left to tell if this fails."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        _drop_stdout()
    try:
        sys.stderr.write("".join([line + "\n" for line in lines]))
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


def _leave(leaving: SystemExit) -> int:
    code = leaving.code
    if code is None or isinstance(code, int):
        try:
            sys.stdout.flush()
        except OSError as error:
            return _report(error, ())
        return code or 0
    complain([f"sox-hooks: {code}"])
    return FINDING


def _drop_stdout() -> None:
    # The interpreter flushes stdout once more at exit, and would say so if it failed: let that go nowhere.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _report(error: BaseException, argv: Sequence[str]) -> int:
    if isinstance(error, SoxError):
        from sox_hooks.core.lines import error_lines

        complain(error_lines(error))
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        complain(["sox-hooks: interrupted"])
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        _drop_stdout()
        return BROKEN_PIPE
    if isinstance(error, MemoryError):
        complain(["sox-hooks: there is not enough memory"])
        return INTERNAL
    if isinstance(error, OSError) and error.errno in _MACHINE:
        from sox_hooks.core.files import problem
        from sox_hooks.core.lines import error_lines

        path = error.filename if isinstance(error.filename, str) else ""
        complain(error_lines(problem("go on", path, error)))
        return USAGE
    from sox_hooks.core.crash import crash_lines

    complain(crash_lines(error, argv))
    return INTERNAL
