"""Commands by which an agent would go around the git hooks, and commits that it makes itself."""

from __future__ import annotations

from sox_hooks.agents.shell import Step, git_command

# git's commands that make commits, so run hooks.
_COMMITS = ("commit", "merge", "cherry-pick", "revert", "rebase", "am", "pull")
_VERIFYING = (*_COMMITS, "push")
# Options of `git commit` whose value may stand in the same word: `-mno` is a message, `-nm x` skips the hooks.
_COMMIT_VALUES = "mFCctSu"
# Variables that switch hooks off, and how: husky, lefthook, pre-commit and prek (their documentation), git itself.
_SWITCHES = {"HUSKY": ("0",), "LEFTHOOK": ("0", "false"), "HUSKY_SKIP_HOOKS": ("1", "true")}
_SKIPPING = ("SKIP", "PREK_SKIP", "LEFTHOOK_EXCLUDE")


def bypass(step: Step) -> str:
    """What goes around the hooks in a command, in words; "" if nothing plainly does."""
    command = step.command
    settings = list(command.assignments)
    if command.name in ("export", "declare", "typeset", "set"):
        settings += command.texts()
    switched = next(filter(None, map(_switch, settings)), "")
    if switched:
        return switched
    words = list(command.words[1:])
    texts = command.texts()
    if command.name == "git":
        return _git(texts, [word.text for word in git_command(words)[1]])
    if command.name == "sox-hooks":
        undoes = {"uninstall", "enrol", "revoke"} & set(texts[:2]) or (
            "ignore-files" in texts[:2] and "--remove" in texts
        )
        return f"sox-hooks {' '.join(texts[:2])}" if undoes else ""
    if command.name in ("pre-commit", "prek", "lefthook") and texts[:1] == ["uninstall"]:
        return f"{command.name} uninstall"
    return ""


def _switch(setting: str) -> str:
    name, _, value = setting.partition("=")
    value = value.strip("'\"")
    if name in _SWITCHES and value.lower() in _SWITCHES[name]:
        return setting
    if name in _SKIPPING and "sox" in value.lower():
        return setting
    if name.startswith("SOX_HOOKS_"):
        return name
    if name.startswith("GIT_CONFIG") and _is_control(value):
        return name
    return name if name == "GIT_CONFIG_PARAMETERS" and "hookspath" in value.lower() else ""


def _is_control(text: str) -> bool:
    """Whether a setting (`key` or `key=value`) is one by which git finds hooks, or we find the policy; what is included
    may hold any."""
    key = text.partition("=")[0].strip("'\" ").lower()
    return key in ("core.hookspath", "include.path") or key.startswith(("sox.", "includeif."))


def _git(words: list[str], rest: list[str]) -> str:
    before = words[: len(words) - len(rest)]
    for at, word in enumerate(before):
        value = before[at + 1] if word in ("-c", "--config-env") and at + 1 < len(before) else ""
        setting = value or word.removeprefix("--config-env=")
        # An alias that a command brings along hides what it does.
        if _is_control(setting) or (word == "-c" and setting.lower().startswith("alias.")):
            return f"git -c {setting.partition('=')[0]}"
    if not rest:
        return ""
    name, options = rest[0], rest[1:]
    if name == "config":
        return _git_config(options)
    if name in ("commit-tree", "fast-import"):
        return f"git {name}, which makes commits without hooks"
    if name in ("update-ref", "replace") or (name == "symbolic-ref" and any("refs/" in one for one in options[1:])):
        return f"git {name}, which may change what the policy is read from"
    if name not in _VERIFYING:
        return ""
    at = 0
    while at < len(options) and options[at] != "--":
        option = options[at]
        # git takes every beginning that is not ambiguous (gitcli(7)).
        if len(option) >= len("--no-ver") and "--no-verify".startswith(option):
            return f"git {name} {option}"
        if name == "commit" and _skips(option):
            return f"git commit {option}"
        at += 2 if _takes_next(option) else 1
    return ""


def _takes_next(option: str) -> bool:
    """Whether the next word is the value of this one (of `git commit`, and close enough for the others)."""
    if option.startswith("--"):
        return option in ("--message", "--file", "--author", "--date", "--template", "--cleanup", "--trailer")
    letters = option[1:] if option.startswith("-") else ""
    first = next((at for at, letter in enumerate(letters) if letter in _COMMIT_VALUES), -1)
    return first >= 0 and first == len(letters) - 1 and letters[first] in "mFCct"


def _skips(option: str) -> bool:
    """Whether a word of short options holds -n."""
    if not option.startswith("-") or option.startswith("--"):
        return False
    for letter in option[1:]:
        if letter == "n":
            return True
        if letter in _COMMIT_VALUES:
            return False
    return False


def _git_config(options: list[str]) -> str:
    key = next((at for at, option in enumerate(options) if _is_control(option)), -1)
    if "--remove-section" in options or "--rename-section" in options:
        return "git config, which changes the section core" if "core" in options else ""
    if key < 0:
        return ""
    changing = {"--unset", "--unset-all", "--replace-all", "--add", "set", "unset"} & set(options)
    reading = {"--get", "--get-all", "get", "--show-origin"} & set(options[:key])
    values = [option for option in options[key + 1 :] if not option.startswith("-")]
    return f"git config {options[key]}" if changing or (values and not reading) else ""


def commits(step: Step) -> bool:
    """Whether the command is one of git's that make commits."""
    if step.command.name != "git":
        return False
    rest = git_command(list(step.command.words[1:]))[1]
    return bool(rest) and rest[0].text in _COMMITS
