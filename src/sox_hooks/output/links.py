"""Where the page of a rule stands. The pages belong to whoever hosts them, so no address is built in."""

from __future__ import annotations

import os

VARIABLE = "SOX_HOOKS_DOCS_URL"


def page(docs: str) -> str:
    """The address of a page of the documentation, given as in `Finding.docs`.

    Relative to the documentation's root, unless `$SOX_HOOKS_DOCS_URL` says where your copy of it is served.
    """
    root = os.environ.get(VARIABLE, "")
    if root.startswith(("https://", "http://")) and root.isprintable() and " " not in root:
        return f"{root.rstrip('/')}/{docs}"
    return docs


def help_uri(rule_id: str, docs: str) -> str:
    """The same as an absolute URI, which SARIF asks for: a name (RFC 8141) where there is no address."""
    address = page(docs)
    return address if address != docs else f"urn:sox-hooks:rule:{rule_id}"
