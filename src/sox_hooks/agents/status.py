"""Proving that an agent is connected: the very command that the agent would run is run, and has to answer.

What cannot be asked from outside (whether the agent itself trusts the hook and runs it) is read from where the agent
keeps it, and said as advice.
"""

from __future__ import annotations

import os

from sox_hooks.agents.adapter import FILES, IDS, MARKED, Adapter, adapter_of
from sox_hooks.agents.codex_trust import distrust
from sox_hooks.agents.event import AFTER, BEFORE, PROBE
from sox_hooks.agents.install import PROJECT, USER, command_line, own_files, read, target
from sox_hooks.agents.merging import commands, is_as_made
from sox_hooks.core.errors import SoxError
from sox_hooks.core.process import run
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git.run import Git
from sox_hooks.hooks.doctor.control import ADVICE, LIVE, NOT_LIVE, Control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ANSWER = b'{"sox-hooks":"live"}'
_PATIENCE = 20.0
# Where Visual Studio Code and what is built of it keep a person's settings.
_CODE, _PRODUCTS = (".config", "Library/Application Support"), ("Code", "Code - Insiders", "VSCodium")


class Found(Struct):
    """What is configured for one agent at one level: the file, and the command lines by event."""

    level: str
    path: str
    commands: tuple[tuple[str, str], ...]
    changed: bool = False  # a file of ours that is not as we write it


def examine_all(environ: Mapping[str, str]) -> Iterator[Control]:
    """What there is to say about every agent that is connected to the work tree of the current directory."""
    top = Git().try_line("rev-parse", "--show-toplevel")
    for name in IDS if top else ():
        yield from examine(adapter_of(name), top, environ)
    if top:
        from sox_hooks.agents.exclusion.examination import examine as examine_files

        yield from examine_files(top)


def examine(adapter: Adapter, top: str, environ: Mapping[str, str]) -> Iterator[Control]:
    """What there is to say about one agent. Nothing at all, where it is not connected."""
    home = environ.get("HOME", "")
    try:
        found = [
            one for level, base in ((PROJECT, top), (USER, home)) if base for one in configured(adapter, level, base)
        ]
    except SoxError as error:
        yield Control(adapter.id, NOT_LIVE, error.what, error.where, error.why, error.fix)
        return
    if not found:
        return
    for one in found:
        yield _tried(adapter, one, top)
    yield from _off(adapter, top, environ)
    yield from _trust(adapter, found, top, environ)
    if len({one.level for one in found}) > 1:
        yield Control(
            adapter.id,
            ADVICE,
            "connected twice, in the project and for the user: every call is judged twice",
            fix=f"sox-hooks agents uninstall --user {adapter.id}",
        )
    yield from _twice(adapter, top)
    if adapter.around:
        yield Control(adapter.id, ADVICE, f"commits around git's hooks: {adapter.around}")


def configured(adapter: Adapter, level: str, base: str) -> list[Found]:
    """What is configured at one level. Raises `SoxError` for a file that cannot be read."""
    if adapter.shape == FILES:
        return _own(adapter, level, base)
    path = target(adapter, level, base)
    text = read(path)
    if text is None:
        return []
    if adapter.shape == MARKED:
        lines = [line.split("#")[0].strip() for line in text.splitlines()]
        return [Found(level, path, ())] if adapter.block.strip() in lines else []
    calls = commands(adapter, text, level)
    return [Found(level, path, tuple(calls), not is_as_made(adapter, text, level))] if calls else []


def _own(adapter: Adapter, level: str, base: str) -> list[Found]:
    found = []
    line = command_line(adapter, level)
    for (path, wanted, executable), phase in zip(own_files(adapter, level, base), (BEFORE, AFTER), strict=False):
        text = read(path)
        if text is None:
            continue
        changed = text != wanted or (executable and not os.access(path, os.X_OK))
        found.append(Found(level, path, ((phase, f"{line} {phase}"),), changed))
    return found


def _tried(adapter: Adapter, found: Found, top: str) -> Control:
    again = f"sox-hooks agents install{' --user' if found.level == USER else ''} {adapter.id}"
    where = printable(found.path)
    if found.changed:
        return Control(adapter.id, NOT_LIVE, "the connection is not as it was made", where, fix=again)
    for event, command in found.commands:
        said = _ask(command, top)
        if said:
            why = "the agent would allow everything, or refuse everything, by its own rule"
            return Control(adapter.id, NOT_LIVE, f"{printable(event)}: {said}", where, why, again)
    return Control(adapter.id, LIVE, f"connected ({found.level}); {adapter.boundary}", where)


