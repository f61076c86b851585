"""A parser as data: what the completion scripts and the command reference are made from."""

from __future__ import annotations

import argparse

from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Argument(Struct):
    """An option or a positional argument.

    names    the spellings of an option, () for a positional argument
    value    what stands for its value in help texts, "" if it takes none
    choices  the values that are allowed, or offered by completion; () = anything, files are offered
    """

    names: tuple[str, ...]
    value: str
    help: str
    choices: tuple[str, ...] = ()
    many: bool = False
    required: bool = False


class Description(Struct):
    """A command or one of its verbs. `path` is what to type after `sox-hooks`; `text` may have several paragraphs."""

    path: tuple[str, ...]
    text: str
    usage: str
    arguments: tuple[Argument, ...]
    verbs: tuple[Description, ...] = ()

    @property
    def help(self) -> str:
        """The first line of the text."""
        return self.text.partition("\n")[0]


def offer(action: argparse.Action, words: Iterable[str]) -> None:
    """Let completion offer these values for an argument that takes others, too."""
    setattr(action, _OFFERED, tuple(words))


def describe(parser: argparse.ArgumentParser, path: tuple[str, ...]) -> Description:
    """The parser of the command at `path`, with all its verbs."""
    arguments = []
    verbs: tuple[Description, ...] = ()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            # Aliases would show up as further names of one parser; there are none.
            verbs = tuple([describe(verb, (*path, name)) for name, verb in action.choices.items()])
        elif action.help != argparse.SUPPRESS:
            arguments.append(_argument(action))
    usage = " ".join(parser.format_usage().split()).removeprefix("usage: ")
    return Description(path, (parser.description or "").strip(), usage, tuple(arguments), verbs)


_OFFERED = "offered_by_completion"


def _argument(action: argparse.Action) -> Argument:
    allowed: Iterable[object] = getattr(action, _OFFERED, ()) if action.choices is None else action.choices
    choices = tuple([str(choice) for choice in allowed])
    value = ""
    if action.nargs != 0:
        metavar = action.metavar if isinstance(action.metavar, str) else ""
        value = metavar or (action.dest.upper().replace("_", "-") if action.option_strings else action.dest)
    return Argument(
        names=tuple(action.option_strings),
        value=value,
        help=(action.help or "") % {**vars(action), "prog": ""},
        choices=choices,
        many=action.nargs in ("*", "+"),
        required=action.required,
    )
