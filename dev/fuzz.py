"""Feed every parser with inputs that are nearly right, and see that it neither crashes, hangs nor contradicts itself.

    python dev/fuzz.py                          100,000 inputs, on all cores
    python dev/fuzz.py --count 1000000          what a night should bring (dev/nightly.py)
    python dev/fuzz.py --seconds 60 --seed 7 trailers commit
    python dev/fuzz.py --seed 7 --only 1234 commit  one input again, as a failure names it

Input number N of a seed is always the same. The exit code is 1 if anything was found: an input that crashes, takes
more than 5 s or 1 GiB, or contradicts itself, or one that ends the process. Needs the packages of
`pip install -e .[test]`.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS

_AT_ONCE = 500
_MEMORY = 1 << 30
_PROGRESS = 60.0  # seconds between two lines that say how far it is


class Failure(NamedTuple):
    """An input that must not do what it does."""

    target: str
    seed: str
    number: int
    problem: str


class Share(NamedTuple):
    """What came of some inputs of one target. Times are seconds of processor time; `failures` are the first of them."""

    target: str
    inputs: int
    accepted: int
    seconds: float
    slowest: float
    failures: tuple[Failure, ...] = ()
    failed: int = 0


class Hang(Exception):
    """An input took longer than it may."""


def make_input(target: str, seed: str, number: int) -> bytes:
    """Input `number` of a seed."""
    random = Random(f"{seed} {target} {number}")  # noqa: S311 - inputs must repeat, not surprise
    return mutated(random, _seeds(target), TARGETS[target].words)


@cache
def _seeds(target: str) -> tuple[bytes, ...]:
    return TARGETS[target].seeds()


def run(target: str, seed: str, first: int, count: int, limit: float = 5.0) -> Share:
    """Inputs `first` to `first + count - 1`. No input may take more than `limit` seconds of processor time."""

    def hang(*_: object) -> None:
        raise Hang(f"more than {limit:g} s")

    check = TARGETS[target].check
    accepted = 0
    slowest = total = 0.0
    failures: list[Failure] = []
    before = signal.signal(signal.SIGVTALRM, hang)
    try:
        for number in range(first, first + count):
            raw = make_input(target, seed, number)
            begun = time.process_time()
            try:
                signal.setitimer(signal.ITIMER_VIRTUAL, limit)
                accepted += check(raw)
            except (Exception, Hang) as error:  # whatever it is, it is the finding
                failures.append(Failure(target, seed, number, _where(error)))
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            took = time.process_time() - begun
            total += took
            slowest = max(slowest, took)
    finally:
        signal.signal(signal.SIGVTALRM, before)
    return Share(target, count, accepted, total, slowest, tuple(failures[:20]), len(failures))


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}: {str(error)[:200]!r}{place}"


def _plan(names: list[str], count: int) -> Iterator[tuple[str, int, int]]:
    """Blocks of inputs, the targets in turn, each as often as its share says."""
    shares = sum(TARGETS[name].share for name in names)
    left = {name: max(1, count * TARGETS[name].share // shares) for name in names}
    first = dict.fromkeys(names, 0)
    while any(left.values()):
        for name in names:
            block = min(left[name], _AT_ONCE)
            if block:
                yield name, first[name], block
                first[name] += block
                left[name] -= block


def _work(names: list[str], seed: str, count: int, jobs: int, enough: Callable[[], bool]) -> Iterator[Share]:
    plan = _plan(names, count)
    if jobs < 2:
        for name, first, block in plan:
            if enough():
                return
            yield run(name, seed, first, block)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_bound) as pool:
        waiting: list[tuple[tuple[str, int, int], Future[Share]]] = []
        for block in plan:
            waiting.append((block, pool.submit(run, block[0], seed, *block[1:])))
            if len(waiting) > 4 * jobs:
                yield _result(seed, *waiting.pop(0))
            if enough():
                break
        for block, task in waiting:
            yield _result(seed, block, task)


def _bound() -> None:
    """What an input makes of a few bytes must not take the machine."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))


def _result(seed: str, block: tuple[str, int, int], task: Future[Share]) -> Share:
    target, first, count = block
    try:
        return task.result()
    except BrokenProcessPool:  # a crash in C, which no exception tells; from here on nothing runs any more
        problem = f"a process ended; it may have been any of the inputs {first} to {first + count - 1}"
        return Share(target, 0, 0, 0.0, 0.0, (Failure(target, seed, first, problem),), 1)


def main(argv: list[str]) -> int:
    """Fuzz; 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"some of: {', '.join(TARGETS)}")
    parser.add_argument("--count", type=int, default=100_000, help="inputs in all (default: 100,000)")
    parser.add_argument("--seconds", type=float, default=0.0, help="stop after so long (default: when all are done)")
    parser.add_argument("--seed", default="", help="any text (default: drawn and printed)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--only", type=int, default=-1, metavar="N", help="run this one input, and print it first")
    options = parser.parse_args(argv)
    unknown = [name for name in options.targets if name not in TARGETS]
    if unknown:
        parser.error(f"no such target: {', '.join(unknown)}")
    names = options.targets or list(TARGETS)
    seed = options.seed or os.urandom(8).hex()
    if options.only >= 0:
        for name in names:
            raw = make_input(name, seed, options.only)
            print(f"{name}: {raw!r}", flush=True)
            print(f"{name}: {'accepted' if TARGETS[name].check(raw) else 'refused'}")
        return 0
    print(f"seed {seed}, {options.count} inputs, Python {sys.version.split()[0]}", flush=True)
    begun = time.monotonic()
    end = begun + options.seconds if options.seconds else float("inf")
    count = options.count if not options.seconds else 10**9
    shares: list[Share] = []
    spoken = begun
    for share in _work(names, seed, count, options.jobs, lambda: time.monotonic() > end):
        shares.append(share)
        if time.monotonic() - spoken > _PROGRESS:
            spoken = time.monotonic()
            print(_so_far(shares, spoken - begun), flush=True)
    return report(shares, time.monotonic() - begun)


def _so_far(shares: list[Share], seconds: float) -> str:
    failed = sum(share.failed for share in shares)
    return f"{sum(share.inputs for share in shares):,} inputs in {seconds:.0f} s, {failed} failures"


def report(shares: list[Share], seconds: float) -> int:
    """Print a table and the failures; 1 if there are any."""
    failures = [failure for share in shares for failure in share.failures]
    print(f"{'target':16} {'inputs':>9} {'accepted':>9} {'us each':>8} {'slowest ms':>10} {'failures':>8}")
    for name in TARGETS:
        mine = [share for share in shares if share.target == name]
        if mine:
            inputs = sum(share.inputs for share in mine)
            accepted = sum(share.accepted for share in mine) / (inputs or 1)
            each = sum(share.seconds for share in mine) / (inputs or 1) * 1e6
            slowest = max(share.slowest for share in mine) * 1e3
            found = sum(share.failed for share in mine)
            print(f"{name:16} {inputs:9} {accepted:9.1%} {each:8.0f} {slowest:10.1f} {found:8}")
    print(_so_far(shares, seconds))
    for failure in failures[:50]:
        print(f"{failure.target}: input {failure.number}: {failure.problem}")
        print(f"  again: python dev/fuzz.py --seed {failure.seed} --only {failure.number} '{failure.target}'")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
