"""A run of the gate as a file: what was said of each commit, and the records that its commits have.

    JSON object, on one line | rows of a `RecordTable`

It is read only from a vault, so it says what this program wrote; whether that is about the run in question is asked
here.
"""

from __future__ import annotations

import json

from sox_hooks.core.clock import day
from sox_hooks.core.findings import Finding, Place
from sox_hooks.core.struct import Struct
from sox_hooks.verification.record_table import RecordTable
from sox_hooks.verification.verdict import Passed, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class KeptRun(Struct):
    """A run that was finished.

    depends    all that its verdicts depend on, but for the commits (`remembered.Memory`)
    tip        the last commit of the range
    moment     when it was judged
    exempt     how many commits the baseline exempts
    least      the lowest version of a policy where the range leaves protected history, -1 = not known
    base       the only best common ancestor of the range and its target, "" = not known or not the only one
    verdicts   of its commits, those that are not in `passed`; in the order of the range
    passed     the others: verified, and nothing to be said about them
    table      the records of all of them
    """

    depends: tuple[str, ...]
    tip: str
    moment: str
    exempt: int
    least: int
    base: str
    verdicts: tuple[Verdict, ...]
    passed: Passed
    table: RecordTable

    def good_for(self, depends: tuple[str, ...], tip: str, moment: str) -> bool:
        """Whether its verdicts are, down to their words, what they would be at a moment.

        Findings may name the day. Before the moment of the run some records would be from the future.
        """
        if (self.depends, self.tip) != (depends, tip) or self.moment > moment:
            return False
        return day(self.moment) == day(moment) or not any(verdict.findings for verdict in self.verdicts)


def dump(run: KeptRun) -> bytes:
    """The run as bytes that `restore` takes."""
    *head, _ = run.astuple()
    return json.dumps(head, default=Struct.astuple, separators=(",", ":")).encode("ascii") + b"\n" + run.table.rows


def restore(raw: bytes | None, size: int) -> KeptRun | None:
    """The run, whose commit ids have `size` bytes; None for what no run is."""
    head, _, rows = (raw or b"").partition(b"\n")
    try:
        depends, tip, moment, exempt, least, base, verdicts, passed = json.loads(head)
        return KeptRun(
            tuple(depends),
            tip,
            moment,
            exempt,
            least,
            base,
            tuple([_verdict(values) for values in verdicts]),
            Passed(passed[0], *[tuple([(name, count) for name, count in pairs]) for pairs in passed[1:]]),
            RecordTable(rows, size),
        )
    except (ValueError, TypeError):  # another program with our key: not ours to say what it meant
        return None


def _verdict(values: list[Any]) -> Verdict:
    named = dict(zip(Verdict.fields, values, strict=True))
    findings = tuple([_finding(one) for one in named["findings"]])
    return Verdict(**{**named, "tools": tuple(named["tools"]), "findings": findings})


def _finding(values: list[Any]) -> Finding:
    named = dict(zip(Finding.fields, values, strict=True))
    return Finding(**{**named, "place": Place(*named["place"]) if named["place"] else None})
