"""Sources that contradict each other are told, each in a line."""

from __future__ import annotations

import pytest

from sox_hooks.core.processes_above import ProcessInfo
from sox_hooks.detection.catalogue import Catalogue
from sox_hooks.detection.conflicts import conflicts
from sox_hooks.policy.facts import Evidence


def sign(source: str, tool: str = "claude-code", grade: str = "high", **fields: str) -> Evidence:
    return Evidence(tool, grade, source, "x", **fields)


STALE = "environment: claude-code runs here; processes: tmux does, claude-code does not (old variables?)"
NOT_STAGED = "environment: claude-code runs here; journal: claude-code edited none of the staged files"
ENV, CODEX = sign("environment"), sign("journal", "codex")


@pytest.mark.parametrize(
    ("evidence", "chain", "journal_of", "found"),
    [
        ((ENV, sign("journal")), "bash tmux", (), [STALE]),
        ((ENV,), "bash claude tmux", (), []),
        ((ENV,), "bash sshd", (), []),
        ((sign("environment", "jules"),), "bash screen", (), []),  # an agent without a process of its own name
        ((ENV, CODEX), "", (), ["environment: claude-code; journal: codex"]),
        ((ENV, CODEX, sign("journal")), "", (), []),
        ((sign("trailer"), CODEX), "", (), ["journal: codex; trailer: claude-code"]),
        ((sign("environment", grade="low"), CODEX), "", (), []),
        ((sign("environment", "dependabot", kind="bot"), CODEX), "", (), []),
        ((sign("environment", ""), CODEX), "", (), []),
        ((ENV,), "", ("claude-code",), [NOT_STAGED]),
        ((ENV,), "", ("codex",), []),
        ((ENV, sign("journal")), "", ("claude-code",), []),
        ((sign("environment", model="a"), sign("journal", model="b")), "", (),
         ["model of claude-code: environment: a; journal: b"]),
        ((sign("journal", version="1"), sign("journal", version="2")), "", (), []),  # two sessions of one source
        ((sign("environment", version="1"), sign("trailer", version="1")), "", (), []),
        ((), "bash tmux", ("claude-code",), []),
    ],
)  # fmt: skip
def test_conflicts(catalogue: Catalogue, evidence, chain: str, journal_of, found: list[str]) -> None:
    processes = [ProcessInfo(number, number + 1, (name.encode(),)) for number, name in enumerate(chain.split())]
    assert list(conflicts(catalogue, evidence, processes, journal_of)) == found
