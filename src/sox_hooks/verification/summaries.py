"""Where CI keeps what it signed, `refs/sox/summaries/<key>`: a file a summary (`ab/abcdef...`, by commit), and a file a
developer's log that it has seen (`logs/<person>/<log id>`).
"""

from __future__ import annotations

import os
import tempfile
import time

from sox_hooks.core import clock
from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.sshwire import decode_base64
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.run import Git, GitFailed
from sox_hooks.policy.directory import Directory
from sox_hooks.record.key_reference import KeyReference
from sox_hooks.record.signing import sign
from sox_hooks.verification import countersigned
from sox_hooks.verification.envelope import REFS, envelope, signed_bytes, writer
from sox_hooks.verification.governing import SKEW
from sox_hooks.verification.summary import statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sox_hooks.git.room import CleanRoom
    from sox_hooks.policy.model import Policy
    from sox_hooks.verification.countersigned import Position, Seen
    from sox_hooks.verification.summary import Summary

_WHO = {"NAME": "sox-hooks", "EMAIL": "verify@sox-hooks.invalid"}


class Summaries:
    """Reads what writers have left in this clone, also what was fetched below `refs/remotes/`."""

    def __init__(self, git: Git, room: CleanRoom) -> None:
        self._git = git
        self._room = room
        self._refs: dict[str, str] | None = None

    def refs(self) -> dict[str, str]:
        """The commits that writers' refs point to, by the names of the refs, as they were when first asked for."""
        if self._refs is None:
            listed = decode(self._git.run("for-each-ref", "--format=%(objectname) %(refname)", REFS, "refs/remotes"))
            rows = [line.partition(" ") for line in listed.splitlines()]
            self._refs = {name: oid for oid, _, name in rows if name.startswith(REFS) or "/sox/summaries/" in name}
        return self._refs

    def about(self, commit: str) -> Iterator[bytes]:
        """Every envelope about a commit, whoever wrote it."""
        with ObjectReader(self._room.git) as reader:
            for tip in self.refs().values():
                found = reader.read(f"{tip}:{_path(commit)}")
                if found is not None and found[1] == "blob":
                    yield found[2]

    def positions(self, policy: Policy) -> Iterator[Seen]:
        """The positions in logs that CI keys of a policy have signed, each on its own ref, in no order."""
        directory, latest = Directory(policy), clock.iso(time.time() + SKEW)
        writers = {writer(decode_base64(signer.key)) for signer in policy.signers}
        tips = {oid for name, oid in self.refs().items() if name.rpartition("/")[2] in writers}
        with ObjectReader(self._room.git) as reader:
            for tip in sorted(tips):
                listed = self._room.git.result("ls-tree", "-r", "-z", tip, "--", countersigned.FOLDER + "/")
                rows = [row.partition(b"\t")[0].split(b" ") for row in listed.out.split(b"\0") if row]
                for found in reader.read_many([row[2].decode("ascii") for row in rows if row[1] == b"blob"]):
                    seen = countersigned.believed(found[3], policy, directory, latest) if found else None
                    if seen is not None:
                        yield seen


class Countersigned(Struct):
    """What a run of CI has to sign of developers' logs: positions, for which repository, and under which policy."""

    positions: tuple[Position, ...]
    repository: str
    policy: str


def write_summaries(
    git: Git,
    summaries: Iterable[Summary],
    key: KeyReference,
    logs: Countersigned | None = None,
    before: str | None = None,
) -> str:
    """Sign summaries and positions, and add them to the writer's ref in one commit; returns the ref.

    `before` is the commit that the ref was at when it was read ("": there was none). Raises `SoxError`s: the key cannot
    sign, or the ref was moved meanwhile.
    """
    ref = REFS + writer(key.public_blob)
    moment = clock.now()
    statements = [(_path(summary.commit), statement(summary)) for summary in summaries]
    if logs is not None:
        statements += [
            (place.path, countersigned.statement(place, logs.repository, logs.policy, moment))
            for place in logs.positions
        ]
    with tempfile.TemporaryDirectory(prefix="sox-hooks-") as folder:
        env = {**git.env, "GIT_INDEX_FILE": os.path.join(folder, "index")}
        for name, value in _WHO.items():
            env["GIT_AUTHOR_" + name] = env["GIT_COMMITTER_" + name] = value
        here = Git(git.directory, env)
        old = here.try_line("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}") if before is None else before
        if old:
            here.run("read-tree", old)
        lines = []
        for path, body in statements:
            sealed = envelope(body, sign(signed_bytes(body), key, folder))
            oid = here.run("hash-object", "-w", "--stdin", data=sealed).decode("ascii").strip()
            lines.append(f"100644 {oid}\t{path}\n")
        here.run("update-index", "--index-info", data="".join(lines).encode("ascii"))
        parents = ["-p", old] if old else []
        message = f"Verification summaries of {moment}"
        new = here.line("commit-tree", *parents, "-m", message, here.line("write-tree"))
        try:
            here.run("update-ref", ref, new, old or "0" * len(new))
        except GitFailed as failed:
            raise EnvironmentProblem(
                f"{ref} was written by another run meanwhile",
                why=failed.what,
                fix="run it again; let only one job at a time use a key",
            ) from None
    return ref


def _path(commit: str) -> str:
    return f"{commit[:2]}/{commit}"
