"""Payloads as agents send them: measured ones with the versions named, the others from their documentation."""

from __future__ import annotations

import json

SESSION = "3f0c2a9e-0000-4000-8000-000000000001"
PATCH = "*** Begin Patch\n*** Add File: src/ledger/post.py\n+def post(entry):\n*** End Patch\n"


def claude(tool: str, arguments: dict, **more: object) -> dict:
    """Claude Code 2.1.330."""
    return {
        "session_id": SESSION,
        "transcript_path": f"/home/dev/.claude/projects/-repo/{SESSION}.jsonl",
        "cwd": "REPO",
        "prompt_id": SESSION,
        "permission_mode": "acceptEdits",
        "effort": {"level": "high"},
        "hook_event_name": "PreToolUse",
        "tool_name": tool,
        "tool_input": arguments,
        "tool_use_id": "toolu_2",
        **more,
    }


def codex(tool: str, arguments: dict, **more: object) -> dict:
    """Codex 0.169.0."""
    return {
        "session_id": SESSION,
        "turn_id": SESSION,
        "transcript_path": "/home/dev/.codex/sessions/rollout.jsonl",
        "cwd": "REPO",
        "hook_event_name": "PreToolUse",
        "model": "gpt-5.5",
        "permission_mode": "bypassPermissions",
        "tool_name": tool,
        "tool_input": arguments,
        "tool_use_id": "call_3",
        **more,
    }


def gemini(tool: str, arguments: dict, **more: object) -> dict:
    """Gemini CLI 0.61.0."""
    return {
        "session_id": SESSION,
        "transcript_path": "/home/dev/.gemini/tmp/x/chats/session.jsonl",
        "cwd": "REPO",
        "hook_event_name": "BeforeTool",
        "timestamp": "2026-11-23T14:38:53.193Z",
        "tool_name": tool,
        "tool_input": arguments,
        **more,
    }


def copilot(tool: str, arguments: object, **more: object) -> dict:
    """Copilot CLI 1.0.102 with its own event names."""
    return {"sessionId": SESSION, "timestamp": 1795444793585, "cwd": "REPO", "toolName": tool, "toolArgs": arguments,
            **more}  # fmt: skip


def opencode(tool: str, arguments: dict, **more: object) -> dict:
    """What our plug-in for OpenCode 1.18.33 sends."""
    return {
        "session_id": "ses_1",
        "model": "gpt-5.5",
        "tool_name": tool,
        "tool_input": arguments,
        "cwd": "REPO",
        **more,
    }


def cline(tool: str, parameters: dict) -> dict:
    """Cline CLI 3.0.65."""
    return {
        "clineVersion": "",
        "timestamp": "1",
        "taskId": "t",
        "sessionContext": {"rootSessionId": "s"},
        "workspaceRoots": ["REPO"],
        "hookName": "tool_call",
        "tool_call": {"id": "1", "name": tool, "input": {}},
        "preToolUse": {"toolName": tool, "parameters": parameters},
    }


def cursor(event: str, **fields: object) -> dict:
    """Cursor, as documented."""
    return {
        "conversation_id": "c1",
        "generation_id": "g1",
        "hook_event_name": event,
        "cursor_version": "2.1.0",
        "workspace_roots": ["REPO"],
        **fields,
    }


def windsurf(action: str, info: dict) -> dict:
    """Windsurf, as documented."""
    return {"agent_action_name": action, "trajectory_id": "t1", "model_name": "swe-1", "tool_info": info}


def amp(tool: str, arguments: dict) -> dict:
    """What our plug-in for Amp sends."""
    return {"session_id": "T-1", "tool_use_id": "toolu_1", "tool_name": tool, "tool_input": arguments, "cwd": "REPO"}


def devin(tool: str, arguments: dict, **more: object) -> dict:
    """Devin CLI, as documented."""
    return {"hook_event_name": "PreToolUse", "tool_name": tool, "tool_input": arguments, "cwd": "REPO", **more}


def vscode(tool: str, arguments: dict, **more: object) -> dict:
    """Visual Studio Code, as documented in June 2026."""
    return {"timestamp": "2026-02-09T10:30:00.000Z", "cwd": "REPO", "sessionId": SESSION, "hookEventName": "PreToolUse",
            "transcript_path": "/home/dev/.config/Code/User/x/GitHub.copilot-chat/transcripts/x.jsonl",
            "tool_name": tool, "tool_input": arguments, "tool_use_id": "tool-123", **more}  # fmt: skip


