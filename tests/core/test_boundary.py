"""The boundary as a user meets it: in a process of its own, with whatever descriptors and environment there are."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import sox_hooks
from sox_hooks.core.crash import report, without_secrets

# A stand-in for a command: raises or prints what the test says, under the real boundary.
SCRIPT = """
import errno, os, sys
from sox_hooks.core import errors
from sox_hooks.core.boundary import guarded
from sox_hooks.core.findings import Finding

def deep(n):
    return deep(n + 1)

def work():
    {body}
    return 0

sys.exit(guarded(work, sys.argv[1:]))
"""


def guarded(body: str, *argv: str, before: str = "", **settings) -> subprocess.CompletedProcess:
    settings.setdefault("capture_output", True)
    code = before + SCRIPT.format(body=body)
    return subprocess.run([sys.executable, "-I", "-c", code, *argv], check=False, **settings)


def crash_reports(folder: Path) -> list[Path]:
    return sorted(folder.glob("sox-hooks/crash-*.txt"))


@pytest.mark.parametrize(
    ("body", "code", "first"),
    [
        ("return 1", 1, None),
        ("raise errors.UsageError('no such range', fix='git fetch')", 2, "sox-hooks: no such range"),
        ("raise errors.ConfigError('bad')", 2, "sox-hooks: bad"),
        ("raise errors.CannotVerify('shallow')", 4, "sox-hooks: shallow"),
        ("raise errors.Refused('no')", 1, "sox-hooks: no"),
        ("raise errors.EnvironmentProblem('locked')", 2, "sox-hooks: locked"),
        ("raise KeyboardInterrupt", 130, "sox-hooks: interrupted"),
        ("raise MemoryError", 3, "sox-hooks: there is not enough memory"),
        ("raise OSError(errno.ENOSPC, 'x', 'file')", 2, "sox-hooks: cannot go on: the disk is full"),
        ("raise PermissionError(errno.EACCES, 'x', 'file')", 2, "sox-hooks: cannot go on: you have no permission"),
        ("raise OSError(errno.EROFS, 'x', 'file')", 2, "sox-hooks: cannot go on: the file system is read-only"),
        ("raise OSError(errno.EMFILE, 'Too many open files')", 2, "sox-hooks: cannot go on: Too many open files"),
        ("deep(0)", 3, "sox-hooks: something is nested too deeply to be read (RecursionError)"),
        ("raise KeyError('x')", 3, "sox-hooks: internal error: KeyError: 'x'"),
        ("raise FileNotFoundError(2, 'x', 'file')", 3, "sox-hooks: internal error: FileNotFoundError: "),
        ("sys.exit(2)", 2, None),
        ("sys.exit()", 0, None),
        ("sys.exit('a word')", 1, "sox-hooks: a word"),
    ],
)
def test_everything_becomes_a_code_and_a_few_lines(body, code, first):
    done = guarded(body)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == code
    assert done.stdout == b""
    assert lines[:1] == [] if first is None else lines[0].startswith(first)
    assert len(lines) <= 8
    assert b"Traceback" not in done.stderr


def test_hostile_text_is_escaped():
    done = guarded(r"raise errors.UsageError('a\x1b[31m\nsox-hooks: all is well', where='\udcff', fix='x\u202ey')")
    assert done.stderr.decode().splitlines() == [
        r"sox-hooks: a\x1b[31m\x0asox-hooks: all is well",
        r"  where: \xff",
        r"  fix:   x\u202ey",
    ]


def test_the_findings_of_a_config_error_are_shown():
    done = guarded("raise errors.ConfigError('bad', findings=(Finding('SOX002', 'error', 'unknown key'),))")
    assert b"SOX002 error: unknown key" in done.stderr


def test_a_bug_leaves_a_private_report(hermetic):
    done = guarded("local = 'hunter2'; raise ValueError('odd\\nthing')", "verify", "--token=abc", "A..B")
    state = hermetic / ".local/state"
    (path,) = crash_reports(state)
    text = path.read_text()

    assert done.returncode == 3
    assert str(path) in done.stderr.decode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "ValueError" in text
    assert "Traceback (most recent call last)" in text
    assert f"sox-hooks: {sox_hooks.__version__}" in text
    assert "git: git version " in text
    assert "arguments: verify --token=[hidden] A..B" in text
    assert sys.version.split()[0] in text


@pytest.mark.parametrize("home", ["", "relative", "/proc/no/such"])
def test_without_a_home_the_report_goes_where_temporary_files_go(tmp_path, home):
    env = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)} | ({"HOME": home} if home else {})
    done = guarded("raise ValueError", env=env)
    (path,) = tmp_path.glob("sox-hooks-crash-*.txt")
    assert done.returncode == 3
    assert str(path) in done.stderr.decode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_bug_is_told_even_if_the_report_cannot_be_written():
    # mkstemp fails as on a full disk.
    done = guarded("import tempfile; tempfile.mkstemp = None; raise ValueError('told')")
    assert done.returncode == 3
    assert done.stderr.decode().splitlines() == [
        "sox-hooks: internal error: ValueError: told",
        "  why:   this is a bug; no crash report could be written (TypeError)",
    ]


def test_an_exception_that_cannot_be_shown():
    body = "raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})()"
    done = guarded(body)
    assert done.returncode == 3
    assert done.stderr.startswith(b"sox-hooks: internal error: Odd: (its text cannot be shown)\n")


@pytest.mark.parametrize(
    "closed", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)], ids=lambda numbers: "".join(map(str, numbers))
)
def test_closed_descriptors_never_become_files(tmp_path, closed):
    """What is opened next must not get the number of a closed descriptor: messages would be written into it."""
    target = tmp_path / "data"
    body = (
        f"file = open({str(target)!r}, 'w'); file.write(str(file.fileno())); file.close(); "
        "print('out'); print('err', file=sys.stderr); sys.stdin.read(); "
        "from sox_hooks.core.process import run; assert run(['echo', 'x']).out == b'x\\n'; raise errors.Refused('no')"
    )
    # The shell closes them: subprocess would open pipes for the numbers it is asked to.
    redirections = " ".join(f"{number}{'<' if number == 0 else '>'}&-" for number in closed)
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {redirections}', "sh", sys.executable, "-I", "-c", SCRIPT.format(body=body)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done
    assert int(target.read_text()) > 2
    assert done.stdout == (b"" if 1 in closed else b"out\n")
    assert done.stderr == (b"" if 2 in closed else b"err\nsox-hooks: no\n")


def test_a_reader_that_went_away_is_no_traceback_and_no_pass():
    read, write = os.pipe()
    os.close(read)
    done = guarded("print('x' * 100_000)", capture_output=False, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_reader_that_went_away_before_the_last_flush():
    read, write = os.pipe()
    os.close(read)
    for body in ("print('x')", "print('x'); sys.exit(0)"):
        done = guarded(body, capture_output=False, stdout=write, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (141, b"")
    os.close(write)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_told_once():
    with open("/dev/full", "wb") as full:
        done = guarded("print('x')", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.startswith(b"sox-hooks: cannot go on: the disk is full\n")
    assert b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_printing_never_fails_for_its_encoding(encoding):
    before = (
        f"import sys; sys.stdout.reconfigure(encoding={encoding!r}); sys.stderr.reconfigure(encoding={encoding!r})\n"
    )
    body = r"print('tick \u2713 \udcff'); raise errors.UsageError('東京')"
    done = guarded(body, before=before)
    assert done.returncode == 2
    assert done.stdout.startswith(b"tick ")
    assert done.stderr.decode(encoding) == "sox-hooks: " + ("東京" if encoding == "utf-8" else r"\u6771\u4eac") + "\n"


def test_pipes_that_node_left_non_blocking_lose_nothing():
    read, write = os.pipe()
    os.set_blocking(write, False)
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", SCRIPT.format(body="sys.stdout.write('x' * 1_000_000)")],
        stdout=write,
        stderr=subprocess.PIPE,
    )
    os.close(write)
    size = 0
    while block := os.read(read, 65536):
        size += len(block)
    os.close(read)
    _, words = process.communicate()
    assert (size, process.returncode, words) == (1_000_000, 0, b"")


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["verify", "A..B"], ["verify", "A..B"]),
        (["--token", "abc", "x"], ["--token", "[hidden]", "x"]),
        (["--token", "--other", "x"], ["--token", "--other", "x"]),
        (["--api-key=abc"], ["--api-key=[hidden]"]),
        (["--client-secret", "abc"], ["--client-secret", "[hidden]"]),
        (["https://me:abc@forge.example/x@y"], ["https://[hidden]@y"]),
        (["https://forge.example/x"], ["https://forge.example/x"]),
    ],
)
def test_secrets_in_arguments_are_hidden(argv, shown):
    assert without_secrets(argv) == shown


def test_the_report_holds_no_values_of_variables():
    def fails(password: str) -> None:
        raise RuntimeError(errno.EPERM)

    try:
        fails("hunter2")
    except RuntimeError as error:
        text = report(error, [])
    assert "fails(" in text
    assert "RuntimeError: 1" in text
    assert text.count("hunter2") == 1  # the line of source above, which a traceback quotes
