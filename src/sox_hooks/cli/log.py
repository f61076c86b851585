"""Show and check the local audit log of this clone.

The log holds what the commits do not: every decision, refused ones too, the evidence with its sources, and the hook
and policy versions. Each entry is chained to the one before it, and every recorded commit fixes its own entry (log=).
What came after the last commit that others have seen can still be cut off, and a deleted log looks like a new clone.
"""

from __future__ import annotations

import json
import sys
from collections import deque

from sox_hooks import __version__
from sox_hooks.cli.parser import add_format, add_verbs
from sox_hooks.core.errors import PASS, UsageError
from sox_hooks.core.text import printable
from sox_hooks.git.run import Git
from sox_hooks.output.formats import write
from sox_hooks.output.report import Report
from sox_hooks.record.log import HEAD, Log
from sox_hooks.record.log_check import lines, open_log, parse_entry, verify_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sox_hooks.record.log_check import LogReport
    from sox_hooks.verification.anchors import Comparison

_SHOWN = 20


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks log --help`."""
    verbs = add_verbs(parser)
    show = verbs.add_parser("show", help="the last entries", description="Show the last entries of the audit log.")
    show.add_argument(
        "-n", type=int, default=_SHOWN, metavar="N", help=f"how many entries, 0 for all (default: {_SHOWN})"
    )
    show.add_argument("--json", action="store_true", help="one JSON object a line")
    check = verbs.add_parser(
        "verify",
        help="check the chain",
        description="Check that every entry follows from the one before it.\n\n"
        "Exit code 0: it does; 1: something was changed or removed; 4: there is no log.",
    )
    check.add_argument(
        "--against",
        nargs="+",
        default=[],
        metavar="RANGE",
        help="hold it to the entries that these commits cite, e.g. origin/main: A..B, or revisions, and to those that "
        "CI has signed",
    )
    add_format(check)


def run(options: Namespace) -> int:
    """Do what the verb says."""
    path = Log(Git().line("rev-parse", "--path-format=absolute", "--git-common-dir")).path
    if options.verb == "show":
        return _show(path, options.n, options.json)
    return _verify(path, tuple(options.against), options.format)


def _show(path: str, count: int, as_json: bool) -> int:
    if count < 0:
        raise UsageError("log show: -n takes 0 or more", fix="sox-hooks log show -n 20")
    with open_log(path) as file:
        last = deque(enumerate(lines(file), start=1), maxlen=count or None)
    strange = 0
    for number, line in last:
        entry = parse_entry(line.removesuffix(b"\n")) if line.endswith(b"\n") else None
        if entry is None:
            strange += 1
            words = {"line": number, "problem": "not an entry", "bytes": len(line)}
            text = json.dumps(words) if as_json else f"line {number}: not an entry ({len(line)} bytes)"
        else:
            text = json.dumps(entry) if as_json else _text(entry)
        # The one character that JSON in ASCII leaves and a terminal would not print.
        sys.stdout.write(text.replace("\x7f", "\\u007f") + "\n")
    if strange:
        sys.stderr.write(f"{strange} of these {len(last)} lines are no entries: sox-hooks log verify\n")
    return PASS


def _text(entry: dict[str, object]) -> str:
    fields = [
        f"{printable(name)}={printable(value if isinstance(value, str) else json.dumps(value))}"
        for name, value in entry.items()
        if name not in HEAD
    ]
    return "  ".join([f"{entry['index']:>6}", printable(str(entry["time"])), printable(str(entry["event"])), *fields])


def _verify(path: str, against: tuple[str, ...], form: str) -> int:
    result = verify_log(path)
    checked: tuple[tuple[str, str], ...] = (
        ("log", path),
        ("entries", str(result.entries)),
        ("events", ", ".join([f"{name} {count}" for name, count in result.events])),
        ("last", str(result.last or "none")),
    )
    findings = result.findings
    if against:
        compared = _compare(path, result, against)
        last = result.last.index if result.last else 0
        loose = f"{compared.fixed + 1} to {last}" if last > compared.fixed else "none"
        checked += (
            ("against", " ".join(against)),
            ("commits that cite this log", str(compared.cited)),
            *_seen(compared),
            ("fixed by them", f"entries 1 to {compared.fixed}" if compared.fixed else "nothing"),
            ("not fixed", f"entries {loose}; what was cut off behind the last cannot be seen"),
        )
        findings += compared.findings
    return write(Report("log verify", __version__, checked, None, findings), form)


def _seen(compared: Comparison) -> tuple[tuple[str, str], ...]:
    seen = compared.seen
    if seen is None:
        return ()
    return (("seen by CI", f"entry {seen.position.anchor.index} at {seen.moment}, by key {seen.key}"),)


def _compare(path: str, result: LogReport, against: tuple[str, ...]) -> Comparison:
    import os

    from sox_hooks.git.objects import ObjectReader
    from sox_hooks.git.room import CleanRoom
    from sox_hooks.git.run import clean_environment
    from sox_hooks.hooks.staged import open_desk
    from sox_hooks.verification.anchors import cited_entries, compare
    from sox_hooks.verification.ranges import parse_range
    from sox_hooks.verification.summaries import Summaries

    in_force = open_desk().in_force
    if in_force is None:
        raise UsageError("there is no policy here (.sox/) that names the repository", fix="sox-hooks init")
    git = Git(env=clean_environment(os.environ))
    with CleanRoom(git) as room, ObjectReader(git) as clone, ObjectReader(room.git) as reader:
        asked = parse_range(clone, reader, against)
        tips, left = [end.oid for end in asked.tips], [end.oid for end in asked.left]
        policy = in_force.policy
        cited = cited_entries(room, tips, left, (policy.repository, *policy.former))
        return compare(path, result, cited, Summaries(git, room).positions(policy))
