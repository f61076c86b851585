"""Filling in the templates. What comes from git's configuration (names, addresses) is escaped, never trusted."""

from __future__ import annotations

import os
import re

from sox_hooks.core.errors import UsageError
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.policy.schema import FILES, schema_text

_TEMPLATES = ("policy.toml", "people.toml", "exceptions.toml", "allowed_signers", "README.md")


class StarterPerson(Struct):
    """Whoever runs `init`: the id they get in `people.toml`, and name and e-mail as git has them."""

    id: str
    name: str
    email: str


def render_starter(
    repository: str, owner: str, person: StarterPerson, key_line: str, baseline: tuple[str, ...]
) -> dict[str, bytes]:
    """The files of a first `.sox/`: names relative to the folder, and contents.

    `key_line` is a line of `allowed_signers`, or "" while there is no key; `baseline` holds full commit ids. Whether
    the values are ones that a policy may have is left to `policy.load`. Raises `UsageError` for text that is not UTF-8.
    """
    values = {
        "REPOSITORY": toml_text(repository),
        "OWNER": toml_text(owner),
        "BASELINE": f"[{', '.join(map(toml_text, baseline))}]",
        "PERSON": person.id if re.fullmatch(r"[A-Za-z0-9_-]+", person.id) else toml_text(person.id),
        "NAME": toml_text(person.name),
        "EMAIL": toml_text(person.email),
        "KEY_LINE": key_line.strip(),
    }
    files = {}
    for name in _TEMPLATES:
        with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
            template = file.read()
        # In one pass: a value that looks like a placeholder stays as it is.
        text = re.sub(r"@@([A-Z_]+)@@", lambda match: values[match.group(1)], template)
        files[name] = (text.rstrip("\n") + "\n").encode("utf-8")
    for name in FILES:
        files[f"schema/{name}.json"] = schema_text(name).encode("utf-8")
    return files


def toml_text(text: str) -> str:
    """A TOML basic string (TOML 1.0.0, section String). Raises `UsageError` for lone surrogates, which TOML has not."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{printable(text, 60)!r} is not UTF-8",
            why="the files of .sox/ are UTF-8",
            fix="git config user.name NAME, or user.email, in UTF-8",
        ) from error
    return '"' + re.sub(r'["\\\x00-\x1f\x7f]', _escaped, text) + '"'


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    return "\\" + char if char in '"\\' else f"\\u{ord(char):04x}"
