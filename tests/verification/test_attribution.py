"""Commits as records of Agent Trace: nothing is claimed that is not known, and equal commits give equal records."""

from __future__ import annotations

import hashlib
import json

import jsonschema
import pytest

from sox_hooks.__main__ import main
from sox_hooks.detection import agent_trace
from sox_hooks.record.log import Log
from tests.data.agent_trace_0_1 import SCHEMA

CLAUDE = ("claude-code@2.1.0:claude-opus-4-8",)


@pytest.fixture
def there(stage, monkeypatch):
    monkeypatch.chdir(stage.repo.path)
    return stage


def traced(capfd, *arguments: str) -> list[dict]:
    """What the command prints; every record fits the schema, and the two formats hold the same."""
    assert main(["agents", "trace", *arguments]) == 0
    records = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    for record in records:
        jsonschema.validate(record, SCHEMA)
    assert main(["agents", "trace", "--format", "json", *arguments]) == 0
    assert json.loads(capfd.readouterr().out) == records
    return records


def origins(record: dict) -> dict[str, tuple[str, list[tuple[int, int]]]]:
    return {
        file["path"]: (
            file["conversations"][0]["contributor"]["type"],
            [(one["start_line"], one["end_line"]) for one in file["conversations"][0]["ranges"]],
        )
        for file in record["files"]
    }


def test_of_a_record_alone_only_the_whole_commit_is_known(there, capfd):
    commit = there.record({"docs/a": "1\n", "docs/b": "1\n"}, "Two", claim="assisted", tools=CLAUDE)
    (record,) = traced(capfd, commit)
    assert origins(record) == {"docs/a": ("unknown", []), "docs/b": ("unknown", [])}
    assert record["vcs"]["revision"] == commit
    assert record["tool"] == {"name": "claude-code", "version": "2.1.0"}
    assert record["metadata"]["sox-hooks"] == {
        "assistance": "assisted", "record": "bound", "signature": "not checked", "attribution": "commit",
    }  # fmt: skip
    one = there.record({"docs/a": "1\n2\n"}, "One", claim="assisted", tools=CLAUDE)
    (record,) = traced(capfd, one)
    assert origins(record) == {"docs/a": ("mixed", [(2, 2)])}
    assert record["files"][0]["conversations"][0]["contributor"]["model_id"] == "claude-opus-4-8"


def test_lines_and_their_hashes(there, capfd):
    old = "".join(f"{number}\n" for number in range(1, 41))
    there.record({"docs/a": old, "docs/gone": "x\n", "docs/bin": b"\0\1"}, "Base", claim="none")
    new = old.replace("3\n4\n", "3\nnew\nnew\n4\n", 1).replace("20\n", "twenty\n").replace("30\n", "") + "end"
    (there.repo.path / "docs/gone").unlink()
    there.record({"docs/a": new, "docs/bin": b"\0\2"}, "Mine", claim="none")
    (record,) = traced(capfd)
    assert "tool" not in record
    assert origins(record) == {"docs/a": ("human", [(4, 5), (22, 22), (42, 42)]), "docs/bin": ("human", [])}
    lines = new.splitlines(keepends=True)
    for one in record["files"][0]["conversations"][0]["ranges"]:
        content = "".join(lines[one["start_line"] - 1 : one["end_line"]])
        assert one["content_hash"] == "sha256:" + hashlib.sha256(content.encode()).hexdigest()


def test_nothing_is_made_of_records_that_do_not_hold(there, capfd):
    plain = there.commit("Plain", {"docs/a": "1\n"})
    trailer = there.commit("Theirs\n\nCo-authored-by: Claude <noreply@anthropic.com>", {"docs/a": "2\n"})
    stolen = there.record({"docs/a": "3\n"}, "Stolen", claim="none")
    there.commit(there.repo.git("log", "-1", "--format=%B", stolen), {"docs/a": "4\n"})
    found = traced(capfd, f"{plain}~1..HEAD")
    states = {one["vcs"]["revision"]: (one["metadata"]["sox-hooks"]["record"], origins(one)["docs/a"]) for one in found}
    assert states == {
        plain: ("absent", ("unknown", [])),
        trailer: ("absent", ("unknown", [])),
        stolen: ("bound", ("human", [(1, 1)])),
        there.repo.head(): ("unbound", ("unknown", [])),
    }
    assert [one.get("tool", {}).get("name") for one in found] == [None, None, "claude-code", None]


def test_roots_merges_odd_names_and_no_files(there, capfd):
    root = there.repo.git("rev-list", "--max-parents=0", "HEAD")
    there.branch("side")
    odd = there.record({b"docs/\xff \x7f\n".decode("utf-8", "surrogateescape"): "1\n"}, "Odd", claim="none")
    there.branch("other", "work")
    there.record({"docs/b": "1\n"}, "B", claim="none")
    there.repo.git("merge", "-q", "--no-edit", "side")
    empty = there.record({}, "Empty", claim="none")
    assert traced(capfd, empty) == []
    (record,) = traced(capfd, odd)
    assert list(origins(record)) == ["docs/\ufffd \x7f\n"]
    assert traced(capfd, "HEAD^") == []  # nothing new came in with the merge
    assert "README" in origins(traced(capfd, root)[0])


def test_a_log_entry_says_which_file_an_agent_left(there, capfd):
    files = [
        {"path": "docs/a", "state": "written", "tools": ["claude-code"]},
        {"path": "docs/b", "state": "edited since", "tools": ["claude-code", "codex"]},
        {"path": "docs/d", "state": "invented", "tools": 7},
        5,
    ]
    log = Log(str(there.repo.path / ".git"))
    cited = log.append("recorded", {"change": "x", "files": files})
    content = {"docs/a": "1\n2\n", "docs/b": "1\n", "docs/c": "1\n"}
    commit = there.record(content, "Mine", claim="assisted", tools=(*CLAUDE, "codex"), log=str(cited))
    found = traced(capfd, commit)
    assert [(one.get("tool", {}).get("name"), origins(one)) for one in found] == [
        ("claude-code", {"docs/a": ("ai", [(1, 2)]), "docs/b": ("mixed", [(1, 1)])}),
        ("codex", {"docs/b": ("mixed", [(1, 1)])}),
        (None, {"docs/c": ("unknown", [])}),
    ]
    assert {one["metadata"]["sox-hooks"]["attribution"] for one in found} == {"log"}
    assert traced(capfd, commit) == found
    # What we write, we read; of the file of which nothing is known nothing is said.
    lines = b"\n".join([json.dumps(one).encode() for one in found])
    assert [(one.path, one.tool, one.version, one.model) for one in agent_trace.read(lines)] == [
        ("docs/a", "claude-code", "2.1.0", "claude-opus-4-8"),
        ("docs/b", "claude-code", "2.1.0", "claude-opus-4-8"),
        ("docs/b", "codex", "", ""),
    ]
    # An entry that was changed is not the one that was signed.
    path = there.repo.path / ".git/sox-hooks/log.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"edited since"', b'"written"'))
    assert {one["metadata"]["sox-hooks"]["attribution"] for one in traced(capfd, commit)} == {"commit"}


@pytest.mark.parametrize("words", [["nope"], ["--", "docs/a"], ["-n1"]])
def test_words_that_are_no_commits(there, capfd, words):
    assert main(["agents", "trace", *words]) == 2
    assert "Traceback" not in capfd.readouterr().err
