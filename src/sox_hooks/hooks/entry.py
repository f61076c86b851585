"""`sox-hooks hook NAME ...`: what shims and hook hosts call. Imports nothing but the hook that is asked for."""

from __future__ import annotations

import os
import sys

from sox_hooks.core.errors import UsageError
from sox_hooks.core.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

HOOKS = ("commit-msg", "prepare-commit-msg", "post-commit", "post-merge", "post-rewrite", "pre-push")
# What a server calls. Nobody but its owner sets their environment, and doctor has no business there.
SERVER_HOOKS = ("pre-receive", "update")


def main(argv: Sequence[str]) -> int:
    """Run one hook; returns its exit code. Raises `SoxError` for what a user can mend."""
    if not argv or argv[0] not in (*HOOKS, *SERVER_HOOKS):
        asked = printable(argv[0], 60) if argv else ""
        raise UsageError(f"there is no hook {asked!r}", fix="sox-hooks hook " + " | ".join((*HOOKS, *SERVER_HOOKS)))
    from sox_hooks.hooks.hosts import answer_doctor, hook_event

    event = hook_event(argv[0], argv[1:], os.environ)
    if event.name in SERVER_HOOKS:
        from sox_hooks.hooks import receive

        return receive.run(event, dict(os.environ), sys.stderr)
    if answer_doctor(os.environ, event.name):
        return 0
    if event.name != "commit-msg":
        module = __import__("sox_hooks.hooks." + event.name.replace("-", "_"), fromlist=["run"])
        code: int = module.run(event, dict(os.environ), sys.stderr)
        return code
    from sox_hooks.hooks.started import start_gathering

    started = start_gathering()  # git works while Python imports the rest
    from sox_hooks.hooks import commit_msg

    return commit_msg.run(event, dict(os.environ), sys.stderr, started)
