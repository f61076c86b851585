"""git's configuration, read with one process."""

from __future__ import annotations

from sox_hooks.core.errors import ConfigError
from sox_hooks.core.text import decode, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sox_hooks.core.process import Process, Result
    from sox_hooks.git.run import Git


def start_config(git: Git, prefixes: Iterable[str]) -> Process:
    """Start to read every key that begins with one of `prefixes` (such as `sox.`); `config_from` reads the answer."""
    wanted = "|".join([canonical(prefix).replace(".", "[.]") for prefix in prefixes])
    return git.start("config", "-z", "--get-regexp", f"^({wanted})")


def config_from(result: Result) -> dict[str, tuple[str, ...]]:
    """What `start_config` left: `{key: values}` in the order of git's files, the last value being the one that holds.

    Raises `ConfigError` with git's words where a file of git's configuration cannot be read.
    """
    if result.code == 1 and not result.out:  # nothing begins so
        return {}
    if result.code:
        words = printable(result.err.strip().split(b"\n")[-1], 300)
        raise ConfigError(f"git cannot read its configuration: {words}", fix="git config --list --show-origin")
    return parse_config(result.out)


def parse_config(raw: bytes) -> dict[str, tuple[str, ...]]:
    """The output of `git config -z --get-regexp`. A key without "=" is `true` (git-config(1))."""
    config: dict[str, tuple[str, ...]] = {}
    for item in raw.split(b"\0")[:-1]:
        key, equals, value = decode(item).partition("\n")
        config[key] = (*config.get(key, ()), value if equals else "true")
    return config


def read_config(git: Git, prefixes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """All values of all keys that begin with one of `prefixes`. Raises `ConfigError`."""
    return config_from(start_config(git, prefixes).finish())


def last(config: Mapping[str, tuple[str, ...]], key: str, default: str = "") -> str:
    """The value that holds for `key`, spelled as in git's documentation: `gpg.ssh.allowedSignersFile`."""
    values = config.get(canonical(key))
    return values[-1] if values else default


def canonical(key: str) -> str:
    """`key` as git prints it: section and variable in lower case, a subsection as it is."""
    section, dot, rest = key.partition(".")
    subsection, second, variable = rest.rpartition(".")
    return section.lower() + dot + subsection + second + variable.lower()
