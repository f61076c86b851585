"""Reading a shell command line far enough to see which simple commands it plainly consists of.

Not a shell: nothing is expanded. What depends on a variable, on a substitution's output or on a file is not known, and
a word that holds such a thing says so (`plain` is False). The grammar is that of POSIX, XCU 2.2 to 2.7, with bash's
`&>`, `>|`, `<<<` and `$'...'`.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct

MOST_CHARACTERS = 1 << 16
_MOST_COMMANDS = 400
_BLANK = " \t\r"
_RESERVED = (
    "if", "then", "elif", "else", "fi", "do", "done", "while", "until", "for", "in",
    "case", "esac", "!", "{", "}", "time", "function", "coproc",
)  # fmt: skip


class Word(Struct):
    """One word without its quotes; `plain` is False where the shell would put something else in its place."""

    text: str
    plain: bool = True


class Command(Struct):
    """One simple command: NAME=VALUE words in front, the words, the files that its output is redirected to."""

    assignments: tuple[str, ...]
    words: tuple[Word, ...]
    outputs: tuple[Word, ...]
    bodies: tuple[str, ...] = ()  # of here-documents and here-strings
    inputs: tuple[Word, ...] = ()  # the files behind `<`

    @property
    def name(self) -> str:
        """What is run, without its folder; "" if only a variable says so."""
        return self.words[0].text.rpartition("/")[2] if self.words and self.words[0].plain else ""

    def texts(self) -> list[str]:
        """The words after the name."""
        return [word.text for word in self.words[1:]]


def commands_of(text: str) -> tuple[Command, ...]:
    """The simple commands of a command line, those inside `$(...)`, backquotes and `( )` too."""
    reader = _Reader(text[:MOST_CHARACTERS])
    reader.read()
    return tuple(reader.found[:_MOST_COMMANDS])


class _Reader:
    """One pass over the text."""

    def __init__(self, text: str, depth: int = 0) -> None:
        self.text = text
        self.depth = depth
        self.at = 0
        self.found: list[Command] = []
        self._start()

    def _start(self) -> None:
        self.words: list[Word] = []
        self.outputs: list[Word] = []
        self.inputs: list[Word] = []
        self.bodies: list[str] = []
        self.awaited: list[tuple[str, bool]] = []  # end marks of here-documents, and whether tabs are stripped
        self.redirect = ""

    def read(self) -> None:
        text, size = self.text, len(self.text)
        while self.at < size and len(self.found) <= _MOST_COMMANDS:
            char = text[self.at]
            if char in _BLANK:
                self.at += 1
            elif char == "#":
                end = text.find("\n", self.at)
                self.at = size if end < 0 else end
            elif char == "\n":
                self.at += 1
                self._documents()
                self._end()
            elif char in "<>" or (char == "&" and text[self.at + 1 : self.at + 2] == ">"):
                self._redirection()
            elif char in ";|&()":
                self.at += 1
                if not self.awaited:
                    self._end()
                else:  # `cat <<E | sh`: the document follows after this line
                    self._end(keep_documents=True)
            else:
                self._word()
        self._end()

    def _end(self, keep_documents: bool = False) -> None:
        words = self.words
        while words and words[0].plain and words[0].text in _RESERVED:
            words = words[1:]
        assignments = []
        while words and _is_assignment(words[0].text):
            assignments.append(words[0].text)
            words = words[1:]
        if words or assignments or self.outputs or self.inputs:
            files = (tuple(self.outputs), tuple(self.bodies), tuple(self.inputs))
            self.found.append(Command(tuple(assignments), tuple(words), *files))
        awaited = self.awaited
        self._start()
        if keep_documents:
            self.awaited = awaited

    def _documents(self) -> None:
        """The bodies of the here-documents that the line before announced."""
        for mark, tabs in self.awaited:
            lines = []
            while self.at < len(self.text):
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line = self.text[self.at : end]
                self.at = end + 1
                if (line.lstrip("\t") if tabs else line) == mark:
                    break
                lines.append(line)
            self.bodies.append("\n".join(lines))
        self.awaited = []

    def _redirection(self) -> None:
        text = self.text
        operator = next(one for one in ("&>>", "&>", "<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">|", ">&", ">")
                        if text.startswith(one, self.at))  # fmt: skip
        self.at += len(operator)
        if operator in ("<", ">") and text.startswith("(", self.at):  # process substitution
            return
        # A number right before it is a file descriptor, no word.
        before = self.at - len(operator) - 1
        if self.words and self.words[-1].text.isdigit() and text[before : before + 1].isdigit():
            self.words.pop()
        self.redirect = operator

    def _word(self) -> None:
        word = self._read_word()
        redirect, self.redirect = self.redirect, ""
        if not redirect:
            self.words.append(word)
        elif redirect in ("<<", "<<-"):
            self.awaited.append((word.text, redirect == "<<-"))
        elif redirect == "<<<":
            self.bodies.append(word.text)
        elif redirect == ">&" and (word.text == "-" or word.text.isdigit()):
            pass
        elif redirect == "<":
            self.inputs.append(word)
        elif redirect in (">", ">>", ">|", ">&", "&>", "&>>", "<>"):
            self.outputs.append(word)

    def _read_word(self) -> Word:
        text, size = self.text, len(self.text)
        buffer: list[str] = []
        plain = True
        while self.at < size:
            char = text[self.at]
            if char in _BLANK or char in "\n;|&()<>":
                break
            if char == "\\":
                if text[self.at + 1 : self.at + 2] != "\n":
                    buffer.append(text[self.at + 1 : self.at + 2])
                self.at += 2
            elif char == "'":
                buffer.append(self._quoted(self.at + 1))
            elif char == '"':
                plain = self._double(buffer) and plain
            elif char == "$" and text[self.at + 1 : self.at + 2] == "'":
                buffer.append(self._quoted(self.at + 2))
            elif char in "$`":
                plain = self._expansion(buffer) and plain
            else:
                buffer.append(char)
                self.at += 1
        return Word("".join(buffer), plain)

    def _quoted(self, start: int) -> str:
        end = self.text.find("'", start)
        end = len(self.text) if end < 0 else end
        self.at = end + 1
        return self.text[start:end]

    def _double(self, buffer: list[str]) -> bool:
        text, size = self.text, len(self.text)
        plain = True
        self.at += 1
        while self.at < size and text[self.at] != '"':
            char = text[self.at]
            if char == "\\" and text[self.at + 1 : self.at + 2] in ('"', "\\", "$", "`", "\n"):
                if text[self.at + 1] != "\n":
                    buffer.append(text[self.at + 1])
                self.at += 2
            elif char in "$`":
                plain = self._expansion(buffer) and plain
            else:
                buffer.append(char)
                self.at += 1
        self.at += 1
        return plain

    def _expansion(self, buffer: list[str]) -> bool:
        """A `$` or a backquote: read what is inside as commands of its own. Whether it left the word plain."""
        text = self.text
        if text.startswith("$(", self.at) and not text.startswith("$((", self.at):
            self.at = self._inside(self.at + 2, ")")
            return False
        if text[self.at] == "`":
            self.at = self._inside(self.at + 1, "`")
            return False
        following = text[self.at + 1 : self.at + 2]
        if not (following.isalnum() or following in ("_", "{", "?", "!", "@", "*", "#", "-", "$", "(")):
            buffer.append("$")
            self.at += 1
            return True
        end = self.at + 1
        if following == "{":
            end = text.find("}", end)
            end = len(text) if end < 0 else end + 1
        else:
            while end < len(text) and (text[end].isalnum() or text[end] == "_"):
                end += 1
            end = max(end, self.at + 2)
        buffer.append(text[self.at : end])
        self.at = end
        return False

    def _inside(self, start: int, closing: str) -> int:
        """Read a substitution up to its end; returns the place behind it."""
        depth, at, quote = 1, start, ""
        while at < len(self.text):
            char = self.text[at]
            if char == "\\":
                at += 2
                continue
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"" and closing == ")":
                quote = char
            elif char == closing:
                depth -= 1
            elif char == "(" and closing == ")":
                depth += 1
            if depth == 0:
                break
            at += 1
        if self.depth < 5:
            inner = _Reader(self.text[start:at], self.depth + 1)
            inner.read()
            self.found += inner.found
        return at + 1


def _is_assignment(text: str) -> bool:
    name, equals, _ = text.partition("=")
    return bool(equals) and name.rstrip("+").isidentifier()
