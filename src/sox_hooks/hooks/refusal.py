"""What somebody reads whose push is refused: enough to mend it, and no more than that, whatever was pushed.

A push may hold 100,000 commits and thousands of refs. Of all commits that are refused the first few are told, and of
all refs; then their number. The lines of a rule (why, fix) are told with the first commit that breaks it.
"""

from __future__ import annotations

import time

from sox_hooks.core.findings import ERROR
from sox_hooks.core.lines import finding_lines
from sox_hooks.core.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from sox_hooks.core.findings import Finding
    from sox_hooks.verification.verdict import Verdict

# A pusher reads no more.
MOST_COMMITS = 10
MOST_REFS = 20
# Seconds. Whoever waits for a long history wants to see that something happens; git shows the lines as they come.
_PATIENCE = 10.0


class Refusal:
    """Tells a pusher on `err` what is refused, and why. One for a whole push."""

    def __init__(self, err: TextIO) -> None:
        self._err = err
        self._commits = 0
        self._refs = 0
        self._explained: set[str] = set()
        self._spoken = time.monotonic()

    @property
    def full(self) -> bool:
        """Whether nothing more would be told about another ref."""
        return self._refs >= MOST_REFS

    def say(self, words: str) -> None:
        """One line of ours."""
        self._err.write(f"sox-hooks: {words}\n")
        self._err.flush()
        self._spoken = time.monotonic()

    def judged(self, count: int) -> None:
        """Say now and then how many commits were judged so far."""
        if count % 256 == 0 and time.monotonic() - self._spoken > _PATIENCE:
            self.say(f"{count:,} commits judged so far")

    def commit(self, verdict: Verdict) -> bool:
        """A commit that is refused; whether it was told."""
        self._commits += 1
        if self._commits > MOST_COMMITS:
            return False
        lines = [f"{verdict.commit[:12]} {verdict.status}: {verdict.subject}"]
        for finding in [entry for entry in verdict.findings if entry.severity == ERROR][:2]:
            lines += ["  " + line for line in self._finding(finding)]
        self._lines(lines)
        return True

    def more(self, count: int) -> None:
        """So many more of what was just told."""
        if count and not self.full:
            self._lines([f"  and {count:,} more"])

    def findings(self, findings: Sequence[Finding]) -> None:
        """Findings that are not about one commit."""
        for finding in findings[:MOST_COMMITS]:
            self._lines(self._finding(finding))
        self.more(max(0, len(findings) - MOST_COMMITS))

    def ref(self, what: str, why: str = "", fix: str = "") -> None:
        """A ref that is refused; nothing once there were many."""
        self._refs += 1
        if self._refs <= MOST_REFS:
            self.say(what)
            self._lines([f"  {name + ':':<6} {words}" for name, words in (("why", why), ("fix", fix)) if words])

    def not_judged(self, count: int) -> None:
        """The push is refused already, and so many refs were not looked at."""
        if count:
            self.say(f"{count:,} more refs were not judged: the push is refused as a whole")

    def error(self, ref: str, lines: Sequence[str]) -> None:
        """A ref that cannot be judged; `lines` say why."""
        self._refs += 1
        if self._refs <= MOST_REFS:
            self.say(f"{printable(ref, 200)} is refused")
            self._lines(lines)

    def _finding(self, finding: Finding) -> list[str]:
        lines = finding_lines(finding)
        if finding.rule in self._explained:
            return lines[:1]
        self._explained.add(finding.rule)
        return lines

    def _lines(self, lines: Sequence[str]) -> None:
        self._err.write("".join([line + "\n" for line in lines]))
