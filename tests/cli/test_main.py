from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import sox_hooks
import sox_hooks.cli
from sox_hooks import __version__
from sox_hooks.__main__ import main
from sox_hooks.cli.describe import describe
from sox_hooks.cli.main import COMMANDS, parser_of
from sox_hooks.cli.parser import Parser, add_format


def sox(*argv: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-I", "-m", "sox_hooks", *argv], capture_output=True, text=True, check=False)


def test_the_table_holds_every_command_there_is():
    """A module of `cli/` with `add_arguments` and `run` is a command; it must be listed to be found."""
    found = {
        entry.name
        for entry in iter_modules(sox_hooks.cli.__path__)
        if {"add_arguments", "run"} <= set(vars(import_module(f"sox_hooks.cli.{entry.name}")))
    }
    assert found == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_overview_says_what_the_module_says(name):
    command = COMMANDS[name]
    assert import_module(command.module).__doc__.splitlines()[0] == command.help
    assert command.help.endswith(".")
    assert len(f"{name:<10}  {command.help}") <= 100


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name, capsys):
    assert main([name, "--help"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"usage: sox-hooks {name}")
    assert COMMANDS[name].help in out
    assert err == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_is_explained(name):
    described = describe(parser_of(name), (name,))
    for node in (described, *described.verbs):
        assert node.text, node.path
        for argument in node.arguments:
            assert argument.help, (node.path, argument)


def test_the_overview_imports_no_command(capsys):
    code = (
        "import sys; from sox_hooks.__main__ import main; main(['--help']);"
        "print([name for name in sys.modules if name.startswith('sox_hooks.cli.')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert set(eval(done.stderr)) == {"sox_hooks.cli.main", "sox_hooks.cli.parser"}  # noqa: S307 - printed above
    for command in COMMANDS.values():
        assert f"  {command.name} " in done.stdout


@pytest.mark.parametrize("argv", [["--help"], ["-h"], ["help"]])
def test_overview(argv, capsys):
    assert main(argv) == 0
    assert "commands:" in capsys.readouterr().out


def test_nothing_typed_is_help_but_no_pass(capsys):
    assert main([]) == 2
    assert "commands:" in capsys.readouterr().out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"sox-hooks {__version__}\n"


@pytest.mark.parametrize(
    ("argv", "first", "fix"),
    [
        (["explian"], 'there is no command "explian"; did you mean "explain"?', "sox-hooks --help"),
        (["xyzzy"], 'there is no command "xyzzy"', "sox-hooks --help"),
        (["--formt"], 'there is no option "--formt"', "sox-hooks --help"),
        (["a\x1b[31m\nb"], r'there is no command "a\x1b[31m\x0ab"', "sox-hooks --help"),
        (["help", "explian"], 'there is no command "explian"; did you mean "explain"?', "sox-hooks --help"),
        (["explain"], "explain: one of the arguments RULE --all is required", "sox-hooks explain --help"),
        (["explain", "SOX201", "--al"], "explain: ", "sox-hooks explain --help"),
        (["explain", "--format=xml", "SOX201"], "explain: argument --format: invalid choice: 'xml'", "--help"),
        (["completion"], "completion: the following arguments are required: ", "sox-hooks completion --help"),
    ],
)
def test_usage_errors_have_our_form(argv, first, fix, capsys):
    assert main(argv) == 2
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[0].startswith(f"sox-hooks: {first}")
    assert lines[-1].startswith("  fix:   ")
    assert fix in lines[-1]
    assert len(lines) == 2


def test_options_cannot_be_shortened():
    parser = Parser(prog="sox-hooks x")
    add_format(parser)
    assert parser.parse_args(["--format", "json"]).format == "json"
    with pytest.raises(sox_hooks.core.errors.UsageError, match="unrecognized arguments"):
        parser.parse_args(["--form", "json"])


def test_a_new_process_from_the_module_and_from_the_script():
    assert sox("--version").stdout == f"sox-hooks {__version__}\n"
    script = Path(sys.executable).parent / "sox-hooks"
    if script.exists():
        done = subprocess.run([script, "--version"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, f"sox-hooks {__version__}\n")


def test_hooks_are_reached_without_a_parser():
    code = (
        "import sys; from sox_hooks.__main__ import main; code = main(['hook', 'no-such-hook']);"
        "print('argparse' in sys.modules); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "False\n")
    assert done.stderr.startswith("sox-hooks: there is no hook 'no-such-hook'\n")


def test_a_hook_leaves_at_once_and_loses_nothing_that_it_said():
    """Buffered output is written and `atexit` is not run."""
    code = (
        "import atexit, sys; from sox_hooks.__main__ import script; atexit.register(print, 'late');"
        "sys.stdout.write('said'); sys.exit(script())"
    )
    argv = [sys.executable, "-I", "-c", code, "hook", "no-such-hook"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "said")
    assert done.stderr.startswith("sox-hooks: there is no hook 'no-such-hook'\n")
    argv = [sys.executable, "-I", "-c", code, "explain", "SOX201"]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout.endswith("late\n")
