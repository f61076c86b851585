"""Verify pending commits against their records and the policy of the target branch.

`sox-hooks verify origin/main..HEAD` gives every commit of the range one status. The policy, the keys and the exceptions
that judge it are those at the tip of the left end, never those of the change itself: name the target branch, not a
merge-base. Anything that is missing is not a pass: exit code 4.

`sox-hooks verify --landed origin/main` looks back at what was merged, step by step along the first parents: what each
merge brought in is judged by the policy that stood before it, and keys at the time that each record claims. Squashed
requests are proven by their heads (refs/pull/*/head, refs/merge-requests/*/head, or --squash-of).
"""

from __future__ import annotations

from sox_hooks import __version__
from sox_hooks.core.errors import PASS, UsageError
from sox_hooks.output.formats import FORMATS, LISTS_ALL, write
from sox_hooks.output.report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sox_hooks.git.room import CleanRoom
    from sox_hooks.git.run import Git
    from sox_hooks.verification.landed import LandedRun
    from sox_hooks.verification.remembered import Memory

_SHOWN = 20


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks verify --help`."""
    parser.add_argument("range", nargs="+", metavar="RANGE", help="A..B, or revisions with ^A for what is left out")
    parser.add_argument(
        "--policy-ref", default="", metavar="REF", help="whose .sox/ governs (default: the left end of the range)"
    )
    parser.add_argument(
        "--landed", action="store_true", help="judge protected history step by step: BRANCH, or A..BRANCH for a part"
    )
    parser.add_argument(
        "--squash-of",
        action="append",
        default=[],
        metavar="HEAD",
        help="with --landed: the head of a squashed request, where no ref has it (may be repeated)",
    )
    parser.add_argument(
        "--write-summary",
        action="store_true",
        help="with --landed: sign every squash that is proven, and how far developers' logs have come (for CI)",
    )
    parser.add_argument("--key", default="", metavar="PATH", help="the SSH key that signs summaries")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to print it (default: text)")
    parser.add_argument(
        "--no-cache", action="store_true", help="judge every commit anew, and keep nothing for the next run"
    )
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 whatever is found (for a trial run)")


def run(options: Namespace) -> int:
    """Judge the range, print the report."""
    import os

    from sox_hooks.git.repository import find_repository
    from sox_hooks.git.room import CleanRoom
    from sox_hooks.git.run import Git, clean_environment
    from sox_hooks.verification.remembered import open_memory

    if any(not word for word in options.range):
        raise UsageError("an empty word is no range", fix="sox-hooks verify origin/main..HEAD")
    git = Git(env=clean_environment(os.environ))
    if bool(options.key) != options.write_summary or (options.write_summary and not options.landed):
        raise UsageError(
            "--landed, --write-summary and --key PATH go together",
            fix="sox-hooks verify --landed origin/main --write-summary --key PATH",
        )
    repository = find_repository(git)
    with CleanRoom(git, repository) as room:
        if not options.landed:
            recall = options.format not in LISTS_ALL
            memory = None if options.no_cache else open_memory(repository, os.environ, recall=recall)
            code = write(_pending(git, room, options, memory), options.format)
        else:
            run_ = _open_landed(git, room, options)
            code = write(_landed(run_), options.format)
            if options.write_summary:
                _summarise(git, run_, options.key)
    return PASS if options.exit_zero else code


def _pending(git: Git, room: CleanRoom, options: Namespace, memory: Memory | None) -> Report:
    from sox_hooks.verification.gate import open_gate

    if options.squash_of:
        raise UsageError("--squash-of is for landed commits", fix="sox-hooks verify --landed BRANCH --squash-of HEAD")
    run_ = open_gate(git, room, tuple(options.range), options.policy_ref, memory)
    gate = run_.gate
    policy = f"{gate.governed_by.name}:.sox (version {gate.policy_version}, tree {gate.policy_identity})"
    checked = [("range", gate.range.text), ("policy", policy), ("keys judged at", f"{gate.moment} (now)")]
    if gate.exempt:
        checked.append(("exempt by the baseline", f"{gate.exempt} commits"))
    return Report("verify", __version__, tuple(checked), run_.verdicts(), gate.brought, run_.passed)


def _open_landed(git: Git, room: CleanRoom, options: Namespace) -> LandedRun:
    from sox_hooks.verification.landed import open_landed

    if options.policy_ref or len(options.range) != 1:
        raise UsageError(
            "--landed takes one range and no --policy-ref",
            why="every step is judged by the policy that stood before it",
            fix="sox-hooks verify --landed origin/main",
        )
    return open_landed(git, room, options.range[0], tuple(options.squash_of))


def _summarise(git: Git, run_: LandedRun, path: str) -> None:
    """Sign what was seen: squashes that were proven, and how far the logs of developers have come."""
    import os
    import sys

    from sox_hooks.core import clock
    from sox_hooks.core.text import printable
    from sox_hooks.policy.directory import Directory
    from sox_hooks.record.key_reference import find_key, public_key
    from sox_hooks.verification.envelope import REFS, of_ci, writer
    from sox_hooks.verification.summaries import Countersigned, write_summaries

    policy, extending = run_.policy, run_.positions.extending() if run_.policy else []
    if not run_.proven and not extending:
        sys.stderr.write("sox-hooks: no squash to summarise, no position in a log that is new\n")
        return
    key = find_key({"sox.signingkey": (os.path.abspath(path),)}, os.environ.get("HOME"))
    key = key.replace(public_blob=public_key(key))
    logs = (
        Countersigned(tuple([place for place, _ in extending]), policy.repository, policy.identity) if policy else None
    )
    ref = write_summaries(git, run_.proven, key, logs, run_.summaries.refs().get(REFS + writer(key.public_blob), ""))
    for place, known in extending[:_SHOWN]:
        then = f"entry {known.split('.')[1]} was seen before" if known else "a log that was not seen before"
        what = f"{printable(place.person)}'s log {place.anchor.log_id}: entry {place.anchor.index}"
        sys.stderr.write(f"sox-hooks: {what} ({place.commit[:12]}), {then}\n")
    if len(extending) > _SHOWN:
        sys.stderr.write(f"sox-hooks: (and {len(extending) - _SHOWN} more logs)\n")
    parts = [_plural(len(run_.proven), "summary", "summaries")] if run_.proven else []
    parts += [_plural(len(extending), "position in a log", "positions in logs")] if extending else []
    said = " and ".join(parts) + (" is" if len(run_.proven) + len(extending) == 1 else " are")
    sys.stderr.write(f"sox-hooks: {said} on {ref}; push it: git push origin {ref}\n")
    if policy is None or not of_ci(Directory(policy), key.public_blob, clock.now()):
        sys.stderr.write(
            "sox-hooks: the policy lists this key for no service with the role ci, so nobody will believe them\n"
        )


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _landed(run_: LandedRun) -> Report:
    landed = run_.landed
    checked = [
        ("range", f"{landed.range.text} (landed)"),
        ("policy", "of each step: the .sox/ of its first parent"),
        ("keys judged at", "the time that each record claims"),
    ]
    if landed.before:
        checked.append(("before the first policy", f"{landed.before} commits"))
    if landed.exempt:
        checked.append(("exempt by the baseline", f"{landed.exempt} commits"))
    if run_.positions.logs:
        checked.append(("held against", f"{_plural(run_.positions.logs, 'log', 'logs')} that CI has seen"))
    return Report("verify", __version__, tuple(checked), run_.verdicts())
