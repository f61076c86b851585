"""The policy as values: what `.sox/` says, after loading and before judging.

Everything here is plain data (strings, integers, tuples), so that a compiled policy can be kept as JSON in a cache that
a hook reads in a millisecond. Dates are `YYYY-MM-DD`, moments `YYYY-MM-DDTHH:MM:SSZ`; both compare as strings; "" = not
said.
"""

from __future__ import annotations

from sox_hooks.core.findings import Place
from sox_hooks.core.struct import Struct

# tools.<id>.status
APPROVED, RESTRICTED, PROHIBITED = "approved", "restricted", "prohibited"
# tiers.<name>.ai, from loose to strict
AI_ANY, AI_APPROVED, AI_NONE = "any", "approved", "none"
# tiers.<name>.reads
READS_ALLOWED, READS_DENIED = "allow", "deny"
# The values of AI-Assistance, from weak to strong (the strongest claim of several sources is recorded).
UNDECLARED, NONE, ASSISTED = "undeclared", "none", "assisted"
# Confidence of evidence.
HIGH, MEDIUM, LOW = "high", "medium", "low"
# Relations of section 5 of the contract.
SAME_CHANGE, SAME_PATCH, MERGE, REVERT, SQUASH = "same-change", "same-patch", "merge", "revert", "squash"
RELATIONS = (SAME_CHANGE, SAME_PATCH, MERGE, REVERT, SQUASH)


class Tool(Struct):
    """An entry of the tool register: `[tools.<id>]`."""

    id: str
    status: str
    versions: str = ""  # comma-separated comparisons that must all hold, e.g. ">=2.1,<3"; "" = any
    models: tuple[str, ...] = ()  # glob patterns; empty = any
    vendor: str = ""
    owner: str = ""
    evidence: str = ""
    approved_on: str = ""
    review_by: str = ""
    soc2_valid_until: str = ""
    data_residency: tuple[str, ...] = ()
    retention_days: int = -1  # -1 = not said
    encryption: tuple[str, ...] = ()
    audit_logging: int = -1  # 0 no, 1 yes, -1 not said
    revoked_on: str = ""
    revoked_reason: str = ""
    place: Place | None = None


class Tier(Struct):
    """`[tiers.<name>]`. `rank` orders tiers: of all tiers whose patterns match a path the highest rank wins."""

    name: str
    ai: str
    rank: int
    tools: tuple[str, ...] = ()  # empty = every tool that `ai` admits
    require: tuple[str, ...] = ()  # conditions such as "soc2", "residency:eu", "retention<=30"
    declaration: str = "optional"  # or "required"
    review: tuple[str, ...] = ()  # roles, each by a distinct person
    training: tuple[str, ...] = ()  # topics
    key: str = "any"  # or "hardware"
    reads: str = READS_ALLOWED  # or READS_DENIED: a tool that may not edit a path may not read it either
    undeclared: bool = False  # [enforcement] undeclared names this tier
    relations: tuple[str, ...] = RELATIONS
    place: Place | None = None


class Pattern(Struct):
    """One gitignore pattern, ready to match. `text` is folded as the policy says (`match.fold`).

    kind `all`     every path
         `prefix`  `text` + "/" begins the path, or the path is `text`
         `exact`   the same test (it was written without a trailing slash)
         `name`    some component of the path is `text`
         `suffix`  some component ends in `text`
         `glob`    some component matches `text`, a regular expression for `re.match`
         `regex`   the path matches `text`, a regular expression for `re.match`
    For these two `literal` is a text that whatever matches must hold, "" if there is none.
    """

    source: str
    kind: str
    text: str
    literal: str = ""


class PathRule(Struct):
    """`[[paths]]`: patterns that put paths into a tier, and the reason."""

    patterns: tuple[Pattern, ...]
    tier: str
    because: str = ""
    place: Place | None = None


class Dated(Struct):
    """A role or a training with its validity; both ends included, "" = open."""

    name: str
    start: str = ""
    end: str = ""
    material: str = ""


class Person(Struct):
    """`[people.<id>]`: a person, or a service with its own key (`kind = "service"`)."""

    id: str
    name: str = ""
    kind: str = "person"
    emails: tuple[str, ...] = ()  # as written; compare lower-cased
    accounts: tuple[str, ...] = ()  # "github:login"
    roles: tuple[Dated, ...] = ()
    trainings: tuple[Dated, ...] = ()
    place: Place | None = None


class PolicyException(Struct):
    """`[[exceptions]]`: who may use which tool where, for how long, and who said so."""

    id: str
    tool: str
    patterns: tuple[Pattern, ...]
    persons: tuple[str, ...]
    reason: str
    ticket: str
    requested_by: str
    approved_by: str
    starts: str
    expires: str
    place: Place | None = None


class Signer(Struct):
    """A line of `allowed_signers`: one key of one person."""

    person: str  # id in people.toml
    principals: tuple[str, ...]
    key_type: str  # as in the file: ssh-ed25519, ecdsa-sha2-nistp256, ssh-rsa, sk-ssh-ed25519@openssh.com, ...
    key: str  # standard base64 of the public key blob
    valid_after: str = ""  # moment
    valid_before: str = ""  # moment
    place: Place | None = None


class Policy(Struct):
    """All of `.sox/` at one state. `identity` is the git tree id of the folder."""

    identity: str
    repository: str
    version: int
    owner: str = ""
    former: tuple[str, ...] = ()
    mode: str = "enforce"  # or "warn"
    baseline: tuple[str, ...] = ()  # the last exempt commits
    record_for_others: bool = False
    spelling: str = "tool"  # or "llm": how Assisted-by is written
    case_sensitive: bool = False
    exceptions_approved_by: str = "compliance"  # role
    tools: tuple[Tool, ...] = ()
    tiers: tuple[Tier, ...] = ()
    paths: tuple[PathRule, ...] = ()
    people: tuple[Person, ...] = ()
    exceptions: tuple[PolicyException, ...] = ()
    signers: tuple[Signer, ...] = ()
    catalogue: str = ""  # JSON text: the [catalogue.<id>] overrides of policy.toml, see detection.catalogue
