"""`sox-hooks init` in repositories of every shape, twice without harm, and with words that say what comes next."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sox_hooks.hooks.setup import _repository_id
from tests.conftest import sox_argv


def init(folder: Path, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*sox_argv(), "init", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def policy_works(folder: Path) -> bool:
    done = subprocess.run([*sox_argv(), "policy", "show"], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode == 0


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://forge.example/bank/ledger.git", "bank/ledger"),
        ("https://forge.example/bank/ledger/", "bank/ledger"),
        ("https://joe:secret@forge.example/bank/ledger", "bank/ledger"),
        ("ssh://git@forge.example:2222/bank/ledger", "bank/ledger"),
        ("git@forge.example:bank/ledger.git", "bank/ledger"),
        ("git@forge.example:/bank/ledger.git", "bank/ledger"),
        ("git@forge.example:ledger.git", "ledger"),
        ("https://gitlab.example/group/sub/deep/ledger.git", "group/sub/deep/ledger"),
        ("git@gitlab.example:group/sub/ledger.git", "group/sub/ledger"),
        ("https://forge.example/~joe/ledger", "joe/ledger"),
        ("https://forge.example/b nk/\u00e9-ledger/", "b-nk/ledger"),
        ("/srv/git/bank/ledger.git", "bank/ledger"),
        ("file:///srv/git/bank/ledger.git", "bank/ledger"),
        ("../ledger.git", "ledger"),
        ("./with:colon/ledger", "with-colon/ledger"),
        ("", "folder"),
        ("https://forge.example/", "folder"),
        ("../..", "folder"),
    ],
)
def test_the_id_of_the_repository_comes_from_the_remote(url, expected):
    assert _repository_id(url, "/home/alice/folder") == expected


@pytest.mark.parametrize("top", ["/", "/home/\u674e", "/x/...", "/x/_y"])
def test_a_strange_folder_still_gives_an_id(top):
    assert _repository_id("", top)[0].isalnum()


def linked(repo) -> Path:
    repo.commit("first")
    repo.git("worktree", "add", "-q", "-b", "linked", "../linked")
    return repo.path.parent / "linked"


def submodule(repo) -> Path:
    repo.commit("first")
    repo.git("clone", "-q", ".", "../inner")
    repo.git("submodule", "--quiet", "add", "../inner", "sub")
    return repo.path / "sub"


def existing_hook(repo) -> Path:
    hook = repo.path / ".git/hooks/commit-msg"
    hook.write_text("#!/bin/sh\nexit 0\n")
    hook.chmod(0o755)
    return repo.path


def below(repo) -> Path:
    (repo.path / "d/e").mkdir(parents=True)
    return repo.path / "d/e"


SHAPES = {
    "empty": lambda repo: repo.path,
    "with history": lambda repo: (repo.commit("first", {"a": "1"}), repo.path)[1],
    "a linked work tree": linked,
    "a submodule": submodule,
    "a hook is there": existing_hook,
    "a subdirectory": below,
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_twice_without_harm_and_then_a_commit(repo, make_key, shape):
    make_key()
    folder = shape(repo)
    top = Path(subprocess.check_output(["git", "rev-parse", "--show-toplevel"], cwd=folder, text=True).strip())
    done = init(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\nenrolled for alice: ssh-ed25519 " in done.stdout
    assert "next: read .sox/policy.toml" in done.stdout
    before = contents(top / ".sox")
    again = init(folder)
    assert again.returncode == 0
    assert contents(top / ".sox") == before
    assert "\nalready enrolled for alice: " in again.stdout
    assert "next:" not in again.stdout
    # The very command that is printed.
    (command,) = [line for line in done.stdout.splitlines() if line.startswith("  git add .sox")]
    subprocess.run(["sh", "-ec", command], cwd=top, check=True, capture_output=True)
    trailers = subprocess.check_output(["git", "log", "-1", "--format=%(trailers:keyonly)"], cwd=top, text=True).split()
    assert trailers == ["AI-Assistance", "Sox-Record", "Sox-Signature"]
    common = subprocess.check_output(
        ["git", "rev-parse", "--path-format=absolute", "--git-common-dir"], cwd=top, text=True
    )
    assert os.stat(common.strip() + "/sox-hooks").st_mode & 0o777 == 0o700


def test_history_before_the_policy_is_exempt(repo, make_key):
    make_key()
    first = repo.commit("first", {"a": "1"})
    init(repo.path)
    assert f'baseline = ["{first}"]' in (repo.path / ".sox/policy.toml").read_text()


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_key_of_another_kind_will_do(repo, make_key, kind):
    key = make_key(f"id_{kind}", kind)
    assert init(repo.path).returncode == 0
    assert repo.git("config", "sox.signingKey") == str(key)


def test_without_a_key_one_is_made_and_named(repo, hermetic):
    done = init(repo.path)
    assert done.returncode == 0
    key = hermetic / ".ssh/id_ed25519_sox"
    assert f"made a new key: {key} (it has no passphrase" in done.stdout
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_key_that_only_the_agent_has(repo, make_key, tmp_path):
    key = make_key("other")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(tmp_path / "agent")], stdout=subprocess.DEVNULL)
    try:
        env = {"SSH_AUTH_SOCK": str(tmp_path / "agent")}
        for _ in range(100):
            added = subprocess.run(
                ["ssh-add", "-q", str(key)], env={**os.environ, **env}, capture_output=True, check=False
            )
            if added.returncode == 0:
                break
        key.unlink()
        done = init(repo.path, **env)
        assert done.returncode == 0, done.stderr
        assert repo.git("config", "sox.signingKey").startswith("ssh-ed25519 ")
        repo.git("add", ".sox")
        repo.git("commit", "-q", "-m", "Adopt", "--trailer", "AI-Assistance: none", **env)
        assert "Sox-Signature" in repo.git("log", "-1", "--format=%(trailers:keyonly)")
    finally:
        agent.terminate()
        agent.wait()


@pytest.mark.parametrize("name", ['J\u00f6rg "O\'Neil" \\ \u674e', "x" * 300, "tab\there"])
def test_names_that_need_care(repo, make_key, name):
    make_key()
    repo.git("config", "user.name", name)
    assert init(repo.path).returncode == 0
    assert policy_works(repo.path)


FAULTS = {
    "no address": (lambda r: r.git("config", "user.email", ""), (), "git does not know who you are"),
    "no name": (lambda r: r.git("config", "user.name", ""), (), "git does not know who you are"),
    "an address in quotes": (
        lambda r: r.git("config", "user.email", '"a b"@bank.example'), (), "no policy can be written with these names",
    ),
    "an address with control characters": (
        lambda r: r.git("config", "user.email", "a\x1b[31m@b"), (), "no policy can be written with these names",
    ),
    "--repository": (lambda r: None, ("--repository", 'a b\x1b["'), "no policy can be written with these names"),
    "--key that is not there": (lambda r: None, ("--key", "/nowhere"), "the signing key does not exist"),
    "a file": (lambda r: r.write(".sox", "x"), (), ".sox is no folder"),
    "a link": (lambda r: (r.path / ".sox").symlink_to(".."), (), ".sox is no folder"),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "options", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_what_cannot_be_set_up_is_told_and_writes_nothing(repo, make_key, fault, options, words):
    make_key()
    fault(repo)
    before = contents(repo.path.parent)
    done = init(repo.path, *options)
    assert done.returncode == 2
    assert done.stderr.startswith(f"sox-hooks: {words}")
    assert "  fix:" in done.stderr
    assert "\x1b" not in done.stderr
    assert contents(repo.path.parent) == before


def test_a_broken_policy_is_left_alone(repo, make_key):
    make_key()
    repo.write(".sox/people.toml", "[x\n")
    done = init(repo.path)
    assert done.returncode == 2
    assert ".sox/people.toml:1:" in done.stderr.splitlines()[0]
    assert (repo.path / ".sox/people.toml").read_text() == "[x\n"


def test_somebody_new_is_told_who_has_to_commit_the_enrolment(repo, make_key):
    make_key()
    init(repo.path)
    repo.commit("Adopt", None, "--no-verify")
    repo.git("config", "user.email", "bob@bank.example")
    repo.git("config", "sox.signingKey", str(make_key("bob")))
    done = init(repo.path)
    assert done.returncode == 0
    assert "\nenrolled for bob: " in done.stdout
    assert "nobody can enrol herself: have somebody\nwho is enrolled commit" in done.stdout
    assert repo.git("diff", "--name-only").split() == [".sox/allowed_signers", ".sox/people.toml"]


@pytest.mark.parametrize(("path", "words"), [(".husky/_", "husky's"), ("hooks", "files of the work tree")])
def test_hooks_elsewhere_are_told_and_the_policy_is_written_all_the_same(repo, make_key, path, words):
    make_key()
    repo.write(f"{path}/h", "")
    repo.git("config", "core.hooksPath", path)
    for _ in range(2):
        done = init(repo.path)
        assert done.returncode == 2
        assert words in done.stdout
        assert "  fix:" in done.stdout
    assert policy_works(repo.path)


def test_without_home_a_key_must_be_named(repo, make_key, tmp_path):
    key = make_key()
    env = {name: value for name, value in os.environ.items() if name != "HOME"}
    for options, code in (((), 2), (("--key", str(key)), 0)):
        done = subprocess.run(
            [*sox_argv(), "init", *options], cwd=repo.path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
    assert policy_works(repo.path)


@pytest.mark.parametrize("where", ["bare", "nowhere"])
def test_where_there_is_no_work_tree(make_repo, tmp_path, where):
    folder = make_repo("x.git", "--bare").path if where == "bare" else tmp_path
    done = init(folder)
    assert done.returncode == 2
    assert done.stderr.startswith("sox-hooks: this ")
