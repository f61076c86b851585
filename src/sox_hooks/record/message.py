r"""The message file that a `commit-msg` hook edits, as git will clean it up afterwards.

What the hook sees is not what is stored. Below the text there may be comments, `# Conflicts:`, the scissors line and a
whole diff (`commit -v`), and which of these go depends on whether an editor was used and on `--cleanup`:

| `cleanup` | with an editor | without (`GIT_EDITOR=:`) |
|---|---|---|
| `default` | as `strip` | as `whitespace` |
| `strip` | comments go, white space is tidied | the same |
| `whitespace` | white space is tidied, comments stay | the same |
| `scissors` | as `whitespace`, and the scissors line and all below it go | as `whitespace` |
| `verbatim` | all stays | all stays |

With `-v` the scissors line counts in every mode that has an editor. (builtin/commit.c and sequencer.c of git 2.39.5:
`get_cleanup_mode`, `cleanup_message`, `wt_status_locate_end`, `append_conflicts_hint`.)

What is added here becomes the last paragraph of the stored message, or part of it, in all these cases: it is put below
the last line of text, and no blank line is left between it and comments that git may keep. So `git commit --no-edit`
after a conflict stores

    Signed-off-by: Alice Ng <alice@bank.example>
    AI-Assistance: none
    Sox-Record: ...
    # Conflicts:
    #	src/ledger.py

as one paragraph, from which both our reader and `git log --format=%(trailers)` take all trailers.

No byte of the text is changed: lines are only taken out (trailers that the caller names) and put in.

git itself changes bytes that are not UTF-8 when it makes the commit, see `core.text.in_utf8`.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct
from sox_hooks.core.text import in_utf8
from sox_hooks.core.trailers import WHITE

CLEANUPS = ("default", "strip", "whitespace", "verbatim", "scissors")
_CUT = b" ------------------------ >8 ------------------------\n"
# What `core.commentChar=auto` chooses from (adjust_comment_line_char in git's builtin/commit.c).
_AUTOMATIC = b"#;@!$%^&|:"
_SIGN_OFF = b"Signed-off-by: "


class Layout(Struct):
    """Where things stand in a message file. Numbers are indexes into `lines`.

    lines    the physical lines, with their ends
    block    where the last paragraph of text begins; equal to `end` if the only paragraph is the subject
    end      after the last line of text; what follows are blank lines, comments, `# Conflicts:` and the scissors
    scissors the scissors line; the number of lines if there is none
    comment  the comment string, dropped or not: git's readers of trailers skip lines that begin with it
    comments, cleanup, utf8  as given to `layout`
    """

    lines: tuple[bytes, ...]
    block: int
    end: int
    scissors: int
    comment: bytes
    comments: bool
    cleanup: str
    utf8: bool

    @property
    def dropped(self) -> bytes:
        """What lines begin with that git will drop; b"" if it drops none."""
        return _dropped(self.comment, self.comments, self.cleanup)

    @property
    def eol(self) -> bytes:
        """How the text's last line that has an end ends: LF or CR LF."""
        for line in reversed(self.lines[: self.end]):
            if line.endswith(b"\n") and _is_text(line, self.dropped):
                return b"\r\n" if line.endswith(b"\r\n") else b"\n"
        return b"\n"

    def again(self, raw: bytes) -> Layout:
        """The layout of another state of the same file."""
        return layout(raw, comments=self.comments, comment=self.comment, cleanup=self.cleanup, utf8=self.utf8)


def layout(raw: bytes, *, comments: bool, comment: bytes | None, cleanup: str = "default", utf8: bool = True) -> Layout:
    """Find out where the text of a message file ends and what of it git will keep.

    comments  whether an editor was used: false if `GIT_EDITOR` is `:`
    comment   `core.commentString` or `core.commentChar`; None if it is `auto`, then it is found out from what git wrote
    cleanup   `--cleanup` or `commit.cleanup`, one of `CLEANUPS`
    utf8      whether `i18n.commitEncoding` is UTF-8, as it is by default
    """
    lines = _split(raw)
    scissors = _scissors(lines, comment) if comments else len(lines)
    if comment is None:
        comment = _automatic(lines, scissors)
        scissors = _scissors(lines, comment) if comments else len(lines)
    dropped = _dropped(comment, comments, cleanup)
    # With an editor git writes hints below the text in these modes, too, and keeps what the person leaves of them.
    hints = comment if comments and cleanup in ("whitespace", "verbatim") else b""
    end = _end_of_text(lines, scissors, dropped or hints, 0 if dropped else _end_of_subject(lines))
    block = end
    while block and lines[block - 1].strip(WHITE):
        block -= 1
    if not any(_is_text(line, dropped) for line in lines[:block]):
        block = end
    return Layout(tuple(lines), block, end, scissors, comment, comments, cleanup, utf8)


