"""What there is to say about the tools of a change, tier by tier (`policy.tool_faults` knows what; here is where)."""

from __future__ import annotations

from sox_hooks.core.findings import ERROR, Place
from sox_hooks.core.text import printable
from sox_hooks.policy.case import Objection, paths_text, reason, where
from sox_hooks.policy.claims import unknown
from sox_hooks.policy.model import AI_NONE, ASSISTED
from sox_hooks.policy.tool_faults import admitted, banned, faults, registered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.policy.case import Case, Touched
    from sox_hooks.policy.facts import ToolUse
    from sox_hooks.policy.model import Tier
    from sox_hooks.policy.tool_faults import Fault


def objections(case: Case) -> Iterator[Objection]:
    """What there is to say about the tools of the claim (SOX201 to SOX203, SOX301 to SOX311)."""
    if case.claim.assistance != ASSISTED:
        return
    by_tool: dict[str, list[ToolUse]] = {}
    for use in case.claim.tools:
        by_tool.setdefault(use.tool, []).append(use)
    for tool, uses in by_tool.items():
        refusal = _refusal(case, tool)
        if refusal is not None:
            yield refusal
        judged = refusal is None and not any(unknown(case.policy, use) for use in uses)
        for touched in case.touched:
            if touched.tier.ai == AI_NONE:
                yield _no_ai_here(touched, tool)
            elif judged:
                for fault in faults(case.policy, touched.tier, tuple(uses), case.day):
                    yield _objection(case, touched, tool, fault)
    if not by_tool:
        yield from [_no_ai_here(touched, "") for touched in case.touched if touched.tier.ai == AI_NONE]


def _refusal(case: Case, tool: str) -> Objection | None:
    entry = registered(case.policy, tool)
    rule = banned(entry, case.day) if entry is not None else ""
    if entry is None or not rule:
        return None
    if rule == "SOX302":
        what, line = "is prohibited", 'status = "prohibited"'
    else:
        what, line = f"was revoked on {entry.revoked_on}", f"revoked_on = {entry.revoked_on}"
        if entry.revoked_reason:
            line += f": {printable(entry.revoked_reason, 200)}"
    paths = tuple([path for touched in case.touched for path in touched.paths])
    subject = paths_text(paths) if paths else "an empty change"
    return Objection(
        rule,
        f"{tool} {what} and took part in {subject}",
        why=_line(tool, line),
        place=entry.place,
        tool=tool,
        paths=paths,
    )


def _no_ai_here(touched: Touched, tool: str) -> Objection:
    first = touched.paths[0]
    return Objection(
        "SOX201",
        f"{printable(tool, 60) or 'AI'} may not be used on {where(touched)}: no AI is allowed there",
        why=reason(first),
        place=first.place or touched.tier.place,
        tool=tool,
        paths=touched.paths,
        liftable=bool(tool),
    )


def _objection(case: Case, touched: Touched, tool: str, fault: Fault) -> Objection:
    first = touched.paths[0]
    entry = registered(case.policy, tool)
    why = reason(first)
    place: Place | None = first.place or touched.tier.place
    if fault.register:
        why += f"; {_line(tool, fault.register)}"
    if fault.rule.startswith("SOX3") and entry is not None:
        place = entry.place or place
    return Objection(
        fault.rule,
        f"{printable(tool, 60)} {fault.what}: {where(touched)}",
        severity=fault.severity,
        why=why,
        place=place,
        fix=_fix(case, touched.tier, fault),
        tool=tool,
        paths=touched.paths,
        liftable=fault.liftable and fault.severity == ERROR,
    )


def _fix(case: Case, tier: Tier, fault: Fault) -> str:
    """What to do instead, by name; "" where the catalogue's advice is better."""
    if fault.rule in ("SOX304", "SOX305", "SOX306", "SOX307", "SOX309"):
        return ""
    others = admitted(case.policy, tier, case.day)
    if not others:
        return f"Make this change without AI: the register has no tool for tier {tier.name} now"
    return f"Use {' or '.join(others)} there, make this change without AI, or ask for an exception"


def _line(tool: str, text: str) -> str:
    return f"[tools.{tool}] {text}"
