"""`sox-hooks hook NAME ...`: what shims and hook hosts call. Imports nothing but the hook that is asked for."""

from __future__ import annotations

import os
import sys

from sox_hooks.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

HOOKS = ("commit-msg",)


def main(argv: Sequence[str]) -> int:
    """Run one hook; returns its exit code. Raises `SoxError` for what a user can mend."""
    if not argv or argv[0] not in HOOKS:
        asked = argv[0] if argv else ""
        raise UsageError(f"there is no hook {asked!r}", fix="sox-hooks hook " + " | ".join(HOOKS))
    from sox_hooks.hooks.hosts import answer_doctor, hook_event

    event = hook_event(argv[0], argv[1:], os.environ)
    if answer_doctor(os.environ, event.name):
        return 0
    from sox_hooks.hooks.started import start_gathering

    started = start_gathering()  # git works while Python imports the rest
    from sox_hooks.hooks import commit_msg

    return commit_msg.run(event, dict(os.environ), sys.stderr, started)
