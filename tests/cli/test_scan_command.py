"""`sox-hooks scan` as a person and as a spreadsheet see it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess

import pytest

from sox_hooks.cli import scan as command
from sox_hooks.cli.parser import Parser
from sox_hooks.core.errors import ConfigError, UsageError
from tests.detection.other_recorders import note

CLAUDE = "\n\nCo-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>"
POLICY = """
[policy]
repository = "bank/ledger"
version = 1
owner = "Controls"
[enforcement]
baseline = []
[tools.claude-code]
status = "approved"
[tiers.open]
ai = "any"
[tiers.restricted]
ai = "none"
[[paths]]
patterns = ["**"]
tier = "open"
[[paths]]
patterns = ["src/ledger/**"]
tier = "restricted"
"""


@pytest.fixture
def run(repo, monkeypatch, capsys):
    """Runs the command in a repository; returns exit code, stdout and stderr."""
    monkeypatch.chdir(repo.path)

    def call(*argv: str) -> tuple[int, str, str]:
        parser = Parser(prog="sox-hooks scan")
        command.add_arguments(parser)
        code = command.run(parser.parse_args(argv))
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


@pytest.fixture
def history(repo):
    """Five commits over two months: a person, Claude in the ledger, Copilot as author, weak signs, a bot."""

    def at(month: int) -> dict[str, str]:
        moment = f"2026-{month:02}-05T12:00:00Z"
        return {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}

    repo.commit("by hand", {"README": "x"}, **at(1))
    repo.commit("post entries" + CLAUDE, {"src/ledger/post.py": "x"}, **at(1))
    copilot = {"GIT_AUTHOR_NAME": "Copilot", "GIT_AUTHOR_EMAIL": "198982749+Copilot@users.noreply.github.com"}
    repo.commit("=SUM(A1)", {"README": "y"}, **at(2), **copilot)
    repo.commit("Merge pull request #1 from bank/codex/x", **at(2))
    bot = {"GIT_AUTHOR_NAME": "d", "GIT_AUTHOR_EMAIL": "49699333+dependabot[bot]@users.noreply.github.com"}
    repo.commit("bump", {"lock": "x"}, **at(2), **bot)
    return repo


def test_text(run, history) -> None:
    code, out, err = run()
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert out.startswith("5 commits in HEAD\n2 commits with AI attribution (40.0 %), 1 more with weak signs only\n")
    assert ["claude-code", "1", "1", "0", "1", "0", "0", "2026-01-05", "2026-01-05"] in lines
    assert ["copilot-agent", "1", "1", "0", "0", "1", "0", "2026-02-05", "2026-02-05"] in lines
    assert ["2026-01", "2", "1", "claude-code", "1"] in lines
    assert ["2026-02", "3", "1", "copilot-agent", "1"] in lines
    assert "bots that are not AI: dependabot 1\n" in out
    assert "tiers" not in out


def test_commits_in_text(run, history) -> None:
    _, out, _ = run("--commits")
    assert f"2026-01-05 {history.head('HEAD~3')[:12]} high   claude-code  post entries\n" in out
    assert "high   trailer: Co-Authored-By, claude-opus-4.6\n" in out
    assert "codex" not in out
    _, weak, _ = run("--commits", "--weak")
    assert "low    branch: merges codex/*\n" in weak


def test_json(run, history) -> None:
    _, out, _ = run("--format", "json")
    document = json.loads(out)
    assert document["schema"] == "sox-hooks/inventory/v1"
    assert "commits" not in document
    summary = document["summary"]
    assert (summary["commits"], summary["assisted"], summary["weak"]) == (5, 2, 1)
    assert [tool["tool"] for tool in summary["tools"]] == ["claude-code", "copilot-agent"]
    assert [month["month"] for month in summary["months"]] == ["2026-01", "2026-02"]
    assert summary["bots"] == {"dependabot": 1}
    _, out, _ = run("--format", "json", "--commits")
    copilot, claude = json.loads(out)["commits"]
    assert claude["commit"] == history.head("HEAD~3")
    assert (claude["authored"], claude["committed"]) == ("2026-01-05T12:00:00Z", "2026-01-05T12:00:00Z")
    assert claude["evidence"] == [
        {"tool": "claude-code", "confidence": "high", "source": "trailer", "detail": "Co-Authored-By",
         "model": "claude-opus-4.6", "kind": "ai"}
    ]  # fmt: skip
    assert copilot["author_kind"] == "ai"


def test_json_of_nothing_is_json(run, repo) -> None:
    for options in ((), ("--commits",)):
        _, out, _ = run("--format", "json", *options)
        assert json.loads(out)["summary"]["commits"] == 0


def test_jsonl(run, history) -> None:
    _, out, _ = run("--format", "jsonl", "--weak")
    *commits, summary = [json.loads(line) for line in out.splitlines()]
    assert [commit["type"] for commit in commits] == ["commit"] * 3
    assert (summary["type"], summary["commits"]) == ("summary", 5)


def test_csv(run, history) -> None:
    _, out, _ = run("--format", "csv")
    rows = list(csv.reader(io.StringIO(out, newline="")))
    assert rows == [
        ["tool", "month", "author_kind", "tier", "confidence", "commits", "source"],
        ["claude-code", "2026-01", "person", "", "high", "1", "commit"],
        ["copilot-agent", "2026-02", "ai", "", "high", "1", "commit"],
    ]


def test_csv_of_commits_runs_no_formula(run, history) -> None:
    _, out, _ = run("--format", "csv", "--commits")
    head, copilot, claude = csv.reader(io.StringIO(out, newline=""))
    assert dict(zip(head, copilot, strict=True))["subject"] == "'=SUM(A1)"
    assert dict(zip(head, claude, strict=True))["evidence"] == "trailer: Co-Authored-By"


@pytest.fixture
def governed(history):
    """The history, and a policy in its last commit."""
    files = {
        ".sox/policy.toml": POLICY,
        ".sox/people.toml": '[people.alice]\nname = "Alice Ng"\nemails = ["alice@bank.example"]\n',
        ".sox/allowed_signers": "",
    }
    history.commit("policy", files)
    return history


def test_tiers_of_the_policy_in_head(run, governed) -> None:
    code, out, err = run()
    assert (code, err) == (0, "")
    tail = out[out.index("tiers of HEAD:.sox") :].splitlines()
    assert [line.split() for line in tail[1:4]] == [
        ["tier", "with", "AI", "tools"],
        ["restricted", "1", "claude-code", "1"],
        ["open", "1", "copilot-agent", "1"],
    ]
    _, out, _ = run("--format", "json")
    assert json.loads(out)["summary"]["tiers"] == {"restricted": 1, "open": 1}


def test_a_policy_of_another_clone(run, governed, tmp_path) -> None:
    folder = tmp_path / "policy"
    folder.mkdir()
    for name in ("policy.toml", "people.toml", "allowed_signers"):
        (folder / name).write_bytes((governed.path / ".sox" / name).read_bytes())
    governed.git("reset", "-q", "--hard", "HEAD~1")
    assert "restricted" not in run()[1]
    assert "restricted" in run("--policy", str(folder))[1]


def test_the_policy_can_add_a_tool(run, governed) -> None:
    governed.write(".sox/policy.toml", POLICY + '[catalogue.helper]\nemails.high = ["helper@bank.example"]\n')
    governed.commit("x\n\nCo-authored-by: H <helper@bank.example>")
    assert "helper" in run()[1]


def test_a_policy_that_cannot_be_used_is_said(run, governed, tmp_path) -> None:
    governed.commit("broken", {".sox/policy.toml": "nonsense ="})
    code, out, err = run()
    assert code == 0
    assert "no tiers in this inventory" in err
    assert "SOX001" in err
    assert "2 commits with AI attribution" in out
    with pytest.raises(ConfigError):
        run("--policy", str(governed.path / ".sox"))
    with pytest.raises(UsageError, match="cannot be read"):
        run("--policy", str(tmp_path / "none"))


@pytest.mark.parametrize("word", ["nonsense", "a..b", "HEAD~99", "HEAD..", "^HEAD", "x y", "@{9}", "README", ""])
def test_ranges_that_are_none(run, history, word) -> None:
    if word in ("HEAD..", "^HEAD"):
        assert run(word)[1].startswith("0 commits in")
        return
    with pytest.raises(UsageError, match="has no commits"):
        run(word)


@pytest.mark.parametrize("word", ["--upload-pack=touch x", "--output=x", "-n1", "--exec=x"])
def test_a_range_that_looks_like_an_option(run, history, word) -> None:
    with pytest.raises(UsageError):
        run(word)
    with pytest.raises(UsageError):
        run("--", word)
    assert not (history.path / "x").exists()


def test_ranges_and_all(run, history) -> None:
    assert run("HEAD~1..HEAD")[1].startswith("1 commit in HEAD~1..HEAD\n0 commits with AI attribution (0.0 %)\n")
    history.git("checkout", "-q", "-b", "side")
    history.commit("more" + CLAUDE)
    history.git("checkout", "-q", "main")
    assert run()[1].startswith("5 commits in HEAD\n")
    assert run("--all")[1].startswith("6 commits in --all\n3 commits")
    assert run("main", "^HEAD~2")[1].startswith("2 commits in main ^HEAD~2\n")
    with pytest.raises(UsageError, match="--all leaves no room"):
        run("--all", "HEAD")


def test_no_commits_yet(run, repo) -> None:
    for options in ((), ("--all",)):
        code, out, _ = run(*options)
        assert code == 0
        assert "0 commits with AI attribution\n" in out


def test_not_a_repository(run, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="not a git repository"):
        run()


def test_bare_and_shallow_clones(run, history, tmp_path, monkeypatch) -> None:
    subprocess.run(
        ["git", "clone", "-q", "--bare", "--depth", "2", history.path.as_uri(), str(tmp_path / "bare.git")], check=True
    )
    monkeypatch.chdir(tmp_path / "bare.git")
    _, out, _ = run()
    assert out.startswith("2 commits in HEAD\n")
    assert "this clone is shallow" in out


def test_attribution_that_is_kept_elsewhere_is_named(run, history) -> None:
    history.git("notes", "--ref=exceeds-ink", "add", "-m", "{}")
    assert "refs/notes/exceeds-ink (Exceeds) keeps attribution outside the commits; it was not read\n" in run()[1]


def test_what_other_recorders_say_is_counted_apart(run, history) -> None:
    commit = history.commit("mine\n\nAI-Assistance: none", {"a.py": "1\n"})
    data = note({"a.py": {"s_" + "1" * 14: "1"}}, {"s_" + "1" * 14: ("cursor", "gpt-5", "x")})
    history.git("notes", "--ref=ai", "add", "-F", "-", commit, data=data)
    history.git("notes", "--ref=ai", "add", "-m", "{}", "HEAD~1")
    out = run()[1]
    assert "3 commits with AI attribution" in out
    assert "\n1 of them known from other recorders only: git-ai 1\n" in out
    assert "\n1 commit declared to be without AI, although there are signs of it\n" in out
    assert "\n1 note in refs/notes/ai not read: it has no line that is just ---\n" in out
    assert ["cursor", "medium", "1", "git-ai"] in [
        [row[0], *row[4:]] for row in csv.reader(run("--format=csv")[1].splitlines())
    ]
    (found,) = [one for one in json.loads(run("--format=json", "--commits")[1])["commits"] if one["commit"] == commit]
    assert (found["source"], found["declared"], found["tools"]) == ("git-ai", "none", ["cursor"])


def test_replaced_commits_are_read_as_they_were_made(run, history) -> None:
    tree = history.git("rev-parse", "HEAD~3^{tree}")
    innocent = history.git("commit-tree", "-m", "innocent", "-p", history.head("HEAD~4"), tree)
    history.git("replace", history.head("HEAD~3"), innocent)
    assert "claude-code" in run()[1]


def test_hostile_text_is_not_printed_raw(run, repo) -> None:
    name = "A\x1b[31m\u202eB"
    repo.commit("s\x1b[2J\x7f\x07" + CLAUDE, GIT_AUTHOR_NAME=name, GIT_AUTHOR_EMAIL="a\x1b@b")
    for form in command.FORMATS:
        _, out, _ = run("--commits", "--format", form)
        assert "claude-code" in out
        assert all(char.isprintable() or char in "\r\n" for char in out)


def test_the_program_knows_the_command(history) -> None:
    from tests.conftest import sox_argv

    done = subprocess.run(
        [*sox_argv(), "scan"], cwd=history.path, capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert "2 commits with AI attribution" in done.stdout
