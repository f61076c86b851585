"""The start of everything: `sox-hooks ...` and `python -m sox_hooks ...`.

What git calls (`sox-hooks hook NAME`) goes straight to its room: `argparse` alone costs as much as git needs for a
commit.
"""

from __future__ import annotations

import sys

from sox_hooks.core.boundary import guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name; this process's own by default); the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return guarded(lambda: _dispatch(arguments), arguments)


def _dispatch(arguments: list[str]) -> int:
    if arguments[:1] == ["hook"] and arguments[1:] not in (["-h"], ["--help"]):
        from sox_hooks.hooks import entry

        return entry.main(arguments[1:])
    from sox_hooks.cli import main as cli

    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
