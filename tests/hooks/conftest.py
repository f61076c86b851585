"""The fixtures of `stage.py`, for the tests of this folder."""

from __future__ import annotations

from tests.hooks.stage import made_stage, stage

__all__ = ["made_stage", "stage"]
