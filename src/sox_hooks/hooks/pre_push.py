"""The pre-push hook: which of the outgoing commits CI would refuse, and the command that mends them.

It is the gate of CI at the desk: the same verdicts, under the policy of the protected branch as this clone knows it.
Fast feedback, not the control: `git push --no-verify` goes past it, and CI looks again. What cannot be verified here
(a shallow clone) is told and not refused.
"""

from __future__ import annotations

import sys

from sox_hooks.core.errors import FINDING, PASS, CannotVerify
from sox_hooks.core.text import printable
from sox_hooks.git.run import Git, clean_environment
from sox_hooks.hooks.hosts import LEFTHOOK
from sox_hooks.hooks.outgoing import Outgoing, Update, commits_of, outgoing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from sox_hooks.hooks.hosts import HookEvent
    from sox_hooks.hooks.in_force import InForce
    from sox_hooks.hooks.staged import Desk
    from sox_hooks.verification.verdict import Verdict

_MOST_SHOWN = 10
_HEADS = "refs/heads/"


def run(event: HookEvent, environ: Mapping[str, str], err: TextIO) -> int:
    """The hook; returns its exit code. Raises `SoxError`s, for a policy that cannot be used above all."""
    data = sys.stdin.buffer.read() if event.stdin and not sys.stdin.isatty() else None
    if event.host == LEFTHOOK and not data:  # `use_stdin` is not set
        data = None
    if data is not None and not data.strip():
        return PASS
    going = outgoing(Git(), data, event.arguments, environ)
    if not going.updates:
        return PASS
    from sox_hooks.hooks.in_force import WORK_TREE
    from sox_hooks.hooks.staged import open_desk

    desk = open_desk()
    if desk.in_force is None or desk.in_force.ref == WORK_TREE:
        return PASS  # no commit has a policy, so CI has none either
    try:
        verdicts = _judge(going, desk, desk.in_force, environ)
    except CannotVerify as problem:
        err.write(f"sox-hooks: the push is not checked here: {printable(problem.what)}\n")
        return PASS
    return _tell(going, desk, desk.in_force, verdicts, err)


def _judge(going: Outgoing, desk: Desk, in_force: InForce, environ: Mapping[str, str]) -> list[Verdict]:
    """The verdicts on all outgoing commits that do not pass, oldest first: a first push may bring 100,000 that do."""
    from sox_hooks.git.room import CleanRoom
    from sox_hooks.output.report import outcome
    from sox_hooks.verification.gate import open_gate
    from sox_hooks.verification.remembered import open_memory

    words = (*dict.fromkeys(update.tip for update in going.updates), *[f"^{oid}" for oid in going.left])
    git = Git(env=clean_environment(environ))
    memory = open_memory(desk.repository, environ, runs=False)
    with CleanRoom(git) as room:
        verdicts = open_gate(git, room, words, in_force.ref, memory).verdicts()
        return [verdict for verdict in verdicts if outcome(verdict) != PASS]


def _tell(going: Outgoing, desk: Desk, in_force: InForce, verdicts: list[Verdict], err: TextIO) -> int:
    from sox_hooks.output.report import outcome

    refused = [verdict for verdict in verdicts if outcome(verdict) == FINDING]
    unknown = len([verdict for verdict in verdicts if outcome(verdict) not in (PASS, FINDING)])
    if unknown:
        err.write(f"sox-hooks: {unknown} of the outgoing commits cannot be verified in this clone; CI will\n")
    for update in going.updates if refused else ():
        mine = commits_of(desk.git, update, going.left)
        bad = [verdict for verdict in refused if verdict.commit in mine]
        if bad:
            err.write("".join([line + "\n" for line in _lines(update, going, desk, in_force, bad, len(mine))]))
    if not refused or in_force.policy.mode == "warn":
        return PASS
    from sox_hooks.record.log import Log

    Log(desk.repository.common_dir).append(
        "push-refused",
        {
            "remote": printable(going.remote, 200),
            "refs": [printable(update.remote, 200) for update in going.updates[:100]],
            "commits": [[verdict.commit, verdict.status] for verdict in refused[:100]],
            "count": len(refused),
        },
    )
    err.write("sox-hooks: nothing was pushed\n")
    return FINDING


def _lines(update: Update, going: Outgoing, desk: Desk, in_force: InForce, bad: list[Verdict], count: int) -> list[str]:
    """What is wrong with one ref: the first line stands alone."""
    where = printable(update.remote, 100)
    policy = printable(in_force.ref, 100)
    lines = [f"sox-hooks: CI would refuse {len(bad)} of the {count} commits for {where} (policy of {policy})"]
    for verdict in bad[:_MOST_SHOWN]:
        rules = ", ".join(sorted({entry.rule for entry in verdict.findings if entry.severity == "error"}))
        lines.append(f"  {verdict.commit[:12]} {verdict.status:<10} {rules:<7} {verdict.subject[:60]}")
    if len(bad) > _MOST_SHOWN:
        lines.append(f"  and {len(bad) - _MOST_SHOWN} more")
    lines.append(f"  fix:   {_mend(update, going, desk, in_force, bad)}")
    lines.append(
        "  why:   sox-hooks explain RULE; all of it: sox-hooks verify " + _range(update, going, desk, in_force, bad)
    )
    return lines


def _mend(update: Update, going: Outgoing, desk: Desk, in_force: InForce, bad: list[Verdict]) -> str:
    """The command that gives the commits new records, where that is what they lack."""
    from sox_hooks.hooks.resigning.lacking import has_a_bad_record, lacks_a_record

    branch = _branch(update, desk)
    if not any(lacks_a_record(verdict) or has_a_bad_record(verdict) for verdict in bad):
        fixes = [entry.fix for entry in bad[0].findings if entry.severity == "error" and entry.fix]
        return fixes[0] if fixes else f"sox-hooks explain {bad[0].findings[0].rule}"
    if not branch:
        return "make a branch of these commits, run there: sox-hooks resign; then make the tag again"
    more = "" if all(lacks_a_record(verdict) for verdict in bad) else " --all"
    return f"sox-hooks resign --yes --reason WHY{more} {_range(update, going, desk, in_force, bad)}"


def _branch(update: Update, desk: Desk) -> str:
    """The local branch that is pushed, `HEAD` if its commit is what HEAD is at, "" for a tag or a bare commit."""
    if update.local.startswith(_HEADS):
        return update.local.removeprefix(_HEADS)
    return "HEAD" if desk.head is not None and desk.head.oid == update.tip else ""


def _range(update: Update, going: Outgoing, desk: Desk, in_force: InForce, bad: list[Verdict]) -> str:
    """`A..B` that holds the refused commits: A is what the remote has of the branch, or what governs, or the parent."""
    from shlex import quote

    end = _branch(update, desk) or update.tip[:12]
    names = [f"{going.remote}/{update.remote.removeprefix(_HEADS)}", in_force.ref]
    tracked = desk.git.run("for-each-ref", "--format=%(refname:lstrip=2)", "refs/remotes").decode("utf-8", "replace")
    known = tracked.splitlines()
    for name in names:
        if name in known:
            return quote(f"{name}..{end}")
    first = bad[0].commit
    parent = desk.git.try_line("rev-parse", "--verify", "--quiet", f"{first}^")
    return quote(f"{parent[:12]}..{end}" if parent else end)