LEDGER = "REPO/src/ledger/post.py"
NEW = {"content": "x"}

# name -> (agent, payload that would write src/ledger/post.py)
EDITS = {
    "claude write": ("claude-code", claude("Write", {"file_path": LEDGER, **NEW})),
    "claude edit": ("claude-code", claude("Edit", {"file_path": LEDGER, "old_string": "a", "new_string": "b"})),
    "claude multi-edit": ("claude-code", claude("MultiEdit", {"file_path": LEDGER, "edits": [{"old_string": "a"}]})),
    "claude notebook": ("claude-code", claude("NotebookEdit", {"notebook_path": LEDGER, "new_source": "x"})),
    "claude mcp": ("claude-code", claude("mcp__files__write_file", {"path": LEDGER, **NEW})),
    "claude mcp move": ("claude-code", claude("mcp__fs__moveFile", {"source": "src/a.py", "destination": LEDGER})),
    "claude shell": ("claude-code", claude("Bash", {"command": "printf x > src/ledger/post.py"})),
    "claude relative": ("claude-code", claude("Write", {"file_path": "src/../src/ledger/post.py", **NEW})),
    "claude case": ("claude-code", claude("Write", {"file_path": "SRC/Ledger/post.py", **NEW})),
    "copilot as claude": ("claude-code", {
        "hook_event_name": "PreToolUse", "session_id": SESSION, "timestamp": "2026-11-23T14:38:53Z", "cwd": "REPO",
        "tool_name": "Write", "tool_input": {"path": LEDGER, "file_text": "x"},
    }),
    "codex patch": ("codex", codex("apply_patch", {"command": PATCH})),
    "codex inner call": ("codex", codex("functions.apply_patch", {"input": PATCH}, tool_use_id="exec-1")),
    "codex patch by shell": ("codex", codex("Bash", {"command": f"apply_patch <<'PATCH'\n{PATCH}PATCH\n"})),
    "codex move": ("codex", codex("apply_patch", {
        "command": "*** Begin Patch\n*** Update File: a.py\n*** Move to: src/ledger/post.py\n@@\n-a\n*** End Patch"
    })),
    "codex argv": ("codex", codex("shell", {"command": ["bash", "-lc", "echo x >> src/ledger/post.py"]})),
    "gemini write": ("gemini-cli", gemini("write_file", {"file_path": LEDGER, **NEW})),
    "gemini replace": ("gemini-cli", gemini("replace", {"file_path": LEDGER, "instruction": "i", "old_string": "a"})),
    "gemini shell": ("gemini-cli", gemini("run_shell_command", {"command": "sed -i s/a/b/ src/ledger/post.py"})),
    "qwen write": ("qwen-code", claude("write_file", {"file_path": LEDGER, **NEW}, tool_call_id="call_3")),
    "qwen edit": ("qwen-code", claude("edit", {"file_path": LEDGER, "old_string": "a", "new_string": "b"})),
    "copilot create": ("copilot-cli", copilot("create", {"path": LEDGER, "file_text": "x"})),
    "copilot edit": ("copilot-cli", copilot("edit", {"path": LEDGER, "old_str": "a", "new_str": "b"})),
    "copilot text": ("copilot-cli", copilot("create", json.dumps({"path": "src/ledger/post.py"}))),
    "copilot patch": ("copilot-cli", copilot("Edit", PATCH)),
    "copilot shell": ("copilot-cli", copilot("bash", {"command": "tee src/ledger/post.py", "description": "d"})),
    "vs code": ("copilot-cli", {
        "hookEventName": "PreToolUse", "sessionId": SESSION, "cwd": "REPO", "toolName": "replace_string_in_file",
        "toolInput": {"filePath": LEDGER, "oldString": "a", "newString": "b"},
    }),
    "opencode write": ("opencode", opencode("write", {"filePath": LEDGER, **NEW})),
    "opencode edit": ("opencode", opencode("edit", {"filePath": LEDGER, "oldString": "a", "newString": "b"})),
    "opencode shell": ("opencode", opencode("bash", {"command": "cp a.py src/ledger/post.py"})),
    "cursor write": ("cursor", cursor("preToolUse", tool_name="Write", tool_input={"file_path": LEDGER})),
    "cursor shell": ("cursor", cursor("beforeShellExecution", command="rm src/ledger/post.py", cwd="REPO")),
    "cursor windows": ("cursor", cursor("preToolUse", tool_name="Write", tool_input={"path": "/c:/repo/src/ledger/p"})),
    "windsurf": ("windsurf", windsurf("pre_write_code", {"file_path": LEDGER, "edits": [{"old_string": "a"}]})),
    "windsurf shell": ("windsurf", windsurf("pre_run_command", {"command_line": "mv a src/ledger/post.py"})),
    "crush": ("crush", {"event": "PreToolUse", "session_id": "s", "cwd": "REPO", "tool_name": "write",
                        "tool_input": {"file_path": LEDGER, **NEW}}),
    "vs code files": ("github-copilot", vscode("editFiles", {"files": ["src/ledger/post.py"]})),
    "vs code insert": ("github-copilot", vscode("insert_edit_into_file", {"filePath": LEDGER, "code": "x"})),
    "vs code several": ("github-copilot", vscode("multi_replace_string_in_file", {"explanation": "e", "replacements": [
        {"filePath": "REPO/a.py", "oldString": "a", "newString": "b"}, {"filePath": LEDGER, "oldString": "a"}]})),
    "vs code patch": ("github-copilot", vscode("apply_patch", {"input": PATCH, "explanation": "e"})),
    "vs code rename": ("github-copilot", vscode("vscode_renameFile", {"oldUri": "file://REPO/a.py", "newUri":
                                                                     "file://REPO/src/ledger/post.py"})),
    "vs code notebook": ("github-copilot", vscode("edit_notebook_file", {"filePath": LEDGER, "editType": "insert"})),
    "vs code shell": ("github-copilot", vscode("run_in_terminal", {"command": "echo x >src/ledger/post.py",
                                                                   "explanation": "e", "isBackground": False})),
    "vs code as claude": ("claude-code", vscode("create_file", {"filePath": LEDGER, "content": "x"})),
    "devin edit": ("devin", devin("edit", {"file_path": "src/ledger/post.py", "old_string": "a"})),
    "devin write": ("devin", devin("write", {"file_path": LEDGER, "content": "x"})),
    "devin shell": ("devin", devin("exec", {"command": "cp a.py src/ledger/post.py", "shell_id": "main"})),
    "amp create": ("amp", amp("create_file", {"path": LEDGER, "content": "x"})),
    "amp edit": ("amp", amp("edit_file", {"path": LEDGER, "old_str": "a", "new_str": "b"})),
    "amp undo": ("amp", amp("undo_edit", {"path": LEDGER})),
    "amp patch": ("amp", amp("apply_patch", {"patchText": PATCH})),
    "amp shell": ("amp", amp("Bash", {"cmd": "mv a.py src/ledger/post.py", "cwd": "REPO"})),
    "cline editor": ("cline", cline("editor", {"path": LEDGER, "old_text": "a", "new_text": "b"})),
    "cline shell": ("cline", cline("run_commands", {"commands": '["ls", "touch src/ledger/post.py"]'})),
}  # fmt: skip

