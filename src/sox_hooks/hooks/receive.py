"""`pre-receive` and `update`: the gate on a server that hosts the repository itself.

What is pushed to a protected branch is judged like a pull request in CI, by the policy of that branch before the push;
what arrives for any other branch or tag is nobody's business until it is to be merged. Protected are the branches that
`git config --add sox.protected refs/heads/NAME` lists on the server (`*` at the end stands for anything), else the
branch that HEAD names.

git keeps the new objects apart (in quarantine) until every ref is accepted (git-receive-pack(1)); the clean room reads
them there. Nothing that is refused becomes reachable.
"""

from __future__ import annotations

import os

from sox_hooks.core.errors import CannotVerify, SoxError, UsageError
from sox_hooks.core.lines import error_lines, finding_lines
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git.config import read_config
from sox_hooks.git.repository import Repository, find_repository
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git, clean_environment, desk_environment
from sox_hooks.output.report import outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from sox_hooks.hooks.hosts import HookEvent
    from sox_hooks.verification.verdict import Verdict

HEADS = "refs/heads/"
# Commits that are told apart in a refusal; a pusher reads no more.
MOST = 10
_LIMIT = 64 << 20  # bytes of the list of refs


class Update(Struct):
    """One ref of a push. `old` and `new` are object ids, "" where there is none (a new ref, a deletion)."""

    ref: str
    old: str
    new: str


class Server(Struct):
    """The repository that receives, and its protected branches as they are before the push: ref to commit id."""

    git: Git
    repository: Repository
    patterns: tuple[str, ...]
    protected: Mapping[str, str]

    def is_protected(self, ref: str) -> bool:
        """Whether a ref is one of those that the gate is for."""
        return any(
            ref.startswith(pattern[:-1]) if pattern.endswith("*") else ref == pattern for pattern in self.patterns
        )


def run(event: HookEvent, environ: Mapping[str, str], err: TextIO) -> int:
    """The hook `pre-receive` (refs on standard input) or `update` (one ref as arguments); its exit code."""
    updates = _from_arguments(event.arguments) if event.name == "update" else read_updates(_stdin())
    server = open_server(environ)
    refused = False
    for update in updates:
        if server.is_protected(update.ref):
            try:
                refused = not judge_update(server, update, err) or refused
            except SoxError as error:
                # What cannot be judged is not let in.
                err.write(f"sox-hooks: {printable(update.ref)} is refused\n")
                err.write("".join([line + "\n" for line in error_lines(error)]))
                refused = True
    return 1 if refused else 0


def read_updates(data: bytes) -> tuple[Update, ...]:
    """The standard input of `pre-receive`: `old SP new SP ref LF` for each ref (githooks(5)). Raises `UsageError`."""
    updates = []
    for line in data.split(b"\n"):
        if line:
            words = line.split(b" ", 2)
            if len(words) != 3:
                raise UsageError(
                    f"pre-receive was given {printable(line, 100)!r}", why="it takes OLD NEW REF, a line each"
                )
            updates.append(_update(os.fsdecode(words[2]), *[os.fsdecode(word) for word in words[:2]]))
    return tuple(updates)


def _from_arguments(arguments: tuple[str, ...]) -> tuple[Update, ...]:
    if len(arguments) != 3:
        raise UsageError("update takes three arguments", fix="call it as git does: sox-hooks hook update REF OLD NEW")
    return (_update(*arguments),)


def _update(ref: str, old: str, new: str) -> Update:
    for oid in (old, new):
        if len(oid) not in (40, 64) or not set(oid) <= set("0123456789abcdef"):
            raise UsageError(f"{printable(oid, 80)!r} is no object id")
    return Update(ref, old.strip("0") and old, new.strip("0") and new)


def _stdin() -> bytes:
    data = b""
    while block := os.read(0, 1 << 16):
        data += block
        if len(data) > _LIMIT:  # refs beyond a cut would go in unjudged
            raise UsageError(
                f"the push names more refs than fit into {_LIMIT >> 20} MiB", fix="push fewer refs at once"
            )
    return data


