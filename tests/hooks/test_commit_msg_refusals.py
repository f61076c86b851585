"""A commit that is not made loses nothing: the printed command brings message and content back once all is mended."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.hooks.stage import AGENT, KEYS, NONE, Stage

PLAIN = "src/tool.py"
SECRET = "src/ledger/post.py"
TEXT = "Subject\n\nBody: caf\u00e9\n# not a comment\n---\nmore\n\nRefs: 12\n"


def command_of(stderr: str) -> str:
    """The command in the last line."""
    return stderr.rstrip("\n").rpartition("when mended: ")[2]


def run_again(stage: Stage, stderr: str) -> None:
    """What the person does: declare that no AI took part, type the printed command, close the editor."""
    stage.git("config", "sox.declaration", "none")
    done = subprocess.run(
        ["sh", "-c", command_of(stderr)],
        cwd=stage.path,
        env={**os.environ, "GIT_EDITOR": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def well_told(stderr: str) -> None:
    """What every refusal has: a first line that stands alone, what mends it, no traceback, nothing raw."""
    first, *rest = stderr.splitlines()
    assert first.startswith(("sox-hooks: ", "SOX")), stderr
    assert any(line.startswith("  fix:") for line in rest), stderr
    assert "Traceback" not in stderr
    assert "internal error" not in stderr
    assert "\x1b" not in stderr


@pytest.mark.parametrize(
    ("options", "env"),
    [
        (("-F", "-"), {}),
        (("-F", "-", "--cleanup=verbatim"), {}),
        (("-F", "-", "-e", "--cleanup=scissors"), {"GIT_EDITOR": "true"}),
        (("-F", "-", "-e", "-v", "--cleanup=scissors"), {"GIT_EDITOR": "true"}),
    ],
    ids=["-F", "verbatim", "editor", "editor -v"],
)
def test_the_message_comes_back_as_it_was(stage, options, env):
    stage.tracked(SECRET)
    done = subprocess.run(
        ["git", "commit", *options],
        cwd=stage.path,
        input=TEXT.encode(),
        capture_output=True,
        env={**os.environ, **env},
        check=False,
    )
    stderr = done.stderr.decode()
    assert done.returncode == 1
    well_told(stderr)
    assert "SOX101" in stderr.splitlines()[0]
    assert (stage.path / ".git/sox-hooks/refused.msg").read_text() == TEXT
    run_again(stage, stderr)
    assert stage.git("log", "-1", "--format=%B").startswith(TEXT + "AI-Assistance: none\n")
    assert stage.told() == ["verified same-change"]
    assert [entry["event"] for entry in stage.entries()] == ["refused", "recorded"]


def test_comments_of_another_character_are_not_lost_either(stage):
    stage.git("config", "core.commentChar", ";")
    stage.tracked(SECRET)
    done = stage.run("commit", "-m", "Subject", "-m", "; kept")
    assert "--cleanup=scissors" in command_of(done.stderr)
    run_again(stage, done.stderr)
    assert "\n; kept\n" in stage.git("log", "-1", "--format=%B")


# How it was committed, and what the command has to say besides
WAYS = {
    "plain": (lambda s: s.tracked(SECRET), ("commit", "-m", "x"), "git commit -e -F"),
    "-a": (lambda s: s.write(SECRET, "2\n"), ("commit", "-am", "x"), "git commit -a -e -F"),
    "--all": (lambda s: s.write(SECRET, "2\n"), ("commit", "--all", "-m", "x"), "git commit -a -e -F"),
    "PATH": (lambda s: s.write(SECRET, "2\n"), ("commit", "-m", "x", SECRET), f"-- {SECRET}"),
    "PATHS": (
        lambda s: (s.write(SECRET, "2\n"), s.write("notes.txt", "2\n")),
        ("commit", "-m", "x", "notes.txt", SECRET),
        f"-- notes.txt {SECRET}",
    ),
    "amend": (lambda s: s.tracked(SECRET, "2\n"), ("commit", "--amend", "-m", "x"), "git commit --amend -e -F"),
    "amend -a": (lambda s: s.write(SECRET, "2\n"), ("commit", "--amend", "-am", "x"), "git commit --amend -a -e"),
}


@pytest.mark.parametrize(("prepare", "arguments", "words"), WAYS.values(), ids=WAYS.keys())
def test_the_content_comes_back_too(stage, prepare, arguments, words):
    stage.tracked(SECRET, "1\n")
    stage.git("commit", "-q", "-m", "First", "--no-verify")
    stage.git("tag", "-f", "base")
    if "amend" in words:
        stage.git("commit", "-q", "--allow-empty", "-m", "To be amended", "--no-verify")
    prepare(stage)
    done = stage.run(*arguments)
    assert done.returncode == 1
    assert words in command_of(done.stderr)
    run_again(stage, done.stderr)
    assert SECRET in stage.git("log", "-1", "--format=", "--name-only")
    assert stage.told("base..HEAD") == ["verified same-change"]


def test_many_or_strange_paths_are_not_spelled_out(stage):
    for name in [f"src/ledger/a long name {number}.py" for number in range(20)]:
        stage.tracked(name, "1\n")
    stage.git("commit", "-q", "-m", "First", "--no-verify")
    for name in [f"src/ledger/a long name {number}.py" for number in range(20)]:
        stage.write(name, "2\n")
    done = stage.run("commit", "-m", "x", "src")
    assert command_of(done.stderr).endswith(" -- PATHS")


def test_a_refused_merge_is_concluded_with_the_printed_command(stage):
    for branch, content in (("side", "theirs\n"), ("main", "ours\n")):
        stage.git("checkout", "-q", *(["-b", branch] if branch == "side" else [branch]))
        stage.tracked(SECRET, content)
        stage.git("commit", "-q", "-m", f"On {branch}", *NONE)
    assert stage.run("merge", "side").returncode == 1
    stage.tracked(SECRET, "both\n")
    done = stage.run("commit", "--no-edit")
    assert done.returncode == 1
    run_again(stage, done.stderr)
    assert len(stage.git("log", "-1", "--format=%P").split()) == 2
    assert stage.told() == ["verified same-change"] * 3


def test_a_linked_work_tree_keeps_its_own_message(stage):
    stage.git("worktree", "add", "-q", "-b", "linked", "../linked")
    linked = Stage(stage.path.parent / "linked")
    linked.tracked(SECRET)
    done = linked.run("commit", "-m", "In the linked tree")
    assert done.returncode == 1
    assert not (stage.path / ".git/sox-hooks/refused.msg").exists()
    run_again(linked, done.stderr)
    assert linked.git("log", "-1", "--format=%s") == "In the linked tree"


def test_the_command_works_from_a_subdirectory(stage):
    stage.tracked(SECRET)
    below = Stage(stage.path / "src/ledger")
    done = below.run("commit", "-m", "From below")
    run_again(below, done.stderr)
    assert stage.git("log", "-1", "--format=%s") == "From below"


def test_the_kept_message_is_private_and_the_last_one(stage):
    stage.tracked(SECRET)
    for text in ("First try", "Second try"):
        assert stage.run("commit", "-m", text).returncode == 1
    kept = stage.path / ".git/sox-hooks/refused.msg"
    assert kept.read_text() == "Second try\n"
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("what", ["file", "link", "folder"])
def test_where_it_cannot_be_kept_git_s_own_copy_is_named(stage, what):
    folder = stage.path / ".git/sox-hooks"
    stage.tracked(SECRET)
    if what == "file":
        folder.write_text("")
    elif what == "link":
        folder.symlink_to("nowhere")
    else:
        folder.mkdir()
        (folder / "refused.msg").mkdir()
    done = stage.run("commit", "-v", GIT_EDITOR="sed -i -e 1s/^/Subject/")
    assert done.returncode == 1
    assert '-F "$(git rev-parse --git-path COMMIT_EDITMSG)"' in command_of(done.stderr)
    shutil.rmtree(folder) if what == "folder" else folder.unlink()
    run_again(stage, done.stderr)
    assert stage.git("log", "-1", "--format=%B").startswith("Subject\n\nAI-Assistance: none\n")


# Keys


def another_key(stage: Stage, *options: str, passphrase: str = "") -> Path:
    path = stage.path.parent / "another"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path), *options], check=True)
    return path


def unreadable_key(stage: Stage) -> None:
    Path(stage.git("config", "sox.signingKey")).chmod(0o644)


def with_passphrase(stage: Stage) -> None:
    key = stage.git("config", "sox.signingKey")
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret words", "-f", key], check=True)


def in_no_agent(stage: Stage) -> None:
    Path(stage.git("config", "sox.signingKey")).unlink()


def not_a_key(stage: Stage) -> None:
    key = Path(stage.git("config", "sox.signingKey"))
    key.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n\x1b[31mnonsense\n")
    key.with_name(key.name + ".pub").write_text("ssh-ed25519 \x1b[31m nonsense\n")


KEY_FAULTS = {
    "missing": (lambda s: s.git("config", "sox.signingKey", "/nowhere/key"), "SOX710", "signing key does not exist"),
    "none configured": (lambda s: s.git("config", "--unset", "sox.signingKey"), "SOX710", "no key is configured"),
    "a folder": (lambda s: s.git("config", "sox.signingKey", "/"), "SOX710", "cannot be read: Is a directory"),
    "not a key": (not_a_key, "SOX710", "the signing key cannot be used"),
    "readable by others": (unreadable_key, "sox-hooks", "because others can read it"),
    "a passphrase": (with_passphrase, "sox-hooks", "there is no terminal to ask for it"),
    "in no agent": (in_no_agent, "sox-hooks", "neither a file nor in an SSH agent"),
    "not enrolled": (
        lambda s: s.git("config", "sox.signingKey", str(another_key(s))), "SOX404", "is not enrolled in",
    ),
    "no HOME": (lambda s: s.git("config", "sox.signingKey", "~/.ssh/key"), "SOX710", "but HOME is not set"),
    "OpenPGP": (
        lambda s: (s.git("config", "--unset", "sox.signingKey"), s.git("config", "user.signingKey", "0xDEADBEEF")),
        "SOX710", "no SSH key is configured",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "rule", "words"), KEY_FAULTS.values(), ids=KEY_FAULTS.keys())
def test_a_key_that_cannot_sign(stage, monkeypatch, fault, rule, words):
    good = stage.git("config", "sox.signingKey")
    kept = stage.path.parent / "good"
    shutil.copy2(good, kept)
    shutil.copy2(good + ".pub", f"{kept}.pub")
    fault(stage)
    if words == "but HOME is not set":
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.environ["GIT_CONFIG_GLOBAL"])
        monkeypatch.delenv("HOME")
    stage.tracked(PLAIN)
    done = subprocess.run(
        ["git", "commit", "-m", "My message"],
        cwd=stage.path,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 1
    first = done.stderr.splitlines()[0]
    assert first.startswith(rule)
    assert words in first
    well_told(done.stderr)
    assert stage.head() == stage.head("base")
    stage.git("config", "sox.signingKey", str(kept))
    run_again(stage, done.stderr)
    assert stage.git("log", "-1", "--format=%s") == "My message"
    assert stage.told() == ["verified same-change"]


def test_what_ssh_keygen_suggests_is_what_mends_it(stage):
    unreadable_key(stage)
    stage.tracked(PLAIN)
    done = stage.run("commit", "-m", "x")
    (fix,) = [line for line in done.stderr.splitlines() if line.startswith("  fix:")]
    subprocess.run(["sh", "-c", fix.removeprefix("  fix:").strip()], check=True)
    run_again(stage, done.stderr)
    assert stage.trailers() == KEYS


# The policy


def policy(change):
    def act(stage: Stage) -> None:
        file = stage.path / ".sox/policy.toml"
        file.write_bytes(change(file.read_bytes()))
        stage.git("add", "-A")

    return act


def replaced_by(kind: str):
    def act(stage: Stage) -> None:
        stage.git("rm", "-rq", ".sox")
        path = stage.path / ".sox"
        if kind == "file":
            path.write_text("x\n")
        else:
            path.symlink_to("/etc")
        stage.git("add", "-A")

    return act


BROKEN = {
    "not TOML": policy(lambda text: text + b"\n[oops\n"),
    "a misspelt key": policy(lambda text: text.replace(b"owner =", b"ownr =", 1)),
    "control characters": policy(lambda text: text + b'"\x1b[31m" = 1\n'),
    "NUL": policy(lambda text: text + b"\0"),
    "not UTF-8": policy(lambda text: b"\xff\xfe" + text),
    "empty": policy(lambda text: b""),
    "a million brackets": policy(lambda text: b"a = " + b"[" * 1_000_000),
    "no people": lambda s: s.git("rm", "-q", ".sox/people.toml"),
    "no signers": lambda s: s.git("rm", "-q", ".sox/allowed_signers"),
    "a file": replaced_by("file"),
    "a link": replaced_by("link"),
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
def test_a_commit_that_breaks_the_policy_is_refused(stage, change):
    change(stage)
    done = stage.run("commit", "-m", "Break it", *NONE)
    assert done.returncode == 1
    well_told(done.stderr)
    assert ".sox" in done.stderr.splitlines()[0]
    assert "staged" in done.stderr or "no folder" in done.stderr
    assert stage.head() == stage.head("base")
    stage.git("reset", "-q", "--hard")
    stage.tracked(PLAIN)
    run_again(stage, done.stderr)
    assert stage.told() == ["verified same-change"]


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
def test_under_a_broken_policy_nothing_is_recorded_and_the_way_out_is_named(stage, change):
    change(stage)
    stage.git("commit", "-q", "-m", "Break it", "--no-verify")
    stage.tracked(PLAIN)
    done = stage.run("commit", "-m", "My message", *NONE)
    assert done.returncode == 1
    well_told(done.stderr)
    assert "HEAD:.sox" in done.stderr
    assert stage.entries() == []
    stage.git("checkout", "-q", "base", "--", ".sox") if "no folder" not in done.stderr else None
    if "no folder" in done.stderr:
        stage.git("rm", "-q", "--cached", ".sox")
        (stage.path / ".sox").unlink()
        stage.git("checkout", "-q", "base", "--", ".sox")
    stage.git("commit", "-q", "-m", "Mend it", "--no-verify")
    stage.tracked("later.txt")
    run_again(stage, done.stderr)
    assert stage.told("HEAD~1..HEAD") == ["verified same-change"]


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_work_tree_with_something_else_in_place_of_the_policy(repo, make_key, kind):
    stage = Stage(repo.path)
    path = repo.path / ".sox"
    path.write_text("x") if kind == "file" else path.symlink_to("/etc")
    from sox_hooks.git.repository import find_repository
    from sox_hooks.git.run import Git
    from sox_hooks.hooks.install import install

    install(find_repository(Git(str(repo.path))))
    done = stage.run("commit", "--allow-empty", "-m", "x")
    assert done.returncode == 1
    well_told(done.stderr)
    assert ".sox is no folder" in done.stderr.splitlines()[0]


def test_a_commit_that_takes_the_policy_away_is_judged_by_it(stage):
    stage.git("rm", "-rq", ".sox")
    done = stage.run("commit", "-m", "Away with it", **AGENT)
    assert done.returncode == 1
    assert ".sox/" in done.stderr.splitlines()[0]
    stage.git("commit", "-q", "-m", "Away with it", *NONE)
    assert stage.told() == ["verified same-change"]


def test_a_change_does_not_bring_its_own_policy(stage):
    """What the staged policy would allow, the one in force refuses."""
    file = stage.path / ".sox/policy.toml"
    file.write_text(file.read_text().replace('"src/ledger/**"', '"src/other/**"').replace("version = 1", "version = 2"))
    stage.git("add", ".sox")
    stage.tracked(SECRET)
    done = stage.run("commit", "-m", "x", **AGENT)
    assert done.returncode == 1
    assert ".sox/policy.toml and 1 more (tier restricted)" in done.stderr.splitlines()[0]


@pytest.mark.parametrize("value", ["origin/nope", "a b", "x\ny", "-h", "\x1b[2J", "x" * 5000])
def test_a_protected_ref_that_is_not_there(stage, value):
    stage.git("config", "--", "sox.policyRef", value)
    stage.tracked(PLAIN)
    done = stage.run("commit", "-m", "x")
    assert done.returncode == 1
    well_told(done.stderr)
    assert done.stderr.startswith("sox-hooks: git config sox.policyRef ")
    assert stage.head() == stage.head("base")


# What is shown


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
def test_nothing_hostile_is_printed_raw(stage, locale):
    path = os.path.join(os.fsencode(stage.path), b"src/ledger")
    os.makedirs(path)
    for name in (b"\x1b[2Jx", b"caf\xe9", b"\n::error::y", "\u202eevil\u00e9".encode()):
        Path(os.fsdecode(os.path.join(path, name))).write_bytes(b"x")
    stage.git("add", "-A")
    done = stage.run(
        "commit",
        "-m",
        "\x1b[31mred\n\n##[stop-commands]x\n::set-output::",
        CURSOR_AGENT="1",
        LC_ALL=locale,
        PYTHONUTF8="0",
    )
    assert done.returncode == 1
    well_told(done.stderr)
    assert all(line.isprintable() for line in done.stderr.splitlines())
    assert not any(line.lstrip().startswith(("::", "##")) for line in done.stderr.splitlines())


@pytest.mark.parametrize("columns", ["0", "-1", "1", "x", "99999999999999999999"])
def test_a_strange_width_of_the_terminal(stage, columns):
    stage.tracked(SECRET)
    done = stage.run("commit", "-m", "x", COLUMNS=columns, LINES=columns)
    assert done.returncode == 1
    assert done.stderr.startswith("SOX101 error: ")


def test_an_empty_name_of_a_hook_and_unknown_ones(stage):
    from tests.conftest import sox_argv

    for arguments in (
        [],
        [""],
        ["pre-\x1b"],
        ["commit-msg", "--help"],
        ["commit-msg", "a", "b"],
        ["commit-msg", "gone"],
    ):
        done = subprocess.run(
            [*sox_argv(), "hook", *arguments], cwd=stage.path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2, arguments
        well_told(done.stderr)
