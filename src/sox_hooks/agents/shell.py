"""What a command line plainly does: which files it writes, how it goes around the hooks, whether git commits.

Only as strong as reading is: a variable, a script or a program of its own defeats it. It stops what an agent does when
it means no harm and tries the shell because its editing tool was refused.
"""

from __future__ import annotations

import os

from sox_hooks.agents.shell_words import Command, Word, commands_of
from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SHELLS = ("sh", "bash", "zsh", "dash", "ksh", "ash")
# Run the rest of their words as a command; options that take a value of their own.
_WRAPPERS = {
    "env": ("-u", "-C", "-S"), "sudo": ("-u", "-g", "-h", "-p", "-C", "-D"), "doas": ("-u", "-C"), "command": (),
    "builtin": (), "exec": ("-a",), "nohup": (), "nice": ("-n",), "ionice": ("-c", "-n", "-p"), "time": ("-f", "-o"),
    "timeout": ("-s", "-k"), "stdbuf": ("-i", "-o", "-e"), "setsid": (), "busybox": (), "unbuffer": (),
    "xargs": ("-a", "-d", "-E", "-I", "-L", "-n", "-P", "-s"),
}  # fmt: skip
# All words that are no options are files that change; options that take a value of their own.
_CHANGE_ALL = {
    "tee": (), "rm": (), "rmdir": (), "unlink": (), "touch": ("-d", "-t", "-r"), "truncate": ("-s", "-r"),
    "shred": ("-n", "-s"), "ed": (), "ex": (), "vi": ("-c",), "vim": ("-c",), "nvim": ("-c",), "nano": (), "sponge": (),
    "patch": ("-i", "-p", "-d", "-o"), "mkfifo": ("-m",),
}  # fmt: skip
# The same without the first word: modes and owners.
_CHANGE_REST = ("chmod", "chown", "chgrp")
_COPY = {"cp": ("-S",), "mv": ("-S",), "ln": ("-S",), "install": ("-m", "-o", "-g", "-S"), "rsync": ("-e", "-f")}
_FILTERS = (
    "-name", "-iname", "-path", "-ipath", "-wholename", "-regex", "-iregex", "-newer", "-mtime", "-mmin", "-size",
    "-empty", "-user", "-perm",
)  # fmt: skip
_DOWNLOADS = {"curl": ("-o", "--output"), "wget": ("-O", "--output-document"), "sort": ("-o", "--output")}


class Step(Struct):
    """One simple command with the directory that it plainly runs in."""

    command: Command
    cwd: str


def steps(text: str, cwd: str) -> tuple[Step, ...]:
    """The commands of a command line in order, without their wrappers (`env`, `sudo`, ...), those given to `sh -c` and
    `eval` opened up."""
    return tuple(_steps(text, cwd, 0))


def _steps(text: str, cwd: str, depth: int) -> Iterator[Step]:
    for command in commands_of(text):
        command = _unwrapped(command)
        name = command.name
        yield Step(command, cwd)
        if name in ("cd", "pushd") and len(command.words) > 1 and command.words[-1].plain:
            cwd = os.path.join(cwd, os.path.expanduser(command.words[-1].text))
        if depth >= 4:
            continue
        for inner in _inner(command):
            yield from _steps(inner, cwd, depth + 1)


def _inner(command: Command) -> Iterator[str]:
    """Texts that the command runs as shell commands."""
    words = command.texts()
    if command.name in _SHELLS:
        for at, word in enumerate(words):
            if word.startswith("-") and not word.startswith("--") and "c" in word and at + 1 < len(words):
                yield words[at + 1]
                return
        yield from command.bodies
    elif command.name == "eval":
        yield " ".join(words)
    elif command.name == "find":
        for at, word in enumerate(words):
            if word in ("-exec", "-execdir", "-ok"):
                end = next((i for i in range(at + 1, len(words)) if words[i] in (";", "+")), len(words))
                for root in _found_below(words):
                    yield " ".join([_quoted(root if one == "{}" else one) for one in words[at + 1 : end]])


def _found_below(words: list[str]) -> list[str]:
    """The folders below which `find` plainly finds everything. `find . -name x` finds in the whole tree, but names
    nothing there: what it changes is seen afterwards."""
    first = _first_option(words)
    roots = words[:first] or ["."]
    filtered = any(word in _FILTERS for word in words[first:])
    return [root for root in roots if not (filtered and os.path.normpath(root) == ".")]


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def _first_option(words: list[str]) -> int:
    return next((at for at, word in enumerate(words) if word.startswith(("-", "(", "!"))), len(words))


def _unwrapped(command: Command) -> Command:
    assignments = list(command.assignments)
    words = list(command.words)
    for _ in range(6):
        name = words[0].text.rpartition("/")[2] if words else ""
        if name not in _WRAPPERS or len(words) < 2:
            break
        valued = _WRAPPERS[name]
        del words[0]
        while words:
            text = words[0].text
            if text.startswith("-"):
                del words[: 2 if text in valued else 1]
            elif "=" in text and text.partition("=")[0].isidentifier():
                assignments.append(text)
                del words[0]
            elif name in ("timeout", "nice") and text[:1].isdigit():
                del words[0]
            else:
                break
    return Command(tuple(assignments), tuple(words), command.outputs, command.bodies, command.inputs)


def written(step: Step) -> tuple[str, ...]:
    """The files (or folders, or patterns) that the command plainly writes, as absolute paths."""
    words = [word for word in [*step.command.outputs, *_changed(step.command)] if word.text]
    return tuple(
        [os.path.join(step.cwd, os.path.expanduser(word.text)) for word in words if word.plain and word.text != "-"]
    )


