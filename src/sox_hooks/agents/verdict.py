"""How an agent is told no, in the form that this agent honours. Allowing is silence and exit code 0."""

from __future__ import annotations

from sox_hooks.core.struct import Struct

# Forms of a refusal.
PORTABLE, CURSOR, CLINE, WORDS = "portable", "cursor", "cline", "words"
BLOCK = 2


class Answer(Struct):
    """What the hook prints and its exit code."""

    out: str = ""
    err: str = ""
    code: int = 0


def refusal(form: str, event_name: str, reason: str) -> Answer:
    """No, and why.

    `portable`  one object with the keys of all dialects, the reason on stderr and exit code 2: measured to block, and
                to carry the reason to the model, in Claude Code 2.1.330, Codex 0.169.0, Gemini CLI 0.61.0, Qwen Code
                0.24.4 and Copilot CLI 1.0.102. No single one of these does it in all five. Crush documents two of them.
    `cursor`    as Cursor's hooks documentation has it, with exit code 2
    `cline`     exit code 0 and `cancel`: the only form that Cline CLI 3.0.65 obeys (measured); it ends the run
    `words`     stderr and exit code 2, nothing on stdout (Windsurf; our own plug-ins)
    """
    from sox_hooks.core.fastjson import dumps

    if form == CLINE:
        return Answer(dumps({"cancel": True, "errorMessage": reason}) + "\n", "", 0)
    if form == CURSOR:
        said = {"permission": "deny", "user_message": reason, "agent_message": reason}
        return Answer(dumps(said) + "\n", reason + "\n", BLOCK)
    if form == WORDS:
        return Answer("", reason + "\n", BLOCK)
    said_in_all = {
        "hookSpecificOutput": {
            "hookEventName": event_name,
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        },
        "decision": "deny",
        "reason": reason,
        "permissionDecision": "deny",
        "permissionDecisionReason": reason,
    }
    return Answer(dumps(said_in_all) + "\n", reason + "\n", BLOCK)


def allowed(form: str, note: str = "") -> Answer:
    """Yes. Cursor wants JSON from every hook that may refuse; all others take silence."""
    return Answer("{}\n" if form in (CURSOR, CLINE) else "", note)
