"""Setting up a repository: the first `.sox/`, the person's key in it, and git's configuration. Twice does no harm."""

from __future__ import annotations

import os
from contextlib import suppress

from sox_hooks.core.errors import EnvironmentProblem, SoxError, UsageError
from sox_hooks.core.files import problem, write_atomically
from sox_hooks.core.findings import ERROR
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git.config import last, read_config
from sox_hooks.git.repository import Repository, find_repository, require_work_tree
from sox_hooks.git.run import Git
from sox_hooks.hooks.in_force import FOLDER
from sox_hooks.policy.load import load
from sox_hooks.policy.source import PolicyFiles
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
    """What was done.

    written     files, relative to the top
    person      whose key it is, and `key` its public line
    enrolled    whether the key (or the person) was entered now
    key_file    the path of the key if it was made now, else ""
    configured  whether `sox.signingKey` was set
    """

    repository: Repository
    written: tuple[str, ...]
    person: str
    key: str
    enrolled: bool
    key_file: str
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
    folder = os.path.join(repository.top, FOLDER)
    if os.path.islink(folder) or (os.path.lexists(folder) and not os.path.isdir(folder)):
        raise UsageError(
            f"{FOLDER} is no folder",
            where=printable(folder),
            why="the policy is a folder of its own",
            fix="move it away",
        )
    identifier = wishes.repository or _repository_id(last(config, "remote.origin.url"), repository.top)
    person = StarterPerson(person_id(email), printable(name, 100), email)
    # The key is entered below, in one way whether the folder is new or not.
    files = render_starter(identifier, wishes.owner or email, person, "", _baseline(git))
    _require_sound(files)
    key, made = _key(wishes.key, config, environ.get("HOME"), email)
    line = public_line(key)
    written = _write_missing(folder, files)
    enrolled = enrol_key(folder, email, name, line)
    configured = _configure(git, config, key)
    return SetUp(repository, written, enrolled.person, line, enrolled.changed, key.value if made else "", configured)


def _require_sound(files: Mapping[str, bytes]) -> None:
    """Raises `UsageError` for names and addresses that no policy can hold, before anything is written."""
    contents = tuple(sorted([(name, content) for name, content in files.items() if "/" not in name]))
    _, findings = load(PolicyFiles("", contents, FOLDER))
    for finding in findings:
        if finding.severity == ERROR:
            raise UsageError(
                f"no policy can be written with these names: {finding.message}",
                why="they come from --repository and --owner, else from git's user.name, user.email and the remote",
                fix="sox-hooks init --repository bank/ledger --owner ADDRESS  (git config user.email for your own)",
            )


def _key(wish: str, config: Mapping[str, tuple[str, ...]], home: str | None, email: str) -> tuple[KeyReference, bool]:
    if wish:
        # Not named by git's configuration, whatever the messages about such keys say.
        reference = find_key({"sox.signingkey": (os.path.abspath(os.path.expanduser(wish)),)}, home).replace(source="")
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
    """The remote's path on its forge, all of it (`group/sub/ledger`), else the folder's name.

    A remote that is a folder gives its last two names: what is above them differs from machine to machine.
    """
    scheme, separator, rest = url.partition("://")
    host, colon, path = url.partition(":")
    if separator and scheme != "file":
        parts = _names(rest.partition("/")[2])
    elif not separator and colon and "/" not in host:  # git@forge.example:bank/ledger.git
        parts = _names(path)
    else:
        parts = _names(rest if separator else url)[-2:]
    plain = "/".join(parts) or "".join(_names(os.path.basename(top))) or "repository"
    return plain if plain[0].isalnum() else "x" + plain


def _names(path: str) -> list[str]:
    """The folders of a path in letters that an id may have."""
    names = path.rstrip("/").removesuffix(".git").split("/")
    plain = [
        "".join([char if char.isascii() and (char.isalnum() or char in "._-") else "-" for char in name])
        for name in names
    ]
    return [name for name in [name.strip("-.") for name in plain] if name]


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
            raise problem(f"write {FOLDER}/", path, error) from error
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
