"""The facts of the commit that is about to be made, from every source there is at the desk. Nothing here judges.

Two settings of git's configuration speak for the person:

* `sox.signingKey`: the SSH key that signs records, see `record.key_reference.find_key`.
* `sox.declaration`: `none` declares of every commit without a declaration of its own that no AI took part, for people
  who never use any. It is the same word that a trailer `AI-Assistance: none` gives, so evidence overrules it and the
  contradiction is shown (SOX102). Nothing else can be declared this way: which tool was used differs from commit to
  commit.
"""

from __future__ import annotations

import os

from sox_hooks.core import clock
from sox_hooks.core.errors import ConfigError, EnvironmentProblem, SoxError
from sox_hooks.core.files import problem
from sox_hooks.core.findings import Finding
from sox_hooks.core.processes_above import arguments_are_exact
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode, printable
from sox_hooks.detection import ancestry, environment, identity
from sox_hooks.detection import message as message_evidence
from sox_hooks.git.argv import commit_options
from sox_hooks.git.commits import parse_ident
from sox_hooks.hooks.hosts import HookEvent
from sox_hooks.hooks.in_force import InForce
from sox_hooks.hooks.journaled import join_journal
from sox_hooks.hooks.staged import Desk, Staged
from sox_hooks.policy.claims import strongest
from sox_hooks.policy.directory import Directory, out_of_time
from sox_hooks.policy.facts import Claim, Evidence, Facts
from sox_hooks.policy.model import NONE, UNDECLARED
from sox_hooks.record.block import retire
from sox_hooks.record.key_reference import KeyReference, find_key, public_key
from sox_hooks.record.message import CLEANUPS, Layout, layout, stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.core.processes_above import ProcessInfo
    from sox_hooks.detection.catalogue import Catalogue


class Signing(Struct):
    """The key that will sign: `reference` is None if there is none that can be used, and `findings` say why."""

    reference: KeyReference | None
    blob: bytes
    person: str
    findings: tuple[Finding, ...] = ()


class Situation(Struct):
    """All that is known about the commit that is about to be made."""

    event: HookEvent
    staged: Staged
    in_force: InForce
    message: Layout
    text: bytes  # the message as git will store it
    facts: Facts
    signing: Signing
    moment: str


def gather(
    event: HookEvent, staged: Staged, in_force: InForce, message: Layout, environ: Mapping[str, str]
) -> Situation:
    """Everything about one call of the hook."""
    moment = clock.now()
    head = staged.desk.head
    if head is not None and staged.operation.amend:
        message = retire(message, head.message)
    text = stored(message)
    signing = find_signing(staged.desk, in_force, environ, moment)
    facts = gather_facts(staged, in_force, text, environ, signing.person, moment)
    return Situation(event, staged, in_force, message, text, facts, signing, moment)


def gather_facts(
    staged: Staged, in_force: InForce, text: bytes, environ: Mapping[str, str], person: str, moment: str
) -> Facts:
    """The facts that `evaluate` judges, for a hook or for `check`. Raises `ConfigError` for `sox.declaration`."""
    catalogue = in_force.catalogue
    author = staged.author
    evidence: list[Evidence] = [
        *environment.evidence(catalogue, environ),
        *ancestry.evidence(catalogue, staged.processes),
        *message_evidence.evidence(catalogue, text),
        *identity.evidence(catalogue, author, b""),
    ]
    journaled = join_journal(staged, catalogue)
    evidence += journaled.evidence
    declared = message_evidence.declared(catalogue, text)
    # Before what the amended commit says is added: that another agent amends it is no conflict.
    disagreeing = _conflicts(catalogue, evidence, declared, staged, journaled.tools) if evidence else ()
    standing = standing_declaration(staged.desk)
    if declared.assistance == UNDECLARED:
        declared = standing
    head = staged.desk.head
    if head is not None and (staged.operation.amend or staged.amended is not None):
        # What the amended commit said of itself is never silently dropped.
        declared = strongest(declared, message_evidence.declared(catalogue, head.message))
        evidence += message_evidence.evidence(catalogue, head.message)
    return Facts(
        paths=staged.content.content.touched(),
        declared=declared,
        evidence=tuple(dict.fromkeys(evidence)),
        author_email=decode(parse_ident(author).email),
        person=person,
        moment=moment,
        files=tuple([(one.path, one.state, one.tools) for one in journaled.files]),
        conflicts=disagreeing,
    )


