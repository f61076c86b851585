"""prepare-commit-msg: the plain claim that is left when commit-msg is skipped, and where it keeps its hands off."""

from __future__ import annotations

import subprocess

import pytest

from tests.conftest import sox_argv
from tests.hooks.stage import AGENT, NONE


@pytest.fixture
def prepared(stage):
    """The stage with the hook that is installed only on demand."""
    done = subprocess.run(
        [*sox_argv(), "install", "--with", "prepare-commit-msg"],
        cwd=stage.path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("prepare-commit-msg: installed")
    return stage


def body(stage) -> str:
    return stage.git("log", "-1", "--format=%B").rstrip()


def test_it_is_not_there_unless_asked_for_and_goes_with_the_others(prepared, stage):
    hook = stage.path / ".git/hooks/prepare-commit-msg"
    assert hook.exists()
    again = subprocess.run([*sox_argv(), "install"], cwd=stage.path, capture_output=True, text=True, check=True)
    assert "prepare-commit-msg: unchanged" in again.stdout
    subprocess.run([*sox_argv(), "uninstall"], cwd=stage.path, capture_output=True, text=True, check=True)
    assert not hook.exists()
    subprocess.run([*sox_argv(), "install"], cwd=stage.path, capture_output=True, text=True, check=True)
    assert not hook.exists()


def test_what_survives_no_verify(prepared):
    prepared.tracked("a.txt")
    prepared.git("commit", "-q", "--no-verify", "-m", "Past the hook", "-m", "Body.", **AGENT)
    assert body(prepared) == ("Past the hook\n\nBody.\n\nAI-Assistance: assisted\nAssisted-by: claude-code@2.1.330")
    assert prepared.told() == ["unrecorded"]
    subprocess.run(
        [*sox_argv(), "resign", "--yes", "--reason", "was bypassed", "base..HEAD"],
        cwd=prepared.path,
        check=True,
        capture_output=True,
    )
    assert prepared.told() == ["verified same-change"]
    assert prepared.value("AI-Assistance") == ["assisted"]


def test_commit_msg_makes_one_record_of_it(prepared):
    prepared.tracked("a.txt")
    prepared.git("commit", "-q", "-m", "x", "--trailer", "Reviewed-by: Bob <bob@bank.example>", **AGENT)
    assert prepared.told() == ["verified same-change"]
    assert prepared.trailers().count("Assisted-by") == 1
    assert prepared.trailers().count("AI-Assistance") == 1


def test_a_declaration_of_none_does_not_stand_against_the_evidence(prepared):
    prepared.tracked("a.txt")
    prepared.git("commit", "-q", "--no-verify", "-m", "x", *NONE, **AGENT)
    assert prepared.value("AI-Assistance") == ["assisted"]


def test_a_person_without_a_tool_gets_nothing(prepared):
    prepared.tracked("a.txt")
    prepared.git("commit", "-q", "--no-verify", "-m", "x")
    assert body(prepared) == "x"


def test_an_empty_editor_still_calls_the_commit_off(prepared):
    prepared.tracked("a.txt")
    head = prepared.head()
    assert prepared.run("commit", GIT_EDITOR="true", **AGENT).returncode == 1
    assert prepared.head() == head


def test_commits_that_git_makes_again_keep_their_messages(prepared):
    prepared.tracked("a.txt")
    prepared.git("commit", "-q", "-m", "A person's", *NONE)
    before = body(prepared)
    prepared.git("checkout", "-q", "-b", "other", "base")
    prepared.git("cherry-pick", "main", **AGENT)
    assert body(prepared) == before
    prepared.git("revert", "--no-edit", "HEAD", **AGENT)
    assert "AI-Assistance" not in body(prepared).split("This reverts")[0]
    assert prepared.value("Assisted-by") == []
    prepared.git("checkout", "-q", "main")
    prepared.git("commit", "-q", "--amend", "--no-edit", "--no-verify", **AGENT)
    assert body(prepared) == before
    for options in ((), ("--apply",), ("--signoff",)):
        prepared.git("rebase", "-q", "--force-rebase", *options, "base", **AGENT)
        assert prepared.value("AI-Assistance") == ["none"]


def test_as_pre_commit_calls_it(prepared):
    hook = prepared.path / ".git/hooks/prepare-commit-msg"
    words = " ".join([*sox_argv(), "hook", "prepare-commit-msg"])
    hook.write_text(f'#!/bin/sh\nPRE_COMMIT=1 PRE_COMMIT_COMMIT_MSG_SOURCE="$2" exec {words} "$1"\n')
    prepared.tracked("a.txt")
    prepared.git("commit", "-q", "--no-verify", "-m", "x", **AGENT)
    assert prepared.value("AI-Assistance") == ["assisted"]
