from __future__ import annotations

import pytest

from tests.stage import Stage


@pytest.fixture
def stage(repo) -> Stage:
    """A repository where `main` has a policy, and `work` is checked out on top of it."""
    stage = Stage(repo).begin()
    stage.branch("work")
    return stage


@pytest.fixture
def bare_stage(repo) -> Stage:
    """The same repository before anything is in it."""
    return Stage(repo)
