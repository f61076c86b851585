"""From a command line to a command: the table of commands, and help. A command is imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module

from sox_hooks import __version__
from sox_hooks.cli.parser import Parser
from sox_hooks.core.errors import PASS, UsageError
from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Command(Struct):
    """One command: the module has `add_arguments(parser)` and `run(options) -> int`.

    `help` is the first line of the module's docstring, kept here so that the overview imports nothing.
    """

    name: str
    module: str
    help: str


def _command(name: str, help_text: str) -> Command:
    return Command(name, f"sox_hooks.cli.{name}", help_text)


# In the order in which somebody meets them.
COMMANDS = {
    command.name: command
    for command in (
        _command("init", "Set this repository up: a commented .sox/, your SSH key in it, and the hook."),
        _command("install", "Install the hooks in this clone, or print what another hook host needs."),
        _command("uninstall", "Take the hook out of this clone and put back what was there before."),
        _command("doctor", "Prove that each control of this clone is live, and say how to mend what is not."),
        _command("demo", "Play the whole story in a scratch repository: recorded, refused, bypassed and caught."),
        _command("scan", "Take stock of the AI attribution in any history; no set-up and no records are needed."),
        _command("check", "Say what would happen to the staged change now, without committing."),
        _command("verify", "Verify pending commits against their records and the policy of the target branch."),
        _command("show", "Show the record of a commit in plain words, or the exact bytes that were signed."),
        _command("resign", "Make new records for your own commits that have none, or none that holds any more."),
        _command("explain", "Explain a rule: what it means, why it exists and how to mend it."),
        _command("log", "Show and check the local audit log of this clone."),
        _command("keys", "List, show, enrol and end the SSH keys that may sign records."),
        _command("policy", "Check, show and try out the policy in .sox/."),
        _command("agents", "Connect AI agents, so that they ask before they edit and what they edit is known."),
        _command("hook", "Run a hook: what git's hook shims and .pre-commit-hooks.yaml call."),
        _command("completion", "Print a completion script for bash, zsh or fish."),
    )
}

_USAGE = "usage: sox-hooks COMMAND [ARGUMENTS]\n       sox-hooks COMMAND --help\n       sox-hooks --version"


def main(argv: Sequence[str]) -> int:
    """Run a command line (without the program's name) and return the exit code. Raises `SoxError`."""
    if not argv or argv[0] in ("-h", "--help"):
        sys.stdout.write(overview())
        # Somebody who typed nothing gets help; a script that forgot its arguments must not take that for a pass.
        return PASS if argv else UsageError.exit_code
    name, *rest = argv
    if name == "--version":
        sys.stdout.write(f"sox-hooks {__version__}\n")
        return PASS
    if name == "help":
        return main([*rest[:1], "--help"])
    if name not in COMMANDS:
        from sox_hooks.policy.document import meant, quoted

        kind = "option" if name.startswith("-") else "command"
        raise UsageError(f"there is no {kind} {quoted(name)}{meant(name, COMMANDS)}", fix="sox-hooks --help")
    module = import_module(COMMANDS[name].module)
    code: int = module.run(parser_of(name).parse_args(rest))
    return code


def parser_of(name: str) -> Parser:
    """The parser of a command; imports its module."""
    module = import_module(COMMANDS[name].module)
    parser = Parser(prog=f"sox-hooks {name}", description=(module.__doc__ or "").strip())
    module.add_arguments(parser)
    return parser


def overview() -> str:
    """What `sox-hooks --help` prints."""
    width = max(map(len, COMMANDS))
    lines = [f"  {command.name:<{width}}  {command.help}" for command in COMMANDS.values()]
    return "\n".join(
        [
            _USAGE,
            "",
            "Tags, decides, signs and verifies AI assistance in commits.",
            "",
            "commands:",
            *lines,
            "",
            "Exit codes: 0 pass, 1 finding, 2 usage or configuration, 3 internal error, 4 could not verify.",
            "",
        ]
    )
