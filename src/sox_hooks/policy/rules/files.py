"""SOX0xx: the files of `.sox/`."""

from __future__ import annotations

from sox_hooks.core.findings import ERROR, NOTE, WARNING
from sox_hooks.policy.rules.rule import Rule

_LINT = "Correct the line named, then run: sox-hooks policy lint"

ALL = (
    Rule(
        "SOX001",
        "policy-unreadable",
        ERROR,
        "A file of .sox/ is not valid TOML, not UTF-8, or cannot be read.",
        "A policy that cannot be read in full cannot be enforced in full.",
        "Correct the file at the place named, then run: sox-hooks policy lint",
    ),
    Rule(
        "SOX002",
        "unknown-key",
        ERROR,
        "A file of .sox/ holds a key that means nothing.",
        "A misspelt key would otherwise switch a rule off without anybody noticing.",
        "Correct the spelling or remove the key, then run: sox-hooks policy lint",
    ),
    Rule(
        "SOX003",
        "wrong-value",
        ERROR,
        "A value in .sox/ has the wrong type, or is not one of the values that are allowed there.",
        "Guessing what a value was meant to say is no basis for a control.",
        _LINT,
    ),
    Rule(
        "SOX004",
        "missing-key",
        ERROR,
        "A key that must be there is missing from a file of .sox/.",
        "What the policy does not say cannot be judged; there is no safe default for these keys.",
        "Add the key named, then run: sox-hooks policy lint",
    ),
    Rule(
        "SOX005",
        "wrong-date",
        ERROR,
        "A date in .sox/ does not exist, is not written YYYY-MM-DD, or ends before it begins.",
        "Approvals, roles, trainings and exceptions hold from a day to a day; an inverted interval holds never.",
        "Write the date as YYYY-MM-DD, the earlier day first, then run: sox-hooks policy lint",
    ),
    Rule(
        "SOX006",
        "duplicate",
        ERROR,
        "Two entries of .sox/ have the same id, e-mail address, account or key.",
        "If two entries answer to one name, which of them is meant depends on their order.",
        "Keep one of the entries, or give the other its own id, then run: sox-hooks policy lint",
    ),
    Rule(
        "SOX007",
        "pattern-refused",
        ERROR,
        "A pattern cannot be used: it is negative, holds a POSIX class, ends in a backslash or blank, or is invalid.",
        "Such patterns match less than they seem to, or mean something else to git; a restricted path would slip out.",
        "Write it as one or more positive gitignore patterns, then try it with: sox-hooks policy test PATH",
    ),
    Rule(
        "SOX008",
        "unknown-reference",
        ERROR,
        "An entry of .sox/ names a tier, tool, person, role or topic that is defined nowhere.",
        "A rule about something that does not exist never applies, and nobody would notice.",
        "Correct the name, or define what it names, then run: sox-hooks policy lint",
    ),
    Rule(
        "SOX009",
        "allowed-signers-line",
        ERROR,
        'A line of .sox/allowed_signers is not: principals, namespaces="sox-record", one key of one known person.',
        "ssh-keygen accepts wildcards, shared keys and missing namespaces, so that one person's key signs for another.",
        "Write the line with: sox-hooks keys enrol, or correct it as the page of this rule shows",
    ),
    Rule(
        "SOX010",
        "register-incomplete",
        WARNING,
        "A tier requires a condition that the register entry of a tool does not state.",
        "Due diligence that nobody wrote down was not done; the tool is refused there until the field is filled in.",
        "Fill in the field named in [tools.<id>] of .sox/policy.toml once it has been verified",
    ),
    Rule(
        "SOX011",
        "entry-expired-or-due",
        WARNING,
        "An entry of .sox/ has expired, or its day of review has passed or is near.",
        "Approvals, attestations, trainings and exceptions are decisions for a time; somebody must look again.",
        "Review the entry and give it a new date, or remove it",
    ),
    Rule(
        "SOX012",
        "tiers-not-ordered",
        ERROR,
        "The tiers cannot be put in order from loose to strict.",
        "A path that several patterns match gets the strictest tier; which one is strictest must not be open to doubt.",
        "Make the stricter tier at least as strict in every setting, or give the tiers an order, as the finding says",
    ),
    Rule(
        "SOX013",
        "no-catch-all",
        WARNING,
        "No pattern matches everything, so that paths which nobody thought of fall into the strictest tier.",
        "That is safe, but it surprises: a new folder is refused until somebody gives it a tier.",
        'Add to .sox/policy.toml a [[paths]] entry with patterns = ["**"] and the tier meant for everything else',
    ),
    Rule(
        "SOX014",
        "policy-version-went-back",
        ERROR,
        "The version of the policy is lower than that of the policy it replaces, or equal although the rules differ.",
        "Records name the policy they were judged by; an older one must not come back under a branch or a revert.",
        "Raise version in [policy] of .sox/policy.toml above the one named",
    ),
    Rule(
        "SOX015",
        "policy-file-missing",
        ERROR,
        "A file that every policy needs is not in .sox/.",
        "Without people, nobody can sign; without a policy, nothing can be judged.",
        "Run: sox-hooks init (it adds what is missing and leaves the rest alone)",
    ),
    Rule(
        "SOX016",
        "tier-not-used",
        NOTE,
        "No pattern puts a path into this tier.",
        "It protects nothing; perhaps the [[paths]] entry that was meant for it is missing.",
        "Add to .sox/policy.toml a [[paths]] entry for the tier, or remove the tier",
    ),
)
