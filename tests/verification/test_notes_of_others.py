"""A note that somebody pushed: `show` tells it, and no verdict hangs on it."""

from __future__ import annotations

import json

import pytest

from sox_hooks.__main__ import main
from tests.detection.other_recorders import note

KEY = "s_" + "1" * 14


@pytest.fixture
def recorded(stage, monkeypatch):
    monkeypatch.chdir(stage.repo.path)
    stage.none = stage.record({"docs/a": "a\n"}, "None", claim="none")
    stage.claude = stage.record({"docs/b": "b\n"}, "Claude", claim="assisted", tools=("claude-code@2.1.0",))
    return stage


@pytest.mark.parametrize(
    ("which", "tool", "path", "said"),
    [
        ("none", "claude", "docs/a", "git-ai says claude-code took part, the record says none"),
        ("claude", "codex", "docs/b", "git-ai says codex took part, the record says claude-code"),
        ("none", "new-tool", "docs/a", "git-ai says an AI tool took part, the record says none"),
        ("claude", "new-tool", "docs/b", ""),
        ("claude", "claude", "docs/b", ""),
        ("none", "claude", "elsewhere", ""),
    ],
)
def test_show_tells_what_another_recorder_says(recorded, capfd, which, tool, path, said):
    commit = getattr(recorded, which)
    data = note({path: {KEY: "1"}}, {KEY: (tool, "gpt-5", "x")})
    recorded.repo.git("notes", "--ref=ai", "add", "-F", "-", commit, data=data)
    assert main(["show", commit]) == 0
    out = capfd.readouterr().out
    assert "verified (same-change)" in out
    assert "elsewhere:   git-ai: " in out
    assert ("SOX108" in out) == bool(said)
    assert said in out


def test_no_verdict_changes_with_a_note(recorded, capfd):
    def verdicts() -> str:
        assert main(["verify", "main..HEAD", "--format", "json"]) == 0
        return json.dumps(json.loads(capfd.readouterr().out)["commits"])

    before = verdicts()
    data = note({"docs/a": {KEY: "1"}}, {KEY: ("claude", "", "x")})
    recorded.repo.git("notes", "--ref=ai", "add", "-F", "-", recorded.none, data=data)
    assert verdicts() == before
    recorded.repo.git("notes", "--ref=ai", "add", "-f", "-m", "junk", recorded.none)
    assert main(["show", recorded.none]) == 0
    assert "elsewhere:   not read: it has no line that is just ---" in capfd.readouterr().out
