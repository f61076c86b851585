"""The audit log: what an append writes, anchors, two writers at once, and what the machine can refuse."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.record.log import Anchor, Log, encode
from sox_hooks.record.log_check import verify_log


def run_python(program: str, *args: object, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    argv = [*prefix, sys.executable, "-B", "-c", textwrap.dedent(program), *map(str, args)]  # -B: no cut .pyc files
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def entries(log: Log) -> list[dict[str, object]]:
    with open(log.path, "rb") as file:
        return [json.loads(line) for line in file]


def test_the_first_entry_begins_the_log_and_each_is_chained_to_the_one_before(tmp_path):
    log = Log(str(tmp_path))
    anchor = log.append("recorded", {"person": "alice"}, "2026-11-23T14:02:11Z")
    log.append("refused", {"rules": ["SOX201"]})
    raw = (tmp_path / "sox-hooks/log.jsonl").read_bytes().split(b"\n")
    assert raw.pop() == b""
    started, recorded, refused = map(json.loads, raw)
    assert list(started) == ["index", "time", "previous", "event", "nonce"]
    assert (started["index"], started["event"], started["previous"]) == (1, "started", "0" * 64)
    assert len(started["nonce"]) == 32
    assert recorded == {
        "index": 2,
        "time": "2026-11-23T14:02:11Z",
        "previous": hashlib.sha256(raw[0]).hexdigest(),
        "event": "recorded",
        "person": "alice",
    }
    assert refused["previous"] == hashlib.sha256(raw[1]).hexdigest()
    log_id = hashlib.sha256(raw[0]).hexdigest()[:12]
    assert anchor == Anchor(log_id, 2, hashlib.sha256(raw[1]).hexdigest()[:32])
    assert str(anchor) == f"{log_id}.2.{anchor.digest}"


def test_only_the_owner_can_read_it(tmp_path):
    log = Log(str(tmp_path))
    os.umask(os.umask(0))  # whatever the umask, the modes are ours
    log.append("recorded", {})
    modes = [stat.S_IMODE(os.lstat(path).st_mode) for path in (log.folder, log.path, f"{log.folder}/log.lock")]
    assert modes == [0o700, 0o600, 0o600]


def test_two_logs_that_begin_alike_have_different_ids(tmp_path):
    ids = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        ids.add(Log(str(tmp_path / name)).append("recorded", {}, "2026-11-23T14:02:11Z").log_id)
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"index": 1}, "its own 'index'"),
        ({"prompt": "do it"}, "never stores"),
        ({"evidence": [{"Session_ID": "x"}]}, "never stores"),
        ({"score": 0.5}, "cannot hold a float"),
        ({"raw": b"x"}, "cannot hold a bytes"),
        ({"map": {1: 2}}, "cannot have the key"),
    ],
)
def test_what_does_not_belong_into_a_log_is_a_mistake_of_the_caller(tmp_path, fields, error):
    with pytest.raises((ValueError, TypeError), match=error):
        Log(str(tmp_path)).append("recorded", fields)
    assert not (tmp_path / "sox-hooks").exists()


def test_a_time_has_one_form(tmp_path):
    with pytest.raises(ValueError, match="not a time"):
        Log(str(tmp_path)).append("recorded", {}, "yesterday")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8).filter(lambda k: k not in "prompt"), inner)
    ),
    max_leaves=12,
)


@given(json_values)
def test_what_is_written_is_one_line_of_ascii_json(value):
    raw = encode(value)
    assert json.loads(raw) == value
    assert raw.isascii()
    assert b"\n" not in raw


WRITER = """
    import sys
    from sox_hooks.record.log import Log
    log = Log(sys.argv[1])
    for number in range(int(sys.argv[3])):
        print(log.append("recorded", {"writer": sys.argv[2], "number": number}))
