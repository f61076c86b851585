"""List, show, enrol and end the SSH keys that may sign records.

A key counts once its line of .sox/allowed_signers is in the policy that governs, which is that of the protected
branch: enrol it, commit the change and have it merged. A key that is lost, or whose owner leaves, is ended and not
removed, so that what it signed before still holds.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from shlex import quote

from sox_hooks.cli.parser import add_verbs
from sox_hooks.core import clock
from sox_hooks.core.errors import FINDING, PASS, SoxError, UsageError
from sox_hooks.core.sshkeys import fingerprint, read_public_key
from sox_hooks.core.sshwire import decode_base64, encode_base64
from sox_hooks.core.text import decode, printable
from sox_hooks.git.commits import parse_ident
from sox_hooks.git.config import read_config
from sox_hooks.git.policy_files import FOLDER
from sox_hooks.git.repository import Repository, find_repository, require_work_tree
from sox_hooks.git.run import Git
from sox_hooks.git.state import author_ident
from sox_hooks.hooks.staged import open_desk
from sox_hooks.policy.directory import Directory, out_of_time
from sox_hooks.policy.model import Policy, Signer
from sox_hooks.record.enrolment import candidate_keys, enrol_key, make_key, public_line
from sox_hooks.record.key_reference import FILE, LITERAL, KeyReference, find_key, public_key
from sox_hooks.record.log import Log
from sox_hooks.record.own_keys import NEW_KEY
from sox_hooks.record.revocation import revoke_keys, select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

_WHICH = "a fingerprint (SHA256:...), a .pub file, or the address or id of a person"


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks keys --help`."""
    verbs = add_verbs(parser)
    listing = verbs.add_parser(
        "list", help="the enrolled keys", description="List the enrolled keys: whose, of what kind, and until when."
    )
    show = verbs.add_parser(
        "show",
        help="the key that signs here, or an enrolled one",
        description="Show the key that signs records here and whose it is, or the enrolled keys that KEY names.\n\n"
        "Exit code 0: the key may sign now; 1: it may not, and why.",
    )
    show.add_argument("key", nargs="?", default="", metavar="KEY", help=_WHICH)
    for verb in (listing, show):
        verb.add_argument(
            "--work-tree", action="store_true", help="the .sox/ of the work tree, not the policy that governs"
        )
    enrol = verbs.add_parser(
        "enrol",
        help="enter a key in .sox/ of the work tree",
        description="Enter your SSH key in .sox/allowed_signers of the work tree, and you in .sox/people.toml if you\n"
        "are not there. Twice does no harm. Nothing is committed.",
    )
    source = enrol.add_mutually_exclusive_group()
    source.add_argument("--key", default="", metavar="PATH", help="this key (default: the configured one, else ~/.ssh)")
    source.add_argument("--new", action="store_true", help=f"make a new Ed25519 key, ~/.ssh/{NEW_KEY}")
    enrol.add_argument("--email", default="", help="for somebody else: her address (--key is then her public key)")
    enrol.add_argument("--name", default="", help="for somebody else: her name")
    revoke = verbs.add_parser(
        "revoke",
        help="end the validity of keys",
        description="End the validity of keys in .sox/allowed_signers of the work tree. The gate judges keys by the\n"
        "time at which it runs, so that an ended key opens it for no commit, however that is dated.",
    )
    revoke.add_argument("key", metavar="KEY", help=_WHICH)
    revoke.add_argument("--at", default="", metavar="MOMENT", help="the last moment at which it counts (default: now)")
    revoke.add_argument("--reason", required=True, help="why; it is written above the line")


def run(options: Namespace) -> int:
    """Do what the verb says."""
    if options.verb == "enrol":
        return _enrol(options)
    if options.verb == "revoke":
        return _revoke(options)
    policy, origin = _policy(options.work_tree)
    if options.verb == "show":
        return _show_enrolled(policy, origin, options.key) if options.key else _show_own(policy, origin)
    count = len(policy.signers)
    sys.stdout.write(f"{count} key{'' if count == 1 else 's'} in the policy of {origin}\n")
    for signer in policy.signers:
        _row(signer)
    return PASS


