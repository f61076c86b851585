"""What the guard says to every payload that was measured or is documented, with a real policy in a real repository."""

from __future__ import annotations

import json
import os

import pytest

from tests.agents import payloads
from tests.agents.payloads import EDITS, HARMLESS, claude, codex, gemini, raw


def denied(answer) -> bool:
    return answer.code == 2 or '"cancel":true' in answer.out


@pytest.mark.parametrize("name", EDITS)
def test_edits_of_restricted_paths_are_refused(name, governed, ask):
    agent, payload = EDITS[name]
    answer = ask(agent, raw(payload, governed.path))
    assert denied(answer), answer
    assert "src/ledger" in (answer.err + answer.out).lower()


@pytest.mark.parametrize("name", HARMLESS)
def test_everything_else_is_allowed_in_silence(name, governed, ask):
    agent, payload = HARMLESS[name]
    answer = ask(agent, raw(payload, governed.path))
    assert not denied(answer)
    assert answer.err == ""


@pytest.mark.parametrize("name", EDITS)
def test_nothing_is_refused_without_a_policy(name, repo, ask):
    agent, payload = EDITS[name]
    answer = ask(agent, raw(payload, repo.path))
    assert not denied(answer)


def test_the_portable_refusal_speaks_every_dialect(governed, call):
    done = call("claude-code", raw(EDITS["claude write"][1], governed.path))
    said = json.loads(done.stdout)
    reason = done.stderr.decode().rstrip("\n")
    assert done.returncode == 2
    assert said == {
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        },
        "decision": "deny",
        "reason": reason,
        "permissionDecision": "deny",
        "permissionDecisionReason": reason,
    }
    assert "SOX309" in reason
    assert "src/ledger/post.py" in reason


def test_other_agents_get_their_own_form(governed, call):
    done = call("cursor", raw(EDITS["cursor write"][1], governed.path))
    assert (done.returncode, json.loads(done.stdout)["permission"]) == (2, "deny")
    done = call("cline", raw(EDITS["cline editor"][1], governed.path))
    assert (done.returncode, json.loads(done.stdout)["cancel"], done.stderr) == (0, True, b"")
    done = call("windsurf", raw(EDITS["windsurf"][1], governed.path))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"SOX301" in done.stderr


def test_a_refusal_is_in_the_audit_log(governed, call):
    call("codex", raw(EDITS["codex patch"][1], governed.path))
    entry = json.loads((governed.path / ".git/sox-hooks/log.jsonl").read_text().splitlines()[-1])
    assert entry["event"] == "agent-refused"
    assert (entry["agent"], entry["tool"], entry["paths"]) == ("codex", "codex:gpt-5.5", ["src/ledger/post.py"])
    assert payloads.SESSION not in json.dumps(entry)
    assert "def post" not in json.dumps(entry)


PROTECTED = [
    ".sox/policy.toml", ".sox/new/file", ".git/hooks/commit-msg", ".git/config", ".git/sox-hooks/journal.jsonl",
    ".claude/settings.json", ".claude/settings.local.json", ".codex/hooks.json", ".gemini/settings.json",
    ".github/hooks/sox-hooks.json", ".opencode/plugins/sox-hooks.js", ".cursor/hooks.json", ".husky/commit-msg",
    "hooked/commit-msg", ".SOX/policy.toml", ".git", ".devin/hooks.v1.json", ".amp/plugins/sox-hooks.ts",
    ".pre-commit-config.yaml",
]  # fmt: skip


def test_no_agent_edits_what_governs_it(governed, ask):
    governed.git("config", "core.hooksPath", "hooked")
    governed.write(".pre-commit-config.yaml", "repos: [{repo: https://example.com/sox-hooks}]\n")
    governed.write("lefthook.yml", "pre-commit: {}\n")
    for path in PROTECTED:
        for payload in (claude("Write", {"file_path": path}), claude("Bash", {"command": f"rm -rf '{path}'"})):
            answer = ask("claude-code", raw(payload, governed.path))
            assert (answer.code, "SOX205" in answer.err) == (2, True), path
    assert ask("claude-code", raw(claude("Write", {"file_path": "lefthook.yml"}), governed.path)).code == 0


DIFF = "--- a/src/ledger/a.py\n+++ b/src/ledger/a.py\n@@ -1 +1 @@\n-a\n+b\n"


PLAIN_WRITES = [
    "git apply fix.diff", "patch -p1 < fix.diff", "patch -p1 -i fix.diff", "cd src && git apply ../fix.diff",
    f"git apply <<'E'\n{DIFF}E\n", f"patch -p1 <<'E'\n{DIFF}E\n", "git restore src/ledger",
    "git checkout -- src/ledger/a.py", "git checkout HEAD~1 src/ledger/a.py", "git clean -fdx src",
    "ln src/ledger/a.py free.py && echo x > free.py", "find src -delete", "mv src elsewhere",
    "cat <<'E' > src/ledger/b.py\nx\nE",
]  # fmt: skip
NO_WRITES = [
    "find . -name '*.pyc' -delete", "git apply other.diff", "git apply no-such.diff", "git checkout main", "git stash",
    "patch --help", "git clean -n other",
]  # fmt: skip


