"""The report of a bug: a private file that somebody can read over and send, and three lines that say where it is."""

from __future__ import annotations

import os
import sys

from sox_hooks.core.folders import state_folder
from sox_hooks.core.text import encode, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_SECRET = ("token", "secret", "password", "passwd", "passphrase", "credential", "auth", "api-key", "apikey")
_HIDDEN = "[hidden]"


def crash_lines(error: BaseException, argv: Sequence[str]) -> list[str]:
    """Write the report and return what to print. Never raises."""
    kind = type(error).__name__
    if isinstance(error, RecursionError):
        lines = ["sox-hooks: something is nested too deeply to be read (RecursionError)"]
    else:
        lines = [f"sox-hooks: internal error: {kind}: {_summary(error)}"]
    try:
        path = _write(report(error, argv))
    except Exception as trouble:  # a full disk must not hide the error itself
        lines.append(f"  why:   this is a bug; no crash report could be written ({type(trouble).__name__})")
    else:
        lines += ["  why:   this is a bug in sox-hooks", f"  where: {printable(path)}"]
        lines.append("  fix:   read that report over for anything private, then send it to the maintainers")
    return lines


def report(error: BaseException, argv: Sequence[str]) -> str:
    """The text of the report. It holds a traceback without the values of variables."""
    import platform
    import traceback

    from sox_hooks import __version__
    from sox_hooks.core.clock import now

    try:
        trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    except Exception:  # an exception whose own text cannot be made
        trace = "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__ + "\n"
    rows = (
        ("time", now()),
        ("sox-hooks", __version__),
        ("python", f"{sys.version} ({sys.executable})"),
        ("git", _git_version()),
        ("platform", platform.platform()),
        ("arguments", " ".join(without_secrets(argv))),
    )
    body = [f"{name}: {printable(value)}" for name, value in rows]
    body += ["", *[printable(line) for line in trace.splitlines()], ""]
    return "\n".join(body)


def without_secrets(argv: Sequence[str]) -> list[str]:
    """The command line without values that look secret.

    >>> without_secrets(["verify", "--token", "abc", "--api-key=abc", "https://me:abc@forge.example/x"])
    ['verify', '--token', '[hidden]', '--api-key=[hidden]', 'https://[hidden]@forge.example/x']
    """
    shown: list[str] = []
    hide_next = False
    for argument in argv:
        if hide_next and not argument.startswith("-"):
            shown.append(_HIDDEN)
            hide_next = False
            continue
        name, equals, _ = argument.partition("=")
        hide_next = False
        if any(word in name.lower() for word in _SECRET) and argument.startswith("-"):
            hide_next = not equals
            shown.append(name + equals + _HIDDEN if equals else name)
        elif "://" in argument and "@" in argument:
            scheme, _, rest = argument.partition("://")
            shown.append(f"{scheme}://{_HIDDEN}@{rest.rpartition('@')[2]}")
        else:
            shown.append(argument)
    return shown


def _summary(error: BaseException) -> str:
    try:
        return printable(str(error), 200)
    except Exception:
        return "(its text cannot be shown)"


def _git_version() -> str:
    from sox_hooks.core.process import run

    try:
        return run(["git", "--version"], timeout=2).out.decode("ascii", "replace").strip()
    except Exception as error:  # whatever happens here, the report is about something else
        return f"not known ({type(error).__name__})"


def _write(text: str) -> str:
    """Write a private file into the state folder, else into the folder for temporary files; returns its path."""
    import tempfile

    data = encode(text)
    folder = state_folder(os.environ)
    try:
        if not folder:
            raise OSError("no state folder")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        descriptor, path = tempfile.mkstemp(prefix="crash-", suffix=".txt", dir=folder)
    except OSError:
        descriptor, path = tempfile.mkstemp(prefix="sox-hooks-crash-", suffix=".txt")
    with os.fdopen(descriptor, "wb") as file:  # mkstemp makes it 0600
        file.write(data)
    return path
