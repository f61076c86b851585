"""Making a commit again with other parents or another message, and moving a branch to it.

Nothing else of the commit changes: author, committer, dates, encoding and headers of other tools stay byte for byte,
and so does the tree, so that neither work tree nor index has to be touched.
"""

from __future__ import annotations

from sox_hooks.core.errors import Refused
from sox_hooks.core.text import printable
from sox_hooks.git.run import GitFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sox_hooks.git.run import Git

# Signatures over the commit as it was.
_SIGNATURES = (b"gpgsig", b"gpgsig-sha256")


def remade(raw: bytes, parents: Sequence[str], message: bytes) -> bytes:
    """The commit object `raw`, which `parse_commit` has accepted, with these parents and this message.

    git's own signature goes, as it would be wrong, and so does the copy of a merged tag (`mergetag`) that is not about
    one of the parents any more.
    """
    head = raw.partition(b"\n\n")[0]
    kept: list[bytes] = []
    for header in _headers(head.split(b"\n")):
        key = header.partition(b" ")[0]
        if key == b"tree":
            kept += [header, *[b"parent " + parent.encode("ascii") for parent in parents]]
        elif key not in (b"parent", *_SIGNATURES) and not (key == b"mergetag" and _tagged(header) not in parents):
            kept.append(header)
    return b"\n".join(kept) + b"\n\n" + message


def is_signed(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether git's own signature is among the headers of a commit."""
    return any(key in _SIGNATURES for key, _ in headers)


def store_commit(git: Git, raw: bytes) -> str:
    """Write a commit object; returns its id. git checks its form."""
    return git.run("hash-object", "-t", "commit", "-w", "--stdin", data=raw).decode("ascii").strip()


def move_ref(git: Git, ref: str, new: str, old: str, why: str) -> None:
    """Let `ref` name `new`, if it names `old` now; `HEAD` means the branch that is checked out, or HEAD if detached.

    Raises `Refused` if somebody else was faster.
    """
    try:
        git.run("update-ref", "-m", printable(why, 500), ref, new, old)
    except GitFailed as failed:
        raise Refused(
            f"{printable(ref)} was not moved: {failed.what}",
            why="it names another commit than a moment ago, or it is locked; nothing was changed",
            fix="look at it with: git status, then try again",
        ) from failed


def _headers(lines: list[bytes]) -> list[bytes]:
    """The headers, each with the lines that continue it."""
    headers: list[bytes] = []
    for line in lines:
        if line[:1] == b" " and headers:
            headers[-1] += b"\n" + line
        else:
            headers.append(line)
    return headers


def _tagged(header: bytes) -> str:
    """The id that a `mergetag` is about: the tag object begins with `object ID`."""
    return header.partition(b"\n")[0].rpartition(b" ")[2].decode("ascii", "replace")
