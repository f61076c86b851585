"""Say what would happen to the staged change now, without committing.

Reads the index, the environment and the policy in force, and decides as the commit-msg hook would. With `-m` or
`--message-file` the trailers of a message count as well.
"""

from __future__ import annotations

import os

from sox_hooks import __version__
from sox_hooks.core.errors import UsageError
from sox_hooks.core.files import problem
from sox_hooks.core.text import printable
from sox_hooks.output.formats import FORMATS, write
from sox_hooks.output.report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sox_hooks.hooks.in_force import InForce
    from sox_hooks.hooks.staged import Staged
    from sox_hooks.policy.facts import Decision


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks check --help`."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("-m", "--message", default="", help="the message that the commit would have")
    source.add_argument("--message-file", metavar="FILE", help="the file that holds the message")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to print it (default: text)")


def run(options: Namespace) -> int:
    """Gather, decide, print; nothing is recorded."""
    from sox_hooks.core import clock
    from sox_hooks.hooks.commit_msg import decide, in_mode
    from sox_hooks.hooks.situation import find_signing, gather_facts
    from sox_hooks.hooks.staged import Desk, gather_staged, require_sound_policy

    staged = gather_staged(os.environ)
    if isinstance(staged, Desk) or staged.desk.in_force is None:
        raise UsageError("there is no policy here (.sox/)", fix="sox-hooks init")
    in_force = staged.desk.in_force
    moment = clock.now()
    signing = find_signing(staged.desk, in_force, os.environ, moment)
    facts = gather_facts(staged, in_force, _message(options), os.environ, signing.person, moment)
    require_sound_policy(staged, facts.paths)
    decision = decide(in_force.policy, facts, signing)
    findings = in_mode(decision.findings, in_force.policy.mode)
    report = Report("check", __version__, _checked(staged, decision, in_force), findings=findings)
    code = write(report, options.format)
    return 0 if decision.allowed else code


def _message(options: Namespace) -> bytes:
    if not options.message_file:
        return os.fsencode(options.message)
    try:
        with open(options.message_file, "rb") as file:
            return file.read()
    except OSError as error:
        raise problem("read the message", options.message_file, error) from error


def _checked(staged: Staged, decision: Decision, in_force: InForce) -> tuple[tuple[str, str], ...]:
    from sox_hooks.hooks.in_force import WORK_TREE

    tools = ", ".join([str(use) for use in decision.claim.tools])
    claim = decision.claim.assistance + (f" ({tools})" if tools else "")
    paths = staged.content.content.touched()
    policy = ".sox of the work tree" if in_force.ref == WORK_TREE else f"{in_force.ref}:.sox"
    verdict = "accepted" if decision.allowed else "refused"
    return (
        ("staged paths", str(len(paths)) if paths else "none (nothing is staged: git add PATH)"),
        ("policy", policy + ("" if in_force.policy.mode == "enforce" else f" (mode {in_force.policy.mode})")),
        ("tiers", ", ".join(decision.tiers) or "none touched"),
        ("would be recorded as", printable(claim)),
        ("the commit would be", verdict),
    )
