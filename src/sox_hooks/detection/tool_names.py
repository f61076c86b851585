"""What a person or a tool wrote behind `Assisted-by:`, read as tool, version and model.

The contract's form is `TOOL[@VERSION][:MODEL]`. In the wild (Linux, Fedora, LLVM, Crush, git) stand also
`Claude:claude-3-opus coccinelle sparse`, `Claude Code (claude-opus-5)`, `claude-code/claude-fable-5`,
`GPT-5.6 Sol via Codex`, `GLM-5 via Crush <crush@charm.land>`, `Opus 4.7`, `LLM sparse`, `none`, and people.
"""

from __future__ import annotations

from sox_hooks.detection.catalogue import folded
from sox_hooks.detection.identity import lookup, split
from sox_hooks.detection.lookalikes import fold
from sox_hooks.detection.values import UNNAMED, as_model, as_version
from sox_hooks.policy.facts import ToolUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.detection.catalogue import Catalogue

_NOT = ("no", "none", "not", "nothing", "never", "without", "false", "n/a", "na", "nil", "-", "human", "0", "0%")
_ID = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
_DIGITS = frozenset("0123456789")
_ORDINALS = ("st", "nd", "rd", "th")
_LONGEST_VALUE = 300  # what follows is read as if it were not there; reading costs the square of the length
_LONGEST_ID = 48


def is_negative(value: str) -> bool:
    """Whether a declaration says that no tool took part."""
    words = value.strip().lower().split()
    return not words or words[0].strip(".,;!()") in _NOT or words[0] in _NOT


def read_tool(catalogue: Catalogue, value: str) -> ToolUse | None:
    """The tool that the value names, None for a person. `known` is False for what looks like a tool but is not listed.

    A model without a tool (`Opus 4.7`) is the tool `llm`: which product ran it was not said, and guessing could name
    an approved one.
    """
    text = " ".join(fold(value[:_LONGEST_VALUE]).split())
    if is_negative(text):
        return None
    name, address = split(text)
    if "@" in address:
        return _with_address(catalogue, name, address)
    if _is_address(text):
        return _with_address(catalogue, "", text)
    for word, tool_last in ((" via ", True), (" using ", False), (" with ", False)):
        left, found, right = text.partition(word)
        if found:
            pair = (right, left) if tool_last else (left, right)
            for one, other in (pair, pair[::-1]):
                tool = _known(catalogue, one)
                if tool is not None:
                    return ToolUse(tool.tool, tool.version, tool.model or as_model(other))
    return _known(catalogue, text) or _unknown(text)


def is_nobody(catalogue: Catalogue, name: str) -> bool:
    """Whether no person could be called so: `Claude Code`, `Claude Opus 4.6`, `ChatGPT`; people are called Claude."""
    tool = read_tool(catalogue, name) if name else None
    if tool is None or not tool.known:
        return False
    return bool(tool.model or tool.version or len(name.split()) > 1 or name.endswith("GPT"))


def is_model(catalogue: Catalogue, text: str) -> bool:
    """Whether the text is the name of a model: it has a digit, and a word that begins with a family's name.

    An ordinal is no digit: `Claude Dubois 3rd` is a person.
    """
    text = text[:_LONGEST_VALUE]
    if _DIGITS.isdisjoint(text):
        return False
    words = "".join([char if char.isalnum() else " " for char in text.lower()]).split()
    if all(_DIGITS.isdisjoint(word) or (word[:-2].isdigit() and word[-2:] in _ORDINALS) for word in words):
        return False
    return any(
        word.startswith(family) and not word[len(family) :][:1].isalpha()
        for word in words
        for family in catalogue.families
    )


def _with_address(catalogue: Catalogue, name: str, address: str) -> ToolUse | None:
    hit = lookup(catalogue, address, name)
    read = read_tool(catalogue, name) if name else None
    if hit is None:
        # People are called Claude: a name with a stranger's address is a tool only if no person could have it.
        return read if is_nobody(catalogue, name) else None
    tool = hit[0]
    if read is None or not read.known or (read.tool != tool and read.tool != UNNAMED):
        return ToolUse(tool)
    return ToolUse(tool, read.version, read.model)


