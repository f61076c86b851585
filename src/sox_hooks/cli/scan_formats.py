"""The inventory of `sox-hooks scan` in its four formats. Commits are written as they come, the summary last."""

from __future__ import annotations

import json

from sox_hooks.core.clock import iso
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import printable
from sox_hooks.detection.git_ai import REF
from sox_hooks.detection.inventory import Inventory, day
from sox_hooks.detection.scan import IN_COMMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.detection.scan import Scanned

SCHEMA = "sox-hooks/inventory/v1"
_SHOWN_AUTHORS = 10


class About(Struct):
    """What was scanned.

    range      as asked for
    policy     where the policy was read, "" if there is none
    tiers      its tiers, the strictest first
    shallow    whether the clone lacks older commits
    elsewhere  refs in which other tools keep attribution that was not read
    problem    why not all notes of other recorders could be read, "" if they could
    """

    range: str
    policy: str
    tiers: tuple[str, ...]
    shallow: bool
    elsewhere: tuple[str, ...]
    problem: str = ""


def render(
    form: str, commits: Iterable[Scanned], catalogue: Catalogue, about: About, *, listed: bool, weak: bool
) -> Iterator[str]:
    """The output in pieces. `listed`: with a list of the commits; `weak`: also of those with weak signs only."""
    inventory = Inventory()
    entries = _counted(commits, inventory, listed=listed, weak=weak)
    if form == "text":
        yield from _text(entries, inventory, catalogue, about)
    elif form == "csv":
        yield from _csv(entries, inventory, listed=listed)
    elif form == "jsonl":
        for commit in entries:
            yield _line({"type": "commit", **_commit(commit)})
        yield _line({"type": "summary", "schema": SCHEMA, **_summary(inventory, catalogue, about)})
    else:
        yield from _json(entries, inventory, catalogue, about, listed=listed)


def _counted(commits: Iterable[Scanned], inventory: Inventory, *, listed: bool, weak: bool) -> Iterator[Scanned]:
    for commit in commits:
        inventory.add(commit)
        if listed and (commit.flagged or (weak and commit.confidence)):
            yield commit


def _json(
    entries: Iterator[Scanned], inventory: Inventory, catalogue: Catalogue, about: About, *, listed: bool
) -> Iterator[str]:
    yield f'{{\n"schema": {json.dumps(SCHEMA)},\n'
    yield '"commits": [' if listed else ""
    before = "\n"
    for commit in entries:  # without a list there are none, but drawing them is what counts them
        yield before + _line(_commit(commit)).rstrip("\n")
        before = ",\n"
    yield "\n],\n" if listed else ""
    yield f'"summary": {json.dumps(_summary(inventory, catalogue, about), indent=1)}\n}}\n'


def _line(value: dict[str, Any]) -> str:
    # DEL is the one character that JSON in ASCII leaves and a terminal would not print.
    return json.dumps(value).replace("\x7f", "\\u007f") + "\n"


def _summary(inventory: Inventory, catalogue: Catalogue, about: About) -> dict[str, Any]:
    return {
        "range": about.range,
        "shallow": about.shallow,
        "policy": about.policy,
        "commits": inventory.commits,
        "assisted": inventory.flagged,
        "weak": inventory.weak,
        "sources": dict(_most(inventory.sources)),
        "contradicted": inventory.contradicted,
        "ignored": {**dict(_most(inventory.ignored)), **({about.problem: 1} if about.problem else {})},
        "tools": inventory.tools(catalogue),
        "months": inventory.by_months(),
        "tiers": {tier: inventory.tiers[tier] for tier in about.tiers if tier in inventory.tiers},
        "authors": [{"author": printable(author), "commits": count} for author, count in _most(inventory.authors)],
        "bots": dict(_most(inventory.bots)),
        "elsewhere": list(about.elsewhere),
    }


def _commit(commit: Scanned) -> dict[str, Any]:
    return {
        "commit": commit.commit,
        "authored": iso(commit.authored) if commit.authored >= 0 else "",
        "committed": iso(commit.committed) if commit.committed >= 0 else "",
        "author": printable(commit.author),
        "author_kind": commit.author_kind,
        "subject": printable(commit.subject, 200),
        "confidence": commit.confidence,
        "source": commit.source,
        "declared": commit.declared,
        "tools": list(commit.tools),
        "tier": commit.tier,
        "evidence": [{name: text for name, text in entry.__dict__.items() if text} for entry in commit.evidence],
    }


def _csv(entries: Iterator[Scanned], inventory: Inventory, *, listed: bool) -> Iterator[str]:
    if listed:
        yield _row(
            "commit",
            "authored",
            "committed",
            "author",
            "author_kind",
            "tools",
            "confidence",
            "tier",
            "evidence",
            "subject",
            "source",
            "declared",
        )
        for commit in entries:
            data = _commit(commit)
            signs = [f"{entry.source}: {entry.detail}" for entry in commit.evidence if entry.kind == "ai"]
            yield _row(
                commit.commit, data["authored"], data["committed"], data["author"], commit.author_kind,
                " ".join(commit.tools), commit.confidence, commit.tier, "; ".join(signs), data["subject"],
                commit.source, commit.declared,
            )  # fmt: skip
        return
    for _ in entries:  # draws and counts them
        pass
    yield _row("tool", "month", "author_kind", "tier", "confidence", "commits", "source")
    for (*row, source), count in sorted(inventory.rows.items()):
        yield _row(*row, str(count), source)


