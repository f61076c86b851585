"""Due-diligence conditions: what a tier requires of a tool, compared with what the register says on a day.

| condition           | met when, in the tool's register entry                                              |
|---------------------|-------------------------------------------------------------------------------------|
| `soc2`              | `soc2_valid_until` is the day or later                                              |
| `residency:REGION`  | every entry of `data_residency` is that region                                      |
| `retention<=DAYS`   | `retention_days` is not more                                                        |
| `encryption`        | `encryption` has both `in-transit` and `at-rest`; `encryption:at-rest` asks for one |
| `audit_logging`     | `audit_logging` is true                                                             |
| `review`            | `review_by` is the day or later                                                     |
| `evidence`          | `evidence` says where the proof is kept                                             |

`version` and `model` are about a use of the tool: it must be known which it was (`policy.tool_faults`).
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.policy.model import Tool

MET, NOT_MET, MISSING = "met", "not met", "not filled in"
OF_A_USE = ("version", "model")
_ENCRYPTION = ("in-transit", "at-rest")


class Result(Struct):
    """What came of one condition: MET, NOT_MET (`detail` says what is, and what should be) or MISSING.

    `field` is the key of the register entry that decides.
    """

    condition: str
    state: str
    field: str
    detail: str = ""


def judge(condition: str, tool: Tool, day: str) -> Result:
    """Compare a condition (other than those `OF_A_USE`) with a register entry on a day (`YYYY-MM-DD`).

    A condition that is not known is not met.
    """
    name, _, value = condition.partition(":")
    if condition.startswith("retention<="):
        return _retention(condition, tool)
    if name == "residency" and value:
        return _residency(condition, value, tool)
    if name == "encryption" and value in ("", *_ENCRYPTION):
        return _encryption(condition, (value,) if value else _ENCRYPTION, tool)
    if condition == "soc2":
        return _until(condition, "soc2_valid_until", tool.soc2_valid_until, day, "the SOC 2 report was valid until")
    if condition == "review":
        return _until(condition, "review_by", tool.review_by, day, "the approval had to be reviewed by")
    if condition == "evidence":
        return Result(condition, MET if tool.evidence else MISSING, "evidence")
    if condition == "audit_logging":
        state = {1: MET, 0: NOT_MET}.get(tool.audit_logging, MISSING)
        return Result(condition, state, "audit_logging", "use of the tool is not logged" if state == NOT_MET else "")
    return Result(condition, NOT_MET, "", f"the condition {condition!r} is not known")


def _until(condition: str, field: str, last: str, day: str, words: str) -> Result:
    if not last:
        return Result(condition, MISSING, field)
    if last >= day:
        return Result(condition, MET, field)
    return Result(condition, NOT_MET, field, f"{words} {last}, this is {day}")


def _retention(condition: str, tool: Tool) -> Result:
    most = condition[len("retention<=") :]
    if tool.retention_days < 0:
        return Result(condition, MISSING, "retention_days")
    if most.isdigit() and tool.retention_days <= int(most):
        return Result(condition, MET, "retention_days")
    return Result(condition, NOT_MET, "retention_days", f"data is kept for {tool.retention_days} days, not {most}")


def _residency(condition: str, region: str, tool: Tool) -> Result:
    if not tool.data_residency:
        return Result(condition, MISSING, "data_residency")
    others = [where for where in tool.data_residency if where.lower() != region.lower()]
    if not others:
        return Result(condition, MET, "data_residency")
    return Result(condition, NOT_MET, "data_residency", f"data stays in {', '.join(others)}, not only in {region}")


def _encryption(condition: str, wanted: tuple[str, ...], tool: Tool) -> Result:
    if not tool.encryption:
        return Result(condition, MISSING, "encryption")
    without = [where for where in wanted if where not in tool.encryption]
    if not without:
        return Result(condition, MET, "encryption")
    return Result(condition, NOT_MET, "encryption", f"data is not encrypted {' and '.join(without)}")
