"""A policy that was loaded, kept as JSON text that every commit reads in about a millisecond.

The first line names the format, the tool, the Python (its Unicode tables have folded the patterns), the identity of the
policy and the SHA-256 of the rest. What does not fit exactly is not used: the policy is then loaded again. That finds
damage and other versions. It is no protection from the person whose clone this is, who can switch the hook off as
easily: what CI decides, it decides from the files.
"""

from __future__ import annotations

import os
import sys

from sox_hooks import __version__
from sox_hooks.core.digest import sha256_hex
from sox_hooks.core.findings import Place
from sox_hooks.core.own_files import read_own
from sox_hooks.policy.model import Dated, PathRule, Pattern, Person, Policy, PolicyException, Signer, Tier, Tool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sox_hooks.core.struct import Struct

_FORMAT = 1
# What the tuples of a value hold, where it is not text.
_INNER: dict[type[Struct], dict[str, type[Struct]]] = {
    Policy: {
        "tools": Tool,
        "tiers": Tier,
        "paths": PathRule,
        "people": Person,
        "exceptions": PolicyException,
        "signers": Signer,
    },
    PathRule: {"patterns": Pattern},
    PolicyException: {"patterns": Pattern},
    Person: {"roles": Dated, "trainings": Dated},
}
_FLAT = (Pattern, Dated)
_KINDS = (Policy, Tool, Tier, PathRule, Pattern, Person, Dated, PolicyException, Signer, Place)
# Policies that are in use in one clone: one a branch at most. Older files are left over.
_KEPT = 8
# Three files of 4 MiB, with places and folded patterns.
_LIMIT = 64 * 1024 * 1024


def dump(policy: Policy) -> bytes:
    """The policy as bytes that `restore` takes."""
    from json import dumps

    # The names of the fields are part of it: after a change of the model, older texts do not fit.
    text = dumps([_fields(), policy], default=_values, separators=(",", ":")).encode("ascii")
    return _head(policy.identity, text) + text


def restore(raw: bytes, identity: str) -> Policy | None:
    """The policy of that identity; None if anything is off, and then it must be loaded again. Never raises."""
    head, _, text = raw.partition(b"\n")
    if head + b"\n" != _head(identity, text):
        return None
    from sox_hooks.core.fastjson import loads

    try:
        fields, values = loads(text.decode("ascii"))
        return _thaw(Policy, values) if fields == _fields() else None
    # Only another program can have written that, with the right digest.
    except (ValueError, TypeError, RecursionError):
        return None


def read_cache(folder: str, identity: str) -> Policy | None:
    """The policy of that identity from the cache in `folder`, or None. Never raises."""
    path = _path(folder, identity)
    if not path:
        return None
    # In a clone that several users share, each believes only what is their own.
    raw = read_own(path, _LIMIT)
    return restore(raw, identity) if raw is not None else None


def write_cache(folder: str, policy: Policy) -> None:
    """Keep the policy for `read_cache`. A cache that cannot be written (read-only, disk full) is no reason to fail."""
    from sox_hooks.core.errors import EnvironmentProblem
    from sox_hooks.core.files import write_atomically

    path = _path(folder, policy.identity)
    if not path:
        return
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        write_atomically(path, dump(policy))
        _forget_old(folder)
    except (OSError, EnvironmentProblem):
        return


def _path(folder: str, identity: str) -> str:
    """The file of an identity; "" for what is no object id and might lead elsewhere."""
    if not (identity.isascii() and identity.isalnum() and len(identity) <= 128):
        return ""
    return os.path.join(folder, f"policy-{identity}.json")


def _forget_old(folder: str) -> None:
    with os.scandir(folder) as entries:
        cached = [entry for entry in entries if entry.name.startswith("policy-") and entry.name.endswith(".json")]
        by_age = sorted(cached, key=lambda entry: entry.stat(follow_symlinks=False).st_mtime_ns, reverse=True)
    for entry in by_age[_KEPT:]:
        os.unlink(entry.path)


def _head(identity: str, text: bytes) -> bytes:
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    words = f"sox-policy {_FORMAT} {__version__} {python} {identity} {sha256_hex(text)}\n"
    return words.encode("utf-8", "backslashreplace")


def _fields() -> list[list[str]]:
    return [list(kind.fields) for kind in _KINDS]


def _values(value: Struct) -> tuple[object, ...]:
    return value.astuple()


def _thaw(kind: type[Struct], values: list[Any]) -> Any:
    """A value from the list of its fields: lists become tuples, in them lists become what `_INNER` says."""
    inner = _INNER.get(kind, {})
    thawed = []
    for name, value in zip(kind.fields, values, strict=True):
        if type(value) is list:
            child = inner.get(name)
            if name == "place":
                value = Place(*value)
            elif child is None:
                value = tuple(value)
            elif child in _FLAT:
                value = tuple([child(*item) for item in value])
            else:
                value = tuple([_thaw(child, item) for item in value])
        thawed.append(value)
    return kind(*thawed)
