"""The gate behind a real `git http-backend` on loopback, with pushes at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tests.conftest import Repo
from tests.stage import Stage


class Backend(BaseHTTPRequestHandler):
    """Hands every request to `git http-backend` as CGI (RFC 3875); `root` is where the repositories are."""

    root: ClassVar[str]
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._serve(body)

    def _serve(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        env = {
            **os.environ,
            "GIT_PROJECT_ROOT": self.root,
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "pusher",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type") or "",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding") or "",
        }
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=env, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def served(repo, tmp_path):
    """The stage, the bare repository that it was pushed to, and the address of the latter."""
    stage = Stage(repo).begin()
    path = tmp_path / "root" / "ledger.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], check=True)
    stage.git("push", "-q", str(path), "main")
    bare = Repo(path)
    bare.git("config", "http.receivepack", "true")
    bare.git("config", "--add", "sox.protected", "refs/heads/main")
    bare.git("config", "--add", "sox.protected", "refs/heads/release/*")
    hook = path / "hooks" / "pre-receive"
    hook.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m sox_hooks hook pre-receive\n')
    hook.chmod(0o755)
    handler = type("Handler", (Backend,), {"root": str(path.parent)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield stage, bare, f"http://127.0.0.1:{server.server_address[1]}/ledger.git"
    server.shutdown()
    server.server_close()
    thread.join()


def push(path: Path, url: str, *refs: str) -> tuple[int, str]:
    done = subprocess.run(["git", "push", url, *refs], cwd=path, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_the_pusher_is_told_over_http(served):
    stage, bare, url = served
    bypass = stage.commit("Bypass", {"a": "1\n"})
    code, told = push(stage.repo.path, url, "main")
    assert code
    assert f"remote: {bypass[:12]} unrecorded: Bypass" in told
    assert bare.git("cat-file", "-t", bypass, check=False) == ""


def test_pushes_at_the_same_time(served):
    """Six good branches and six bad ones at once: the good ones are there, nothing of the bad ones is."""
    stage, bare, url = served
    good, bad = {}, {}
    for number in range(6):
        stage.branch(f"release/good-{number}")
        good[f"release/good-{number}"] = stage.record({f"good{number}": "1\n"})
        stage.branch(f"release/bad-{number}")
        bad[f"release/bad-{number}"] = stage.commit("Bypass", {f"bad{number}": "1\n"})
    with ThreadPoolExecutor(12) as pool:
        asked = {name: pool.submit(push, stage.repo.path, url, name) for name in (*good, *bad)}
        codes = {name: future.result()[0] for name, future in asked.items()}
    assert {name for name, code in codes.items() if code == 0} == set(good)
    for name, commit in good.items():
        assert bare.git("rev-parse", name) == commit
    for name, commit in bad.items():
        assert bare.git("rev-parse", "--verify", "--quiet", name, check=False) == ""
        assert bare.git("cat-file", "-t", commit, check=False) == ""
