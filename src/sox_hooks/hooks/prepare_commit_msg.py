"""The prepare-commit-msg hook: the claim that evidence shows, in plain trailers. It survives `git commit --no-verify`.

It never makes a record: nobody has decided anything yet, and nothing is signed. Not installed by default, for it costs
every commit a second start of Python, and CI finds a commit without a record anyway; what it adds is that such a commit
says by itself that AI took part.

Only messages that were given on the command line are touched (`-m`, `-F`): that is how agents commit. A message that is
still to be written in an editor must stay empty, or leaving it so would no longer call the commit off. Commits that git
makes again (rebase, cherry-pick, revert, amend, squash) keep their messages.
"""

from __future__ import annotations

import os

from sox_hooks.core.files import problem, write_atomically
from sox_hooks.core.processes_above import ancestors
from sox_hooks.core.text import decode
from sox_hooks.detection import ancestry, environment
from sox_hooks.detection import message as message_evidence
from sox_hooks.git.commits import parse_ident
from sox_hooks.git.state import author_ident
from sox_hooks.hooks.made_commit import under_way
from sox_hooks.hooks.situation import options_of, read_layout
from sox_hooks.hooks.staged import open_desk
from sox_hooks.policy.claims import claim_of
from sox_hooks.policy.facts import Facts
from sox_hooks.policy.model import ASSISTED
from sox_hooks.record.block import join_block
from sox_hooks.record.message import aborts, stored
from sox_hooks.record.record import final_assisted_by
from sox_hooks.record.trailers import ASSISTANCE, ASSISTED_BY, assisted_by_value, trailer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from sox_hooks.hooks.hosts import HookEvent

_REPLAYS = ("rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD", "REVERT_HEAD", "MERGE_HEAD", "SQUASH_MSG")


def run(event: HookEvent, environ: Mapping[str, str], err: TextIO) -> int:
    """The hook; returns its exit code, which is always 0. Raises `SoxError`s."""
    del err
    source = event.arguments[1] if len(event.arguments) > 1 else environ.get("PRE_COMMIT_COMMIT_MSG_SOURCE", "")
    # git exports the author to the hooks of `git commit`, and not to those of a cherry-pick or a revert.
    if source != "message" or "GIT_AUTHOR_NAME" not in environ:
        return 0
    desk = open_desk()
    if desk.in_force is None or under_way(desk.repository, *_REPLAYS):
        return 0
    catalogue = desk.in_force.catalogue
    processes = ancestors()
    message = read_layout(event.message_file, desk, environ, options_of(processes))
    if aborts(message):
        return 0
    facts = Facts(
        paths=(),
        declared=message_evidence.declared(catalogue, stored(message)),
        evidence=(*environment.evidence(catalogue, environ), *ancestry.evidence(catalogue, processes)),
        author_email=decode(parse_ident(author_ident(desk.git, environ)).email),
        person="",
        moment="",
    )
    claim = claim_of(facts)
    if claim.assistance != ASSISTED:
        return 0
    spelling = desk.in_force.policy.spelling
    ours = [assisted_by_value(use.tool, use.version, use.model, spelling) for use in claim.tools]
    typed = final_assisted_by(message, ())
    lines = [trailer(ASSISTED_BY, value) for value in ours if value not in typed]
    first, key = trailer(ASSISTANCE, ASSISTED), ASSISTANCE.lower().encode()
    text = join_block(message, lines, lambda name: name == key, first, key)
    if text != b"".join(message.lines):
        _write(event.message_file, text)
    return 0


def _write(path: str, text: bytes) -> None:
    try:
        mode = os.stat(path).st_mode & 0o777
    except OSError as error:
        raise problem("find the commit message again", path, error) from error
    write_atomically(path, text, mode)
