"""Set this repository up: a commented .sox/, your SSH key in it, and the hook.

What is there already is kept: run it again after a pull, on a new machine, or to enrol a second key. Nothing is
committed; the commands that do are printed.
"""

from __future__ import annotations

import os
import sys

from sox_hooks.core.errors import PASS, SoxError
from sox_hooks.core.lines import error_lines
from sox_hooks.core.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sox_hooks.hooks.setup import SetUp


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks init --help`."""
    parser.add_argument(
        "--repository", default="", metavar="ID", help="stable id, as bank/ledger (default: the remote's)"
    )
    parser.add_argument("--owner", default="", help="who answers for the policy (default: your address)")
    parser.add_argument(
        "--key", default="", metavar="PATH", help="your SSH key (default: the configured one, else a new one)"
    )
    parser.add_argument("--no-hooks", action="store_true", help="do not install the native hook (pre-commit will)")


def run(options: Namespace) -> int:
    """Set up, install, and say what comes next."""
    from sox_hooks.cli.install import describe
    from sox_hooks.hooks.install import install
    from sox_hooks.hooks.setup import Wishes, set_up

    done = set_up(Wishes(options.repository, options.owner, options.key), os.environ)
    for name in done.written:
        sys.stdout.write(f"wrote {name}\n")
    if not done.written:
        sys.stdout.write(".sox/ was there; nothing in it was overwritten\n")
    _tell_key(done)
    code = PASS
    if not options.no_hooks:
        try:
            for outcome in install(done.repository):
                sys.stdout.write(describe(outcome))
        except SoxError as error:  # the policy is set up all the same
            sys.stdout.write("\n".join(error_lines(error)) + "\n")
            code = error.exit_code
    if done.written:
        sys.stdout.write(
            "\nnext: read .sox/policy.toml, then\n"
            '  git add .sox && git commit -m "Adopt sox-hooks" --trailer "AI-Assistance: none"\n'
            "  sox-hooks doctor\n"
        )
    elif done.enrolled:
        sys.stdout.write(
            "\nnext: your key counts once the protected branch has it, and nobody can enrol herself: have somebody\n"
            "who is enrolled commit and merge the change to .sox/ (git diff .sox), then: sox-hooks doctor\n"
        )
    return code


def _tell_key(done: SetUp) -> None:
    if done.key_file:
        shown = printable(done.key_file)
        sys.stdout.write(f"made a new key: {shown} (it has no passphrase; to give it one: ssh-keygen -p -f {shown})\n")
    already = "" if done.enrolled else "already "
    sys.stdout.write(f"{already}enrolled for {printable(done.person)}: {printable(done.key, 60)}\n")
    if done.configured:
        sys.stdout.write("git config sox.signingKey: set for this repository\n")
