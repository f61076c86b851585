"""What the readers of other recorders' files have in common: their names of tools and models, and how much they count.

Names are looked up among the aliases of the catalogue, and never guessed: a name that is not there is a tool that is
not known, though AI took part.
"""

from __future__ import annotations

from sox_hooks.core.text import printable
from sox_hooks.detection.sessions import hashed
from sox_hooks.detection.values import UNNAMED, as_model
from sox_hooks.policy.facts import Evidence
from sox_hooks.policy.model import LOW, MEDIUM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sox_hooks.detection.catalogue import Catalogue

# What recorders write where they do not know the model, or where the tool chose it.
_NO_MODEL = ("unknown", "default", "auto", "none")
_SHOWN = 40


def tool_of(catalogue: Catalogue, name: str) -> str:
    """The id of the tool that a recorder calls `name`, "" if the catalogue has none."""
    known = catalogue.named(name) if len(name) <= 100 else ""
    return "" if known == UNNAMED else known


def model_of(name: str) -> str:
    """A model's name without its provider: `anthropic/claude-opus-4-8` is what everybody else calls claude-opus-4-8."""
    model = name.strip().strip('"').rpartition("/")[2]
    return "" if model.lower() in _NO_MODEL else as_model(model)


def sign(
    catalogue: Catalogue,
    source: str,
    name: str,
    detail: str,
    *,
    strong: bool,
    version: str = "",
    model: str = "",
    session: str = "",
) -> Evidence:
    """One sign of a tool that a recorder calls `name`. `session` is the raw id, of which only the hash is kept."""
    tool = tool_of(catalogue, name)
    if name and not tool:
        detail += f"; the catalogue has no tool '{printable(name, _SHOWN)}'"
    return Evidence(
        tool=tool,
        confidence=MEDIUM if strong else LOW,
        source=source,
        detail=detail,
        version=version,
        model=model,
        session=hashed(tool or source, session) if session else "",
        kind=catalogue.kind(tool),
    )