def _ask(command: str, top: str) -> str:
    """Run a hook's command as agents do, through the shell; what is wrong, or ""."""
    from json import dumps

    question = dumps({"tool_name": PROBE, "cwd": top, "tool_input": {}}).encode()
    try:
        result = run(["sh", "-c", command], question, timeout=_PATIENCE)
    except SoxError as error:
        return error.what
    if result.code == 0 and result.out.strip() == _ANSWER:
        return ""
    words = (result.err or result.out).strip().split(b"\n")[0]
    return f"the command does not answer (exit code {result.code}): {printable(words, 200)}"


def _off(adapter: Adapter, top: str, environ: Mapping[str, str]) -> Iterator[Control]:
    for name in adapter.off_variables:
        if environ.get(name, "") not in ("", "0", "false"):
            yield Control(adapter.id, NOT_LIVE, f"the environment switches its hooks off: {name}", fix=f"unset {name}")
    if adapter.id == "claude-code":
        home = environ.get("HOME", "")
        for path in (
            os.path.join(top, ".claude/settings.local.json"),
            os.path.join(top, ".claude/settings.json"),
            os.path.join(home, ".claude/settings.json"),
        ):
            if _json(path).get("disableAllHooks") is True:
                fix = "take disableAllHooks out of that file"
                yield Control(adapter.id, NOT_LIVE, "a setting switches all its hooks off", printable(path), fix=fix)

    if adapter.id == "github-copilot":
        yield from _off_in_vscode(top, environ.get("HOME", ""))


def _off_in_vscode(top: str, home: str) -> Iterator[Control]:
    """Settings of Visual Studio Code that leave the hooks out: `chat.useHooks` (`chat.hooks.enabled` in older ones) and
    `chat.hookFilesLocations`. The files are JSON with comments, of which only what is plainly written is understood.
    """
    import re

    places = [os.path.join(top, ".vscode/settings.json")]
    places += [os.path.join(home, folder, product, "User/settings.json") for folder in _CODE for product in _PRODUCTS]
    for path in places:
        lines = (read(path) or "").splitlines()
        text = "\n".join([line for line in lines if not line.lstrip().startswith("//")])
        for setting in ("chat.useHooks", "chat.hooks.enabled", ".github/hooks"):
            if re.search(rf'"{re.escape(setting)}"\s*:\s*false', text):
                message = f"a setting switches its hooks off: {setting}"
                fix = "take that line out of the settings"
                yield Control("github-copilot", NOT_LIVE, message, printable(path), fix=fix)


def _twice(adapter: Adapter, top: str) -> Iterator[Control]:
    """An agent that runs the hooks of another one besides its own."""
    for path in adapter.imports:
        text = read(os.path.join(top, path)) or ""
        if any(commands(other, text, PROJECT) for other in map(adapter_of, IDS) if other.project == path):
            said = f"it runs the hooks of {path}, too: every call is judged twice, which does no harm"
            yield Control(adapter.id, ADVICE, said)


def _trust(adapter: Adapter, found: list[Found], top: str, environ: Mapping[str, str]) -> Iterator[Control]:
    """Agents that run a project's hooks only after somebody trusted them."""
    home = environ.get("HOME", "")
    if adapter.id == "codex":
        for one in found:
            why = distrust(os.path.realpath(one.path), os.path.realpath(top), environ)
            if why:
                yield Control(
                    adapter.id,
                    NOT_LIVE,
                    f"Codex {why}, so it skips it without a word",
                    printable(one.path),
                    fix="start codex here and trust the hooks: /hooks",
                )
    elif adapter.id == "gemini-cli" and any(one.level == PROJECT for one in found):
        folders = _json(os.path.join(home, ".gemini/trustedFolders.json"))
        if not _trusted(top, [name for name, how in folders.items() if how in ("TRUST_FOLDER", "TRUST_PARENT")]):
            yield Control(
                adapter.id,
                ADVICE,
                "Gemini CLI does not trust this folder, and leaves a project's hooks out with --skip-trust",
                fix="sox-hooks agents install --user gemini-cli",
            )
    elif adapter.id == "copilot-cli" and any(one.level == PROJECT for one in found):
        listed = _json(os.path.join(home, ".copilot/config.json")).get("trusted_folders")
        if not _trusted(top, listed if isinstance(listed, list) else []):
            yield Control(
                adapter.id,
                ADVICE,
                "Copilot CLI does not trust this folder, so it skips the project's hooks without a word",
                fix="start copilot here and trust the folder, or: sox-hooks agents install --user copilot-cli",
            )


def _trusted(top: str, folders: list[object]) -> bool:
    real = os.path.realpath(top)
    kept = [os.path.realpath(folder) for folder in folders if isinstance(folder, str)]
    return any(real == folder or real.startswith(folder + "/") for folder in kept)


def _json(path: str) -> dict[str, object]:
    from json import loads

    try:
        value = loads(read(path) or "{}")
    except (ValueError, RecursionError, SoxError):
        return {}
    return value if isinstance(value, dict) else {}
