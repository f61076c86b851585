"""Timing of processes, several candidates in turns, so that whatever else the machine does hits all of them."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Sample(NamedTuple):
    """One run: seconds on the clock, seconds of CPU of the process and all it waited for, bytes of the largest one."""

    wall: float
    cpu: float
    peak: int


class Median(NamedTuple):
    """Medians of several samples."""

    wall: float
    cpu: float


def run(argv: Sequence[str], cwd: str, env: Mapping[str, str], output: str = os.devnull) -> Sample:
    """Run a program to its end, its output going to a file. Raises `RuntimeError` unless it ends with 0."""
    sample, code = _run(argv, cwd, env, output)
    if code:
        raise RuntimeError(f"{argv} ended with {code}")
    return sample


def _run(argv: Sequence[str], cwd: str, env: Mapping[str, str], output: str) -> tuple[Sample, int]:
    process, start = _start(argv, cwd, env, output)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    sample = Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
    return sample, os.waitstatus_to_exitcode(status)


def _start(argv: Sequence[str], cwd: str, env: Mapping[str, str], output: str) -> tuple[int, float]:
    before = os.getcwd()
    os.chdir(cwd)
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, output + ".err" if output != os.devnull else output, os.O_WRONLY | os.O_CREAT, 0o600),
    ]
    try:
        start = time.perf_counter()
        return os.posix_spawnp(argv[0], list(argv), dict(env), file_actions=actions), start
    finally:
        os.chdir(before)


def run_watched(argv: Sequence[str], cwd: str, env: Mapping[str, str], output: str) -> tuple[Sample, int]:
    """As `run`; also the most private memory that the process and all below it had at one time, in bytes (Linux).

    Private, because a pack that git maps is the page cache's and would be counted once a process.
    """
    process, start = _start(argv, cwd, env, output)
    most = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.05):
            most = max(most, sum(_private(pid) for pid in _tree(process)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    done.set()
    watcher.join()
    code = os.waitstatus_to_exitcode(status)
    if code:
        raise RuntimeError(f"{argv} ended with {code}; see {output}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024), most


def _tree(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    fields = file.read().rpartition(b") ")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(name))
    found, todo = [], [root]
    while todo:
        found.append(todo.pop())
        todo += parents.get(found[-1], [])
    return found


def _private(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            lines = [line for line in file if line.startswith("RssAnon:")]
    except OSError:
        return 0
    return int(lines[0].split()[1]) * 1024 if lines else 0


def in_turns(
    candidates: Mapping[str, Callable[[int], Sample]], rounds: int, *, warm_up: bool = True
) -> dict[str, list[Sample]]:
    """Call each candidate once a round, beginning with another one each time; a round to warm up does not count."""
    samples: dict[str, list[Sample]] = {name: [] for name in candidates}
    names = list(candidates)
    for number in range(0 if warm_up else 1, rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            sample = candidates[name](number)
            if number:
                samples[name].append(sample)
    return samples


def median(samples: Sequence[Sample]) -> Median:
    """The medians of the samples."""
    return Median(statistics.median([one.wall for one in samples]), statistics.median([one.cpu for one in samples]))


class Stopwatch:
    """CPU seconds of this process: `with Stopwatch() as watch: ...; watch.cpu`."""

    def __enter__(self) -> Stopwatch:
        self._wall = time.perf_counter()
        self._cpu = time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu = time.process_time() - self._cpu
        self.wall = time.perf_counter() - self._wall
