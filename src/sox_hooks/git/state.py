"""What the commit that is being made will be: its kind, whether it amends, and its parents."""

from __future__ import annotations

import os

from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.processes_above import arguments_are_exact
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import in_utf8, printable
from sox_hooks.git.argv import amends
from sox_hooks.git.run import checked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sox_hooks.core.processes_above import ProcessInfo
    from sox_hooks.git.commits import RawCommit
    from sox_hooks.git.repository import Repository
    from sox_hooks.git.run import Git

COMMIT, AMEND, MERGE, REBASE = "commit", "amend", "merge", "rebase"
CHERRY_PICK, REVERT, SQUASH = "cherry-pick", "revert", "squash"

# What some git strips from both ends of names and addresses (`crud` in ident.c; the dot until some time after 2.39).
_CRUD = bytes(range(33)) + b".,:;<>\"\\'"


class Operation(Struct):
    """A commit about to be made.

    kind     `commit`, `amend`, `merge`, `rebase` (a `git commit` while one is stopped, a reword), `cherry-pick`,
             `revert` or `squash` (after `git merge --squash`): for the log
    amend    whether HEAD is replaced; None where nothing tells. `parents` are then those of a new commit
    parents  ids of the parents that it will have, in order
    """

    kind: str
    amend: bool | None
    parents: tuple[str, ...]


def operation(
    git: Git,
    repository: Repository,
    environ: Mapping[str, str],
    processes: Iterable[ProcessInfo],
    head: RawCommit | None,
) -> Operation:
    """What `git commit` or `git merge`, which started this hook, will do; `head` None before the first commit.

    REBASE_HEAD is not looked at: it stays behind when a rebase with conflicts is over (measured, git 2.39.5).
    """
    if head is None:
        return Operation(COMMIT, False, ())
    merging = _read(repository, "MERGE_HEAD")
    if merging is not None:  # git refuses to amend here: "You are in the middle of a merge"
        return Operation(MERGE, False, _merge_parents(git, repository, head.oid, merging.decode("ascii", "replace")))
    picking = _exists(repository, "CHERRY_PICK_HEAD")
    amend = False if picking else amends(processes, arguments_are_exact())  # ... nor here
    if amend is None and environ.get("GIT_REFLOG_ACTION") == "rebase (reword)":
        amend = True  # the commit was picked before; `git commit --amend` changes its message
    kind = AMEND if amend else COMMIT
    if _exists(repository, "rebase-merge") or _exists(repository, "rebase-apply"):
        kind = REBASE
    elif picking:
        kind = CHERRY_PICK
    elif _exists(repository, "REVERT_HEAD"):
        kind = REVERT
    elif _exists(repository, "SQUASH_MSG") and not amend:
        kind = SQUASH
    return Operation(kind, amend, amended_parents(git, repository, head) if amend else (head.oid,))


def amended_parents(git: Git, repository: Repository, head: RawCommit) -> tuple[str, ...]:
    """The parents of a commit that replaces `head`: those that git sees, which grafts and shallow clones change."""
    if repository.shallow or os.path.exists(os.path.join(repository.common_dir, "info", "grafts")):
        return tuple(checked(git.result("rev-parse", head.oid + "^@")).decode("ascii").split())
    return head.parents


def author_ident(git: Git, environ: Mapping[str, str]) -> bytes:
    """The author of the commit that is being made: `Name <mail> seconds zone`, raw, as it will be stored.

    `git commit` exports the three parts to its hooks, cleaned (GIT_AUTHOR_DATE as `@seconds zone`); a clean `git merge`
    does not, and whatever else is set there needs git's own reading. Raises `GitFailed` where git knows no author.
    """
    name, email, date = [os.fsencode(environ.get("GIT_AUTHOR_" + key, "")) for key in ("NAME", "EMAIL", "DATE")]
    seconds, _, zone = date[1:].partition(b" ")
    if (
        name
        and date[:1] == b"@"
        and seconds.isdigit()
        and len(zone) == 5
        and zone[:1] in (b"+", b"-")
        and zone[1:].isdigit()
        and all(part.strip(_CRUD) == part and not set(part) & set(b"<>\n") for part in (name, email))
    ):
        line = b"%b <%b> %b %b" % (name, email, seconds, zone)
    else:
        line = git.run("var", "GIT_AUTHOR_IDENT").removesuffix(b"\n")
    mended = in_utf8(line)
    if mended != line and git.try_line("config", "i18n.commitEncoding").lower() in ("", "utf-8", "utf8"):
        return mended
    return line


def _merge_parents(git: Git, repository: Repository, head: str, merging: str) -> tuple[str, ...]:
    """HEAD and the merged commits, without those that another one contains (builtin/commit.c, builtin/merge.c).

    An octopus of branches that all contain HEAD does not have HEAD for a parent. `--no-ff` keeps everything.
    """
    names = merging.split()
    if not names or any(len(name) != len(head) or not name.isalnum() for name in names):
        raise EnvironmentProblem(
            f"MERGE_HEAD is damaged: {printable(merging, 100)!r}",
            where=os.path.join(repository.git_dir, "MERGE_HEAD"),
            fix="git merge --abort, then merge again",
        )
    # A merged tag is named by its own id. Both questions at once: starting git is what they cost.
    peeling = git.start("rev-parse", head, *[name + "^{commit}" for name in names])
    reduce = _read(repository, "MERGE_MODE") != b"no-ff"
    reducing = git.start("merge-base", "--independent", head, *names) if reduce else None
    independent = checked(reducing.finish()).decode("ascii").split() if reducing else None
    parents = checked(peeling.finish()).decode("ascii").split()
    if independent is None:
        return tuple(parents)
    return tuple([parent for parent in dict.fromkeys(parents) if parent in independent])


def _read(repository: Repository, name: str) -> bytes | None:
    try:
        with open(os.path.join(repository.git_dir, name), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _exists(repository: Repository, name: str) -> bool:
    return os.path.lexists(os.path.join(repository.git_dir, name))
