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
_BULLETS = " \t*->|•│┃"  # lists, quotations, and the frames of terminal programs that people copy from
_LONGEST_KEY = 45
# Longer ones are not written by tools, and hostile messages must not cost the square of their length.
_LONGEST_LINE = 500
_MOST_KEPT = 1024
_LONGEST_KEPT = 2000
_YES = ("true", "yes", "full", "fully", "partial", "partially", "1", "assisted")


def evidence(
    catalogue: Catalogue, message: bytes, blocks: dict[tuple[str, bool], tuple[Evidence, ...]] | None = None
) -> tuple[Evidence, ...]:
    """Every tool that the message names, once for each source: `trailer`, `footer`, `subject`, `branch`.

    `tool` is "" where the message says that AI took part and not which. `blocks` keeps what final blocks gave below
    bodies that gave nothing: in a long history most of them are alike. It belongs to one catalogue.
    """
    start, end = last_paragraph(message)
    if not message[:start].strip(WHITE):
        start = end  # one paragraph is a subject and never a block of trailers
    reader = _Reader(catalogue)
    body, block = decode(message[:start]), decode(message[start:end])
    reader.read(_broken(body), in_block=False)
    if not block:
        return reader.result()
    if blocks is None or reader.found or len(block) > _LONGEST_KEPT:
        return _with_block(reader, block)
    # With nothing found, the subject is all that the reader remembers of the body.
    key = (block, reader.subject_seen)
    known = blocks.get(key)
    if known is None:
        if len(blocks) >= _MOST_KEPT:
            blocks.clear()
        known = blocks[key] = _with_block(reader, block)
    return known


def _with_block(reader: _Reader, block: str) -> tuple[Evidence, ...]:
    reader.read(block, in_block=True)
    if "\\n" in block:
        reader.read(_broken(block), in_block=False)
    return reader.result()


