"""Due-diligence conditions against a register entry, on both sides of every boundary."""

from __future__ import annotations

import pytest

from sox_hooks.policy.conditions import MET, MISSING, NOT_MET, judge
from sox_hooks.policy.model import Tool

DAY = "2026-11-23"

TABLE = [
    # condition, register fields, state, what the detail must name
    ("soc2", {}, MISSING, ""),
    ("soc2", {"soc2_valid_until": "2026-11-23"}, MET, ""),
    ("soc2", {"soc2_valid_until": "2026-11-22"}, NOT_MET, "2026-11-22"),
    ("residency:eu", {}, MISSING, ""),
    ("residency:eu", {"data_residency": ("EU",)}, MET, ""),
    ("residency:eu", {"data_residency": ("us",)}, NOT_MET, "us"),
    ("residency:eu", {"data_residency": ("eu", "us")}, NOT_MET, "us"),
    ("residency:eu", {"data_residency": ("eu-west",)}, NOT_MET, "eu-west"),
    ("retention<=30", {}, MISSING, ""),
    ("retention<=30", {"retention_days": 30}, MET, ""),
    ("retention<=30", {"retention_days": 0}, MET, ""),
    ("retention<=0", {"retention_days": 0}, MET, ""),
    ("retention<=30", {"retention_days": 31}, NOT_MET, "31 days, not 30"),
    ("retention<=many", {"retention_days": 0}, NOT_MET, "many"),
    ("encryption", {}, MISSING, ""),
    ("encryption", {"encryption": ("at-rest", "in-transit")}, MET, ""),
    ("encryption", {"encryption": ("at-rest",)}, NOT_MET, "in-transit"),
    ("encryption:at-rest", {"encryption": ("at-rest",)}, MET, ""),
    ("encryption:in-transit", {"encryption": ("at-rest",)}, NOT_MET, "in-transit"),
    ("encryption:in-use", {"encryption": ("at-rest",)}, NOT_MET, "not known"),
    ("audit_logging", {}, MISSING, ""),
    ("audit_logging", {"audit_logging": 1}, MET, ""),
    ("audit_logging", {"audit_logging": 0}, NOT_MET, "not logged"),
    ("review", {}, MISSING, ""),
    ("review", {"review_by": "2026-11-23"}, MET, ""),
    ("review", {"review_by": "2026-11-22"}, NOT_MET, "2026-11-22"),
    ("evidence", {}, MISSING, ""),
    ("evidence", {"evidence": "VRM-113"}, MET, ""),
    ("residency:", {"data_residency": ("eu",)}, NOT_MET, "not known"),
    ("iso27001", {"evidence": "VRM-113"}, NOT_MET, "not known"),
]


@pytest.mark.parametrize(("condition", "fields", "state", "detail"), TABLE)
def test_condition(condition: str, fields: dict[str, object], state: str, detail: str) -> None:
    result = judge(condition, Tool("claude-code", "approved", **fields), DAY)
    assert (result.condition, result.state) == (condition, state)
    assert detail in result.detail
    assert bool(result.detail) == (state == NOT_MET)
