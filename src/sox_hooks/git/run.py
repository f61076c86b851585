"""Starting git. No other module does.

Two environments exist, and a call says which it means:

* *desk* (hooks, `check`, `init`): what git gave us is kept, `GIT_INDEX_FILE` and `GIT_DIR` above all, because
  `commit -a` and `commit PATH` work on another index file. Only what changes the meaning of output is removed.
* *clean* (verification, audit): every `GIT_*` variable goes, but for those that say where the objects of a push in
  quarantine are, and nothing that a clone can hold (replacements, pagers, signatures in the log) changes what is read.
"""

from __future__ import annotations

import os

from sox_hooks.core.errors import EnvironmentProblem, SoxError, UsageError
from sox_hooks.core.process import Process, Result, start
from sox_hooks.core.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Would change the bytes of diffs or of messages that we parse.
_MEANING = (
    "GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF", "GIT_TRACE", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_DEFAULT_HASH", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE",
)  # fmt: skip
# Where the objects and the repository are: all that verification may inherit.
_WHERE = (
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
)


def desk_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for calls on behalf of the person at the desk."""
    env = {key: value for key, value in environ.items() if key not in _MEANING}
    env["LC_ALL"] = "C"  # messages are recognised by their English text
    env["GIT_OPTIONAL_LOCKS"] = "0"  # reading must not disturb an index that somebody else is writing
    return env


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for calls whose answers decide about other people's commits."""
    env = {key: value for key, value in environ.items() if not key.startswith("GIT_") or key in _WHERE}
    env.update(
        LC_ALL="C",
        GIT_NO_REPLACE_OBJECTS="1",
        GIT_CONFIG_NOSYSTEM="1",
        GIT_CONFIG_GLOBAL=os.devnull,
        GIT_ATTR_NOSYSTEM="1",
        GIT_OPTIONAL_LOCKS="0",
        GIT_TERMINAL_PROMPT="0",
        GIT_NO_LAZY_FETCH="1",  # a partial clone must not reach for the network; a missing object is "unverifiable"
    )
    return env


class GitFailed(SoxError):
    """git said no. `result` has its words."""

    def __init__(self, result: Result) -> None:
        words = printable(result.err.strip().split(b"\n")[-1], 300)
        super().__init__(f"git {verb(result.argv)} failed: {words}", why=f"exit code {result.code}")
        self.result = result


class Git:
    """git as seen from a directory.

    `directory` "" means the current one. `env` is one of the environments above; the desk's by default.
    """

    def __init__(self, directory: str = "", env: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.env = desk_environment(os.environ) if env is None else dict(env)

    def argv(self, *arguments: str) -> list[str]:
        """The whole command line."""
        return ["git", *(["-C", self.directory] if self.directory else []), *arguments]

    def start(self, *arguments: str) -> Process:
        """Start git and let it run; `Process.finish` collects."""
        return start(self.argv(*arguments), self.env)

    def result(self, *arguments: str, data: bytes = b"") -> Result:
        """Run git and return whatever came of it."""
        return self.start(*arguments).finish(data)

    def run(self, *arguments: str, data: bytes = b"") -> bytes:
        """Run git and return what it printed. Raises `GitFailed`."""
        return checked(self.result(*arguments, data=data))

    def line(self, *arguments: str) -> str:
        """The first line of what git printed, without its end; a path may hold any byte (surrogateescape)."""
        return os.fsdecode(self.run(*arguments).removesuffix(b"\n"))

    def try_line(self, *arguments: str) -> str:
        """As `line`, but "" where git fails."""
        result = self.result(*arguments)
        return os.fsdecode(result.out.removesuffix(b"\n")) if result.code == 0 else ""


def checked(result: Result) -> bytes:
    """The output of a run that succeeded.

    Raises `UsageError` outside a repository, `EnvironmentProblem` for a repository that git refuses to enter, and
    `GitFailed` for all else.
    """
    if result.code == 0:
        return result.out
    if b"not a git repository" in result.err:
        raise UsageError("this is not a git repository", fix="cd into a repository, or make one with: git init")
    if b"dubious ownership" in result.err:
        raise EnvironmentProblem(
            "git refuses this repository: it belongs to another user",
            fix="git config --global --add safe.directory " + (os.getcwd() if os.path.isdir(".") else "PATH"),
        )
    raise GitFailed(result)


def verb(argv: tuple[str, ...]) -> str:
    """The git command of a command line: `diff-tree`."""
    rest = list(argv[1:])
    while rest and rest[0].startswith("-"):
        del rest[: 2 if rest[0] in ("-C", "-c") else 1]
    return rest[0] if rest else ""
