"""The shims as sh runs them: what they start, what they chain, and that they fail closed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sox_hooks.core.interpreter import start_options
from sox_hooks.hooks import shims
from sox_hooks.hooks.shims import HOOKS, OPTIONAL, host_of, is_ours, shim

SHELLS = [shell for shell in ("sh", "dash", "bash", "busybox") if shutil.which(shell)]


@pytest.fixture
def hook(tmp_path) -> Path:
    """A shim in a folder whose name needs care."""
    path = tmp_path / "ho oks'\n\"$(x)" / "commit-msg"
    path.parent.mkdir()
    path.write_bytes(shim("commit-msg"))
    path.chmod(0o755)
    return path


@pytest.fixture
def fake_python(tmp_path, monkeypatch) -> Path:
    """A "Python" in a folder whose name needs care: notes its arguments, prints its input, ends with 7."""
    python = tmp_path / "py'\n$(thon) \\" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\ncat\nexit 7\n')
    python.chmod(0o755)
    monkeypatch.setattr(shims.sys, "executable", str(python))
    return python


def run(hook: Path, *args: str, data: bytes = b"", shell: str = "", **env: str) -> subprocess.CompletedProcess[bytes]:
    prefix = {"": [], "busybox": ["busybox", "sh"]}.get(shell, [shell])
    return subprocess.run(
        [*prefix, str(hook), *args], input=data, capture_output=True, env={**os.environ, **env}, check=False
    )


@pytest.mark.parametrize("shell", ["", *SHELLS])
def test_it_starts_the_python_it_was_made_by_with_arguments_and_input(fake_python, hook, shell):
    done = run(hook, "a b'c", data=b"in\0put", shell=shell)
    assert done.returncode == 7
    options = "\n".join(start_options()).encode()
    assert done.stdout == options + b"\nhook\ncommit-msg\na b'c\nin\0put"


def test_the_real_python_is_started(hook, tmp_path):
    answer = tmp_path / "answer"
    answer.touch()
    done = run(hook, "msg", SOX_HOOKS_DOCTOR="17", SOX_HOOKS_DOCTOR_FILE=str(answer))
    assert (done.returncode, done.stderr) == (0, b"")
    assert answer.read_text() == "sox-hooks doctor 17 commit-msg live\n"


@pytest.mark.parametrize("gone", ["python", "package"])
def test_without_its_python_it_uses_the_command_on_the_path(monkeypatch, tmp_path, fake_python, gone):
    if gone == "python":
        monkeypatch.setattr(shims.sys, "executable", str(tmp_path / "gone"))
    else:
        monkeypatch.setattr(shims, "package", str(tmp_path / "gone/__init__.py"))
    hook = tmp_path / "commit-msg"
    hook.write_bytes(shim("commit-msg"))
    hook.chmod(0o755)
    command = tmp_path / "bin/sox-hooks"
    command.parent.mkdir()
    command.write_text('#!/bin/sh\necho "$@"\nexit 5\n')
    command.chmod(0o755)
    done = run(hook, "m s", PATH=f"{command.parent}:{os.environ['PATH']}")
    assert (done.returncode, done.stdout) == (5, b"hook commit-msg m s\n")
    # Neither is there: the commit is refused, with the way out.
    bare = tmp_path / "only"
    bare.mkdir()
    (bare / "cat").symlink_to(shutil.which("cat"))
    done = run(hook, "m", PATH=str(bare))
    assert done.returncode == 1
    assert done.stderr.startswith(b"sox-hooks: refused")
    assert b"sox-hooks install" in done.stderr
    assert done.stderr.replace(b"\n", b"").decode().isprintable()
    assert len(done.stderr.splitlines()) <= 8


def chain(hook: Path, script: str, mode: int = 0o755) -> None:
    before = hook.with_name("commit-msg.before-sox-hooks")
    before.write_text(script)
    before.chmod(mode)


def test_what_was_there_runs_first_with_the_same_arguments(fake_python, hook):
    chain(hook, '#!/bin/sh\necho "before $@"\n')
    done = run(hook, "m s")
    assert done.stdout.startswith(b"before m s\n-I\n")
    assert done.returncode == 7


@pytest.mark.parametrize("code", [1, 3, 130])
def test_if_it_fails_we_do_not_run_and_its_exit_code_is_ours(fake_python, hook, code):
    chain(hook, f"#!/bin/sh\nexit {code}\n")
    done = run(hook, "m")
    assert (done.returncode, done.stdout) == (code, b"")


def test_a_hook_that_git_would_not_have_run_is_not_run(fake_python, hook):
    chain(hook, "#!/bin/sh\nexit 1\n", 0o644)
    assert run(hook, "m").returncode == 7


def test_moved_by_pre_commit_it_does_not_call_pre_commit_back(fake_python, hook):
    chain(hook, "#!/bin/sh\nexit 1\n")
    hook.write_bytes(shim("commit-msg", before_is_host=True))
    assert run(hook, "m").returncode == 1
    moved = hook.rename(hook.with_name("commit-msg.legacy"))
    assert run(moved, "m").returncode == 7


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("hook_name", ["pre-push", "post-rewrite"])
@pytest.mark.parametrize("data", [b"", b"one line\n", b"$(x) `y` \\ \"'%s\n\xff no end", b"a b c d\n" * 20_000])
def test_both_hooks_hear_what_git_says_on_standard_input(fake_python, tmp_path, hook_name, shell, data):
    """The first one may also not listen at all."""
    hook = tmp_path / hook_name
    hook.write_bytes(shim(hook_name))
    hook.chmod(0o755)
    assert run(hook, "origin", data=data, shell=shell).stdout.partition(b"origin\n")[2] == data
    before = hook.with_name(hook_name + ".before-sox-hooks")
    before.write_text(f"#!/bin/sh\ncat >{tmp_path}/heard\n")
    before.chmod(0o755)
    done = run(hook, "origin", data=data, shell=shell)
    assert (tmp_path / "heard").read_bytes() == data
    assert done.stdout.partition(b"origin\n")[2] == data + b"\n"  # an empty line more, which means nothing
    before.write_text("#!/bin/sh\nexit 0\n")
    assert run(hook, "origin", data=data, shell=shell).stdout.partition(b"origin\n")[2] == data + b"\n"
    before.write_text("#!/bin/sh\nexit 3\n")
    done = run(hook, "origin", data=data, shell=shell)
    assert (done.returncode, done.stdout) == (3, b"")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("hook_name", "arguments", "state", "runs"),
    [
        ("post-commit", (), "", True),
        ("post-commit", (), "rebase-merge", False),
        ("post-commit", (), "rebase-apply", False),
        ("post-commit", (), "REBASE_HEAD", True),  # stays behind after a conflict
        ("post-rewrite", ("rebase",), "rebase-merge", True),
        ("post-rewrite", ("amend",), "rebase-merge", False),
        ("post-rewrite", ("amend",), "", True),
        ("prepare-commit-msg", ("f", "message"), "", True),
        ("prepare-commit-msg", ("f", "message"), "rebase-merge", False),
        ("prepare-commit-msg", ("f",), "", False),
        ("prepare-commit-msg", ("f", "commit", "HEAD"), "", False),
        ("commit-msg", ("f",), "rebase-merge", True),
        ("pre-push", ("origin", "url"), "rebase-merge", True),
        ("post-merge", ("0",), "", True),
    ],
)
def test_python_is_started_only_where_there_is_something_to_say(
    fake_python, tmp_path, hook_name, arguments, state, runs, shell
):
    hook = tmp_path / "hooks" / hook_name
    hook.parent.mkdir()
    hook.write_bytes(shim(hook_name))
    hook.chmod(0o755)
    folder = tmp_path / "git dir"
    folder.mkdir()
    if state:
        (folder / state).mkdir()
    done = run(hook, *arguments, shell=shell, GIT_DIR=str(folder))
    assert (done.returncode, done.stdout != b"") == ((7, True) if runs else (0, False))


@pytest.mark.parametrize("hook_name", [*HOOKS, *OPTIONAL])
def test_what_is_gone_is_told_by_every_shim(monkeypatch, tmp_path, hook_name):
    monkeypatch.setattr(shims.sys, "executable", str(tmp_path / "gone"))
    hook = tmp_path / hook_name
    hook.write_bytes(shim(hook_name))
    hook.chmod(0o755)
    bare = tmp_path / "only"
    bare.mkdir()
    (bare / "cat").symlink_to(shutil.which("cat"))
    done = run(hook, "f", "message", PATH=str(bare), GIT_DIR=str(tmp_path))
    assert done.returncode == 1
    assert shims.GONE in done.stderr
    assert (b"Your message is kept" in done.stderr) == (hook_name == "commit-msg")


@pytest.mark.parametrize("hook_name", [*HOOKS, *OPTIONAL])
def test_shims_are_recognised_and_nothing_else_is(hook_name):
    script = shim(hook_name)
    assert is_ours(script)
    assert host_of(script) == ""
    assert not is_ours(b"#!/bin/sh\n\n" + script)
    assert not is_ours(b"")
    assert not is_ours(script.split(b"\n")[0])


def test_a_python_that_does_not_know_its_path_is_told(monkeypatch):
    from sox_hooks.core.errors import EnvironmentProblem

    monkeypatch.setattr(shims.sys, "executable", "")
    with pytest.raises(EnvironmentProblem, match="does not know where"):
        shim("commit-msg")


def test_the_shell_finds_no_fault_with_it(tmp_path):
    path = tmp_path / "shim"
    path.write_bytes(shim("commit-msg", before_is_host=True))
    for shell in SHELLS:
        argv = [shell, "sh", "-n"] if shell == "busybox" else [shell, "-n"]
        done = subprocess.run([*argv, str(path)], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b""), shell
    assert str(sys.executable) in path.read_text()
