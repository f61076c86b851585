"""Amending in the editor, with text typed below the old record: one record stands in the message, at its end."""

from __future__ import annotations


def test_text_below_the_old_record(stage, tmp_path):
    stage.tracked("a")
    stage.git("commit", "-q", "-m", "First", "-m", "Body.")
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf '\\nTyped below.\\n' >>\"$1\"\n")
    editor.chmod(0o755)
    stage.tracked("b")
    stage.git("commit", "-q", "--amend", "--cleanup=whitespace", GIT_EDITOR=str(editor))
    message = stage.git("log", "-1", "--format=%B")
    assert message.count("Sox-Record:") == message.count("AI-Assistance:") == message.count("Sox-Signature:") == 1
    assert message.startswith("First\n\nBody.\n")
    assert "Typed below.\n" in message
    assert stage.told() == ["verified same-change"]
    assert not [finding for verdict in stage.verdicts() for finding in verdict.findings]
