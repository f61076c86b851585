"""Evidence from a commit message, and what a person declared in it.

Authority has the final block of trailers; what looks like a trailer elsewhere (squash messages quote the messages of
their commits, indented or in a list) is found too and counts one step less. Letters that look like others are read as
what they look like, and the evidence says so.
"""

from __future__ import annotations

from sox_hooks.core.text import decode
from sox_hooks.core.trailers import WHITE, last_paragraph, parse_block
from sox_hooks.detection.catalogue import fits
from sox_hooks.detection.identity import lookup, split
from sox_hooks.detection.lookalikes import fold
from sox_hooks.detection.sessions import hashed
from sox_hooks.detection.tool_names import UNNAMED, as_model, is_model, is_negative, read_tool
from sox_hooks.policy.facts import Claim, Evidence, ToolUse
from sox_hooks.policy.model import ASSISTED, HIGH, LOW, MEDIUM, NONE, UNDECLARED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.detection.catalogue import Catalogue

_STRENGTH = {LOW: 0, MEDIUM: 1, HIGH: 2}
_LESS = {HIGH: MEDIUM, MEDIUM: LOW, LOW: LOW}
_BULLETS = " \t*->|•"
_LONGEST_KEY = 45
_YES = ("true", "yes", "full", "fully", "partial", "partially", "1", "assisted")


def evidence(catalogue: Catalogue, message: bytes) -> tuple[Evidence, ...]:
    """Every tool that the message names, once for each source: `trailer`, `footer`, `subject`, `branch`."""
    start, end = last_paragraph(message)
    if not message[:start].strip(WHITE):
        start = end  # one paragraph is a subject and never a block of trailers
    body = decode(message[:start])
    if "\\n" in body:  # messages that a script has put together, with line ends that never became any
        body = body.replace("\\n", "\n")
    reader = _Reader(catalogue)
    reader.read(body, in_block=False)
    if start < end:
        reader.read(decode(message[start:end]), in_block=True)
    return reader.result()


def declared(catalogue: Catalogue, message: bytes) -> Claim:
    """What a person typed in the final block with the contract's keys, or what an earlier record of ours says there.

    A person named in `Assisted-by` is ignored. A value of AI-Assistance that is neither a no nor `undeclared` counts as
    `assisted`: the stronger reading of something misspelt.
    """
    assistance = UNDECLARED
    tools: dict[str, ToolUse] = {}
    for trailer in parse_block(message):
        key = trailer.key.lower()
        if key not in ("ai-assistance", "assisted-by") or not trailer.value:
            continue
        tool: ToolUse | None = None
        if is_negative(trailer.value):
            assistance = ASSISTED if assistance == ASSISTED else NONE
        elif key == "assisted-by":
            tool = read_tool(catalogue, trailer.value)
        elif trailer.value.lower() != UNDECLARED:
            assistance = ASSISTED
            tool = read_tool(catalogue, trailer.value)
            tool = tool if tool is not None and tool.known else None
        if tool is not None and catalogue.kind(tool.tool) == "ai":
            assistance = ASSISTED
            tools[str(tool)] = tool
    return Claim(assistance, tuple(tools.values()))


def plain(line: str) -> str:
    """A line without decoration: lower case, from the first letter or digit to the last, links as their text.

    >>> plain("🤖 Generated with [Claude Code](https://claude.com/claude-code)")
    'generated with claude code'
    """
    text = line.lower()
    start = next((place for place, char in enumerate(text) if char.isalnum()), len(text))
    text = text[start:]
    while (middle := text.find("](")) > 0 and (left := text.rfind("[", 0, middle)) >= 0:
        right = text.find(")", middle)
        text = text[:left] + text[left + 1 : middle] + (text[right + 1 :] if right > 0 else "")
    if text.endswith(")") and " (" in text:
        text = text[: text.rfind(" (")]
    while text and not text[-1].isalnum():
        text = text[:-1]
    return " ".join(text.split())


