"""Who called a hook and where the message is: native git, pre-commit, prek, lefthook and husky become one event.

Every host can hand over git's own arguments, but where `files:` or `exclude:` filter the message file away, an
`always_run` hook is started without it (measured: pre-commit 4.6, also for those at the top level of
`.pre-commit-config.yaml`; prek 0.5, for those of the hook). A commit without a record would be the result, so the
message is then looked for where git puts it.
"""

from __future__ import annotations

import os

from sox_hooks.core.errors import UsageError
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git.run import Git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NATIVE, PRE_COMMIT, PREK, LEFTHOOK, HUSKY = "native", "pre-commit", "prek", "lefthook", "husky"

# Hooks whose first argument is the message file (githooks(5)).
_WITH_MESSAGE = ("commit-msg", "prepare-commit-msg")
# Hooks that git gives something to read (githooks(5)); all others get an empty standard input.
_WITH_STDIN = ("pre-push", "post-rewrite")


class HookEvent(Struct):
    """One call of one hook.

    name          git's name of the hook: `commit-msg`, ...
    host          `native`, `pre-commit`, `prek`, `lefthook` or `husky`: for the log, never for a decision
    message_file  path of the file that holds the commit message, or "" for hooks that have none; relative to the
                  current directory or absolute
    arguments     what git passed to the hook, as far as the host handed it on
    stdin         whether the standard input holds what git gave the hook (pre-commit and prek keep it for themselves)
    """

    name: str
    host: str
    message_file: str
    arguments: tuple[str, ...]
    stdin: bool = False


def hook_event(name: str, argv: Sequence[str], environ: Mapping[str, str]) -> HookEvent:
    """What happened, from the hook's arguments (without its name) and the environment.

    Raises `UsageError` for arguments that git never passes.
    """
    arguments = tuple(argv)
    message_file = ""
    if name in _WITH_MESSAGE:
        as_git = f"call it as git does: sox-hooks hook {name} FILE"
        for argument in arguments:
            if argument.startswith("-"):
                raise UsageError(f"hook {name}: unknown option {printable(argument, 100)!r}", fix=as_git)
        if name == "commit-msg" and len(arguments) > 1:
            raise UsageError(f"hook {name} takes the message file alone, but was given {len(arguments)}", fix=as_git)
        message_file = arguments[0] if arguments and arguments[0] else _find_message(environ)
    host = _host(environ)
    stdin = name in _WITH_STDIN and host not in (PRE_COMMIT, PREK)
    return HookEvent(name, host, message_file, arguments, stdin)


def _host(environ: Mapping[str, str]) -> str:
    # prek sets PRE_COMMIT as well. lefthook and husky set nothing: the lines that `install` prints for them say who.
    if "PREK_HOOK_STAGE" in environ:
        return PREK
    if "PRE_COMMIT" in environ:
        return PRE_COMMIT
    said = environ.get("SOX_HOOKS_HOST", "")
    return said if said in (LEFTHOOK, HUSKY) else NATIVE


def _find_message(environ: Mapping[str, str]) -> str:
    """The message file of the commit that is being made: `git merge` uses MERGE_MSG, all else COMMIT_EDITMSG.

    A merge is told by the reflog action, which `git merge` and `git pull` export. `git commit` that concludes a
    conflicted merge finds MERGE_HEAD too, but exports none. Where a script has set an action of its own (git does not
    overwrite it), the file that was written last is the one: git writes it just before it calls the hook.
    """
    folder = Git().line("rev-parse", "--git-dir")
    ordinary = os.path.join(folder, "COMMIT_EDITMSG")
    merge = os.path.join(folder, "MERGE_MSG")
    if not os.path.exists(os.path.join(folder, "MERGE_HEAD")):
        return ordinary
    if environ.get("GIT_REFLOG_ACTION", "").startswith(("merge", "pull")):
        return merge
    return merge if _written(merge) > _written(ordinary) else ordinary


def _written(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return -1


def answer_doctor(environ: Mapping[str, str], hook_name: str) -> bool:
    """Answer `sox-hooks doctor` if it is asking; True means that nothing else is to be done.

    Doctor runs the hook that is really installed, with SOX_HOOKS_DOCTOR (a number used once) and SOX_HOOKS_DOCTOR_FILE
    in the environment; a hook that is filtered away, or is not ours, never answers.

    Whoever sets the variables by hand gets a commit without a record: no more than `--no-verify` gives, and found by
    `verify` just the same. The file must exist already, so the variables cannot be used to create one.
    """
    nonce = environ.get("SOX_HOOKS_DOCTOR", "")
    path = environ.get("SOX_HOOKS_DOCTOR_FILE", "")
    if not path or not nonce.isalnum() or not nonce.isascii() or len(nonce) > 64:
        return False
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.write(descriptor, f"sox-hooks doctor {nonce} {hook_name} live\n".encode())
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
