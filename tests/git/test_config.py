"""Configuration in one read: spelling of keys, several values, odd bytes, broken files."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.errors import ConfigError
from sox_hooks.git.config import canonical, config_from, last, parse_config, read_config, start_config
from sox_hooks.git.run import Git

CONFIG = b"""[sox]
	policyRef = origin/main
	signingKey = one
	signingKey = two
	strict
	empty =
	odd = "a\\nb = c \\"q\\""
	bytes = caf\xe9
[Sox "Sub.Dir"]
	Key = inner
[soxx]
	not = ours
[gpg "ssh"]
	allowedSignersFile = f
[user]
	signingkey = k
"""


@pytest.fixture
def git(repo):
    with open(repo.path / ".git/config", "ab") as file:
        file.write(CONFIG)
    return Git(str(repo.path))


def test_reads_what_begins_so(git):
    config = read_config(git, ["sox.", "gpg.", "user.signingKey"])
    assert config == {
        "sox.policyref": ("origin/main",),
        "sox.signingkey": ("one", "two"),
        "sox.strict": ("true",),
        "sox.empty": ("",),
        "sox.odd": ('a\nb = c "q"',),
        "sox.bytes": ("caf\udce9",),
        "sox.Sub.Dir.key": ("inner",),
        "gpg.ssh.allowedsignersfile": ("f",),
        "user.signingkey": ("k",),
    }
    assert last(config, "sox.signingKey") == "two"
    assert last(config, "SOX.policyRef") == "origin/main"
    assert last(config, "gpg.ssh.allowedSignersFile") == "f"
    assert last(config, "sox.Sub.Dir.KEY") == "inner"
    assert last(config, "sox.sub.dir.key", "none") == "none"
    assert last(config, "sox.empty", "none") == ""
    assert last(config, "sox.absent", "none") == "none"


def test_nothing_configured(repo):
    assert read_config(Git(str(repo.path)), ["sox."]) == {}


def test_the_last_file_wins(git, hermetic):
    with open(hermetic / ".gitconfig", "a") as file:
        file.write("[sox]\n\tpolicyRef = global\n")
    config = read_config(git, ["sox."])
    assert config["sox.policyref"] == ("global", "origin/main")
    environ = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "sox.policyRef", "GIT_CONFIG_VALUE_0": "there"}
    assert last(read_config(Git(git.directory, {**os.environ, **environ}), ["sox."]), "sox.policyRef") == "there"


def test_a_broken_file_is_named(git, repo):
    with open(repo.path / ".git/config", "ab") as file:
        file.write(b"[sox\n")
    with pytest.raises(ConfigError, match="bad config line") as caught:
        read_config(git, ["sox."])
    assert caught.value.exit_code == 2


def test_in_parallel_with_something_else(git):
    process = start_config(git, ["sox."])
    assert git.run("rev-parse", "--git-dir")
    assert config_from(process.finish()) == read_config(git, ["sox."])


_KEY = st.from_regex(r"\A[a-z][a-z0-9-]*\.[a-z][a-z0-9]*\Z")
_VALUE = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=20)


@given(st.dictionaries(_KEY, st.lists(st.none() | _VALUE, min_size=1, max_size=3)))
def test_parsing_is_the_inverse_of_printing(config):
    raw = "".join(
        f"{key}\0" if value is None else f"{key}\n{value}\0" for key, values in config.items() for value in values
    )
    expected = {key: tuple("true" if value is None else value for value in values) for key, values in config.items()}
    assert parse_config(raw.encode()) == expected


@pytest.mark.parametrize(
    ("key", "printed"),
    [
        ("Sox.PolicyRef", "sox.policyref"),
        ("gpg.SSH.Program", "gpg.SSH.program"),
        ("a.B.c.D", "a.B.c.d"),
        ("SOX.", "sox."),
    ],
)
def test_canonical(key, printed):
    assert canonical(key) == printed
