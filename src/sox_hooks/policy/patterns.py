"""gitignore patterns, as `.sox/` writes them, made ready for matching (`policy.match`).

The patterns mean what they mean to git (gitignore(5)), with these differences, all of which match more, never less:

* `folder/`, `folder/**` and `folder/*` also match `folder` itself (unless the last name has a wildcard and the pattern
  ends in `/**` or `/*`): a symbolic link or a submodule may be put in the place of a folder, and git then reports that
  one path only.
* Names that differ in case or in Unicode normalisation are the same name (contract, section 3), and a class matches a
  letter if it matches either case of it.
* `?` and a class match one character, as one expects, or one byte, as git has it.

What git would ignore, drop or misunderstand is refused, so that nobody believes a path to be covered that is not.
"""

from __future__ import annotations

from sox_hooks.core.errors import ConfigError
from sox_hooks.core.text import printable
from sox_hooks.policy.glob import WILD, GlobError, Translator, literal, longest_literal
from sox_hooks.policy.match import fold, fold_bytes
from sox_hooks.policy.model import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.policy.glob import Fold


class PatternRefused(ConfigError):
    """A pattern cannot be used. `what` quotes it and says why; `fix` says what to write instead."""

    def __init__(self, source: str, problem: str, fix: str = "") -> None:
        super().__init__(f"pattern {printable(source, 60)!r}: {problem}", fix=fix, rule="SOX007")


def compile_pattern(source: str, case_sensitive: bool = False) -> Pattern:
    """Check a pattern and find the cheapest way to match it. Raises `PatternRefused`."""
    try:
        components, below = shape(source)
        return _classify(source, components, below, lambda text: fold(text, case_sensitive))
    except GlobError as error:
        raise PatternRefused(source, str(error), "write it as one or more simpler patterns") from error


def bytes_pattern(pattern: Pattern, case_sensitive: bool) -> Pattern:
    """The same pattern as git reads it, byte by byte: it matches paths that `match.fold_bytes` made.

    Needed for paths that are not ASCII: `?` is half of an "é" to git, and `ledger*` matches `ledger` followed by an
    accent that normalisation would draw into the "r".
    """
    components, below = shape(pattern.source)

    def folded(text: str) -> str:
        return fold_bytes(text, case_sensitive)

    return _classify(pattern.source, components, below, folded)


def shape(source: str) -> tuple[list[str], bool]:
    """The components of a pattern, `**` first if it floats, and whether it matches only what is below them."""
    _check_spelling(source)
    folder = source.endswith("/")
    body = source[:-1] if folder else source
    floats = "/" not in body
    components: list[str] = []
    for name in body.removeprefix("/").split("/"):
        if name in ("", ".", ".."):
            raise PatternRefused(
                source, f"no path has {name!r} between its slashes, so it matches nothing", "write it as src/ledger/**"
            )
        if name != "**" or components[-1:] != ["**"]:
            components.append(name)
    if floats and components[0] not in ("*", "**"):
        components.insert(0, "**")
    if folder and components[-1] in ("*", "**"):
        raise PatternRefused(source, "it would match folders only", f"write {source}* or {source[:-1]}")
    if components in (["*"], ["**"], ["**", "*"]):
        return ["**"], False
    for tail in (["**", "*"], ["**"], ["*"]):
        head = components[: -len(tail)]
        if components[-len(tail) :] == tail and head[-1] not in ("*", "**"):
            return head, literal(head[-1]) is None
    if components[-1] == "**":
        return components[:-1], True
    return components, False


def _check_spelling(source: str) -> None:
    if not source:
        raise PatternRefused(source, "it is empty", 'write "**" for every path')
    if printable(source) != source:
        raise PatternRefused(source, "it holds a character that cannot be seen", "write ? in its place")
    if source[0] == "!":
        raise PatternRefused(source, "it takes paths out again", "list what it is meant to match; a leading ! is \\!")
    if source[0] == "#":
        raise PatternRefused(source, "git takes it for a comment", f"write \\{source}")
    if source != source.strip():
        raise PatternRefused(source, "it begins or ends with a blank", f'write "{source.strip()}"')
    if "***" in source:
        raise PatternRefused(source, "three stars mean nothing", "write * within a name, or ** for any folders")
    if "\\/" in source:
        raise PatternRefused(source, "a slash needs no backslash", "write " + source.replace("\\/", "/"))


def _classify(source: str, components: list[str], below: bool, fold_text: Fold) -> Pattern:
    if components == ["**"]:
        return Pattern(source, "all", "")
    texts = [None if name == "**" else literal(name) for name in components]
    known = [text for text in texts if text is not None]
    floats = components[0] == "**" and len(components) == 2 and not below
    if len(known) == len(texts):
        return Pattern(source, "prefix" if source.endswith(("/", "*")) else "exact", fold_text("/".join(known)))
    if floats and known:
        return Pattern(source, "name", fold_text(known[0]))
    translator = Translator(fold_text)
    if floats:
        ending = components[1][1:]
        # A text that is not ASCII could begin with an accent, which belongs to the character before it.
        if components[1][0] == "*" and ending.isascii() and WILD.isdisjoint(ending):
            return Pattern(source, "suffix", fold_text(ending))
        return Pattern(
            source, "glob", translator.component(components[1]) + r"\Z", longest_literal(components[1:], fold_text)
        )
    return Pattern(source, "regex", translator.path(components, below), longest_literal(components, fold_text))
