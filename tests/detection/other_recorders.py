"""Notes of git-ai and records of Agent Trace, written as their specifications say."""

from __future__ import annotations

import json


def note(
    files: dict[str, dict[str, str]], sessions: dict[str, tuple[str, str, str]], *, table: str = "sessions"
) -> bytes:
    """A note: path -> key -> ranges, and key -> (tool, model, session id)."""
    lines = []
    for path, entries in files.items():
        lines.append(f'"{path}"' if " " in path else path)
        lines += [f"  {key} {ranges}" for key, ranges in entries.items()]
    records = {
        key: {"agent_id": {"tool": tool, "model": model, "id": session}, "human_author": "alice@bank.example"}
        for key, (tool, model, session) in sessions.items()
    }
    metadata = {"schema_version": "authorship/3.0.0", "base_commit_sha": "0" * 40, "prompts": {}, table: records}
    return "\n".join([*lines, "---", json.dumps(metadata, indent=2)]).encode()


def trace(
    path: str,
    *,
    tool: str = "claude-code",
    version: str = "",
    model: str = "",
    url: str = "",
    contributor: str = "ai",
    over: str = "",
    record_version: str = "0.1.0",
    timestamp: str = "2026-01-23T14:30:00Z",
) -> bytes:
    """A line with one record of one file; `over` is the contributor that its one range names itself."""
    one_range = {"start_line": 1, "end_line": 2, **({"contributor": {"type": over}} if over else {})}
    conversation = {
        "contributor": {"type": contributor, **({"model_id": model} if model else {})},
        "ranges": [one_range],
        **({"url": url} if url else {}),
    }
    record = {
        "version": record_version,
        "id": "6f3a2c1e-5b7d-4c9a-8e21-0d4f6a8b9c10",
        "timestamp": timestamp,
        "tool": {"name": tool, **({"version": version} if version else {})},
        "files": [{"path": path, "conversations": [conversation]}],
    }
    return json.dumps(record).encode() + b"\n"
