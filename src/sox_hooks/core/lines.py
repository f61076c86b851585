"""A finding or a failure as the few lines a person reads: the first stands alone, because graphical git clients show
nothing else, and there are never more than eight.
"""

from __future__ import annotations

from sox_hooks.core.errors import ConfigError, SoxError
from sox_hooks.core.findings import Finding
from sox_hooks.core.text import printable

MOST_LINES = 8
# One line of one finding. Longer ones bury the next finding; the machine formats have all of it.
_WIDTH = 400


def finding_lines(finding: Finding) -> list[str]:
    """`SOX202 error: what happened`, then where, why, fix and docs: as many of them as there is something to say."""
    lines = [f"{finding.rule} {finding.severity}: {printable(finding.message, _WIDTH)}"]
    policy_line = printable(str(finding.place), _WIDTH) if finding.place else ""
    where = printable(finding.path, _WIDTH)
    if finding.commit:
        commit = f"commit {printable(finding.commit[:12])}"
        where = f"{where} ({commit})" if where else commit
    why = printable(finding.why, _WIDTH)
    if not where:  # a finding about a file of the policy: the place is where it happened
        where = policy_line
    elif policy_line:
        why = f"{why} ({policy_line})" if why else f"see {policy_line}"
    rows = (
        ("where", where),
        ("why", why),
        ("fix", printable(finding.fix, _WIDTH)),
        ("docs", f"sox-hooks explain {finding.rule}"),
    )
    lines += [f"  {name + ':':<6} {value}" for name, value in rows if value]
    return lines


def error_lines(error: SoxError) -> list[str]:
    """`sox-hooks: what happened`, then the findings of a `ConfigError`, then where, why, fix and docs."""
    head = f"sox-hooks: {printable(error.what, _WIDTH)}"
    docs = f"sox-hooks explain {error.rule}" if error.rule else ""
    rows = (("where", error.where), ("why", error.why), ("fix", error.fix), ("docs", docs))
    tail = [f"  {name + ':':<6} {printable(value, _WIDTH)}" for name, value in rows if value]
    listed = error.findings if isinstance(error, ConfigError) else ()
    # The first finding may be what the headline is about.
    body = [_one_line(entry) for entry in listed if isinstance(entry, Finding) and entry.message not in error.what]
    room = MOST_LINES - 1 - len(tail)
    if len(body) > room:
        body[room - 1 :] = [f"  and {len(body) - room + 1} more"]
    return [head, *body, *tail]


def _one_line(finding: Finding) -> str:
    place = printable(str(finding.place or finding.path), _WIDTH)
    at = f"{place}: " if place else ""
    return f"  {at}{finding.rule} {finding.severity}: {printable(finding.message, _WIDTH)}"
