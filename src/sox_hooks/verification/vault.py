"""Files of a clone that nobody but this user's own verifier can have written.

A clone is written by many: agents that may write in the work folder only, colleagues in a shared clone, whatever a
build runs. So each file carries an HMAC-SHA-256 (RFC 2104) over its name and content, under a key that lies in the
user's state folder, made once. Whoever can write there can as well replace this program. A file that does not fit is
not there; one that fits may be an older one put back, so what is read must be true for ever or say when it is.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import time
from hashlib import sha256

from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.files import private_folder, write_atomically
from sox_hooks.core.folders import state_folder
from sox_hooks.core.own_files import own_folder, read_own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FOLDER = "verified"
_KEY = "verifier.key"
_KEY_SIZE = 32
_SEAL_SIZE = 32
_PURPOSE = b"sox-hooks vault 1"
# A million records are 32 MB.
_LIMIT = 48 * 1024 * 1024
# Newest files of each kind that stay.
_KEPT = 6
_DRAFT = re.compile(r"\.[a-z]+-[0-9a-f-]+\.[0-9]+-[0-9a-f]+\.tmp")
_DRAFT_AGE = 3600.0  # seconds; a draft that is older was left by a run that was killed
_NAME = re.compile(r"([a-z]+)-[0-9a-f-]+")


class Vault:
    """The files below the git directory `common_dir`, by names like `run-0a1b-2c3d`. No call ever fails for the disk.

    What cannot be read is None, what cannot be written stays as it was: whoever asks must do without.
    """

    def __init__(self, common_dir: str, environ: Mapping[str, str]) -> None:
        self._parent = os.path.join(common_dir, "sox-hooks")
        self._folder = os.path.join(self._parent, _FOLDER)
        self._state = state_folder(environ)

    def read(self, name: str) -> bytes | None:
        """The content of a file, None unless its seal is good."""
        key = self._key()
        raw = read_own(self._path(name), _LIMIT) if key else None
        if key is None or raw is None or len(raw) < _SEAL_SIZE:
            return None
        content = raw[_SEAL_SIZE:]
        return content if hmac.compare_digest(_seal(key, name, content), raw[:_SEAL_SIZE]) else None

    def write(self, name: str, content: bytes) -> None:
        """Put a file there, and take away those of its kind that are too many."""
        if len(content) + _SEAL_SIZE > _LIMIT:
            return
        try:
            key = self._key() or self._make_key()
            if key is None:
                return
            private_folder(self._parent)
            private_folder(self._folder)
            write_atomically(self._path(name), _seal(key, name, content) + content, durable=False)
            self._forget_old(name.partition("-")[0])
        except (OSError, EnvironmentProblem):
            return

    def names(self, start: str) -> list[str]:
        """The names that begin so, the newest first. Nothing is said about their seals."""
        try:
            with os.scandir(self._folder) as entries:
                found = [
                    (entry.stat(follow_symlinks=False).st_mtime_ns, entry.name)
                    for entry in entries
                    if entry.name.startswith(start) and _NAME.fullmatch(entry.name)
                ]
        except OSError:
            return []
        return [name for _, name in sorted(found, reverse=True)]

    def _path(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not the name of such a file: {name!r}")
        return os.path.join(self._folder, name)

    def _key(self) -> bytes | None:
        if not self._state or not own_folder(self._state):
            return None
        key = read_own(os.path.join(self._state, _KEY), _KEY_SIZE, private=True)
        return key if key is not None and len(key) == _KEY_SIZE else None

    def _make_key(self) -> bytes | None:
        """A new key where there is none. One that we do not trust stays, for whoever put it there to look at."""
        path = os.path.join(self._state, _KEY)
        if not self._state or os.path.lexists(path):
            return None
        os.makedirs(self._state, 0o700, exist_ok=True)
        if own_folder(self._state):
            write_atomically(path, os.urandom(_KEY_SIZE))
        return self._key()  # of two that are made at once the later one stays

    def _forget_old(self, kind: str) -> None:
        for name in self.names(kind + "-")[_KEPT:]:
            os.unlink(self._path(name))
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if _DRAFT.fullmatch(entry.name):
                    left = entry.stat(follow_symlinks=False).st_mtime < time.time() - _DRAFT_AGE
                    if left:
                        os.unlink(entry.path)


def name_of(kind: str, words: Iterable[str]) -> str:
    """The name of the file that is about exactly these words."""
    return f"{kind}-{sha256(json.dumps(list(words)).encode('ascii')).hexdigest()[:32]}"


def _seal(key: bytes, name: str, content: bytes) -> bytes:
    mac = hmac.new(key, _PURPOSE + b"\0" + name.encode("ascii") + b"\0", "sha256")
    mac.update(content)
    return mac.digest()
