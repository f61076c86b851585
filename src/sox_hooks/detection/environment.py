"""Evidence from the environment that the commit runs in: agents mark the processes they start.

Only names of variables are kept, never values: tokens and paths stand beside the markers. Three kinds of values are
read by name: a version and a model, if they are no more than that, and a session id, which is hashed at once.

Rules of the catalogue are conjunctions of terms: a variable that is set (and not to "", `0` or `false`), a variable
with a value, `directory PATH` (it exists), `no terminal` (the process has no controlling terminal: /dev/tty does not
open). `AI_AGENT` is free text that anybody can set, so it counts only if it names a tool of the catalogue, and never
more than medium. `AGENT=1` names nobody.
"""

from __future__ import annotations

import os

from sox_hooks.detection.catalogue import fits
from sox_hooks.detection.sessions import hashed
from sox_hooks.detection.values import UNNAMED, as_model, as_version
from sox_hooks.policy.facts import Evidence, ToolUse
from sox_hooks.policy.model import HIGH, LOW, MEDIUM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sox_hooks.detection.catalogue import Catalogue

_STRENGTH = {LOW: 0, MEDIUM: 1, HIGH: 2}
_OFF = ("", "0", "false", "no", "off")


def evidence(catalogue: Catalogue, environ: Mapping[str, str]) -> tuple[Evidence, ...]:
    """One entry for every tool that left a mark, with its strongest confidence and the names of its marks."""
    marks: dict[str, dict[str, str]] = {}  # tool -> names -> confidence

    def mark(tool: str, grade: str, names: str) -> None:
        grades = marks.setdefault(tool, {})
        if _STRENGTH[grade] >= _STRENGTH[grades.get(names, LOW)]:
            grades[names] = grade

    for name, rules in catalogue.variables.items():
        if name in environ or name.startswith("directory "):
            for tool, grade, terms in rules:
                if all(_holds(environ, term, value) for term, value in terms):
                    mark(tool, grade, " and ".join([term for term, _ in terms]))
    for start, tool, grade in catalogue.variable_starts:
        for name in environ:
            if name.startswith(start) and environ[name].lower() not in _OFF:
                mark(tool, grade, start + "*")
    stated, version_stated = _stated(catalogue, environ.get("AI_AGENT", ""))
    if stated:
        mark(stated, MEDIUM, "AI_AGENT")
    found = []
    for tool in sorted(marks):
        grades = marks[tool]
        version = _first(environ, catalogue.versions.get(tool, ()), as_version)
        if tool == stated:
            version = version_stated or version
        session = _first(environ, catalogue.sessions.get(tool, ()), str)
        found.append(
            Evidence(
                tool="" if tool == UNNAMED else tool,
                confidence=max(grades.values(), key=lambda grade: _STRENGTH[grade]),
                source="environment",
                detail=", ".join(sorted(grades)),
                version=version,
                model=_first(environ, catalogue.models.get(tool, ()), as_model),
                session=hashed(tool, session) if session else "",
                kind=catalogue.kind(tool),
            )
        )
    return tuple(found)


def told(catalogue: Catalogue, tool: str, environ: Mapping[str, str]) -> ToolUse:
    """Version and model that a tool tells in the environment of a process that it is known to have started."""
    stated, version = _stated(catalogue, environ.get("AI_AGENT", ""))
    if stated != tool or not version:
        version = _first(environ, catalogue.versions.get(tool, ()), as_version)
    return ToolUse(tool, version, _first(environ, catalogue.models.get(tool, ()), as_model))


def _holds(environ: Mapping[str, str], term: str, value: str) -> bool:
    if term == "no terminal":
        return not _has_terminal()
    if term.startswith("directory "):
        return os.path.isdir(term.partition(" ")[2])
    have = environ.get(term)
    if have is None:
        return False
    return fits(value, have) if value else have.lower() not in _OFF


def _has_terminal() -> bool:
    """Whether the process has a controlling terminal (tty(4)); standard streams say nothing in a git hook."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def _stated(catalogue: Catalogue, text: str) -> tuple[str, str]:
    """Tool and version that AI_AGENT states: `crush`, `pi@0.73.1`, `claude-code_2-1-330_agent` (or `_harness`)."""
    tool = catalogue.named(text)
    if tool:
        return tool, ""
    name, at, version = text.partition("@")
    if at:
        return catalogue.named(name), as_version(version)
    parts = text.split("_")
    if len(parts) == 3 and parts[2].isalpha() and parts[2].islower():
        numbers = parts[1].split("-")
        if len(numbers) == 3 and all(number.isascii() and number.isdigit() for number in numbers):
            return catalogue.named(parts[0]), as_version(".".join(numbers))
    return "", ""


def _first(environ: Mapping[str, str], names: Sequence[str], read: Callable[[str], str]) -> str:
    return next((text for text in [read(environ.get(name, "")) for name in names] if text), "")
