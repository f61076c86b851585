"""Run by test_resign_killed.py as a program: kills `resign` with SIGKILL at its n-th call into the system.

usage: killed_resigns.py REPOSITORY FOLDER EVERY    kills at every EVERY-th call, in a copy of REPOSITORY each time
Prints one JSON line a kill: what was called, and where the repository of that round is.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sys

import sox_hooks.cli.resign  # noqa: F401 - here, and not in every child
from sox_hooks.__main__ import main

# What starts programs and what changes the disk. Reading in between changes nothing for whoever comes after.
CALLS = ("posix_spawnp", "write", "fsync", "rename", "mkdir", "ftruncate", "unlink", "close")
_PR_SET_CHILD_SUBREAPER = 36
RESIGN = ("resign", "--yes", "--reason", "made past the hook", "base..main")


def killed_at(step: int, part: str, repository: str) -> str | None:
    """Resign in a child that dies before or after its `step`-th call; its name, or None if it made fewer calls."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        real_write, left = os.write, [step]

        def wrap(name: str):
            real = getattr(os, name)

            def call(*args, **kwargs):
                left[0] -= 1
                if left[0] == 0:
                    if part == "after":
                        real(*args, **kwargs)
                    real_write(writer, name.encode())
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **kwargs)

            return call

        os.chdir(repository)
        null = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(null, number)
        for name in CALLS:
            setattr(os, name, wrap(name))
        os._exit(main(RESIGN))
    os.close(writer)
    with open(reader, "rb") as pipe:
        name = pipe.read().decode()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    _wait_for_what_it_started()
    if not name and code:
        raise RuntimeError(f"resign that nobody killed ended with {code}")
    return name or None


def _wait_for_what_it_started() -> None:
    """A git that was started lives on for a moment, and may still be writing."""
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        return


def run(repository: str, folder: str, every: int) -> None:
    """All rounds."""
    # prctl(2): what the killed one has started becomes a child of ours, and can be waited for.
    if ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError("prctl")
    step = 1
    while True:
        for part in ("before", "after"):
            copy = os.path.join(folder, f"{step}-{part}")
            shutil.copytree(repository, copy, symlinks=True)
            name = killed_at(step, part, copy)
            if name is None:
                shutil.rmtree(copy)
                return
            print(json.dumps({"call": name, "step": step, "part": part, "repository": copy}), flush=True)
        step += every


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], int(sys.argv[3]))
