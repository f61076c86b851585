"""Run a hook: what git's hook shims and .pre-commit-hooks.yaml call.

Nobody needs to type this; `sox-hooks install` sets it up. What stands behind the name is what git gives the hook.
"""

from __future__ import annotations

import argparse

from sox_hooks.hooks import entry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `sox-hooks hook --help`."""
    parser.add_argument("hook", choices=entry.HOOKS, help="the hook")
    parser.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="what git gives the hook")


def run(options: argparse.Namespace) -> int:
    """Only help comes here: `__main__` calls the hooks' entry itself, without any parser."""
    return entry.main([options.hook, *options.arguments])
