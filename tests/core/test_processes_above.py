"""The chain of processes above us: from /proc, from ps, and from broken versions of both."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core import processes_above
from sox_hooks.core.processes_above import DEPTH, ProcessInfo, ancestors, chain_in_listing, chain_in_proc

FAR = time.monotonic() + 3600
ASK = "from sox_hooks.core.processes_above import ancestors;print([(p.pid, p.ppid, p.argv) for p in ancestors()])"


def _process(root: Path, pid: int, ppid: int, cmdline: bytes, comm: bytes = b"x") -> None:
    (root / str(pid)).mkdir()
    (root / str(pid) / "stat").write_bytes(b"%d (%s) S %d 1 1 0 -1" % (pid, comm, ppid))
    (root / str(pid) / "cmdline").write_bytes(cmdline)


def test_the_parent_comes_first_and_this_process_is_not_in_it() -> None:
    chain = ancestors()
    assert chain[0].pid == os.getppid()
    assert os.getpid() not in {process.pid for process in chain}
    for child, parent in itertools.pairwise(chain):
        assert child.ppid == parent.pid


def test_arguments_of_the_real_parent_are_seen_byte_by_byte() -> None:
    weird = "a b\x01\udcff"
    # sh stays because there is a command after it.
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" -c "$1"; :', sys.executable, ASK, weird], capture_output=True, text=True, check=True
    )
    chain = eval(done.stdout)  # noqa: S307 - our own output
    assert chain[0][2] == (b"/bin/sh", b"-c", b'"$0" -c "$1"; :', os.fsencode(sys.executable), ASK.encode(),
                           os.fsencode(weird))  # fmt: skip
    assert chain[1][0] == os.getpid()


def test_ps_and_proc_agree() -> None:
    listing = processes_above._listing(5)
    assert [process.pid for process in chain_in_listing(listing, os.getppid())] == [p.pid for p in ancestors()]


@pytest.mark.parametrize(
    ("comm", "cmdline", "argv"),
    [
        (b"git", b"git\0commit\0-m\0\0", (b"git", b"commit", b"-m", b"")),
        (b"a) S 99 (b", b"git\0", (b"git",)),
        (b"new\nline", b"git\0", (b"git",)),
        (b"kthreadd", b"", ()),
        (b"pi", b"pi", (b"pi",)),  # a process that wrote over its title
        (b"x", b"\xff\xfe\0\x1b[31m\0", (b"\xff\xfe", b"\x1b[31m")),
    ],
)
def test_proc_as_it_comes(tmp_path: Path, comm: bytes, cmdline: bytes, argv: tuple[bytes, ...]) -> None:
    _process(tmp_path, 7, 1, cmdline, comm)
    _process(tmp_path, 1, 0, b"init\0")
    assert chain_in_proc(7, FAR, str(tmp_path)) == (ProcessInfo(7, 1, argv), ProcessInfo(1, 0, (b"init",)))


def test_a_hidden_or_vanished_process_ends_the_chain(tmp_path: Path) -> None:
    _process(tmp_path, 7, 6, b"git\0")
    assert [process.pid for process in chain_in_proc(7, FAR, str(tmp_path))] == [7]
    (tmp_path / "6").mkdir()
    (tmp_path / "6" / "stat").write_bytes(b"nonsense")
    assert [process.pid for process in chain_in_proc(7, FAR, str(tmp_path))] == [7]


def test_depth_and_time_are_bounded(tmp_path: Path) -> None:
    for pid in range(2, 102):
        _process(tmp_path, pid, pid - 1, b"sh\0")
    assert len(chain_in_proc(101, FAR, str(tmp_path))) == DEPTH
    assert chain_in_proc(101, time.monotonic() - 1, str(tmp_path)) == ()
    _process(tmp_path, 200, 200, b"its own parent\0")
    assert len(chain_in_proc(200, FAR, str(tmp_path))) == DEPTH


def test_a_listing_of_ps() -> None:
    listing = b"    1     0 /sbin/launchd\n  501     1 -zsh\n 777   501 git commit --amend -m a b\n  x y z\n 900 \n\n"
    assert chain_in_listing(listing, 777) == (
        ProcessInfo(777, 501, (b"git", b"commit", b"--amend", b"-m", b"a", b"b")),
        ProcessInfo(501, 1, (b"-zsh",)),
        ProcessInfo(1, 0, (b"/sbin/launchd",)),
    )
    assert chain_in_listing(b"5 6 a\n6 5 b\n", 5) == (ProcessInfo(5, 6, (b"a",)), ProcessInfo(6, 5, (b"b",)))


def test_no_ps_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert processes_above._listing(1) == b""


@given(st.binary(max_size=200), st.integers(-1, 20))
def test_any_listing_is_survived(listing: bytes, pid: int) -> None:
    assert len(chain_in_listing(listing, pid)) <= DEPTH