def _policy(work_tree: bool) -> tuple[Policy, str]:
    """The policy that was asked for, and where it is from."""
    if work_tree:
        from sox_hooks.cli.policy import read_files
        from sox_hooks.policy.load import load_or_fail

        return load_or_fail(read_files("")), "the work tree"
    in_force = open_desk().in_force
    if in_force is None:
        raise UsageError("no policy governs this repository", fix="sox-hooks init")
    return in_force.policy, printable(in_force.ref)


def _config(git: Git) -> Mapping[str, tuple[str, ...]]:
    return read_config(git, ("sox.", "user.signingkey", "gpg.format"))


def _row(signer: Signer) -> None:
    """Whose, what, which, when: one line."""
    blob = decode_base64(signer.key)
    words = [f"{printable(signer.person):<20}", f"{_kind(blob):<22}", fingerprint(blob)]
    if signer.valid_after:
        words.append(f"from {signer.valid_after}")
    if signer.valid_before:
        words.append(f"until {signer.valid_before}")
    if out_of_time(signer, clock.now()):
        words.append("(not valid now)")
    sys.stdout.write("  ".join(words) + "\n")


def _kind(blob: bytes) -> str:
    key = read_public_key(blob)
    return f"{key.type} ({key.bits} bits)" if key.bits else key.type.partition("@")[0]


# show


def _show_enrolled(policy: Policy, origin: str, which: str) -> int:
    now = clock.now()
    people = Directory(policy).people
    ended = False
    for signer in select(policy.signers, policy.people, which):
        late = out_of_time(signer, now)
        ended = ended or bool(late)
        rows = [
            ("person", f"{signer.person} ({people[signer.person].name})"),
            ("addresses", ", ".join(signer.principals)),
            ("validity", f"it {late}" if late else "valid now"),
            ("enrolled", f"{signer.place} in the policy of {origin}"),
        ]
        _describe(decode_base64(signer.key), rows)
    return FINDING if ended else PASS


def _show_own(policy: Policy, origin: str) -> int:
    reference = find_key(_config(Git()), os.environ.get("HOME"))
    blob = public_key(reference)
    rows = [("configured", f"{printable(reference.value, 200)} (git config {reference.source})")]
    signer = Directory(policy).signer(encode_base64(blob))
    late = ""
    if signer is None:
        rows.append(("enrolled", f"no: not in the policy of {origin} (sox-hooks keys enrol, then have it merged)"))
    else:
        late = out_of_time(signer, clock.now())
        rows += [
            ("enrolled", f"for {signer.person}: {signer.place} in the policy of {origin}"),
            ("validity", f"it {late}" if late else "valid now"),
        ]
    _describe(blob, rows)
    return FINDING if signer is None or late else PASS


def _describe(blob: bytes, rows: list[tuple[str, str]]) -> None:
    sys.stdout.write(f"{_kind(blob)} {fingerprint(blob)}\n")
    for name, value in rows:
        sys.stdout.write(f"  {name + ':':<12} {printable(value)}\n")


# enrol


def _enrol(options: Namespace) -> int:
    git = Git()
    repository, config = find_repository(git), _config(git)
    folder = _folder(repository)
    own = not options.email
    if not own and not options.key:
        raise UsageError(
            "keys enrol: --email needs --key, the public key of that person", fix="sox-hooks keys enrol --help"
        )
    email, name = (options.email, options.name) if options.email else _author(git, options.name)
    reference = _choose(options, config, email)
    blob = public_key(reference)
    result = enrol_key(folder, email, name, public_line(reference))
    already = "" if result.changed else " already"
    sys.stdout.write(f"enrolled{already} for {printable(result.person)} ({printable(email)}):\n")
    _describe(blob, [("key", reference.value)])
    if own:
        sys.stdout.write(_configure(git, config, reference, blob))
    _warn_of_length(blob)
    if options.new:
        path = printable(reference.value)
        sys.stdout.write(f"the new key has no passphrase; to give it one: ssh-keygen -p -f {path}\n")
    if result.changed:
        _log(repository, "enrolled", blob, result.person)
        _next_step("Enrol a key")
    return PASS


