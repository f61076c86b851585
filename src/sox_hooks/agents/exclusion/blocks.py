"""Blocks of ours in a text that is the user's: found, cut out, and made. What is outside stays byte for byte."""

from __future__ import annotations

from sox_hooks.core.errors import ConfigError
from sox_hooks.core.struct import Struct

_COMMAND = "(sox-hooks agents ignore-files"
_BEGIN, _END = "# sox-hooks: begin", "# sox-hooks: end"
UNREADABLE = "--unreadable"


class Block(Struct):
    """Lines between the marks, without line ends; `first` is the line number of the mark before them."""

    first: int
    lines: tuple[str, ...]
    unreadable: bool


class Parted(Struct):
    """A text taken apart: `rest` without our blocks, `after` what follows the last of them."""

    rest: str
    blocks: tuple[Block, ...]
    after: tuple[str, ...]


def part(text: str) -> Parted:
    """Take a text apart. Raises `ConfigError`, `where` is `:LINE`, for a mark without its other half."""
    if "\0" in text:
        raise ConfigError("the file is UTF-16 or no text, so it is left alone", fix="save it as UTF-8")
    rest: list[str] = []
    blocks: list[Block] = []
    lines = text.split("\n")  # not splitlines: it knows line ends that nobody else takes for one
    begin = end = 0
    for number, line in enumerate(lines, start=1):
        bare = line.strip("\ufeff \t\r")
        if bare.startswith(_BEGIN):
            if begin:
                break
            begin, mark = number, bare
        elif bare == _END:
            if not begin:
                raise _broken(number, "ends, but does not begin")
            inside = tuple([inner.strip(" \t\r") for inner in lines[begin : number - 1]])
            blocks.append(Block(begin, inside, UNREADABLE in mark))
            begin, end = 0, number
        elif not begin:
            rest.append(line)
    if begin:
        raise _broken(begin, "begins, but does not end")
    # A last line that is not empty had no line end, and what is before it keeps its own.
    joined = "\n".join(rest)
    if end == len(lines) and rest:
        joined += "\n"
    return Parted(joined, tuple(blocks), tuple([line.strip() for line in lines[end:]]) if blocks else ())


def _broken(line: int, words: str) -> ConfigError:
    return ConfigError(
        f"a block of sox-hooks {words} here",
        where=f":{line}",
        fix="take what is left of the block out, then run the command again",
    )


def made(lines: list[str], rest: str, unreadable: bool = False) -> str:
    """A block with these lines, with the line ends of the text that it is for."""
    option = f" {UNREADABLE}" if unreadable else ""
    text = "\n".join([f"{_BEGIN} {_COMMAND}{option}); made from the policy, do not edit", *lines, _END, ""])
    return text.replace("\n", "\r\n") if "\r\n" in rest else text


def ended(rest: str) -> str:
    """A text that a block may follow: its last line has an end."""
    if not rest or rest.endswith("\n"):
        return rest
    return rest + ("\r\n" if "\r\n" in rest else "\n")