def stored(message: Layout) -> bytes:
    """The message as git will store it (its clean-up, done here)."""
    lines = message.lines[: message.scissors]
    if message.cleanup == "verbatim":
        text = b"".join(lines)
    else:
        dropped = message.dropped
        text = _tidied([line for line in lines if not is_dropped(line, dropped)])
    return in_utf8(text) if message.utf8 else text


def aborts(message: Layout, template: bytes = b"") -> bool:
    """Whether git will refuse this message as empty, or as a template that was not filled in.

    Such a message must stay as it is: what a hook adds would make a commit of what the person called off. As git has it
    (`message_is_empty`, `template_untouched`), sign-offs alone are no message. `template` is the content of the file
    that `-t` or `commit.template` names.
    """
    dropped = message.dropped
    if not any(_is_text(line, dropped) for line in message.lines[: message.end]):
        return True
    if message.cleanup == "verbatim":
        return False
    text = stored(message)
    if template:
        lines = _split(template)
        text = text.removeprefix(stored(message.replace(lines=tuple(lines), scissors=len(lines))))
    return all(not line.strip(WHITE) or line.startswith(_SIGN_OFF) for line in text.split(b"\n"))


def is_dropped(line: bytes, dropped: bytes) -> bool:
    """Whether git drops this line, given `Layout.dropped`."""
    return bool(dropped) and line.startswith(dropped)


def _tidied(lines: list[bytes]) -> bytes:
    tidy: list[bytes] = []
    for line in lines:
        text = line.rstrip(WHITE)
        if text or (tidy and tidy[-1]):
            tidy.append(text)
    if tidy and not tidy[-1]:
        tidy.pop()
    return b"".join([line + b"\n" for line in tidy])


def _split(raw: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in raw.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    if not lines[-1]:
        lines.pop()
    return lines


def _dropped(comment: bytes, comments: bool, cleanup: str) -> bytes:
    return comment if cleanup == "strip" or (cleanup == "default" and comments) else b""


def _is_text(line: bytes, dropped: bytes) -> bool:
    return bool(line.strip(WHITE)) and not is_dropped(line, dropped)


def _scissors(lines: list[bytes], comment: bytes | None) -> int:
    # Whatever is added below a line without an end gives it one.
    cuts = [number for number, line in enumerate(lines) if line.endswith((_CUT, _CUT[:-1]))]
    if comment is not None:
        exact = comment + _CUT
        for number in cuts:
            if lines[number] in (exact, exact[:-1]):
                return number
    # Another prefix than we were told of: only if the line below is git's own, too.
    for number in cuts:
        prefix = lines[number].removesuffix(_CUT)
        below = b"".join(lines[number + 1 : number + 2])
        if prefix and not prefix.isalnum() and below.startswith(prefix + b" "):
            return number
    return len(lines)


def _automatic(lines: list[bytes], scissors: int) -> bytes:
    """The comment character that `core.commentChar=auto` has chosen, as far as what git wrote below the text tells."""
    if scissors < len(lines):
        return lines[scissors][: -len(_CUT)]
    found = b""
    count = 0
    for line in reversed(lines):
        text = line.rstrip(WHITE)
        if not text:
            continue
        first = text[:1]
        if first not in _AUTOMATIC or text[1:2] not in (b"", b" ", b"\t") or (found and first != found):
            break
        found = first
        count += 1
    return found if count > 1 else b"#"


def _end_of_subject(lines: list[bytes]) -> int:
    seen = False
    for number, line in enumerate(lines):
        if line.strip(WHITE):
            seen = True
        elif seen:
            return number
    return len(lines) if seen else 0


def _end_of_text(lines: list[bytes], scissors: int, comment: bytes, least: int) -> int:
    end = scissors
    while end > least:
        begin = _conflicts(lines, end) if _is_text(lines[end - 1], comment) else end - 1
        if begin < 0:
            break
        end = begin
    return end


def _conflicts(lines: list[bytes], end: int) -> int:
    """Where the list of conflicts that ends before `end` begins, -1 if there is none.

    Its prefix is whatever was the comment string when the merge stopped. Without a prefix it is the form of git before
    2.2, which git still looks for. With `commit.cleanup=scissors` the scissors line stands above it.
    """
    prefix, tab, _ = lines[end - 1].partition(b"\t")
    if not tab or prefix.isalnum():
        return -1
    start = end - 1
    while start and lines[start].startswith(prefix + b"\t"):
        start -= 1
    if lines[start].rstrip(WHITE) != (prefix + b" Conflicts:" if prefix else b"Conflicts:"):
        return -1
    # Between the two stand a few lines of git's own, in the user's language.
    for above in range(start - 1, max(start - 9, -1), -1):
        if not prefix or not lines[above].startswith(prefix):
            break
        if lines[above] == prefix + _CUT:
            return above
    return start
