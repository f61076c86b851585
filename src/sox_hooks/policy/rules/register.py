"""SOX3xx: the tool register."""

from __future__ import annotations

from sox_hooks.core.findings import ERROR
from sox_hooks.policy.rules.rule import Rule

ALL = (
    Rule(
        "SOX301",
        "tool-not-registered",
        ERROR,
        "The tool is known, but the register of this repository has no entry for it.",
        "That a product exists says nothing about whether anybody here has examined it.",
        "Use a registered tool, or propose an entry [tools.<id>] in .sox/policy.toml",
    ),
    Rule(
        "SOX302",
        "tool-prohibited",
        ERROR,
        "The tool is prohibited. No tier and no exception admits it.",
        "A prohibition is a decision about the tool itself, not about a path.",
        "Make the change without this tool",
    ),
    Rule(
        "SOX303",
        "tool-restricted",
        ERROR,
        "The tool may be used only in tiers that name it, and this tier does not.",
        "A restricted tool was examined for one purpose; every other use needs its own decision.",
        "Use an approved tool, or ask for an exception",
    ),
    Rule(
        "SOX304",
        "version-not-allowed",
        ERROR,
        "The version of the tool is outside the range that the register allows.",
        "What was examined is a version; older ones have known faults, newer ones nobody has looked at.",
        "Install a version in the range named and commit again",
    ),
    Rule(
        "SOX305",
        "version-not-known",
        ERROR,
        "The register or the tier restricts the tool's version, and the version used is not known.",
        "A restriction that holds only where somebody happens to write the version is none.",
        'git commit --trailer "Assisted-by: TOOL@VERSION"',
    ),
    Rule(
        "SOX306",
        "model-not-allowed",
        ERROR,
        "The model is not one that the register allows for this tool.",
        "One tool can send code to very different models, run by different vendors in different regions.",
        "Switch the tool to a model that the register lists and commit again",
    ),
    Rule(
        "SOX307",
        "model-not-known",
        ERROR,
        "The register or the tier restricts the tool's model, and the model used is not known.",
        "A restriction that holds only where somebody happens to write the model is none.",
        'git commit --trailer "Assisted-by: TOOL@VERSION:MODEL"',
    ),
    Rule(
        "SOX308",
        "condition-not-met",
        ERROR,
        "The tool does not meet a due-diligence condition that the tier requires.",
        "Code of this tier may go only to vendors whose assurances cover it, on the day it is sent.",
        "Use a tool that meets the condition (sox-hooks policy test PATH), or have the register entry renewed",
    ),
    Rule(
        "SOX309",
        "condition-not-filled-in",
        ERROR,
        "The register does not say whether the tool meets a condition that the tier requires.",
        "Due diligence that nobody wrote down was not done.",
        "Have the tool's owner fill in the field named in [tools.<id>] of .sox/policy.toml",
    ),
    Rule(
        "SOX310",
        "tool-revoked",
        ERROR,
        "The approval of the tool was revoked. No exception lifts that.",
        "Approvals are revoked for a reason, such as a breach at the vendor; use must stop at once, everywhere.",
        "Make the change without this tool",
    ),
    Rule(
        "SOX311",
        "tool-not-yet-approved",
        ERROR,
        "The tool is approved only from a later day.",
        "An approval does not reach back: what was done before it was done without it.",
        "Wait for the day of approval, use another tool, or ask for an exception",
    ),
)
