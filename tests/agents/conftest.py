"""A repository with the starter policy, and calls of agents' hooks in this process and as agents make them."""

from __future__ import annotations

import os
import subprocess

import pytest

from sox_hooks.agents.adapter import adapter_of
from sox_hooks.agents.entry import respond
from tests.conftest import sox_argv
from tests.hooks.governed import govern


@pytest.fixture
def governed(repo, make_key, monkeypatch):
    govern(repo, make_key())
    monkeypatch.chdir(repo.path)
    return repo


@pytest.fixture
def ask():
    """`ask(agent, payload, phase)` -> the answer, in this process."""

    def call(agent: str, payload: bytes, phase: str = "before"):
        return respond(adapter_of(agent), phase, payload, dict(os.environ))

    return call


@pytest.fixture
def call():
    """The same through the command line."""

    def run(agent: str, payload: bytes, phase: str = "before") -> subprocess.CompletedProcess[bytes]:
        argv = [*sox_argv(), "hook", "agent", agent, phase]
        return subprocess.run(argv, input=payload, capture_output=True, check=False)

    return run
