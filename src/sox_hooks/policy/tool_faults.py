"""What speaks against a tool in a tier: one function a concern, listed in `_CONCERNS`. Paths play no part here.

What a tier says itself (`ai`, `tools`, `require`) always binds. What the register says about approval, versions and
models binds where the tier takes approved tools only, and is a warning where it takes any. A restricted tool is refused
wherever the tier does not name it, prohibited and revoked ones are refused everywhere (`banned`).
"""

from __future__ import annotations

from sox_hooks.core.findings import ERROR, WARNING
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.policy.facts import ToolUse
from sox_hooks.policy.model import AI_APPROVED, AI_NONE, APPROVED, PROHIBITED, RESTRICTED, Tier, Tool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from sox_hooks.policy.model import Policy


class Fault(Struct):
    """Why a tool may not be used in a tier. `what` follows the tool's name; `register` is the line of the register."""

    rule: str
    what: str
    severity: str = ERROR
    register: str = ""
    liftable: bool = True


class _Use(Struct):
    """The uses of one tool in one tier on a day; `entry` is its line in the register."""

    tool: str
    uses: tuple[ToolUse, ...]
    entry: Tool | None
    tier: Tier
    day: str

    @property
    def advice(self) -> str:
        """The severity of what the register says: it binds only where the tier asks for approved tools."""
        return ERROR if self.tier.ai == AI_APPROVED else WARNING


if TYPE_CHECKING:
    Concern: TypeAlias = Callable[[_Use], "Iterator[Fault]"]


def faults(policy: Policy, tier: Tier, uses: tuple[ToolUse, ...], day: str) -> tuple[Fault, ...]:
    """Everything that speaks against uses of one tool in a tier on a day (`YYYY-MM-DD`); see also `banned`."""
    tool = uses[0].tool
    use = _Use(tool, uses, registered(policy, tool), tier, day)
    return tuple([fault for concern in _CONCERNS for fault in concern(use)])


def admitted(policy: Policy, tier: Tier, day: str) -> tuple[str, ...]:
    """The registered tools that may be used in a tier on a day, if version and model are right."""
    return tuple([tool.id for tool in policy.tools if admits(policy, tier, tool.id, day)])


def admits(policy: Policy, tier: Tier, tool: str, day: str) -> bool:
    """Whether a tool (registered or not) may be used in a tier on a day, if version and model are right."""
    entry = registered(policy, tool)
    if tier.ai == AI_NONE or (entry is not None and banned(entry, day)):
        return False
    about_a_use = ("SOX305", "SOX307")
    found = faults(policy, tier, (ToolUse(tool),), day)
    return not any(fault.severity == ERROR and fault.rule not in about_a_use for fault in found)


def banned(tool: Tool, day: str) -> str:
    """The rule by which a tool is refused everywhere on a day: SOX302 (prohibited), SOX310 (revoked) or ""."""
    if tool.status == PROHIBITED:
        return "SOX302"
    return "SOX310" if tool.revoked_on and tool.revoked_on <= day else ""


def registered(policy: Policy, tool: str) -> Tool | None:
    """The tool's entry in the register."""
    return next((entry for entry in policy.tools if entry.id == tool), None)


# One function a concern. Each gets the uses of one tool in one tier that admits AI.


def _not_registered(use: _Use) -> Iterator[Fault]:
    if use.entry is None:
        # Conditions, and a list of tools, can only be compared with a register entry.
        binds = bool(use.tier.tools or use.tier.require)
        yield Fault("SOX301", "is not in the tool register", ERROR if binds else use.advice)


def _not_approved(use: _Use) -> Iterator[Fault]:
    if use.entry is not None and use.entry.status not in (APPROVED, RESTRICTED):
        yield Fault("SOX202", "is not approved", use.advice, f"status = {use.entry.status!r}")


def _restricted(use: _Use) -> Iterator[Fault]:
    if use.entry is not None and use.entry.status == RESTRICTED and use.tool not in use.tier.tools:
        yield Fault("SOX303", "may be used only in tiers that name it", register='status = "restricted"')


