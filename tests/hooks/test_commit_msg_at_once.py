"""Two work trees of one repository commit at once: no entry of the log is lost or forked, and every commit verifies."""

from __future__ import annotations

import os
import subprocess

import pytest

from sox_hooks.record.log_check import verify_log
from tests.hooks.stage import Stage

_LOOP = """
for number in $(seq {count}); do
    echo "$number" >"{name}.txt" && git add "{name}.txt" && git commit -q -m "{name} $number" || exit 1
done
"""


@pytest.mark.parametrize("count", [30, pytest.param(250, marks=[pytest.mark.slow, pytest.mark.timeout(900)])])
def test_two_work_trees_commit_at_once(stage, count):
    trees = []
    for name in ("one", "two"):
        stage.git("worktree", "add", "-q", "-b", name, f"../{name}", "base")
        trees.append(Stage(stage.path.parent / name))
    running = [
        subprocess.Popen(
            ["sh", "-c", _LOOP.format(count=count, name=tree.path.name)],
            cwd=tree.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(os.environ),
        )
        for tree in trees
    ]
    for process in running:
        out, _ = process.communicate()
        assert process.returncode == 0, out.decode()
    for tree in trees:
        assert tree.told("base..HEAD") == ["verified same-change"] * count
    path = stage.path / ".git/sox-hooks/log.jsonl"
    report = verify_log(str(path))
    assert report.findings == ()
    entries = stage.entries()
    assert len(entries) == 2 * count
    anchored = {
        tree.value("Sox-Record", rev)[0].partition(" log=")[2].split()[0].split(".")[1]
        for tree in trees
        for rev in tree.git("rev-list", "base..HEAD").split()
    }
    assert anchored == {str(entry["index"]) for entry in entries}
