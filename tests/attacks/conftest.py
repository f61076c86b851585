"""The desk of the attacker, for every attack."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.desk import Desk


@pytest.fixture
def desk(make_repo, tmp_path: Path) -> Desk:
    """A fresh desk; `Desk.open` sets it up."""
    return Desk(make_repo("desk"), tmp_path / "ci")
