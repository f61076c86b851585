"""A policy with four tiers, ways to change it, and ways to write down the facts of a change in few words.

The tiers: `open` (any tool, nothing need be declared), `controlled` and `restricted` (approved tools, declaration
required; `restricted` also asks for SOC 2, residency in the EU and 30 days of retention at most), `sealed` (no AI).
Alice is a developer and trained, Bob is a developer and not trained, Carol is in compliance, `release-bot` is a
service. `claude-code` is approved with everything filled in, `github-copilot` approved with nothing filled in, `cursor`
restricted, `codex` prohibited, `aider` known but not registered. The day is 2026-11-23.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sox_hooks.core.findings import Place
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Claim, Decision, Evidence, Facts, ToolUse
from sox_hooks.policy.model import Dated, PathRule, Person, Policy, PolicyException, Tier, Tool
from sox_hooks.policy.patterns import compile_pattern

LEDGER, LIBRARY, DOCS, KEYS = "src/ledger/post.py", "lib/dates.py", "docs/guide.md", "keys/root.pem"
CLAUDE = "claude-code@2.1.263:claude-opus-4-8"


def rule(pattern: str, tier: str, because: str, line: int) -> PathRule:
    return PathRule((compile_pattern(pattern),), tier, because, Place(".sox/policy.toml", line, 1))


BASE = Policy(
    identity="5f" * 20,
    repository="bank/ledger",
    version=3,
    tools=(
        Tool(
            "claude-code",
            "approved",
            versions=">=2.1,<3",
            models=("claude-opus-*", "claude-sonnet-*"),
            evidence="DD-17",
            approved_on="2026-01-15",
            review_by="2027-01-15",
            soc2_valid_until="2027-03-31",
            data_residency=("eu",),
            retention_days=30,
            encryption=("in-transit", "at-rest"),
            audit_logging=1,
            place=Place(".sox/policy.toml", 20, 1),
        ),
        Tool("github-copilot", "approved", place=Place(".sox/policy.toml", 40, 1)),
        Tool("cursor", "restricted", place=Place(".sox/policy.toml", 50, 1)),
        Tool("codex", "prohibited", place=Place(".sox/policy.toml", 60, 1)),
    ),
    tiers=(
        Tier("open", "any", 0, undeclared=True),
        Tier("controlled", "approved", 1, declaration="required"),
        Tier(
            "restricted",
            "approved",
            2,
            require=("soc2", "residency:eu", "retention<=30"),
            declaration="required",
            relations=("same-change", "merge"),
        ),
        Tier("sealed", "none", 3, relations=("same-change", "revert", "merge")),
    ),
    paths=(
        rule("**", "open", "", 70),
        rule("lib/**", "controlled", "shared by all teams", 74),
        rule("src/ledger/**", "restricted", "books of record", 78),
        rule("keys/**", "sealed", "keys of our customers", 82),
    ),
    people=(
        Person(
            "alice",
            "Alice Ng",
            emails=("alice@bank.example", "Alice.Ng@bank.example"),
            trainings=(Dated("ai-sox", "2026-01-20", "2026-12-31"),),
        ),
        Person("bob", "Bob Roy", emails=("bob@bank.example",)),
        Person("carol", "Carol Im", emails=("carol@bank.example",), roles=(Dated("compliance", "2025-01-01"),)),
        Person("release-bot", "Release bot", kind="service", emails=("release@bank.example",)),
    ),
)

Change = Callable[[Policy], Policy]


def tool(name: str, **fields: Any) -> Change:
    """A changed entry of the register."""
    return lambda policy: policy.replace(
        tools=tuple(one.replace(**fields) if one.id == name else one for one in policy.tools)
    )


def tier(name: str, **fields: Any) -> Change:
    """A changed tier."""
    return lambda policy: policy.replace(
        tiers=tuple(one.replace(**fields) if one.name == name else one for one in policy.tiers)
    )


def person(name: str, **fields: Any) -> Change:
    """A changed person."""
    return lambda policy: policy.replace(
        people=tuple(one.replace(**fields) if one.id == name else one for one in policy.people)
    )


def setting(**fields: Any) -> Change:
    """A changed [enforcement]."""
    return lambda policy: policy.replace(**fields)


def exception(**fields: Any) -> Change:
    """An exception: EX-1 for aider in src/ledger, Alice, approved by Carol, for November; changed as said."""
    patterns = tuple(compile_pattern(pattern) for pattern in fields.pop("patterns", ["src/ledger/**"]))
    values = {
        "id": "EX-1",
        "tool": "aider",
        "persons": ("alice",),
        "reason": "pilot",
        "ticket": "GRC-7",
        "requested_by": "bob",
        "approved_by": "carol",
        "starts": "2026-11-01",
        "expires": "2026-11-30",
        **fields,
    }
    return lambda policy: policy.replace(exceptions=(*policy.exceptions, PolicyException(patterns=patterns, **values)))


def trained(*names: str) -> Change:
    """The restricted tier asks for the topic ai-sox, and these have it now."""

    def change(policy: Policy) -> Policy:
        policy = tier("restricted", training=("ai-sox",))(policy)
        for name in names:
            policy = person(name, trainings=(Dated("ai-sox", "2026-11-23", "2026-11-23"),))(policy)
        return policy

    return change


def use(text: str) -> ToolUse:
    name, _, model = text.partition(":")
    name, _, version = name.partition("@")
    return ToolUse(name.removesuffix("?"), version, model, known=not name.endswith("?"))


def claim(text: str) -> Claim:
    """`none`, `undeclared`, `assisted`, or tools such as `claude-code@2.1, aider?` (? = no catalogue knows it)."""
    if text in ("none", "undeclared", "assisted"):
        return Claim(text)
    return Claim("assisted", tuple(use(part) for part in text.split(", ")))


def sign(text: str) -> Evidence:
    """`claude-code@2.1 high environment`, with `bot` at the end for automation that is not AI."""
    name, confidence, source, *kind = text.split()
    named = use(name)
    return Evidence(named.tool, confidence, source, "seen", named.version, named.model, kind=kind[0] if kind else "ai")


def changed(changes: Iterable[Change]) -> Policy:
    policy = BASE
    for change in changes:
        policy = change(policy)
    return policy


def facts_of(**facts: Any) -> Facts:
    """Keys: `paths`, `declared` (see `claim`), `evidence` (see `sign`), `email`, `person`, `day`, `exceptions`,
    `key_touched`."""
    fields = {"paths": (LEDGER,), "declared": "none", "evidence": (), "email": "alice@bank.example", "person": "alice"}
    fields |= {"day": "2026-11-23", "exceptions": (), "key_touched": None, **facts}
    return Facts(
        paths=tuple(fields["paths"]),
        declared=claim(fields["declared"]),
        evidence=tuple(sign(text) for text in fields["evidence"]),
        author_email=fields["email"],
        person=fields["person"],
        moment=fields["day"] + "T14:02:11Z",
        exceptions=tuple(fields["exceptions"]),
        key_touched=fields["key_touched"],
    )


def decide(changes: Iterable[Change] = (), **facts: Any) -> Decision:
    return evaluate(changed(changes), facts_of(**facts))