def _changed(command: Command) -> list[Word]:
    name, words = command.name, list(command.words[1:])
    if name == "git":
        return _git_changed(words)
    if name in _CHANGE_ALL:
        return operands(words, _CHANGE_ALL[name])
    if name in _CHANGE_REST:
        return operands(words, ())[1:]
    if name in _COPY:
        return _copied(name, words)
    if name in ("sed", "gsed"):
        return _edited_in_place(words, ("-e", "-f", "-l", "-s"), "i")
    if name == "perl":
        return _edited_in_place(words, ("-e", "-E"), "i")
    if name in ("awk", "gawk"):
        inplace = any(word.text == "inplace" for word in words)
        return operands(words, ("-i", "-f", "-v", "-F"))[1:] if inplace else []
    if name == "dd":
        return [Word(word.text[3:], word.plain) for word in words if word.text.startswith("of=")]
    if name == "find":
        texts = [word.text for word in words]
        return [Word(root) for root in _found_below(texts)] if "-delete" in texts else []
    if name in _DOWNLOADS:
        return option_values(words, _DOWNLOADS[name])
    return []


def operands(words: list[Word], valued: tuple[str, ...]) -> list[Word]:
    """The words that are no options, and no values of the options in `valued`."""
    found, at, options = [], 0, True
    while at < len(words):
        text = words[at].text
        if options and text == "--":
            options = False
        elif options and text in valued:
            at += 1
        elif not (options and len(text) > 1 and text.startswith("-")):
            found.append(words[at])
        at += 1
    return found


def option_values(words: list[Word], names: tuple[str, ...]) -> list[Word]:
    """The values of options: `-o FILE`, `--output FILE`, `--output=FILE`."""
    found = []
    for at, word in enumerate(words):
        if word.text in names and at + 1 < len(words):
            found.append(words[at + 1])
        for name in names:
            if name.startswith("--") and word.text.startswith(name + "="):
                found.append(Word(word.text[len(name) + 1 :], word.plain))
    return found


def _copied(name: str, words: list[Word]) -> list[Word]:
    valued = (*_COPY[name], "-t", "--target-directory")
    target = option_values(words, ("-t", "--target-directory"))
    named = operands(words, valued)
    sources, ends = (named, target) if target else (named[:-1], named[-1:])
    found = list(ends)
    for end in ends:  # into a folder: the file there has the source's name
        found += [
            Word(os.path.join(end.text, source.text.rstrip("/").rpartition("/")[2]), end.plain and source.plain)
            for source in sources
        ]
    # What two names mean is one file: whoever writes the other one writes this one.
    hard = name == "ln" and not any(word.text.startswith("-") and "s" in word.text for word in words)
    return [*found, *sources] if name == "mv" or hard else found


def _edited_in_place(words: list[Word], valued: tuple[str, ...], flag: str) -> list[Word]:
    """`sed -i` and `perl -pi -e`: the files, if it is in place; without -e or -f the first word is the script."""
    inplace = scripted = False
    found, at = [], 0
    while at < len(words):
        text = words[at].text
        if text.startswith("--"):
            inplace = inplace or text.startswith("--in-place")
            scripted = scripted or text.startswith(("--expression", "--file"))
        elif text.startswith("-") and len(text) > 1:
            letters = text[1:]
            inplace = inplace or flag in letters.partition("e")[0] or letters.startswith(flag)
            if text[:1] + text[-1:] in valued:
                scripted = scripted or text[-1] in "eEf"
                at += 1
        else:
            found.append(words[at])
        at += 1
    if not inplace:
        return []
    return found if scripted else found[1:]


def _git_changed(words: list[Word]) -> list[Word]:
    folder, rest = git_command(words)
    if not rest:
        return []
    name, options = rest[0].text, rest[1:]
    if name == "config":
        paths = option_values(options, ("-f", "--file"))
    elif name in ("checkout", "restore"):
        paths = _taken_back(name, options)
    else:
        paths = operands(options, ()) if name in ("rm", "mv", "clean") else []
    return [Word(os.path.join(folder, path.text), path.plain) for path in paths]


def _taken_back(name: str, options: list[Word]) -> list[Word]:
    """The paths of `git restore` and of `git checkout`, where a branch is no path: only what follows `--`, or a second
    word, is one."""
    texts = [word.text for word in options]
    if "--" in texts:
        return options[texts.index("--") + 1 :]
    named = operands(options, ("-s", "-b", "-B", "--orphan"))
    return named if name == "restore" else named[1:]


def patch_files(step: Step) -> tuple[str, ...]:
    """The files (absolute paths) that hold the patches which `patch` and `git apply` plainly apply."""
    command = step.command
    if command.name == "patch":
        words = [*option_values(list(command.words[1:]), ("-i", "--input")), *operands(list(command.words[1:]), ())[1:]]
        folder = ""
    else:
        folder, rest = git_command(list(command.words[1:])) if command.name == "git" else ("", [])
        if not rest or rest[0].text not in ("apply", "am"):
            return ()
        words = operands(rest[1:], ())
    files = [os.path.join(folder, word.text) for word in words if word.plain]
    files += [word.text for word in command.inputs if word.plain]
    return tuple([os.path.join(step.cwd, os.path.expanduser(path)) for path in files if path not in ("", "-")])


def git_command(words: list[Word]) -> tuple[str, list[Word]]:
    """The words of git without its name: the folder of `-C` and the words from the git command on."""
    folder, at = "", 0
    while at < len(words) and words[at].text.startswith("-"):
        text = words[at].text
        if text == "-C" and at + 1 < len(words):
            folder = os.path.join(folder, words[at + 1].text)
        at += 2 if text in ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--exec-path") else 1
    return folder, words[at:]