# name -> (agent, payload that nobody has anything against)
HARMLESS = {
    "read": ("claude-code", claude("Read", {"file_path": LEDGER})),
    "another file": ("claude-code", claude("Write", {"file_path": "REPO/src/app.py", **NEW})),
    "a patch as content": ("claude-code", claude("Write", {"file_path": "notes.md", "content": f"see:\n{PATCH}"})),
    "to do": ("claude-code", claude("TodoWrite", {"todos": [{"content": "edit src/ledger/post.py"}]})),
    "reads in a shell": ("codex", codex("Bash", {"command": "cat src/ledger/post.py | grep x > /dev/null"})),
    "quoted": ("claude-code", claude("Bash", {"command": "echo 'x > src/ledger/post.py'"})),
    "a copy of it": ("gemini-cli", gemini("run_shell_command", {"command": "cp src/ledger/post.py /tmp/x"})),
    "copilot views": ("copilot-cli", copilot("view", {"path": LEDGER})),
    "copilot editor views": ("copilot-cli", copilot("str_replace_editor", {"command": "view", "path": LEDGER})),
    "outside": ("opencode", opencode("write", {"filePath": "/tmp/src/ledger/post.py", **NEW})),
    "commit": ("claude-code", claude("Bash", {"command": 'git add -A && git commit -m "agent commit -n"'})),
}


def raw(payload: object, repo: object) -> bytes:
    """A payload for one repository, as bytes."""
    return json.dumps(payload).replace("REPO", str(repo)).encode()