def _not_in_tier(use: _Use) -> Iterator[Fault]:
    tools = use.tier.tools
    if use.entry is not None and use.entry.status != RESTRICTED and tools and use.tool not in tools:
        yield Fault("SOX203", f"is not one of the tools of tier {use.tier.name} ({', '.join(tools)})")


def _not_yet_approved(use: _Use) -> Iterator[Fault]:
    if use.entry is not None and use.entry.approved_on > use.day:
        line = f"approved_on = {use.entry.approved_on}"
        yield Fault("SOX311", f"is approved only from {use.entry.approved_on}", use.advice, line)


def _versions(use: _Use) -> Iterator[Fault]:
    wanted = use.entry.versions if use.entry is not None else ""
    unnamed = any(not one.version for one in use.uses)
    if "version" in use.tier.require and unnamed:
        yield Fault("SOX305", "has no version", liftable=False)
    if not wanted:
        return
    from sox_hooks.policy.versions import satisfies

    line = f"versions = {wanted!r}"
    answers = {one.version: satisfies(one.version, wanted) for one in use.uses if one.version}
    wrong = sorted(version for version, answer in answers.items() if answer is False)
    unclear = sorted(version for version, answer in answers.items() if answer is None)
    if wrong:
        yield Fault("SOX304", f"{_list(wrong)} is outside {wanted}", use.advice, line)
    if unclear:
        yield Fault("SOX305", f"{_list(unclear)} cannot be compared with {wanted}", use.advice, line, liftable=False)
    if unnamed and "version" not in use.tier.require:
        yield Fault("SOX305", f"has no version, and it must be {wanted}", use.advice, line, liftable=False)


def _models(use: _Use) -> Iterator[Fault]:
    wanted = use.entry.models if use.entry is not None else ()
    unnamed = any(not one.model for one in use.uses)
    if "model" in use.tier.require and unnamed:
        yield Fault("SOX307", "has no model", liftable=False)
    if not wanted:
        return
    listed = ", ".join(wanted)
    line = f"models = {list(wanted)!r}"
    wrong = sorted({one.model for one in use.uses if one.model and not _model_fits(one.model, wanted)})
    if wrong:
        yield Fault("SOX306", f"used the model {_list(wrong)}, not {listed}", use.advice, line)
    if unnamed and "model" not in use.tier.require:
        yield Fault("SOX307", f"has no model, and it must be {listed}", use.advice, line, liftable=False)


def _conditions(use: _Use) -> Iterator[Fault]:
    if use.entry is None:
        return
    from sox_hooks.policy.conditions import MISSING, NOT_MET, OF_A_USE, judge

    results = [judge(condition, use.entry, use.day) for condition in use.tier.require if condition not in OF_A_USE]
    not_met = [result for result in results if result.state == NOT_MET]
    missing = [result.field for result in results if result.state == MISSING]
    if not_met:
        conditions = ", ".join(result.condition for result in not_met)
        details = "; ".join(result.detail for result in not_met)
        yield Fault("SOX308", f"does not meet {conditions} ({details})", register=details)
    if missing:
        fields = ", ".join(sorted(set(missing)))
        yield Fault("SOX309", f"has no {fields} in the register", register=f"{fields} not filled in")


_CONCERNS: tuple[Concern, ...] = (
    _not_registered,
    _not_approved,
    _restricted,
    _not_in_tier,
    _not_yet_approved,
    _versions,
    _models,
    _conditions,
)


def _list(texts: list[str]) -> str:
    return ", ".join(printable(text, 60) for text in texts)


def _model_fits(model: str, wanted: tuple[str, ...]) -> bool:
    return any(_glob(model.lower(), pattern.lower()) for pattern in wanted)


def _glob(text: str, pattern: str) -> bool:
    """Whether a text matches a pattern of `*` and `?`; a `*` is tried again only until the next one (linear enough)."""
    at = place = 0
    star, resume = -1, 0
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, resume = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in ("?", text[at]):
            at += 1
            place += 1
        elif star >= 0:
            resume += 1
            at, place = resume, star + 1
        else:
            return False
    return pattern[place:].strip("*") == ""
