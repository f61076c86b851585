"""Versions and models as records hold them."""

from __future__ import annotations

# The tool of whoever says that AI took part and not which one.
UNNAMED = "llm"
_VERSION = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-ABCDEFGHIJKLMNOPQRSTUVWXYZ+")
_MODEL = _VERSION | frozenset("/:")
_LONGEST_VERSION, _LONGEST_MODEL = 32, 64


def as_model(text: str) -> str:
    """A model's name within the characters of the contract: `AWS Claude Opus 4.6` is `aws-claude-opus-4.6`."""
    if " " not in text:
        return text[:_LONGEST_MODEL] if set(text) <= _MODEL else ""
    words = "".join([char if char in _MODEL else " " for char in text.lower()]).split()
    words = [word for word in [word.strip(":/+") for word in words] if word]
    return "-".join(words)[:_LONGEST_MODEL]


def as_version(text: str) -> str:
    """The version if it is one, else ""."""
    return text if 0 < len(text) <= _LONGEST_VERSION and set(text) <= _VERSION and text.strip("v")[:1].isdigit() else ""
