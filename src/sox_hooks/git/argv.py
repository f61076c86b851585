"""Whether a `git commit` amends, from the arguments that it was started with.

Nothing else tells a commit-msg hook: `git commit --amend -m` sets no variable and leaves no file (measured, git
2.39.5). Aliases need no care, for git starts another `git commit` with what they stand for.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sox_hooks.core.processes_above import ProcessInfo

# Options of git itself that take the next argument (handle_options in git.c); "--git-dir=x" is one argument.
_GIT_VALUES = (
    "-C", "-c", "--git-dir", "--work-tree", "--namespace", "--super-prefix", "--config-env", "--attr-source",
    "--shallow-file",
)  # fmt: skip
# Commands that make commits themselves and run commit-msg without a `git commit`: what is above them is not about them.
_MAKES_COMMITS = ("merge", "pull", "rebase", "cherry-pick", "revert", "am", "citool", "gui")
# Options of `git commit` up to git 2.55 (builtin/commit.c) that take a value, and those that take none.
_VALUES = (
    "author", "cleanup", "date", "file", "fixup", "inter-hunk-context", "message", "pathspec-from-file",
    "reedit-message", "reuse-message", "squash", "template", "trailer", "unified",
)  # fmt: skip
_FLAGS = (
    "ahead-behind", "all", "allow-empty", "allow-empty-message", "amend", "branch", "dry-run", "edit", "gpg-sign",
    "include", "interactive", "long", "null", "only", "patch", "pathspec-file-nul", "porcelain", "quiet",
    "reset-author", "short", "signoff", "status", "untracked-files", "verbose", "no-post-rewrite", "no-verify",
)  # fmt: skip
_SHORT_VALUES = "mFCctU"  # take the rest of their argument, or the next one
_SHORT_OPTIONAL = "Su"  # take the rest of their argument, never the next one
_SHORT_FLAGS = "qvsenaiopzh"

_LONG_OF_SHORT = {
    "m": "message", "F": "file", "C": "reuse-message", "c": "reedit-message", "t": "template", "U": "unified",
    "S": "gpg-sign", "u": "untracked-files", "q": "quiet", "v": "verbose", "s": "signoff", "n": "no-verify",
    "e": "edit", "a": "all", "i": "include", "o": "only", "p": "patch", "z": "null",
}  # fmt: skip

# What an option does to the reading of a command line.
_NOTHING, _HAS_VALUE, _TAKES_NEXT, _AMEND, _NO_AMEND = range(5)


def amends(processes: Iterable[ProcessInfo], exact: bool = True) -> bool | None:
    """Whether the nearest `git commit` among `processes` (nearest first) amends.

    None where nothing tells: there is no `git commit` (a `git merge`, a graphical client), it has an option that is
    not known here, or it is not `exact`: its arguments were cut at blanks, so that a value may look like an option.
    """
    for process in processes:
        argv = [argument.decode("utf-8", "surrogateescape") for argument in process.argv]
        command = git_command(argv)
        if command is None:
            continue
        if command[0] == "commit":
            return commit_amends(command[1:], exact)
        if command[0] in _MAKES_COMMITS:
            return None
    return None


def git_command(argv: Sequence[str]) -> list[str] | None:
    """`[command, argument, ...]` of a call of git, without the options of git itself; None if it is no call of git."""
    program = argv[0].rpartition("/")[2].removesuffix(".exe") if argv else ""
    if program.startswith("git-"):
        return [program[4:], *argv[1:]]
    if program != "git":
        return None
    at = 1
    while at < len(argv) and argv[at].startswith("-"):
        at += 2 if argv[at] in _GIT_VALUES else 1
    return list(argv[at:]) or None


def commit_amends(arguments: Sequence[str], exact: bool = True) -> bool | None:
    """Whether `git commit ARGUMENTS` amends, read as git's parse-options reads them; None for an unknown option.

    Not `exact` means that a message of several words was cut into several arguments: then nothing behind an option
    with a value can be believed.
    """
    amend = False
    at = 0
    while at < len(arguments):
        argument = arguments[at]
        at += 1
        if argument in ("--", "--end-of-options"):
            break
        if argument.startswith("--"):
            effect = _long(argument[2:])
        elif argument.startswith("-") and argument != "-":
            effect = _cluster(argument[1:])
        else:
            continue  # a path: options may stand behind it
        if effect is None or (not exact and effect in (_HAS_VALUE, _TAKES_NEXT)):
            return None
        if effect == _TAKES_NEXT:
            at += 1
        elif effect in (_AMEND, _NO_AMEND):
            amend = effect == _AMEND
    return amend


def _long(option: str) -> int | None:
    name, equals, _ = option.partition("=")
    effects = {}
    for known in (*_VALUES, *_FLAGS):
        takes_value = known in _VALUES
        effects[known] = _AMEND if known == "amend" else _TAKES_NEXT if takes_value else _NOTHING
        opposite = known[3:] if known.startswith("no-") else "no-" + known
        effects[opposite] = _NO_AMEND if known == "amend" else _NOTHING
    if name in effects:
        meant = {effects[name]}
    else:  # any unambiguous beginning; where a newer git has more options, those that do the same are one
        meant = {effect for known, effect in effects.items() if known.startswith(name)}
    if len(meant) != 1:
        return None
    effect = meant.pop()
    return _HAS_VALUE if equals and effect != _AMEND else effect


def _cluster(letters: str) -> int | None:
    for position, letter in enumerate(letters):
        attached = letters[position + 1 :] != ""
        if letter in _SHORT_VALUES:
            return _HAS_VALUE if attached else _TAKES_NEXT
        if letter in _SHORT_OPTIONAL:
            return _HAS_VALUE if attached else _NOTHING
        if letter not in _SHORT_FLAGS:
            return None
    return _NOTHING


def commit_options(processes: Iterable[ProcessInfo], exact: bool = True) -> dict[str, str]:
    """The options of the nearest `git commit` among `processes` by their long names, the last value of each.

    Options without a value have "". Nothing where nothing tells, see `amends`.
    """
    for process in processes if exact else ():
        command = git_command([argument.decode("utf-8", "surrogateescape") for argument in process.argv])
        if command is not None:
            return _options(command[1:]) if command[0] == "commit" else {}
    return {}


def _options(arguments: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        if argument in ("--", "--end-of-options"):
            break
        if argument.startswith("--"):
            short, equals, value = argument[2:].partition("=")
            name = _whole(short)
            if name.startswith("no-") and name not in _FLAGS:
                found.pop(name[3:], None)
            else:
                found[name] = value if equals or name not in _VALUES else next(rest, "")
        elif argument.startswith("-"):
            for position, letter in enumerate(argument[1:], 2):
                name = _LONG_OF_SHORT.get(letter, letter)
                if letter in _SHORT_VALUES or letter in _SHORT_OPTIONAL:
                    attached = argument[position:]
                    found[name] = attached if attached or letter in _SHORT_OPTIONAL else next(rest, "")
                    break
                found[name] = ""
    return found


def _whole(name: str) -> str:
    """The option that git takes an unambiguous beginning for."""
    known = (*_VALUES, *_FLAGS)
    meant = [name] if name in known else [one for one in known if one.startswith(name)]
    return meant[0] if len(meant) == 1 else name
