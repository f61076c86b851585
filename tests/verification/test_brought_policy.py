"""The policy that a change would bring in is looked at before it is merged, and judges nothing yet."""

from __future__ import annotations

import pytest

from tests.stage import ALICE, BOB, MALLORY, Stage, policy_files


def brought(stage: Stage, tip: str = "work") -> list[str]:
    return [f"{entry.rule} {entry.severity}" for entry in stage.gate(f"main..{tip}").gate.brought]


def test_a_change_that_leaves_the_policy_alone(stage):
    stage.record({"notes.txt": "1\n"})
    assert brought(stage) == []


def test_a_better_policy(stage):
    stage.record(policy_files((ALICE, BOB), version=2, baseline=(stage.first,), cursor="approved"), "Raise")
    assert brought(stage) == []


@pytest.mark.parametrize("version", [1, 0])
def test_a_version_that_does_not_grow(stage, version):
    files = policy_files((ALICE, BOB), version=version, baseline=(stage.first,), cursor="approved")
    stage.record(files, "Change without a new version")
    # Version 0 is no version at all: the file is refused.
    assert brought(stage) == ["SOX014 warning" if version else "SOX003 error"]


def test_an_older_version(bare_stage):
    stage = bare_stage.begin(version=3)
    stage.branch("work")
    stage.record(policy_files((ALICE, BOB), version=2, baseline=(stage.first,)), "Back")
    assert brought(stage) == ["SOX014 error"]


def test_somebody_is_enrolled_without_a_new_version(stage):
    stage.record(policy_files((ALICE, BOB, MALLORY), baseline=(stage.first,)), "Enrol")
    assert brought(stage) == []


def test_a_policy_that_cannot_be_read(stage):
    stage.record({".sox/policy.toml": "broken = [\n"}, "Break it")
    assert brought(stage) == ["SOX001 error"]


def test_a_policy_that_is_taken_away(stage):
    stage.git("rm", "-q", "-r", ".sox")
    stage.record({}, "Away with it")
    assert brought(stage) == ["SOX015 error"]


def test_a_branch_from_before_the_last_change_brings_nothing_back(stage):
    stage.record({"notes.txt": "1\n"})
    stage.git("checkout", "-q", "main")
    stage.record(policy_files((ALICE, BOB), version=2, baseline=(stage.first,)), "Raise")
    assert brought(stage) == []


def test_a_conflict_is_left_to_whoever_solves_it(stage):
    stage.record(policy_files((ALICE, BOB), version=2, baseline=(stage.first,), cursor="approved"), "Ours")
    stage.git("checkout", "-q", "main")
    stage.record(policy_files((ALICE, BOB), version=3, baseline=(stage.first,)), "Theirs")
    assert brought(stage) == []
