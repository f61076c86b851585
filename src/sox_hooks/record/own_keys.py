"""A person's own SSH keys: which there are on this machine, and making one."""

from __future__ import annotations

import os

from sox_hooks.core.errors import EnvironmentProblem, SoxError, UsageError
from sox_hooks.core.process import run
from sox_hooks.core.sshwire import WireError
from sox_hooks.core.text import printable
from sox_hooks.record.key_reference import FILE, LITERAL, KeyReference, find_key, public_key
from sox_hooks.record.public_keys import PublicKeyLine, parse_file, parse_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

NEW_KEY = "id_ed25519_sox"
# The names that ssh-keygen(1) gives keys, in the order of what is better for records: short signatures first.
_NAMES = (NEW_KEY, "id_ed25519", "id_ed25519_sk", "id_ecdsa", "id_ecdsa_sk", "id_rsa")


def candidate_keys(config: Mapping[str, tuple[str, ...]], home: str | None) -> tuple[KeyReference, ...]:
    """The usable keys of whoever runs this, best first, `public_blob` filled in: the configured one, the files of
    `~/.ssh` under their usual names, the keys of the agent. Each key once.

    Whether the private half of a file can be used (a passphrase, a security key that is not plugged in) is not tried.
    """
    references = [*_configured(config, home), *_files(home), *_agent()]
    found: dict[bytes, KeyReference] = {}
    for reference in references:
        try:
            blob = public_key(reference)
        except SoxError:
            continue
        found.setdefault(blob, reference.replace(public_blob=blob))
    return tuple(found.values())


def public_line(reference: KeyReference) -> str:
    """`keytype base64 [comment]` of a reference; the comment is that of the literal or of the `.pub` file."""
    blob = public_key(reference)
    if reference.kind == LITERAL:
        return reference.value
    for path in (reference.value, reference.value + ".pub"):
        try:
            with open(path, "rb") as file:
                line = parse_file(file.read(1 << 16))
        except (OSError, WireError):
            continue
        if line.key.blob == blob:
            return str(line)
    from sox_hooks.core.sshkeys import read_public_key

    return str(PublicKeyLine(read_public_key(blob)))


def make_key(path: str, comment: str) -> str:
    """Make an Ed25519 key without a passphrase at `path` (mode 0600; the folder 0700 if it is new); its public line.

    Raises `UsageError` if there is something at `path` or `path`.pub: nothing is ever overwritten.
    """
    for taken in (path, path + ".pub"):
        if os.path.lexists(taken):
            raise UsageError(
                "there is a key of this name already",
                where=printable(taken),
                fix="use it: sox-hooks keys enrol --key PATH, or move it away",
            )
    try:
        os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"the folder of the key cannot be made: {error.strerror}", where=printable(path)
        ) from None
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path]
    result = run(argv, timeout=60, detached=True)
    if result.code != 0:
        words = printable(result.err.strip().split(b"\n")[-1], 300)
        raise EnvironmentProblem(f"ssh-keygen could not make a key: {words}", where=printable(path))
    return public_line(KeyReference(FILE, path))


def _configured(config: Mapping[str, tuple[str, ...]], home: str | None) -> list[KeyReference]:
    try:
        return [find_key(config, home)]
    except SoxError:
        return []


def _files(home: str | None) -> list[KeyReference]:
    return [KeyReference(FILE, os.path.join(home, ".ssh", name)) for name in _NAMES] if home else []


def _agent() -> list[KeyReference]:
    """The keys of the agent as literals. An agent that is gone or hangs has none."""
    if not os.environ.get("SSH_AUTH_SOCK"):
        return []
    try:
        result = run(["ssh-add", "-L"], timeout=5, detached=True)
    except EnvironmentProblem:
        return []
    references = []
    for line in result.out.decode("utf-8", "replace").split("\n") if result.code == 0 else ():
        try:
            found = parse_line(line)
        except WireError:  # certificates, kinds that are not accepted
            continue
        references.append(KeyReference(LITERAL, str(found), found.key.blob, "the SSH agent"))
    return references
