"""An append that is killed at any of its steps loses nothing: the next one finds the log sound or mends it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sox_hooks.core.digest import sha256_hex
from sox_hooks.record.log import Log
from sox_hooks.record.log_check import verify_log

PROGRAM = Path(__file__).with_name("killed_appends.py")
TORN = b'{"index":4,"time":"2026-11-23T14:0'


@pytest.mark.parametrize("state", ["new", "entries", "torn"])
def test_killed_at_every_step(tmp_path, state):
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path / "rounds"), state], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    calls = {entry["call"] for entry in rounds}
    assert {"open", "write", "fsync", None} <= calls
    assert ("rename" in calls) == ("ftruncate" in calls) == (state == "torn")
    for entry in rounds:
        recovers(Path(entry["folder"]), state, f"{entry['call']} {entry['part']}")


def recovers(folder: Path, state: str, where: str) -> None:
    path = folder / "sox-hooks/log.jsonl"
    left = path.read_bytes() if path.exists() else b""
    sound = left[: left.rfind(b"\n") + 1]
    anchor = Log(str(folder)).append("recorded", {"number": "next"})
    now = path.read_bytes()
    report = verify_log(str(path))
    assert report.findings == (), where
    assert report.last == anchor, where
    # Whole lines stay as they are and in front; bytes of a cut line are in a file that an entry names.
    assert now.startswith(sound), where
    entries = [json.loads(line) for line in now.splitlines()]
    torn = {item["file"]: item for entry in entries if entry["event"] == "repaired" for item in entry["torn"]}
    saved = {file.name: file.read_bytes() for file in path.parent.glob("log.torn-*")}
    assert torn.keys() == saved.keys(), where
    for name, data in saved.items():
        assert (torn[name]["bytes"], torn[name]["sha256"]) == (len(data), sha256_hex(data)), where
    lost = left[len(sound) :]
    assert not lost or lost in saved.values(), where
    if state == "torn":
        assert TORN in saved.values(), where
    numbers = [entry.get("number") for entry in entries if entry["event"] == "recorded"]
    kept = [] if state == "new" else [0, 1]
    assert numbers in ([*kept, "next"], [*kept, "killed", "next"]), where
