r"""From the wildcards of gitignore to regular expressions that cannot be made to run for ever.

Why not a library: measured with git 2.39.5 and pathspec 1.1.1, the library misses paths that git matches (`**/b` on a
folder whose name holds a line feed, `??` on a letter of two bytes, `[\]]`, `***/b`), and what its regular expressions
look like differs between its releases. What a restricted path is must not depend on that.

A name is matched character by character, `/` is never matched by a wildcard, and of several `*` only the last one may
be tried again: what stands between two `*` has a fixed length, so its first place is as good as any other. The same
holds for the folders between two `**`. Without that, `*a*a*a*b` takes hours on a name that somebody made for it.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    Fold: TypeAlias = Callable[[str], str]

WILD = frozenset("*?[\\")
_ANY = "[^/]"
_RUN = "[^/]*"
_ASCII = frozenset(map(chr, range(128)))


class GlobError(ValueError):
    """The wildcards make no sense; the text says what is wrong with them."""


def literal(name: str) -> str | None:
    """The text that a component stands for if it has no wildcard (escapes are taken out), else None."""
    parts = []
    for kind, value in tokens(name):
        if kind != "text":
            return None
        parts.append(value)
    return "".join(parts)


def longest_literal(components: Sequence[str], fold: Fold) -> str:
    """The longest text that every path must hold which matches (the first one, if several are as long)."""
    runs = [""]
    for at, name in enumerate(components):
        if name != "**":
            for kind, value in tokens(name):
                if kind == "text":
                    runs[-1] += fold(value)
                else:
                    runs.append("")
            if at + 1 < len(components):
                runs[-1] += "/"
        if name == "**":
            runs.append("")
    return max(runs, key=len)


class Translator:
    """Translates the components of one pattern; `fold` is what is done to every literal text and class."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold
        # [A-Z] must match what [a-z] matches if names are compared without case.
        self._folds_case = fold("A") == "a"
        self._groups = 0

    def path(self, components: Sequence[str], below: bool) -> str:
        """The regular expression (for `re.match`) of components, of which `**` stands for any number of folders.

        It matches the path itself and everything below, or only what is below.
        """
        runs: list[list[str]] = [[]]
        for name in components:
            if name == "**":
                runs.append([])
            else:
                runs[-1].append(self.component(name))
        first, rest = "/".join(runs[0]), ["/".join(run) for run in runs[1:]]
        parts = [first]
        if rest and first:
            parts.append("/")
        parts += [self._once(f"(?:[^/]*/)*?{run}/") for run in rest[:-1]]
        parts += [f"(?:[^/]*/)*{run}" for run in rest[-1:]]
        parts.append("/" if below else r"(?:/|\Z)")
        return "".join(parts)

    def component(self, name: str) -> str:
        """The regular expression of one component."""
        if name == "*":
            return "[^/]+"
        chunks = [""]
        for kind, value in tokens(name):
            if kind == "*":
                if len(chunks) == 1 or chunks[-1]:
                    chunks.append("")
            elif kind == "?":
                chunks[-1] += _ANY
            elif kind == "text":
                chunks[-1] += re.escape(self._fold(value))
            else:
                chunks[-1] += self._class(value)
        parts = [chunks[0]]
        last = len(chunks) - 1
        for index in range(1, len(chunks)):
            # A last `*` takes all the rest, so the one before it need not be tried again.
            final = index == last or (index == last - 1 and not chunks[last])
            parts.append(_RUN + chunks[index] if final else self._once(f"{_RUN}?{chunks[index]}"))
        return "".join(parts)

    def _once(self, expression: str) -> str:
        """An atomic group (Python has them from 3.11 on; a lookahead is never entered again, so this is one)."""
        self._groups += 1
        return f"(?=(?P<g{self._groups}>{expression}))(?P=g{self._groups})"

    def _class(self, body: str) -> str:
        chars = _members(body)
        if self._folds_case:
            chars = chars | {char.lower() for char in chars} | {char.upper() for char in chars}
        if body[0] in "!^":  # `chars` are the ASCII characters that match, and all others do as well
            return "[^" + "".join(map(re.escape, sorted(_ASCII - chars | {"/"}))) + "]"
        return "[" + "".join(map(re.escape, sorted(chars))) + "]"


def tokens(name: str) -> Iterator[tuple[str, str]]:
    """What a component consists of: `("*", "")`, `("?", "")`, `("class", body)` and `("text", text)` in runs."""
    text = ""
    at = 0
    while at < len(name):
        char = name[at]
        at += 1
        if char == "\\":
            if at == len(name):
                raise GlobError("it ends in a backslash")
            text += name[at]
            at += 1
        elif char in "*?[":
            if text:
                yield "text", text
                text = ""
            if char == "[":
                end = _class_end(name, at)
                yield "class", name[at:end]
                at = end + 1
            else:
                yield char, ""
        else:
            text += char
    if text:
        yield "text", text


def _class_end(name: str, start: int) -> int:
    at = start + 1 if name[start : start + 1] in ("!", "^") else start
    end = name.find("]", at + 1)  # a bracket that comes first is a member
    if end < 0:
        raise GlobError("a [ is not closed by a ]")
    return end


def _members(body: str) -> frozenset[str]:
    """The ASCII characters that a class matches; `body` is what stands between the brackets."""
    negated = body[0] in "!^"
    listed = body[1:] if negated else body
    if not listed.isascii():
        raise GlobError("a class holds a letter that is not ASCII; git would compare its bytes one by one")
    if "\\" in listed or any(mark in listed for mark in ("[:", "[.", "[=")):
        raise GlobError("a class holds a backslash or a POSIX class such as [:alpha:]; list the characters instead")
    chars: set[str] = set()
    at = 0
    while at < len(listed):
        if at + 2 < len(listed) and listed[at + 1] == "-":
            low, high = listed[at], listed[at + 2]
            if low > high:
                raise GlobError(f"the range {low}-{high} runs backwards")
            chars.update(map(chr, range(ord(low), ord(high) + 1)))
            at += 3
        else:
            chars.add(listed[at])
            at += 1
    return frozenset((_ASCII - chars if negated else chars) - {"/"})
