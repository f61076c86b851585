"""Which entries of the catalogue no row of the corpus shows.

The corpus is written from the facts and not made from the catalogue, so this looks the other way: for an entry that
somebody adds there must be a row that has it, or a line in `rows/without.toml` that says why there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from sox_hooks.detection.ancestry import program
from sox_hooks.detection.catalogue import Catalogue, fits
from sox_hooks.detection.message import plain
from sox_hooks.policy.toml_places import toml_reader
from tests.accuracy.corpus import ROWS, Row


def entries_without_row(catalogue: Catalogue, rows: list[Row]) -> set[str]:
    """Entries as `kind: entry`, spelt as in the catalogue's index."""
    return {f"{kind}: {entry}" for kind, entry, shown in _entries(catalogue, rows) if not shown}


def excused() -> dict[str, str]:
    """The entries that may be without a row, each with the reason."""
    table = toml_reader().loads((ROWS / "without.toml").read_text(encoding="utf-8"))
    return {entry: group["why"] for group in table["group"] for entry in group["entries"]}


def _entries(catalogue: Catalogue, rows: list[Row]) -> Iterator[tuple[str, str, bool]]:
    text = "\n".join([row.text for row in rows]).lower()
    lines = [line for row in rows for line in row.message.splitlines()]
    plainly = {plain(line) for line in lines}
    keyed = [(line.partition(":")[0].strip().lower(), line.partition(":")[2].strip().lower()) for line in lines]
    keyed = [(key.replace(" ", "-"), value) for key, value in keyed]
    for address in catalogue.emails:
        yield "email", address, address in text
    for account in catalogue.accounts:
        yield "account", account, any(f"{before}{account}@" in text for before in "<+-")
    for number in catalogue.account_ids:
        yield "account number", number, f"<{number}+" in text
    for suffix, _, _ in catalogue.suffixes:
        yield "suffix", suffix, f"{suffix} <" in text
    for key in catalogue.keys:
        yield "key", key, any(key == written for written, _ in keyed)
    for key, patterns in catalogue.trailers.items():
        for pattern, _, _ in patterns:
            yield "trailer", f"{key}: {pattern}", any(key == one and fits(pattern, value) for one, value in keyed)
    for footer in catalogue.footers:
        yield "footer", footer, footer in plainly
    for start, _, _ in catalogue.footer_starts:
        yield "footer", f"{start}*", any(line.startswith(start) for line in plainly)
    for start, _, _ in catalogue.subjects:
        yield "subject", start, any(row.message.lower().startswith(start) for row in rows)
    for branch in catalogue.branches:
        yield "branch", branch, any(f"{before}{branch}" in text for before in "'/")
    for rules in catalogue.variables.values():
        for tool, _, terms in rules:
            name = " and ".join([f"{term}={value}" if value else term for term, value in terms])
            yield "variable", f"{name} ({tool})", any(_holds(row, terms) for row in rows)
    for start, tool, _ in catalogue.variable_starts:
        yield "variable", f"{start}* ({tool})", any(name.startswith(start) for row in rows for name in _env(row))
    started = {program(tuple(map(str.encode, argv))) for row in rows for argv in row.data.get("processes", [])}
    for process in catalogue.processes:
        yield "process", process, process in started
    named = {tool for row in rows for tool in row.tools}
    for tool, (_, _, kind) in catalogue.tools.items():
        if kind == "ai":
            yield "tool", tool, tool in named


def _env(row: Row) -> dict[str, str]:
    found: dict[str, str] = row.data.get("env", {})
    return found


def _holds(row: Row, terms: list[tuple[str, str]]) -> bool:
    for term, value in terms:
        if term == "no terminal":
            if row.data.get("terminal", True):
                return False
        elif term.startswith("directory "):
            if term.partition(" ")[2] not in row.data.get("folders", []):
                return False
        elif term not in _env(row) or (value and not fits(value, _env(row)[term])):
            return False
    return True
