"""The start of everything: `sox-hooks ...` and `python -m sox_hooks ...`.

What git and agents call (`sox-hooks hook NAME`) goes straight to its room: `argparse` alone costs as much as git needs
for a commit.
"""

from __future__ import annotations

import os
import sys

from sox_hooks.core.boundary import complain, guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def script() -> int:
    """What the console script and the shims call: `main`, and for a hook the shortest way out.

    A hook ends without taking the interpreter apart, and without looking for garbage on the way: 14 of the 100 million
    instructions that a commit costs (measured, Python 3.11). Nothing on the hook path relies on `atexit`.
    """
    if sys.argv[1:2] != ["hook"]:
        return main()
    import gc

    from sox_hooks.core.module_bundle import keep_bundle, use_bundle

    gc.disable()
    folder = os.path.dirname(os.path.abspath(__file__))
    use_bundle(folder)
    code = main()
    complain(())  # flushes, whatever the state of the streams
    keep_bundle(folder)
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name; this process's own by default); the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return guarded(lambda: _dispatch(arguments), arguments)


def _dispatch(arguments: list[str]) -> int:
    if arguments[:2] == ["hook", "agent"]:
        from sox_hooks.agents import entry as agents

        return agents.main(arguments[2:])
    if arguments[:1] == ["hook"] and arguments[1:] not in (["-h"], ["--help"]):
        from sox_hooks.hooks import entry

        return entry.main(arguments[1:])
    from sox_hooks.cli import main as cli

    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(script())
