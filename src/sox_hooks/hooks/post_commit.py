"""The post-commit hook: the log learns which commit an entry became, and a commit made past the hook is put down.

That commit-msg did not run is no proof of a bypass: a rebase, a clean cherry-pick and a clean revert never run it. A
commit counts as bypassed if it has no record, or one about another tree, the reflog says `commit`, and no cherry-pick
is under way. In a rebase that has stopped, too: for what it makes itself the reflog says `rebase` (measured for every
workflow with git 2.39.5).
"""

from __future__ import annotations

from sox_hooks.hooks.carried import carry
from sox_hooks.hooks.made_commit import Made, look, note_committed, of_another_tree, under_way
from sox_hooks.record.log import Log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from sox_hooks.hooks.hosts import HookEvent

BYPASSED, UNRECORDED, REPLAYED = "bypassed", "unrecorded", "replayed"


def run(event: HookEvent, environ: Mapping[str, str], err: TextIO) -> int:
    """The hook; git ignores its exit code. Raises `SoxError` where the log cannot be written."""
    made = look()
    if made is None:
        return 0
    action = made.move.action if made.move else ""
    by_hand = action.partition(" ")[0] == "commit"
    if not by_hand and under_way(made.repository, "rebase-merge", "rebase-apply"):
        return 0  # post-rewrite tells of the whole rebase at once
    fields = {"hook": event.name, "host": event.host, "action": action}
    picked = under_way(made.repository, "CHERRY_PICK_HEAD")
    replayed = picked or action in ("cherry-pick", "revert")
    if not replayed and note_committed(made, fields):
        carry(made)
        return 0
    if made.record is not None and not replayed and not of_another_tree(made):
        return 0  # a record that was made elsewhere, such as `git commit -C`
    kind = REPLAYED if replayed else BYPASSED if by_hand else ""
    if kind:
        _note(made, kind, fields, environ, err)
    return 0


def _note(made: Made, kind: str, fields: dict[str, str], environ: Mapping[str, str], err: TextIO) -> None:
    from sox_hooks.hooks.staged import open_desk

    desk = open_desk()
    if desk.in_force is None:
        return
    if kind == BYPASSED and desk.in_force.policy.mode == "warn":
        kind = UNRECORDED  # the hook may have run and let it pass without a record
    Log(made.repository.common_dir).append(kind, {"commit": made.commit.oid, **fields})
    if kind == BYPASSED:
        from sox_hooks.output.findings_text import render
        from sox_hooks.policy.rules import finding

        short = made.commit.oid[:12]
        before = f"{short}^.." if made.commit.parents else ""
        warning = finding(
            "SOX711",
            f"{short} was made without the commit-msg hook, and "
            + ("its record is about other content" if made.record else "has no record"),
            commit=made.commit.oid,
            fix=f"sox-hooks resign --yes --reason WHY {before}HEAD",
        )
        err.write(render([warning]))
