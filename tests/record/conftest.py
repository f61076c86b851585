from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.record.sox_folder import PEOPLE, Sox


@pytest.fixture
def agent(tmp_path, monkeypatch):
    """A real agent on a socket of its own; returns a function that adds a key (with a passphrase, where it has one)."""
    socket = tmp_path / "agent"
    daemon = subprocess.Popen(
        ["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    deadline = time.monotonic() + 10
    while not socket.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    answer = tmp_path / "askpass"
    answer.write_text("#!/bin/sh\nprintf '%s\\n' \"$PASSPHRASE\"\n")
    answer.chmod(0o700)

    def add(key: Path, passphrase: str = "", *options: str) -> None:
        env = {**os.environ, "SSH_ASKPASS": str(answer), "SSH_ASKPASS_REQUIRE": "force", "PASSPHRASE": passphrase}
        subprocess.run(["ssh-add", "-q", *options, key], env=env, check=True, capture_output=True)

    add.daemon = daemon
    yield add
    daemon.terminate()
    daemon.wait(10)


@pytest.fixture
def sox(tmp_path) -> Sox:
    sox = Sox(tmp_path / ".sox")
    sox.people = PEOPLE
    sox.signers = b"# keys\n"
    return sox
