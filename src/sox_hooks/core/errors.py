"""The failures that a user can cause, and the exit codes of every command.

Everything else that is raised is a bug and is reported as such by the one error boundary (`core.boundary`).
"""

from __future__ import annotations

PASS = 0
FINDING = 1
USAGE = 2
INTERNAL = 3
CANNOT_VERIFY = 4


class SoxError(Exception):
    """Something a user can cause and mend: what happened, where, why, and the one command that mends it.

    `what` is one line that stands alone (graphical git clients show only that). `where` is a `file:line:column`, a
    commit or a path. `fix` is a command to type, or one sentence.
    """

    exit_code = INTERNAL

    def __init__(self, what: str, *, where: str = "", why: str = "", fix: str = "", rule: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.fix = fix
        self.rule = rule


class UsageError(SoxError):
    """The command line or the configuration is wrong."""

    exit_code = USAGE


class ConfigError(SoxError):
    """The files of `.sox/`, or git's configuration, cannot be used. `findings` holds all of it, worst first."""

    exit_code = USAGE

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        why: str = "",
        fix: str = "",
        rule: str = "",
        findings: tuple[object, ...] = (),
    ) -> None:
        super().__init__(what, where=where, why=why, fix=fix, rule=rule)
        self.findings = findings


class CannotVerify(SoxError):
    """Something that is needed for a verdict is missing. Never to be confused with a good or a bad verdict."""

    exit_code = CANNOT_VERIFY


class Refused(SoxError):
    """A control said no (for example a key that may not sign)."""

    exit_code = FINDING


class EnvironmentProblem(SoxError):
    """The machine does not let us work: no space, no permission, a program is missing, a lock is held."""

    exit_code = USAGE
