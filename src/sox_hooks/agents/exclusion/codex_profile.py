"""Codex: a permission profile in `.codex/config.toml`, for the sandbox that Codex starts commands and patches in.

Two blocks: the choice of the profile has to stand before the first table, the profile itself can stand anywhere.
Measured with 0.169.0 on Linux: a trusted project's profile is in force, for patches and commands alike; `--sandbox` on
the command line switches it off.
"""

from __future__ import annotations

import json

from sox_hooks.agents.exclusion import blocks
from sox_hooks.agents.exclusion.formats import Held
from sox_hooks.agents.exclusion.spelling import codex
from sox_hooks.core.errors import ConfigError
from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sox_hooks.agents.exclusion.refused import Refused

PROFILE = "sox-hooks"
_BASE = ":workspace"
_ROOTS = ":workspace_roots"
_CHOICE = f'default_permissions = "{PROFILE}"'


class CodexProfile(Struct):
    """See `formats.Format`."""

    def wanted(self, refused: Refused, unreadable: bool) -> tuple[str, ...]:
        """`ACCESS PATH`; where a path may be neither edited nor read, that is all that is said about it."""
        found = {path: access for pattern in refused.edits for path, access in codex(pattern, "read")}
        found.update({path: access for pattern in refused.reads for path, access in codex(pattern, "deny")})
        return tuple([f"{access} {path}" for path, access in found.items()])

    def held(self, text: str) -> Held | None:
        """What our profile says."""
        parted = blocks.part(text)
        if not parted.blocks:
            return None
        document = _parse(text)
        profile = _at(document, "permissions", PROFILE)
        entries = [f"{access} {path}" for path, access in _at(profile, "filesystem", _ROOTS).items()]
        faulty = _not_in_force(document)
        if not faulty and (profile.get("extends") != _BASE or set(profile) - {"extends", "filesystem"}):
            faulty = f"the profile {PROFILE} is not as it was made"
        return Held(tuple(entries), parted.blocks[-1].first, faulty=faulty)

    def merged(self, text: str, entries: tuple[str, ...], notes: tuple[str, ...], unreadable: bool) -> str:
        """The choice at the top, unless the user's own profile extends ours, and the profile at the end."""
        _parse(text)
        rest = blocks.ended(blocks.part(text).rest)
        own = _parse(rest)
        lines = [f"# {note}" for note in notes]
        lines += [f"[permissions.{PROFILE}]", f'extends = "{_BASE}"']
        if entries:
            lines.append(f'[permissions.{PROFILE}.filesystem."{_ROOTS}"]')
        for entry in entries:
            access, _, path = entry.partition(" ")
            # What JSON escapes, TOML escapes alike; patterns hold no control characters.
            lines.append(f'{json.dumps(path, ensure_ascii=False)} = "{access}"')
        top = "" if "default_permissions" in own else blocks.made([_CHOICE], rest)
        made = top + rest + blocks.made(lines, rest)
        trouble = _not_in_force(_parse(made))
        if trouble:
            raise ConfigError(trouble, fix="change that, or add by hand what --print shows")
        return made

    def removed(self, text: str) -> str:
        """The user's own settings."""
        _parse(text)
        return blocks.part(text).rest


def _not_in_force(document: dict[str, Any]) -> str:
    """Why Codex would not use our profile, "" if it would."""
    if "sandbox_mode" in document or "sandbox_workspace_write" in document:
        return "the file sets sandbox_mode, and then Codex looks at no permission profile"
    name, seen = document.get("default_permissions"), set()
    while isinstance(name, str) and name not in seen:
        if name == PROFILE:
            return ""
        seen.add(name)
        name = _at(document, "permissions", name).get("extends")
    chosen = document.get("default_permissions")
    if chosen is None:
        return "no profile is chosen (default_permissions)"
    return f'the file chooses the profile {json.dumps(chosen)}, which does not have extends = "{PROFILE}"'


def _parse(text: str) -> dict[str, Any]:
    from sox_hooks.policy.toml_places import toml_reader

    try:
        # TOML knows LF and CRLF; what is not UTF-8 is no TOML.
        text.encode("utf-8")
        found: dict[str, Any] = toml_reader().loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        from re import search

        place = search(r"at line (\d+), column (\d+)", str(error))
        raise ConfigError(
            "the file is no valid TOML, so it is left alone",
            where=f":{place[1]}:{place[2]}" if place else "",
            why=str(error),
        ) from error
    return found


def _at(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The table behind keys, empty if there is none."""
    for key in keys:
        value = document.get(key)
        if not isinstance(value, dict):
            return {}
        document = value
    return document
