"""The command line of one command, with errors in this program's own form."""

from __future__ import annotations

import argparse

from sox_hooks.core.errors import UsageError
from sox_hooks.output.formats import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """`argparse` with two changes: errors are a `UsageError`, and options cannot be shortened.

    Shortened options would make every new option a change of what old command lines mean.
    """

    def __init__(self, prog: str = "", description: str | None = None, **settings: object) -> None:
        super().__init__(
            prog=prog,
            description=description,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **settings,  # type: ignore[arg-type]
        )

    def error(self, message: str) -> NoReturn:
        """Raises `UsageError`."""
        what = message[:1].lower() + message[1:]
        raise UsageError(f"{self.prog.partition(' ')[2] or 'usage'}: {what}", fix=f"{self.prog} --help")


def add_format(parser: argparse.ArgumentParser, formats: Sequence[str] = FORMATS) -> None:
    """The option `--format` as every command has it; the first format is the default."""
    parser.add_argument(
        "--format", choices=formats, default=formats[0], help=f"how to print it (default: {formats[0]})"
    )


def add_verbs(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[Parser]:
    """Room for the verbs of a command (`policy lint`); the chosen one is `options.verb`."""
    return parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=Parser)
