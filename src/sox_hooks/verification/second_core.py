"""The second core of the machine: a child process that checks signatures ahead of the judge.

Half of what a plain commit costs is the mathematics of its signature, and that needs nothing but bytes. So in a long
range this process reads commits some way ahead, guesses what each signature has to be over, and asks a fork of itself.

A "yes" saves the judge this one computation and nothing else. Whatever is not answered with one (another repository or
address was signed, the signature is bad, the child died, hangs, or never was) the judge computes as if there were no
child: verdicts and their order are the same.
"""

from __future__ import annotations

import gc
import os
import select
import signal
from collections import deque
from contextlib import suppress

from sox_hooks.record import sshsig
from sox_hooks.record.quick import payload
from sox_hooks.verification.judge import Gathered, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# Fewer commits are judged before a child would be of use.
_WORTH = 400
# So many commits are asked about before the first of them is judged: 30 ms of work for the child.
_AHEAD = 256
# Bytes that wait for the child; beyond them it is behind, and the judge helps out.
_MOST_WAITING = 1 << 20
_BLOCK = 1 << 16
_QUESTIONS = 1 << 13
# New objects after which Python looks for cycles in them. There are none to speak of, and with Python's own 700 it
# looks at every commit that waits several times.
_OBJECTS = 50_000
_ANSWERS = 16
# Milliseconds without an answer after which the child is taken for lost.
_PATIENCE = 10_000
_YES, _NO = b"\1", b"\0"


def checked_ahead(
    items: Iterable[Gathered | Unreadable], repository: Callable[[], str]
) -> Iterator[tuple[Gathered | Unreadable, str]]:
    """The same items in order, each with the repository for which the record's signature is known to be good.

    "Good" means: over the record as it stands, the author's address and that repository. "" where that is not known.
    `repository` says which one to try, "" if there is none yet.
    """
    core: SecondCore | None = None
    collected = gc.get_threshold()
    waiting: deque[tuple[Gathered | Unreadable, str]] = deque()
    try:
        for number, item in enumerate(items, 1):
            if number == _WORTH:
                gc.set_threshold(_OBJECTS, *collected[1:])
                if _can_fork():
                    with suppress(OSError):  # too many processes or files: then without
                        core = SecondCore()
            if core is None:
                yield item, ""
                continue
            waiting.append((item, _asked(core, item, repository())))
            if len(waiting) > _AHEAD:
                first, tried = waiting.popleft()
                yield first, tried if tried and core.answer() else ""
        if core is not None:
            for first, tried in waiting:
                yield first, tried if tried and core.answer() else ""
    finally:
        gc.set_threshold(*collected)
        if core is not None:
            core.close()


def _asked(core: SecondCore, item: Gathered | Unreadable, repository: str) -> str:
    """`repository` if the child was asked about the item, else ""."""
    record = item.reading.record if isinstance(item, Gathered) else None
    if record is None or not record.signature or not repository or isinstance(item, Unreadable):
        return ""
    return repository if core.ask(record.signature, payload(record, repository, item.author)) else ""


def _can_fork() -> bool:
    """Whether there is a second core for this process, and it has a single thread: a fork of several may hang."""
    try:
        return len(os.sched_getaffinity(0)) > 1 and len(os.listdir("/proc/self/task")) == 1
    except (AttributeError, OSError):  # no Linux
        return False


class SecondCore:
    """A child that is asked whether signatures are good, and answers in order. Raises `OSError` if none can be made."""

    def __init__(self) -> None:
        questions, self._questions = os.pipe()
        self._answers, answers = os.pipe()
        # Ctrl-C reaches both; raised in the child, it would run on here as if it were this process.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
        try:
            self._child = os.fork()
            if not self._child:
                _serve(questions, answers)
        except OSError:
            os.close(self._questions)
            os.close(self._answers)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.close(questions)
            os.close(answers)
        os.set_blocking(self._questions, False)
        _widen(self._questions)
        self._unsent = bytearray()
        self._known = b""
        self._at = 0
        self._lost = False
        self._poller = select.poll()
        self._poller.register(self._answers, select.POLLIN)
        self._sending = False

    def ask(self, blob: bytes, message: bytes) -> bool:
        """Ask whether `blob` is a good signature over `message`, a record's. False: it is not asked."""
        if self._lost or len(self._unsent) > _MOST_WAITING:
            return False
        self._unsent += len(blob).to_bytes(4, "big") + len(message).to_bytes(4, "big") + blob + message
        if len(self._unsent) >= _QUESTIONS:
            self._send()
        return True

    def answer(self) -> bool:
        """Whether the answer to the oldest open question is a yes."""
        while self._at == len(self._known) and not self._lost:
            self._wait()
        self._at += 1
        return self._known[self._at - 1 : self._at] == _YES

    def close(self) -> None:
        """End the child."""
        os.close(self._questions)
        os.close(self._answers)
        os.kill(self._child, signal.SIGKILL)  # nobody has waited for it yet, so the number is still its own
        os.waitpid(self._child, 0)

    def _send(self) -> None:
        try:
            with suppress(BlockingIOError):
                del self._unsent[: os.write(self._questions, self._unsent)]
        except OSError:
            self._unsent.clear()
            self._lost = True

    def _wait(self) -> None:
        """Send what is unsent, and read at least one answer."""
        if bool(self._unsent) != self._sending:
            self._sending = not self._sending
            if self._sending:
                self._poller.register(self._questions, select.POLLOUT)
            else:
                self._poller.unregister(self._questions)
        events = self._poller.poll(_PATIENCE)
        if not events:
            self._lost = True
        for descriptor, _ in events:
            if descriptor == self._questions:
                self._send()
            else:
                known = os.read(self._answers, _BLOCK)
                self._known, self._at = self._known[self._at :] + known, 0
                if not known:
                    self._lost = True


def _widen(descriptor: int) -> None:
    """A pipe of 1 MiB instead of 64 KiB keeps the child busy while this process does something else."""
    import fcntl

    with suppress(OSError):  # the user has too many of them
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _MOST_WAITING)


def _serve(questions: int, answers: int) -> None:
    """The child: answers until there are no more questions, and never returns. SIGINT stays blocked."""
    code = 1
    try:
        _let_go(questions, answers)
        unread = b""
        while block := os.read(questions, _BLOCK):
            unread += block
            at = 0
            given: list[bytes] = []
            while len(unread) >= at + 8:
                middle = at + 8 + int.from_bytes(unread[at : at + 4], "big")
                end = middle + int.from_bytes(unread[at + 4 : at + 8], "big")
                if len(unread) < end:
                    break
                given.append(_YES if _good(unread[at + 8 : middle], unread[middle:end]) else _NO)
                at = end
                if len(given) == _ANSWERS:
                    os.write(answers, b"".join(given))
                    given = []
            os.write(answers, b"".join(given))
            unread = unread[at:]
        code = 0
    finally:
        os._exit(code)  # nothing of what this process was is to be done twice


def _let_go(*kept: int) -> None:
    """Close all that was inherited: git would wait for ever for the end of an input that is still open here."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor > 2 and descriptor not in kept:
            with suppress(OSError):  # the one of the folder itself is closed by now
                os.close(descriptor)


def _good(blob: bytes, message: bytes) -> bool:
    try:
        sshsig.verify(sshsig.parse(blob), message)
    except sshsig.BadSignature:
        return False
    return True
