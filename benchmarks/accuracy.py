"""Precision and recall of detection over the labelled corpus in tests/accuracy/rows, side by side with peers from PyPI.

    python3 benchmarks/accuracy.py              installs the peers, prints the page and writes docs/accuracy.md
    python3 benchmarks/accuracy.py --ours       ours only, without network; prints, writes nothing

Exit code 0: everything was measured, and ours is as the corpus expects. 1: ours is not. 3: no peer, or not every peer,
could be installed, so theirs is missing; nothing is written then. Python 3.10 needs `tomli` for it.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
import tempfile
from pathlib import Path

from machine import SOURCE, Machine

sys.path[:0] = [str(SOURCE / "src"), str(SOURCE)]

from sox_hooks.detection.catalogue import builtin  # noqa: E402 - of this tree, not of what happens to be installed
from tests.accuracy import figures  # noqa: E402
from tests.accuracy.corpus import (  # noqa: E402
    IDENTITY,
    LABELS,
    MESSAGE,
    SOURCES,
    Row,
    Verdict,
    judge,
    origins,
    read_rows,
)

# Versions are pinned: the page says what they were. What each can read, from its documentation.
PEERS = {"commit-check": ("2.19.3", (MESSAGE,)), "aiir": ("1.7.0", (MESSAGE, IDENTITY))}
PAGE = SOURCE / "docs/accuracy.md"

INTRODUCTION = """\
# Accuracy of detection

Made by `python3 benchmarks/accuracy.py` on {date}: sox-hooks {version}, {peers}, {python}.

The corpus (`tests/accuracy/rows/`) has {rows} rows: {counts}. Each is labelled from what vendors, projects and
standards document or what was measured with the real programs, and says from which of {origins} sources; no label was
taken from what a detector answered. It is not made from the catalogue of tools either: a test lists the entries of the
catalogue that no row shows.

| what is read | rows |
|---|---|
| message | the commit message, author and committer being a person |
| identity | author and committer |
| environment | variables, processes above, terminal and folders at the time of the commit |
| payload | what an agent sent to its hook before somebody committed from a shell of their own |

Positive is "AI took part". A row labelled `unknown` is one where neither the commit nor its circumstances tell: not to
flag it is no miss, and to flag it is a false alarm, because it would be a guess. What sox-hooks only reports as a weak
sign (SOX105) counts as not flagged.
"""

LIMITS = """\
## What this does not show

* **How often any of this occurs.** The rows are one of each kind, chosen for being different, and hard cases are many.
  Which of them are frequent and which hardly ever occur is not in it, so 99 % of the rows is no share of anybody's
  commits.
* **Commits without any trace.** Where an agent leaves nothing in the message and a person commits, no program can tell
  from the commit; such rows are `unknown`. They are what the agents' hooks and the journal are for.
* **What is hidden on purpose.** Whoever deletes the trailer and unsets the variables is not found by any of this.
* **How peers are meant.** commit-check refuses commits that carry AI attribution and takes `Assisted-by` and
  `Generated-by` as AI whatever they say, by design; aiir writes receipts for what was declared, and takes mention in
  prose as a signal. Both do well what they are for; the figures only say what each would tell a gate that has to know
  whether AI took part. They were asked through the function that each offers for this, with its defaults.
* **What a declaration adds.** Commits are judged here as `sox-hooks scan` and CI read them. In the commit hook
  `Assisted-by` is also the key in which a person declares, so there a single word that nobody knows
  (`Assisted-by: Norbert`) counts as a tool that is not registered, and the hook says so (SOX106).
* **Our own eye.** Whoever wrote the corpus also maintains the detector, and knew how it works. The labels name their
  sources, so that others can check them; a row that we get wrong stays in the corpus with its reason. When the corpus
  was first run, sox-hooks missed 13 of 409 rows and gave 6 false alarms (recall 96.8 %, precision 98.5 %). Nine and two
  of them were mended since, by rules and not row by row; the figures above are of a detector that has seen the corpus.

## How to do it again