def _broken(text: str) -> str:
    """Messages that a script has put together may hold line ends that never became any."""
    return text.replace("\\n", "\n") if "\\n" in text else text


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
    while (middle := text.find("](")) >= 0 and (left := text.rfind("[", 0, middle)) >= 0:
        right = text.find(")", middle)
        text = text[:left] + text[left + 1 : middle] + (text[right + 1 :] if right > 0 else "")
    start = next((place for place, char in enumerate(text) if char.isalnum()), len(text))
    text = text[start:].rstrip()
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
        """What was found; AI without the name of a tool only where no tool was named."""
        entries = tuple(self.found.values())
        named = [entry for entry in entries if entry.kind == "ai" and entry.tool not in ("", UNNAMED)]
        most = max([_STRENGTH[entry.confidence] for entry in named], default=-1)
        return tuple([e for e in entries if e.tool not in ("", UNNAMED) or _STRENGTH[e.confidence] > most])

    def read(self, text: str, *, in_block: bool) -> None:
        """Read the body, then the block; the first line that is not blank is the subject."""
        read = fold(text)
        lines = read.split("\n")
        raw = lines if read is text else text.split("\n")
        footers = self._has_footer(read)
        before = ("", "")  # the trailer that an indented line continues
        for number, line in enumerate(lines):
            if not self.subject_seen and line.strip():
                self.subject_seen = True
                self.raw = raw[number]
                self._subject(line)
                self._line(line, in_block=False, subject=True)
                continue
            if in_block:
                if line[:1] not in (" ", "\t"):
                    before = (raw[number], line)
                elif 0 < len(before[1]) < _LONGEST_LINE:
                    before = (f"{before[0]} {raw[number].strip()}", f"{before[1]} {line.strip()}")
                    self.raw = before[0]
                    self._line(before[1], in_block=True, subject=False)
            # Most lines are prose: nothing is called for them.
            if ":" in line[:_LONGEST_KEY] or "<" in line:
                self.raw = raw[number]
                self._line(line, in_block=in_block, subject=False)
            if footers:
                self._footer(line)

    def _has_footer(self, text: str) -> bool:
        lowered = text.lower()
        return any(word in lowered for word in self.catalogue.footer_words)

    def _line(self, line: str, *, in_block: bool, subject: bool) -> None:
        colon = line.find(":", 0, _LONGEST_KEY)
        bracket = line.find("<")
        if colon < 0 or 0 <= bracket < colon:  # "Co-authored-by Claude <noreply@anthropic.com>"
            if line.lower().lstrip(_BULLETS).startswith(("co-author", "coauthor", "co author")):
                self.in_block = False
                self._person("author", "Co-authored-by", line)
            else:
                self._inside(line)
            return
        written = line[:colon]
        # Only what begins the line and has no blanks is a trailer to git.
        self.in_block = in_block and line[:1] not in _BULLETS and " " not in written
        written = written.strip(_BULLETS)
        key = written.lower().replace(" ", "-").replace("_", "-")
        catalogue = self.catalogue
        kind = catalogue.keys.get(key, "")
        if key in catalogue.trailers and self._own_trailer(key, written, line[colon + 1 :].strip()):
            return
        if kind in ("author", "reviewer"):
            self._person(kind, written, line[colon + 1 :].strip())
        elif kind and not subject:
            self._tool(kind, written, line[colon + 1 :].strip())
        elif not kind and key.endswith("-by") and "@" in line and key.replace("-", "").isalpha():
            self._person("author", written, line[colon + 1 :].strip())
        else:
            self._inside(line)

    def _inside(self, line: str) -> None:
        """`... all in one line. Co-authored-by: Name <mail>`; not in quotes, which are about trailers."""
        place = line.lower().find("co-authored-by:") if line.rstrip().endswith(">") else -1
        if place > 0 and line[place - 1] in " .,;":
            self.in_block = False
            self._person("author", "Co-authored-by", line[place + len("co-authored-by:") :].strip())

    def _own_trailer(self, key: str, written: str, value: str) -> bool:
        grades = {
            tool: grade
            for pattern, tool, grade in sorted(self.catalogue.trailers[key], key=lambda row: _STRENGTH[row[2]])
            if value and fits(pattern, value.lower())
        }
        for owner, grade in grades.items():
            tool = "" if owner == UNNAMED else owner
            session = hashed(tool, value) if key in self.catalogue.session_trailers else ""
            self._add(ToolUse(tool), grade, "trailer", written, value, session=session)
        return bool(grades)

    def _person(self, kind: str, written: str, value: str) -> None:
        """`Name <mail>`; tolerant of what people do to the brackets."""
        if "&lt;" in value:
            value = value.replace("&lt;", "<").replace("&gt;", ">")
        name, address = split(value if ">" in value else value + ">")
        hit = lookup(self.catalogue, address, name)
        if hit is None and not value.endswith(">"):
            before, _, last = value.rpartition(" ")
            hit = lookup(self.catalogue, last)
            if hit is not None:
                name, address = before, last
        if hit is None:
            named = read_tool(self.catalogue, name) if kind == "author" and is_nobody(self.catalogue, name) else None
            if named is not None and self.catalogue.kind(named.tool) == "ai":
                self._add(named, MEDIUM, "trailer", written, name)
            return
        tool, grade = hit
        named = read_tool(self.catalogue, f"{name} <{address}>") if self.catalogue.kind(tool) == "ai" else None
        self._add(named or ToolUse(tool), LOW if kind == "reviewer" else grade, "trailer", written, address)

    def _tool(self, kind: str, written: str, value: str) -> None:
        if not value or is_negative(value):
            return
        tool = read_tool(self.catalogue, value)
        if tool is not None and tool.known:
            if self.catalogue.kind(tool.tool) == "ai":
                self._add(tool, MEDIUM if kind == "hint" else HIGH, "trailer", written, value)
        elif kind == "statement" and (self.in_block or value.lower() in _YES):
            self._add(ToolUse(""), MEDIUM, "trailer", written, value)

    def _footer(self, line: str) -> None:
        if len(line) > _LONGEST_LINE or not self._has_footer(line):
            return
        text = plain(line)
        for start, tool, grade in [(text, *self.catalogue.footers.get(text, ("", ""))), *self.catalogue.footer_starts]:
            if tool and text.startswith(start):
                # A footer is a paragraph of its own above the trailers; indented ones are quotes.
                self.in_block = line[:1] not in (" ", "\t", ">", "|")
                session = hashed(tool, text) if start.startswith("http") else ""
                self._add(ToolUse(tool), grade, "footer", start, "", session=session)

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
