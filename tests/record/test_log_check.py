"""Checking the log: every edit before the end is found, and anchors hold what they promise."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.digest import sha256_hex
from sox_hooks.core.errors import CannotVerify, EnvironmentProblem
from sox_hooks.record.log import Anchor, Log
from sox_hooks.record.log_check import check_anchor, verify_log


@pytest.fixture(scope="module")
def logged(tmp_path_factory) -> tuple[bytes, list[Anchor]]:
    """The bytes of a log of seven entries, and the anchors of the six that were appended."""
    folder = tmp_path_factory.mktemp("logged")
    log = Log(str(folder))
    anchors = [log.append("recorded", {"number": number, "person": "alice"}) for number in range(6)]
    return Path(log.path).read_bytes(), anchors


def rules(data: bytes, folder: Path) -> list[str]:
    path = folder / "log.jsonl"
    path.write_bytes(data)
    return [finding.rule for finding in verify_log(str(path)).findings]


def test_a_sound_log(logged, tmp_path):
    data, anchors = logged
    path = tmp_path / "log.jsonl"
    path.write_bytes(data)
    report = verify_log(str(path))
    assert report.findings == ()
    assert (report.entries, report.events) == (7, (("recorded", 6), ("started", 1)))
    assert report.last == anchors[-1]
    assert report.log_id == anchors[0].log_id
    assert [check_anchor(str(path), anchor) for anchor in anchors] == [True] * 6


@given(st.data())
def test_any_edited_byte_before_the_last_entry_is_found(logged, tmp_path_factory, data):
    raw, _ = logged
    protected = raw[:-1].rfind(b"\n") + 1
    at = data.draw(st.integers(0, protected - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != raw[at]))
    edits = {
        "changed": raw[:at] + bytes([byte]) + raw[at + 1 :],
        "inserted": raw[:at] + bytes([byte]) + raw[at:],
        "removed": raw[:at] + raw[at + 1 :],
    }
    edited = edits[data.draw(st.sampled_from(sorted(edits)))]
    if edited[:protected] != raw[:protected]:
        assert "SOX702" in rules(edited, tmp_path_factory.mktemp("edit"))


@given(st.data())
def test_any_edited_byte_of_the_last_entry_contradicts_its_anchor(logged, tmp_path_factory, data):
    raw, anchors = logged
    at = data.draw(st.integers(raw[:-1].rfind(b"\n") + 1, len(raw) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != raw[at]))
    path = tmp_path_factory.mktemp("edit") / "log.jsonl"
    path.write_bytes(raw[:at] + bytes([byte]) + raw[at + 1 :])
    assert check_anchor(str(path), anchors[-1]) is False


def lines_of(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def chained(entries: list[dict[str, object]]) -> bytes:
    """A log with a chain that fits, whatever its entries say."""
    out, previous = [], "0" * 64
    for each in entries:
        line = json.dumps({**each, "previous": previous}, separators=(",", ":")).encode()
        previous = sha256_hex(line)
        out.append(line + b"\n")
    return b"".join(out)


def entry(index: int, event: str = "recorded") -> dict[str, object]:
    return {"index": index, "time": "2026-11-23T14:02:11Z", "previous": "", "event": event}


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda d: b"".join(lines_of(d)[1:]), "broken at entry 2: the entries before it are gone"),
        (lambda d: b"".join([*lines_of(d)[:3], *lines_of(d)[4:]]), "broken at entry 5: an entry before it was changed"),
        (lambda d: b"".join([lines_of(d)[0], *lines_of(d)]), "broken at entry 1"),
        (lambda d: d + lines_of(d)[-1], "broken at entry 7"),
        (lambda d: d + b"\n", "line 8 of the audit log is not an entry"),
        (lambda d: d + b'{"index":8}\n', "line 8 of the audit log is not an entry"),
        (lambda d: d + b"x" * ((1 << 24) + 5) + b"\n", "line 8 of the audit log is not an entry"),
        (lambda d: b"\xff\xfe\0" + d, "line 1 of the audit log is not an entry"),
        (lambda _: chained([entry(1, "started"), entry(3)]), "entry 3 of the audit log stands where entry 2 belongs"),
        (lambda _: chained([entry(1), entry(2)]), "entry 1 of the audit log is no beginning"),
        (lambda _: chained([entry(1, "started"), entry(2, "started")]), "entry 2 of the audit log is a second beg"),
    ],
)
def test_what_is_said_about_damage(logged, tmp_path, harm, message):
    path = tmp_path / "log.jsonl"
    path.write_bytes(harm(logged[0]))
    findings = verify_log(str(path)).findings
    assert {finding.rule for finding in findings} == {"SOX702"}
    assert message in findings[0].message
    assert findings[0].place.file == str(path)


@pytest.mark.parametrize(
    "double", ['"index":9', '"event":"refused"', '"event":{}', '"previous":"\\ud800"', '"time":null']
)
def test_a_doubled_name_is_no_entry(logged, tmp_path, double):
    assert rules(logged[0][:-2] + f",{double}}}\n".encode(), tmp_path) == ["SOX702"]


def test_deep_nesting_is_no_entry(logged, tmp_path):
    assert rules(logged[0][:-2] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", tmp_path) == ["SOX702"]


def test_a_cut_line_is_a_warning(logged, tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(logged[0][:-5])
    report = verify_log(str(path))
    (finding,) = report.findings
    assert (finding.rule, finding.severity, finding.place.line) == ("SOX701", "warning", 7)
    assert report.entries == 6
    assert report.last == logged[1][4]


def test_many_problems_are_not_all_told(logged, tmp_path):
    assert len(rules(b"x\n" * 1000, tmp_path)) == 20


def test_anchors_of_other_and_of_cut_logs(logged, tmp_path):
    data, anchors = logged
    path = str(tmp_path / "log.jsonl")
    assert check_anchor(path, anchors[3]) is None  # no log
    Path(path).write_bytes(b"")
    assert check_anchor(path, anchors[3]) is None
    Path(path).write_bytes(b"".join(lines_of(data)[:3]))
    assert [check_anchor(path, anchor) for anchor in anchors] == [True, True, False, False, False, False]
    other = Log(str(tmp_path / "other"))
    (tmp_path / "other").mkdir()
    for number in range(6):
        other.append("recorded", {"number": number})
    assert check_anchor(other.path, anchors[3]) is None


@pytest.mark.parametrize("content", [None, b""])
def test_a_missing_log_cannot_be_verified(tmp_path, content):
    path = tmp_path / "log.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CannotVerify) as caught:
        verify_log(str(path))
    assert caught.value.rule == "SOX704"
    assert "looks like a new clone" in caught.value.why


@pytest.mark.parametrize("kind", ["symlink", "fifo", "folder"])
def test_what_is_no_file_is_told(logged, tmp_path, kind):
    path = tmp_path / "log.jsonl"
    (tmp_path / "real").write_bytes(logged[0])
    {"symlink": lambda: path.symlink_to("real"), "fifo": lambda: os.mkfifo(path), "folder": path.mkdir}[kind]()
    with pytest.raises(EnvironmentProblem, match=r"symbolic link|not a regular file|it is a folder"):
        verify_log(str(path))


FLAT = """
import resource, sys
from sox_hooks.record.log_check import verify_log
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
report = verify_log(sys.argv[1])
print(report.entries, len(report.findings), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_does_not_grow_with_the_log(tmp_path):
    path = tmp_path / "log.jsonl"
    filler = {"filler": "x" * 2000}
    path.write_bytes(chained([entry(1, "started"), *[entry(index) | filler for index in range(2, 20_001)]]))
    done = subprocess.run([sys.executable, "-c", FLAT, str(path)], capture_output=True, text=True, check=True)
    count, findings, grown = map(int, done.stdout.split())
    assert (count, findings) == (20_000, 0)
    # ru_maxrss counts KiB on Linux and bytes elsewhere; the log is 42 MB.
    assert grown < 8_000 * (1 if sys.platform == "linux" else resource.getpagesize())
