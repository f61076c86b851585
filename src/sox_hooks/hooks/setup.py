"""Setting up a repository: the first `.sox/`, the person's key in it, and git's configuration. Twice does no harm."""

from __future__ import annotations

import os
from contextlib import suppress

from sox_hooks.core.errors import EnvironmentProblem, SoxError, UsageError
from sox_hooks.core.files import write_atomically
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git.config import last, read_config
from sox_hooks.git.repository import Repository, find_repository, require_work_tree
from sox_hooks.git.run import Git
from sox_hooks.hooks.in_force import FOLDER
from sox_hooks.policy.starter.starter import StarterPerson, render_starter
from sox_hooks.record.enrolment import candidate_keys, enrol_key, make_key, person_id, public_line
from sox_hooks.record.key_reference import KeyReference, find_key, public_key
from sox_hooks.record.own_keys import NEW_KEY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Wishes(Struct):
    """What the person said; "" leaves it to us. `key` is a path."""

    repository: str = ""
    owner: str = ""
    key: str = ""


class SetUp(Struct):
    """What was done: files written (relative to the top), who was enrolled with which key, and what was configured."""

    repository: Repository
    written: tuple[str, ...]
    person: str
    key: str
    key_made: bool
    configured: bool


def set_up(wishes: Wishes, environ: Mapping[str, str]) -> SetUp:
    """Write what is missing of `.sox/`, and enrol the person's key.

    Files that are there are never overwritten. Raises `SoxError`s: no work tree, no name or address in git's
    configuration, no HOME to make a key in, an existing `.sox/` that cannot be used.
    """
    git = Git()
    repository = find_repository(git)
    require_work_tree(repository)
    config = read_config(git, ("sox.", "user.", "gpg.", "remote.origin.url"))
    email, name = last(config, "user.email"), last(config, "user.name")
    if not email or not name:
        raise UsageError(
            "git does not know who you are",
            why="records name their author by the e-mail address",
            fix='git config user.name "Your Name" && git config user.email you@example.com',
        )
    key, made = _key(wishes.key, config, environ.get("HOME"), email)
    line = public_line(key)
    folder = os.path.join(repository.top, FOLDER)
    identifier = wishes.repository or _repository_id(last(config, "remote.origin.url"), repository.top)
    person = StarterPerson(person_id(email), name, email)
    # The key is entered below, in one way whether the folder is new or not.
    files = render_starter(identifier, wishes.owner or email, person, "", _baseline(git))
    written = _write_missing(folder, files)
    enrolled = enrol_key(folder, email, name, line)
    configured = _configure(git, config, key)
    return SetUp(repository, written, enrolled.person, line, made, configured)


def _key(wish: str, config: Mapping[str, tuple[str, ...]], home: str | None, email: str) -> tuple[KeyReference, bool]:
    if wish:
        reference = find_key({"sox.signingkey": (os.path.abspath(os.path.expanduser(wish)),)}, home)
        return reference.replace(public_blob=public_key(reference)), False
    candidates = candidate_keys(config, home)
    if candidates:
        return candidates[0], False
    if not home:
        raise EnvironmentProblem("HOME is not set, so there is no place for a new key", fix="sox-hooks init --key PATH")
    path = os.path.join(home, ".ssh", NEW_KEY)
    make_key(path, email)
    reference = find_key({"sox.signingkey": (path,)}, home)
    return reference.replace(public_blob=public_key(reference)), True


def _repository_id(url: str, top: str) -> str:
    """`owner/name` from the address of the remote, else the folder's name."""
    path = url.removesuffix("/").removesuffix(".git").replace(":", "/")
    parts = [part for part in path.split("/") if part]
    found = "/".join(parts[-2:]) if len(parts) > 2 else os.path.basename(top)
    plain = "".join([char if char.isascii() and (char.isalnum() or char in "._/-") else "-" for char in found])
    return plain.strip("-./") or "repository"


def _baseline(git: Git) -> tuple[str, ...]:
    """What is there before the policy is exempt."""
    head = git.try_line("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    return (head,) if head else ()


def _write_missing(folder: str, files: Mapping[str, bytes]) -> tuple[str, ...]:
    written = []
    for name, content in files.items():
        path = os.path.join(folder, name)
        if os.path.lexists(path):
            continue
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        except OSError as error:
            raise EnvironmentProblem(f"{FOLDER}/ cannot be written: {error.strerror}", where=printable(path)) from error
        write_atomically(path, content, 0o644)
        written.append(f"{FOLDER}/{name}")
    return tuple(written)


def _configure(git: Git, config: Mapping[str, tuple[str, ...]], key: KeyReference) -> bool:
    """Make the enrolled key the one that signs here, unless it is already."""
    with suppress(SoxError):  # no key is configured, or one that cannot be used
        if public_key(find_key(config, os.environ.get("HOME"))) == key.public_blob:
            return False
    git.run("config", "sox.signingKey", key.value)
    return True
