"""Connect AI agents, so that they ask before they edit and what they edit is known.

install writes an agent's own hook configuration, in the project (shared, to be committed) or for you (--user), and
keeps whatever else is in the file. ignore-files writes what agents know of the policy by themselves: ignore files and
permissions. status runs what the agents would run, and says what is live.
"""

from __future__ import annotations

import os
import sys

from sox_hooks.agents.adapter import IDS, adapter_of
from sox_hooks.agents.exclusion.examination import examine as examine_files
from sox_hooks.agents.install import PROJECT, USER, carry_out, connect, disconnect
from sox_hooks.agents.status import examine
from sox_hooks.cli import ignore_files, trace
from sox_hooks.cli.parser import add_verbs
from sox_hooks.core.errors import FINDING, PASS, EnvironmentProblem, UsageError
from sox_hooks.core.text import printable, printable_lines
from sox_hooks.git.repository import find_repository, require_work_tree
from sox_hooks.git.run import Git
from sox_hooks.hooks.doctor.control import NOT_LIVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sox_hooks.agents.adapter import Adapter
    from sox_hooks.hooks.doctor.control import Control


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks agents --help`."""
    verbs = add_verbs(parser)
    known = "one or several of: " + ", ".join(IDS)
    for name, words in (("install", "Connect agents."), ("uninstall", "Take the connection of agents away.")):
        verb = verbs.add_parser(name, help=words, description=words)
        verb.add_argument("agents", nargs="*", metavar="AGENT", help=f"{known} (default: those that are set up here)")
        verb.add_argument("--all", action="store_true", help="every agent")
        verb.add_argument("--user", action="store_true", help="in your own configuration instead of the project's")
        verb.add_argument("--print", action="store_true", dest="only_print", help="show the files, and change nothing")
    words = "Keep the files that tell agents what to leave alone in step with the policy."
    verb = verbs.add_parser("ignore-files", help=words, description=f"{words}\n\n{ignore_files.DESCRIPTION}")
    ignore_files.add_options(verb)
    words = "Print what is known of commits as records of Agent Trace."
    verb = verbs.add_parser("trace", help=words, description=f"{words}\n\n{trace.DESCRIPTION}")
    trace.add_options(verb)
    words = "Prove which agents are connected."
    verb = verbs.add_parser("status", help=words, description=words + "\n\nExit code 1: a connection is not live.")
    verb.add_argument("agents", nargs="*", metavar="AGENT", help=f"{known} (default: all)")


def run(options: Namespace) -> int:
    """Install, uninstall, examine, keep files in step or trace."""
    if options.verb == "trace":
        return trace.run(options)
    repository = find_repository(Git())
    require_work_tree(repository)
    if options.verb == "status":
        return _status(options, repository.top)
    if options.verb == "ignore-files":
        return ignore_files.run(options, repository.top)
    level = USER if options.user else PROJECT
    base = os.environ.get("HOME", "") if options.user else repository.top
    if not os.path.isabs(base):
        raise EnvironmentProblem("HOME is not set, so there is no configuration of your own")
    install = options.verb == "install"
    plan = connect if install else disconnect
    # Everything is planned before anything is written: one bad file must not leave half of it done.
    planned = [(adapter, plan(adapter, level, base)) for adapter in _chosen(options, base, level)]
    for adapter, changes in planned:
        for change in changes:
            if options.only_print:
                sys.stdout.write(f"# {printable(change.path)} ({change.done})\n{printable_lines(change.after or '')}")
                continue
            carry_out(change)
            sys.stdout.write(f"{adapter.id}: {change.done} ({printable(change.path)})\n")
        if install and not options.only_print:
            for remark in (*adapter.remarks, *_missing(level)):
                sys.stdout.write(f"  note: {remark}\n")
    if install and not options.only_print:
        sys.stdout.write("next: sox-hooks agents status\n")
    return PASS


def _chosen(options: Namespace, base: str, level: str) -> list[Adapter]:
    if options.all and options.agents:
        raise UsageError("agents: name agents or say --all, not both", fix="sox-hooks agents --help")
    if options.agents:
        return [adapter_of(name) for name in dict.fromkeys(options.agents)]
    every = [adapter_of(name) for name in IDS]
    if options.all or options.verb == "uninstall":
        return every
    present = [adapter for adapter in every if _present(adapter, base, level)]
    if not present:
        raise UsageError(
            "agents install: no agent seems to be set up here",
            fix="name the agents: sox-hooks agents install claude-code codex",
        )
    return present


def _present(adapter: Adapter, base: str, level: str) -> bool:
    """Whether the agent's own folder (or file) is there, in the project or for this user."""
    home = os.environ.get("HOME", "")
    for top, path in ((base, adapter.project if level == PROJECT else adapter.user), (home, adapter.user)):
        folder = os.path.dirname(path) or path
        # `.github` belongs to everybody, and `.config` to no agent.
        if folder.startswith(".github") or not top:
            continue
        if os.path.exists(os.path.join(top, folder)):
            return True
    return False


def _missing(level: str) -> list[str]:
    from shutil import which

    if level == USER or which("sox-hooks"):
        return []
    return ["sox-hooks is not on PATH here, and that is where the agent looks for it"]


def _status(options: Namespace, top: str) -> int:
    chosen = [adapter_of(name) for name in options.agents or IDS]
    failed = False
    silent = []
    for adapter in chosen:
        controls = list(examine(adapter, top, os.environ))
        if not controls:
            silent.append(adapter.id)
        for control in controls:
            failed = failed or control.state == NOT_LIVE
            _tell(control)
    for control in () if options.agents else examine_files(top):
        _tell(control)
    if silent:
        sys.stdout.write(f"not connected: {', '.join(silent)}\n")
    return FINDING if failed or (options.agents and silent) else PASS


def _tell(control: Control) -> None:
    rows = (("where", control.where), ("why", control.why), ("fix", control.fix))
    sys.stdout.write(f"[{control.state}] {control.name}: {printable(control.message)}\n")
    sys.stdout.write("".join([f"  {name + ':':<6} {value}\n" for name, value in rows if value]))
    sys.stdout.flush()
