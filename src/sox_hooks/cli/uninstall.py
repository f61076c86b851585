"""Take the hook out of this clone and put back what was there before.

The audit log, the policy and the records in commits stay. Without the hook, CI refuses the commits made here.
"""

from __future__ import annotations

import sys

from sox_hooks.cli.install import describe
from sox_hooks.core.errors import PASS
from sox_hooks.git.repository import find_repository
from sox_hooks.git.run import Git
from sox_hooks.hooks.install import uninstall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """There are none."""
    del parser


def run(options: Namespace) -> int:
    """Uninstall."""
    del options
    for outcome in uninstall(find_repository(Git())):
        sys.stdout.write(describe(outcome))
    return PASS
