"""What the policy decides, as a table that a compliance officer can read and add to.

`decisions` describes the policy. Each row says what it is about, then (where it is refused) the findings that refuse
it, then what is different in the policy, then the change that is judged: Alice's, of `src/ledger/post.py`, declared
as made without AI, unless the row says otherwise. `recorded` is the claim, if it is not what was declared; findings are
errors unless it says `warning` or `note`.
"""

from __future__ import annotations

from typing import Any

import pytest

from sox_hooks.core.findings import ERROR
from sox_hooks.policy.model import Dated
from tests.policy.decisions import (
    CLAUDE,
    DOCS,
    KEYS,
    LEDGER,
    LIBRARY,
    Change,
    decide,
    exception,
    person,
    setting,
    tier,
    tool,
    trained,
)

ROWS: list[Any] = []


def row(name: str, allowed: bool, findings: str, changes: tuple[Change, ...], facts: dict[str, Any]) -> None:
    declared = facts.get("declared", "none")
    plain = declared in ("none", "undeclared", "assisted")
    recorded = facts.pop("recorded", declared if plain else f"assisted {declared.replace(', ', ' ')}")
    ROWS.append(pytest.param(changes, facts, allowed, recorded, findings, id=name))


def allows(name: str, *changes: Change, findings: str = "", **facts: Any) -> None:
    row(name, True, findings, changes, facts)


def refuses(name: str, findings: str, *changes: Change, **facts: Any) -> None:
    row(name, False, findings, changes, facts)


# What is recorded.

allows("a person declares that no AI took part")
allows("an approved tool is declared", declared=CLAUDE)
allows(
    "an agent's environment is seen and nothing was declared",
    declared="undeclared",
    evidence=[f"{CLAUDE} high environment"],
    recorded=f"assisted {CLAUDE}",
)
allows(
    "medium confidence decides as well",
    declared="undeclared",
    evidence=[f"{CLAUDE} medium trailer"],
    recorded=f"assisted {CLAUDE}",
)
allows(
    "'none' is declared, but an agent's environment is seen: the stronger claim is recorded",
    findings="warning SOX102",
    evidence=[f"{CLAUDE} high environment"],
    recorded=f"assisted {CLAUDE}",
)
allows(
    "one tool is declared, another one is seen too: both are recorded and judged",
    findings="warning SOX102",
    declared=CLAUDE,
    evidence=["github-copilot high trailer"],
    paths=[DOCS],
    recorded=f"assisted {CLAUDE} github-copilot",
)
allows("one weak sign decides nothing", findings="note SOX105", evidence=["claude-code low ancestry"])
allows(
    "two weak signs of the same kind decide nothing",
    findings="note SOX105",
    evidence=["claude-code low ancestry", "claude-code@2.1 low ancestry"],
)
allows(
    "two weak signs of different kinds decide together",
    declared="undeclared",
    evidence=[f"{CLAUDE} low ancestry", "claude-code low branch"],
    recorded=f"assisted {CLAUDE}",
)
allows(
    "two weak signs of different tools decide nothing",
    findings="note SOX105, note SOX105",
    evidence=["claude-code low ancestry", "aider low branch"],
)
allows(
    "a weak sign of a tool that is declared anyway needs no note",
    declared=CLAUDE,
    evidence=["claude-code low ancestry"],
)
allows(
    "a bot that is not AI makes no claim", declared="undeclared", evidence=["dependabot high author bot"], paths=[DOCS]
)
allows(
    "version and model come from the evidence where the declaration lacks them",
    declared="claude-code",
    evidence=["claude-code@2.1.263 high environment", "claude-code:claude-opus-4 low journal"],
    recorded="assisted claude-code@2.1.263:claude-opus-4",
)
allows(
    "a declared version wins over evidence that tells none", declared=CLAUDE, evidence=["claude-code high environment"]
)
refuses(
    "two versions of one tool are both recorded and both judged",
    "SOX304",
    declared=CLAUDE,
    evidence=["claude-code@2.0 high environment"],
    recorded="assisted claude-code@2.0:claude-opus-4-8 claude-code@2.1.263:claude-opus-4-8",
)
allows(
    "a tool named twice is recorded once, tools are sorted",
    declared=f"github-copilot, {CLAUDE}, {CLAUDE}",
    paths=[DOCS],
    recorded=f"assisted {CLAUDE} github-copilot",
)
refuses("assisted, but nobody knows by which tool", "SOX106", declared="assisted", paths=[DOCS])
allows(
    "assisted without a tool, and the evidence tells which",
    declared="assisted",
    evidence=[f"{CLAUDE} high environment"],
    recorded=f"assisted {CLAUDE}",
)
refuses(
    "a tool that no catalogue knows", "SOX106", declared="cloud-code?", paths=[DOCS], recorded="assisted cloud-code"
)
allows(
    "a tool that no catalogue knows, but the register does",
    declared="github-copilot?",
    paths=[DOCS],
    recorded="assisted github-copilot",
)

