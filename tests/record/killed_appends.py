"""Run by test_log_killed.py as a program: kills an append with SIGKILL at the n-th call into the system, for every n.

usage: killed_appends.py FOLDER STATE    STATE = new | entries | torn
Prints one JSON line a kill: what was called, how much of it was done, and where the log of that round is.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from sox_hooks.record.log import Log

CALLS = ("mkdir", "open", "close", "write", "fsync", "ftruncate", "rename", "fchmod", "pread", "lseek", "fstat")
TORN = b'{"index":4,"time":"2026-11-23T14:0'


def prepare(folder: str, state: str) -> None:
    os.makedirs(folder)
    if state != "new":
        for number in range(2):
            Log(folder).append("recorded", {"number": number})
    if state == "torn":
        with open(f"{folder}/sox-hooks/log.jsonl", "ab") as file:
            file.write(TORN)


def killed_at(step: int, part: str, folder: str) -> str | None:
    """Append in a child that dies at its `step`-th call; the call's name, or None if it made fewer calls."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        real_write = os.write
        left = [step]

        def die(name: str) -> None:
            real_write(writer, name.encode())
            os.kill(os.getpid(), signal.SIGKILL)

        def wrap(name: str):
            real = getattr(os, name)

            def call(*args, **kwargs):
                left[0] -= 1
                if left[0]:
                    return real(*args, **kwargs)
                if part == "half" and name == "write":
                    real(args[0], bytes(args[1])[: len(args[1]) // 2])
                elif part == "after":
                    real(*args, **kwargs)
                return die(name)

            return call

        for name in CALLS:
            setattr(os, name, wrap(name))
        Log(folder).append("recorded", {"number": "killed", "filler": "x" * 300})
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        name = pipe.read()
    status = os.waitpid(pid, 0)[1]
    assert os.WIFSIGNALED(status) == bool(name), status
    return name or None


def main() -> None:
    base, state = sys.argv[1:]
    for part in ("before", "half", "after"):
        step = 0
        while True:
            step += 1
            folder = os.path.join(base, f"{part}-{step}")
            prepare(folder, state)
            name = killed_at(step, part, folder)
            print(json.dumps({"part": part, "step": step, "call": name, "folder": folder}))
            if name is None:
                break


if __name__ == "__main__":
    main()