def _known(catalogue: Catalogue, text: str) -> ToolUse | None:
    """A tool of the catalogue, or a model without a tool."""
    text, aside = _without_asides(text)
    if not text:
        return None
    one_word = " " not in aside and not (_DIGITS | {"/"}).isdisjoint(aside)
    model = as_model(aside) if one_word or is_model(catalogue, aside) else ""
    tool = catalogue.named(text)
    if tool:
        return ToolUse(tool, "", model)
    return _in_our_form(catalogue, text, model) or _in_words(catalogue, text, model)


def _in_our_form(catalogue: Catalogue, text: str, aside: str) -> ToolUse | None:
    """`TOOL@VERSION:MODEL rest`, also with `/` in front of the model."""
    end = min([place for place in (text.find(mark) for mark in "@:/") if place > 0], default=0)
    tool = catalogue.named(text[:end])
    if not tool:
        return None
    rest = text[end:]
    version = ""
    if rest[0] == "@":
        end = min([place for place in (rest.find(mark) for mark in ":/ ") if place > 0], default=len(rest))
        version, rest = as_version(rest[1:end]), rest[end:]
    model = _first_model(rest.lstrip(":/ "))
    return ToolUse(tool, version, model or aside)


def _first_model(text: str) -> str:
    """The model in front of the names of analysis tools: `claude-3-opus coccinelle sparse`, `AWS Claude Opus 4.6`."""
    words = text.split("#")[0].split(" ")
    last = next((number for number, word in enumerate(words, 1) if not _DIGITS.isdisjoint(word)), 1)
    # "Gemini 3 Flash", "Claude 4.5 Sonnet": what follows is part of the name if it is a word with a capital.
    while 1 < last < len(words) and words[last][:1].isupper():
        last += 1
    return as_model(" ".join(words[:last]).strip(","))


def _in_words(catalogue: Catalogue, text: str, aside: str) -> ToolUse | None:
    """`Claude Code 2.1`, `Gemini CLI gemini-3-pro`, `Claude Opus 4.6`, `LLM sparse`, `generic LLM chatbot`."""
    words = text.split(" ")
    for count in range(len(words) - 1, 0, -1):
        tool = catalogue.named(" ".join(words[:count]))
        rest = " ".join(words[count:])
        if not tool or (count == 1 and folded(words[0]) in catalogue.families):
            continue
        if tool == UNNAMED and (count > 1 or folded(words[0]) == UNNAMED):  # not Ai Weiwei
            return ToolUse(UNNAMED, "", aside)
        if is_model(catalogue, rest):
            return ToolUse(tool, "", as_model(rest))
        version = as_version(words[count])
        if version and len(words) == count + 1:
            return ToolUse(tool, version, aside)
    if is_model(catalogue, text):
        return ToolUse(UNNAMED, "", as_model(text))
    if len(words) == 1:  # ChatGPTv5
        stem = text.rstrip("0123456789.").rstrip("vV-")
        tool = catalogue.named(stem) if len(stem) > 4 and stem != text else ""
        return ToolUse(tool, as_version(text[len(stem) :].lstrip("-"))) if tool else None
    return ToolUse(UNNAMED) if _speaks_of_ai(words) else None


def _speaks_of_ai(words: list[str]) -> bool:
    return any(word.strip(".,()") in ("LLM", "LLMs", "AI", "GenAI", "GPT", "chatbot") for word in words)


def _unknown(text: str) -> ToolUse | None:
    """Something in our form that nobody knows: one word, perhaps with a version and a model. Two words are a person."""
    text, _ = _without_asides(text)
    head, _, rest = text.partition(":")
    head, _, version = head.strip().partition("@")
    model = rest.strip().split(" ")[0]
    if " " in head or not set(head.lower()) <= _ID or not head[:1].isalnum() or len(head) > _LONGEST_ID:
        return None
    return ToolUse(head.lower(), as_version(version), as_model(model), known=False)


def _without_asides(text: str) -> tuple[str, str]:
    """The text without `(...)` and `[...]` at its end, and what stood in the first of the round ones."""
    aside = ""
    while text.endswith((")", "]")):
        start = text.rfind("(" if text.endswith(")") else "[")
        if start < 0:
            break
        if text.endswith(")"):
            aside = text[start + 1 : -1]
        text = text[:start].rstrip()
    return text.rstrip(".,;"), aside


def _is_address(text: str) -> bool:
    """`tool@1.2` is a tool with its version, `login@users.noreply.github.com` is somebody."""
    local, at, host = text.rpartition("@")
    return bool(local and at) and " " not in text and "." in host and not as_version(host.partition(":")[0])
