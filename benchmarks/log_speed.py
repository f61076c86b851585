"""Appending to a short log and to a long one."""

from __future__ import annotations

from pathlib import Path

from machine import Machine
from measure import Sample, Stopwatch, in_turns, median
from table import Part, Row, ms, times

from sox_hooks.core.clock import iso
from sox_hooks.core.digest import sha256_hex
from sox_hooks.record.log import FOLDER, NAME, NO_PREVIOUS, Log, encode
from sox_hooks.record.log_check import verify_log

SHORT = 1000
LONG = 1_000_000
_FIELDS: dict[str, object] = {
    "hook": "commit-msg", "operation": "commit", "person": "ana", "change": "c" * 43, "patch": "p" * 43,
    "assistance": "none", "tiers": ["open"],
}  # fmt: skip

METHOD = """\
One entry is appended to each log in turns, with the lock and the fsync that the hook pays for. Both logs are whole
chains, made before. Times are medians on the clock."""


def measure(machine: Machine, *, quick: bool) -> list[Part]:
    """The table."""
    long = LONG // 10 if quick else LONG
    folders = {count: machine.scratch / f"log-{count}" for count in (SHORT, long)}
    for count, folder in folders.items():
        _make(folder, count)
    samples = in_turns(
        {str(count): lambda _, folder=folder: _append(folder) for count, folder in folders.items()},  # type: ignore[misc]
        50 if quick else 300,
    )
    assert not verify_log(str(folders[SHORT] / FOLDER / NAME)).findings
    short, far = median(samples[str(SHORT)]), median(samples[str(long)])
    row = Row(
        f"append to a log of {long:,} entries", ms(far.wall), f"{SHORT:,} entries, {ms(short.wall)}",
        times(far.wall / short.wall), "as at 1,000",
    )  # fmt: skip
    return [Part("The log", METHOD, (row,))]


def _make(folder: Path, count: int) -> None:
    (folder / FOLDER).mkdir(parents=True, mode=0o700)
    body = encode({"event": "recorded", **_FIELDS})[1:]
    line, previous = b"", NO_PREVIOUS
    with open(folder / FOLDER / NAME, "wb") as file:
        for index in range(1, count + 1):
            rest = body if index > 1 else encode({"event": "started", "nonce": "0" * 32})[1:]
            head = f'{{"index":{index},"time":"{iso(1_760_000_000 + index)}","previous":"{previous}",'
            line = head.encode() + rest
            previous = sha256_hex(line)
            file.write(line + b"\n")


def _append(folder: Path) -> Sample:
    with Stopwatch() as watch:
        Log(str(folder)).append("recorded", _FIELDS)
    return Sample(watch.wall, watch.cpu, 0)