def open_server(environ: Mapping[str, str]) -> Server:
    """The repository that receives the push, from the environment that git gives its hooks."""
    git = Git(env=clean_environment(environ))
    repository = find_repository(git)
    patterns = read_config(Git(env=desk_environment(environ)), ("sox.protected",)).get("sox.protected", ())
    if not patterns:
        head = git.try_line("symbolic-ref", "--quiet", "HEAD")
        patterns = (head,) if head else ()
    server = Server(git, repository, patterns, {})
    listed = git.run("for-each-ref", "--format=%(objectname) %(refname)", HEADS)
    refs = [line.partition(b" ")[::2] for line in listed.split(b"\n") if line]
    return server.replace(
        protected={
            os.fsdecode(name): oid.decode("ascii") for oid, name in refs if server.is_protected(os.fsdecode(name))
        }
    )


def judge_update(server: Server, update: Update, err: TextIO) -> bool:
    """Whether a protected ref may move as asked; says why not on `err`. Raises `SoxError` where there is no verdict."""
    shown = printable(update.ref, 200)
    if not update.new:
        return _no(err, f"{shown} is protected and may not be deleted", "its records are evidence")
    if not update.old:
        return _judge_new(server, update, err)
    if server.git.result("merge-base", "--is-ancestor", update.old, update.new).code != 0:
        return _no(
            err,
            f"{shown} is protected and may not be rewritten",
            "the new tip does not contain the old one",
            "git pull --rebase, then push without --force",
        )
    return _judge(server, update, [update.old], update.old, err)


def _judge_new(server: Server, update: Update, err: TextIO) -> bool:
    """A protected branch that does not exist yet: judged from what other protected branches have, by the first one's
    policy. The very first has nothing before it."""
    if not server.protected:
        err.write(f"sox-hooks: {printable(update.ref)} is new and has no policy before it, so nothing was judged\n")
        return True
    tips = list(dict.fromkeys(server.protected.values()))
    return _judge(server, update, tips, tips[0], err)


def _judge(server: Server, update: Update, left: list[str], policy: str, err: TextIO) -> bool:
    from sox_hooks.verification.gate import open_gate

    words = (update.new, *[f"^{oid}" for oid in left])
    with CleanRoom(server.git, server.repository) as room:
        try:
            run_ = open_gate(server.git, room, words, policy)
        except CannotVerify as error:
            if error.rule != "SOX610":
                raise
            err.write(f"sox-hooks: {printable(update.ref)} has no policy yet (.sox/), so nothing was judged\n")
            return True
        for entry in run_.gate.brought:
            err.write("".join([line + "\n" for line in finding_lines(entry)]))
        failed = 0
        for verdict in run_.verdicts():
            if outcome(verdict) != 0:
                failed += 1
                if failed <= MOST:
                    err.write(_told(verdict))
    if not failed:
        return not run_.gate.brought or _no(err, f"{printable(update.ref, 200)}: the policy it brings is refused", "")
    if failed > MOST:
        err.write(f"  and {failed - MOST} more\n")
    base = printable(update.ref.removeprefix(HEADS))
    return _no(
        err,
        f"{printable(update.ref, 200)}: {failed} commit{'s' if failed > 1 else ''} refused",
        "",
        f"see all of it: git fetch && sox-hooks verify origin/{base}..HEAD ; new records: sox-hooks resign",
    )


def _told(verdict: Verdict) -> str:
    from sox_hooks.core.findings import ERROR

    lines = [f"{verdict.commit[:12]} {verdict.status}: {verdict.subject}"]
    for finding in [entry for entry in verdict.findings if entry.severity == ERROR][:2]:
        lines += ["  " + line for line in finding_lines(finding)]
    return "".join([line + "\n" for line in lines])


def _no(err: TextIO, what: str, why: str, fix: str = "") -> bool:
    err.write(f"sox-hooks: {what}\n")
    for name, words in (("why", why), ("fix", fix)):
        if words:
            err.write(f"  {name}:   {words}\n")
    return False