def test_shells_that_plainly_write_restricted_paths(governed, ask):
    governed.write("src/ledger/a.py", "a\n")
    governed.write("fix.diff", DIFF)
    governed.write("other.diff", DIFF.replace("ledger", "free"))
    for command in PLAIN_WRITES:
        answer = ask("claude-code", raw(claude("Bash", {"command": command}), governed.path))
        assert (answer.code, "src/ledger" in answer.err) == (2, True), command
    for command in NO_WRITES:
        assert ask("claude-code", raw(claude("Bash", {"command": command}), governed.path)).err == "", command


def test_nor_its_configuration_at_home(governed, hermetic, ask):
    payload = claude("Edit", {"file_path": str(hermetic / ".claude/settings.json"), "old_string": "a"})
    assert "SOX205" in ask("claude-code", raw(payload, governed.path)).err
    payload = claude("Bash", {"command": "echo '{}' > ~/.codex/hooks.json"})
    assert "SOX205" in ask("claude-code", raw(payload, governed.path)).err
    payload = claude("Edit", {"file_path": str(hermetic / "notes.md"), "old_string": "a"})
    assert ask("claude-code", raw(payload, governed.path)).code == 0


def test_messages_in_the_git_directory_may_be_written(governed, ask):
    payload = claude("Write", {"file_path": ".git/COMMIT_EDITMSG", "content": "x"})
    assert ask("claude-code", raw(payload, governed.path)).code == 0


def test_links_are_followed_and_are_files_themselves(governed, ask):
    (governed.path / "src/ledger").mkdir(parents=True)
    (governed.path / "alias").symlink_to("src/ledger")
    (governed.path / "out").mkdir()
    (governed.path / "src/ledger/link.py").symlink_to("../../out/file.py")
    for path in ("alias/post.py", "src/ledger/link.py", str(governed.path / "alias/../ledger/x.py")):
        answer = ask("claude-code", raw(claude("Write", {"file_path": path}), governed.path))
        assert answer.code == 2, path


def test_the_repository_may_be_reached_by_a_link_or_from_elsewhere(governed, ask, tmp_path):
    (tmp_path / "other").symlink_to(governed.path)
    for path in (tmp_path / "other/src/ledger/x.py", governed.path / "src/ledger/x.py"):
        answer = ask("claude-code", raw(claude("Write", {"file_path": str(path)}), tmp_path))
        assert answer.code == 2, path


def test_linked_work_trees_are_governed_too(governed, ask, tmp_path):
    governed.git("worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other")
    payload = claude("Write", {"file_path": str(tmp_path / "tree/src/ledger/x.py")})
    assert ask("claude-code", raw(payload, governed.path)).code == 2
    payload = claude("Write", {"file_path": str(governed.path / ".git/worktrees/tree/config.worktree")})
    assert "SOX205" in ask("claude-code", raw(payload, tmp_path / "tree")).err


def test_a_folder_is_what_is_in_it(governed, ask):
    governed.write("src/ledger/a.py", "x\n")
    for command in ("rm -rf src", "rm -rf ./src/", "rm src/ledger/*.py", "chmod -R 600 src", "mv src old"):
        answer = ask("claude-code", raw(claude("Bash", {"command": command}), governed.path))
        assert answer.code == 2, command


def test_a_pattern_is_what_it_matches(governed, ask):
    governed.write("src/ledger/a.py", "x\n")
    governed.write("src/b.py", "x\n")
    for command, code in (
        ("rm src/*.py", 0),
        ("rm -r src/l*", 2),
        ("rm src/*/a.py", 2),
        ("rm -r s*", 2),
        ("rm *.txt", 0),
    ):
        answer = ask("claude-code", raw(claude("Bash", {"command": command}), governed.path))
        assert answer.code == code, command


def test_paths_of_windows_that_are_about_something_else(governed, ask):
    for path, code in (
        ("C:\\Repo\\src\\ledger\\x.py", 2),
        ("C:\\other\\src\\ledger\\x.py", 0),
        ("src\\ledger\\x.py", 2),
    ):
        answer = ask("cursor", raw(claude("Write", {"file_path": path}), governed.path))
        assert answer.code == code, path


def test_more_repositories_than_can_be_asked(governed, ask, make_repo):
    others = [make_repo(f"other{number}") for number in range(33)]
    paths = [str(other.path / "x") for other in others] + ["src/ledger/x.py"]
    assert ask("claude-code", raw(claude("Write", {"paths": paths}), governed.path)).code == 2


