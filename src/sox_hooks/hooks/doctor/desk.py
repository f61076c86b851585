"""Policy, key, enrolment and log: what a commit needs besides the hook, each tried."""

from __future__ import annotations

import os

from sox_hooks.core import clock
from sox_hooks.core.errors import CannotVerify, SoxError
from sox_hooks.core.files import private_folder
from sox_hooks.core.findings import ERROR
from sox_hooks.core.sshwire import encode_base64
from sox_hooks.core.text import decode, printable
from sox_hooks.git.run import Git
from sox_hooks.git.state import author_ident
from sox_hooks.hooks.doctor.control import ADVICE, LIVE, NOT_LIVE, Control, not_live
from sox_hooks.hooks.in_force import WORK_TREE
from sox_hooks.hooks.in_force import private_folder as state_of
from sox_hooks.policy.directory import Directory, out_of_time
from sox_hooks.policy.rules import RULES
from sox_hooks.record.log import Log
from sox_hooks.record.log_check import verify_log
from sox_hooks.record.signing import find_key, public_key, sign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sox_hooks.git.repository import Repository
    from sox_hooks.hooks.in_force import InForce
    from sox_hooks.record.signing import KeyReference

POLICY, KEY, ENROLMENT, LOG = "policy", "signing key", "enrolment", "audit log"
# Not the encoding that records are signed in (DSSE), so this signature is no record's.
_TRIAL = b"sox-hooks doctor: a trial of the signing key\n"


def tell_policy(in_force: InForce | None) -> Control:
    """Whether a policy governs here, and whether it is the protected branch's."""
    if in_force is None:
        return Control(
            POLICY,
            NOT_LIVE,
            "no policy governs here, so the hook records nothing",
            why="neither the protected branch nor the work tree has a .sox/ folder",
            fix="sox-hooks init",
            rule="SOX713",
        )
    policy = in_force.policy
    words = f"{printable(policy.repository)} version {policy.version} of {printable(in_force.ref)}, mode {policy.mode}"
    if in_force.ref == WORK_TREE:
        return Control(
            POLICY,
            ADVICE,
            f"{words}: it is not committed yet",
            why="in CI the policy of the protected branch governs, and nothing else",
            fix="commit .sox/ and have it merged",
            rule="SOX713",
        )
    if policy.mode != "enforce":
        return Control(POLICY, ADVICE, f"{words}: it refuses nothing", fix='set mode = "enforce" in .sox/policy.toml')
    return Control(POLICY, LIVE, words)


def try_key(
    config: Mapping[str, tuple[str, ...]], environ: Mapping[str, str], in_force: InForce | None, repository: Repository
) -> Iterator[Control]:
    """Sign something with the key that records are signed with; then look whose it is."""
    try:
        reference = find_key(config, environ.get("HOME"))
        blob = public_key(reference)
        state = state_of(repository)
        private_folder(state)
        sign(_TRIAL, reference, state)
    except SoxError as error:
        yield not_live(KEY, error, "SOX710")
        return
    yield Control(KEY, LIVE, "it signed a trial", printable(_named(reference)))
    if in_force is not None:
        yield _enrolled(blob, in_force, repository)


def _named(reference: KeyReference) -> str:
    return f"{reference.value} (git config {reference.source})"


def _enrolled(blob: bytes, in_force: InForce, repository: Repository) -> Control:
    """Whose the key is, in the policy that governs, and whether that is who commits."""
    directory = Directory(in_force.policy)
    ref = printable(in_force.ref)
    signer = directory.signer(encode_base64(blob))
    if signer is None and in_force.ref != WORK_TREE and _in_work_tree(blob, repository):
        return Control(
            ENROLMENT,
            NOT_LIVE,
            f"the key is enrolled in the work tree, but not in the policy of {ref}",
            why="keys are judged by the branch that a change goes into; nobody can enrol herself",
            fix=RULES["SOX712"].fix,
            rule="SOX712",
        )
    if signer is None:
        return Control(
            ENROLMENT,
            NOT_LIVE,
            f"the key is not enrolled in the policy of {ref}",
            why="CI would call every record that it signs forged",
            fix=RULES["SOX404"].fix,
            rule="SOX404",
        )
    late = out_of_time(signer, clock.now())
    if late:
        place = str(signer.place or "")
        return Control(
            ENROLMENT, NOT_LIVE, f"the key {late}", place, fix="sign with a key that is valid", rule="SOX606"
        )
    try:
        author = author_ident(Git(), os.environ)
    except SoxError as error:
        return not_live(ENROLMENT, error)
    email = decode(author.rpartition(b"<")[2].partition(b">")[0])
    person = directory.person_of(email)
    if person is None or person.id != signer.person:
        owner = "nobody" if person is None else printable(person.id)
        return Control(
            ENROLMENT,
            NOT_LIVE,
            f"the key is {printable(signer.person)}'s, but commits made here are by {printable(email, 100)}",
            why=f"in the policy of {ref} that address belongs to {owner}",
            fix=RULES["SOX405"].fix,
            rule="SOX405",
        )
    return Control(ENROLMENT, LIVE, f"the key is {printable(signer.person)}'s in the policy of {ref}")


def _in_work_tree(blob: bytes, repository: Repository) -> bool:
    """Whether the work tree's list of keys has this one; a list that cannot be read has none."""
    from sox_hooks.git.policy_files import read_policy_folder

    try:
        found = read_policy_folder(repository.top, repository.object_format) if repository.top else None
    except OSError:
        return False
    listed = dict(found[1]).get("allowed_signers", b"") if found else b""
    key = encode_base64(blob).encode("ascii")
    return any(key in line.split() for line in listed.splitlines() if not line.startswith(b"#"))


def try_log(repository: Repository) -> Control:
    """Check the log, and append to one beside it: the same disk, the same locks."""
    from shutil import rmtree

    log = Log(repository.common_dir)
    scratch = os.path.join(log.folder, f"doctor-{os.urandom(6).hex()}")
    try:
        private_folder(log.folder)
        private_folder(scratch)
        Log(scratch).append("trial", {})
        if os.path.exists(log.path) and not os.access(log.path, os.R_OK | os.W_OK):
            return Control(LOG, NOT_LIVE, "you may not write the audit log", printable(log.path), fix="check its owner")
        report = verify_log(log.path)
    except CannotVerify:
        return Control(LOG, LIVE, "there is none yet, the first recorded commit makes it", printable(log.path))
    except SoxError as error:
        return not_live(LOG, error)
    finally:
        rmtree(scratch, ignore_errors=True)
    words = f"{report.entries} entries, last {report.last}"
    if not report.findings:
        return Control(LOG, LIVE, f"the chain holds: {words}", printable(log.path))
    worst = min(report.findings, key=lambda finding: finding.severity != ERROR)
    state = NOT_LIVE if worst.severity == ERROR else ADVICE
    return Control(LOG, state, worst.message, printable(str(worst.place)), fix=worst.fix, rule=worst.rule)
