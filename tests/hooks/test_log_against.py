"""`log verify --against RANGE`: commits that others have seen hold the log to what it was."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sox_hooks.core.digest import sha256_hex
from sox_hooks.verification.envelope import writer
from tests.positions import keep_position
from tests.record.software_keys import software_key


@pytest.fixture
def log(stage) -> Path:
    """The log of a clone with three recorded commits, the last of which nobody else has seen."""
    for number in range(3):
        stage.tracked(f"file{number}")
        stage.git("commit", "-q", "-m", f"Change {number}")
    return stage.path / ".git/sox-hooks/log.jsonl"


def against(stage, words: str = "HEAD~1") -> tuple[int, dict]:
    """Exit code and report."""
    done = subprocess.run(
        [sys.executable, "-I", "-m", "sox_hooks", "log", "verify", "--against", words, "--format", "json"],
        cwd=stage.path, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout) if done.stdout else {"stderr": done.stderr.decode()}


def rules(report: dict) -> list[str]:
    return [entry["rule"] for entry in report["findings"]]


def rewrite(log: Path, edit) -> None:
    """Change a log and mend its chain, as somebody would who knows how it works."""
    previous = "0" * 64
    lines = []
    for line in edit(log.read_text().splitlines()):
        linked = re.sub(r'"previous":"[0-9a-f]{64}"', f'"previous":"{previous}"', line)
        lines.append(linked)
        previous = sha256_hex(linked.encode())
    log.write_text("".join([line + "\n" for line in lines]))


def test_an_honest_log(stage, log):
    code, report = against(stage)
    assert (code, rules(report)) == (0, [])
    checked = report["checked"]
    events = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    fixed = [index for index, event in enumerate(events, 1) if event == "recorded"][-2]  # that of HEAD~1
    assert checked["fixed by them"] == f"entries 1 to {fixed}"
    assert checked["not fixed"].startswith(f"entries {fixed + 1} to {len(events)};")


def test_an_edited_entry_with_a_mended_chain(stage, log):
    rewrite(log, lambda lines: [line.replace('"host":"native"', '"host":"husky"') for line in lines])
    code, report = against(stage)
    assert code == 1
    assert set(rules(report)) == {"SOX703"}


def test_a_removed_entry_with_a_mended_chain(stage, log):
    def without_the_third(lines):
        kept = lines[:2] + lines[3:]
        return [re.sub(r'^\{"index":\d+', f'{{"index":{number}', line) for number, line in enumerate(kept, 1)]

    rewrite(log, without_the_third)
    code, report = against(stage)
    assert code == 1
    assert "SOX703" in rules(report)


def test_a_cut_log(stage, log):
    lines = log.read_text().splitlines(keepends=True)
    cited = [index for index, line in enumerate(lines) if '"event":"recorded"' in line][-2]
    log.write_text("".join(lines[:cited]))
    code, report = against(stage)
    assert code == 1
    assert rules(report) == ["SOX704"]


def test_what_nobody_has_seen_can_be_cut(stage, log):
    """The limit of it, which the report states in so many words."""
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:-1]))
    code, report = against(stage)
    assert code == 0
    assert "cannot be seen" in report["checked"]["not fixed"]


def test_a_forked_log(stage, log, tmp_path):
    """Somebody puts a copy of the log back that went its own way from the second entry on."""
    lines = log.read_text().splitlines()
    rewrite(
        log,
        lambda _: [*lines[:2], *[line.replace("Change", "Other").replace("recorded", "refused") for line in lines[2:]]],
    )
    assert against(stage)[0] == 1


def test_a_deleted_log_looks_like_a_new_clone(stage, log):
    shutil.rmtree(log.parent)
    assert against(stage)[0] == 4


def test_a_new_log_of_the_same_key_is_told(stage, log):
    log.unlink()
    stage.tracked("later")
    stage.git("commit", "-q", "-m", "Later")
    _, report = against(stage, "HEAD")
    assert rules(report) == ["SOX705"]


def test_a_commit_that_nobody_signed_holds_nobody_to_anything(stage, log):
    """A record with a made-up `log=` must not make an honest log look changed."""
    message = stage.git("log", "-1", "--format=%B", "HEAD~1")
    digest = re.search(r"log=[0-9a-f]+\.\d+\.([0-9a-f]{32})", message)[1]
    forged = message.replace(digest, "0" * 32)
    commit = stage.git("commit-tree", "HEAD^{tree}", "-p", "HEAD~2", "-m", forged)
    code, report = against(stage, commit)
    assert (code, rules(report)) == (0, [])


@pytest.mark.parametrize("words", ["--oops", "nowhere", "a...b"])
def test_words_that_are_no_range(stage, log, words):
    assert against(stage, words)[0] in (2, 4)


def countersigned(stage, index: int, digest: str, log_id: str) -> None:
    """What a CI job has signed of this log, in the way that a clone fetches it; the policy comes to know its key."""
    key = software_key("ssh-ed25519", 7)
    sox = stage.path / ".sox"
    repository = re.search(r'^repository = "(.*)"', (sox / "policy.toml").read_text(), re.MULTILINE)[1]
    with (sox / "people.toml").open("a") as file:
        file.write(
            '\n[people.ci]\nname = "CI"\nkind = "service"\nemails = ["ci@bank.example"]\n'
            'roles = [{ role = "ci", from = 2020-01-01 }]\n'
        )
    with (sox / "allowed_signers").open("a") as file:
        file.write(f'ci@bank.example namespaces="sox-record" {key.line}\n')
    stage.git("add", "-A")
    stage.git("commit", "-q", "--no-verify", "-m", "CI has a key")
    ref = f"refs/remotes/origin/sox/summaries/{writer(key.blob)}"
    keep_position(stage.git, key, f"{log_id}.{index}.{digest}", ref=ref, repository=repository)


def test_what_ci_has_seen_holds_a_log_after_its_commits_are_gone(stage, log):
    """The commits were dropped, and the log put back to before them: CI's signature still tells."""
    lines = log.read_text().splitlines(keepends=True)
    last = max(index for index, line in enumerate(lines, 1) if '"event":"recorded"' in line)
    digest = sha256_hex(lines[last - 1].rstrip("\n").encode())[:32]
    log_id = sha256_hex(lines[0].rstrip("\n").encode())[:12]
    stage.git("reset", "-q", "--hard", "HEAD~1")
    countersigned(stage, last, digest, log_id)
    code, report = against(stage, "HEAD")
    assert (code, rules(report)) == (0, [])
    assert report["checked"]["seen by CI"].startswith(f"entry {last} at ")
    assert report["checked"]["fixed by them"] == f"entries 1 to {last}"
    log.write_text("".join(lines[: last - 1]))
    code, report = against(stage, "HEAD")
    assert (code, rules(report)) == (1, ["SOX704"])
    assert "seen by CI at" in report["findings"][0]["message"]
    log.write_text("".join(lines[: last - 1]))
    stage.tracked("again")
    stage.git("commit", "-q", "-m", "Another entry in its place")
    code, report = against(stage, "HEAD")
    assert (code, set(rules(report))) == (1, {"SOX703"})
