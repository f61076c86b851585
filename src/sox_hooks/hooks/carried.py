"""After a commit of a part of what an agent edited (`git add -p`): the rest is the agent's still.

An edit ends with the commit of its path, for nobody can tell from a later content what of it was left. Right after the
commit it can be told: the work tree differs from what was committed. Then the edit is noted again, as of now.
"""

from __future__ import annotations

import os
import time

from sox_hooks.core.text import decode
from sox_hooks.detection import journal
from sox_hooks.hooks.made_commit import cited_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sox_hooks.hooks.made_commit import Made

_MOST_PATHS = 100


def carry(made: Made) -> None:
    """Note again the edits of which the commit took a part. Costs one failed stat() where there is no journal.

    Raises `EnvironmentProblem` where the journal cannot be written.
    """
    common_dir = made.repository.common_dir
    path = os.path.join(common_dir, journal.NAME)
    if made.record is None or not os.path.lexists(path):
        return
    edited = _edited_since(common_dir, made.record.parameter("log"))
    left = _differing(made, edited[:_MOST_PATHS])
    if not left:
        return
    from sox_hooks.detection.journal_file import append

    now = int(time.time())
    tree = journal.tree_name(made.repository.git_dir, common_dir)
    newest = {
        (entry.path, entry.tool): entry.replace(moment=now)
        for entry in journal.read(path, now)
        if entry.path in left and entry.tree == tree
    }
    append(common_dir, tuple(newest.values()), again=True)


def _edited_since(common_dir: str, cited: str) -> list[str]:
    """The paths that the entry of the commit calls `edited since`."""
    from sox_hooks.core.fastjson import loads

    line = cited_line(common_dir, cited)
    if b'"edited since"' not in line:
        return []
    files = loads(line.decode("ascii"))["files"]
    return [file["path"] for file in files if file["state"] == journal.EDITED_SINCE]


def _differing(made: Made, paths: Iterable[str]) -> set[str]:
    """Those of the paths that differ in the work tree from what is staged, which is what was committed."""
    specs = [f":(top,literal){path}" for path in paths]
    if not specs:
        return set()
    result = made.git.result("diff-files", "--name-only", "--no-relative", "-z", "--", *specs)
    return {decode(path) for path in result.out.split(b"\0")} - {""} if result.code == 0 else set()
