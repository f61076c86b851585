"""What the tests of detection share."""

from __future__ import annotations

import pytest

from sox_hooks.detection.catalogue import Catalogue, builtin


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The catalogue of the package; nobody changes it."""
    return builtin()