def test_warn_refuses_nothing_and_says_so(governed, ask):
    path = governed.path / ".sox/policy.toml"
    path.write_text(path.read_text().replace('mode = "enforce"', 'mode = "warn"'))
    governed.commit("Try it out first")
    answer = ask("claude-code", raw(EDITS["claude write"][1], governed.path))
    assert answer.code == 0
    assert answer.out == ""
    assert "mode is warn" in answer.err


def test_an_exception_of_the_person_counts(governed, ask):
    governed.write(
        ".sox/exceptions.toml",
        '[[exceptions]]\nid = "EX-1"\ntool = "claude-code"\npatterns = ["src/ledger/**"]\npersons = ["alice"]\n'
        'reason = "migration"\nticket = "T-1"\nrequested_by = "alice"\napproved_by = "bob"\n'
        "starts = 2020-01-01\nexpires = 2099-01-01\n",
    )
    people = governed.path / ".sox/people.toml"
    people.write_text(
        people.read_text() + '\n[people.bob]\nname = "Bob"\nemails = ["bob@bank.example"]\n'
        'roles = [{ role = "compliance", from = 2020-01-01 }]\n'
    )
    governed.commit("An exception")
    assert ask("claude-code", raw(EDITS["claude write"][1], governed.path)).err == ""
    assert ask("codex", raw(EDITS["codex patch"][1], governed.path)).code == 2
    governed.git("config", "user.email", "eve@bank.example")
    assert ask("claude-code", raw(EDITS["claude write"][1], governed.path)).code == 2


def test_an_unusable_policy_refuses_edits_and_only_those(governed, ask):
    governed.commit("Break it", {".sox/policy.toml": "no policy"})
    for payload in (HARMLESS["another file"][1], EDITS["claude write"][1]):
        answer = ask("claude-code", raw(payload, governed.path))
        assert answer.code == 2
        assert "could not judge" in answer.err
    answer = ask("claude-code", raw(claude("Bash", {"command": "touch a"}), governed.path))
    assert answer.code == 0
    assert "could not judge" in answer.err


def test_a_model_that_the_register_does_not_have_is_refused(governed, ask):
    path = governed.path / ".sox/policy.toml"
    path.write_text(path.read_text() + '\n[tools.codex]\nstatus = "approved"\nmodels = ["gpt-6*"]\n')
    governed.commit("Approve some models")
    path.write_text(
        path.read_text().replace('patterns = ["**"]\ntier = "open"', 'patterns = ["**"]\ntier = "controlled"')
    )
    governed.commit("Control everything")
    edit = {"command": "*** Begin Patch\n*** Add File: a.py\n+x\n*** End Patch\n"}
    assert "gpt-5.5" in ask("codex", raw(codex("apply_patch", edit), governed.path)).err
    assert ask("codex", raw(codex("apply_patch", edit, model="gpt-6-codex"), governed.path)).code == 0


def test_gemini_gets_the_git_hooks_back(governed, call, monkeypatch):
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    monkeypatch.delenv("GIT_CONFIG_NOSYSTEM")
    payload = gemini("run_shell_command", {"command": "git add -A && git commit -m x", "description": "d"})
    done = call("gemini-cli", raw(payload, governed.path))
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "decision": "allow",
        "hookSpecificOutput": {
            "hookEventName": "BeforeTool",
            "tool_input": {
                "command": "unset GIT_CONFIG_COUNT GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_NOSYSTEM;"
                " git add -A && git commit -m x",
                "description": "d",
            },
        },
    }
    for command in ("git status", "unset GIT_CONFIG_COUNT; git commit -m x", "echo git commit"):
        done = call("gemini-cli", raw(gemini("run_shell_command", {"command": command}), governed.path))
        assert (done.returncode, done.stdout) == (0, b"")


def test_the_rewritten_command_runs_the_hooks(governed, call, hermetic, monkeypatch):
    """Under the variables that Gemini CLI 0.61.0 sets."""
    hook = governed.path / ".git/hooks/commit-msg"
    hook.write_text("#!/bin/sh\necho ran >> hook-ran\n")
    hook.chmod(0o755)
    payload = gemini("run_shell_command", {"command": "git commit -q --allow-empty -m x"})
    command = json.loads(call("gemini-cli", raw(payload, governed.path)).stdout)["hookSpecificOutput"]["tool_input"]
    gemini_env = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.hooksPath",
        "GIT_CONFIG_VALUE_0": "",
    }
    for name, value in gemini_env.items():
        monkeypatch.setenv(name, value)
    assert os.system(command["command"]) == 0  # noqa: S605 - as the agent's shell would
    assert (governed.path / "hook-ran").read_text() == "ran\n"
    assert governed.git("log", "-1", "--format=%ae") == "alice@bank.example"
