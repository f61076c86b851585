"""What is known about one commit before it is judged, and what came of judging it.

`Facts` go into `policy.evaluate.evaluate`, a `Decision` comes out. The hook fills them from the index and the
environment, verification from the commit, `check` from the work tree: the function is the same.
"""

from __future__ import annotations

from sox_hooks.core.findings import Finding, Place
from sox_hooks.core.struct import Struct
from sox_hooks.policy.model import UNDECLARED


class ToolUse(Struct):
    """A tool as named in a claim: `Assisted-by: TOOL[@VERSION][:MODEL]`. `known` = the catalogue or register has it."""

    tool: str
    version: str = ""
    model: str = ""
    known: bool = True

    def __str__(self) -> str:
        text = self.tool
        if self.version:
            text += f"@{self.version}"
        if self.model:
            text += f":{self.model}"
        return text


class Evidence(Struct):
    """One sign that a tool took part (or that a bot wrote the commit).

    tool        id in the catalogue
    confidence  `high`, `medium` or `low` (low never decides alone)
    source      `environment`, `ancestry`, `trailer`, `footer`, `author`, `committer`, `journal`, `git-ai`, ...
    detail      what was seen, safe to store: a variable's name, never its value; never a session id in the clear
    version, model  where the source tells
    session     SHA-256 (hex, first 16 digits) of the session id where the source tells
    kind        `ai` or `bot` (dependabot, renovate: automation that is not AI)
    """

    tool: str
    confidence: str
    source: str
    detail: str
    version: str = ""
    model: str = ""
    session: str = ""
    kind: str = "ai"


class Claim(Struct):
    """What a commit says, or is made to say: the value of AI-Assistance and the tools."""

    assistance: str = UNDECLARED
    tools: tuple[ToolUse, ...] = ()


class Facts(Struct):
    """One commit (or one about to be made).

    paths        every touched path, folded nothing: text as `core.text.decode` gives it; both ends of a rename
    declared     what the person declared (trailers typed by hand, configuration), or an undeclared Claim
    evidence     what detection found
    author_email the author's address as text
    person       id of the person who answers for the commit: the key's owner, "" if not known
    moment       when: ISO, UTC (the desk's clock, or the moment the verifier judges by)
    exceptions   ids of exceptions that the commit claims; () = look for any that fit
    key_touched  True/False if a signature told whether a person touched the key, None before there is one
    files        what is known of single files, for the log and never judged: path, `written` or `edited since`, tools
    conflicts    where sources of evidence do not agree, a line each, see `detection.conflicts`; told, never judged
    """

    paths: tuple[str, ...]
    declared: Claim
    evidence: tuple[Evidence, ...]
    author_email: str
    person: str
    moment: str
    exceptions: tuple[str, ...] = ()
    key_touched: bool | None = None
    files: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    conflicts: tuple[str, ...] = ()


class PathVerdict(Struct):
    """The tier of a path and what put it there: `pattern` and `because` are "" if nothing matched (strictest tier)."""

    path: str
    tier: str
    pattern: str = ""
    because: str = ""
    place: Place | None = None  # of the [[paths]] entry


class Decision(Struct):
    """What `evaluate` says. `allowed` takes the mode into account (`warn` allows everything); findings do not."""

    allowed: bool
    claim: Claim
    findings: tuple[Finding, ...]
    tiers: tuple[str, ...]  # of all paths, strictest first
    exceptions: tuple[str, ...] = ()  # ids that were needed and used
    relations: tuple[str, ...] = ()  # what the strictest touched tiers all accept
    paths: tuple[PathVerdict, ...] = ()  # verdicts for paths not in the loosest tier (at most 1,000)
