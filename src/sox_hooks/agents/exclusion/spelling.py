"""One pattern of the policy in the dialect of each agent. Where a dialect says less, what is written covers more.

Measured: Claude Code 2.1.330 reads gitignore patterns, without case; OpenCode 1.18.33 lets `*` cross slashes, knows
no classes, and minds case; Codex 0.169.0 takes a path for `read`, a wildcard only for `deny`. Cursor: from its
documentation.
"""

from __future__ import annotations

from unicodedata import normalize

from sox_hooks.policy.glob import literal, tokens
from sox_hooks.policy.patterns import shape

_ALL = ["**"]
# More forms than this of one pattern are replaced by one that covers all of them.
_MOST_FORMS = 8


def gitignore(source: str) -> list[str]:
    """As a line of an ignore file.

    `folder/**` and `folder/` become `/folder`: to the policy they cover the folder itself, which may be made a link.
    """
    found = []
    for components, below in _spellings(source):
        if components == _ALL:
            return ["*"]
        names = [_without_letters(name) for name in components]
        text = "/".join(names)
        if names[0] != "**":
            text = "/" + text
        elif len(names) == 2 and not below:
            text = names[1]  # a name without a slash is looked for everywhere
        found.append(text + "/**" if below else text)
    return found


def claude(source: str, verb: str) -> list[str]:
    """As rules of `permissions.deny`: `verb` is Edit or Read; `/` is the folder that holds `.claude`."""
    found = []
    for line in gitignore(source):
        if line == "*":
            return [f"{verb}(/**)"]
        start = "" if line.startswith("/") else "/" if line.startswith("**/") else "/**/"
        found.append(f"{verb}({start}{line})")
    return found


def cursor(source: str, verb: str) -> list[str]:
    """As rules of `permissions.deny`: `verb` is Write or Read."""
    found = []
    for components, below in _spellings(source):
        if components == _ALL:
            return [f"{verb}(**)"]
        text = "/".join([_simple(name, "*?[]{}()!") for name in components])
        found += [f"{verb}({text}/**)"] if below else [f"{verb}({text})", f"{verb}({text}/**)"]
    return found


def opencode(source: str) -> list[str]:
    """As patterns of `permission.edit` or `permission.read`."""
    found: list[str] = []
    for components, below in _spellings(source):
        if components == _ALL:
            return ["**"]  # and not "*", which the user's own rule for everything else is
        forms = [""]
        for at, name in enumerate(components):
            if name != "**":
                forms = [form + _simple(name, "*?~$") + "/" for form in forms]  # ~ and $HOME are expanded
            elif not components[at + 1].startswith("*"):  # a leading star crosses slashes by itself
                forms += [form + "*/" for form in forms]
        if len(forms) > _MOST_FORMS:
            forms = ["*/" if components[0] == "**" else _simple(components[0], "*?~$") + "/*/"]
        for form in forms:
            base = form[:-1]
            found += [base + "/*"] if below else [base] if base.endswith("*") else [base, base + "/*"]
    return found


def codex(source: str, access: str) -> list[tuple[str, str]]:
    """As paths with their access: `read` (not write) or `deny` (neither).

    A path with a wildcard can only be denied, and in the Linux sandbox that holds for files which exist at its start.
    """
    found: list[tuple[str, str]] = []
    for components, below in _spellings(source):
        if components == _ALL:
            return [(".", access)]
        texts = [literal(name) for name in components if name != "**"]
        path = "/".join([text for text in texts if text is not None])
        if None not in texts and "**" not in components and not any(char in "*?[]{}" for char in path):
            found.append((path, access))
            continue
        text = "/".join([_simple(name, "*?[]{}") for name in components])
        found += [(text + "/**", "deny")] if below else [(text, "deny"), (text + "/**", "deny")]
    return found


def _spellings(source: str) -> list[tuple[list[str], bool]]:
    """The components of a pattern and whether it covers only what is below, once for each way to write its letters.

    Macs may write "e" + accent for "é" in a file name; the policy takes both for the same.
    """
    return [shape(text) for text in dict.fromkeys([normalize("NFC", source), normalize("NFD", source)])]


def _without_letters(name: str) -> str:
    """A component in which no class says which letters do not match.

    To the policy `[!s]` matches "s", because it matches "S"; to git with core.ignoreCase it matches neither.
    """
    found = list(tokens(name)) if "[!" in name or "[^" in name else []
    if not any(kind == "class" and value[0] in "!^" and any(map(str.isalpha, value)) for kind, value in found):
        return name
    parts = []
    for kind, value in found:
        if kind == "text":
            parts.append("".join(["\\" + char if char in "*?[\\#!" else char for char in value]))
        elif kind == "class":
            parts.append("?" if value[0] in "!^" else f"[{value}]")
        else:
            parts.append(kind)
    return "".join(parts)


def _simple(name: str, special: str) -> str:
    """A component with `*` and `?` only: what is special to the dialect, and classes, become `?`."""
    if name == "**":
        return name
    parts = []
    for kind, value in tokens(name):
        if kind == "text":
            parts.append("".join(["?" if char in special else char for char in value]))
        else:
            parts.append("?" if kind == "class" else kind)
    return "".join(parts)
