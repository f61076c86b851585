"""What git said last counts only while nothing it depends on has changed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sox_hooks.agents import ground, recall
from sox_hooks.agents.places import root_of
from tests.agents.payloads import EDITS, claude, raw


@pytest.fixture
def answer(governed):
    """`answer()` -> (what governs, whether git was asked for it)."""

    def look():
        opening = ground.start(root_of(str(governed.path)), dict(os.environ))
        found = ground.finish(opening)
        return found and (found.policy.version, found.email, found.hooks_path), opening.asking is not None

    return look


def test_git_is_asked_once(answer):
    told, asked = answer()
    assert (asked, told[1]) == (True, "alice@bank.example")
    assert answer() == (told, False)


def raised(repo):
    path = repo.path / ".sox/policy.toml"
    path.write_text(path.read_text().replace("\nversion = 1", "\nversion = 2"))
    repo.commit("Change the rules")


def origin(repo):
    """A protected branch that has a policy of its own, packed."""
    raised(repo)
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.git("pack-refs", "--all")


def included(repo):
    (repo.path.parent / "more").write_text("[user]\n\temail = carol@bank.example\n")
    repo.git("config", "include.path", str(repo.path.parent / "more"))


CHANGES = {
    "a commit": (raised, (2, "alice@bank.example", "")),
    "a protected branch": (origin, (2, "alice@bank.example", "")),
    "a tag that hides it": (lambda repo: (origin(repo), repo.git("tag", "origin/HEAD")), (1, "alice@bank.example", "")),
    "an address": (lambda repo: repo.git("config", "user.email", "bob@bank.example"), (1, "bob@bank.example", "")),
    "a setting at home": (lambda repo: repo.git("config", "--global", "core.hooksPath", "h"),
                          (1, "alice@bank.example", "h")),
    "an included file": (included, (1, "carol@bank.example", "")),
    "a replaced commit": (lambda repo: (raised(repo), repo.git("replace", "HEAD", "HEAD~1")),
                          (1, "alice@bank.example", "")),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_changes_the_answer_is_seen(name, governed, answer):
    change, wanted = CHANGES[name]
    answer()
    change(governed)
    assert answer() == (wanted, True)
    assert answer() == (wanted, False)


def test_the_content_of_an_include_is_watched_too(governed, answer):
    included(governed)
    answer()
    (governed.path.parent / "more").write_text("[user]\n\temail = dan@bank.example\n")
    assert answer() == ((1, "dan@bank.example", ""), True)


def test_variables_that_git_obeys_are_part_of_it(answer, monkeypatch):
    answer()
    for name, value in (("COUNT", "1"), ("KEY_0", "user.email"), ("VALUE_0", "eve@bank.example")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    assert answer() == ((1, "eve@bank.example", ""), True)


@pytest.mark.parametrize("value", ["HEAD~1", "main@{0}", "HEAD^{commit}"])
def test_what_is_no_ref_is_asked_every_time(value, governed, answer):
    raised(governed)
    governed.git("config", "sox.policyRef", value)
    assert answer()[1]
    assert answer()[1]


def test_a_policy_of_the_work_tree_is_read_every_time(governed, answer):
    governed.git("update-ref", "-d", "HEAD")
    assert [answer()[1], answer()[1]] == [True, True]


@pytest.mark.parametrize("damage", [b"", b"junk", b"sox-ground 2 0\n[]"])
def test_a_damaged_answer_is_no_answer(damage, governed, answer):
    answer()
    (path,) = (governed.path / ".git/sox-hooks/cache").glob("ground-*")
    path.write_bytes(damage)
    assert answer()[1]
    assert recall.recall(root_of(str(governed.path)), dict(os.environ)) is not None


def test_a_lost_policy_cache_is_no_lost_policy(governed, ask):
    for _ in range(2):
        assert ask("claude-code", raw(EDITS["claude write"][1], governed.path)).code == 2
        for path in (governed.path / ".git/sox-hooks/cache").glob("policy-*"):
            path.unlink()


@pytest.mark.parametrize(
    ("path", "phase", "code", "most"),
    [("src/app.py", "before", 0, 46), ("src/ledger/post.py", "before", 2, 56), ("src/app.py", "after", 0, 44)],
)
def test_what_an_edit_imports(path, phase, code, most, governed, ask):
    """A bound that is passed is a question (does every edit need this?), not a law. No git where nothing changed."""
    governed.write("src/app.py", "1\n")
    payload = raw(claude("Edit", {"file_path": path, "old_string": "a", "new_string": "b"}), governed.path)
    ask("claude-code", payload, phase)
    program = (
        f"import sys; sys.path[:0] = {[path for path in sys.path if path]!r}; "
        f"from sox_hooks.__main__ import main; sys.exit(main(['hook', 'agent', 'claude-code', {phase!r}]))"
    )
    argv = [sys.executable, "-S", "-X", "importtime", "-c", program]
    done = subprocess.run(argv, input=payload, capture_output=True, check=False)
    assert done.returncode == code
    lines = [line for line in done.stderr.decode().splitlines() if line.startswith("import time:")]
    ours = {line.rpartition("|")[2].strip() for line in lines if "sox_hooks" in line}
    assert ("sox_hooks.git.objects" in ours, "sox_hooks.hooks.in_force" in ours) == (False, False)
    assert ("sox_hooks.git.run" in ours) == (phase == "after")  # git hashes what was written
    assert len(ours) <= most, sorted(ours)
