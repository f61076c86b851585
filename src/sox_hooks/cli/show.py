"""Show the record of a commit in plain words, or the exact bytes that were signed.

An auditor needs nothing of ours to check a record: `--payload` prints the bytes that the signature is over,
`--signature` the signature, and `ssh-keygen -Y verify` does the rest. The text output prints the commands.
"""

from __future__ import annotations

import os
import sys

from sox_hooks.core.errors import FINDING, PASS
from sox_hooks.core.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sox_hooks.policy.facts import Evidence
    from sox_hooks.verification.single import Examined


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks show --help`."""
    parser.add_argument("commit", nargs="?", default="HEAD", metavar="COMMIT", help="the commit (default: HEAD)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--payload", action="store_true", help="print the bytes that are signed, and nothing else")
    what.add_argument("--signature", action="store_true", help="print the signature as ssh-keygen takes it")
    parser.add_argument(
        "--policy-ref", default="", metavar="REF", help="whose .sox/ to read (default: as for commits made here)"
    )


def run(options: Namespace) -> int:
    """Look at one commit."""
    from sox_hooks.git.config import last, read_config
    from sox_hooks.git.room import CleanRoom
    from sox_hooks.git.run import Git, clean_environment
    from sox_hooks.verification.single import examine

    configured = options.policy_ref or last(read_config(Git(), ("sox.",)), "sox.policyRef")
    refs = (configured,) if configured else ("origin/HEAD", "HEAD")
    git = Git(env=clean_environment(os.environ))
    with CleanRoom(git) as room:
        found = examine(git, room, options.commit, refs)
    if options.payload:
        os.write(1, found.payload())  # bytes: stdout may be text in any encoding
        return PASS
    if options.signature:
        from sox_hooks.record.sshsig import armor

        found.payload()  # says what is wrong where there is no record
        record = found.item.reading.record
        sys.stdout.write(armor((record.signature if record else None) or b"").decode("ascii"))
        return PASS
    sys.stdout.write(_text(found))
    return PASS if found.verdict.status == "verified" else FINDING


def _text(found: Examined) -> str:
    from sox_hooks.verification.single import says_more

    verdict = found.verdict
    policy = found.law.policy
    lines = [f"commit {verdict.commit}", f"  {verdict.subject}", ""]
    rows = [
        ("verdict", verdict.status + (f" ({verdict.relation})" if verdict.relation else "")),
        ("judged by", f"{printable(found.governed_by.name)}:.sox, version {policy.version}"),
        ("author", verdict.author),
    ]
    record = found.item.reading.record
    if record is not None:
        said = {"assisted": "with the help of AI", "none": "without AI, as a person declares", "undeclared": "unknown"}
        rows += [
            ("assistance", f"{record.assistance}: {said[record.assistance]}"),
            *[("tool", printable(value)) for value in record.assisted_by],
            ("recorded", record.moment + (f" by {_signer(found)}" if found.authentic else "")),
            ("policy then", record.parameter("policy")),
            ("change", record.parameter("change")),
            ("log entry", f"{printable(record.parameter('log'))} ({_in_log(record.parameter('log'))})"),
        ]
    rows += [("elsewhere", _elsewhere(sign)) for sign in found.elsewhere]
    rows += [("elsewhere", f"not read: {printable(found.ignored)}")] if found.ignored else []
    lines += [f"  {name + ':':<12} {value}" for name, value in rows]
    findings = (*verdict.findings, *says_more(found))
    lines += [f"  {entry.rule + ':':<12} {printable(entry.message)}" for entry in findings]
    if record is not None:
        lines += ["", "  check it with stock tools:", *_commands(found)]
    return "\n".join(lines) + "\n"


def _elsewhere(sign: Evidence) -> str:
    """What another recorder says; the verdict does not hang on it."""
    tool = " ".join([text for text in (sign.tool or "an AI tool", sign.version, sign.model) if text])
    return printable(f"{sign.source}: {tool} ({sign.confidence}; {sign.detail})", 200)


def _in_log(cited: str) -> str:
    """Whether the log of this clone has the entry that a record cites."""
    from sox_hooks.git.run import Git
    from sox_hooks.record.log import Log, parse_anchor
    from sox_hooks.record.log_check import check_anchor

    path = Log(Git().line("rev-parse", "--path-format=absolute", "--git-common-dir")).path
    held = check_anchor(path, parse_anchor(cited))
    if held is None:
        return "of another log than this clone's"
    return "in this clone's log" if held else "this clone's log has no such entry: sox-hooks log verify"


def _signer(found: Examined) -> str:
    person = found.authentic.person if found.authentic else None
    return printable(f"{person.id} ({person.name})") if person else ""


def _commands(found: Examined) -> list[str]:
    short = found.verdict.commit[:12]
    email = found.authentic.email if found.authentic else found.verdict.author
    return [
        f"    sox-hooks show --payload {short} > payload",
        f"    sox-hooks show --signature {short} > signature",
        f"    git show {printable(found.governed_by.name)}:.sox/allowed_signers > allowed_signers",
        f"    ssh-keygen -Y verify -f allowed_signers -I {printable(email)} -n sox-record -s signature < payload",
    ]
