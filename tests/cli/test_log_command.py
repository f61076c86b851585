"""`sox-hooks log show` and `log verify` as a person sees them."""

from __future__ import annotations

import json
import os

import pytest

from sox_hooks.cli import log as command
from sox_hooks.cli.parser import Parser
from sox_hooks.core.errors import CannotVerify, UsageError
from sox_hooks.record.log import Log


@pytest.fixture
def run(repo, monkeypatch, capsys):
    """Runs the command in a repository; returns exit code, stdout and stderr."""
    monkeypatch.chdir(repo.path)

    def call(*argv: str) -> tuple[int, str, str]:
        parser = Parser(prog="sox-hooks log")
        command.add_arguments(parser)
        code = command.run(parser.parse_args(argv))
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


@pytest.fixture
def log(repo) -> Log:
    log = Log(str(repo.path / ".git"))
    for number in range(30):
        log.append("recorded", {"number": number, "tools": ["a\x1b[31m\x7fb"]})
    return log


def test_show_prints_the_last_entries(run, log):
    code, out, err = run("show")
    rows = out.splitlines()
    assert (code, err, len(rows)) == (0, "", 20)
    assert rows[-1].split()[0] == "31"
    assert "number=29" in rows[-1]
    assert out.replace("\n", "").isprintable()
    assert len(run("show", "-n", "3")[1].splitlines()) == 3
    assert len(run("show", "-n", "0")[1].splitlines()) == 31


def test_show_as_json(run, log):
    _, out, _ = run("show", "-n", "1", "--json")
    assert json.loads(out)["tools"] == ["a\x1b[31m\x7fb"]
    assert out.isascii()
    assert out[:-1].isprintable()


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_show_goes_on_after_a_line_that_is_no_entry(run, log, form):
    with open(log.path, "ab") as file:
        file.write(b"\x1b[2J nothing\n" + b'{"index":')
    code, out, err = run("show", "-n", "3", *form)
    assert code == 0
    assert len(out.splitlines()) == 3
    assert "not an entry" in out
    assert out.replace("\n", "").isprintable()
    assert err == "2 of these 3 lines are no entries: sox-hooks log verify\n"


def test_a_negative_number_is_refused(run, log):
    with pytest.raises(UsageError, match="-n takes 0 or more"):
        run("show", "-n", "-1")


def test_verify_says_what_it_looked_at(run, log):
    code, out, _ = run("verify")
    assert code == 0
    assert log.path in out.replace(os.path.realpath(log.path), log.path)
    assert "31" in out


def test_verify_reports_an_edited_entry(run, log):
    with open(log.path, "r+b") as file:
        data = file.read().replace(b'"number":7', b'"number":8')
        file.seek(0)
        file.write(data)
    code, out, _ = run("verify")
    assert code == 1
    assert "SOX702" in out
    assert "log.jsonl:10" in out
    code, out, _ = run("verify", "--format", "json")
    assert code == 1
    assert [finding["rule"] for finding in json.loads(out)["findings"]] == ["SOX702"]


def test_a_cut_line_passes_with_a_warning(run, log):
    os.truncate(log.path, os.path.getsize(log.path) - 3)
    code, out, _ = run("verify")
    assert code == 0
    assert "SOX701 warning" in out


@pytest.mark.parametrize("verb", ["show", "verify"])
def test_a_missing_log_is_no_pass(run, verb):
    with pytest.raises(CannotVerify, match="no audit log"):
        run(verb)


def test_a_linked_worktree_has_the_log_of_its_repository(repo, run, log, tmp_path, monkeypatch):
    repo.commit("base")
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    monkeypatch.chdir(tmp_path / "linked")
    assert run("verify")[0] == 0


def test_outside_a_repository(run, tmp_path, monkeypatch):
    (tmp_path / "none").mkdir()
    monkeypatch.chdir(tmp_path / "none")
    with pytest.raises(UsageError, match="not a git repository"):
        run("show")
