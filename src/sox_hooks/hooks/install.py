"""Putting our shims where git looks for hooks, and taking them away again.

A hook that is there already is kept beside ours (`commit-msg.before-sox-hooks`), runs first, and comes back byte for
byte with `uninstall`. Folders that other tools or other repositories own are left alone; the error says what to do.
"""

from __future__ import annotations

import os

from sox_hooks.core.errors import UsageError
from sox_hooks.core.files import problem, write_atomically
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git.repository import require_work_tree
from sox_hooks.git.run import Git, GitFailed
from sox_hooks.hooks.hosts import HUSKY, LEFTHOOK, PRE_COMMIT
from sox_hooks.hooks.shims import HOOKS, KEPT, LEGACY, OPTIONAL, REQUIRED, host_of, is_ours, shim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from sox_hooks.git.repository import Repository

INSTALLED, RENEWED, UNCHANGED = "installed", "renewed", "unchanged"
REMOVED, RESTORED, ABSENT = "removed", "restored", "absent"


class HooksFolder(Struct):
    """Where git looks for the hooks of a repository.

    path    absolute, or "" where git runs none (`core.hooksPath` is empty)
    value   of `core.hooksPath`; None if it is not set
    scope   where that is set: `local`, `worktree`, `global`, `system` or `command`
    origin  git's words for the same, such as `file:/home/alice/.gitconfig`
    """

    path: str
    value: str | None = None
    scope: str = ""
    origin: str = ""


class Outcome(Struct):
    """What was done for one hook: one of the words above, the file, and a remark or ""."""

    hook: str
    done: str
    path: str
    remark: str = ""


def hooks_folder(repository: Repository) -> HooksFolder:
    """Where git looks for hooks; `core.hooksPath` is honoured. Raises `UsageError` without a work tree."""
    require_work_tree(repository)
    git = Git(repository.top)  # a relative core.hooksPath counts from where hooks run, the top (git-config(1))
    try:
        path = git.line("rev-parse", "--path-format=absolute", "--git-path", "hooks")
    except GitFailed:  # "The empty string is not a valid path"
        path = ""
    setting = git.result("config", "--show-scope", "--show-origin", "-z", "--get", "core.hooksPath")
    if setting.code != 0:
        return HooksFolder(path)
    scope, origin, value = [os.fsdecode(part) for part in setting.out.split(b"\0")[:3]]
    return HooksFolder(path, value, scope, origin)


def inside_work_tree(folder: HooksFolder, repository: Repository) -> bool:
    """Whether the hooks are files of the work tree (husky, `.githooks/`), and not of a git directory."""
    if not folder.path:
        return False
    path = os.path.realpath(folder.path)
    owners = [os.path.realpath(owner) for owner in (repository.git_dir, repository.common_dir)]
    if any(_is_below(path, owner) for owner in owners):
        return False
    return _is_below(path, os.path.realpath(repository.top))


def is_husky(folder: HooksFolder) -> bool:
    """Whether husky made the folder: it holds links to one script, and the hooks themselves are one folder up."""
    return os.path.basename(folder.path) == "_" and os.path.exists(os.path.join(folder.path, "h"))


def install(repository: Repository, more: Collection[str] = ()) -> tuple[Outcome, ...]:
    """Install every hook of `HOOKS` and those of `OPTIONAL` in `more`; what is installed already is renewed or left.

    Raises `UsageError` where the hooks belong to somebody else, `EnvironmentProblem` where they cannot be written.
    """
    folder = hooks_folder(repository)
    _require_own(folder, repository)
    try:
        os.makedirs(folder.path, exist_ok=True)
    except OSError as error:
        raise problem("make the hooks folder", folder.path, error) from error
    there = [hook for hook in OPTIONAL if is_ours(_read(os.path.join(folder.path, hook)) or b"")]
    wanted = [hook for hook in (*OPTIONAL, *HOOKS) if hook in HOOKS or hook in more or hook in there]
    return tuple([_install(hook, os.path.join(folder.path, hook)) for hook in wanted])


def uninstall(repository: Repository) -> tuple[Outcome, ...]:
    """Take every hook of ours away and put back what was there before. Raises `EnvironmentProblem`.

    git's own folder is looked at as well: `core.hooksPath` may have been set after the hooks were installed.
    """
    folders = dict.fromkeys([hooks_folder(repository).path, os.path.join(repository.common_dir, "hooks")])
    hooks = (*OPTIONAL, *HOOKS)
    done = [_uninstall(hook, os.path.join(folder, hook)) for folder in folders if folder for hook in hooks]
    return tuple([one for one in done if one.done != ABSENT or one.remark or one.hook in REQUIRED])


