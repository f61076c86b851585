"""Install the hooks in this clone, or print what another hook host needs.

commit-msg decides and records, pre-push says what CI would refuse, and post-commit, post-merge and post-rewrite keep
the audit log in step with what becomes of the commits. A hook that is there already is kept and runs first. Installing
twice does no harm, and uninstall puts everything back. Prove that the hook is live: sox-hooks doctor
"""

from __future__ import annotations

import sys

from sox_hooks.core.errors import PASS
from sox_hooks.core.text import printable
from sox_hooks.git.repository import find_repository
from sox_hooks.git.run import Git
from sox_hooks.hooks.hosts import HUSKY, LEFTHOOK, PRE_COMMIT
from sox_hooks.hooks.install import Outcome, install
from sox_hooks.hooks.shims import OPTIONAL
from sox_hooks.hooks.snippets import SNIPPETS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks install --help`."""
    parser.add_argument(
        "--with",
        dest="more",
        action="append",
        default=[],
        choices=OPTIONAL,
        help="install this hook, too: it writes what evidence shows into messages given with -m, also with --no-verify",
    )
    hosts = parser.add_mutually_exclusive_group()
    for name, words in (
        (PRE_COMMIT, "pre-commit and prek: print the lines for .pre-commit-config.yaml"),
        (HUSKY, "print the line for .husky/commit-msg"),
        (LEFTHOOK, "print the lines for lefthook.yml"),
    ):
        hosts.add_argument(f"--{name}", dest="host", action="store_const", const=name, default="", help=words)


def run(options: Namespace) -> int:
    """Install, or print."""
    if options.host:
        sys.stdout.write(SNIPPETS[options.host])
        return PASS
    for outcome in install(find_repository(Git()), options.more):
        sys.stdout.write(describe(outcome))
    sys.stdout.write("next: sox-hooks doctor\n")
    return PASS


def describe(outcome: Outcome) -> str:
    """One line: `commit-msg: installed (PATH; remark)`."""
    inside = "; ".join(filter(None, (printable(outcome.path), printable(outcome.remark))))
    return f"{outcome.hook}: {outcome.done} ({inside})\n"
