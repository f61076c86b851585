"""Signing a record with the person's own SSH key, through `ssh-keygen -Y sign`.

So agents, passphrases and security keys work as they do for git's own signatures, and no private key is ever read
here. Who may be asked for a passphrase (measured with OpenSSH 9.2, whose input is our pipe):

* With DISPLAY set it starts an askpass program even in a terminal, and fails if there is none. So unless the person
  has set up one (SSH_ASKPASS), SSH_ASKPASS_REQUIRE=never makes it ask on the terminal, as `git commit -S` does.
* SSH_ASKPASS_REQUIRE=never does not keep it from asking on /dev/tty; only the lack of a controlling terminal does. So
  where nobody can answer (no terminal, a background job, GIT_TERMINAL_PROMPT=0) it gets a session of its own, takes
  the first line of the payload for the passphrase, and fails at once.
"""

from __future__ import annotations

import os
import sys

from sox_hooks.core.errors import EnvironmentProblem, Refused
from sox_hooks.core.process import Process, start
from sox_hooks.core.sshkeys import read_public_key
from sox_hooks.core.text import printable
from sox_hooks.record.key_reference import LITERAL, KeyReference, find_key, public_key
from sox_hooks.record.sshsig import NAMESPACE, BadSignature, dearmor, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

__all__ = ["KeyReference", "Signer", "find_key", "public_key", "sign"]

# Seconds for typing a passphrase or touching a security key (which itself waits for about 30).
PATIENCE = 120.0

ASKPASS, TERMINAL, NOBODY = "askpass", "terminal", "nobody"


def sign(payload: bytes, key: KeyReference, folder: str = "") -> bytes:
    """The SSHSIG blob of `payload` under the namespace `sox-record`; folder and errors as for `Signer`."""
    with Signer(key, folder) as signer:
        return signer.sign(payload)


class Signer:
    """`ssh-keygen`, started and waiting for what it is to sign: `with Signer(key) as signer: signer.sign(payload)`.

    Starting up (OpenSSL's libraries above all) takes it 4 ms, in which a hook can do something else. It may ask for a
    passphrase as soon as it is started. `folder` is where the public half of a literal key is put for it to read ("" =
    $TMPDIR). Raises `EnvironmentProblem` or `ConfigError` where no signature can be made.
    """

    def __init__(self, key: KeyReference, folder: str = "") -> None:
        self._key = key
        self._blob = public_key(key)
        if read_public_key(self._blob).hardware:
            # ssh-keygen's own request goes to a pipe.
            sys.stderr.write("sox-hooks: touch your security key to sign the record\n")
            sys.stderr.flush()
        self._answers = who_answers(os.environ)
        self._written = _put_public_half(key.value, folder) if key.kind == LITERAL else ""
        self._process: Process | None = None
        try:
            self._process = _start(self._written or key.value, self._answers)
        except EnvironmentProblem as problem:
            self.close()
            raise _not_run(problem) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it if nothing was signed. Safe to call twice."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.finish()
        if self._written:
            os.unlink(self._written)
            self._written = ""

    def sign(self, payload: bytes) -> bytes:
        """The SSHSIG blob of `payload` under the namespace `sox-record`; once.

        Raises `EnvironmentProblem` or `ConfigError` where no signature could be made, `Refused` where it is not the one
        asked for.
        """
        process, self._process = self._process, None
        if process is None:
            raise RuntimeError("a signer signs once")
        try:
            result = process.finish(payload, PATIENCE)
        except EnvironmentProblem as problem:
            raise _not_run(problem) from None
        if result.code != 0:
            from sox_hooks.record.signing_failure import explain

            raise explain(result, self._key, self._answers)
        return _checked(result.out, self._blob, self._key)


def _put_public_half(line: str, folder: str) -> str:
    folder = folder or os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - made with O_EXCL under a name nobody can guess
    path = os.path.join(folder, f"sox-hooks-{os.getpid()}-{os.urandom(6).hex()}.pub")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError as error:
        raise EnvironmentProblem(
            f"the public key cannot be written for ssh-keygen to read: {error.strerror}", where=printable(folder)
        ) from None
    return path


def who_answers(environ: Mapping[str, str]) -> str:
    """Who can be asked for a passphrase: an `askpass` program, the `terminal`, or `nobody`."""
    wish = environ.get("SSH_ASKPASS_REQUIRE", "").lower()
    display = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    if environ.get("SSH_ASKPASS") and wish != "never" and (wish == "force" or display):
        return ASKPASS
    if environ.get("GIT_TERMINAL_PROMPT", "").lower() in ("0", "false", "no", "off") or not _in_foreground():
        return NOBODY
    return TERMINAL


def _in_foreground() -> bool:
    """Whether this process may read its terminal: a background job would be stopped (SIGTTIN) and hang."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _start(path: str, answers: str) -> Process:
    env = dict(os.environ)
    if answers != ASKPASS:
        env["SSH_ASKPASS_REQUIRE"] = "never"
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):  # OpenSSH before 8.4 knows no SSH_ASKPASS_REQUIRE
            env.pop(name, None)
    argv = ["ssh-keygen", "-q", "-Y", "sign", "-n", NAMESPACE, "-f", path]
    return start(argv, env, detached=answers == NOBODY)


def _not_run(problem: EnvironmentProblem) -> EnvironmentProblem:
    from sox_hooks.record.signing_failure import not_run

    return not_run(problem)


def _checked(armored: bytes, blob: bytes, key: KeyReference) -> bytes:
    """The blob, if it is what was asked for: whatever `ssh-keygen` on PATH is, a strict verifier will take it."""
    try:
        raw = dearmor(armored)
        signature = parse(raw)
    except BadSignature as error:
        raise Refused(
            f"what ssh-keygen made is not a signature that can be used: {error}", fix="update OpenSSH, then try again"
        ) from None
    if signature.namespace != NAMESPACE or signature.public_key != blob:
        raise Refused(
            "ssh-keygen signed with another key or for another purpose than it was asked to",
            why=f"the key asked for is the one that git config {key.source or 'sox.signingKey'} names",
            fix="sox-hooks keys show",
        )
    return raw
