"""A governed repository for a real agent, and what every one of them must leave behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.clients.driving import CLIENTS, World
from tests.conftest import sox_argv
from tests.hooks.governed import govern


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here are left out unless there is a folder with programs."""
    for item in items:
        if "/tests/clients/" in str(item.path):
            item.add_marker(pytest.mark.clients)
            if not CLIENTS:
                item.add_marker(pytest.mark.skip(reason="SOX_HOOKS_CLIENTS names no folder with agents' programs"))


@pytest.fixture
def world(repo, make_key, hermetic, tmp_path, monkeypatch) -> World:
    """A governed repository with the commit hook, `sox-hooks` on PATH, and no way out to the network."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "sox-hooks"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -I -m sox_hooks "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{CLIENTS}:{os.environ['PATH']}")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    monkeypatch.delenv("GIT_CONFIG_NOSYSTEM")
    govern(repo, make_key())
    repo.git("config", "--global", "user.signingKey", repo.git("config", "sox.signingKey"))
    monkeypatch.chdir(repo.path)
    subprocess.run([*sox_argv(), "install"], check=True, capture_output=True)
    return World(repo, hermetic)


@pytest.fixture
def program() -> Callable[[str], str]:
    """The path of an agent's program; the test is skipped where it is not installed."""

    def find(name: str) -> str:
        path = os.path.join(CLIENTS, name)
        if not os.path.exists(path):
            pytest.skip(f"{name} is not installed")
        return path

    return find
