"""Version and model from an agent's own file of the session, for those who allow it (`git config sox.readTranscripts`).

Claude Code tells its hooks no model, and Codex, Gemini CLI and Copilot CLI not all that they know; each keeps it in the
file of the session that is going on. Only the file that the hook's payload names is read, only below the agent's own
folder at home, only its beginning and its end, and of the lines only the two fields below. Nothing else is kept.
Formats as measured: Claude Code 2.1.330, Codex 0.169.0, Copilot CLI 1.0.102, Gemini CLI 0.61.0 (which keeps no version)
and Qwen Code 0.24.4.
"""

from __future__ import annotations

import os
import stat

from sox_hooks.detection.values import as_model, as_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.agents.event import AgentEvent

# The folder below HOME, and where in a line version and model stand.
_FORMATS = {
    "claude-code": (".claude/projects", ("version",), ("message", "model")),
    "codex": (".codex/sessions", ("payload", "cli_version"), ("payload", "model")),
    "copilot-cli": (".copilot/session-state", ("data", "copilotVersion"), ("data", "selectedModel")),
    "gemini-cli": (".gemini/tmp", ("version",), ("model",)),
    "qwen-code": (".qwen/projects", ("version",), ("model",)),
}
_HEAD, _TAIL = 1 << 14, 1 << 18
_MOST_LINES = 400


def told(event: AgentEvent, home: str) -> tuple[str, str]:
    """Version and model, the newest that the file has; "" for what it has not, or may not be read. Raises nothing."""
    known = _FORMATS.get(event.agent)
    if known is None or not event.transcript or not os.path.isabs(home):
        return "", ""
    folder, version_at, model_at = known
    version = model = ""
    for line in _lines(event.transcript, os.path.join(home, folder)):
        value = _value(line, version_at, model_at)
        version = version or as_version(_text(value, version_at))
        model = model or as_model(_text(value, model_at))
        if version and model:
            break
    return version, model


def _lines(path: str, folder: str) -> Iterator[bytes]:
    """Whole lines, the newest first: those at the end of the file, then those at its beginning."""
    real, inside = os.path.realpath(path), os.path.realpath(folder) + "/"
    if not real.startswith(inside):
        return
    try:
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            return
        start = max(0, found.st_size - _TAIL)
        tail = os.pread(descriptor, _TAIL, start).split(b"\n")
        head = os.pread(descriptor, _HEAD, 0).split(b"\n") if start else []
    except OSError:
        return
    finally:
        os.close(descriptor)
    # A line that is cut is no line.
    yield from reversed((tail[1:] if start else tail)[-_MOST_LINES:])
    yield from head[:-1][:_MOST_LINES]


def _value(line: bytes, *keys: tuple[str, ...]) -> object:
    """The JSON value of a line that may hold one of the fields; None for all others, which need not be parsed."""
    if not any(f'"{key[-1]}"'.encode() in line for key in keys):
        return None
    from sox_hooks.core.fastjson import loads

    try:
        return loads(line.decode("utf-8").strip())
    except (ValueError, RecursionError):
        return None


def _text(value: object, keys: tuple[str, ...]) -> str:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
