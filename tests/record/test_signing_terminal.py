"""Who is asked for a passphrase: the person at the terminal, their askpass program, or nobody."""

from __future__ import annotations

import os
import pty
import select
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

CODE = """
import os, sys
from sox_hooks.core.errors import SoxError
from sox_hooks.record.signing import find_key, sign
if "BACKGROUND" in os.environ:
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        sys.exit()
    os.setpgid(0, 0)
try:
    print("SIGNED", len(sign(b"payload", find_key({"sox.signingkey": (sys.argv[1],)}, None))))
except SoxError as error:
    print("FAILED", error.what, "|", error.fix)
"""


def on_a_terminal(key: Path, answer: bytes, **env: str) -> str:
    """Run `sign` in a process whose controlling terminal is a fresh one; what its terminal showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-c", CODE, str(key)], {**os.environ, **env})  # noqa: S606
    shown, answered, deadline = b"", False, time.monotonic() + 30
    try:
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 0.2)[0]:
                continue
            try:
                block = os.read(terminal, 4096)
            except OSError:  # EIO: the other end is closed
                break
            if not block:
                break
            shown += block
            if answer and not answered and b"passphrase" in shown:
                time.sleep(0.2)  # readpassphrase(3) drops what was typed before it turned the echo off
                os.write(terminal, answer)
                answered = True
        else:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)
    return shown.decode()


@pytest.fixture
def interactive(monkeypatch):
    monkeypatch.delenv("GIT_TERMINAL_PROMPT")


@pytest.mark.parametrize("display", ["", ":9"])
def test_the_passphrase_is_asked_on_the_terminal(display, make_key, interactive):
    key = make_key("id", passphrase="correct horse")
    shown = on_a_terminal(key, b"correct horse\n", DISPLAY=display)
    assert "Enter passphrase" in shown
    assert "SIGNED" in shown


def test_a_wrong_passphrase_on_the_terminal(make_key, interactive):
    key = make_key("id", passphrase="correct horse")
    shown = on_a_terminal(key, b"wrong\n")
    assert f"FAILED the passphrase of the signing key was not given or is wrong | ssh-add {key}" in shown


@pytest.mark.parametrize("why", [{"GIT_TERMINAL_PROMPT": "0"}, {"BACKGROUND": "1"}])
def test_nobody_is_asked_who_cannot_answer(why, make_key, interactive):
    """A background job that reads its terminal would be stopped for ever."""
    key = make_key("id", passphrase="correct horse")
    shown = on_a_terminal(key, b"", **why)
    assert "Enter passphrase" not in shown
    assert f"no terminal to ask for it | ssh-add {key}" in shown


@pytest.mark.parametrize(
    ("passphrase", "env", "outcome"),
    [
        ("correct horse", {"SSH_ASKPASS_REQUIRE": "force"}, "SIGNED"),
        ("correct horse", {"DISPLAY": ":9"}, "SIGNED"),
        (
            "wrong",
            {"SSH_ASKPASS_REQUIRE": "force"},
            "FAILED the passphrase of the signing key was not given or is wrong",
        ),
        ("correct horse", {"SSH_ASKPASS_REQUIRE": "never", "DISPLAY": ":9"}, "no terminal to ask for it"),
        ("correct horse", {}, "no terminal to ask for it"),
    ],
)
def test_an_askpass_program_of_the_person_is_used(passphrase, env, outcome, make_key, tmp_path):
    """So do graphical git clients ask; there is no terminal here."""
    key = make_key("id", passphrase="correct horse")
    askpass = tmp_path / "askpass"
    askpass.write_text(f"#!/bin/sh\necho '{passphrase}'\n")
    askpass.chmod(stat.S_IRWXU)
    done = subprocess.run(
        [sys.executable, "-c", CODE, key],
        env={**os.environ, "SSH_ASKPASS": str(askpass), **env},
        capture_output=True,
        text=True,
        start_new_session=True,
        check=True,
        timeout=30,
    )
    assert outcome in done.stdout
