"""Make new records for your own commits that have none, or none that holds any more.

Rebasing with conflicts, squashing, `git am` and commits made past the hook leave commits that no record fits. Their
author makes new ones here: the strongest claim of all sources is kept, the policy is asked as at every commit, and the
audit log links old and new. Without --yes it only says what it would do. The commits get new ids; files are not
touched.
"""

from __future__ import annotations

import os
import sys
from shlex import quote

from sox_hooks.core.errors import FINDING, PASS, UsageError
from sox_hooks.core.findings import ERROR
from sox_hooks.core.text import printable
from sox_hooks.git.rewrite import is_signed
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git, clean_environment
from sox_hooks.hooks.resigning.carry_out import Done, carry_out
from sox_hooks.hooks.resigning.plan import Plan, Step, Wish, make_plan
from sox_hooks.output.findings_text import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sox_hooks.core.findings import Finding

_MOST_SHOWN = 100
_DECLARED = ("SOX101", "SOX103", "SOX106")  # what a declaration mends
_FLAGS = (("--all", "all"), ("--pushed", "pushed"), ("--for-others", "for_others"), ("--no-ai", "no_ai"))


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks resign --help`."""
    parser.add_argument("range", metavar="RANGE", help="A..B: what branch B (or HEAD) has and A has not")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; it is kept in the audit log")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--yes", action="store_true", help="do it")
    doing.add_argument("--dry-run", action="store_true", help="say what would be done (the default)")
    parser.add_argument("--all", action="store_true", help="renew good records, forged and denied ones, too")
    parser.add_argument("--pushed", action="store_true", help="also commits that a remote branch has already")
    parser.add_argument("--for-others", action="store_true", help="also other people's commits, if the policy lets you")
    parser.add_argument("--no-ai", action="store_true", help="declare that no AI took part in any of them")
    parser.add_argument(
        "--assisted-by", action="append", default=[], metavar="TOOL", help="declare a tool: TOOL[@VERSION][:MODEL]"
    )


def run(options: Namespace) -> int:
    """Plan, say what the plan is, and carry it out if told to."""
    reason = " ".join(options.reason.split())
    if not reason or len(reason) > 500:
        raise UsageError("--reason takes 1 to 500 characters", fix='--reason "conflict solved in a rebase"')
    if not options.range:
        raise UsageError("an empty word is no range", fix="sox-hooks resign --reason WHY origin/main..HEAD")
    wish = Wish(
        options.range,
        printable(reason),
        everything=options.all,
        for_others=options.for_others,
        pushed=options.pushed,
        assistance="none" if options.no_ai else "",
        assisted_by=tuple(options.assisted_by),
    )
    with CleanRoom(Git(env=clean_environment(os.environ))) as room:
        plan = make_plan(wish, room, os.environ)
        sys.stdout.write(_described(plan))
        sys.stdout.flush()
        if plan.refused:
            sys.stderr.write(render([entry for step in plan.refused for entry in _errors(step)]))
            sys.stderr.write("sox-hooks: nothing is changed, because the policy refuses what is marked\n")
            return FINDING
        if options.yes and plan.renewed:
            sys.stdout.write(_told(plan, carry_out(plan, room)))
        elif plan.renewed:
            sys.stdout.write(f"nothing is changed yet; to do it: {_again(options)}\n")
    return FINDING if plan.left else PASS


def _described(plan: Plan) -> str:
    renewed, steps = plan.renewed, plan.steps
    if not renewed and not plan.left:
        return f"{len(steps)} {_commits(steps)}, and none lacks a record: nothing is to be done\n"
    lines = [_line(step) for step in steps if step.remade or step.left]
    if len(lines) > _MOST_SHOWN:
        lines[_MOST_SHOWN:] = [f"  and {len(lines) - _MOST_SHOWN} more"]
    below = sum(step.remade for step in steps) - len(renewed)
    who = printable(plan.signing.person)
    policy = f"{printable(plan.in_force.ref)}, version {plan.in_force.policy.version}"
    head = f"{len(renewed)} of {len(steps)} {_commits(steps)}: a new record by {who} (policy of {policy})"
    notes = [f"{below} more get new parents and keep their records"] if below else []
    signed = sum(is_signed(step.commit.headers) for step in steps if step.remade)
    if signed:
        notes.append(
            f"git's own signature on {signed} of them does not survive: sign again with git rebase -S if needed"
        )
    return "".join([line + "\n" for line in (head, *lines, *notes)])


def _line(step: Step) -> str:
    commit, status = step.commit.oid[:12], step.verdict.status
    if step.left:
        fate = f"left alone: {step.left}"
    elif step.decision is None:
        fate = "keeps its record"
    else:
        claim = step.decision.claim
        tools = ", ".join([printable(str(use), 100) for use in claim.tools])
        fate = f"recorded as {claim.assistance}" + (f" by {tools}" if tools else "")
        if not step.decision.allowed:
            fate = f"REFUSED as {fate[12:]}"
    return f"  {commit} {status:<12} {fate}  | {step.verdict.subject}"


def _errors(step: Step) -> list[Finding]:
    findings = [entry for entry in step.decision.findings if entry.severity == ERROR] if step.decision else []
    here = "add --no-ai or --assisted-by TOOL[@VERSION][:MODEL] to this command, whichever is true"
    return [
        entry.replace(commit=step.commit.oid, fix=here if entry.rule in _DECLARED else entry.fix) for entry in findings
    ]


def _told(plan: Plan, done: Done) -> str:
    name = plan.ref.removeprefix("refs/heads/")
    lines = [f"{printable(name)} is now {done.tip[:12]} (it was {plan.tip[:12]})"]
    stay = _others(plan, {old for old, _ in done.pairs})
    if stay:
        lines.append(f"still on the old commits: {', '.join(stay)}")
    lines.append(f"to undo it: git update-ref {quote(plan.ref)} {plan.tip[:12]} {done.tip[:12]}")
    return "".join([line + "\n" for line in lines])


def _others(plan: Plan, old: set[str]) -> list[str]:
    """Other branches and tags that name one of the old commits: they are not moved."""
    listed = plan.desk.git.run("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags")
    pairs = [line.split(" ", 1) for line in listed.decode("utf-8", "surrogateescape").splitlines()]
    return [printable(name) for oid, name in pairs if oid in old]


def _again(options: Namespace) -> str:
    words = ["sox-hooks", "resign", "--yes", "--reason", options.reason]
    words += [flag for flag, given in _FLAGS if getattr(options, given)]
    words += [word for tool in options.assisted_by for word in ("--assisted-by", tool)]
    return " ".join([quote(printable(word)) for word in [*words, options.range]])


def _commits(steps: tuple[Step, ...]) -> str:
    return "commit" if len(steps) == 1 else "commits"
