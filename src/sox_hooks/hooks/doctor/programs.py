"""The programs that everything rests on, and their versions."""

from __future__ import annotations

import os
import sys

from sox_hooks import __version__
from sox_hooks.core.errors import SoxError
from sox_hooks.core.process import run
from sox_hooks.core.text import printable
from sox_hooks.git.run import Git
from sox_hooks.hooks.doctor.control import ADVICE, LIVE, NOT_LIVE, Control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# The oldest that this is tested with, and the oldest OpenSSH whose `ssh-keygen -Y sign` does all that is needed here.
OLDEST_GIT = (2, 34)
OLDEST_SSH = (8, 2)
_NAME = "programs"


def git_version() -> tuple[int, ...]:
    """Of git: `git version 2.39.5 (Apple Git-154)` is (2, 39, 5). Raises `EnvironmentProblem` where there is none."""
    return _numbers(Git().line("version"))


def try_programs(environ: Mapping[str, str]) -> Control:
    """Whether git and ssh-keygen are there and new enough."""
    from shutil import which

    try:
        git = git_version()
        if which("ssh-keygen", path=environ.get("PATH")) is None:
            return Control(_NAME, NOT_LIVE, "ssh-keygen is not on PATH", fix="install OpenSSH", rule="SOX710")
        said = run(["ssh", "-V"], env=environ, timeout=30).err if which("ssh", path=environ.get("PATH")) else b""
    except SoxError as error:
        return Control(_NAME, NOT_LIVE, error.what, fix=error.fix)
    words = printable(os.fsdecode(said.split(b",")[0].strip()), 60) or "OpenSSH of an unknown version"
    python = "{}.{}.{}".format(*sys.version_info[:3])
    message = f"sox-hooks {__version__}, Python {python}, git {_dotted(git)}, {words}"
    if git < OLDEST_GIT:
        wanted = f"git {_dotted(OLDEST_GIT)}"
        return Control(_NAME, ADVICE, message, why=f"{wanted} is the oldest that is tested", fix=f"install {wanted}")
    if said and _numbers(words) < OLDEST_SSH:
        wanted = f"OpenSSH {_dotted(OLDEST_SSH)}"
        return Control(_NAME, ADVICE, message, why=f"records need {wanted} to be signed", fix=f"install {wanted}")
    return Control(_NAME, LIVE, message)


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))


def _numbers(words: str) -> tuple[int, ...]:
    """The first dotted number in `words`."""
    import re

    found = re.search(r"[0-9]+(\.[0-9]+)+", words)
    return tuple(map(int, found[0].split("."))) if found else ()