def _author(git: Git, name: str) -> tuple[str, str]:
    author = parse_ident(author_ident(git, os.environ))
    return decode(author.email), name or decode(author.name)


def _choose(options: Namespace, config: Mapping[str, tuple[str, ...]], email: str) -> KeyReference:
    home = os.environ.get("HOME")
    if options.key:
        reference = find_key({"sox.signingkey": (options.key,)}, home).replace(source="")
        return reference if reference.kind == LITERAL else reference.replace(value=os.path.abspath(reference.value))
    if options.new:
        if not home:
            raise UsageError("HOME is not set, so there is no place for a new key", fix="set HOME, or give --key PATH")
        path = os.path.join(home, ".ssh", NEW_KEY)
        make_key(path, email)
        return KeyReference(FILE, path)
    if "sox.signingkey" in config:
        return find_key(config, home)  # what is configured must work, or be said not to
    candidates = candidate_keys(config, home)
    if not candidates:
        raise UsageError(
            "there is no SSH key to enrol",
            why="none is configured, none is in ~/.ssh under a usual name, and no agent has one",
            fix="sox-hooks keys enrol --new",
        )
    return candidates[0]


def _configure(git: Git, config: Mapping[str, tuple[str, ...]], reference: KeyReference, blob: bytes) -> str:
    """Make the enrolled key the one that signs here, and say so; "" if it is already.

    A configured key that the policy in force knows stays: the change that brings the new one in has to be signed, and
    the new one cannot do that before it is merged.
    """
    with suppress(SoxError):  # none is configured, or one that cannot be used: this one takes its place
        current = public_key(find_key(config, os.environ.get("HOME")))
        if current == blob:
            return ""
        in_force = open_desk().in_force
        keys = Directory(in_force.policy) if in_force else None
        if keys and keys.signer(encode_base64(current)) and not keys.signer(encode_base64(blob)):
            return (
                "the key that signs here stays, for the new one does not count yet; when it is merged:\n"
                f"  git config sox.signingKey {quote(printable(reference.value))}\n"
            )
    git.run("config", "--local", "sox.signingKey", reference.value)
    return "git config sox.signingKey: set for this repository\n"


def _warn_of_length(blob: bytes) -> None:
    bits = read_public_key(blob).bits
    if bits:
        # The signature holds the key, as many bytes as the modulus, and 66 more; base64 in lines of 70 columns.
        lines = -(-(len(blob) + bits // 8 + 66) * 4 // 3 // 70)
        sys.stderr.write(
            f"note: a signature of this RSA key takes {lines} lines of every commit message, one of Ed25519 takes 4 "
            "(sox-hooks keys enrol --new)\n"
        )


# revoke


def _revoke(options: Namespace) -> int:
    repository = find_repository(Git())
    ended = revoke_keys(_folder(repository), options.key, options.at or clock.now(), options.reason)
    if not ended:
        sys.stdout.write("nothing changed: every key of this name ends earlier already\n")
        return PASS
    for signer in ended:
        _row(signer)
        _log(repository, "key-ended", decode_base64(signer.key), signer.person, until=signer.valid_before)
    _next_step("End a key")
    return PASS


def _folder(repository: Repository) -> str:
    require_work_tree(repository)
    folder = os.path.join(repository.top, FOLDER)
    if not os.path.isdir(folder):
        raise UsageError(f"there is no {FOLDER}/ folder in this work tree", fix="sox-hooks init")
    return folder


def _log(repository: Repository, event: str, blob: bytes, person: str, **fields: str) -> None:
    Log(repository.common_dir).append(event, {"key": fingerprint(blob), "person": person, **fields})


def _next_step(subject: str) -> None:
    sys.stdout.write(
        f'next: git add {FOLDER} && git commit -m "{subject}"\n'
        "      It counts once the branch whose policy governs has it.\n"
    )
