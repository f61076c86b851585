"""Which policy governs at the desk, loaded from a cache where there is one.

It is read from the protected ref: `git config sox.policyRef`, else `origin/HEAD`, else `HEAD`; from the work tree only
while none of them has a policy. It never comes from the change that is about to be made.
"""

from __future__ import annotations

import os

from sox_hooks.core.errors import ConfigError, EnvironmentProblem
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.detection.catalogue import Catalogue
from sox_hooks.hooks.catalogue_cache import cached_catalogue
from sox_hooks.policy.compiled import read_cache
from sox_hooks.policy.model import Policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sox_hooks.git.objects import ObjectReader
    from sox_hooks.git.policy_files import Files
    from sox_hooks.git.repository import Repository

FOLDER = ".sox"
WORK_TREE = "the work tree"


class InForce(Struct):
    """The policy that governs, what it was read from (`origin/HEAD`, ..., `the work tree`), its catalogue of tools."""

    policy: Policy
    catalogue: Catalogue
    ref: str


def private_folder(repository: Repository) -> str:
    """Where all that this tool keeps about a repository is: the log, the room, the caches."""
    return os.path.join(repository.common_dir, "sox-hooks")


def policy_in_force(reader: ObjectReader, configured_ref: str, repository: Repository) -> InForce | None:
    """The policy that governs commits made here; None if neither a ref nor the work tree has one.

    `configured_ref` is the value of `sox.policyRef`, or "". Raises `ConfigError`, also for a policy that is there but
    cannot be used: whoever has a policy must not silently be without one.
    """
    _check_name(configured_ref)
    for ref in (configured_ref,) if configured_ref else ("origin/HEAD", "HEAD"):
        found = reader.read(f"{ref}:{FOLDER}")
        if found is not None:
            if found[1] != "tree":
                raise _no_folder(f"{ref}:{FOLDER}")
            return _compiled(found[0], ref, repository, lambda oid: _files_of_tree(reader, oid))
    if configured_ref and reader.read(f"{configured_ref}^{{commit}}") is None:
        raise ConfigError(
            f"git config sox.policyRef names {printable(configured_ref, 100)!r}, which this clone does not have",
            rule="SOX713",
            fix="git fetch, or correct it: git config sox.policyRef origin/main",
        )
    return _from_work_tree(repository)


def _from_work_tree(repository: Repository) -> InForce | None:
    path = os.path.join(repository.top, FOLDER)
    if not repository.top or not os.path.lexists(path):
        return None
    if os.path.islink(path) or not os.path.isdir(path):
        raise _no_folder(FOLDER)
    from sox_hooks.git.policy_files import read_policy_folder

    try:
        found = read_policy_folder(repository.top, repository.object_format)
    except OSError as error:
        raise EnvironmentProblem(f"{FOLDER}/ of the work tree cannot be read: {error.strerror}") from error
    if found is None:  # it was there a moment ago
        return None
    identity, files = found
    return _compiled(identity, WORK_TREE, repository, lambda _: files)


def _check_name(ref: str) -> None:
    if any(char.isspace() or not char.isprintable() for char in ref):
        raise ConfigError(
            f"git config sox.policyRef is '{printable(ref, 100)}', which is not the name of a branch",
            fix="correct it: git config sox.policyRef origin/main",
        )


def _no_folder(where: str) -> ConfigError:
    return ConfigError(
        f"{FOLDER} is no folder, so there is a policy that nobody can read",
        where=printable(where, 200),
        why="a link or a file in its place would switch every control off without a word",
        fix=f"make {FOLDER}/ a folder again, or remove it: git rm {FOLDER}",
    )


def _files_of_tree(reader: ObjectReader, oid: str) -> Files:
    from sox_hooks.git.policy_files import read_policy_tree

    return read_policy_tree(reader, oid)


def _compiled(identity: str, ref: str, repository: Repository, files: Callable[[str], Files]) -> InForce:
    cache = os.path.join(private_folder(repository), "cache")
    policy = read_cache(cache, identity)
    if policy is None:
        policy = _load(identity, ref, files(identity))
        from sox_hooks.policy.compiled import write_cache

        _make_private(private_folder(repository))
        write_cache(cache, policy)
    return InForce(policy, cached_catalogue(cache, policy.catalogue), ref)


def _make_private(folder: str) -> None:
    """The cache is what is made first of all that is kept here, and the log must not stand in a folder open to all."""
    from sox_hooks.core.files import private_folder as make

    try:
        make(folder)
    except EnvironmentProblem:
        return  # the log cannot do without it and will say so; a cache can


def _load(identity: str, ref: str, files: Files) -> Policy:
    from sox_hooks.policy.load import load_or_fail
    from sox_hooks.policy.source import PolicyFiles

    folder = FOLDER if ref == WORK_TREE else f"{ref}:{FOLDER}"
    try:
        return load_or_fail(PolicyFiles(identity, files, folder))
    except ConfigError as error:
        if ref != WORK_TREE:
            # Correcting it in the work tree alone helps nobody, and the correction cannot be recorded either.
            error.fix = (
                f"correct {FOLDER}/ (sox-hooks policy lint), commit that with --no-verify and have it merged into {ref}"
            )
        raise


def policy_of_tree(reader: ObjectReader, tree: str, origin: str) -> Policy | None:
    """The policy in a tree that is no commit yet, None if it has none. Raises `ConfigError` for one that is no good."""
    found = reader.read(f"{tree}:{FOLDER}")
    if found is None:
        return None
    if found[1] != "tree":
        raise _no_folder(origin)
    from sox_hooks.policy.load import load_or_fail
    from sox_hooks.policy.source import PolicyFiles

    return load_or_fail(PolicyFiles(found[0], _files_of_tree(reader, found[0]), origin))
