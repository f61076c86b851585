"""What may stand in `policy.toml`: every key with its values and its meaning. The loader and the schema read this."""

from __future__ import annotations

from sox_hooks.policy.grammar import Day, Flag, Free, Group, Key, Many, Named, Text, Whole
from sox_hooks.policy.model import (
    AI_ANY,
    AI_APPROVED,
    AI_NONE,
    APPROVED,
    PROHIBITED,
    READS_ALLOWED,
    READS_DENIED,
    RELATIONS,
    RESTRICTED,
)

LINE = Text()
# Ids of tools stand in trailers, so they keep clear of @ and : and of the 72 columns of a line.
ID = Text(
    r"[a-z0-9][a-z0-9._-]{0,47}",
    "lower-case letters, digits, '.', '_' and '-', at most 48 of them",
)
NAME = Text(r"[A-Za-z0-9][A-Za-z0-9._-]{0,47}", "letters, digits, '.', '_' and '-', at most 48 of them")
REPOSITORY = Text(r"[A-Za-z0-9._/-]{1,200}", 'an id such as "bank/ledger": letters, digits, ".", "_", "/" and "-"')
COMMIT = Text(r"[0-9a-f]{40}|[0-9a-f]{64}", "a full commit id in lower-case hexadecimal (git rev-parse COMMIT)")
PATTERNS = Many(Text(longest=4096), least=1)
RANGE = Text(
    r"(>=|<=|==|!=|>|<) *v?[0-9][0-9A-Za-z.+-]{0,39}( *, *(>=|<=|==|!=|>|<) *v?[0-9][0-9A-Za-z.+-]{0,39})*",
    'comparisons such as ">=2.1,<3"',
)
MODEL = Text(r"[A-Za-z0-9._/:+*?-]{1,100}", 'the name of a model, with * and ? as wildcards, such as "claude-opus-*"')
REGION = Text(r"[a-z][a-z0-9-]{0,31}", 'a region in lower-case letters, such as "eu"')
CONDITION = Text(
    r"soc2|residency:[a-z][a-z0-9-]{0,31}|retention<=[0-9]{1,5}|encryption(:(in-transit|at-rest))?"
    r"|audit_logging|version|model|review|evidence",
    'a condition: soc2, residency:REGION, retention<=DAYS, encryption, encryption:at-rest, encryption:in-transit, '
    "audit_logging, version, model, review or evidence",
    examples=(
        "soc2", "residency:eu", "retention<=30", "encryption", "encryption:at-rest", "encryption:in-transit",
        "audit_logging", "version", "model", "review", "evidence",
    ),
)  # fmt: skip

_POLICY = Group(
    (
        Key("repository", REPOSITORY, "Stable id of this repository; every record names it", required=True),
        Key("former", Many(REPOSITORY), "Earlier ids of this repository; records that name them still hold"),
        Key("version", Whole(1), "Grows with every change of the rules and never goes back", required=True),
        Key("owner", LINE, "The person or team that answers for this policy", required=True),
    )
)

_ENFORCEMENT = Group(
    (
        Key("mode", Text(values=("enforce", "warn")), "warn: report, but refuse nothing", default="enforce"),
        Key("baseline", Many(COMMIT), "The last commits that need no record: what they reach is exempt"),
        Key("undeclared", Many(ID), "Tiers that accept commits of which nobody said whether AI took part"),
        Key(
            "relations",
            Named(ID, Many(Text(values=RELATIONS), least=1)),
            "For a tier: how a commit may follow from what was signed (same-patch = moved by a clean rebase)",
        ),
        Key("record_for_others", Flag(), "Whether somebody may record another author's patch", default=False),
        Key("exceptions_approved_by", NAME, "The role that approves exceptions", default="compliance"),
        Key(
            "assisted_by",
            Text(values=("tool", "llm")),
            "How Assisted-by is written: with the tool's id, or as LLM like the Linux kernel does",
            default="tool",
        ),
        Key(
            "case_sensitive_paths",
            Flag(),
            "true: SRC/Ledger is not src/ledger (safe only where no file system in use folds case)",
            default=False,
        ),
    )
)

_TOOL = Group(
    (
        Key(
            "status",
            Text(values=(APPROVED, RESTRICTED, PROHIBITED)),
            "approved, restricted (only in tiers that name the tool) or prohibited",
            required=True,
        ),
        Key("versions", RANGE, "Versions that are allowed; all if it is not given"),
        Key("models", Many(MODEL), "Models that are allowed; all if it is not given"),
        Key("vendor", LINE, "Who makes the tool"),
        Key("owner", LINE, "Who answers for the tool in this organisation"),
        Key("evidence", LINE, "Where the proof of the due diligence is kept: a reference or an address"),
        Key("approved_on", Day(), "The first day on which the tool may be used"),
        Key("review_by", Day(), "The day by which the approval is looked at again"),
        Key("soc2_valid_until", Day(), "The last day that the vendor's SOC 2 report covers"),
        Key("data_residency", Many(REGION, alone=True), "The regions in which data stays"),
        Key("retention_days", Whole(), "For how many days the vendor keeps conversations and code"),
        Key("encryption", Many(Text(values=("in-transit", "at-rest")), alone=True), "Where data is encrypted"),
        Key("audit_logging", Flag(), "Whether use of the tool is logged for the organisation"),
        Key("revoked_on", Day(), "The first day on which the tool may no longer be used"),
        Key("revoked_reason", LINE, "Why it was revoked"),
    )
)

_TIER = Group(
    (
        Key(
            "ai",
            Text(values=(AI_ANY, AI_APPROVED, AI_NONE)),
            "any tool, approved tools, or none",
            required=True,
        ),
        Key("tools", Many(ID), "Only these tools; all that `ai` admits if it is not given"),
        Key("require", Many(CONDITION), "Conditions that a tool must meet here, by the register"),
        Key(
            "declaration",
            Text(values=("required", "optional")),
            "Whether it must be declared if AI took part",
            default="optional",
        ),
        Key("review", Many(NAME, repeats=True), "Roles that approve a change, each by another person"),
        Key("training", Many(NAME), "Topics in which whoever uses AI here must be trained"),
        Key(
            "key",
            Text(values=("any", "hardware")),
            "hardware: the signature proves that a person touched the key",
            default="any",
        ),
        Key(
            "reads",
            Text(values=(READS_ALLOWED, READS_DENIED)),
            "deny: connected agents may not read what they may not edit",
            default=READS_ALLOWED,
        ),
    )
)

_PATHS = Group(
    (
        Key("patterns", PATTERNS, "gitignore patterns, positive ones only", required=True),
        Key("tier", ID, "The tier of the paths that match; of several the most restrictive wins", required=True),
        Key("because", LINE, "The reason, shown to whoever is refused"),
    )
)

POLICY_FILE = Group(
    (
        Key("policy", _POLICY, "What this policy is", required=True),
        Key("enforcement", _ENFORCEMENT, "How it is applied"),
        Key("tools", Named(ID, _TOOL), "The register of AI tools; what is not here is not approved"),
        Key("tiers", Named(ID, _TIER, least=1, most=50), "Kinds of paths, by what AI may do there", required=True),
        Key("paths", Many(_PATHS), "Which paths are in which tier; what no pattern matches is in the strictest"),
        Key("catalogue", Named(ID, Free()), "How tools are recognised: additions to the built-in catalogue"),
    )
)
