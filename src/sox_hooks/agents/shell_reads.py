"""Which files a shell command plainly reads, so that its output or a copy holds what is in them."""

from __future__ import annotations

import os

from sox_hooks.agents.places import root_of
from sox_hooks.agents.shell import Step, git_command, operands, option_values
from sox_hooks.agents.shell_words import Word
from sox_hooks.agents.tools import names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.agents.shell_words import Command

# Every word that is no option is a file.
_ALL = names(
    "cat tac less more nl rev xxd hexdump strings base64 base32 bat batcat view uniq paste column fold fmt pr expand"
    " cmp comm diff sdiff source . zcat gzip xz zstd zip head tail od sort cut tar"
)
# The first word is a pattern or a program, unless an option gives it.
_AFTER_FIRST = names("grep egrep fgrep zgrep rg ag ack sed gsed awk gawk jq yq perl")
# Options that take a value of their own, which is no file.
_VALUED = {
    "head": ("-n", "-c"), "tail": ("-n", "-c"), "od": ("-A", "-j", "-N", "-t"), "sort": ("-k", "-t", "-o"),
    "cut": ("-b", "-c", "-d", "-f"), "tar": ("-f", "-C"), "perl": ("-e", "-E", "-ne", "-pe", "-nE", "-lne"),
    "sed": ("-e", "-f", "-l"), "gsed": ("-e", "-f", "-l"), "awk": ("-f", "-v", "-F"), "gawk": ("-f", "-v", "-F"),
    "jq": ("-f",), "rg": ("-e", "-f", "-A", "-B", "-C", "-m", "-g", "-t", "-T"),
    **dict.fromkeys(("grep", "egrep", "fgrep", "zgrep", "ag", "ack"), ("-e", "-f", "-A", "-B", "-C", "-m")),
    **dict.fromkeys(("cp", "mv", "ln"), ("-S", "-t")), "install": ("-m", "-o", "-g", "-S", "-t"),
    "rsync": ("-e", "-f"), "scp": ("-i", "-P", "-o", "-F"),
}  # fmt: skip
_COPIES = ("cp", "mv", "ln", "install", "rsync", "scp")
_GLOBS = frozenset("*?[")
_GIVEN = ("-e", "-f", "-E", "-ne", "-pe", "-nE", "-lne", "--expression", "--file", "--regexp")
# git's commands that show contents.
_GIT = ("show", "diff", "log", "blame", "annotate", "grep", "cat-file", "archive", "difftool", "whatchanged")


def read_by(step: Step) -> tuple[str, ...]:
    """The files (or folders, or patterns) that the command plainly reads, as absolute paths.

    Only what is there can be read, so a word that names nothing is no file. git also finds what was there once.
    """
    if step.command.name == "git":
        words = _git(list(step.command.words[1:]), step.cwd)
    else:
        words = [one for one in _read(step.command) if _is_there(one, step.cwd)]
    words += [one for one in step.command.inputs if _is_there(one, step.cwd)]
    return tuple([_absolute(word, step.cwd) for word in words])


def _absolute(word: Word, cwd: str) -> str:
    return os.path.join(cwd, os.path.expanduser(word.text))


def _is_there(word: Word, cwd: str) -> bool:
    return word.plain and (not _GLOBS.isdisjoint(word.text) or os.path.lexists(_absolute(word, cwd)))


def _read(command: Command) -> list[Word]:
    name, words = command.name, list(command.words[1:])
    found = operands(words, _VALUED.get(name, ()))
    if name in _ALL:
        return found
    if name in _AFTER_FIRST:
        given = any(word.text.partition("=")[0] in _GIVEN for word in words)
        return found if given else found[1:]
    if name in _COPIES:
        return found if option_values(words, ("-t", "--target-directory")) else found[:-1]
    if name == "dd":
        return [Word(word.text[3:], word.plain) for word in words if word.text.startswith("if=")]
    return _uploaded(words) if name == "curl" else []


def _uploaded(words: list[Word]) -> list[Word]:
    """`curl -T FILE`, `-d @FILE`, `-F name=@FILE`."""
    sent = option_values(words, ("-T", "--upload-file"))
    for word in option_values(words, ("-d", "--data", "--data-binary", "--data-raw", "-F", "--form")):
        _, at, path = word.text.partition("@")
        sent += [Word(path.partition(";")[0], word.plain)] if at else []
    return sent


def _git(words: list[Word], cwd: str) -> list[Word]:
    folder, rest = git_command(words)
    if not rest or rest[0].text not in _GIT:
        return []
    base = os.path.join(cwd, folder)
    found = []
    for word in operands(rest[1:], ()):
        _, colon, stored = word.text.partition(":")
        if colon:  # `HEAD:path`, `:path`: files of a commit and of the index
            root = root_of(os.path.realpath(base))
            top = root.top if root is not None and not stored.startswith(".") else base
            found.append(Word(os.path.join(top, stored), word.plain and bool(stored)))
        elif _is_there(word, base):
            found.append(Word(os.path.join(base, word.text)))
    return [word for word in found if word.plain]
