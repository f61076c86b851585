"""SOX2xx: paths and tools."""

from __future__ import annotations

from sox_hooks.core.findings import ERROR, NOTE
from sox_hooks.policy.rules.rule import Rule

ALL = (
    Rule(
        "SOX201",
        "ai-not-allowed-here",
        ERROR,
        "An AI tool took part in a change to a path whose tier allows no AI at all.",
        "Some code is too sensitive to leave the organisation, or must be a person's own work.",
        "Take the path out of this commit and make that change without AI, or ask for an exception",
    ),
    Rule(
        "SOX202",
        "tool-not-approved",
        ERROR,
        "The tool is in the register, but not as approved, and the tier takes approved tools only.",
        "Being known is not being approved: somebody has to answer for the tool.",
        "Use an approved tool (sox-hooks policy test PATH lists them), or ask for an exception",
    ),
    Rule(
        "SOX203",
        "tool-not-in-tier",
        ERROR,
        "The tier lists the tools that may be used there, and this one is not among them.",
        "A tool can be good enough for one kind of code and not for another.",
        "Use a tool that the tier lists (sox-hooks policy test PATH shows them), or ask for an exception",
    ),
    Rule(
        "SOX204",
        "path-without-rule",
        NOTE,
        "No pattern matches the path, so the strictest tier applies.",
        "What nobody thought of is safer judged too strictly than not at all.",
        "Give the path a tier: a [[paths]] entry in .sox/policy.toml",
    ),
    Rule(
        "SOX205",
        "agent-edits-controls",
        ERROR,
        "An AI agent was about to edit the policy, a git hook, or the configuration that makes agents ask.",
        "Whoever can change the rules is not bound by them. A person makes these changes.",
        "Leave this file to a person: say what should change in it, and why",
    ),
    Rule(
        "SOX206",
        "agent-bypasses-hooks",
        ERROR,
        "An AI agent was about to run a command that goes around git's hooks.",
        "The gate refuses a commit without a record, and that is what --no-verify, core.hooksPath and the like leave.",
        "Run git commit as it is; if a hook refuses the commit, tell the person what it said",
    ),
    Rule(
        "SOX207",
        "reading-refused",
        ERROR,
        'An AI agent was about to read a path that it may not edit, in a tier that has `reads = "deny"`.',
        "What an agent reads leaves the machine: it is sent to whoever runs the model.",
        "Go on without this file; if it is needed, ask the person what is in it that matters",
    ),
)
