"""Why `ssh-keygen` did not sign, and what mends it. Imported only when it did not."""

from __future__ import annotations

import os
import shlex

from sox_hooks.core.errors import EnvironmentProblem, Refused, SoxError
from sox_hooks.core.process import Result, run
from sox_hooks.core.text import printable
from sox_hooks.record.key_reference import LITERAL, KeyReference

_NOBODY = "nobody"  # as signing.who_answers says it


def not_run(problem: EnvironmentProblem) -> EnvironmentProblem:
    """`ssh-keygen` is missing, or did not come back."""
    if "not found" in problem.what:
        return EnvironmentProblem(
            "ssh-keygen was not found", why="records are signed with it", fix="install OpenSSH 8.2 or later"
        )
    return EnvironmentProblem(
        "ssh-keygen did not come back with a signature",
        why=f"{problem.what}: it may wait for a passphrase, a touch on a security key, or an agent that hangs",
        fix="ssh-add the key, or touch the security key in time, then try again",
    )


def explain(result: Result, key: KeyReference, answers: str) -> SoxError:
    """The error for a run that failed. Texts are those of OpenSSH 8.2 to 9.9, which does not translate them."""
    said = result.err
    words = printable(said.strip().replace(b"\r", b"").split(b"\n")[-1], 300)
    if key.kind == LITERAL:
        where, private = "the key given in git's configuration", "PATH_OF_THE_PRIVATE_KEY"
    else:
        where, private = printable(key.value), shlex.quote(printable(key.value.removesuffix(".pub")))
    if b"UNPROTECTED PRIVATE KEY" in said or b"bad permissions" in said:
        return EnvironmentProblem(
            "ssh-keygen ignores the signing key, because others can read it", where=where, fix=f"chmod 600 {private}"
        )
    if b"incorrect passphrase" in said:
        return _passphrase(where, private, answers)
    if b"No private key found" in said or b"Couldn't find key in agent" in said:
        return _no_private_half(where, private)
    if b"agent refused" in said:
        return Refused(
            "the SSH agent refused to sign",
            where=where,
            why="it is locked, the key needs a confirmation, or a security key was not touched or is not plugged in",
            fix="unlock the agent or confirm the request, then try again",
        )
    if b"communication with agent" in said:
        return EnvironmentProblem(
            "the SSH agent does not answer", where=where, why=words, fix=f"start an agent, then: ssh-add {private}"
        )
    if b"doesn't match private" in said:
        return EnvironmentProblem(
            "the .pub file beside the signing key belongs to another key",
            where=where,
            fix=f"ssh-keygen -y -f {private} > {private}.pub",
        )
    if b"device not found" in said:
        return EnvironmentProblem(
            "the security key that holds the signing key is not plugged in",
            where=where,
            fix="plug it in, then try again",
        )
    if any(mark in said for mark in (b"unknown option", b"illegal option", b"invalid option", b"unrecognized option")):
        return EnvironmentProblem(
            "this ssh-keygen is too old to sign records", why="-Y sign came with OpenSSH 8.2", fix="update OpenSSH"
        )
    if b"No user exists for uid" in said:
        return EnvironmentProblem(
            "ssh-keygen does not run for a user who is not in the user database",
            why=words,
            fix="add the user to /etc/passwd (containers often start with a bare uid), then try again",
        )
    return EnvironmentProblem(
        f"ssh-keygen could not sign: {words}" if words else "ssh-keygen could not sign",
        where=where,
        why=f"exit code {result.code}",
        fix="sox-hooks doctor",
    )


def _passphrase(where: str, private: str, answers: str) -> SoxError:
    if answers == _NOBODY:
        return EnvironmentProblem(
            "the signing key has a passphrase, and there is no terminal to ask for it",
            where=where,
            why="a hook must not wait for an answer that nobody can give",
            fix=f"ssh-add {private}",
        )
    return EnvironmentProblem(
        "the passphrase of the signing key was not given or is wrong",
        where=where,
        why="an agent asks for it once only",
        fix=f"ssh-add {private}",
    )


def _no_private_half(where: str, private: str) -> SoxError:
    what = "the private half of the signing key is neither a file nor in an SSH agent"
    add = f"ssh-add {private}"
    if not os.environ.get("SSH_AUTH_SOCK"):
        why, add = "SSH_AUTH_SOCK is not set: no agent runs here", f'eval "$(ssh-agent)" && {add}'
    else:
        code = _agent_code()
        if code == 2:
            why = "the agent that SSH_AUTH_SOCK names is gone"
            add = f'eval "$(ssh-agent)" && {add}'
        else:
            why = "the agent holds no key" if code == 1 else "the agent does not hold this key"
    return EnvironmentProblem(what, where=where, why=why, fix=add)


def _agent_code() -> int:
    """The exit code of `ssh-add -l`: 1 = the agent has no keys, 2 = no agent (ssh-add(1)); 0 if it cannot be told."""
    try:
        return run(["ssh-add", "-l"], timeout=5, detached=True).code
    except EnvironmentProblem:
        return 0
