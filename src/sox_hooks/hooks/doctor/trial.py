"""The dry commit: the hook that is really installed is run as git would run it, and has to answer.

It runs in the real work tree (husky and lefthook look for their files there), but under a git directory of its own
below `sox-hooks/` in the common one: with an empty index, a message of its own, and `commondir` pointing to the
repository, as in a linked work tree. So configuration, hooks path and hook chain are the real ones, while refs, index
and message are not touched. The empty index also keeps pre-commit and prek from stashing unstaged changes (they see
none) and from looking at whether their configuration is staged.

Only this one hook is run, not `git commit`: somebody else's pre-commit hook may take minutes, and somebody else's
post-commit hook may publish what it is told was committed.
"""

from __future__ import annotations

import os

from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.files import private_folder, problem
from sox_hooks.core.process import Result
from sox_hooks.core.struct import Struct
from sox_hooks.git.run import Git
from sox_hooks.hooks.in_force import private_folder as state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.git.repository import Repository

# Seconds. pre-commit builds the environment of a hook when it runs it for the first time.
PATIENCE = 300.0
_MESSAGE = b"chore: a trial by sox-hooks doctor\n\nNothing is committed.\n"
# `git hook run` came with git 2.36 (release notes); git then finds the hook itself, and says why it does not run one.
_HOOK_RUN = (2, 36)


class Trial(Struct):
    """What came of running a hook.

    answers  how often our hook answered: twice if it is installed natively and in a host's configuration
    code     the exit code of the whole chain
    words    what was printed
    """

    answers: int
    code: int
    words: bytes


def try_hook(
    hook: str, script: str, repository: Repository, environ: Mapping[str, str], version: tuple[int, ...]
) -> Trial:
    """Run `hook` (its file is `script`) with a question that only ours answers. `version` is git's.

    Raises `EnvironmentProblem` where the trial cannot be set up, or where the hook does not come to an end.
    """
    from shutil import rmtree

    state = state_of(repository)
    private_folder(state)
    nonce = os.urandom(16).hex()
    scratch = os.path.join(state, f"doctor-{nonce[:12]}")
    try:
        message = _prepare(scratch, repository)
        answer = os.path.join(scratch, "answer")
        env = {
            **environ,
            "GIT_DIR": scratch,
            "GIT_WORK_TREE": repository.top,
            "GIT_INDEX_FILE": os.path.join(scratch, "index"),
            "GIT_EDITOR": ":",
            "SOX_HOOKS_DOCTOR": nonce,
            "SOX_HOOKS_DOCTOR_FILE": answer,
        }
        result = _run(hook, script, message, Git(repository.top, env), version)
        with open(answer, "rb") as file:
            said = file.read().split(b"\n")
    except OSError as error:
        raise problem("set up the trial", scratch, error) from error
    finally:
        rmtree(scratch, ignore_errors=True)
    expected = f"sox-hooks doctor {nonce} {hook} live".encode()
    return Trial(said.count(expected), result.code, result.out + result.err)


def _prepare(scratch: str, repository: Repository) -> str:
    """The scratch git directory; returns the message file's path as git would pass it."""
    os.mkdir(scratch, 0o700)
    with open(os.path.join(repository.git_dir, "HEAD"), "rb") as file:
        head = file.read()
    last = Git(repository.top).result("log", "-1", "--format=%B", "HEAD", "--")
    files = {
        "HEAD": head,
        "commondir": os.fsencode(repository.common_dir) + b"\n",
        # Other tools judge the message, too; the last one has been through them.
        "COMMIT_EDITMSG": last.out if last.code == 0 and last.out.strip() else _MESSAGE,
        "answer": b"",
    }
    own = os.path.join(repository.git_dir, "config.worktree")
    if os.path.exists(own):
        with open(own, "rb") as file:
            files["config.worktree"] = file.read()
    for name, content in files.items():
        with open(os.path.join(scratch, name), "wb") as file:
            file.write(content)
    message = os.path.join(scratch, "COMMIT_EDITMSG")
    # git passes `.git/COMMIT_EDITMSG` at the top and an absolute path in linked work trees; hosts filter by it.
    below_top = repository.git_dir == os.path.join(repository.top, ".git")
    return os.path.relpath(message, repository.top) if below_top else message


def _run(hook: str, script: str, message: str, git: Git, version: tuple[int, ...]) -> Result:
    if version >= _HOOK_RUN:
        return git.start("hook", "run", hook, "--", message).finish(timeout=PATIENCE)
    if not os.access(script, os.X_OK):
        raise EnvironmentProblem("git ignores the hook: it is not executable", where=script)
    from sox_hooks.core.process import start

    go_there = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", git.directory, script, message]
    return start(go_there, git.env).finish(timeout=PATIENCE)
