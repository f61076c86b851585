"""Whether the commit-msg hook is live."""

from __future__ import annotations

import os

from sox_hooks.core.errors import SoxError
from sox_hooks.core.text import printable
from sox_hooks.hooks.doctor import reasons
from sox_hooks.hooks.doctor.control import ADVICE, LIVE, NOT_LIVE, Control, not_live
from sox_hooks.hooks.doctor.programs import git_version
from sox_hooks.hooks.doctor.trial import try_hook
from sox_hooks.hooks.install import hooks_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sox_hooks.git.repository import Repository


def try_hooks(hook: str, repository: Repository, environ: Mapping[str, str]) -> Iterator[Control]:
    """Run the hook; a second control tells where colleagues would not get it."""
    name = f"{hook} hook"
    try:
        yield _try(name, hook, repository, environ)
    except SoxError as error:
        yield not_live(name, error, "SOX706")
    config = reasons.read(os.path.join(repository.top, reasons.CONFIG))
    if reasons.names_us(config) and hook not in reasons.top_level(config, "default_install_hook_types"):
        yield Control(
            "pre-commit configuration",
            ADVICE,
            f"`pre-commit install` does not install the {hook} hook for your colleagues",
            reasons.CONFIG,
            "without default_install_hook_types it installs the pre-commit stage only",
            f"put default_install_hook_types: [{hook}] at the top of {reasons.CONFIG}",
            "SOX706",
        )


def _try(name: str, hook: str, repository: Repository, environ: Mapping[str, str]) -> Control:
    folder = hooks_folder(repository)
    script = os.path.join(folder.path, hook) if folder.path else ""
    if not script or not os.path.exists(script):
        return _control(name, reasons.missing(hook, folder, repository))
    where = printable(script)
    if not os.access(script, os.X_OK):
        return Control(
            name,
            NOT_LIVE,
            "the hook is there, but git ignores it: it is not executable",
            where,
            fix=f"chmod +x {where}",
            rule="SOX707",
        )
    trial = try_hook(hook, script, repository, environ, git_version())
    if not trial.answers:
        return _control(name, reasons.silent(hook, script, folder, repository, environ, trial))
    if trial.code:
        words = f"our hook answers, but another one refuses (exit code {trial.code})"
        return Control(name, ADVICE, words, where, fix="mend what it says when you commit")
    twice = f"; it runs {trial.answers} times, once is enough" if trial.answers > 1 else ""
    return Control(name, LIVE, f"it was run and answered{twice}", where)


def _control(name: str, reason: reasons.Reason) -> Control:
    return Control(name, NOT_LIVE, reason.message, reason.where, reason.why, reason.fix, reason.rule)
