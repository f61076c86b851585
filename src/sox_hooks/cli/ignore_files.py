"""`sox-hooks agents ignore-files`: ignore files and permissions of agents, made from the policy."""

from __future__ import annotations

import sys

from sox_hooks import __version__
from sox_hooks.agents.exclusion.blocks import UNREADABLE
from sox_hooks.agents.exclusion.plan import findings_of, plan, unplan, used
from sox_hooks.agents.exclusion.targets import AGENTS, TARGETS, targets_of
from sox_hooks.agents.install import carry_out
from sox_hooks.cli.parser import add_format
from sox_hooks.cli.policy import read_files
from sox_hooks.core import clock
from sox_hooks.core.errors import PASS, UsageError
from sox_hooks.core.text import printable, printable_lines
from sox_hooks.policy.load import load_or_fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sox_hooks.agents.exclusion.plan import Planned
    from sox_hooks.agents.exclusion.targets import Target
    from sox_hooks.agents.install import Change

DESCRIPTION = """\
What the policy in .sox/ of the work tree refuses a tool is written into the files that this agent reads: .cursorignore
and its kin, permissions of Claude Code, Codex, Cursor and OpenCode. Lines of your own stay. Without AGENT: the files
that hold entries of ours already.

Exit code 1, with --check: a file is out of step."""


def add_options(parser: ArgumentParser) -> None:
    """See `sox-hooks agents ignore-files --help`."""
    known = ", ".join(AGENTS)
    parser.add_argument("agents", nargs="*", metavar="AGENT", help=f"one or several of: {known}")
    parser.add_argument("--all", action="store_true", help="every agent")
    parser.add_argument("--check", action="store_true", help="only compare, for CI; change nothing")
    parser.add_argument("--print", action="store_true", dest="only_print", help="show the files, and change nothing")
    parser.add_argument("--remove", action="store_true", help="take our entries out again")
    parser.add_argument(
        UNREADABLE,
        action="store_true",
        help='ignore files hide only what may not be read (tiers with reads = "deny"), not all that may not be edited',
    )
    parser.add_argument("--ref", default="", metavar="REF", help="read .sox/ from this commit, not the work tree")
    add_format(parser)


def run(options: Namespace, top: str) -> int:
    """Write, show, take out or compare."""
    if options.check + options.only_print + options.remove > 1:
        raise UsageError(
            "agents ignore-files: --check, --print and --remove exclude each other",
            fix="sox-hooks agents ignore-files --help",
        )
    if options.remove:
        return _remove(_chosen(options, top), top)
    policy = load_or_fail(read_files(options.ref))
    today = clock.day(clock.now())
    # Everything is planned before anything is written: one bad file must not leave half of it done.
    planned = [plan(target, top, policy, today, options.unreadable) for target in _chosen(options, top)]
    if options.check:
        return _check(planned, options)
    for one in planned:
        change = one.change
        if options.only_print:
            sys.stdout.write(f"# {printable(one.target.file)} ({_done(change)})\n{printable_lines(change.after or '')}")
            continue
        carry_out(change)
        sys.stdout.write(f"{one.target.tools[0]}: {_done(change)} ({one.target.file}, {_count(one)})\n")
        for note in one.notes:
            sys.stdout.write(f"  note: {printable(note)}\n")
    return PASS


def _chosen(options: Namespace, top: str) -> tuple[Target, ...]:
    if options.all and options.agents:
        raise UsageError("agents: name agents or say --all, not both", fix="sox-hooks agents ignore-files --help")
    if options.all:
        return used(TARGETS, top) if options.remove else TARGETS
    found = used(TARGETS, top)
    if options.agents:
        named = [target for name in options.agents for target in targets_of(name)]
        found = tuple(dict.fromkeys(named))
    elif not found:
        raise UsageError(
            "agents ignore-files: no file here holds entries from the policy yet",
            fix="name the agents: sox-hooks agents ignore-files claude-code cursor",
        )
    return found


def _check(planned: list[Planned], options: Namespace) -> int:
    from sox_hooks.output.formats import write
    from sox_hooks.output.report import Report

    checked = (("policy", options.ref or ".sox"), ("files", ", ".join([one.target.file for one in planned])))
    findings = tuple([found for one in planned for found in findings_of(one, options.ref)])
    return write(Report("agents ignore-files --check", __version__, checked, None, findings), options.format)


def _remove(targets: tuple[Target, ...], top: str) -> int:
    for target, change in [(target, unplan(target, top)) for target in targets]:
        carry_out(change)
        done = "nothing to remove" if change.before == change.after else _done(change)
        sys.stdout.write(f"{target.tools[0]}: {done} ({target.file})\n")
    return PASS


def _done(change: Change) -> str:
    if change.before == change.after:
        return "in step"
    if change.after is None:
        return "removed"
    return "made" if change.before is None else "changed"


def _count(planned: Planned) -> str:
    count = len(planned.wanted)
    return f"{count} {'entry' if count == 1 else 'entries'}"
