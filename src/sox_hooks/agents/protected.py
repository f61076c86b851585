"""Files that no agent may edit, whatever the policy says about tools: what tells agents and git to ask us."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.agents.places import Place, Root

# In the work tree, and the same below HOME. Each switches hooks off or on for an agent, or for git.
_FILES = (
    ".claude/settings.json", ".claude/settings.local.json", ".codex/hooks.json", ".codex/config.toml",
    ".gemini/settings.json", ".gemini/trustedfolders.json", ".qwen/settings.json", ".cursor/hooks.json",
    ".windsurf/hooks.json", ".codeium/hooks.json", ".codeium/windsurf/hooks.json", ".devin/hooks.v1.json",
    ".devin/config.json", ".devin/config.local.json", ".config/devin/config.json", ".amp/settings.json",
    ".config/amp/settings.json",
    "crush.json", ".crush.json", ".config/crush/crush.json", ".copilot/config.json", ".aider.conf.yml",
    ".gitconfig", ".config/git/config",
    ".cursor/cli.json", ".cursor/cli-config.json", "opencode.json", "opencode.jsonc", ".opencode/opencode.json",
    ".opencode/opencode.jsonc", ".config/opencode/opencode.json", ".config/opencode/opencode.jsonc",
)  # fmt: skip
# In any folder: one that lies deeper may take out again what another has closed.
_IGNORE_FILES = (
    ".aiderignore", ".aiexclude", ".aiignore", ".clineignore", ".codeiumignore", ".cursorignore", ".devinignore",
    ".geminiignore", ".qwenignore", ".windsurfignore",
)  # fmt: skip
_FOLDERS = (
    ".sox", ".husky", ".github/hooks", ".copilot/hooks", ".opencode/plugins", ".opencode/plugin",
    ".config/opencode/plugins", ".config/opencode/plugin", ".amp/plugins", ".config/amp/plugins", ".clinerules/hooks",
    ".cline/hooks", "documents/cline/hooks", ".config/git/hooks",
)  # fmt: skip
# Files of hook managers: of pre-commit, prek and lefthook.
_HOSTS = (".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml", "lefthook.yml", "lefthook.yaml",
          ".lefthook.yml", ".lefthook.yaml", "lefthook-local.yml", "lefthook.toml")  # fmt: skip
_MOST_BYTES = 1 << 20


def protected(place: Place, grounds: tuple[Root, ...], hooks_paths: tuple[str, ...], home: str) -> str:
    """What a place is to the controls, in words; "" if an agent may edit it as far as they are concerned.

    `grounds` are the governed work trees, `hooks_paths` their `core.hooksPath` as absolute folders.
    """
    for root in grounds:
        for folder in dict.fromkeys((root.git_dir, root.common_dir)):
            if place.absolute == folder or _governs_git(_below(place.absolute, folder)):
                return "it belongs to git's hooks and configuration"
    if any(place.absolute == path or _below(place.absolute, path) for path in hooks_paths):
        return "it is where git looks for hooks"
    names = [place.path] if place.root is not None and place.root in grounds else []
    if home and _below(place.absolute, home):
        names.append(_below(place.absolute, home))
    for name in names:
        folded = name.lower()
        if folded in _HOSTS and _runs_us(place.absolute):
            return "it runs our hooks"
        if folded.rpartition("/")[2] in _IGNORE_FILES:
            return "it tells agents what to leave alone"
        if folded in _FILES or any(folded == folder or folded.startswith(folder + "/") for folder in _FOLDERS):
            return "it is the policy" if folded.split("/")[0] == ".sox" else "it connects hooks to agents or to git"
    return ""


def _runs_us(path: str) -> bool:
    """Whether a file of a hook manager, or what a link there leads to, names us."""
    try:
        with open(path, "rb") as file:
            return b"sox-hooks" in file.read(_MOST_BYTES)
    except OSError:
        return False


def _governs_git(path: str) -> bool:
    """Whether a path in a git directory is about hooks or settings, those of linked work trees and submodules too.

    `info` and the message files are left to the agent.
    """
    parts = path.split("/")
    if parts[0] in ("worktrees", "modules"):
        parts = parts[1:]
        return "hooks" in parts or parts[-1] in ("config", "config.worktree")
    return parts[0] in ("hooks", "config", "config.worktree", "sox-hooks")


def _below(path: str, folder: str) -> str:
    """`path` relative to `folder` if it is inside, else ""; upper and lower case do not matter."""
    start = folder.rstrip("/").lower() + "/"
    return path[len(start) :].lower() if path.lower().startswith(start) else ""


def hooks_path(root: Root, value: str) -> tuple[str, ...]:
    """The folder that `core.hooksPath` names, if it is inside the work tree or absolute."""
    if not value:
        return ()
    return (os.path.realpath(os.path.join(root.top, os.path.expanduser(value))),)
