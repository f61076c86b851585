"""Aider has no hooks and commits with --no-verify: unconnected it goes around the commit hook, connected it cannot."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.clients.driving import ALLOWED, RESTRICTED
from tests.clients.scripted_model import ScriptedModel

BEFORE = "print(0)\n"


@pytest.fixture
def edit(world, program):
    """`edit(path)` lets Aider write one file; it commits by itself."""
    aider = program("aider")
    # Without one it fetches the prices of models.
    world.configure(".aider/caches/model_prices_and_context_window.json", '{"script": {}}')
    world.repo.write(".gitignore", ".aider*\n!.aider.conf.yml\n")
    world.base = world.repo.commit("Begin", {ALLOWED: BEFORE}, "--trailer", "AI-Assistance: none")

    def run(path: str) -> str:
        (world.path / path).parent.mkdir(parents=True, exist_ok=True)  # or it sees no repository
        model = ScriptedModel([])
        model.text = f"Here it is.\n\n{path}\n```\nprint(1)\n```\n"
        try:
            done = subprocess.run(
                [
                    aider, "--model", "openai/scripted-1", "--openai-api-base", f"{model.url}/v1",
                    "--openai-api-key", "sk-test", "--edit-format", "whole", "--yes-always", "--no-check-update",
                    "--analytics-disable", "--no-gitignore", "--no-show-model-warnings", "--no-show-release-notes",
                    "--no-pretty", "--no-fancy-input", "--map-tokens", "0", "--no-stream", "--message", "Go on", path,
                ],
                env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
                capture_output=True, timeout=100, stdin=subprocess.DEVNULL, check=False,
            )  # fmt: skip
        finally:
            model.close()
        assert (world.path / path).read_text() == "print(1)\n"
        return done.stdout.decode(errors="replace")

    return run


def test_aider_unconnected_commits_around_the_hook_and_is_caught_in_ci(world, edit):
    edit(ALLOWED)
    assert world.repo.git("rev-list", "--count", f"{world.base}..HEAD") == "1"
    assert "Sox-Signature:" not in world.message
    done = world.verify()
    assert done.returncode == 1
    assert "unrecorded" in done.stdout


def test_aider_connected_is_recorded(world, edit):
    world.connect("aider")
    edit(ALLOWED)
    assert world.repo.git("show", "--format=", "--name-only", "HEAD") == ALLOWED
    assert "AI-Assistance: assisted" in world.message
    assert "Assisted-by: aider:openai/scripted-1" in world.message
    assert "Sox-Signature:" in world.message
    assert world.journal() == []  # it calls nobody when it edits; the environment and its own trailer tell
    assert world.verify().returncode == 0


def test_aider_connected_is_refused_a_restricted_file(world, edit):
    world.connect("aider")
    said = edit(RESTRICTED)  # nobody asks before the edit, so the commit is what is refused
    assert "SOX301" in said
    assert world.repo.head() == world.base
    assert RESTRICTED in world.repo.git("status", "--porcelain", "-uall")
    entries = [line for line in world.logged().splitlines() if "  refused  " in line]
    assert entries  # it tries more than once
    assert all("aider" in entry for entry in entries)
