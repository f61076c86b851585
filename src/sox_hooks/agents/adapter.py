"""What one agent needs to be connected: where its hooks are configured, in which form, and how it is told no.

`agents/adapters/` has one small module an agent, named after its id in the catalogue.
"""

from __future__ import annotations

from sox_hooks.agents.verdict import PORTABLE
from sox_hooks.core.errors import UsageError
from sox_hooks.core.struct import Struct

# In the order in which they are listed. Module names: `-` becomes `_`.
IDS = (
    "claude-code", "codex", "gemini-cli", "qwen-code", "copilot-cli", "github-copilot", "opencode", "cursor",
    "windsurf", "devin", "amp", "crush", "cline", "aider",
)  # fmt: skip
ALIASES = {
    "claude": "claude-code", "gemini": "gemini-cli", "qwen": "qwen-code", "copilot": "copilot-cli",
    "vscode": "github-copilot", "vscode-copilot": "github-copilot",
}  # fmt: skip

# How an agent is told of its hooks.
# {"hooks": {EVENT: [{"matcher": .., "hooks": [{"type": "command", "command": .., "timeout": ..}]}]}}
NESTED = "nested"
# {"hooks": {EVENT: [{"command": .., "timeout": ..}]}}
FLAT = "flat"
# Files of our own in a folder: scripts, plug-ins. A marked block in a text file of the user's.
FILES, MARKED = "files", "marked"


class OwnFile(Struct):
    """A file that is ours alone. In `text`, `@@COMMAND@@` stands for our command as the shell takes it, and `@@ARGV@@`
    for the same as a JSON list; the phase is not in either."""

    name: str
    text: str
    executable: bool = False


class Adapter(Struct):
    """One agent.

    id        in the catalogue of tools; name: for people
    shape     see above
    project, user   path of the file (for `files`: of the folder) below the work tree, and below HOME; "" if none
    before, after   the agent's events
    form      how it is told no (`agents.verdict`)
    matcher   which of the agent's tools, in the agent's own sense; "" = all
    reading   the same for tools that read, which are asked about before they run only
    timeout   in the unit that the agent takes; 0 = the agent's default
    extra     further keys of every hook; before_extra: of hooks before a tool; scaffold: of a new file
    command_key, timeout_key   what the agent calls them
    files     for `files`; block: the text for `marked`
    boundary  what the guard is worth with this agent, one sentence
    bare      the level at which the events stand at the top of the file, and not in "hooks"; "" = at none
    imports   files of another agent whose hooks this one runs, too, below the work tree
    shares    the id of the adapter whose connection this one is, too; "" = it has its own
    remarks   what has to be done or known besides, one sentence each
    around    how the agent commits around git's hooks by itself, "" if it does not
    off_variables   variables that switch its hooks off without a word
    """

    id: str
    name: str
    shape: str
    project: str
    user: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    form: str = PORTABLE
    matcher: str = ""
    reading: str = ""
    timeout: int = 0
    extra: tuple[tuple[str, object], ...] = ()
    before_extra: tuple[tuple[str, object], ...] = ()
    scaffold: tuple[tuple[str, object], ...] = ()
    command_key: str = "command"
    timeout_key: str = "timeout"
    files: tuple[OwnFile, ...] = ()
    block: str = ""
    boundary: str = ""
    remarks: tuple[str, ...] = ()
    around: str = ""
    off_variables: tuple[str, ...] = ()
    bare: str = ""
    imports: tuple[str, ...] = ()
    shares: str = ""

    @property
    def called(self) -> str:
        """The agent that its command lines name."""
        return self.shares or self.id


def adapter_of(name: str) -> Adapter:
    """The adapter of an agent by id or short name. Raises `UsageError`."""
    known = ALIASES.get(name, name)
    if known not in IDS:
        raise UsageError(f"there is no agent {name[:60]!r} that can be connected", fix="one of: " + " ".join(IDS))
    module = __import__(f"sox_hooks.agents.adapters.{known.replace('-', '_')}", fromlist=("ADAPTER",))
    found: Adapter = module.ADAPTER
    return found
