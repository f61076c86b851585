"""The compiled catalogue of tools, kept beside the compiled policy: reading its TOML costs about 20 ms."""

from __future__ import annotations

import os

from sox_hooks import __version__
from sox_hooks.core.digest import sha256_hex
from sox_hooks.core.own_files import read_own
from sox_hooks.detection import catalogue as catalogues
from sox_hooks.detection.catalogue import Catalogue

# The packaged one has 25 KB, and overrides come from a policy of 4 MiB at most.
_LIMIT = 16 * 1024 * 1024


def cached_catalogue(folder: str, overrides: str) -> Catalogue:
    """The packaged catalogue with a policy's overrides, from `folder` if it is there and sound, else made and kept.

    A cache that cannot be written is no reason to fail. Raises `ConfigError` for overrides that cannot be used.
    """
    path = os.path.join(folder, f"catalogue-{_key(overrides)}.json")
    found = _read(path)
    if found is not None:
        return found
    made = catalogues.merged(catalogues.builtin(), overrides)
    text = catalogues.to_json(made).encode("utf-8")
    from sox_hooks.core.errors import EnvironmentProblem
    from sox_hooks.core.files import write_atomically

    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        write_atomically(path, sha256_hex(text).encode("ascii") + b"\n" + text)
    except (OSError, EnvironmentProblem):
        pass
    return made


def _key(overrides: str) -> str:
    """Another package, another catalogue file or other overrides make another cache."""
    packaged = os.stat(os.path.join(os.path.dirname(catalogues.__file__), "catalogue.toml"))
    words = f"{__version__} {packaged.st_size} {packaged.st_mtime_ns} {overrides}"
    return sha256_hex(words.encode("utf-8", "surrogateescape"))[:32]


def _read(path: str) -> Catalogue | None:
    raw = read_own(path, _LIMIT)
    if raw is None:
        return None
    head, _, text = raw.partition(b"\n")
    if head != sha256_hex(text).encode("ascii"):
        return None
    try:
        return catalogues.from_json(text.decode("utf-8"))
    except ValueError:
        return None
