"""Large pushes: what the pusher is told has an end, and nothing that is refused stays, on the server or beside it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.hooks.receiving import Server
from tests.stage import Stage, policy_files

_SOURCE = Path(__file__).resolve().parents[2]
_NIGHTLY = [pytest.mark.slow, pytest.mark.timeout(1800)]
COUNTS = [300, pytest.param(100_000, marks=_NIGHTLY)]
# Runs the hook and writes down the bytes of its largest process.
_MEASURED = """\
import os, sys
_, status, usage = os.wait4(os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ), 0)
open(sys.argv[1], "w").write(str(usage.ru_maxrss * 1024))
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.fixture
def stage(repo):
    return Stage(repo).begin()


@pytest.fixture
def server(stage, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    return Server(stage, tmp_path / "server.git")


def import_commits(repo, ref: str, start: str, count: int, first: int = 0) -> None:
    """`count` commits without a record on `ref`, one behind the other; another `first` makes others of them."""
    repo.git("fast-import", "--quiet", "--force", data=_commits(ref, start, count, first))


def import_branches(repo, pattern: str, start: str, count: int) -> None:
    """`count` branches with one commit each that has no record."""
    script = [_commits(pattern.format(number), start, 1, number) for number in range(count)]
    repo.git("fast-import", "--quiet", "--force", data=b"".join(script))


def _commits(ref: str, start: str, count: int, first: int) -> bytes:
    script = []
    for number in range(first, first + count):
        script.append(f"commit {ref}\ncommitter Alice <alice@bank.example> {1_700_000_000 + number} +0000\n")
        script.append("data 6\nBypass\n" + (f"from {start}\n" if number == first else ""))
        script.append(f"M 100644 inline src/file{number % 50}\ndata {len(str(number))}\n{number}\n\n")
    return "".join(script).encode()


def objects(server: Server) -> list[str]:
    """Every file that the server keeps objects in, and every folder."""
    return sorted(str(path) for path in (server.bare.path / "objects").rglob("*"))


@pytest.mark.parametrize("count", COUNTS)
def test_a_long_history_without_records(server, tmp_path, count):
    repo = server.stage.repo
    import_commits(repo, "refs/heads/long", "main^0", count)
    before = objects(server)
    taken, told = server.push("long:main")
    assert not taken
    assert f"refs/heads/main: {count} commits refused" in told
    assert f"and {count - 10:,} more" in told
    ours = [line for line in told.splitlines() if "judged so far" not in line]
    assert len(ours) < 40
    assert told.count("fix:") == 2  # what helps is said once, and not with every commit
    assert objects(server) == before
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not server.has(repo.head("long"))


@pytest.mark.parametrize("count", COUNTS)
def test_a_long_history_below_the_baseline(server, stage, count):
    """It is exempt, and costs next to nothing."""
    import_commits(stage.repo, "refs/heads/old", stage.first, count)
    stage.record(policy_files(baseline=(stage.first, stage.repo.head("old")), version=2), "Exempt what is old")
    assert server.push("main")[0]
    stage.git("merge", "-q", "--allow-unrelated-histories", "--no-edit", "old")
    taken, told = server.push("main")
    assert taken, told


@pytest.mark.parametrize("count", [100, pytest.param(100_000, marks=_NIGHTLY)])
def test_a_long_history_with_records(tmp_path, monkeypatch, count):
    """All of it is good, but for one commit at the end; the memory of the hook does not grow with it."""
    monkeypatch.syspath_prepend(str(_SOURCE / "benchmarks"))
    from machine import Machine
    from signed_history import SignedHistory

    program = tmp_path / "sox-hooks"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m sox_hooks "$@"\n')
    program.chmod(0o755)
    machine = Machine(tmp_path, tmp_path / "scratch")
    history = SignedHistory(machine, program, count)
    bare = tmp_path / "server.git"
    machine.call(
        "git", "clone", "-q", "--bare", "--single-branch", "-b", "main", str(history.folder), str(bare), cwd=tmp_path
    )
    hook = bare / "hooks/pre-receive"
    (tmp_path / "measured.py").write_text(_MEASURED)
    hook.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" {tmp_path}/measured.py {tmp_path}/peak {program} hook pre-receive\n'
    )
    hook.chmod(0o755)

    def push(what: str) -> tuple[int, str]:
        command = ["git", "push", "--no-verify", str(bare), what]
        done = subprocess.run(command, cwd=history.folder, env=machine.env, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    machine.call("git", "checkout", "-q", "signed", cwd=history.folder)
    machine.call("git", "commit", "-q", "--no-verify", "--allow-empty", "-m", "Bypass", cwd=history.folder)
    code, told = push("signed:main")
    assert code
    assert "refs/heads/main: 1 commit refused" in told
    assert int((tmp_path / "peak").read_text()) < 256 << 20
    code, told = push("signed~1:main")
    assert code == 0, told
    assert machine.call("git", "rev-list", "--count", "main", cwd=bare).strip() == str(count + 2)


@pytest.mark.parametrize("count", [40, pytest.param(2000, marks=_NIGHTLY)])
def test_many_new_branches(server, count):
    server.bare.git("config", "sox.protected", "refs/heads/*")
    import_branches(server.stage.repo, "refs/heads/new{}", "main^0", count)
    before = objects(server)
    taken, told = server.push("refs/heads/new*:refs/heads/new*")
    assert not taken
    assert f"and {count - 1:,} more: {count} commits refused" in told
    assert len([line for line in told.splitlines() if line.startswith("remote:")]) < 40
    assert objects(server) == before
    server.stage.git(
        "update-ref",
        "--stdin",
        data="".join([f"create refs/heads/at/{number} main\n" for number in range(count)]).encode(),
    )
    assert server.push("refs/heads/at/*:refs/heads/at/*")[0]
    assert server.tip(f"at/{count - 1}") == server.tip("main")


def test_many_protected_branches_move_from_different_commits(server):
    """After twenty that are refused the others are not looked at: the push is refused as a whole."""
    stage = server.stage
    server.bare.git("config", "sox.protected", "refs/heads/*")
    (server.bare.path / "hooks/pre-receive").rename(tmp := server.bare.path / "away")
    import_branches(stage.repo, "refs/heads/b{:02}", "main^0", 25)
    stage.git("push", "-q", "server", "refs/heads/b*:refs/heads/b*")
    tmp.rename(server.bare.path / "hooks/pre-receive")
    for number in range(25):
        import_commits(stage.repo, f"refs/heads/b{number:02}", f"refs/heads/b{number:02}^0", 2, 100 * number)
    taken, told = server.push("refs/heads/b*:refs/heads/b*")
    assert not taken
    assert told.count("2 commits refused") == 20
    assert "5 more refs were not judged" in told
    assert len(re.findall(r"remote: [0-9a-f]{12} unrecorded", told)) == 10


def test_a_server_that_ends_the_hook_has_refused(server, tmp_path, monkeypatch):
    """git that hangs stands for a push that takes too long. What the hook has on the disk goes with it."""
    stage = server.stage
    bypass = stage.commit("Bypass", {"a": "1\n"})
    stage.git("push", "-q", "server", "HEAD:refs/heads/free")
    slow = tmp_path / "bin/git"
    slow.parent.mkdir()
    git = shutil.which("git")
    slow.write_text(
        f'#!/bin/sh\ncase "$*" in *merge-tree*) touch "{tmp_path}/hanging"; exec sleep 60;; esac\nexec {git} "$@"\n'
    )
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
    hook = subprocess.Popen(
        [server.bare.path / "hooks/pre-receive"],
        cwd=server.bare.path, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "GIT_DIR": "."},
    )  # fmt: skip
    assert hook.stdin is not None
    hook.stdin.write(f"{server.tip('main')} {bypass} refs/heads/main\n".encode())
    hook.stdin.close()
    hook.stdin = None
    end = time.monotonic() + 60
    while not (tmp_path / "hanging").exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert list((tmp_path / "tmp").iterdir())
    hook.send_signal(signal.SIGTERM)
    _, told = hook.communicate(timeout=60)
    assert hook.returncode
    assert b"the server has ended the check (SIGTERM)" in told
    assert list((tmp_path / "tmp").iterdir()) == []