`python3 benchmarks/accuracy.py` makes a virtual environment for each peer from PyPI and runs everything in less than a
minute; without network `--ours` prints our part. `python3 dev/test.py tests/accuracy` is what CI holds: every row has
its verdict, rows with a known failure must fail, and the figures of ours on this page are those of the code. To add a
fact, add a row to `tests/accuracy/rows/` (label and source first, then look what happens).
"""


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", action="store_true", help="without peers and network; writes nothing")
    parser.add_argument("--cache", type=Path, default=_cache(), help="where virtual environments are kept")
    options = parser.parse_args()
    rows = read_rows()
    with tempfile.TemporaryDirectory(prefix="sox-hooks-accuracy-") as folder:
        scratch = Path(folder).resolve()
        (scratch / "corpus").mkdir()
        ours = judge(rows, builtin(), scratch / "corpus")
        peers: dict[str, list[tuple[Row, Verdict]]] = {}
        if not options.ours:
            options.cache.mkdir(parents=True, exist_ok=True)
            machine = Machine(options.cache.resolve(), scratch)
            for name, (version, _) in PEERS.items():
                try:
                    peers[name] = _ask(machine, name, version, rows)
                except RuntimeError as error:
                    print(f"{name} {version} is not measured: {str(error)[-300:]}", file=sys.stderr)
    page = _page(rows, ours, peers)
    print(page)
    if any(not figures.as_expected(row, verdict) and not row.fails for row, verdict in ours):
        return 1
    if options.ours:
        return 0
    if len(peers) < len(PEERS):
        print("peers are missing above: no package index? --ours asks for none", file=sys.stderr)
        return 3
    PAGE.write_text(page, encoding="utf-8")
    return 0


def _ask(machine: Machine, name: str, version: str, rows: list[Row]) -> list[tuple[Row, Verdict]]:
    """A peer's verdicts; it is given what a commit holds, also of rows that it cannot judge."""
    folder = machine.venv(f"accuracy-{name}-{version}", f"{name}=={version}")
    commits = [
        {"message": row.message, "author": _person(row.author), "committer": _person(row.committer)} for row in rows
    ]
    data = "".join([json.dumps(commit) + "\n" for commit in commits]).encode()
    script = str(Path(__file__).with_name("peer_verdicts.py"))
    answers = machine.call(str(folder / "python"), "-I", script, name, cwd=machine.scratch, data=data).splitlines()
    return [(row, Verdict(json.loads(answer))) for row, answer in zip(rows, answers, strict=True)]


def _person(text: str) -> tuple[str, str]:
    name, _, address = text.rstrip(">").rpartition(" <")
    return name, address


def _page(rows: list[Row], ours: figures.Judged, peers: dict[str, list[tuple[Row, Verdict]]]) -> str:
    from sox_hooks import __version__

    judged = {"sox-hooks": (ours, SOURCES), **{name: (peers[name], PEERS[name][1]) for name in peers}}
    tables = {name: figures.lines(name, *pair) for name, pair in judged.items()}
    python = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    counts = ", ".join([f"{sum(row.label == label for row in rows)} {label}" for label in LABELS])
    parts = [
        INTRODUCTION.format(
            date=f"{datetime.datetime.now(tz=datetime.timezone.utc):%Y-%m-%d}",
            version=__version__,
            peers=" and ".join([f"{name} {PEERS[name][0]} from PyPI" for name in peers]) or "no peers",
            python=python,
            rows=len(rows),
            counts=counts,
            origins=len(origins()),
        ),
        "## AI or not\n",
        "| what is read | program | found | missed | false alarms | precision | recall |",
        "|---|---|---|---|---|---|---|",
        *[table[what] for what in (*SOURCES, "read", "everything") for table in tables.values()],
        f"\n{figures.tool_line(ours)}",
        "\n## Automation that is not AI\n\ncommit-check does not tell it from people.\n",
        "| program | found | false alarms | precision | recall |",
        "|---|---|---|---|---|",
        *[figures.bot_line(name, *pair) for name, pair in judged.items() if name != "commit-check"],
        "\n## Every row that sox-hooks gets wrong\n",
        *figures.own_faults(ours),
    ]
    for name in peers:
        part = figures.figures([(row, verdict) for row, verdict in peers[name] if row.reads in PEERS[name][1]])
        parts += [f"\n## Every row that {name} gets wrong, of what it reads\n"]
        parts += _names("Missed", part.missed) + _names("False alarms", part.alarms)
    return "\n".join([*parts, "", LIMITS])


def _names(what: str, rows: tuple[Row, ...]) -> list[str]:
    found = []
    for source in SOURCES:
        names = [row.name for row in rows if row.reads == source]
        if names:
            found.append(f"* {what}, {source}: {'; '.join(names)}.")
    return found


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sox-hooks-benchmarks"


if __name__ == "__main__":
    sys.exit(main())
