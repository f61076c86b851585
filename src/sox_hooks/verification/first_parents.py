"""Finding landed commits by what another message says of them, where it gives no commit id.

A forge that squashes writes its own message: of `git revert`'s there is left `Revert "SUBJECT"`, and `Reverts
owner/name#12` (GitHub) or `This reverts merge request !12` (GitLab). What is found here is a candidate and no more: its
tree decides.
"""

from __future__ import annotations

import re

from sox_hooks.git.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.git.commits import RawCommit
    from sox_hooks.git.room import CleanRoom

# What forges append to the subject of a squash or a merge.
_SUFFIX = re.compile(rb" \([#!][0-9]{1,9}\)\Z")
_REVERTS = re.compile(
    rb"^(?:Reverts [\w./-]{0,200}#|This reverts merge request [\w./-]{0,200}!)([0-9]{1,9})\b", re.MULTILINE
)
# "Title (#7)", "Merge pull request #7 from ...", "See merge request group/project!7".
_NUMBERS = (
    re.compile(rb"\([#!]([0-9]{1,9})\)\Z"),
    re.compile(rb"\AMerge pull request #([0-9]{1,9}) from "),
)
_REQUEST = re.compile(rb"^See merge request [\w./-]{0,200}!([0-9]{1,9})[ \t\r]*$", re.MULTILINE)
# So many candidates are tried for one commit, the newest first: each costs a merge.
_MOST = 8


class FirstParents:
    """The first-parent line of a protected branch, read once and only if somebody asks: 150 bytes a commit."""

    def __init__(self, room: CleanRoom, tip: str) -> None:
        self._room = room
        self._tip = tip
        self._line: list[bytes] | None = None  # newest first
        self._place: dict[bytes, int] = {}
        self._named: dict[int, list[int]] = {}  # by the hash of a subject, or of the number of a request

    def reverted_by(self, commit: RawCommit) -> list[str]:
        """The commits before `commit` that its message may mean, the newest first; none without such a message."""
        names = list(_meant(commit.message))
        if not names:
            return []
        if self._line is None:
            self._line = list(self._read())
        base = self._place.get(bytes.fromhex(commit.parents[0]))
        if base is None:
            return []
        places = {place for name in names for place in self._named.get(hash(name), ()) if place >= base}
        return [self._line[place].hex() for place in sorted(places)[:_MOST]]

    def _read(self) -> Iterator[bytes]:
        arguments = ("log", "-z", "--first-parent", "--format=tformat:%H%n%B", "--encoding=none")
        quiet = ("--no-show-signature", "--no-notes", "--no-mailmap")
        stream = Stream(self._room.git.start(*arguments, *quiet, self._tip), None)
        rest = b""
        count = 0
        for block in stream.rest():
            *messages, rest = (rest + block).split(b"\0")
            for message in messages:
                oid, _, text = message.partition(b"\n")
                own = bytes.fromhex(oid.decode("ascii"))
                self._place[own] = count
                for name in _called(text):
                    self._named.setdefault(hash(name), []).append(count)
                count += 1
                yield own


def _meant(message: bytes) -> Iterator[bytes | int]:
    """The subjects, and the numbers of requests, that the message of a revert gives for what it reverts."""
    subject = _subject(message)
    for text in dict.fromkeys((subject, _SUFFIX.sub(b"", subject))):
        if text.startswith(b'Revert "') and text.endswith(b'"'):
            yield text[8:-1]
        elif text.startswith(b'Reapply "'):  # since git 2.43: the revert of `Revert "..."`
            yield b'Revert "' + text[9:]
    for number in _REVERTS.findall(message):
        yield int(number)


def _called(message: bytes) -> Iterator[bytes | int]:
    """What a landed commit can be called by."""
    subject = _subject(message)
    yield from dict.fromkeys((subject, _SUFFIX.sub(b"", subject)))
    found = [match for pattern in _NUMBERS if (match := pattern.search(subject))]
    found += [match for match in [_REQUEST.search(message)] if match]
    for match in found:
        yield int(match[1])


def _subject(message: bytes) -> bytes:
    return message.lstrip(b"\n").partition(b"\n")[0]
