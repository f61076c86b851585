"""`sox-hooks agents trace`: what is known of commits as records of Agent Trace."""

from __future__ import annotations

import os
import sys

from sox_hooks.core.errors import PASS, UsageError
from sox_hooks.core.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from sox_hooks.git.run import Git

FORMATS = ("jsonl", "json")
DESCRIPTION = """\
One record a commit and tool, for other tools to read. Lines are given where it is known who contributed them: in the
clone where a commit was made its log says which files an agent wrote; elsewhere only what the record claims for the
whole commit is known. Signatures are not checked: sox-hooks verify does that."""


def add_options(parser: ArgumentParser) -> None:
    """See `sox-hooks agents trace --help`."""
    parser.add_argument(
        "revisions", nargs="*", metavar="REVISION", help="commits, or a range such as A..B (default: HEAD)"
    )
    parser.add_argument(
        "--format", choices=FORMATS, default=FORMATS[0], help=f"a record a line, or one array (default: {FORMATS[0]})"
    )


def run(options: Namespace) -> int:
    """Print the records."""
    from sox_hooks.detection.catalogue import builtin
    from sox_hooks.git.repository import find_repository
    from sox_hooks.git.room import CleanRoom
    from sox_hooks.git.run import Git, clean_environment
    from sox_hooks.output.agent_trace import line, records
    from sox_hooks.record.log import Log
    from sox_hooks.verification.attribution import attributed

    git = Git(env=clean_environment(os.environ))
    repository = find_repository(git)
    nodes = list(_nodes(git, tuple(options.revisions) or ("HEAD",)))
    with CleanRoom(git, repository) as room:
        found = records(attributed(room, nodes, Log(repository.common_dir).path, builtin()))
        if options.format == "jsonl":
            for record in found:
                sys.stdout.write(line(record))
            return PASS
        before = "[\n"
        for record in found:
            sys.stdout.write(before + line(record).rstrip("\n"))
            before = ",\n"
        sys.stdout.write("\n]\n" if before != "[\n" else "[]\n")
    return PASS


def _nodes(git: Git, words: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The commits with their parents: those that are named, or those of a range. Raises `UsageError`."""
    result = git.result("rev-list", "--no-walk=unsorted", "--parents", "--end-of-options", *words, "--")
    if result.code:
        words_of_git = printable(result.err.strip().split(b"\n")[-1], 200)
        raise UsageError(f"agents trace: no commits {printable(' '.join(words), 100)!r}", why=words_of_git)
    for answer in result.out.decode("ascii").splitlines():
        oid, *parents = answer.split(" ")
        yield oid, tuple(parents)
