"""What an agent's tool does, and which paths a call of it names.

One table for all agents: names travel. Copilot runs Claude's hooks under Claude's names with arguments of its own,
Cursor too, and every agent renames its tools now and then. A tool that is not in the table is judged by the words
of its name.
"""

from __future__ import annotations

from sox_hooks.agents import payload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def names(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


EDIT, READ, SHELL, OTHER = "edit", "read", "shell", "other"

# Names without case, blanks and punctuation. From the agents' documentation, and measured where they could be run.
_EDITS = names(
    "write edit multiedit notebookedit applypatch gitapplypatch writefile replace create strreplace strreplaceeditor"
    " strreplacebasededittool createfile editfile undoedit replaceinfile writetofile editor delete deletefile"
    " renamefile movefile inserteditintofile copilotinsertedit copilotreplacestring vscodeeditfileinternal"
    " replacestringinfile multireplacestringinfile codeaction renamesymbol deletesymbol rename searchreplace"
    " insertcontent applydiff"
    " writecode prewritecode postwritecode tabwrite afterfileedit aftertabfileedit editnotebook editnotebookfile"
    " createdirectory fileedit filewrite"
)
_SHELLS = names(
    "bash shell execcommand shellcommand runshellcommand runinterminal executecommand runcommands runcommand execute"
    " terminal localshellcall powershell multitooluseparallel localshell unifiedexec containerexec runterminalcmd"
    " prerunwcommand preruncommand beforeshellexecution aftershellexecution bashtool"
)
_OTHERS = names(
    "todowrite todoread writetodos updatetodos savememory updateplan updatetopic task agent exitplanmode enterplanmode"
    " websearch webfetch askuserquestion createplan"
)
_EDIT_WORDS = names(
    "write edit create delete remove rename move replace patch insert append update save modify overwrite"
)
_READ_WORDS = names("read view get list ls glob grep search find fetch open cat show")
_PATHS = names(
    "filepath path file filename paths files filepaths notebookpath targetfile targetpath target oldpath newpath"
    " oldfilepath newfilepath source sourcepath sourcefile destination destinationpath dest uri fileuri absolutepath"
    " absolutefilepath relativepath relativeworkspacepath willeditfilepaths editedfilepaths from to"
    " olduri newuri"
)
# Tools that give names of files and not what is in them.
_LISTING_WORDS = names("list ls glob tree")
_COMMANDS = ("command", "cmd", "commands", "script", "commandline")
_PATCHES = names("patch input diff command content patchtext")
_ENVELOPE = "*** Begin Patch"
_MARKS = ("*** Update File: ", "*** Add File: ", "*** Delete File: ", "*** Move to: ")
_DIFF_MARKS = ("--- ", "+++ ", "rename from ", "rename to ", "copy to ")


def plain(name: str) -> str:
    """A tool's name without namespace, case and punctuation: `functions.apply_patch` is `applypatch`."""
    return "".join([char for char in name.removeprefix("functions.").lower() if char.isalnum()])


def kind_of(name: str, arguments: Any) -> str:
    """`edit`, `read`, `shell` or `other`."""
    folded = plain(name)
    if folded in _EDITS:
        # One tool of several agents has the verb in an argument.
        return READ if payload.text(arguments, "command") == "view" else EDIT
    if folded in _SHELLS:
        return SHELL
    if folded in _OTHERS:
        return OTHER
    words = _words(name)
    if words & _EDIT_WORDS:
        return EDIT
    if words & _READ_WORDS:
        return READ
    return SHELL if commands_in(arguments) else OTHER


def lists_only(name: str) -> bool:
    """Whether a reading tool gives no more than names of files."""
    return bool(_words(name) & _LISTING_WORDS)


def patterns_in(name: str, arguments: Any) -> tuple[str, ...]:
    """The patterns of file names by which a reading tool is told what to read, or to list."""
    keys = ("include", "pattern") if lists_only(name) else ("include",)
    found = [one for key, value in payload.fields(arguments) if key in keys
             for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]  # fmt: skip
    return tuple([path for path in map(payload.clean_path, found) if path])


def _words(name: str) -> set[str]:
    spaced = "".join([f" {char}" if char.isupper() else char if char.isalnum() else " " for char in name])
    return set(spaced.lower().split())


def paths_in(name: str, arguments: Any) -> tuple[str, ...]:
    """Every path that a call of an editing (or reading) tool names, in order, none twice."""
    found: dict[str, None] = {}
    if isinstance(arguments, str):
        found.update(dict.fromkeys(patch_paths(arguments)))
        if not found and "\n" not in arguments:
            found[arguments] = None
    patching = "patch" in plain(name)
    for key, value in payload.fields(arguments):
        if key in _PATHS:
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str) and "\n" not in one:
                    found[one] = None
                elif isinstance(one, str):
                    found.update(dict.fromkeys(patch_paths(one)))
        # The content of a file may well be about patches; it is one only where it begins as one.
        if key in _PATCHES and isinstance(value, str) and (patching or value.lstrip().startswith(_ENVELOPE)):
            found.update(dict.fromkeys(patch_paths(value)))
    return tuple([path for path in map(payload.clean_path, found) if path])


def commands_in(arguments: Any) -> tuple[str, ...]:
    """The command lines of a call of a shell tool."""
    if isinstance(arguments, str):
        return (arguments,)
    found: list[str] = []
    for key, value in payload.fields(arguments):
        if key not in _COMMANDS:
            continue
        value = payload.opened(value)
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            # Codex and Gemini have given argument vectors here, Cline gives a list of command lines.
            found += value if key == "commands" else [argv_text(value)]
        elif isinstance(value, list):
            found += [text for one in value for text in [payload.text(one, *_COMMANDS)] if text]
    return tuple(found)


def argv_text(argv: list[str]) -> str:
    """An argument vector as a command line that means the same."""
    return " ".join(["'" + word.replace("'", "'\\''") + "'" for word in argv])


def patch_paths(text: str) -> list[str]:
    """The paths that a patch touches, in the form that Codex made or in a unified diff; both ends of a rename."""
    found = []
    envelope = _ENVELOPE in text
    for line in text.splitlines():
        line = line.strip()
        if envelope:
            mark = next((mark for mark in _MARKS if line.startswith(mark)), "")
            if mark:
                found.append(line[len(mark) :].strip())
            continue
        mark = next((mark for mark in _DIFF_MARKS if line.startswith(mark)), "")
        if mark:
            path = line[len(mark) :].partition("\t")[0].strip().strip('"')
            if mark in ("--- ", "+++ ") and path.startswith(("a/", "b/")):
                path = path[2:]
            if path and path != "/dev/null":
                found.append(path)
    return found


def shell_patch_paths(command: str) -> list[str]:
    """The paths of a patch that travels inside a command line (`apply_patch <<'PATCH'`)."""
    return patch_paths(command[command.index(_ENVELOPE) :]) if _ENVELOPE in command else []