# Declaration.

allows("undeclared in the open tier", declared="undeclared", paths=[DOCS])
refuses("undeclared where a declaration is required", "SOX101", declared="undeclared")
refuses(
    "undeclared where it need not be declared but undeclared is not accepted",
    "SOX103",
    tier("open", undeclared=False),
    declared="undeclared",
    paths=[DOCS],
)
refuses(
    "undeclared, two tiers want a declaration: each says so",
    "SOX101, SOX101",
    declared="undeclared",
    paths=[LEDGER, LIBRARY, DOCS],
)
refuses("undeclared in the sealed tier", "SOX103", declared="undeclared", paths=[KEYS])

# Paths and tiers.

refuses("no AI in the sealed tier", "SOX201", declared=CLAUDE, paths=[KEYS])
allows("a person's own work in the sealed tier", paths=[KEYS])
refuses("AI of an unknown kind in the sealed tier", "SOX106, SOX201", declared="assisted", paths=[KEYS])
refuses(
    "AI that only the evidence shows, in the sealed tier",
    "SOX201, warning SOX102",
    evidence=[f"{CLAUDE} high environment"],
    paths=[KEYS],
    recorded=f"assisted {CLAUDE}",
)
refuses(
    "every tier that is touched is judged: the strict one refuses",
    "SOX201, SOX309",
    declared="github-copilot",
    paths=[DOCS, LIBRARY, LEDGER, KEYS],
)
allows(
    "the same tool and person: allowed in the library, refused in the ledger",
    declared="github-copilot",
    paths=[LIBRARY],
)
refuses("a path that differs in case is the same path", "SOX201", declared=CLAUDE, paths=["KEYS/root.pem"])
refuses(
    "a path that nothing matches is in the strictest tier",
    "SOX201, note SOX204",
    lambda policy: policy.replace(paths=policy.paths[1:]),
    declared=CLAUDE,
    paths=[DOCS],
)
allows("an empty change touches no tier", declared="undeclared", paths=[])
allows("an empty change, assisted", declared="aider", paths=[])
refuses("an empty change by a prohibited tool", "SOX302", declared="codex", paths=[])

# Which tool.

refuses("a tool that is not registered", "SOX301", declared="aider")
allows("a tool that is not registered, in the open tier", findings="warning SOX301", declared="aider", paths=[DOCS])
refuses(
    "a tool that is not registered, in an open tier that sets conditions",
    "SOX301",
    tier("open", require=("encryption",)),
    declared="aider",
    paths=[DOCS],
)
refuses("a prohibited tool", "SOX302", declared="codex")
refuses("a prohibited tool is refused in the open tier too", "SOX302", declared="codex", paths=[DOCS])
refuses("a restricted tool where no tier names it", "SOX303", declared="cursor", paths=[LIBRARY])
refuses("a restricted tool in the open tier, which does not name it", "SOX303", declared="cursor", paths=[DOCS])
allows(
    "a restricted tool where the tier names it",
    tier("controlled", tools=("cursor",)),
    declared="cursor",
    paths=[LIBRARY],
)
refuses(
    "a restricted tool where the tier names another one",
    "SOX303",
    tier("controlled", tools=("claude-code",)),
    declared="cursor",
    paths=[LIBRARY],
)
refuses(
    "an approved tool where the tier names others",
    "SOX203",
    tier("controlled", tools=("claude-code",)),
    declared="github-copilot",
    paths=[LIBRARY],
)
refuses(
    "a tier that takes any tool, but of a list",
    "SOX203",
    tier("open", tools=("claude-code",)),
    declared="github-copilot",
    paths=[DOCS],
)
refuses(
    "a status that this program does not know counts as not approved",
    "SOX202",
    tool("github-copilot", status="trial"),
    declared="github-copilot",
    paths=[LIBRARY],
)
refuses("several tools: each must be allowed", "SOX301", declared=f"aider, {CLAUDE}", paths=[LIBRARY])

