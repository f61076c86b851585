"""Aider has no hooks of its own, and commits with --no-verify unless it is told not to. Measured with 0.86.2."""

from __future__ import annotations

from sox_hooks.agents.adapter import MARKED, Adapter

ADAPTER = Adapter(
    id="aider",
    name="Aider",
    shape=MARKED,
    project=".aider.conf.yml",
    user=".aider.conf.yml",
    block="git-commit-verify: true\n",
    boundary="no guard before an edit; its commits run the git hooks, so the commit is refused instead",
    remarks=("`--no-git-commit-verify` on its command line overrules the file",),
    around="it commits with --no-verify unless git-commit-verify is true",
)