"""


def test_two_writers_at_once_lose_double_and_fork_nothing(tmp_path):
    count = 500
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path), name, str(count)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    anchors = [line for writer in writers for line in writer.communicate()[0].split()]
    assert [writer.returncode for writer in writers] == [0, 0]
    log = Log(str(tmp_path))
    report = verify_log(log.path)
    assert (report.findings, report.entries) == ((), 2 * count + 1)
    for name in "ab":
        numbers = [entry["number"] for entry in entries(log) if entry.get("writer") == name]
        assert numbers == list(range(count))
    assert len(set(anchors)) == 2 * count
    assert {anchor.split(".")[0] for anchor in anchors} == {report.log_id}


def test_a_held_lock_is_told_after_the_time_that_was_set(tmp_path):
    log = Log(str(tmp_path), timeout=0.05)
    log.append("recorded", {})
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()",
            f"{log.folder}/log.lock",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline() == b"\n"
        with pytest.raises(EnvironmentProblem, match=r"has held a lock for 0\.05 s"):
            log.append("recorded", {})
    finally:
        holder.kill()
        holder.communicate()
    assert log.append("recorded", {}).index == 3  # the kernel dropped the lock with its holder


@pytest.mark.parametrize("name", ["sox-hooks", "sox-hooks/log.jsonl", "sox-hooks/log.lock"])
def test_a_symbolic_link_is_not_followed(tmp_path, name):
    Log(str(tmp_path)).append("recorded", {})
    path = tmp_path / name
    target = tmp_path / "target"
    path.rename(target)
    path.symlink_to(target)
    before = target.read_bytes() if target.is_file() else b""
    with pytest.raises(EnvironmentProblem, match="symbolic link"):
        Log(str(tmp_path)).append("recorded", {})
    assert (target.read_bytes() if target.is_file() else b"") == before


@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_a_log_that_is_no_file_is_told(tmp_path, kind):
    (tmp_path / "sox-hooks").mkdir()
    path = tmp_path / "sox-hooks/log.jsonl"
    os.mkfifo(path) if kind == "fifo" else path.mkdir()
    with pytest.raises(EnvironmentProblem, match=r"not a regular file|it is a folder"):
        Log(str(tmp_path)).append("recorded", {})


def test_a_folder_below_a_file_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentProblem, match="is not a folder") as caught:
        Log(str(tmp_path / "file")).append("recorded", {})
    assert caught.value.where.endswith("file/sox-hooks")


LIMITED = """
    import resource, sys
    from sox_hooks.core.errors import EnvironmentProblem
    from sox_hooks.record.log import Log
    log = Log(sys.argv[1])
    log.append("recorded", {})
    before = open(log.path, "rb").read()
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, resource.RLIM_INFINITY))
    try:
        log.append("recorded", {"filler": "x" * 4000})
    except EnvironmentProblem as problem:
        print(problem.what)
    assert open(log.path, "rb").read() == before
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(log.append("recorded", {}).index)
"""


def test_a_file_that_may_not_grow_is_left_as_it_was(tmp_path):
    done = run_python(LIMITED, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    told, index = done.stdout.splitlines()
    assert told == "cannot write the audit log: the file would grow past the size limit of this process"
    assert index == "3"


# Own namespaces: a tiny disk that nobody else sees, and that is gone with the process.
NAMESPACE = ("unshare", "--mount", "--map-root-user")


def mounted(folder: object, options: str, program: str) -> subprocess.CompletedProcess[str]:
    prefix = (*NAMESPACE, "sh", "-c", 'mount -t tmpfs -o "$1" tmpfs "$2" || exit 77; shift 2; exec "$@"', "sh")
    done = run_python(program, folder, prefix=(*prefix, options, str(folder)))
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no file systems can be mounted here: {done.stderr.strip()}")
    return done


FULL = """
    import os, sys
    from sox_hooks.core.errors import EnvironmentProblem
    from sox_hooks.record.log import Log
    from sox_hooks.record.log_check import verify_log
    log = Log(sys.argv[1])
    ballast = os.path.join(sys.argv[1], "ballast")
    open(ballast, "wb").write(b"x" * 8192)
    before = b""
    try:
        while True:
            log.append("recorded", {"filler": "x" * 3000})
            before = open(log.path, "rb").read()
    except EnvironmentProblem as problem:
        print(problem.what)
    assert before
    assert open(log.path, "rb").read() == before
    os.unlink(ballast)
    log.append("recorded", {"filler": "x" * 3000})
    assert verify_log(log.path).findings == ()
"""


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path):
    done = mounted(tmp_path, "size=32k", FULL)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "cannot write the audit log: the disk is full\n"


READ_ONLY = """
    import sys
    from sox_hooks.core.errors import EnvironmentProblem
    from sox_hooks.record.log import Log
    try:
        Log(sys.argv[1]).append("recorded", {})
    except EnvironmentProblem as problem:
        print(problem.what)
"""


def test_a_read_only_git_folder_is_told(tmp_path):
    done = mounted(tmp_path, "ro", READ_ONLY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "cannot make the folder: the file system is read-only\n"


def cut(data: bytes) -> bytes:
    return data[:-9]


def zeros(data: bytes) -> bytes:
    return data[:-60] + b"\0" * 40 + data[-20:]


@pytest.mark.parametrize("harm", [cut, zeros, lambda data: data + b"\0" * 5000, lambda data: data + b"x" * 40000])
def test_a_broken_end_is_moved_aside_and_told(tmp_path, harm):
    log = Log(str(tmp_path))
    for number in range(3):
        log.append("recorded", {"number": number})
    path = tmp_path / "sox-hooks/log.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(harm(b"".join(lines)))
    broken = path.read_bytes()
    log.append("recorded", {"number": "next"})
    report = verify_log(log.path)
    assert report.findings == ()
    (repair,) = [entry for entry in entries(log) if entry["event"] == "repaired"]
    (torn,) = repair["torn"]
    saved = (tmp_path / "sox-hooks" / torn["file"]).read_bytes()
    assert torn["file"] == f"log.torn-{report.log_id}.{repair['index']}"
    assert (torn["bytes"], torn["sha256"]) == (len(saved), hashlib.sha256(saved).hexdigest())
    assert broken.endswith(saved)
    assert path.read_bytes().startswith(broken[: -len(saved)])


def test_a_log_without_one_whole_line_begins_anew_and_tells(tmp_path):
    (tmp_path / "sox-hooks").mkdir()
    (tmp_path / "sox-hooks/log.jsonl").write_bytes(b'{"index":1,"ti')
    log = Log(str(tmp_path))
    assert log.append("recorded", {}).index == 3
    assert [entry["event"] for entry in entries(log)] == ["started", "repaired", "recorded"]
    assert (tmp_path / "sox-hooks/log.torn-start").read_bytes() == b'{"index":1,"ti'


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [*lines[:-2], b"{}\n", b"{}\n"],
        lambda lines: [b"{}\n", *lines[1:]],
        lambda lines: lines[1:],
        lambda lines: [b"x" * (1 << 24) * 3],
    ],
    ids=["last-two", "first", "first-gone", "no-lines"],
)
def test_nothing_is_written_after_other_damage(tmp_path, damage):
    log = Log(str(tmp_path))
    for number in range(3):
        log.append("recorded", {"number": number})
    path = tmp_path / "sox-hooks/log.jsonl"
    path.write_bytes(b"".join(damage(path.read_bytes().splitlines(keepends=True))))
    before = path.read_bytes()
    with pytest.raises(EnvironmentProblem, match="audit log is damaged") as caught:
        log.append("recorded", {})
    assert "sox-hooks log verify" in caught.value.fix
    assert path.read_bytes() == before
