"""`pre-receive` and `update`: the gate on a server that hosts the repository itself.

What is pushed to a protected branch is judged like a pull request in CI, by the policy of that branch before the push;
what arrives for any other branch or tag is nobody's business until it is to be merged. Protected are the branches that
`git config --add sox.protected refs/heads/NAME` lists on the server (`*` at the end stands for anything), else the
branch that HEAD names.

git keeps the new objects apart (in quarantine) until every ref is accepted (git-receive-pack(1)); the clean room reads
them there. Nothing that is refused becomes reachable. Where the server ends the hook, the push is refused.
"""

from __future__ import annotations

import os

from sox_hooks.core.errors import CannotVerify, EnvironmentProblem, SoxError, UsageError
from sox_hooks.core.lines import error_lines
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.git.config import read_config
from sox_hooks.git.repository import Repository, find_repository
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git, clean_environment, desk_environment
from sox_hooks.hooks.refusal import Refusal
from sox_hooks.output.report import outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from sox_hooks.hooks.hosts import HookEvent

HEADS = "refs/heads/"
_LIMIT = 64 << 20  # bytes of the list of refs


class Update(Struct):
    """One ref of a push. `old` and `new` are object ids, "" where there is none (a new ref, a deletion)."""

    ref: str
    old: str
    new: str


class Server(Struct):
    """The repository that receives, and its protected branches as they are before the push: ref to commit id.

    The branch that HEAD names comes first.
    """

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
    _end_in_order()
    updates = _from_arguments(event.arguments) if event.name == "update" else read_updates(_stdin())
    server = open_server(environ)
    asked = [update for update in updates if server.is_protected(update.ref)]
    if not asked:
        return 0
    with CleanRoom(server.git, server.repository) as room:
        return 0 if _judge_push(server, room, asked, Refusal(err)) else 1


def _judge_push(server: Server, room: CleanRoom, updates: Sequence[Update], refusal: Refusal) -> bool:
    """Whether all protected refs may move as asked. Those that begin at the same commit are judged together: each run
    of the gate costs some ten processes, and a push may hold thousands of new branches."""
    groups: dict[str, list[Update]] = {}
    good = True
    for update in updates:
        if _moves_forward(server, update, refusal):
            groups.setdefault(update.old, []).append(update)
        else:
            good = False
    waiting = list(groups.items())
    while waiting:
        if refusal.full:
            refusal.not_judged(sum([len(group) for _, group in waiting]))
            return False
        old, group = waiting.pop(0)
        try:
            if old:
                good = _judge(server, room, group, [old], old, refusal) and good
            else:
                good = _judge_new(server, room, group, refusal) and good
        except SoxError as error:
            # What cannot be judged is not let in.
            refusal.error(_names(group), error_lines(error))
            good = False
    return good


def _end_in_order() -> None:
    """Where the server ends the hook, it ends as after a failure, so that what it has on the disk is removed."""
    import signal

    def end(number: int, _: object) -> None:
        raise EnvironmentProblem(
            f"the server has ended the check ({signal.Signals(number).name}), so nothing was let in",
            why="it took too long, or the connection was lost",
            fix="push again, or a part of the history first: git push REMOTE COMMIT:BRANCH",
        )

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


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
    blocks = []
    size = 0
    while block := os.read(0, 1 << 16):
        blocks.append(block)
        size += len(block)
        if size > _LIMIT:  # refs beyond a cut would go in unjudged
            raise UsageError(
                f"the push names more refs than fit into {_LIMIT >> 20} MiB", fix="push fewer refs at once"
            )
    return b"".join(blocks)


def open_server(environ: Mapping[str, str]) -> Server:
    """The repository that receives the push, from the environment that git gives its hooks."""
    git = Git(env=clean_environment(environ))
    repository = find_repository(git)
    patterns = read_config(Git(env=desk_environment(environ)), ("sox.protected",)).get("sox.protected", ())
    head = git.try_line("symbolic-ref", "--quiet", "HEAD")
    server = Server(git, repository, patterns or ((head,) if head else ()), {})
    listed = git.run("for-each-ref", "--format=%(objectname) %(refname)", HEADS)
    refs = [line.partition(b" ")[::2] for line in listed.split(b"\n") if line]
    protected = {os.fsdecode(name): oid.decode("ascii") for oid, name in refs if server.is_protected(os.fsdecode(name))}
    first = {head: protected[head]} if head in protected else {}
    return server.replace(protected={**first, **protected})


