"""Verify pending commits against their records and the policy of the target branch.

`sox-hooks verify origin/main..HEAD` gives every commit of the range one status. The policy, the keys and the exceptions
that judge it are those at the tip of the left end, never those of the change itself: name the target branch, not a
merge-base. Anything that is missing is not a pass: exit code 4.
"""

from __future__ import annotations

from sox_hooks import __version__
from sox_hooks.core.errors import PASS, UsageError
from sox_hooks.output.formats import FORMATS, write
from sox_hooks.output.report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sox_hooks.verification.gate import Gate


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks verify --help`."""
    parser.add_argument("range", nargs="+", metavar="RANGE", help="A..B, or revisions with ^A for what is left out")
    parser.add_argument(
        "--policy-ref", default="", metavar="REF", help="whose .sox/ governs (default: the left end of the range)"
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to print it (default: text)")
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 whatever is found (for a trial run)")


def run(options: Namespace) -> int:
    """Judge the range, print the report."""
    import os

    from sox_hooks.git.room import CleanRoom
    from sox_hooks.git.run import Git, clean_environment
    from sox_hooks.verification.gate import open_gate

    if any(not word for word in options.range):
        raise UsageError("an empty word is no range", fix="sox-hooks verify origin/main..HEAD")
    git = Git(env=clean_environment(os.environ))
    with CleanRoom(git) as room:
        run_ = open_gate(git, room, tuple(options.range), options.policy_ref)
        code = write(Report("verify", __version__, _checked(run_.gate), run_.verdicts()), options.format)
    return PASS if options.exit_zero else code


def _checked(gate: Gate) -> tuple[tuple[str, str], ...]:
    policy = f"{gate.governed_by.name}:.sox (version {gate.policy_version}, tree {gate.policy_identity})"
    checked = [("range", gate.range.text), ("policy", policy), ("keys judged at", f"{gate.moment} (now)")]
    if gate.exempt:
        checked.append(("exempt by the baseline", f"{gate.exempt} commits"))
    return tuple(checked)
