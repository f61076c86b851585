"""Reports to render: a small one with every case, one that is all attack, and an empty one."""

from __future__ import annotations

import os
from hashlib import sha1
from pathlib import Path

from sox_hooks.core.findings import Finding, Place
from sox_hooks.output.formats import renderer
from sox_hooks.output.report import Report, Tally
from sox_hooks.verification import verdict
from sox_hooks.verification.verdict import Verdict

GOLDEN = Path(__file__).parent.parent / "golden"
# Set this to write the golden files anew; then read the difference before it is committed.
UPDATE = "PYTEST_UPDATE_GOLDEN"

# Everything that a terminal, a log viewer, XML, JSON, a URI or a CI runner could stumble over.
HOSTILE = (
    "a\x00b\x1b[31m\x07\x9b32m\r\n::error::x\n##[stop-commands]y ##vso[task.complete]"
    "\u202e\u2066\u200b\ufeff\u2028\ud800\udcff\ufffe]]></failure>&amp;<b \"'%0A%,:;%25"
)

POLICY_LINE = Place(".sox/policy.toml", 41, 1)


def object_id(number: int) -> str:
    """An object id to tell commits apart by."""
    return sha1(b"%d" % number, usedforsecurity=False).hexdigest()


def commit(number: int, status: str, *findings: Finding, **fields: object) -> Verdict:
    fields = {"subject": f"Change number {number}", "author": "alice@bank.example", **fields}
    return Verdict(commit=object_id(number), status=status, findings=findings, **fields)


def sample() -> Report:
    denied = Finding(
        "SOX202",
        "error",
        "cursor is not approved for src/ledger/post.py",
        path="src/ledger/post.py",
        why="tier restricted takes approved tools only",
        place=POLICY_LINE,
        fix="make this change without cursor, or ask for an exception",
    )
    weak = Finding("SOX105", "note", "TERM_PROGRAM hints at an AI editor")
    old = Finding("SOX619", "warning", "the author's address was replaced: 1+alice@users.noreply.forge.example")
    missing = Finding("SOX617", "error", "the parent 0123456789ab is not in this clone", fix="git fetch --unshallow")
    commits = [
        commit(1, verdict.ADOPTED, Finding("SOX610", "note", "brings in .sox/")),
        commit(
            2,
            verdict.VERIFIED,
            relation="same-change",
            assistance="assisted",
            tools=("claude-code@2.1:opus", "cursor"),
            signer="alice",
            moment="2026-11-23T14:02:11Z",
        ),
        commit(3, verdict.DENIED, weak, denied, denied.replace(path="src/a b,c:%.py"), assistance="assisted"),
        commit(4, verdict.UNRECORDED, Finding("SOX601", "error", "no record", commit=object_id(4), fix="resign")),
        commit(5, verdict.VERIFIED, old, relation="merge", assistance="none", signer="bob"),
        commit(6, verdict.UNVERIFIABLE, missing),
    ]
    register = Finding("SOX011", "warning", "tools.cursor is due for review", place=POLICY_LINE)
    checked = (("range", "main..topic"), ("policy", "main:.sox (tree 0123456789ab, version 7)"))
    return Report("verify", "1.2.3", checked, iter(commits), (register,))


def hostile() -> Report:
    finding = Finding("SOX202", "error", HOSTILE, HOSTILE, "", HOSTILE, Place(HOSTILE, 3, 1), HOSTILE)
    attack = commit(
        7,
        verdict.FORGED,
        finding,
        finding.replace(severity="warning", path=""),
        finding.replace(severity="note", place=None),
        subject=HOSTILE,
        author=HOSTILE,
        tools=(HOSTILE,),
        signer=HOSTILE,
    )
    return Report("verify", "1.2.3", ((HOSTILE, HOSTILE),), iter([attack]), (finding,))


def empty() -> Report:
    return Report("verify", "1.2.3", (("range", "main..main"),), iter(()))


def lint() -> Report:
    return Report("policy lint", "1.2.3", (("folder", ".sox"),), None, (Finding("SOX002", "error", "unknown key"),))


REPORTS = {"sample": sample, "hostile": hostile, "empty": empty, "lint": lint}


def rendered(report: Report, name: str) -> str:
    return "".join(renderer(name)(report, Tally(report)))


def compare_with_golden(name: str, text: str) -> None:
    """Compares text with a file of `tests/golden/`."""
    path = GOLDEN / name
    if os.environ.get(UPDATE):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"set {UPDATE}=1 and run again if the change is meant"