# Versions and models.

refuses("a version below the range", "SOX304", declared="claude-code@2.0.9:claude-opus-4-8")
refuses("a version above the range", "SOX304", declared="claude-code@3.0:claude-opus-4-8")
refuses("a pre-release of the first allowed version", "SOX304", declared="claude-code@2.1.0-beta:claude-opus-4-8")
allows(
    "a version that is out of range, in the open tier",
    findings="warning SOX304",
    declared="claude-code@2.0:claude-opus-4-8",
    paths=[DOCS],
)
refuses("no version where the register restricts it", "SOX305", declared="claude-code:claude-opus-4-8")
allows("no version, in the open tier", findings="warning SOX305", declared="claude-code:claude-opus-4-8", paths=[DOCS])
refuses("a version that cannot be read", "SOX305", declared="claude-code@latest:claude-opus-4-8")
refuses(
    "no version where the tier wants one",
    "SOX305",
    tier("controlled", require=("version",)),
    declared="github-copilot",
    paths=[LIBRARY],
)
refuses(
    "no version where an open tier wants one",
    "SOX305",
    tier("open", require=("version",)),
    declared="github-copilot",
    paths=[DOCS],
)
allows(
    "a version where the tier wants one",
    tier("controlled", require=("version",)),
    declared="github-copilot@1.2",
    paths=[LIBRARY],
)
refuses("a model that is not listed", "SOX306", declared="claude-code@2.1.263:gpt-5")
allows("a listed model, in other letters", declared="claude-code@2.1.263:Claude-Opus-5")
allows(
    "a model by wildcards",
    tool("claude-code", models=("*/claude-?pus-*-8",)),
    declared="claude-code@2.1.263:aws/claude-opus-4-7-8",
)
refuses(
    "a model that wildcards do not cover",
    "SOX306",
    tool("claude-code", models=("*/claude-?pus-*-8", "claude-opus-?")),
    declared="claude-code@2.1.263:claude-opus-48",
)
allows(
    "a model that is not listed, in the open tier",
    findings="warning SOX306",
    declared="claude-code@2.1.263:gpt-5",
    paths=[DOCS],
)
refuses("no model where the register restricts it", "SOX307", declared="claude-code@2.1.263")
refuses(
    "no model where the tier wants one",
    "SOX307",
    tier("controlled", require=("model",)),
    declared="github-copilot@1",
    paths=[LIBRARY],
)

# Due diligence.

allows("SOC 2 on its last day", tool("claude-code", soc2_valid_until="2026-11-23"), declared=CLAUDE)
refuses("SOC 2 the day after", "SOX308", tool("claude-code", soc2_valid_until="2026-11-22"), declared=CLAUDE)
allows(
    "SOC 2 has lapsed, but the library does not ask for it",
    tool("claude-code", soc2_valid_until="2026-11-22"),
    declared=CLAUDE,
    paths=[LIBRARY],
)
refuses("data also stays elsewhere", "SOX308", tool("claude-code", data_residency=("eu", "us")), declared=CLAUDE)
refuses("data is kept too long", "SOX308", tool("claude-code", retention_days=31), declared=CLAUDE)
refuses(
    "two conditions fail: one finding names both",
    "SOX308",
    tool("claude-code", retention_days=31, data_residency=("us",)),
    declared=CLAUDE,
)
refuses(
    "one condition fails, one is not filled in",
    "SOX308, SOX309",
    tool("claude-code", retention_days=31, data_residency=()),
    declared=CLAUDE,
)
refuses("an approved tool with an empty register entry", "SOX309", declared="github-copilot")