def _moves_forward(server: Server, update: Update, refusal: Refusal) -> bool:
    """Whether a protected ref is made or gets more commits: it may not vanish, nor lose any."""
    shown = printable(update.ref, 200)
    if not update.new:
        refusal.ref(f"{shown} is protected and may not be deleted", "its records are evidence")
        return False
    if update.old and server.git.result("merge-base", "--is-ancestor", update.old, update.new).code != 0:
        refusal.ref(
            f"{shown} is protected and may not be rewritten",
            "the new tip does not contain the old one",
            "git pull --rebase, then push without --force",
        )
        return False
    return True


def _judge_new(server: Server, room: CleanRoom, updates: Sequence[Update], refusal: Refusal) -> bool:
    """Protected refs that do not exist yet: judged from what the protected branches have, by the policy of the one
    that HEAD names, or else of the first that has one. The very first of all has nothing before it."""
    governing = _governing(server, room)
    if not governing:
        refusal.say(f"{_names(updates)} is new and has no policy before it, so nothing was judged")
        return True
    left = list(dict.fromkeys(server.protected.values()))
    good = _judge(server, room, updates, left, governing, refusal)
    return _begins_governed(room, updates, governing, refusal) and good


def _governing(server: Server, room: CleanRoom) -> str:
    """The commit whose policy judges new branches, "" if no protected branch has any policy."""
    from sox_hooks.git.objects import ObjectReader
    from sox_hooks.verification.governing import Policies

    with ObjectReader(room.git) as reader:
        policies = Policies(room, reader)
        return next((oid for oid in server.protected.values() if policies.identity_at(oid)), "")


def _begins_governed(room: CleanRoom, updates: Sequence[Update], governing: str, refusal: Refusal) -> bool:
    """Whether each new branch begins with the policy in force, or one that its own commits have made of it.

    From then on its pushes are judged by what it has: one that begins at an old commit would bring back the keys of
    leavers, and one from before the adoption no policy at all. What it should have is what a merge with the governing
    branch has.
    """
    from sox_hooks.git.objects import ObjectReader
    from sox_hooks.verification.governing import Policies

    good = True
    branches = [update for update in updates if update.ref.startswith(HEADS)]
    merges = room.merge_trees([(governing, update.new) for update in branches])
    with ObjectReader(room.git) as reader:
        policies = Policies(room, reader)
        for update, merged in zip(branches, merges, strict=True):
            wanted = policies.identity_at(merged.tree if merged.clean else governing)
            if policies.identity_at(update.new) != wanted:
                good = False
                refusal.ref(
                    f"{printable(update.ref, 200)} would begin with an older policy (.sox/) than the one in force",
                    "whatever is pushed to it later would be judged by that",
                    f"git merge {governing[:12]}, or take over its .sox/ alone; then push again",
                )
    return good


def _judge(
    server: Server, room: CleanRoom, updates: Sequence[Update], left: list[str], policy: str, refusal: Refusal
) -> bool:
    from sox_hooks.verification.gate import open_gate
    from sox_hooks.verification.remembered import open_memory

    shown = _names(updates)
    words = (*dict.fromkeys([update.new for update in updates]), *[f"^{oid}" for oid in left])
    try:
        memory = open_memory(server.repository, server.git.env, runs=False)
        run_ = open_gate(server.git, room, words, policy, memory)
    except CannotVerify as error:
        if error.rule != "SOX610":
            raise
        refusal.say(f"{shown} has no policy yet (.sox/), so nothing was judged")
        return True
    refusal.findings(run_.gate.brought)
    failed = told = 0
    for number, verdict in enumerate(run_.verdicts(), 1):
        refusal.judged(number)
        if outcome(verdict) != 0:
            failed += 1
            told += refusal.commit(verdict)
    if not failed:
        if run_.gate.brought:
            refusal.ref(f"{shown}: the policy it brings is refused")
        return not run_.gate.brought
    refusal.more(failed - told)
    base = printable(updates[0].ref.removeprefix(HEADS) if updates[0].old else "BRANCH")
    refusal.ref(
        f"{shown}: {failed} commit{'s' if failed > 1 else ''} refused",
        fix=f"see all of it: git fetch && sox-hooks verify origin/{base}..HEAD ; new records: sox-hooks resign",
    )
    return False


def _names(updates: Sequence[Update]) -> str:
    """A ref, and how many more there are."""
    shown = printable(updates[0].ref, 200)
    return f"{shown} and {len(updates) - 1:,} more" if len(updates) > 1 else shown
