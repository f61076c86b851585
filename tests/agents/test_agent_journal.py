"""After a tool: what is noted, what is not, and a whole story with the commit at its end."""

from __future__ import annotations

import json
import os
import subprocess
import time

import pytest

from sox_hooks.agents import journal
from sox_hooks.detection.journal import ANNOUNCED, DELETED, LIFETIME, MOST_BYTES, NAME, JournalEntry, line_of
from tests.agents import payloads
from tests.agents.payloads import claude, codex, copilot, opencode, raw
from tests.conftest import sox_argv


@pytest.fixture
def noted(governed):
    """The journal's lines as (path, blob, tool)."""

    def read() -> list[tuple[str, str, str]]:
        path = governed.path / ".git" / NAME
        lines = path.read_text().splitlines() if path.exists() else []
        return [(line["path"], line["blob"], line["tool"]) for line in map(json.loads, lines)]

    return read


def test_an_edit_is_noted_with_the_id_that_git_will_give_it(governed, call, noted, monkeypatch):
    monkeypatch.setenv("AI_AGENT", "claude-code_2-1-330_harness")
    governed.git("config", "core.autocrlf", "input")
    governed.write("src/app.py", "one\r\ntwo\r\n")
    done = call(
        "claude-code",
        raw(claude("Write", {"file_path": "REPO/src/app.py", "content": "SECRET"}), governed.path),
        "after",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    governed.git("add", "src/app.py")
    assert noted() == [("src/app.py", governed.git("rev-parse", ":src/app.py"), "claude-code")]
    path = governed.path / ".git" / NAME
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert json.loads(text)["version"] == "2.1.330"
    assert "SECRET" not in text
    assert payloads.SESSION not in text


def test_removed_files_folders_links_and_strange_names(governed, ask, noted):
    governed.write("b\nc", "x")
    (governed.path / "folder").mkdir()
    (governed.path / "link").symlink_to("folder")
    odd = os.fsdecode(b"caf\xe9")
    governed.write(odd, "y")
    for path in ("gone", "b\nc", "folder", "link", odd, ".git/COMMIT_EDITMSG", "/etc/hostname"):
        payload = json.dumps(claude("Write", {"file_path": path})).replace("REPO", str(governed.path)).encode()
        assert ask("claude-code", payload, "after").code == 0
    assert [(path, blob) for path, blob, _ in noted()] == [
        ("gone", DELETED),
        (os.fsencode(odd).decode("latin-1"), governed.git("hash-object", odd)),
    ]


def test_a_shell_that_names_files_is_noted(governed, ask, noted):
    governed.write("a", "1")
    governed.write("b", "2")
    ask("claude-code", raw(claude("Bash", {"command": "echo 1 > a; sed -i s/1/2/ b; ls c"}), governed.path), "after")
    assert {path for path, _, _ in noted()} == {"a", "b"}


def test_what_no_after_hook_will_tell_is_announced(governed, ask, noted):
    patch = payloads.PATCH.replace("src/ledger", "src")
    ask("codex", raw(codex("Bash", {"command": f"apply_patch <<'P'\n{patch}P\n"}), governed.path))
    crush = {"event": "PreToolUse", "cwd": "REPO", "tool_name": "write", "tool_input": {"file_path": "z"}}
    ask("crush", raw(crush, governed.path))
    assert noted() == [("src/post.py", ANNOUNCED, "codex"), ("z", ANNOUNCED, "crush")]


def test_nothing_is_noted_of_reads_failures_refusals_and_ungoverned_repositories(governed, ask, noted, make_repo):
    governed.write("a", "1")
    other = make_repo("other")
    other.write("a", "1")
    for agent, payload, phase in (
        ("claude-code", claude("Read", {"file_path": "a"}), "after"),
        ("copilot-cli", copilot("create", {"path": "a"}, toolResult={"resultType": "failure"}), "after"),
        ("crush", {"cwd": "REPO", "tool_name": "write", "tool_input": {"file_path": "src/ledger/a"}}, "before"),
        ("opencode", opencode("write", {"filePath": "a"}), "before"),
    ):
        ask(agent, raw(payload, governed.path), phase)
    ask("opencode", raw(opencode("write", {"filePath": "a"}), other.path), "after")
    assert noted() == []
    assert not (other.path / ".git/sox-hooks").exists()


def test_two_hooks_for_one_edit_make_one_line(governed, ask, noted):
    governed.write("a", "1")
    for _ in range(2):
        ask("claude-code", raw(claude("Write", {"file_path": "a"}), governed.path), "after")
    governed.write("a", "2")
    ask("claude-code", raw(claude("Write", {"file_path": "a"}), governed.path), "after")
    assert len(noted()) == 2


def test_the_journal_stays_small_and_forgets_the_oldest(tmp_path):
    now = int(time.time())
    path = tmp_path / NAME
    path.parent.mkdir()
    old = line_of(JournalEntry(now - LIFETIME - 5, "expired", "a" * 40, "codex"))
    fresh = [line_of(JournalEntry(now, f"p{number}", "a" * 40, "codex")) for number in range(9000)]
    path.write_bytes((b"".join([old, b"damaged\n", *fresh]))[: MOST_BYTES - 10])
    assert journal.append(str(tmp_path), (JournalEntry(now, "last", "b" * 40, "codex"),)) == 1
    kept = path.read_text().splitlines()
    assert path.stat().st_size < MOST_BYTES * 0.6
    assert json.loads(kept[-1])["path"] == "last"
    assert not {"expired", "p0"} & {json.loads(line)["path"] for line in kept}


def test_a_line_after_one_that_was_torn(tmp_path):
    path = tmp_path / NAME
    path.parent.mkdir()
    path.write_bytes(b'{"t":1')
    journal.append(str(tmp_path), (JournalEntry(1, "x", "", "codex"),))
    assert len(path.read_bytes().splitlines()) == 2


def test_many_at_once_lose_nothing(governed, noted):
    names = [f"f{number}" for number in range(8)]
    for name in names:
        governed.write(name, name)
    argv = [*sox_argv(), "hook", "agent", "codex", "after"]
    running = []
    for name in names:
        process = subprocess.Popen(argv, stdin=subprocess.PIPE)
        process.stdin.write(raw(codex("write", {"path": name}), governed.path))
        process.stdin.close()
        running.append(process)
    assert [process.wait() for process in running] == [0] * len(names)
    assert sorted(path for path, _, _ in noted()) == names


def test_a_full_disk_is_a_note(governed, ask, monkeypatch):
    (governed.path / ".git" / NAME).parent.mkdir(exist_ok=True)
    (governed.path / ".git" / NAME).mkdir()
    governed.write("a", "1")
    answer = ask("claude-code", raw(claude("Write", {"file_path": "a"}), governed.path), "after")
    assert answer.code == 0
    assert "could not" in answer.err


def test_the_story(governed, call):
    """An agent writes; a person commits in a shell of their own."""
    subprocess.run([*sox_argv(), "install"], check=True, capture_output=True)
    governed.write("src/app.py", "by the agent\n")
    call(
        "codex",
        raw(codex("apply_patch", {"command": "*** Begin Patch\n*** Add File: src/app.py\n+x\n"}), governed.path),
        "after",
    )
    governed.commit("A change")
    message = governed.git("log", "-1", "--format=%B")
    assert "AI-Assistance: assisted" in message
    assert "Assisted-by: codex:gpt-5.5" in message


SCRIPT = "import os; open('made.py', 'w').write('x'); os.remove('gone.py'); open('src/changed.py', 'a').write('y')"


@pytest.fixture
def shell(governed, ask):
    """Runs a command between the two hooks, as an agent does."""

    def run(command: str, agent: str = "claude-code") -> None:
        payload = raw(claude("Bash", {"command": command}), governed.path)
        assert ask(agent, payload).code == 0
        subprocess.run(["sh", "-c", command], check=True, capture_output=True)
        assert ask(agent, payload, "after").code == 0

    return run


def test_what_a_script_changed_is_found_without_its_text_saying_so(governed, shell, noted):
    governed.commit("x", {"gone.py": "1", "src/changed.py": "1", "other.py": "1", "dirty.py": "1"})
    governed.write("dirty.py", "by hand, before")
    governed.write("loose.py", "by hand, before")
    time.sleep(0.02)
    shell(f'python3 -c "{SCRIPT}"')
    assert {(path, blob == DELETED) for path, blob, _ in noted()} == {
        ("made.py", False),
        ("gone.py", True),
        ("src/changed.py", False),
    }
    assert list((governed.path / ".git/sox-hooks/shells").iterdir()) == []


def test_what_git_brings_back_is_not_the_agents(governed, shell, noted):
    governed.commit("x", {"a.py": "1"})
    governed.write("a.py", "by hand")
    governed.git("stash")
    shell("git stash pop")
    assert noted() == []


def test_a_window_without_beginning_is_none(governed, ask, noted):
    governed.write("a.py", "by hand")
    ask("claude-code", raw(claude("Bash", {"command": "make"}), governed.path), "after")
    assert noted() == []