def _row(*fields: str) -> str:
    """A line of RFC 4180. What a spreadsheet would run as a formula gets an apostrophe in front (CWE-1236)."""
    cells = []
    for field in fields:
        text = "'" + field if field[:1] in ("=", "+", "-", "@") else field
        cells.append('"' + text.replace('"', '""') + '"' if any(char in text for char in ',"\r\n') else text)
    return ",".join(cells) + "\r\n"


def _text(entries: Iterator[Scanned], inventory: Inventory, catalogue: Catalogue, about: About) -> Iterator[str]:
    for commit in entries:
        yield from _text_commit(commit)
    share = f" ({100 * inventory.flagged / inventory.commits:.1f} %)" if inventory.commits else ""
    yield f"{_many(inventory.commits, 'commit')} in {printable(about.range, 200)}\n"
    yield f"{_many(inventory.flagged, 'commit')} with AI attribution{share}"
    yield f", {inventory.weak:,} more with weak signs only\n" if inventory.weak else "\n"
    elsewhere = [(source, count) for source, count in _most(inventory.sources) if source != IN_COMMIT]
    if elsewhere:
        named = ", ".join([f"{source} {count:,}" for source, count in elsewhere])
        yield f"{sum([count for _, count in elsewhere]):,} of them known from other recorders only: {named}\n"
    if inventory.contradicted:
        yield f"{_many(inventory.contradicted, 'commit')} declared to be without AI, although there are signs of it\n"
    for reason, count in [*_most(inventory.ignored), *([(about.problem, 1)] if about.problem else [])]:
        yield f"{_many(count, 'note')} in {REF} not read: {printable(reason, 200)}\n"
    if about.shallow:
        yield "this clone is shallow: older commits are missing (git fetch --unshallow)\n"
    for ref in about.elsewhere:
        yield f"{ref} keeps attribution outside the commits; it was not read\n"
    tools = inventory.tools(catalogue)
    if tools:
        yield "\n"
        columns = ("tool", "commits", "high", "medium", "first", "last")
        kinds = ("person", "ai", "bot")
        yield from _table(
            (*columns[:4], *[f"by {kind}" for kind in kinds], *columns[4:]),
            [
                (
                    *[table[column] for column in columns[:4]],
                    *[table["authors"][kind] for kind in kinds],
                    *[table[column] for column in columns[4:]],
                )
                for table in tools
            ],
        )
        yield "\n"
        yield from _table(
            ("month", "commits", "with AI", "tools"),
            [
                (
                    table["month"],
                    table["commits"],
                    table["assisted"],
                    ", ".join([f"{tool} {count:,}" for tool, count in _most(table["tools"])]),
                )
                for table in inventory.by_months()
            ],
        )
    if inventory.tiers:
        yield f"\ntiers of {printable(about.policy, 200)}, the strictest that a commit touches\n"
        rows: list[tuple[object, ...]] = []
        for tier in about.tiers:
            by_tool = {table["tool"]: table["tiers"][tier] for table in tools if tier in table["tiers"]}
            if by_tool:
                names = ", ".join([f"{tool} {count:,}" for tool, count in _most(by_tool)])
                rows.append((tier, inventory.tiers[tier], names))
        yield from _table(("tier", "with AI", "tools"), rows)
    if inventory.authors:
        most = _most(inventory.authors)
        yield "\n"
        yield from _table(
            ("with AI", "author"), [(count, printable(author, 100)) for author, count in most[:_SHOWN_AUTHORS]]
        )
        if len(most) > _SHOWN_AUTHORS:
            yield f"and {len(most) - _SHOWN_AUTHORS:,} more (--format json lists all)\n"
    if inventory.bots:
        yield "\nbots that are not AI: "
        yield ", ".join([f"{tool} {count:,}" for tool, count in _most(inventory.bots)]) + "\n"


def _text_commit(commit: Scanned) -> Iterator[str]:
    yield f"{day(commit.authored) or 'no date':10} {commit.commit[:12]} {commit.confidence:6} {' '.join(commit.tools)}"
    yield f"{'  [' + commit.tier + ']' if commit.tier else ''}  {printable(commit.subject, 100)}\n"
    yield f"           by {printable(commit.author, 100)}\n"
    for entry in commit.evidence:
        if entry.kind == "ai":
            about = "".join([f", {text}" for text in (entry.version, entry.model) if text])
            yield f"           {entry.confidence:6} {entry.source}: {printable(entry.detail, 200)}{about}\n"
    yield "\n"


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    """Columns; numbers to the right, the last column as it comes."""
    cells = [head, *[tuple([f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row]) for row in rows]]
    widths = [max([len(row[column]) for row in cells]) for column in range(len(head))]
    right = [bool(rows) and isinstance(rows[0][column], int) for column in range(len(head))]
    for row in cells:
        fields = [
            cell.rjust(width) if flag else cell.ljust(width)
            for cell, width, flag in zip(row, widths, right, strict=True)
        ]
        yield "  ".join(fields).rstrip() + "\n"


def _most(counts: dict[Any, int]) -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
