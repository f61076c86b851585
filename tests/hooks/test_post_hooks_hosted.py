"""The other hooks under pre-commit and prek for real: both keep standard input, so all is found in other ways."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import sox_argv
from tests.hooks.stage import NONE

_STAGES = ("pre-push", "post-rewrite", "post-commit", "post-merge")


@pytest.fixture(params=["pre-commit", "prek"])
def hosted(stage, request, tmp_path):
    """The stage with a remote, and with all but commit-msg run by the host."""
    host = Path(sys.executable).with_name(request.param)
    if not host.exists():
        pytest.skip(f"{request.param} is not installed here")
    for name in _STAGES:
        (stage.path / ".git/hooks" / name).unlink()
    entry = " ".join(sox_argv())
    hooks = [
        f"  - {{id: {name}, name: {name}, language: system, entry: {entry} hook {name}, stages: [{name}], "
        "always_run: true, pass_filenames: false, require_serial: true}\n"
        for name in _STAGES
    ]
    stage.tracked(".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks:\n" + "".join(hooks))
    stage.git("commit", "-q", "-m", "Add a host", *NONE)
    stage.git("init", "-q", "--bare", str(tmp_path / "remote.git"))
    stage.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    stage.git("push", "-q", "origin", "main", "base")
    stage.git("remote", "set-head", "origin", "main")
    types = [word for name in _STAGES for word in ("-t", name)]
    subprocess.run([str(host), "install", *types], cwd=stage.path, check=True, capture_output=True)
    return stage


def test_a_branch_with_several_commits_from_the_desk_to_the_remote(hosted):
    hosted.git("checkout", "-q", "-b", "topic")
    for name in ("t1.txt", "t2.txt"):
        hosted.tracked(name)
        hosted.git("commit", "-q", "-m", name, *NONE)
    assert [entry["event"] for entry in hosted.log()[-4:]] == ["recorded", "committed"] * 2
    hosted.git("checkout", "-q", "main")
    hosted.tracked("m.txt")
    hosted.git("commit", "-q", "-m", "main goes on", *NONE)
    hosted.git("checkout", "-q", "topic")
    old = hosted.git("rev-list", "--reverse", "main..topic").split()
    count = len(hosted.log())
    hosted.git("rebase", "-q", "main")
    new = hosted.git("rev-list", "--reverse", "main..topic").split()
    (entry,) = hosted.log()[count:]
    assert (entry["event"], entry["command"]) == ("rewritten", "rebase")
    assert entry["pairs"] == [list(pair) for pair in zip(old, new, strict=True)]
    hosted.git("push", "-q", "origin", "topic")
    hosted.tracked("bad.txt")
    hosted.git("commit", "-q", "--no-verify", "-m", "Past the hook")
    assert hosted.log()[-1]["event"] == "bypassed"
    done = hosted.run("push", "origin", "topic")
    assert done.returncode != 0
    assert "sox-hooks resign --yes --reason WHY origin/topic..topic" in done.stderr + done.stdout
    # An amend, and a second branch beside the first, which the host does not tell of.
    before = hosted.head()
    hosted.git("commit", "-q", "--amend", "--no-edit", *NONE)
    assert hosted.log()[-1]["pairs"] == [[before, hosted.head()]]
    hosted.git("push", "-q", "origin", "topic")
    hosted.git("checkout", "-q", "-b", "second", "main")
    hosted.tracked("second.txt")
    hosted.git("commit", "-q", "--no-verify", "-m", "Past the hook, too")
    hosted.git("checkout", "-q", "topic")
    hosted.tracked("good.txt")
    hosted.git("commit", "-q", "-m", "Good", *NONE)
    assert hosted.run("push", "-q", "origin", "topic", "second").returncode != 0
    hosted.git("push", "-q", "origin", "topic")
