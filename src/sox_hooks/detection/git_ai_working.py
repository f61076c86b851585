"""What git-ai keeps of edits that are not committed yet: its note is written after the commit, and changes no record.

`ai/working_logs/<base commit>/checkpoints.jsonl` below the git directory, one JSON object a line (`api_version`
`checkpoint/1.0.0`; git-ai 1.6, src/authorship/working_log.rs and src/git/repo_storage.rs). This is no published format
and may change any day; lines of another version say nothing.
"""

from __future__ import annotations

from sox_hooks.detection.agent_trace import Trace
from sox_hooks.detection.recorders import model_of

FOLDER = "ai/working_logs"
_KINDS = ("AiAgent", "AiTab", "ai_agent", "ai_tab")
_MOST_FILES = 10_000


def path_of(git_dir: str, common_dir: str, base: str) -> str:
    """The file for a work tree whose HEAD is `base`; those of linked work trees are in the common directory, too."""
    linked = git_dir.removeprefix(common_dir + "/worktrees/")
    folder = FOLDER if linked == git_dir else FOLDER.replace("/", f"/worktrees/{linked}/")
    return f"{common_dir}/{folder}/{base}/checkpoints.jsonl"


def read(raw: bytes) -> tuple[Trace, ...]:
    """The files of the checkpoints that agents made."""
    return tuple([trace for line in raw.splitlines() for trace in parse(line)])


def parse(line: bytes) -> tuple[Trace, ...]:
    """One checkpoint; () if it is none of an agent."""
    from sox_hooks.core.fastjson import loads

    try:
        value = loads(line.decode("utf-8").strip())
    except (ValueError, RecursionError):
        return ()
    if not isinstance(value, dict) or value.get("kind") not in _KINDS:
        return ()
    version, moment, files = value.get("api_version"), value.get("timestamp"), value.get("entries")
    if not isinstance(version, str) or not version.startswith("checkpoint/1.") or not isinstance(files, list):
        return ()
    if not isinstance(moment, int) or not 0 <= moment < 1 << 40:
        return ()
    agent = value.get("agent_id")
    texts = [agent.get(name) if isinstance(agent, dict) else "" for name in ("tool", "model", "id")]
    tool, model, session = [text if isinstance(text, str) and len(text) <= 500 else "" for text in texts]
    paths = [file.get("file") for file in files[:_MOST_FILES] if isinstance(file, dict)]
    return tuple([Trace(moment, path, tool, "", model_of(model), session) for path in paths if isinstance(path, str)])
