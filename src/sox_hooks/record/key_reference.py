"""Which key signs: what git's configuration names, and the public half of it."""

from __future__ import annotations

import os

from sox_hooks.core.errors import ConfigError, EnvironmentProblem
from sox_hooks.core.sshkeys import KEY_TYPES
from sox_hooks.core.sshwire import WireError
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.record.public_keys import parse_file, parse_line, read_private_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FILE, LITERAL = "file", "literal"
_ENROL = "sox-hooks keys enrol"
_MAX_FILE = 1 << 16  # a private RSA key of 16384 bits has 13 KB


class KeyReference(Struct):
    """A key as somebody named it.

    kind         `file` or `literal`
    value        the path of a private key or of its `.pub` file, or `keytype base64 [comment]`
    public_blob  the public key where it is known already (always for a literal), else b""
    source       the configuration variable that names it, for messages
    """

    kind: str
    value: str
    public_blob: bytes = b""
    source: str = ""


def find_key(config: Mapping[str, tuple[str, ...]], home: str | None) -> KeyReference:
    """The signing key: `sox.signingKey`, else `user.signingKey` if `gpg.format` is `ssh`.

    `config` maps names as `git config --list` prints them (section and variable in lower case) to their values, the
    last of which counts. Values are as for git's own `user.signingKey`: a path (`~` is `home`), or a literal key with
    or without `key::` before it. `gpg.ssh.defaultKeyCommand` is not run. Raises `ConfigError`.
    """
    source, value = "sox.signingKey", _last(config, "sox.signingkey")
    if not value:
        source, value = "user.signingKey", _last(config, "user.signingkey")
        if value and _last(config, "gpg.format") != "ssh":
            raise ConfigError(
                "no SSH key is configured for records",
                why="user.signingKey names an OpenPGP or X.509 key (gpg.format is not ssh); records need an SSH key",
                fix=_ENROL,
            )
    if not value:
        raise ConfigError(
            "no key is configured to sign records with",
            why="neither sox.signingKey nor user.signingKey (with gpg.format=ssh) is set",
            fix=_ENROL,
        )
    if value.startswith("key::") or value.split(" ", 1)[0] in KEY_TYPES:
        return _literal(value.removeprefix("key::"), source)
    return KeyReference(FILE, _expand(value, home, source), source=source)


def public_key(reference: KeyReference) -> bytes:
    """The public key blob of a reference, without asking for a passphrase.

    Looks where `ssh-keygen -Y sign` looks, in its order: the file itself, `.pub` beside it, the readable half of an
    OpenSSH private key. Raises `ConfigError` for a key that is missing or cannot be used, `EnvironmentProblem` for a
    file that cannot be read.
    """
    if reference.public_blob:
        return reference.public_blob
    path = reference.value
    data = _read(path)
    beside = None if path.endswith(".pub") else _read(path + ".pub")
    if data is None and beside is None:
        raise _unusable(reference, "there is no such file", what="the signing key does not exist")
    try:
        if data is not None and not data.startswith(b"-----BEGIN"):
            return parse_file(data).key.blob
        if beside is not None:
            return parse_file(beside).key.blob
        found = read_private_file(data or b"")
    except WireError as error:
        raise _unusable(reference, str(error)) from None
    if found is None:
        # The old PEM format hides the public half behind the passphrase; ssh-keygen does not sign then either.
        import shlex

        shown = shlex.quote(printable(path))
        fix = f"ssh-keygen -y -f {shown} > {shown}.pub"
        raise _unusable(reference, "no .pub file stands beside it to tell its public half", fix=fix)
    return found.blob


def _last(config: Mapping[str, tuple[str, ...]], name: str) -> str:
    values = config.get(name, ())
    return values[-1].strip() if values else ""


def _literal(text: str, source: str) -> KeyReference:
    try:
        line = parse_line(text)
    except WireError as error:
        raise ConfigError(
            f"the key in git's {source} cannot be used: {error}", where=f"git config {source}", fix=_ENROL
        ) from None
    return KeyReference(LITERAL, str(line), line.key.blob, source)


def _expand(path: str, home: str | None, source: str) -> str:
    """`~/x` and `~user/x`, as git expands them."""
    if path == "~" or path.startswith("~/"):
        if not home:
            raise EnvironmentProblem(
                f"git's {source} begins with ~, but HOME is not set",
                where=f"git config {source}",
                fix="set HOME, or give the whole path: git config sox.signingKey /PATH/TO/KEY",
            )
        return home + path[1:]
    return os.path.expanduser(path) if path.startswith("~") else path


def _read(path: str) -> bytes | None:
    """The beginning of a file, or None if there is none."""
    try:
        with open(path, "rb") as file:
            return file.read(_MAX_FILE)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise EnvironmentProblem(
            f"the signing key cannot be read: {getattr(error, 'strerror', None) or error}",
            where=printable(path),
            fix="check the owner and the mode of the file, or name another key: " + _ENROL,
        ) from None


def _unusable(reference: KeyReference, reason: str, *, what: str = "", fix: str = _ENROL) -> ConfigError:
    named = f"git config {reference.source} names it" if reference.source else ""
    return ConfigError(
        what or f"the signing key cannot be used: {reason}",
        where=printable(reference.value),
        why=named,
        fix=fix,
    )
