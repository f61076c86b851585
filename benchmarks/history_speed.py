"""`verify` and `scan` over a long history."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from machine import Machine
from measure import Median, Sample, Stopwatch, in_turns, median, run, run_watched
from signed_history import FILES, SignedHistory
from table import Part, Row, ms, times

COMMITS = 50_000
NEW = 10
SAMPLE = 50
ROUNDS = 1
AGAIN = 5

METHOD = """\
{count:,} commits in a packed repository of {files} files, each with a record signed by an Ed25519 key; one in three
says that an approved tool assisted. `verify` must find every one of them verified. It is compared with the least that
could be done: `git log --raw` over the same commits, and a bare Ed25519 verification (`cryptography`, no parsing) of as
many signatures. `git verify-commit` is timed on {sample} commits with git's own SSH signatures, made by the same key.
"Again" is a run that finds what an earlier one kept: a branch that has grown by {new} commits, and a branch of {new}
commits whose target holds all the others.
Times are CPU seconds of all processes, and on the clock where it says so: `verify` uses a second core where there is
one. Memory is private memory of the whole process tree at its highest, sampled every 50 ms."""


def measure(machine: Machine, *, quick: bool) -> list[Part]:
    """The tables."""
    count = 2000 if quick else COMMITS
    sox = machine.venv("sox") / "sox-hooks"
    history = SignedHistory(machine, sox, count + NEW)
    folder = str(history.folder)
    machine.call("git", "branch", "grown", "signed", cwd=history.folder)
    machine.call("git", "branch", "-f", "signed", f"signed~{NEW}", cwd=history.folder)
    machine.call("git", "branch", "few", f"signed~{count - count // 10}", cwd=history.folder)
    del history.signed[count:]
    out = str(machine.scratch / "report")
    base = ("git", "-c", "core.pager=cat", "log", "--raw", "--no-abbrev", "main..signed")
    argv = (str(sox), "verify", "--format", "jsonl", "main..signed")

    peaks: list[int] = []

    def verify(_: int) -> Sample:
        sample, peak = run_watched(argv, folder, machine.env, out)
        peaks.append(peak)
        _all_verified(Path(out), count)
        return sample

    samples = in_turns(
        {
            "verify": verify,
            "log": lambda _: run(base, folder, machine.env, out + "-log"),
            "raw": lambda _: _raw_verification(history),
            "scan": lambda _: run((str(sox), "scan", "main..signed"), folder, machine.env, out + "-scan"),
        },
        ROUNDS,
        warm_up=False,  # it lasts long enough
    )
    verified, scanned = median(samples["verify"]), median(samples["scan"])
    least = [median(samples[name]) for name in ("log", "raw")]
    on_clock = verified.wall / sum(one.wall for one in least)
    _, small = run_watched((*argv[:-1], "main..few"), folder, machine.env, out)
    by_git = _verify_commit(machine, history)
    rows = (
        Row(
            f"verify {count:,} signed commits",
            f"{verified.cpu:.1f} s CPU ({verified.wall:.1f} s on the clock)",
            f"`git log --raw` {least[0].cpu:.1f} s + bare Ed25519 {least[1].cpu:.1f} s CPU",
            f"{times(on_clock)} on the clock (CPU {times(verified.cpu / sum(one.cpu for one in least))})",
            "2.5 x",
        ),
        Row(
            "verify, a commit",
            f"{1000 * verified.wall / count:.2f} ms (CPU {1000 * verified.cpu / count:.2f} ms)",
            f"`git verify-commit`, {ms(by_git.wall)} (CPU {ms(by_git.cpu)})",
            f"{times(by_git.wall / verified.wall * count)} faster (CPU {times(by_git.cpu / verified.cpu * count)})",
            "60 x",
        ),
        Row(
            f"memory of verify, {count:,} commits",
            _mb(max(peaks)),
            f"{count // 10:,} commits, {_mb(small)}",
            times(max(peaks) / small),
            "below 200 MB, flat",
        ),
        *_again(machine, history, sox, verified),
        Row(f"scan {count:,} commits", f"{count / scanned.cpu:,.0f} commits a second of CPU"),
    )
    return [Part("Long histories", METHOD.format(count=count, files=FILES, sample=SAMPLE, new=NEW), rows)]


def _again(machine: Machine, history: SignedHistory, sox: Path, first: Median) -> Iterator[Row]:
    """What the second run costs, after commits were added."""
    out = str(machine.scratch / "report-again")
    kept = history.folder / ".git/sox-hooks/verified"

    def verify(words: str, *options: str) -> Sample:
        return run((str(sox), "verify", *options, words), str(history.folder), machine.env, out)

    def again(words: str) -> Sample:
        """With what is kept as it was before: the first of these runs keeps what it found itself."""
        shutil.copytree(kept, before, dirs_exist_ok=True)
        sample = verify(words)
        shutil.rmtree(kept)
        os.rename(before, kept)
        return sample

    before = machine.scratch / "kept"
    verify("main..signed")
    after = [again("main..grown") for _ in range(AGAIN)]
    yield Row(
        f"verify again after {NEW} new commits",
        f"{median(after).cpu:.2f} s CPU ({median(after).wall:.2f} s on the clock)",
        f"the first time, {first.cpu:.1f} s",
        times(median(after).cpu / first.cpu),
        "0.3 s",
    )
    anew = [verify("signed..grown", "--no-cache") for _ in range(AGAIN)]
    verify("signed..grown")
    after = [again("signed..grown") for _ in range(AGAIN)]
    yield Row(
        f"verify {NEW} commits on top of {history.count - NEW:,} that landed, again",
        f"{median(after).cpu:.2f} s CPU",
        f"without what is kept, {median(anew).cpu:.2f} s",
        times(median(after).cpu / median(anew).cpu),
    )


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _all_verified(report: Path, count: int) -> None:
    with open(report, encoding="utf-8") as file:
        good = sum('"status":"verified"' in line.replace(" ", "") for line in file)
    if good != count:
        raise RuntimeError(f"{good} of {count} commits were verified; see {report}")


def _raw_verification(history: SignedHistory) -> Sample:
    key = history.key.public_key()
    with Stopwatch() as watch:
        for message, signature in history.signed:
            key.verify(signature, message)
    return Sample(watch.wall, watch.cpu, 0)


def _verify_commit(machine: Machine, history: SignedHistory) -> Median:
    """One `git verify-commit` of a commit with git's own SSH signature."""
    folder = history.folder
    public = history.key_file.with_suffix(".pub").read_text()
    signers = machine.scratch / "signers"
    signers.write_text(f"ana@bank.example {public}")
    settings = ("gpg.format=ssh", f"user.signingKey={history.key_file}", f"gpg.ssh.allowedSignersFile={signers}")
    git = ("git", *[word for setting in settings for word in ("-c", setting)])
    tree = machine.call("git", "rev-parse", "signed^{tree}", cwd=folder).strip()
    commits = [
        machine.call(*git, "commit-tree", "-S", "-m", f"Commit {number}", tree, cwd=folder).strip()
        for number in range(SAMPLE)
    ]
    candidates: dict[str, Callable[[int], Sample]] = {
        "git": lambda number: _once(machine, folder, (*git, "verify-commit", commits[number % SAMPLE]))
    }
    return median(in_turns(candidates, SAMPLE)["git"])


def _once(machine: Machine, folder: Path, argv: Sequence[str]) -> Sample:
    return run(argv, str(folder), machine.env)
