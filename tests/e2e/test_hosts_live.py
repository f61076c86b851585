"""The built wheel under every hook host: commits are recorded, refusals are shown, messages are kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sox_hooks.hooks.snippets import SNIPPETS
from tests.conftest import Repo
from tests.e2e.kit import TAG, Kit, run

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

KEYS = ["AI-Assistance", "Sox-Record", "Sox-Signature"]
AGENT = {"CLAUDECODE": "1", "CLAUDE_CODE_CHILD_SESSION": "1"}
CONFIG = """\
default_install_hook_types: [commit-msg]
{top}repos:
  - repo: {source}
    rev: {tag}
    hooks:
      - id: sox-hooks
"""


@pytest.fixture
def ledger(repo: Repo, make_key, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository in which `sox-hooks init --no-hooks` was run and committed."""
    for name, value in kit.environment().items():
        monkeypatch.setenv(name, value)
    make_key()
    run(kit.command, "init", "--no-hooks", "--repository", "bank/ledger", cwd=repo.path)
    repo.commit("Adopt sox-hooks")
    repo.git("tag", "base")
    return repo


def commit(repo: Repo, message: str, path: str, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Change a path and commit."""
    repo.write(path, f"{message}\n")
    repo.git("add", path)
    return subprocess.run(
        ["git", "commit", "-q", "-m", message, *options],
        cwd=repo.path,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def the_whole_story(repo: Repo, kit: Kit, host: str) -> None:
    """Recorded, recorded by an agent, refused with the message kept, brought back; then verified by the same wheel."""
    done = commit(repo, "By hand", "README.md")
    assert done.returncode == 0, done.stderr
    done = commit(repo, "By an agent", "tool.py", **AGENT)
    assert done.returncode == 0, done.stderr
    assert "Assisted-by: claude-code" in repo.git("log", "-1", "--format=%(trailers)")
    done = commit(repo, "On the ledger", "src/ledger/post.py", **AGENT)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "SOX309 error: claude-code has no " in said
    (last,) = [line for line in said.splitlines() if "when mended: " in line]
    assert (repo.path / ".git/sox-hooks/refused.msg").read_text() == "On the ledger\n"
    repo.git("config", "sox.declaration", "none")
    run("sh", "-c", last.partition("when mended: ")[2], cwd=repo.path, GIT_EDITOR="true")
    assert repo.git("log", "-1", "--format=%s") == "On the ledger"
    for number in range(3):
        keys = repo.git("log", "-1", "--format=%(trailers:keyonly)", f"HEAD~{number}").splitlines()
        assert [key for key in keys if key in KEYS] == KEYS
    said = run(kit.command, "verify", "base..HEAD", cwd=repo.path)
    assert "3 commits checked, 3 verified" in said
    assert f'"host":"{host}"' in (repo.path / ".git/sox-hooks/log.jsonl").read_text()


def test_native_with_a_hook_that_was_there_before(ledger, kit):
    before = ledger.path / ".git/hooks/commit-msg"
    before.write_text('#!/bin/sh\necho before >>"$(git rev-parse --git-dir)/ran"\n')
    before.chmod(0o755)
    run(kit.command, "install", cwd=ledger.path)
    the_whole_story(ledger, kit, "native")
    assert len((ledger.path / ".git/ran").read_text().splitlines()) == 4
    said = run(kit.command, "doctor", cwd=ledger.path)
    assert "commit-msg hook" in said


@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_pre_commit_and_prek(ledger, kit, program):
    """Offline, from a local repository with a tag. A top-level `files:` that matches nothing filters nothing away."""
    if not Path(sys.executable).with_name(program).exists():
        pytest.skip(f"{program} is not installed beside this Python")
    config = CONFIG.format(top="files: ^nothing-matches-this$\n", source=kit.source, tag=TAG)
    ledger.write(".pre-commit-config.yaml", config)
    ledger.git("add", ".pre-commit-config.yaml")
    ledger.git("commit", "-q", "-m", "Configure", "--no-verify")
    ledger.git("tag", "-f", "base")
    run(program, "install", cwd=ledger.path)
    hooks = {path.name for path in (ledger.path / ".git/hooks").iterdir() if path.suffix != ".sample"}
    assert hooks == {"commit-msg"}  # what default_install_hook_types says
    the_whole_story(ledger, kit, program)


def test_under_pre_commit_and_natively_at_once(ledger, kit):
    """Both installed: one record, one entry."""
    if not Path(sys.executable).with_name("pre-commit").exists():
        pytest.skip("pre-commit is not installed beside this Python")
    ledger.write(".pre-commit-config.yaml", CONFIG.format(top="", source=kit.source, tag=TAG))
    ledger.git("add", ".pre-commit-config.yaml")
    ledger.git("commit", "-q", "-m", "Configure", "--no-verify")
    run("pre-commit", "install", cwd=ledger.path)
    run(kit.command, "install", cwd=ledger.path)
    done = commit(ledger, "Twice", "tool.py", **AGENT)
    assert done.returncode == 0, done.stderr
    message = ledger.git("log", "-1", "--format=%B")
    assert message.count("Sox-Record:") == 1
    assert (ledger.path / ".git/sox-hooks/log.jsonl").read_text().count('"event":"recorded"') == 1


def test_husky(ledger, kit, monkeypatch):
    """husky's own shape: core.hooksPath is .husky/_, whose scripts run .husky/NAME with sh -e."""
    folder = ledger.path / ".husky/_"
    folder.mkdir(parents=True)
    (folder / "commit-msg").write_text('#!/usr/bin/env sh\nsh -e "$(dirname "$0")/../$(basename "$0")" "$@"\n')
    (folder / "commit-msg").chmod(0o755)
    (folder / ".gitignore").write_text("*\n")
    (ledger.path / ".husky/commit-msg").write_text(SNIPPETS["husky"])
    ledger.git("config", "core.hooksPath", ".husky/_")
    monkeypatch.setenv("PATH", f"{kit.command.parent}{os.pathsep}{os.environ['PATH']}")
    the_whole_story(ledger, kit, "husky")


def test_lefthook(ledger, kit):
    """What lefthook runs for its snippet: the command without the path of the message, from the top."""
    hook = ledger.path / ".git/hooks/commit-msg"
    assert "run: sox-hooks hook commit-msg\n" in SNIPPETS["lefthook"]
    hook.write_text(f"#!/bin/sh\nSOX_HOOKS_HOST=lefthook exec '{kit.command}' hook commit-msg\n")
    hook.chmod(0o755)
    the_whole_story(ledger, kit, "lefthook")


def test_the_wheel_is_small_pure_and_complete(kit):
    import zipfile

    (wheel,) = kit.wheel_folder.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert wheel.stat().st_size < 1 << 20
    names = zipfile.ZipFile(wheel).namelist()
    assert "sox_hooks/detection/catalogue.toml" in names
    assert "sox_hooks/policy/starter/policy.toml" in names
    assert not [name for name in names if "tests" in name or name.endswith(".pyc")]


def test_the_demo_of_the_wheel(kit):
    assert "Every step ended as it must." in run(kit.command, "demo")