# Approval and revocation.

refuses(
    "approved only from tomorrow",
    "SOX311",
    tool("github-copilot", approved_on="2026-11-24"),
    declared="github-copilot",
    paths=[LIBRARY],
)
allows(
    "approved from today", tool("github-copilot", approved_on="2026-11-23"), declared="github-copilot", paths=[LIBRARY]
)
allows(
    "approved only from tomorrow, in the open tier",
    tool("github-copilot", approved_on="2026-11-24"),
    findings="warning SOX311",
    declared="github-copilot",
    paths=[DOCS],
)
refuses(
    "revoked today",
    "SOX310",
    tool("github-copilot", revoked_on="2026-11-23", revoked_reason="breach"),
    declared="github-copilot",
    paths=[DOCS],
)
allows("revoked tomorrow", tool("github-copilot", revoked_on="2026-11-24"), declared="github-copilot", paths=[LIBRARY])

# Exceptions.

allows("an exception lifts the refusal", exception(), findings="note SOX301", declared="aider")
allows(
    "an exception that is named lifts the refusal",
    exception(),
    findings="note SOX301",
    declared="aider",
    exceptions=["EX-1"],
)
allows(
    "an exception for the sealed tier",
    exception(patterns=["keys/**"]),
    findings="note SOX201",
    declared="aider",
    paths=[KEYS],
)
allows(
    "an exception for due diligence",
    exception(tool="github-copilot"),
    findings="note SOX309",
    declared="github-copilot",
)
allows("an exception on its first day", exception(starts="2026-11-23"), findings="note SOX301", declared="aider")
allows("an exception on its last day", exception(expires="2026-11-23"), findings="note SOX301", declared="aider")
refuses("an exception that has expired", "SOX301, note SOX403", exception(expires="2026-11-22"), declared="aider")
refuses("an exception that has not begun", "SOX301, note SOX403", exception(starts="2026-11-24"), declared="aider")
refuses(
    "an exception for another person",
    "SOX301, note SOX403",
    exception(persons=("bob",), requested_by="alice"),
    declared="aider",
)
refuses("an exception for another tool", "SOX301", exception(tool="cursor"), declared="aider")
refuses(
    "an exception that covers one path of two",
    "SOX201, note SOX301",
    exception(),
    declared="aider",
    paths=[LEDGER, "keys/x"],
)
refuses(
    "an exception that covers part of a tier's paths",
    "SOX301",
    exception(patterns=["src/ledger/post.py"]),
    declared="aider",
    paths=[LEDGER, "src/ledger/x"],
)
refuses(
    "an exception approved by who asked for it",
    "SOX301, note SOX403",
    exception(requested_by="carol"),
    declared="aider",
)
refuses(
    "an exception approved by who profits from it",
    "SOX301, note SOX403",
    exception(persons=("alice", "carol")),
    declared="aider",
)
refuses(
    "an exception approved without the role",
    "SOX301, note SOX403",
    exception(approved_by="bob", requested_by="carol"),
    declared="aider",
)
refuses(
    "an exception approved before the approver had the role",
    "SOX301, note SOX403",
    exception(),
    person("carol", roles=(Dated("compliance", "2026-11-02"),)),
    declared="aider",
)
refuses(
    "an exception approved by a service",
    "SOX301, note SOX403",
    exception(approved_by="release-bot"),
    person("release-bot", roles=(Dated("compliance"),)),
    declared="aider",
)
refuses(
    "a claimed exception that has expired",
    "SOX301, SOX403",
    exception(expires="2026-11-22"),
    declared="aider",
    exceptions=["EX-1"],
)
refuses("a claimed exception that does not exist", "SOX301, SOX403", exception(), declared="aider", exceptions=["EX-9"])
refuses(
    "a claimed exception for another tool",
    "SOX301, SOX403",
    exception(tool="cursor"),
    declared="aider",
    exceptions=["EX-1"],
)
refuses(
    "only the claimed exception counts",
    "SOX301, SOX403",
    exception(),
    exception(id="EX-2", tool="cursor"),
    declared="aider",
    exceptions=["EX-2"],
)
allows("a claimed exception that is not needed does no harm", exception(), declared=CLAUDE, exceptions=["EX-1"])
refuses("no exception for a prohibited tool", "SOX302", exception(tool="codex"), declared="codex")
refuses(
    "no exception for a revoked tool",
    "SOX310",
    exception(tool="github-copilot"),
    tool("github-copilot", revoked_on="2026-11-23"),
    declared="github-copilot",
)
refuses(
    "no exception from saying the version",
    "SOX305",
    exception(tool="claude-code"),
    declared="claude-code:claude-opus-4",
)
refuses(
    "no exception from training",
    "SOX402, note SOX301",
    exception(persons=("bob",), requested_by="alice"),
    trained(),
    declared="aider",
    person="bob",
    email="bob@bank.example",
)

# People.

refuses("nobody answers for the change", "SOX401", person="")
refuses("the person has left people.toml", "SOX401", person="dave")
allows("the author's second address, in other letters", email="ALICE.NG@bank.example")
refuses("Alice signs what Bob wrote", "SOX405", email="bob@bank.example")
refuses("Alice signs what a stranger wrote", "SOX405", email="eve@evil.example")
allows(
    "Alice signs what Bob wrote, and the policy allows it", setting(record_for_others=True), email="bob@bank.example"
)
allows("a service signs its own work", person="release-bot", email="release@bank.example")
refuses("a service is no exemption: it cannot sign for Alice", "SOX405", person="release-bot")
refuses(
    "a service is no exemption: it must declare",
    "SOX101",
    person="release-bot",
    email="release@bank.example",
    declared="undeclared",
)

# Training.

allows("trained", trained(), declared=CLAUDE)
allows("trained for this one day", trained("bob"), declared=CLAUDE, person="bob", email="bob@bank.example")
refuses("not trained", "SOX402", trained(), declared=CLAUDE, person="bob", email="bob@bank.example")
allows("not trained, but no AI took part", trained(), person="bob", email="bob@bank.example")
refuses("the training has lapsed", "SOX402", trained(), declared=CLAUDE, day="2027-01-01")
refuses("the training comes after the commit", "SOX402", trained("alice"), declared=CLAUDE, day="2026-11-22")
allows(
    "not trained, but the library does not ask for it",
    trained(),
    declared=CLAUDE,
    person="bob",
    email="bob@bank.example",
    paths=[LIBRARY],
)

# Keys.

refuses("a key file where a hardware key is asked for", "SOX406", tier("restricted", key="hardware"), key_touched=False)
allows("a hardware key that was touched", tier("restricted", key="hardware"), key_touched=True)
allows("a hardware key, before there is a signature", tier("restricted", key="hardware"))
allows("a key file where any key will do", key_touched=False)

# Mode.

allows(
    "mode = warn refuses nothing and still says it",
    setting(mode="warn"),
    findings="SOX201, SOX302",
    declared="codex",
    paths=[KEYS],
)


@pytest.mark.parametrize(("changes", "facts", "allowed", "recorded", "findings"), ROWS)
def test_decision(changes, facts, allowed, recorded, findings) -> None:
    decision = decide(changes, **facts)
    found = [one.rule if one.severity == ERROR else f"{one.severity} {one.rule}" for one in decision.findings]
    assert ", ".join(found) == findings
    assert decision.allowed is allowed
    assert " ".join([decision.claim.assistance, *map(str, decision.claim.tools)]) == recorded
    for one in decision.findings:
        assert 0 < len(one.message) <= 200
        assert "\n" not in one.message
        assert one.fix


def test_every_name_is_used_once() -> None:
    names = [one.id for one in ROWS]
    assert len(names) >= 60
    assert len(set(names)) == len(names)
