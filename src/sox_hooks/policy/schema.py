"""JSON Schemas (draft-07, which editors' TOML plugins understand) of the three TOML files of `.sox/`.

They are made from the descriptions that the loader checks by, so what a schema refuses the loader refuses too. The
loader refuses more: references to what does not exist, duplicates, dates in the wrong order, patterns.
"""

from __future__ import annotations

from sox_hooks.policy.exceptions import EXCEPTIONS_FILE
from sox_hooks.policy.grammar import MOST, Day, Flag, Group, Many, Named, Text, Whole
from sox_hooks.policy.people import PEOPLE_FILE
from sox_hooks.policy.sections import POLICY_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sox_hooks.policy.grammar import Shape

FILES = {"policy": POLICY_FILE, "people": PEOPLE_FILE, "exceptions": EXCEPTIONS_FILE}
# The version of the file formats. It grows when a file that was right is right no longer.
VERSION = 1

_PLAIN = {
    "anyOf": [
        {"type": ["string", "boolean"]},
        {"type": "integer", "minimum": -MOST, "maximum": MOST},
        {"type": "array", "items": {"$ref": "#/definitions/plain"}},
        {"$ref": "#/definitions/plainTable"},
    ]
}
_PLAIN_TABLE = {"type": "object", "additionalProperties": {"$ref": "#/definitions/plain"}}


def schema(name: str) -> dict[str, Any]:
    """The schema of `policy`, `people` or `exceptions` (the file's name without `.toml`). Raises `KeyError`."""
    head = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"urn:sox-hooks:schema:{name}:v{VERSION}",
        "title": f".sox/{name}.toml",
    }
    body = _described(FILES[name])
    uses_plain = "#/definitions/plainTable" in repr(body)
    return {**head, **body, **({"definitions": {"plain": _PLAIN, "plainTable": _PLAIN_TABLE}} if uses_plain else {})}


def schema_text(name: str) -> str:
    """The same as the text of a `.json` file."""
    from json import dumps

    return dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


def _described(shape: Shape) -> dict[str, Any]:
    if isinstance(shape, Group):
        return _group(shape)
    if isinstance(shape, Named):
        return {
            "type": "object",
            "propertyNames": _described(shape.name),
            "additionalProperties": _described(shape.of),
            **({"minProperties": shape.least} if shape.least else {}),
            **({"maxProperties": shape.most} if shape.most else {}),
        }
    if isinstance(shape, Many):
        return _many(shape)
    if isinstance(shape, Text):
        return _text(shape)
    if isinstance(shape, Day):
        # Editors hand a TOML date to the schema as text.
        return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    if isinstance(shape, Whole):
        return {"type": "integer", "minimum": shape.least, "maximum": MOST}
    if isinstance(shape, Flag):
        return {"type": "boolean"}
    return {"$ref": "#/definitions/plainTable"}


def _group(shape: Group) -> dict[str, Any]:
    properties = {}
    for key in shape.keys:
        described = _described(key.shape)
        if "$ref" in described:  # draft-07 ignores what stands beside a reference (section 8.3)
            described = {"allOf": [described]}
        properties[key.name] = {"description": key.description, **described}
        if key.default is not None:
            properties[key.name]["default"] = key.default
    required = [key.name for key in shape.keys if key.required and key.unless is None]
    conditions = [
        {
            "if": {"properties": {key.unless[0]: {"const": key.unless[1]}}, "required": [key.unless[0]]},
            "else": {"required": [key.name]},
        }
        for key in shape.keys
        if key.unless is not None
    ]
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
        **({"allOf": conditions} if conditions else {}),
    }


def _many(shape: Many) -> dict[str, Any]:
    item = _described(shape.of)
    array: dict[str, Any] = {"type": "array", "items": item}
    if shape.least:
        array["minItems"] = shape.least
    if isinstance(shape.of, Text) and not shape.repeats:
        array["uniqueItems"] = True
    return {"anyOf": [array, item]} if shape.alone else array


def _text(shape: Text) -> dict[str, Any]:
    if shape.values:
        return {"type": "string", "enum": list(shape.values)}
    described: dict[str, Any] = {"type": "string", "maxLength": shape.longest, "pattern": f"^(?:{shape.pattern})$"}
    if shape.examples:
        described["examples"] = list(shape.examples)
    return described
