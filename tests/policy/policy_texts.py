"""A small policy as text, and how tests change it."""

from __future__ import annotations

import re

from sox_hooks.core.findings import Finding
from sox_hooks.policy.load import load
from sox_hooks.policy.model import Policy
from sox_hooks.policy.source import PolicyFiles

IDENTITY = "5f" * 20

POLICY = """\
[policy]
repository = "bank/ledger"
former = ["old/ledger"]
version = 3
owner = "Finance Platform"

[enforcement]
undeclared = ["open"]
relations = { restricted = ["same-change", "merge"] }
exceptions_approved_by = "compliance"
baseline = ["1111111111111111111111111111111111111111"]

[tools.claude-code]
status = "approved"
versions = ">=2.1,<3"
models = ["claude-opus-*"]
vendor = "Anthropic"
owner = "AI office"
evidence = "DD-17"
approved_on = 2026-01-15
review_by = "2027-01-15"
soc2_valid_until = 2026-12-31
data_residency = "eu"
retention_days = 30
encryption = ["in-transit", "at-rest"]
audit_logging = true

[tools.cursor]
status = "prohibited"
revoked_on = 2026-03-01
revoked_reason = "breach"

[tiers.open]
ai = "any"

[tiers.restricted]
ai = "approved"
tools = ["claude-code"]
require = ["soc2", "retention<=30"]
declaration = "required"
review = ["compliance", "compliance"]
training = ["ai-course"]
key = "hardware"

[[paths]]
patterns = ["**"]
tier = "open"

[[paths]]
patterns = ["src/ledger/**", "*.sql"]
tier = "restricted"
because = "the books"

[catalogue.in-house-bot]
name = "In-house bot"
emails = ["bot@bank.example"]
"""

PEOPLE = """\
[people.alice]
name = "Alice Ng"
emails = ["alice@bank.example", "ng@bank.example"]
accounts = ["github:alice"]
roles = [{ role = "developer", from = 2025-01-01 }]
trainings = [{ topic = "ai-course", on = 2026-01-20, valid_until = 2027-01-20, material = "v3" }]

[people.carol]
name = "Carol"
emails = ["carol@bank.example"]
roles = [{ role = "compliance", from = 2026-01-01, until = 2026-06-30 }]

[people.release-bot]
name = "Release bot"
kind = "service"
"""

EXCEPTIONS = """\
[[exceptions]]
id = "EX-1"
tool = "claude-code"
patterns = ["src/ledger/fixtures/**"]
persons = ["alice"]
reason = "fixtures"
ticket = "RISK-1"
requested_by = "alice"
approved_by = "carol"
starts = 2026-02-01
expires = 2026-02-28
"""

TEXTS = {"policy.toml": POLICY, "people.toml": PEOPLE, "exceptions.toml": EXCEPTIONS, "allowed_signers": ""}


def files(**changed: str | bytes | None) -> PolicyFiles:
    """The files of `.sox/`; `policy="..."` replaces policy.toml, None takes a file away."""
    texts: dict[str, str | bytes | None] = dict(TEXTS)
    for name, text in changed.items():
        texts[name if name == "allowed_signers" else f"{name}.toml"] = text
    contents = [(name, text.encode() if isinstance(text, str) else text) for name, text in texts.items()]
    return PolicyFiles(IDENTITY, tuple([(name, raw) for name, raw in contents if raw is not None]), "origin/main:.sox")


def loaded(**changed: str | bytes | None) -> Policy:
    """The policy, which must have nothing wrong with it."""
    policy, findings = load(files(**changed))
    assert findings == ()
    assert policy is not None
    return policy


def refused(**changed: str | bytes | None) -> tuple[Finding, ...]:
    """What is wrong with a policy that must not load."""
    policy, findings = load(files(**changed))
    assert policy is None
    assert findings
    return findings


def edited(text: str, old: str, new: str) -> str:
    """`text` with `old`, which stands in it once, replaced."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in it"
    return text.replace(old, new)


def with_examples(text: str) -> str:
    """A file of the starter with the examples of its comments taken out of them."""
    return re.sub(r"^# (?=\[|\]|  \{|[a-z0-9_]+ = )", "", text, flags=re.MULTILINE)
