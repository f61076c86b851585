"""What other recorders say: git-ai's notes and Agent Trace records, well-formed, odd and hostile."""

from __future__ import annotations

import json
import os

import pytest

from sox_hooks.detection import agent_trace, git_ai
from sox_hooks.detection.agent_trace import Trace
from sox_hooks.detection.catalogue import Catalogue
from sox_hooks.detection.recorded_elsewhere import Recorders, with_recorders
from sox_hooks.detection.recorders import model_of, tool_of
from sox_hooks.detection.scan import Scanned, scan
from sox_hooks.detection.sessions import hashed
from sox_hooks.git.notes import list_notes
from sox_hooks.git.run import Git
from tests.detection.other_recorders import note, trace

S1, S2 = "s_" + "1" * 14, "s_" + "2" * 14
CLAUDE = {S1: ("claude", "claude-opus-4-8", "abc")}


def signs(catalogue: Catalogue, raw: bytes, *touched: str) -> list[tuple[str, str, str, str]]:
    found = git_ai.evidence(catalogue, git_ai.read(raw), touched)
    assert {one.source for one in found} <= {"git-ai"}
    return [(one.tool, one.confidence, one.model, one.detail) for one in found]


def test_lines_of_touched_files_are_evidence(catalogue: Catalogue) -> None:
    raw = note({"a.py": {f"{S1}::t_{'f' * 14}": "1-4,9,12-14"}, "b c.py": {S1: "2"}}, CLAUDE)
    assert b'"b c.py"' in raw
    assert signs(catalogue, raw, "a.py", "b c.py") == [
        ("claude-code", "medium", "claude-opus-4-8", "note attests 9 lines in 2 files")
    ]
    assert signs(catalogue, raw, "b c.py", "z")[0][3] == "note attests 1 line in 1 file"
    # A note that was copied to another commit, as squashes on a forge did.
    assert signs(catalogue, raw, "z") == [
        ("claude-code", "low", "claude-opus-4-8", "note names a session, and no line that the commit touches")
    ]
    (sign,) = git_ai.evidence(catalogue, git_ai.read(raw), ["a.py"])
    assert sign.session == hashed("claude-code", "abc")


@pytest.mark.parametrize(
    ("key", "described", "found"),
    [
        ("0123456789abcdef", True, [("cursor", "medium")]),
        ("0123456", True, [("cursor", "medium")]),
        ("6f3a2c1e-0000-4000-8000-000000000000", True, [("cursor", "medium")]),
        ("0123456789abcdef", False, [("", "low")]),
        (S1 + "::t_" + "0" * 14, False, [("", "low")]),
        ("h_" + "1" * 14, False, []),
        ("human", False, []),
        ("s_zz", False, []),
    ],
)
def test_keys(catalogue: Catalogue, key: str, described: bool, found: list[tuple[str, str]]) -> None:
    """Seen in git-ai's own notes: keys of all three forms, old ones, and some that nothing describes."""
    prompts = {key: ("cursor", "gpt-5", "x")} if described else {}
    raw = note({"a.py": {key: "1"}}, prompts, table="prompts")
    assert [sign[:2] for sign in signs(catalogue, raw, "a.py")] == found


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "no line that is just ---"),
        (b"a.py\r\n  s_1 1\r\n---\r\n{}\r\n", "no line that is just ---"),
        (b"---\n", "not JSON"),
        (b"---\nnull", "not a JSON object"),
        (b"---\n{}", "its schema is 'None'"),
        (b'---\n{"schema_version":"authorship/4.0.0"}', "its schema is 'authorship/4.0.0'"),
        (b'---\n{"schema_version":"\\u001b[31m"}', "its schema is '\\x1b[31m'"),
        (b'---\n{"schema_version":"authorship/3.0.0"}\0', "not JSON"),
        (b"---\n" + b"[" * 100_000, "not JSON"),
        (b'---\n{"schema_version":"authorship/3.0.0","a":' + b"9" * 10_000 + b"}", "not JSON"),
        (b"---\n\xff{}", "not JSON"),
        (b"x" * (git_ai.MOST_BYTES + 1), "larger than 8 MiB"),
    ],
)
def test_notes_of_another_form_are_named_and_say_nothing(raw: bytes, problem: str) -> None:
    found = git_ai.read(raw)
    assert found.sessions == ()
    assert problem in found.problem
    assert found.problem.isprintable()


@pytest.mark.parametrize("ranges", ["", "0", "5-4", "1 2", "1-", "-3", "1,,2", "x", "1-99999999", "١"])
def test_ranges_that_are_none_attest_nothing(catalogue: Catalogue, ranges: str) -> None:
    assert [sign[1] for sign in signs(catalogue, note({"a.py": {S1: ranges}}, CLAUDE), "a.py")] == ["low"]


