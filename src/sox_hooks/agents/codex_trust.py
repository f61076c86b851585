"""Asking Codex itself which hooks it trusts: its app server lists them, with the state of each.

`hooks/list` of `codex app-server`, JSON-RPC by lines; measured with 0.169.0: `trustStatus` is `untrusted`, `modified`
(trusted once, changed since) or `trusted`; hooks of a folder that is not trusted are not listed at all. It answers
within a second and ends when its input does. Started so, it asks nobody on the network.
"""

from __future__ import annotations

import os
import select
import time

from sox_hooks.core.errors import SoxError
from sox_hooks.core.process import start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sox_hooks.core.process import Process

_PATIENCE = 10.0
_MOST = 4 << 20
_QUIET = (
    "features.plugins=false",
    "features.apps=false",
    "analytics.enabled=false",
    "check_for_update_on_startup=false",
)
_ID = 2


def distrust(path: str, folder: str, environ: Mapping[str, str]) -> str:
    """Why Codex does not run our hooks of a file in a folder, one clause; "" if it does.

    Where Codex cannot be asked, it counts if it keeps a hash for them: whether that is the present one, it alone knows.
    """
    from sox_hooks.agents.install import read

    hooks = listed(folder, environ)
    if hooks is None:
        text = read(os.path.join(_home(environ), "config.toml")) or ""
        known = all(f"{path}:{event}:" in text for event in ("pre_tool_use", "post_tool_use"))
        return "" if known and "trusted_hash" in text else "has not been told to trust this hook"
    ours = [hook for hook in hooks if hook.get("sourcePath") == path and _calls_us(hook.get("command"))]
    if not ours:
        return "does not know this hook: it does not trust the folder"
    states = [hook.get("trustStatus") for hook in ours if not hook.get("isManaged")]
    if "modified" in states:
        return "trusted this hook as it was before, and not as it is now"
    if any(state != "trusted" for state in states):
        return "has not been told to trust this hook"
    return "" if all(hook.get("enabled") is True for hook in ours) else "has this hook switched off"


def _calls_us(command: object) -> bool:
    return isinstance(command, str) and " hook agent codex " in command


def _home(environ: Mapping[str, str]) -> str:
    return environ.get("CODEX_HOME") or os.path.join(environ.get("HOME", ""), ".codex")


def listed(folder: str, environ: Mapping[str, str]) -> list[dict[str, Any]] | None:
    """The hooks that Codex has for a folder; None if it cannot be asked.

    Of each: `sourcePath`, `command`, `trustStatus`, `enabled`, `isManaged`.
    """
    # Codex would make its folder, and nobody who never started it has trusted anything.
    if not os.path.isdir(_home(environ)):
        return None
    options = [word for setting in _QUIET for word in ("-c", setting)]
    try:
        process = start(["codex", *options, "app-server"], environ, detached=True)
    except SoxError:
        return None
    try:
        os.write(process.stdin, _questions(folder))
        answers = [answer for answer in _answers(process) if answer.get("id") == _ID]
        data = answers[0]["result"]["data"]
        return [hook for entry in data for hook in entry["hooks"] if isinstance(hook, dict)]
    except (OSError, LookupError, TypeError):
        return None
    finally:
        process.kill()
        for descriptor in (process.stdin, process.stdout, process.stderr):
            os.close(descriptor)
        process.wait()


def _questions(folder: str) -> bytes:
    from json import dumps

    client = {"clientInfo": {"name": "sox-hooks", "version": "1"}}
    asked: list[dict[str, Any]] = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client},
        {"jsonrpc": "2.0", "method": "initialized"},
        {"jsonrpc": "2.0", "id": _ID, "method": "hooks/list", "params": {"cwds": [folder]}},
    ]
    return "".join([dumps(one) + "\n" for one in asked]).encode()


def _answers(process: Process) -> Iterator[dict[str, Any]]:
    """The messages, until the one that is waited for, the end, or the end of patience."""
    from json import loads

    deadline = time.monotonic() + _PATIENCE
    poller = select.poll()
    for descriptor in (process.stdout, process.stderr):
        poller.register(descriptor, select.POLLIN | select.POLLHUP)
    rest = b""
    while len(rest) < _MOST:
        events = poller.poll(max(0.0, deadline - time.monotonic()) * 1000)
        if not events:
            return
        for descriptor, _ in events:
            block = os.read(descriptor, 1 << 16)
            if not block:
                poller.unregister(descriptor)
                if descriptor == process.stdout:
                    return
            elif descriptor == process.stdout:
                *lines, rest = (rest + block).split(b"\n")
                for line in lines:
                    try:
                        message = loads(line)
                    except (ValueError, RecursionError):
                        continue
                    if isinstance(message, dict):
                        yield message
                        if message.get("id") == _ID:
                            return
