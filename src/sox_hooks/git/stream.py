"""A git process that answers while it is still being asked: no deadlock, and memory that does not grow with the answer.

Both pipes hold 64 KiB. Whoever writes all questions first and reads afterwards hangs as soon as git fills its end, so
one poll loop writes, reads, and drains what git has to say on its error output.
"""

from __future__ import annotations

import os
import select

from sox_hooks.core.errors import CannotVerify
from sox_hooks.core.text import printable
from sox_hooks.git.run import verb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sox_hooks.core.process import Process

_CHUNK = 1 << 16
_WORDS_KEPT = 4096


class Stream:
    """Reads the output of `process`, whose input is `questions` (blocks of bytes, asked for as git takes them).

    `questions` None leaves the input open for `ask`. What was read and not yet used is `buffer[at:]`.
    """

    def __init__(self, process: Process, questions: Iterable[bytes] | None = ()) -> None:
        self.buffer = b""
        self.at = 0
        self._process = process
        self._questions = None if questions is None else iter(questions)
        self._unsent = memoryview(b"")
        self._words = b""
        self._ended = False
        self._code: int | None = None
        self._asking = False
        self._open_input = True
        self._open_errors = True
        os.set_blocking(process.stdin, False)
        os.set_blocking(process.stderr, False)
        self._poller = select.poll()
        self._poller.register(process.stdout, select.POLLIN | select.POLLHUP)
        self._poller.register(process.stderr, select.POLLIN | select.POLLHUP)

    def ask(self, question: bytes) -> None:
        """Put a question behind those that wait; `more` sends it."""
        self._unsent = memoryview(bytes(self._unsent) + question)

    def more(self) -> bool:
        """Wait for the next block of the answer and put it behind `buffer`. False = there will be no more."""
        while not self._ended:
            self._offer()
            blocks = 0
            for descriptor, _ in self._poller.poll():
                if descriptor == self._process.stdout:
                    blocks += self._take()
                elif descriptor == self._process.stderr:
                    self._listen()
                else:
                    self._send()
            if blocks:
                return True
        return False

    def line(self) -> bytes | None:
        """The next line without its end; None at the end of the answer (what is left then stays in `buffer`)."""
        while True:
            end = self.buffer.find(b"\n", self.at)
            if end >= 0:
                line = self.buffer[self.at : end]
                self.at = end + 1
                return line
            if not self.more():
                return None

    def exactly(self, count: int) -> bytes | None:
        """The next `count` bytes; None if the answer ends before."""
        missing = count - (len(self.buffer) - self.at)
        if missing > 0:  # joined once: a large object must not be copied with every block
            blocks = [self.buffer[self.at :]]
            while missing > 0:
                self.buffer, self.at = b"", 0
                if not self.more():
                    return None
                blocks.append(self.buffer)
                missing -= len(self.buffer)
            self.buffer = b"".join(blocks)
        data = self.buffer[self.at : self.at + count]
        self.at += count
        return data

    def until(self, mark: bytes) -> Iterator[bytes]:
        """The blocks before `mark`, which is consumed. Raises `CannotVerify` if the answer ends without it."""
        while True:
            found = self.buffer.find(mark, self.at)
            if found >= 0:
                block = self.buffer[self.at : found]
                self.at = found + len(mark)
                if block:
                    yield block
                return
            safe = len(self.buffer) - len(mark) + 1
            if safe > self.at:
                block = self.buffer[self.at : safe]
                self.at = safe
                yield block
            if not self.more():
                raise self.failure()

    def rest(self) -> Iterator[bytes]:
        """All blocks to the end of the answer. Raises `CannotVerify` if git failed."""
        try:
            while True:
                if self.at < len(self.buffer):
                    block = self.buffer[self.at :]
                    self.buffer, self.at = b"", 0
                    yield block
                if not self.more():
                    break
            if self.close():
                raise self.failure()
        finally:
            self.close()

    def failure(self) -> CannotVerify:
        """What to raise where an answer is missing: git's own words."""
        code = self.close()
        words = printable(self._words.strip().split(b"\n")[-1], 300) or "it ended in the middle of an answer"
        return CannotVerify(
            f"git {verb(self._process.argv)} failed: {words}",
            why=f"exit code {code}; an object may be missing or damaged",
            fix="git fsck --connectivity-only",
        )

    def close(self) -> int:
        """End the process, by force if it has not come to its end, and return its exit code. Safe to call twice."""
        if self._code is None:
            if not self._ended:
                self._process.kill()
            self._ended = True
            self._hang_up()
            self._code = self._process.wait()
            while self._open_errors:  # its last words may still be in the pipe
                self._listen()
            os.close(self._process.stdout)
            os.close(self._process.stderr)
        return self._code

    def _offer(self) -> None:
        if not self._unsent and self._questions is not None:
            block = next(self._questions, None)
            while block == b"":
                block = next(self._questions, None)
            if block is None:
                self._questions = None
                self._hang_up()
            else:
                self._unsent = memoryview(block)
        if self._unsent and self._open_input and not self._asking:
            self._poller.register(self._process.stdin, select.POLLOUT)
            self._asking = True
        elif not self._unsent and self._asking:
            self._poller.unregister(self._process.stdin)
            self._asking = False

    def _send(self) -> None:
        try:
            self._unsent = self._unsent[os.write(self._process.stdin, self._unsent[:_CHUNK]) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:  # it is going away; why is for its exit code and its words to say
            self._unsent = memoryview(b"")
            self._questions = None
            self._hang_up()

    def _hang_up(self) -> None:
        if self._open_input:
            if self._asking:
                self._poller.unregister(self._process.stdin)
                self._asking = False
            os.close(self._process.stdin)
            self._open_input = False

    def _take(self) -> int:
        block = os.read(self._process.stdout, _CHUNK)
        if not block:
            self._poller.unregister(self._process.stdout)
            self._ended = True
            return 0
        self.buffer = self.buffer[self.at :] + block if self.at < len(self.buffer) else block
        self.at = 0
        return 1

    def _listen(self) -> None:
        try:
            words = os.read(self._process.stderr, _CHUNK)
        except BlockingIOError:  # it is gone, but something that it started holds the other end
            words = b""
        if words:
            self._words = (self._words + words)[-_WORDS_KEPT:]
        else:
            self._poller.unregister(self._process.stderr)
            self._open_errors = False
