"""The catalogue of tools as the hook needs it: dictionaries to look things up in, embedded in its cache as JSON.

`catalogue.toml` and the policy's `[catalogue.<id>]` are read, checked and turned into these dictionaries by
`catalogue_source`, once per policy; a hook only calls `from_json` and imports neither a TOML reader nor `re`.
"""

from __future__ import annotations

from sox_hooks.core.struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    # [tool id, confidence], and the same behind a text that is compared
    Grade = list[str]
    # [tool id, confidence, [[name, value], ...]]: see `environment`
    Rule = tuple[str, str, list[tuple[str, str]]]


class Catalogue(Struct):
    """Every fact about every tool, by what it is looked up with. Nobody changes one; `merged` makes another.

    Names of tools are folded (`folded`), addresses, accounts, trailer keys, footers and subjects are lower-case.

    tools            id -> [name, vendor, `ai` or `bot`]
    aliases          folded name -> id
    emails           whole address -> [id, confidence]
    accounts         forge account (`claude[bot]`) -> [id, confidence]
    account_ids      its number, which stays when it is renamed -> [id, confidence]
    suffixes         [end of a person's name, id, confidence]
    keys             trailer key that belongs to no tool -> `author`, `reviewer`, `disclosure`, `statement` or `hint`
    trailers         trailer key of a tool -> [value pattern, id, confidence], see `fits`
    footers          line (`message.plain`) -> [id, confidence]
    footer_starts    [beginning of such a line, id, confidence]
    footer_words     one of these is in every message that has a footer
    subjects         [beginning of the subject, id, confidence]
    variables        name of a variable (or `directory PATH`) -> rules, see `environment`
    variable_starts  [beginning of a name, id, confidence]
    sessions         id -> variables that hold a session id
    versions         id -> variables that hold the tool's version
    models           id -> variables that hold the model's name
    session_trailers trailer keys whose value is or ends in a session id
    processes        name of a process -> id
    branches         beginning of a branch name -> id
    families         words that begin the names of models
    """

    tools: dict[str, list[str]]
    aliases: dict[str, str]
    emails: dict[str, Grade]
    accounts: dict[str, Grade]
    account_ids: dict[str, Grade]
    suffixes: list[list[str]]
    keys: dict[str, str]
    trailers: dict[str, list[list[str]]]
    footers: dict[str, Grade]
    footer_starts: list[list[str]]
    footer_words: list[str]
    subjects: list[list[str]]
    variables: dict[str, list[Rule]]
    variable_starts: list[list[str]]
    sessions: dict[str, list[str]]
    versions: dict[str, list[str]]
    models: dict[str, list[str]]
    session_trailers: list[str]
    processes: dict[str, str]
    branches: dict[str, str]
    families: list[str]

    def named(self, name: str) -> str:
        """The id of the tool with this id, name or alias, "" if there is none."""
        return self.aliases.get(folded(name), "")

    def kind(self, tool: str) -> str:
        """`ai` or `bot`; `ai` for what the catalogue does not know."""
        return self.tools[tool][2] if tool in self.tools else "ai"


def builtin() -> Catalogue:
    """The catalogue that comes with the package."""
    from sox_hooks.detection.catalogue_source import load

    return load()


def merged(catalogue: Catalogue, overrides_json: str) -> Catalogue:
    """`catalogue` with the tables `[catalogue.<id>]` of a policy, given as one JSON object; "" = none.

    Raises `ConfigError`, which holds everything that is wrong with them.
    """
    if not overrides_json:
        return catalogue
    from sox_hooks.detection.catalogue_source import extended

    return extended(catalogue, overrides_json)


def to_json(catalogue: Catalogue) -> str:
    """Compact JSON, the same for equal catalogues."""
    import json

    return json.dumps(catalogue.__dict__, separators=(",", ":"), sort_keys=True)


def from_json(text: str) -> Catalogue:
    """The inverse of `to_json`. Raises `ValueError` if the text was not made by this version of `to_json`."""
    from sox_hooks.core.fastjson import loads

    try:
        return Catalogue(**loads(text))
    except TypeError as error:
        raise ValueError(f"not a catalogue of tools: {error}") from error


def folded(name: str) -> str:
    """A tool's name without case, blanks and punctuation: `Claude Code`, `claude-code` and `ClaudeCode` are one."""
    return "".join([char for char in name.lower() if char.isalnum()])


def fits(pattern: str, value: str) -> bool:
    """Whether a value is `pattern`, where a `*` at either end stands for anything."""
    if pattern.startswith("*"):
        return pattern[1:-1] in value if pattern.endswith("*") else value.endswith(pattern[1:])
    return value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern
