"""SOX7xx: the log, and whether the controls operate."""

from __future__ import annotations

from sox_hooks.core.findings import ERROR, WARNING
from sox_hooks.policy.rules.rule import Rule

_INSTALL = "Run: sox-hooks install, then: sox-hooks doctor"

ALL = (
    Rule(
        "SOX701",
        "log-line-cut",
        WARNING,
        "The last line of the audit log is incomplete.",
        "The machine or the program stopped in the middle of an append; the entries before it are whole.",
        "Nothing is to be done: the next entry mends it and says so",
    ),
    Rule(
        "SOX702",
        "log-chain-broken",
        ERROR,
        "An entry of the audit log does not follow from the one before it.",
        "Every entry holds the digest of its predecessor; a break means that something was edited or removed.",
        "Keep a copy of the log for the audit team before anything else: sox-hooks log show",
    ),
    Rule(
        "SOX703",
        "log-entry-changed",
        ERROR,
        "A log entry is not the one that a commit's record is anchored to.",
        "The record fixes its entry's digest; the entry was changed after the commit was signed.",
        "Keep a copy of the log for the audit team, and compare with another clone: sox-hooks log verify",
    ),
    Rule(
        "SOX704",
        "log-missing-or-rolled-back",
        ERROR,
        "The audit log is missing, or ends before entries that commits are anchored to.",
        "A deleted log looks like a new clone; commits made here show that there was one.",
        "Restore it from a backup; if this is a new clone, nothing is to be done",
    ),
    Rule(
        "SOX705",
        "log-id-new",
        WARNING,
        "A known key signs with a log that was never seen before.",
        "That is a new clone or machine, or a log that was deleted to begin again.",
        "Ask the key's owner whether a new clone was made",
    ),
    Rule(
        "SOX706",
        "hook-not-installed",
        ERROR,
        "The commit-msg hook is not installed in this clone.",
        "Without it commits are not recorded, and the gate will refuse them later, when it is dearer to mend.",
        _INSTALL,
    ),
    Rule(
        "SOX707",
        "hook-not-executable",
        ERROR,
        "The hook is there, but git will not run it: it is not executable.",
        "git skips such a hook with no more than a hint, so that everything seems to work.",
        "Run: chmod +x on the file named, then: sox-hooks doctor",
    ),
    Rule(
        "SOX708",
        "hooks-path-elsewhere",
        ERROR,
        "core.hooksPath points to a folder that does not have our hook.",
        "git then ignores .git/hooks, and what is installed there never runs.",
        "Run: git config --unset core.hooksPath, or install there: sox-hooks install",
    ),
    Rule(
        "SOX709",
        "hook-filtered-away",
        ERROR,
        "The configuration of the hook's host leaves our hook out for some commits.",
        "A files:, exclude:, stages: or skip entry switches the control off without a word.",
        "Remove the entry named from the host's configuration, then run: sox-hooks doctor",
    ),
    Rule(
        "SOX710",
        "key-cannot-sign",
        ERROR,
        "The signing key cannot sign now.",
        "No record without a signature: the key is missing, its agent is not running, or nobody can type a passphrase.",
        "Run: sox-hooks doctor, it tries the key and says what is missing",
    ),
    Rule(
        "SOX711",
        "bypass-seen",
        WARNING,
        "A commit was made here without the commit-msg hook.",
        "git commit --no-verify and tools that write commits themselves skip the hook; the gate will refuse them.",
        "Record what was left out: sox-hooks resign --reason WHY BASE..HEAD",
    ),
    Rule(
        "SOX712",
        "key-not-on-protected-branch",
        ERROR,
        "The key is enrolled here, but not on the protected branch, and that is where it counts.",
        "Keys are judged by the branch that a change goes into; nobody can enrol herself.",
        "Have the change to .sox/allowed_signers and .sox/people.toml merged first",
    ),
    Rule(
        "SOX713",
        "no-policy-on-protected-branch",
        ERROR,
        "The protected branch has no .sox/ folder.",
        "A policy governs from the moment it is merged; until then nothing can be verified.",
        "Commit .sox/ and have it merged into the protected branch",
    ),
    Rule(
        "SOX714",
        "agent-file-out-of-step",
        ERROR,
        "A file that tells an AI agent what to leave alone does not say what the policy says.",
        "Such files are made from .sox/; one that was edited, or not made again, tells agents something else.",
        "Run: sox-hooks agents ignore-files, and commit what it changes",
    ),
)
