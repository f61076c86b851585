"""Print a completion script for bash, zsh or fish.

  bash:  sox-hooks completion bash > ~/.local/share/bash-completion/completions/sox-hooks
  zsh:   sox-hooks completion zsh > "${fpath[1]}/_sox-hooks"
  fish:  sox-hooks completion fish > ~/.config/fish/completions/sox-hooks.fish

The scripts are static: pressing the tab key starts nothing. Print them again after an update.
"""

from __future__ import annotations

import sys

from sox_hooks.cli.describe import Argument, Description, describe
from sox_hooks.cli.main import COMMANDS, parser_of
from sox_hooks.core.errors import PASS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterator


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks completion --help`."""
    parser.add_argument("shell", choices=tuple(_SHELLS), help="the shell to print the script for")


def run(options: Namespace) -> int:
    """Print the script."""
    sys.stdout.write(_SHELLS[options.shell](_tree()))
    return PASS


def _tree() -> Description:
    """All commands as verbs of the program itself."""
    verbs = []
    for command in COMMANDS.values():
        described = describe(parser_of(command.name), (command.name,))
        verbs.append(described.replace(text=command.help))
    options = (Argument(("--help",), "", "Show help"), Argument(("--version",), "", "Show the version"))
    return Description((), "", "", options, tuple(verbs))


def _walk(node: Description) -> Iterator[Description]:
    yield node
    for verb in node.verbs:
        yield from _walk(verb)


def _where(node: Description) -> str:
    """How the scripts write the place of a command: a blank before every word, "" for the program itself."""
    return "".join([f" {word}" for word in node.path])


def _known(tree: Description) -> list[str]:
    return [_where(node) for node in _walk(tree) if node.path]


def _options(node: Description) -> list[Argument]:
    return [argument for argument in node.arguments if argument.names]


def _words(node: Description) -> list[tuple[str, str]]:
    """What may stand at a place: verbs, values of positional arguments, long options; each with its help."""
    words = [(verb.path[-1], verb.help) for verb in node.verbs]
    for argument in node.arguments:
        if argument.names:
            words.append((argument.names[-1], argument.help))
        else:
            words += [(choice, "") for choice in argument.choices]
    return words


def _values(tree: Description) -> Iterator[tuple[str, Argument]]:
    """Every option that takes a value, with its place."""
    for node in _walk(tree):
        for argument in _options(node):
            if argument.value:
                yield _where(node), argument


def _quoted(text: str) -> str:
    """A single-quoted word of a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def _bash(tree: Description) -> str:
    known = "|".join([_quoted(where) for where in _known(tree)])
    values = [
        f"        {_quoted(f'{where}:{name}')}) words={_quoted(' '.join(argument.choices))} value=1 ;;"
        for where, argument in _values(tree)
        for name in argument.names
    ]
    places = [
        f"        {_quoted(_where(node))}) words={_quoted(' '.join([word for word, _ in _words(node)]))} ;;"
        for node in _walk(tree)
    ]
    return "\n".join(
        [
            "# bash completion for sox-hooks, printed by: sox-hooks completion bash",
            "_sox_hooks() {",
            '    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"',
            '    local where="" words="" value="" i',
            "    # bash takes --option=value apart at the sign of equality",
            '    if [[ $current == "=" ]]; then',
            '        current=""',
            '    elif [[ $previous == "=" ]]; then',
            '        previous="${COMP_WORDS[COMP_CWORD-2]}"',
            "    fi",
            "    for ((i = 1; i < COMP_CWORD; i++)); do",
            '        case "$where ${COMP_WORDS[i]}" in',
            f'        {known}) where="$where ${{COMP_WORDS[i]}}" ;;',
            "        esac",
            "    done",
            '    case "$where:$previous" in',
            *values,
            "    esac",
            '    [[ -n $value ]] || case "$where" in',
            *places,
            "    esac",
            '    COMPREPLY=($(compgen -W "$words" -- "$current"))',
            "}",
            "# Where nothing fits, files are offered.",
            "complete -o default -F _sox_hooks sox-hooks",
            "",
        ]
    )


def _zsh(tree: Description) -> str:
    def described(words: list[tuple[str, str]]) -> str:
        entries = [f"{word}:{text}" if text else word for word, text in words]
        return " ".join([_quoted(entry) for entry in entries])

    known = "|".join([_quoted(where) for where in _known(tree)])
    values = []
    for where, argument in _values(tree):
        spots = "|".join([_quoted(f"{where}:{name}") for name in argument.names])
        action = "compadd -- " + " ".join([_quoted(choice) for choice in argument.choices])
        values.append(f"    {spots}) {action if argument.choices else '_files'}; return ;;")
    places = [f"    {_quoted(_where(node))}) offered=({described(_words(node))}) ;;" for node in _walk(tree)]
    files = [f"    {_quoted(_where(node))}) _files ;;" for node in _walk(tree) if _takes_files(node)]
    return "\n".join(
        [
            "#compdef sox-hooks",
            "# zsh completion for sox-hooks, printed by: sox-hooks completion zsh",
            "_sox_hooks() {",
            '    local where="" i',
            "    local -a offered",
            "    for ((i = 2; i < CURRENT; i++)); do",
            '        case "$where ${words[i]}" in',
            f'        {known}) where="$where ${{words[i]}}" ;;',
            "        esac",
            "    done",
            '    case "$where:${words[CURRENT-1]}" in',
            *values,
            "    esac",
            '    case "$where" in',
            *places,
            "    esac",
            "    _describe 'sox-hooks' offered",
            '    case "$where" in',
            *files,
            "    esac",
            "}",
            'if [[ "${zsh_eval_context[-1]}" == loadautofunc ]]; then',
            '    _sox_hooks "$@"',
            "else",
            "    compdef _sox_hooks sox-hooks",
            "fi",
            "",
        ]
    )


def _takes_files(node: Description) -> bool:
    return any(not argument.names and not argument.choices for argument in node.arguments)


def _fish(tree: Description) -> str:
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    known = " ".join([quoted(where) for where in _known(tree)])
    lines = [
        "# fish completion for sox-hooks, printed by: sox-hooks completion fish",
        "function __sox_hooks_at",
        "    set -l where ''",
        "    for word in (commandline -opc)[2..-1]",
        f'        if contains -- "$where $word" {known}',
        '            set where "$where $word"',
        "        end",
        "    end",
        '    test "$where" = "$argv[1]"',
        "end",
    ]
    for node in _walk(tree):
        here = f"complete -c sox-hooks -n {quoted(f'__sox_hooks_at {quoted(_where(node))}')}"
        lines += [f"{here} -f -a {quoted(verb.path[-1])} -d {quoted(verb.help)}" for verb in node.verbs]
        for argument in node.arguments:
            choices = quoted(" ".join(argument.choices))
            if not argument.names:
                lines += [f"{here} -f -a {choices}"] if argument.choices else [f"{here} -F"]
                continue
            names = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in argument.names]
            takes = f" -x -a {choices}" if argument.choices else " -r" if argument.value else ""
            lines.append(f"{here} {' '.join(names)}{takes} -d {quoted(argument.help)}")
    return "\n".join([*lines, ""])


_SHELLS: dict[str, Callable[[Description], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
