"""Where verification summaries are kept: `refs/sox/summaries/<key>`, a file a commit (`ab/abcdef...`)."""

from __future__ import annotations

import os
import tempfile

from sox_hooks.core import clock
from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.text import decode
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.run import Git, GitFailed
from sox_hooks.record.key_reference import KeyReference
from sox_hooks.record.signing import sign
from sox_hooks.verification.summary import REFS, Summary, envelope, signed_bytes, statement, writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sox_hooks.git.room import CleanRoom

_WHO = {"NAME": "sox-hooks", "EMAIL": "verify@sox-hooks.invalid"}


class Summaries:
    """Reads what writers have left in this clone, also what was fetched below `refs/remotes/`."""

    def __init__(self, git: Git, room: CleanRoom) -> None:
        self._git = git
        self._room = room
        self._tips: tuple[str, ...] | None = None

    def about(self, commit: str) -> Iterator[bytes]:
        """Every envelope about a commit, whoever wrote it."""
        if self._tips is None:
            listed = decode(self._git.run("for-each-ref", "--format=%(objectname) %(refname)", REFS, "refs/remotes"))
            rows = [line.partition(" ") for line in listed.splitlines()]
            self._tips = tuple([oid for oid, _, name in rows if name.startswith(REFS) or "/sox/summaries/" in name])
        with ObjectReader(self._room.git) as reader:
            for tip in self._tips:
                found = reader.read(f"{tip}:{_path(commit)}")
                if found is not None and found[1] == "blob":
                    yield found[2]


def write_summaries(git: Git, summaries: Iterable[Summary], key: KeyReference) -> str:
    """Sign summaries and add them to the writer's ref in one commit; returns the ref.

    Raises `SoxError`s: the key cannot sign, or the ref was moved meanwhile.
    """
    ref = REFS + writer(key.public_blob)
    with tempfile.TemporaryDirectory(prefix="sox-hooks-") as folder:
        env = {**git.env, "GIT_INDEX_FILE": os.path.join(folder, "index")}
        for name, value in _WHO.items():
            env["GIT_AUTHOR_" + name] = env["GIT_COMMITTER_" + name] = value
        here = Git(git.directory, env)
        old = here.try_line("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        if old:
            here.run("read-tree", old)
        lines = []
        for summary in summaries:
            body = statement(summary)
            sealed = envelope(body, sign(signed_bytes(body), key, folder))
            oid = here.run("hash-object", "-w", "--stdin", data=sealed).decode("ascii").strip()
            lines.append(f"100644 {oid}\t{_path(summary.commit)}\n")
        here.run("update-index", "--index-info", data="".join(lines).encode("ascii"))
        parents = ["-p", old] if old else []
        message = f"Verification summaries of {clock.now()}"
        new = here.line("commit-tree", *parents, "-m", message, here.line("write-tree"))
        try:
            here.run("update-ref", ref, new, old or "0" * len(new))
        except GitFailed as failed:
            raise EnvironmentProblem(f"{ref} was written by somebody else meanwhile", why=failed.what) from None
    return ref


def _path(commit: str) -> str:
    return f"{commit[:2]}/{commit}"
