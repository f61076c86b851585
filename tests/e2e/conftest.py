"""The kit, for the tests of this folder."""

from __future__ import annotations

from tests.e2e.kit import kit

__all__ = ["kit"]
