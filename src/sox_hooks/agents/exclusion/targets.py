"""Which file is for which agent, in which format. A new file is one entry here.

`tools` are all that read the file, by their ids in the catalogue: it closes what the policy refuses to one of them.
"""

from __future__ import annotations

from sox_hooks.agents.adapter import ALIASES
from sox_hooks.agents.exclusion.codex_profile import CodexProfile
from sox_hooks.agents.exclusion.formats import IgnoreFile
from sox_hooks.agents.exclusion.json_formats import DenyList, DenyMap
from sox_hooks.agents.exclusion.spelling import claude, cursor
from sox_hooks.core.errors import UsageError
from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.agents.exclusion.formats import Format


class Target(Struct):
    """One file, below the top of the work tree. `rival`: a file whose word of `rival_key` would overrule this one."""

    tools: tuple[str, ...]
    file: str
    format: Format
    rival: str = ""
    rival_key: str = ""


_LINES = IgnoreFile()
TARGETS = (
    Target(("claude-code",), ".claude/settings.json", DenyList(claude, "Edit", "Read", "/")),
    Target(("codex",), ".codex/config.toml", CodexProfile()),
    Target(("cursor",), ".cursor/cli.json", DenyList(cursor, "Write", "Read", "", ("allow",))),
    Target(("cursor",), ".cursorignore", _LINES),
    Target(("opencode",), "opencode.json", DenyMap("https://opencode.ai/config.json"), "opencode.jsonc", "permission"),
    Target(("gemini-cli",), ".geminiignore", _LINES),
    # An empty one hides everything (documentation of Gemini Code Assist).
    Target(("gemini-code-assist",), ".aiexclude", IgnoreFile("/.sox-hooks-nothing-is-refused")),
    Target(("qwen-code",), ".qwenignore", _LINES),
    Target(("aider",), ".aiderignore", _LINES),
    Target(("windsurf", "devin"), ".devinignore", _LINES),
    Target(("windsurf", "devin"), ".codeiumignore", _LINES),  # the older name
    Target(("cline",), ".clineignore", _LINES),
    Target(("junie", "jetbrains-ai"), ".aiignore", _LINES),
)
AGENTS = tuple(dict.fromkeys([tool for target in TARGETS for tool in target.tools]))


def targets_of(name: str) -> tuple[Target, ...]:
    """The files that an agent reads, by its id or short name. Raises `UsageError`."""
    known = name if name in AGENTS else ALIASES.get(name, name)
    found = tuple([target for target in TARGETS if known in target.tools])
    if not found:
        raise UsageError(
            f"there is no file that tells {name[:60]!r} what to leave alone", fix="one of: " + " ".join(AGENTS)
        )
    return found
