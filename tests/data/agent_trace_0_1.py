"""What the Agent Trace RFC 0.1.0 asks of a record, as a JSON Schema of our own; stricter where its example is."""

_CONTRIBUTOR = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": ["human", "ai", "mixed", "unknown"]},
        "model_id": {"type": "string", "maxLength": 250, "minLength": 1},
    },
    "additionalProperties": False,
}
_LINES = {"type": "integer", "minimum": 1}
_RANGE = {
    "type": "object",
    "required": ["start_line", "end_line"],
    "properties": {
        "start_line": _LINES,
        "end_line": _LINES,
        "content_hash": {"type": "string", "pattern": "^[a-z0-9]+:[0-9a-f]+$"},
        "contributor": _CONTRIBUTOR,
    },
    "additionalProperties": False,
}
_CONVERSATION = {
    "type": "object",
    "required": ["ranges"],
    "properties": {
        "url": {"type": "string", "format": "uri"},
        "contributor": _CONTRIBUTOR,
        "ranges": {"type": "array", "items": _RANGE},
        "related": {"type": "array"},
    },
    "additionalProperties": False,
}
_FILE = {
    "type": "object",
    "required": ["path", "conversations"],
    "properties": {
        "path": {"type": "string", "pattern": "^[^/]"},
        "conversations": {"type": "array", "minItems": 1, "items": _CONVERSATION},
    },
    "additionalProperties": False,
}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["version", "id", "timestamp", "files"],
    "properties": {
        "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "id": {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"},
        "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "vcs": {
            "type": "object",
            "required": ["type", "revision"],
            "properties": {
                "type": {"enum": ["git", "jj", "hg", "svn"]},
                "revision": {"type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$"},
            },
        },
        "tool": {
            "type": "object",
            "required": ["name", "version"],
            "properties": {"name": {"type": "string"}, "version": {"type": "string"}},
        },
        "files": {"type": "array", "minItems": 1, "items": _FILE},
        "metadata": {"type": "object"},
    },
    "additionalProperties": False,
}
