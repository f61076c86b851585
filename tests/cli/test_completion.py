"""The scripts, run by the shells they are for: bash always, the others where they are installed."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from sox_hooks.__main__ import main
from sox_hooks.cli.main import COMMANDS

BASH = """
source /dev/stdin
complete -p sox-hooks >&2
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_sox_hooks
printf '%s\\n' "${COMPREPLY[@]}"
"""

# zsh completes only at a prompt; these stand in for what it would show.
ZSH = """
_describe() { local name=$2; print -rl -- "${(@P)name}"; }
compadd() { shift; print -rl -- "$@"; }
_files() { print -r -- FILES; }
compdef() { :; }
eval "$(cat)"
words=("$@"); CURRENT=$#
_sox_hooks
"""

CASES = [
    ([""], {"explain", "completion", "policy", "--help", "--version"}, set()),
    (["explain", "SOX20"], {"SOX201", "SOX202"}, {"json"}),
    (["explain", "--format", ""], {"text", "json"}, {"SOX201", "--all", "completion"}),
    (["completion", ""], {"bash", "zsh", "fish"}, {"--version", "explain"}),
    (["policy", ""], {"lint", "show", "test", "tools", "schema"}, {"--version", "explain"}),
    (["policy", "lint", "--format", "j"], {"json", "junit", "jsonl"}, {"lint"}),
    (["policy", "schema", ""], {"policy", "people", "exceptions"}, {"lint"}),
]


@pytest.fixture
def script(capsys):
    def of(shell: str) -> str:
        assert main(["completion", shell]) == 0
        return capsys.readouterr().out

    return of


def need(shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")


def lines(argv: list[str], data: str) -> list[str]:
    done = subprocess.run(argv, input=data, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def complete_bash(script: str, words: list[str]) -> list[str]:
    return lines(["bash", "--norc", "-c", BASH, "bash", "sox-hooks", *words], script)


@pytest.mark.parametrize(("words", "offered", "not_offered"), CASES)
def test_bash(script, words, offered, not_offered):
    found = set(complete_bash(script("bash"), words))
    assert offered <= found
    assert not not_offered & found
    assert all(word.startswith(words[-1]) for word in found)


def test_bash_with_a_sign_of_equality(script):
    # COMP_WORDBREAKS makes three words of --format=te.
    assert complete_bash(script("bash"), ["explain", "--format", "=", "te"]) == ["text"]
    assert complete_bash(script("bash"), ["explain", "--format", "="]) == ["text", "json"]


def test_bash_registers_itself(script):
    done = subprocess.run(
        ["bash", "--norc", "-c", "source /dev/stdin; complete -p sox-hooks"],
        input=script("bash"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "complete -o default -F _sox_hooks sox-hooks\n"


@pytest.mark.parametrize(("words", "offered", "not_offered"), CASES)
def test_zsh(script, words, offered, not_offered):
    need("zsh")
    shown = lines(["zsh", "-f", "-c", ZSH, "zsh", "sox-hooks", *words], script("zsh"))
    found = {line.partition(":")[0] for line in shown}
    assert offered <= found
    assert not not_offered & found


def test_zsh_offers_files_where_paths_are_asked_for(script):
    need("zsh")
    assert "FILES" in lines(["zsh", "-f", "-c", ZSH, "zsh", "sox-hooks", "policy", "test", ""], script("zsh"))


@pytest.mark.parametrize(("words", "offered", "not_offered"), CASES)
def test_fish(script, words, offered, not_offered):
    need("fish")
    typed = " ".join(["sox-hooks", *words])
    code = f"source; complete -C {typed!r}"
    found = {line.partition("\t")[0] for line in lines(["fish", "--no-config", "-c", code], script("fish"))}
    # fish offers options only once a dash was typed.
    assert {word for word in offered if not word.startswith("-")} <= found
    assert not not_offered & found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_verb_is_in_every_script(script, shell):
    text = script(shell)
    for name in COMMANDS:
        assert name in text
    assert text.isascii()
    assert text.endswith("\n")
