"""Git hooks that tag, decide, sign and verify AI assistance in regulated repositories."""

__version__ = "0.1.0"
