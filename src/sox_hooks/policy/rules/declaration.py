"""SOX1xx: declaration and attribution."""

from __future__ import annotations

from sox_hooks.core.findings import ERROR, NOTE, WARNING
from sox_hooks.policy.rules.rule import Rule

_DECLARE = (
    'git commit --trailer "AI-Assistance: none" (or type it last in the editor; never any AI: '
    'git config sox.declaration none), else "Assisted-by: TOOL@VERSION"'
)

ALL = (
    Rule(
        "SOX101",
        "declaration-missing",
        ERROR,
        "The change touches a tier where it must be declared whether AI took part, and nobody said so.",
        "For these paths the organisation wants a person's word, not the absence of signs.",
        _DECLARE,
    ),
    Rule(
        "SOX102",
        "declaration-contradicted",
        WARNING,
        "The declaration says less than the evidence; the stronger claim is recorded.",
        "An agent can write AI-Assistance: none too.",
        "If the evidence is stale (an old terminal of an agent), start a clean shell and commit again.",
    ),
    Rule(
        "SOX103",
        "undeclared-not-accepted",
        ERROR,
        "Nobody declared whether AI took part, and the tier does not accept undeclared changes.",
        "The absence of signs does not mean that a person wrote it; only some tiers can live with not knowing.",
        _DECLARE,
    ),
    Rule(
        "SOX105",
        "weak-signs-of-ai",
        NOTE,
        "Something hints at an AI tool, but not enough to say so.",
        "Signals that people also produce must never decide alone; they are kept as evidence.",
        "Declare what is true: AI-Assistance: none, or Assisted-by: TOOL",
    ),
    Rule(
        "SOX106",
        "tool-not-named",
        ERROR,
        "The change is declared as assisted, but not by which tool, or by a name that no catalogue has.",
        "Whether a tool is approved can only be judged when it is known which tool it was.",
        'git commit --trailer "Assisted-by: TOOL@VERSION" with the tool that was used, by its id in the catalogue',
    ),
    Rule(
        "SOX107",
        "evidence-disagrees",
        WARNING,
        "Sources of evidence about AI do not agree with each other.",
        "The strongest claim that any source supports is recorded; that another one says otherwise is kept beside it.",
        "If a source is out of date (an old terminal of an agent), start a clean shell; else nothing has to be done.",
    ),
    Rule(
        "SOX108",
        "recorder-says-more",
        WARNING,
        "Another recorder (git-ai's notes, Agent Trace) says more about AI than the record of the commit.",
        "Whoever may push may write such a note, and it may come later: worth a question, and no proof.",
        "Ask the author, who can make a new record, if the note is right: sox-hooks resign --all --reason WHY RANGE",
    ),
)