def _require_own(folder: HooksFolder, repository: Repository) -> None:
    where = printable(f"core.hooksPath = {folder.value} ({folder.origin})") if folder.value is not None else ""
    line = 'sox-hooks hook commit-msg "$@" || exit 1'
    shared = "--" + folder.scope if folder.scope in ("global", "system") else ""
    if folder.scope == "command":
        raise UsageError(
            "core.hooksPath comes from the environment or the command line, so hooks would be installed for now only",
            where=where,
            fix="run it again without GIT_CONFIG_COUNT, GIT_CONFIG_PARAMETERS and git -c",
        )
    if not folder.path or (os.path.exists(folder.path) and not os.path.isdir(folder.path)):
        raise UsageError(
            "git runs no hooks here: core.hooksPath is no folder",
            where=where,
            fix=f"git config {shared or '--local'} --unset core.hooksPath",
        )
    if shared:
        raise UsageError(
            "core.hooksPath is set for all repositories, and git looks nowhere else",
            where=where,
            why="our hook there would run in every repository of this machine, and .git/hooks is ignored",
            fix=f"add to the commit-msg script of that folder: {line}",
        )
    if is_husky(folder):
        raise UsageError(
            "the hooks of this repository are husky's",
            where=where,
            why="husky makes its folder anew",
            fix=_lines(HUSKY),
        )
    if inside_work_tree(folder, repository):
        raise UsageError(
            "the hooks of this repository are files of the work tree",
            where=where,
            why="our script names this machine's Python, so it must not be committed for everybody",
            fix=f"add to commit-msg in {printable(folder.path)}: {line}",
        )


def _lines(host: str) -> str:
    return f"sox-hooks install --{host}  (prints what to add)"


def _install(hook: str, path: str) -> Outcome:
    kept = path + KEPT
    current = _read(path)
    if current is None and os.path.lexists(path):
        raise UsageError("a hook is there that is no file which can be run", where=printable(path), fix="move it away")
    if current is not None and not is_ours(current):
        host = host_of(current)
        if host == LEFTHOOK:
            raise UsageError(
                "the hooks of this repository are lefthook's",
                where=printable(path),
                why="lefthook moves other hooks aside, without running them, whenever its configuration changes",
                fix=_lines(LEFTHOOK),
            )
        if host == PRE_COMMIT and is_ours(_read(path + LEGACY) or b""):
            return Outcome(hook, UNCHANGED, path + LEGACY, "pre-commit runs it")
        _keep(path, kept)
    script = shim(hook, before_is_host=host_of(_read(kept) or b"") == PRE_COMMIT)
    if current == script and os.access(path, os.X_OK):
        return Outcome(hook, UNCHANGED, path)
    write_atomically(path, script, 0o755)
    remark = f"runs {os.path.basename(kept)} first" if os.access(kept, os.X_OK) else ""
    return Outcome(hook, RENEWED if is_ours(current or b"") else INSTALLED, path, remark)


def _keep(path: str, kept: str) -> None:
    """Keep the hook at `path` under another name too; ours then replaces it in one step, so git is never without."""
    if os.path.lexists(kept) and not os.path.samestat(os.lstat(path), os.lstat(kept)):
        raise UsageError(
            "another tool has replaced our hook, and what was there before ours is kept as well",
            where=printable(path),
            why=f"{os.path.basename(kept)} and this file are two hooks; which of them is to run is yours to say",
            fix=f"make one of them both, or delete {printable(kept)}; then run: sox-hooks install",
        )
    try:
        if not os.path.lexists(kept):
            os.link(path, kept, follow_symlinks=False)
    except OSError:  # a file system without hard links
        try:
            os.rename(path, kept)
        except OSError as error:
            raise problem("keep the hook that is there", path, error) from error


def _uninstall(hook: str, path: str) -> Outcome:
    kept, legacy = path + KEPT, path + LEGACY
    current = _read(path)
    try:
        if current is not None and is_ours(current):
            if os.path.lexists(kept):
                os.replace(kept, path)
                return Outcome(hook, RESTORED, path, "as it was before sox-hooks")
            os.unlink(path)
            return Outcome(hook, REMOVED, path)
        if is_ours(_read(legacy) or b""):
            os.unlink(legacy)
            # What pre-commit had there before us, it has put there again.
            if os.path.lexists(kept) and host_of(_read(kept) or b"") == PRE_COMMIT:
                os.unlink(kept)
            return Outcome(hook, REMOVED, legacy)
    except OSError as error:
        raise problem("take the hook away", path, error) from error
    remark = f"{os.path.basename(kept)} is left: another tool has replaced our hook" if os.path.lexists(kept) else ""
    return Outcome(hook, ABSENT, path, remark)


def _read(path: str) -> bytes | None:
    """The content of a file, links followed; None if there is none."""
    try:
        with open(path, "rb") as file:
            return file.read(1 << 20)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except OSError as error:
        raise problem("read the hook", path, error) from error


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
