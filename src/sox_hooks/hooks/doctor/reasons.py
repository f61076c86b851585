"""Why a hook did not answer: read from files and the environment, after the trial has said that it did not.

The verdict never comes from here; a reason that is missed makes the words less helpful and no more.
"""

from __future__ import annotations

import os

from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode, encode, printable
from sox_hooks.hooks.hosts import HUSKY, LEFTHOOK, PRE_COMMIT
from sox_hooks.hooks.install import HooksFolder, inside_work_tree, is_husky
from sox_hooks.hooks.shims import GONE, host_of, is_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.git.repository import Repository
    from sox_hooks.hooks.doctor.trial import Trial

CONFIG = ".pre-commit-config.yaml"
_LEFTHOOK_FILES = ("lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml", "lefthook.toml", "lefthook.json")
_OFF = ("0", "false")


class Reason(Struct):
    """Why, and what mends it: as in `Control`."""

    rule: str
    message: str
    where: str = ""
    why: str = ""
    fix: str = ""


def missing(hook: str, folder: HooksFolder, repository: Repository) -> Reason:
    """Why there is no hook file."""
    ignored = os.path.join(repository.common_dir, "hooks", hook)
    if folder.value is not None:
        where = printable(f"core.hooksPath = {folder.value} ({folder.origin})")
        scope = folder.scope if folder.scope in ("global", "system", "worktree") else "local"
        unset = f"git config --{scope} --unset core.hooksPath, then: sox-hooks install"
        if folder.scope == "command":  # some AI agents do so for every git that they start
            unset = "commit from a shell without GIT_CONFIG_COUNT and GIT_CONFIG_PARAMETERS: they set it"
        elif is_husky(folder) or inside_work_tree(folder, repository):
            unset = "sox-hooks install  (it says what to add)"
        elif scope in ("global", "system"):
            unset = f'add to {hook} in that folder: sox-hooks hook {hook} "$@" || exit 1'
        why = f"{printable(ignored)} is there, but git does not look there" if os.path.exists(ignored) else ""
        return Reason("SOX708", f"git looks for hooks elsewhere, and there is no {hook}", where, why, unset)
    config = read(os.path.join(repository.top, CONFIG))
    if names_us(config):
        if hook not in top_level(config, "default_install_hook_types"):
            return Reason(
                "SOX706",
                f"pre-commit was not told to install the {hook} hook",
                CONFIG,
                "without default_install_hook_types `pre-commit install` installs the pre-commit stage only",
                f"put default_install_hook_types: [{hook}] at the top of {CONFIG}, then: pre-commit install",
            )
        return Reason("SOX706", f"the {hook} hook is not installed", CONFIG, fix="pre-commit install")
    return Reason("SOX706", f"the {hook} hook is not installed", printable(ignored), fix="sox-hooks install")


def silent(
    hook: str, script: str, folder: HooksFolder, repository: Repository, environ: Mapping[str, str], trial: Trial
) -> Reason:
    """Why a hook ran and ours did not answer."""
    host = HUSKY if is_husky(folder) else host_of(encode(read(script)))
    if trial.code != 0:
        return Reason(
            "SOX706",
            f"the {hook} hook failed before ours was asked (exit code {trial.code})",
            printable(script),
            _said(trial),
            "sox-hooks install" if GONE in trial.words else "mend what it says, then run: sox-hooks doctor",
        )
    if host == PRE_COMMIT:
        return _pre_commit(hook, repository, environ, trial)
    if host in (HUSKY, LEFTHOOK):
        return _other_host(hook, host, repository, environ)
    if is_ours(encode(read(script))):
        return Reason("SOX706", "our hook ran and did not answer", printable(script), fix="sox-hooks install")
    return Reason(
        "SOX706",
        f"there is a {hook} hook, but it does not run ours",
        printable(script),
        fix="sox-hooks install  (it keeps that hook and runs it first)",
    )


def _pre_commit(hook: str, repository: Repository, environ: Mapping[str, str], trial: Trial) -> Reason:
    for name in ("SKIP", "PREK_SKIP"):
        if "sox-hooks" in [word.strip() for word in environ.get(name, "").split(",")]:
            return Reason("SOX709", f"the environment tells pre-commit to skip ours: {name}", fix=f"unset {name}")
    path = os.path.join(repository.top, CONFIG)
    config = read(path)
    if not names_us(config):
        what = "has no hook `sox-hooks`" if os.path.exists(path) else "is not there"
        return Reason("SOX706", f"{CONFIG} {what}", CONFIG, fix="sox-hooks install --pre-commit  (prints what to add)")
    for key in ("files", "exclude"):
        line = line_of(config, key)
        if line:
            return Reason(
                "SOX709",
                f"{key}: at the top level of {CONFIG} filters our hook away",
                f"{CONFIG}:{line}",
                "pre-commit filters the message file's path, too, and then has nothing to run the hook on",
                f"remove always_run: false from the hook sox-hooks, or move {key}: to the hooks that need it",
            )
    return Reason(
        "SOX709",
        "pre-commit runs, but leaves our hook out",
        CONFIG,
        _said(trial, b"Skipped"),
        f"remove what limits it (stages:, always_run: false) from the hook sox-hooks in {CONFIG}",
    )


def _other_host(hook: str, host: str, repository: Repository, environ: Mapping[str, str]) -> Reason:
    switch = host.upper()
    if environ.get(switch, "").lower() in _OFF:
        return Reason("SOX709", f"the environment switches {host} off: {switch}", fix=f"unset {switch}")
    names = (f".husky/{hook}",) if host == HUSKY else _LEFTHOOK_FILES
    found = [name for name in names if os.path.exists(os.path.join(repository.top, name))]
    where = found[0] if found else names[0]
    fix = f"sox-hooks install --{host}  (prints what to add)"
    if not any("sox-hooks" in read(os.path.join(repository.top, name)) for name in found):
        return Reason("SOX706", f"{host} does not run ours", where, fix=fix)
    return Reason("SOX709", f"{host} is told to run ours, and does not", where, fix=fix)


def _said(trial: Trial, about: bytes = b"") -> str:
    """The first line of what was printed, or the first that holds `about`."""
    lines = [line for line in trial.words.splitlines() if line.strip() and not line.startswith(b"[INFO]")]
    chosen = [line for line in lines if about in line] or lines
    return f"it said: {printable(chosen[0].strip(), 200)}" if chosen else ""


def names_us(config: str) -> bool:
    """Whether a pre-commit configuration has our hook."""
    import re

    return re.search(r"\bid:\s*['\"]?sox-hooks\b", config) is not None


def line_of(config: str, key: str) -> int:
    """The line of a top-level key of a YAML file in the usual layout, or 0."""
    for number, line in enumerate(config.split("\n"), start=1):
        if line.startswith(key) and line[len(key) :].lstrip(" \t").startswith(":"):
            return number
    return 0


def top_level(config: str, key: str) -> str:
    """The text of a top-level value, `[a, b]` or the lines with dashes below it; "" if there is none."""
    number = line_of(config, key)
    if not number:
        return ""
    first, *rest = config.split("\n")[number - 1 :]
    value = [first.partition(":")[2].partition(" #")[0]]
    for line in rest:
        if line[:1] not in (" ", "-", "\t", "]", "#", ""):
            break
        value.append(line.partition(" #")[0] if not line.startswith("#") else "")
    return "\n".join(value)


def read(path: str) -> str:
    """A text file, or "" if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return decode(file.read(1 << 20))
    except OSError:
        return ""
