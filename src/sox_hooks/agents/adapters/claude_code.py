"""Claude Code. Measured with 2.1.330; hooks reference of code.claude.com."""

from __future__ import annotations

from sox_hooks.agents.adapter import NESTED, Adapter

ADAPTER = Adapter(
    id="claude-code",
    name="Claude Code",
    shape=NESTED,
    project=".claude/settings.json",
    user=".claude/settings.json",
    before=("PreToolUse",),
    after=("PostToolUse",),
    matcher="Edit|Write|MultiEdit|NotebookEdit|Bash|mcp__.*",
    reading="Read|Grep|Glob|NotebookRead",
    timeout=20,
    # Without it a hook that fails, hangs or is missing allows the call.
    before_extra=(("onFailure", "block"),),
    boundary="refuses edits; a script or a variable in a shell command gets around it",
    remarks=("`claude --bare` and `claude --safe-mode` run without any hooks",),
    off_variables=("CLAUDE_CODE_SIMPLE", "CLAUDE_CODE_SAFE_MODE"),
)