class _Reader:
    """Reads parts of one message and keeps, for each tool and source, the strongest evidence."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.found: dict[tuple[str, str], Evidence] = {}
        self.subject_seen = False
        self.in_block = False
        self.raw = ""  # the line before folding

    def result(self) -> tuple[Evidence, ...]:
        """What was found; "AI, tool not named" only where no tool was named."""
        entries = tuple(self.found.values())
        named = [entry for entry in entries if entry.kind == "ai" and entry.tool != UNNAMED]
        most = max([_STRENGTH[entry.confidence] for entry in named], default=-1)
        return tuple([e for e in entries if e.tool != UNNAMED or _STRENGTH[e.confidence] > most])

    def read(self, text: str, *, in_block: bool) -> None:
        read = fold(text)
        lines = read.split("\n")
        raw = lines if read is text else text.split("\n")
        lowered = read.lower()
        footers = any(word in lowered for word in self.catalogue.footer_words)
        last: tuple[str, str] | None = None  # the trailer that an indented line continues
        for number, line in enumerate(lines):
            self.raw = raw[number]
            if in_block and line[:1] in (" ", "\t") and last is not None:
                last = (last[0] + " " + self.raw.strip(), last[1] + " " + line.strip())
                self._again(*last)
            elif in_block:
                last = (self.raw, line)
            self.in_block = in_block and line[:1] not in (" ", "\t")
            self._line(line)
            if footers:
                self._footer(line)

    def _again(self, raw: str, line: str) -> None:
        kept, self.raw, self.in_block = self.raw, raw, True
        self._line(line)
        self.raw = kept

    def _line(self, line: str) -> None:
        subject = not self.subject_seen and bool(line.strip())
        if subject:
            self.subject_seen = True
            self._subject(line)
        colon = line.find(":", 0, _LONGEST_KEY)
        bracket = line.find("<")
        if colon < 0 and bracket < 0:
            return
        if colon < 0 or 0 <= bracket < colon:  # "Co-authored-by Claude <noreply@anthropic.com>"
            words = line.lower().lstrip(_BULLETS)
            if not words.startswith(("co-authored", "co-author", "coauthored", "co authored")):
                return
            self._person("author", "Co-authored-by", line)
            return
        written = line[:colon].strip(_BULLETS)
        if " " in written or line[:1] in _BULLETS:
            self.in_block = False  # no trailer to git
        key = written.lower().replace(" ", "-").replace("_", "-")
        value = line[colon + 1 :].strip()
        catalogue = self.catalogue
        if key in catalogue.trailers:
            self._own_trailer(key, written, value)
        kind = catalogue.keys.get(key, "")
        if kind in ("author", "reviewer") or (not kind and key.endswith("-by") and "@" in value):
            self._person(kind, written, value)
        elif kind and not subject and value:
            self._tool(kind, written, value)

    def _own_trailer(self, key: str, written: str, value: str) -> None:
        best: tuple[str, str] | None = None
        for pattern, tool, grade in self.catalogue.trailers[key]:
            if fits(pattern, value.lower()) and (best is None or _STRENGTH[grade] > _STRENGTH[best[1]]):
                best = (tool, grade)
        if best is not None and value:
            session = hashed(best[0], value) if key in self.catalogue.session_trailers else ""
            self._add(ToolUse(best[0]), best[1], "trailer", written, value, session=session)

    def _person(self, kind: str, written: str, value: str) -> None:
        """`Name <mail>`; tolerant of what people do to the brackets."""
        if "&lt;" in value:
            value = value.replace("&lt;", "<").replace("&gt;", ">")
        name, address = split(value if ">" in value else value + ">")
        if not address:
            name, _, address = value.rpartition(" ")
            if "@" not in address:
                name, address = value, ""
        hit = lookup(self.catalogue, address) if address else None
        if hit is None:
            if is_model(self.catalogue, name) and kind == "author":
                self._add(ToolUse(UNNAMED, "", as_model(name)), LOW, "trailer", written, name)
            return
        tool, grade = hit
        named = read_tool(self.catalogue, f"{name} <{address}>") if self.catalogue.kind(tool) == "ai" else None
        self._add(named or ToolUse(tool), LOW if kind == "reviewer" else grade, "trailer", written, address)

    def _tool(self, kind: str, written: str, value: str) -> None:
        if is_negative(value):
            return
        tool = read_tool(self.catalogue, value)
        if tool is not None and tool.known:
            if self.catalogue.kind(tool.tool) == "ai":
                self._add(tool, MEDIUM if kind == "hint" else HIGH, "trailer", written, value)
        elif kind == "statement" and (self.in_block or value.lower() in _YES):
            self._add(ToolUse(UNNAMED), MEDIUM, "trailer", written, value)

    def _footer(self, line: str) -> None:
        lowered = line.lower()
        if not any(word in lowered for word in self.catalogue.footer_words):
            return
        text = plain(line)
        known = self.catalogue.footers.get(text)
        if known is None:
            known = next(
                ([tool, grade] for start, tool, grade in self.catalogue.footer_starts if text.startswith(start)), None
            )
        if known is not None:
            # A footer is a paragraph of its own above the trailers; indented ones are quotes.
            self.in_block = line[:1] not in (" ", "\t", ">", "|")
            self._add(ToolUse(known[0]), known[1], "footer", " ".join(text.split()[:2]), "")

    def _subject(self, line: str) -> None:
        lowered = line.lower()
        for start, tool, grade in self.catalogue.subjects:
            if lowered.startswith(start):
                self.in_block = True
                self._add(ToolUse(tool), grade, "subject", f"begins with {start.strip()}", "")
        if lowered.startswith("merge "):
            branch = _merged_branch(lowered)
            for start, tool in self.catalogue.branches.items():
                if branch.startswith(start):
                    self._add(ToolUse(tool), LOW, "branch", f"merges {start}*", "")

    def _add(self, tool: ToolUse, grade: str, source: str, what: str, value: str, *, session: str = "") -> None:
        if not self.in_block:
            grade = _LESS[grade]
        key = (tool.tool, source)
        known = self.found.get(key)
        if known is not None and _STRENGTH[known.confidence] >= _STRENGTH[grade]:
            # The same tool again: keep what the first did not say.
            self.found[key] = known.replace(
                version=known.version or tool.version, model=known.model or tool.model, session=known.session or session
            )
            return
        raw = self.raw.lower()
        detail = what
        if source == "trailer" and (what.lower() not in raw or value.lower() not in raw):
            detail += " (look-alike letters)"
        if not self.in_block and source == "trailer":
            detail += " (not in the final block)"
        self.found[key] = Evidence(
            tool=tool.tool,
            confidence=grade,
            source=source,
            detail=detail,
            version=tool.version,
            model=tool.model or (known.model if known else ""),
            session=session or (known.session if known else ""),
            kind=self.catalogue.kind(tool.tool),
        )


def _merged_branch(subject: str) -> str:
    """The branch that a merge brought in, without the remote or the owner of the fork."""
    if " from " in subject and subject.startswith("merge pull request"):
        return subject.split(" from ", 1)[1].partition("/")[2]
    return subject.split("'")[1].removeprefix("origin/") if subject.count("'") >= 2 else ""
