"""The JSON Schemas accept what the loader accepts, and what they refuse the loader refuses."""

from __future__ import annotations

import json
from datetime import date, datetime, time

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sox_hooks.policy.load import load
from sox_hooks.policy.schema import FILES, schema, schema_text
from sox_hooks.policy.toml_places import toml_reader
from tests.policy.policy_texts import TEXTS, edited, files
from tests.policy.test_load import TEXT_OF, WRONG
from tests.policy.test_load_fuzz import SEEDS, damaged

# What a schema cannot say, by the words of the finding: references, order, who may approve, the same twice.
BEYOND_A_SCHEMA = (
    "revoked_on is missing", "so it cannot stand here", "requires a declaration", "a service", "requested themselves",
    "for themselves", "the role", "on 2026-07-01", "is no version",
    # JSON knows no difference between 3 and 3.0; what `$` means differs between Python and ECMA 262.
    "a number with a fraction", "x0a",
    # Editors hand dates over as text.
    "not a date",
)  # fmt: skip
# The last condition: a number that is too long to print is too long for jsonschema's message.
STRUCTURAL = [
    row
    for row in WRONG
    if row[3] in ("SOX002", "SOX003", "SOX004")
    and not any(words in row[5] for words in BEYOND_A_SCHEMA)
    and len(row[2]) < 4000
]


def as_json(value):
    """What editors hand to a schema: TOML dates as text."""
    if isinstance(value, dict):
        return {name: as_json(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [as_json(entry) for entry in value]
    return value.isoformat() if isinstance(value, date | datetime | time) else value


def accepts(name: str, text: str) -> bool:
    return jsonschema.Draft7Validator(schema(name)).is_valid(as_json(toml_reader().loads(text)))


@pytest.mark.parametrize("name", FILES)
def test_it_is_a_schema_of_draft_07(name: str) -> None:
    described = json.loads(schema_text(name))
    assert described == schema(name)
    assert described["$id"] == f"urn:sox-hooks:schema:{name}:v1"
    jsonschema.Draft7Validator.check_schema(described)


@pytest.mark.parametrize("name", FILES)
def test_every_key_is_described(name: str) -> None:
    def undescribed(shape: dict, path: str) -> list[str]:
        found = []
        for key, inner in shape.get("properties", {}).items():
            found += [] if inner.get("description") else [f"{path}.{key}"]
            found += undescribed(inner, f"{path}.{key}")
        for inner in (shape.get("additionalProperties"), shape.get("items")):
            found += undescribed(inner, f"{path}.*") if isinstance(inner, dict) else []
        return found

    assert schema(name)["properties"]
    assert undescribed(schema(name), name) == []


@pytest.mark.parametrize("name", FILES)
def test_right_files_are_accepted(name: str) -> None:
    for seed in SEEDS[f"{name}.toml"]:
        assert accepts(name, seed.decode())


@pytest.mark.parametrize(("file", "old", "new", "rule", "at", "words"), STRUCTURAL)
def test_what_is_built_wrongly_is_refused(file, old, new, rule, at, words) -> None:
    assert not accepts(file, edited(TEXT_OF[file], old, new))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("policy", '"2027-01-15"', '"2027-1-15"'),
        ("policy", 'undeclared = ["open"]', 'undeclared = ["open", "open"]'),
        ("people", 'kind = "service"\n', ""),
    ],
)
def test_so_is_this(name: str, old: str, new: str) -> None:
    text = edited(TEXT_OF[name], old, new)
    assert not accepts(name, text)
    assert load(files(**{name: text}))[0] is None


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_what_loads_is_accepted(name: str, data) -> None:
    raw = data.draw(damaged(f"{name}.toml"))
    others = {other: text for other, text in TEXTS.items() if other != f"{name}.toml"}
    assert set(others) < set(TEXTS)
    policy, _ = load(files(**{name: raw}))
    if policy is not None:
        assert accepts(name, raw.decode().replace("\r\n", "\n"))