def test_records_of_another_shape_are_passed_over(catalogue: Catalogue) -> None:
    for table in ([], "x", {"a": 1, "b": {}, "c": {"agent_id": []}, "d": {"agent_id": {"tool": 5}}}):
        raw = b"a.py\n---\n" + json.dumps({"schema_version": "authorship/3.0.0", "sessions": table}).encode()
        assert [sign[0] for sign in signs(catalogue, raw, "a.py")] == ([""] if isinstance(table, dict) else [])


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        ("claude", "claude-code"), ("codex", "codex"), ("cursor", "cursor"), ("gemini", "gemini-cli"),
        ("github-copilot", "github-copilot"), ("github-copilot-cli", "copilot-cli"), ("windsurf", "windsurf"),
        ("opencode", "opencode"), ("amp", "amp"), ("droid", "droid"), ("cline", "cline"), ("pi", "pi"),
        ("continue-cli", "continue"), ("firebender", "firebender"), ("devin", "devin"), ("junie", "junie"),
        ("claude-code", "claude-code"), ("mock_ai", ""), ("ai", ""), ("", ""), ("x" * 5000, ""),
    ],
)  # fmt: skip
def test_names_of_tools_are_those_of_the_catalogue_or_not_known(catalogue: Catalogue, name: str, tool: str) -> None:
    """The names are those of git-ai's presets, and what Agent Trace's reference calls Claude Code."""
    assert tool_of(catalogue, name) == tool


def test_an_unknown_tool_is_ai_without_a_name(catalogue: Catalogue) -> None:
    raw = note({"a.py": {S1: "1"}}, {S1: ("new\x1btool", "unknown", "")})
    ((tool, grade, model, detail),) = signs(catalogue, raw, "a.py")
    assert (tool, grade, model) == ("", "medium", "")
    assert detail.endswith("the catalogue has no tool 'new\\x1btool'")


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("anthropic/claude-opus-4-8", "claude-opus-4-8"), ("claude-opus-4-8", "claude-opus-4-8"),
        ("openrouter/openai/gpt-5.4", "gpt-5.4"), ('"gpt-5"', "gpt-5"), ("unknown", ""), ("Default", ""),
        ("<synthetic>", ""), ("", ""),
    ],
)  # fmt: skip
def test_models_lose_their_provider(name: str, model: str) -> None:
    assert model_of(name) == model


# Agent Trace


def test_a_trace_of_a_touched_file_is_evidence(catalogue: Catalogue) -> None:
    line = trace("src/a.py", tool="claude-code", version="2.1", model="anthropic/claude-opus-4-8", url="file:///t/77")
    (found,) = agent_trace.read(line)
    assert found == Trace(1769178600, "src/a.py", "claude-code", "2.1", "claude-opus-4-8", "file:///t/77")
    (sign,) = agent_trace.evidence(catalogue, [found], ["src/a.py"])
    assert (sign.tool, sign.confidence, sign.source, sign.detail) == (
        "claude-code", "medium", "agent-trace", "trace of 1 file",
    )  # fmt: skip
    assert sign.session == hashed("claude-code", "77")
    assert agent_trace.evidence(catalogue, [found], ["src/b.py"]) == ()


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"contributor": "human"}, 0),
        ({"contributor": "unknown"}, 0),
        ({"contributor": "mixed"}, 1),
        ({"contributor": "human", "over": "ai"}, 1),
        ({"contributor": "ai", "over": "human"}, 0),
        ({"record_version": "1.0"}, 1),
        ({"record_version": "0.1.7"}, 1),
        ({"record_version": "0.2.0"}, 0),
        ({"record_version": "2.0"}, 0),
        ({"timestamp": "2026-01-23T15:30:00.123+01:00"}, 1),
        ({"timestamp": "yesterday"}, 0),
        ({"timestamp": "2026-01-23 14:30:00Z"}, 0),
        ({"path": "/work/repo/src/a.py"}, 1),
        ({"path": "./src/a.py"}, 1),
        ({"path": "/elsewhere/src/a.py"}, 0),
        ({"path": "../src/a.py"}, 0),
        ({"path": ""}, 0),
    ],
)
def test_which_records_count(fields: dict[str, str], found: int) -> None:
    traces = agent_trace.read(trace(**{"path": "src/a.py", **fields}), "/work/repo")
    assert [(one.path, one.moment) for one in traces] == [("src/a.py", 1769178600)] * found


_ODD = (
    b'{"version":"0.1.0","timestamp":"2026-01-23T14:30:00Z","files":[5,{"path":5},{"path":"a","conversations":7},'
    b'{"path":"a","conversations":[1,{"ranges":3},{"ranges":[1],"contributor":[]}]}],"tool":[]}'
)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"version":"0.1.0"}', b"9" * 10_000,
        _ODD,
    ],
)  # fmt: skip
def test_junk_says_nothing(line: bytes) -> None:
    assert agent_trace.read(line + b"\n") == ()


def test_only_a_regular_file_is_read(tmp_path) -> None:
    path = tmp_path / "traces.jsonl"
    assert agent_trace.read_file(str(path)) == b""
    os.mkfifo(path)
    assert agent_trace.read_file(str(path)) == b""
    path.unlink()
    path.symlink_to("/dev/zero")
    assert agent_trace.read_file(str(path)) == b""
    path.unlink()
    path.write_bytes(b"x" * agent_trace.MOST_BYTES + b"\nend\n")
    assert len(agent_trace.read_file(str(path))) == agent_trace.MOST_BYTES
    assert agent_trace.read_file(str(path)).endswith(b"\nend\n")


# In repositories


def scanned(repo, catalogue: Catalogue) -> dict[str, Scanned]:
    git = Git(str(repo.path))
    recorders = Recorders(git, catalogue, ("HEAD",))
    return {one.commit: one for one in with_recorders(recorders, scan(git, catalogue, ("HEAD",)))}


def test_notes_of_a_history(repo, catalogue: Catalogue) -> None:
    plain = repo.commit("plain", {"a.py": "1\n"})
    noted = repo.commit("noted\n\nAI-Assistance: none", {"a.py": "2\n"})
    wrong = repo.commit("copied", {"b.py": "2\n"})
    new = repo.commit("new schema", {"b.py": "3\n"})
    both = repo.commit("both\n\nAssisted-by: claude-code", {"a.py": "4\n"})
    raw = note({"a.py": {S1: "1"}}, CLAUDE)
    for commit, text in ((noted, raw), (wrong, raw), (both, raw), (new, raw.replace(b"ship/3", b"ship/9"))):
        repo.git("notes", "--ref=ai", "add", "-F", "-", commit, data=text)
    found = scanned(repo, catalogue)
    assert {commit: (one.confidence, one.source, one.contradicted) for commit, one in found.items()} == {
        plain: ("", "", False),
        noted: ("medium", "git-ai", True),
        wrong: ("low", "", False),
        new: ("", "", False),
        both: ("high", "commit", False),
    }
    assert "authorship/9" in found[new].ignored
    # git moves notes into folders when they are many; here by hand.
    tree = repo.git("ls-tree", "refs/notes/ai").splitlines()
    blob = next(line.split()[2] for line in tree if line.endswith(noted))
    inner = repo.git("mktree", data=f"100644 blob {blob}\t{noted[2:]}\n".encode())
    outer = f"040000 tree {inner}\t{noted[:2]}\n100644 blob {blob}\tREADME\n".encode()
    repo.git("update-ref", "refs/notes/ai", repo.git("mktree", data=outer))
    assert list_notes(Git(str(repo.path)), git_ai.REF).blobs == {noted: blob}


def test_a_bomb_of_notes_is_cut_and_a_broken_ref_is_named(repo, catalogue: Catalogue) -> None:
    repo.commit("plain")
    git = Git(str(repo.path))
    blob = repo.git("hash-object", "-w", "--stdin", data=b"x")
    level = repo.git("mktree", data=f"100644 blob {blob}\tno note\n".encode())
    for _ in range(5):
        level = repo.git("mktree", data="".join([f"040000 tree {level}\t{n:02x}\n" for n in range(256)]).encode())
    repo.git("update-ref", "refs/notes/ai", level)
    found = list_notes(git, git_ai.REF, most=3000)
    assert "more than 3,000 files" in found.problem
    repo.git("update-ref", "refs/notes/ai", blob)
    assert "cannot be read" in list_notes(git, git_ai.REF).problem
    assert not Recorders(git, catalogue, ("HEAD",)).present


def test_traces_that_a_commit_adds(repo, catalogue: Catalogue) -> None:
    root = repo.commit("root", {agent_trace.PATH: trace("a.py"), "a.py": "1\n"})
    other = repo.commit("other", {"a.py": "2\n"})
    added = trace("a.py") + trace("b.py", tool="codex") + trace("c.py", tool="cursor")
    later = repo.commit("later", {agent_trace.PATH: added, "b.py": "1\n", "a.py": "3\n"})
    found = scanned(repo, catalogue)
    assert [(found[one].source, found[one].tools) for one in (root, other, later)] == [
        ("agent-trace", ("claude-code",)),
        ("", ()),
        ("agent-trace", ("codex",)),
    ]
