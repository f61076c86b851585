"""Putting our hooks into a configuration that belongs to the user, and taking them out again. Pure."""

from __future__ import annotations

from sox_hooks.agents import json_text
from sox_hooks.agents.adapter import NESTED
from sox_hooks.core.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sox_hooks.agents.adapter import Adapter

BEGIN = "# sox-hooks: begin (sox-hooks agents)\n"
END = "# sox-hooks: end\n"


def merged_json(adapter: Adapter, text: str, command: Callable[[str], str], level: str = "") -> str:
    """The configuration with our hooks in it, and all else as it was. `command`: phase -> what is to be run.

    A configuration that has them already comes back as it is, byte for byte. Raises `ConfigError`.
    """
    document = json_text.parse(text)
    if not text.strip():
        document = dict(adapter.scaffold)
    hooks = document if _bare(adapter, level) else document.setdefault("hooks", {})
    if not isinstance(hooks, dict):
        raise ConfigError("the key `hooks` holds no table, so nothing can be added to it")
    changed = False
    for event, phase in _events(adapter):
        listed = hooks.setdefault(event, [])
        if not isinstance(listed, list):
            raise ConfigError(f"the key `hooks.{event}` holds no list, so nothing can be added to it")
        wanted = _entry(adapter, phase, command(phase))
        ours = [one for one in listed if _ours_in(adapter, one)]
        if ours != [wanted]:
            hooks[event] = [*_without(adapter, listed), wanted]
            changed = True
    return json_text.render(document, text) if changed else text


def removed_json(adapter: Adapter, text: str, level: str = "") -> str:
    """The configuration without our hooks; "" if nothing else is in it. Raises `ConfigError`."""
    document = json_text.parse(text)
    hooks = _hooks(adapter, document, level)
    if not isinstance(hooks, dict):
        return text
    changed = False
    for event in list(hooks):
        listed = hooks[event]
        if isinstance(listed, list) and any(_ours_in(adapter, one) for one in listed):
            changed = True
            rest = _without(adapter, listed)
            if rest:
                hooks[event] = rest
            else:
                del hooks[event]
    if not changed:
        return text
    if not hooks and not _bare(adapter, level):
        del document["hooks"]
    return "" if document in ({}, dict(adapter.scaffold)) else json_text.render(document, text)


def commands(adapter: Adapter, text: str, level: str = "") -> list[tuple[str, str]]:
    """Our hooks in a configuration: event and command line. Raises `ConfigError`."""
    hooks = _hooks(adapter, json_text.parse(text), level)
    found = []
    for event, listed in hooks.items() if isinstance(hooks, dict) else ():
        for one in listed if isinstance(listed, list) else ():
            found += [(str(event), command) for command in _ours_in(adapter, one)]
    return found


def is_as_made(adapter: Adapter, text: str, level: str = "") -> bool:
    """Whether our hooks are all there, and as we write them now, whatever starts the program.

    Raises `ConfigError`.
    """
    hooks = _hooks(adapter, json_text.parse(text), level)
    for event, phase in _events(adapter):
        listed = hooks.get(event) if isinstance(hooks, dict) else None
        ours = [one for one in (listed if isinstance(listed, list) else []) if _ours_in(adapter, one)]
        if len(ours) != 1:
            return False
        entry, command = ours[0], _ours_in(adapter, ours[0])[0]
        if isinstance(entry.get("hooks"), list):  # the user may have put a hook of an own into it
            entry = {**entry, "hooks": [hook for hook in entry["hooks"] if _is_our_hook(adapter, hook)]}
        if entry != _entry(adapter, phase, command):
            return False
    return True


def merged_block(text: str, block: str) -> str:
    """A text with our marked block at its end, in the place of an older one."""
    rest = removed_block(text)
    key = block.partition(":")[0]
    if any(line.startswith(key + ":") for line in rest.splitlines()):
        if any(line.split("#")[0].strip() == block.strip() for line in rest.splitlines()):
            return rest
        raise ConfigError(f"the file says something else about {key}", fix=f"make it: {block.strip()}")
    return rest + ("" if not rest or rest.endswith("\n") else "\n") + BEGIN + block + END


def removed_block(text: str) -> str:
    """A text without our marked block."""
    before, begin, after = text.partition(BEGIN)
    _, end, rest = after.partition(END)
    return before + rest if begin and end else text


def _bare(adapter: Adapter, level: str) -> bool:
    return bool(adapter.bare) and adapter.bare == level


def _hooks(adapter: Adapter, document: dict[str, Any], level: str) -> Any:
    """Where the events stand."""
    return document if _bare(adapter, level) else document.get("hooks")


def _events(adapter: Adapter) -> list[tuple[str, str]]:
    return [(event, "before") for event in adapter.before] + [(event, "after") for event in adapter.after]


def _entry(adapter: Adapter, phase: str, command: str) -> dict[str, Any]:
    hook: dict[str, Any] = {"type": "command"} if adapter.shape == NESTED else {}
    hook.update(adapter.extra)
    hook[adapter.command_key] = command
    if adapter.timeout:
        hook[adapter.timeout_key] = adapter.timeout
    if phase == "before":
        hook.update(adapter.before_extra)
    tools = f"{adapter.matcher}|{adapter.reading}" if phase == "before" and adapter.reading else adapter.matcher
    matcher = {"matcher": tools} if tools else {}
    return {**matcher, "hooks": [hook]} if adapter.shape == NESTED else {**matcher, **hook}


def is_ours(adapter: Adapter, command: object) -> bool:
    """Whether a command line calls us for this agent."""
    return isinstance(command, str) and f" hook agent {adapter.called} " in command


def _is_our_hook(adapter: Adapter, hook: object) -> bool:
    return isinstance(hook, dict) and is_ours(adapter, hook.get("command"))


def _ours_in(adapter: Adapter, entry: object) -> list[str]:
    """Our command lines in an entry of an event."""
    if not isinstance(entry, dict):
        return []
    inner = entry.get("hooks")
    hooks = [entry, *inner] if isinstance(inner, list) else [entry]
    found = [hook.get(adapter.command_key) for hook in hooks if isinstance(hook, dict)]
    return [command for command in found if isinstance(command, str) and is_ours(adapter, command)]


def _without(adapter: Adapter, listed: list[Any]) -> list[Any]:
    rest = []
    for entry in listed:
        if not _ours_in(adapter, entry):
            rest.append(entry)
            continue
        inner = entry.get("hooks")
        if not isinstance(inner, list):
            continue
        others = [hook for hook in inner if not _is_our_hook(adapter, hook)]
        if others:  # the user put a hook of an own into our entry
            rest.append({**entry, "hooks": others})
    return rest