def _conflicts(
    catalogue: Catalogue, evidence: list[Evidence], declared: Claim, staged: Staged, tools: tuple[str, ...]
) -> tuple[str, ...]:
    """Where the sources disagree with each other; what contradicts a declaration is for `policy.claims` to say."""
    from sox_hooks.detection.conflicts import conflicts

    named = {use.tool for use in declared.tools}
    signs = [sign for sign in evidence if sign.source != "trailer" or sign.tool not in named]
    return conflicts(catalogue, signs, staged.processes, tools)


def standing_declaration(desk: Desk) -> Claim:
    """What `sox.declaration` says of every commit that has no declaration of its own. Raises `ConfigError`."""
    value = desk.setting("sox.declaration")
    if value not in ("", NONE):
        raise ConfigError(
            f"git config sox.declaration is '{printable(value, 40)}'",
            why="only `none` can be declared for all commits; tools are named in the message of each",
            fix="git config --unset sox.declaration",
        )
    return Claim(value or UNDECLARED)


def find_signing(desk: Desk, in_force: InForce, environ: Mapping[str, str], moment: str) -> Signing:
    """The key that will sign, and whose it is according to the policy in force."""
    from sox_hooks.core.sshwire import encode_base64

    directory = Directory(in_force.policy)
    try:
        reference = find_key(desk.config, environ.get("HOME"))
        blob = public_key(reference)
    except SoxError as error:
        return Signing(None, b"", "", (_finding("SOX710", error.what, path=error.where, why=error.why, fix=error.fix),))
    signer = directory.signer(encode_base64(blob))
    if signer is None:
        missing = _finding(
            "SOX404",
            f"your signing key is not enrolled in the policy of {printable(in_force.ref)}",
            path=printable(reference.value, 200),
            why="CI would call every record that it signs forged",
        )
        return Signing(reference, blob, "", (missing,))
    late = out_of_time(signer, moment)
    findings = (_finding("SOX606", f"your signing key {late}", place=signer.place),) if late else ()
    return Signing(reference, blob, signer.person, findings)


def _finding(rule: str, message: str, **fields: object) -> Finding:
    from sox_hooks.policy.rules import finding

    return finding(rule, message, **{name: value for name, value in fields.items() if value})


# The message


def read_layout(path: str, desk: Desk, environ: Mapping[str, str], options: Mapping[str, str]) -> Layout:
    """The message file, and what git will make of it; `options` are those of the `git commit` that is running.

    Raises `EnvironmentProblem`.
    """
    return layout(
        read_message(path),
        comments=environ.get("GIT_EDITOR") != ":",  # git says so where no editor will run
        comment=_comment(desk),
        cleanup=_cleanup(desk, options),
        utf8=desk.setting("i18n.commitEncoding", "utf-8").lower() in ("utf-8", "utf8"),
    )


def read_message(path: str) -> bytes:
    """The content of a message file. Raises `EnvironmentProblem`."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise EnvironmentProblem(
            "the file with the commit message is gone",
            where=printable(path, 300),
            why="git wrote it before it called the hook; another hook or program has removed it",
            fix="commit again",
        ) from None
    except OSError as error:
        raise problem("read the commit message", path, error) from error


def _comment(desk: Desk) -> bytes | None:
    char = desk.setting("core.commentString") or desk.setting("core.commentChar", "#")
    return None if char == "auto" else os.fsencode(char)


def _cleanup(desk: Desk, options: Mapping[str, str]) -> str:
    asked = options.get("cleanup") or desk.setting("commit.cleanup", "default")
    return asked if asked in CLEANUPS else "default"  # git itself refuses what it does not know


def options_of(processes: tuple[ProcessInfo, ...]) -> dict[str, str]:
    """The options of the `git commit` above, see `git.argv.commit_options`."""
    return commit_options(processes, arguments_are_exact())


def template_of(desk: Desk, environ: Mapping[str, str], options: Mapping[str, str]) -> bytes:
    """What `git commit -t FILE` or `commit.template` put into the editor; b"" for nothing.

    Who leaves it as it is calls the commit off.
    """
    name = options.get("template")
    if name:
        # `-t` is relative to where git was started, a configured path to the top, where hooks run.
        name = os.path.join(desk.repository.top, environ.get("GIT_PREFIX", ""), name)
    else:
        name = os.path.expanduser(desk.setting("commit.template"))
    if not name:
        return b""
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError:
        return b""
