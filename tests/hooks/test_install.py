"""Installing where git looks, keeping what was there, and putting it back."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sox_hooks.cli import install as install_command
from sox_hooks.cli import uninstall as uninstall_command
from sox_hooks.cli.parser import Parser
from sox_hooks.core.errors import EnvironmentProblem, UsageError
from sox_hooks.git.repository import find_repository
from sox_hooks.git.run import Git
from sox_hooks.hooks.install import Outcome, install, uninstall

FOREIGN = b'#!/bin/sh\n# caf\xc3\xa9 \xff\necho foreign >>"$(git rev-parse --git-dir)/ran"\n'


def repository(repo):
    return find_repository(Git(str(repo.path)))


def hooks_of(repo) -> Path:
    return Path(repo.git("rev-parse", "--path-format=absolute", "--git-path", "hooks"))


def words(outcomes: tuple[Outcome, ...]) -> list[tuple[str, str]]:
    """What was done about the hook without which nothing is controlled; all others are done alike."""
    return [(outcome.hook, outcome.done) for outcome in outcomes if outcome.hook == "commit-msg"]


def put(path: Path, script: bytes = FOREIGN, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(script)
    path.chmod(mode)
    return path


def answers(repo, *command: str) -> bool:
    """Whether a commit reaches our hook."""
    answer = Path(repo.git("rev-parse", "--absolute-git-dir")) / "answer"
    answer.write_bytes(b"")
    env = {"SOX_HOOKS_DOCTOR": "1", "SOX_HOOKS_DOCTOR_FILE": str(answer)}
    repo.git(*(command or ("commit", "-q", "--allow-empty", "-m", "x")), **env)
    return answer.read_bytes() != b""


def test_a_fresh_repository(repo):
    assert not answers(repo)
    assert words(install(repository(repo))) == [("commit-msg", "installed")]
    assert answers(repo)
    assert stat.S_IMODE((hooks_of(repo) / "commit-msg").stat().st_mode) == 0o755


def test_which_hooks_there_are(repo):
    """post-commit costs every commit some 20 ms, the others nothing until there is a merge, a rewrite or a push."""
    hooks = [outcome.hook for outcome in install(repository(repo))]
    assert hooks == ["commit-msg", "post-commit", "post-merge", "post-rewrite", "pre-push"]
    assert next(one.hook for one in install(repository(repo), ["prepare-commit-msg"])) == "prepare-commit-msg"
    assert len(install(repository(repo))) == 6  # what was asked for once is renewed with the others
    assert {outcome.done for outcome in uninstall(repository(repo))} == {"removed"}
    assert [path for path in hooks_of(repo).iterdir() if path.suffix != ".sample"] == []


def test_twice_does_no_harm_and_mends(repo):
    install(repository(repo))
    hook = hooks_of(repo) / "commit-msg"
    first = hook.read_bytes()
    assert words(install(repository(repo))) == [("commit-msg", "unchanged")]
    hook.chmod(0o644)
    assert words(install(repository(repo))) == [("commit-msg", "renewed")]
    hook.write_bytes(first.replace(b"shim 4", b"shim 2"))
    assert words(install(repository(repo))) == [("commit-msg", "renewed")]
    assert hook.read_bytes() == first
    assert answers(repo)


def test_a_folder_that_a_template_left_out_is_made(repo):
    hooks = hooks_of(repo)
    for sample in hooks.iterdir():
        sample.unlink()
    hooks.rmdir()
    install(repository(repo))
    assert answers(repo)


@pytest.mark.parametrize("mode", [0o755, 0o700, 0o644])
def test_a_foreign_hook_runs_first_and_comes_back_byte_for_byte(repo, mode):
    hook = put(hooks_of(repo) / "commit-msg", mode=mode)
    install(repository(repo))
    install(repository(repo))
    assert answers(repo)
    assert (repo.path / ".git/ran").exists() == (mode != 0o644)
    assert words(uninstall(repository(repo))) == [("commit-msg", "restored")]
    assert hook.read_bytes() == FOREIGN
    assert stat.S_IMODE(hook.stat().st_mode) == mode
    assert not hook.with_name("commit-msg.before-sox-hooks").exists()
    assert words(uninstall(repository(repo))) == [("commit-msg", "absent")]
    assert hook.read_bytes() == FOREIGN


def test_a_link_comes_back_as_a_link(repo):
    put(repo.path / "scripts/check")
    hook = hooks_of(repo) / "commit-msg"
    hook.symlink_to("../../scripts/check")
    install(repository(repo))
    assert answers(repo)
    assert (repo.path / ".git/ran").exists()
    assert (repo.path / "scripts/check").read_bytes() == FOREIGN
    uninstall(repository(repo))
    assert os.readlink(hook) == "../../scripts/check"


def test_a_foreign_hook_that_refuses_keeps_its_exit_code_and_the_last_word(repo):
    put(hooks_of(repo) / "commit-msg", b"#!/bin/sh\nexit 3\n")
    install(repository(repo))
    with pytest.raises(AssertionError, match="failed"):
        answers(repo)
    assert (repo.path / ".git/answer").read_bytes() == b""


def test_uninstall_without_anything_before(repo):
    install(repository(repo))
    assert words(uninstall(repository(repo))) == [("commit-msg", "removed")]
    assert not (hooks_of(repo) / "commit-msg").exists()


def test_uninstall_also_finds_what_a_later_hooks_path_hides(repo, tmp_path):
    install(repository(repo))
    repo.git("config", "core.hooksPath", str(tmp_path / "elsewhere"))
    assert words(uninstall(repository(repo))) == [("commit-msg", "absent"), ("commit-msg", "removed")]


def test_killed_between_keeping_and_installing(repo):
    hook = put(hooks_of(repo) / "commit-msg")
    os.link(hook, hook.with_name("commit-msg.before-sox-hooks"))
    install(repository(repo))
    assert answers(repo)
    uninstall(repository(repo))
    assert hook.read_bytes() == FOREIGN


def test_two_foreign_hooks_are_for_the_person_to_sort_out(repo):
    hook = put(hooks_of(repo) / "commit-msg")
    install(repository(repo))
    other = put(hook, b"#!/bin/sh\n# another tool\n")
    kept = hook.with_name("commit-msg.before-sox-hooks")
    with pytest.raises(UsageError, match="another tool has replaced our hook"):
        install(repository(repo))
    assert (other.read_bytes(), kept.read_bytes()) == (b"#!/bin/sh\n# another tool\n", FOREIGN)
    (outcome,) = [one for one in uninstall(repository(repo)) if one.hook == "commit-msg"]
    assert (outcome.done, "is left" in outcome.remark) == ("absent", True)
    assert (other.read_bytes(), kept.read_bytes()) == (b"#!/bin/sh\n# another tool\n", FOREIGN)


@pytest.mark.parametrize("name", ["sp ace'q\"uote", "dollar$(touch x)`y`", "new\nline", "-dash", "caf\udcff"])
def test_paths_that_need_care(make_repo, name):
    repo = make_repo(f"{name}/repo")
    put(hooks_of(repo) / "commit-msg")
    install(repository(repo))
    assert answers(repo)
    assert (repo.path / ".git/ran").exists()


@pytest.mark.parametrize("value", ["{tmp}/my ho'oks", ".git/ho oks", "~/hooks"])
def test_a_hooks_path_of_this_repository_is_honoured(repo, tmp_path, value):
    repo.git("config", "core.hooksPath", value.format(tmp=tmp_path))
    (repo.path / "sub").mkdir()
    install(find_repository(Git(str(repo.path / "sub"))))
    assert answers(repo)
    assert not (repo.path / ".git/hooks/commit-msg").exists()


def test_worktrees_share_the_hook_and_submodules_have_their_own(repo, make_repo, tmp_path):
    repo.commit("base", {"a": "1"})
    install(repository(repo))
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = type(repo)(tmp_path / "linked")
    assert words(install(repository(linked))) == [("commit-msg", "unchanged")]
    assert answers(linked)
    outer = make_repo("outer")
    outer.git("submodule", "add", "-q", str(repo.path), "sub")
    sub = type(repo)(outer.path / "sub")
    assert words(install(repository(sub))) == [("commit-msg", "installed")]
    assert (outer.path / ".git/modules/sub/hooks/commit-msg").exists()
    assert answers(sub)


def husky(repo) -> None:
    put(repo.path / ".husky/_/h")
    repo.git("config", "core.hooksPath", ".husky/_")


def lefthook(repo) -> None:
    put(hooks_of(repo) / "commit-msg", b"#!/bin/sh\ncall_lefthook()\n{\n:\n}\n")


@pytest.mark.parametrize(
    ("prepare", "what", "fix"),
    [
        (husky, "are husky's", "sox-hooks install --husky"),
        (lefthook, "are lefthook's", "sox-hooks install --lefthook"),
        (lambda r: r.git("config", "core.hooksPath", ".githooks"), "files of the work tree", "sox-hooks hook commit-m"),
        (
            lambda r: r.git("config", "--global", "core.hooksPath", "/x"),
            "set for all repositories",
            "commit-msg script",
        ),
        (lambda r: r.git("config", "core.hooksPath", "/dev/null"), "no hooks here", "git config --local --unset"),
        (lambda r: r.git("config", "core.hooksPath", ""), "no hooks here", "git config --local --unset"),
        (lambda r: r.git("config", "core.hooksPath", "/etc/passwd/x"), "no hooks here", "git config --local --unset"),
        (lambda r: r.git("config", "--global", "core.hooksPath", "/dev/null"), "no hooks here", "config --global"),
        (lambda r: (hooks_of(r) / "commit-msg").mkdir(), "no file which can be run", "move it away"),
        (lambda r: (hooks_of(r) / "commit-msg").symlink_to("gone"), "no file which can be run", "move it away"),
    ],
)
def test_what_belongs_to_others_is_left_alone(repo, prepare, what, fix):
    prepare(repo)
    before = {path: path.read_bytes() for path in repo.path.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match=what) as caught:
        install(repository(repo))
    assert fix in caught.value.fix
    assert {path: path.read_bytes() for path in repo.path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("value", ["/tmp", ""])
def test_a_hooks_path_from_the_environment_is_told(repo, monkeypatch, value):
    for name, text in (("COUNT", "1"), ("KEY_0", "core.hooksPath"), ("VALUE_0", value)):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", text)
    with pytest.raises(UsageError, match="comes from the environment"):
        install(repository(repo))


def test_a_bare_repository_is_told(make_repo):
    with pytest.raises(UsageError, match="needs a work tree"):
        install(repository(make_repo("bare", "--bare")))


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder in which nobody can make folders")
def test_a_folder_that_cannot_be_made_is_told(repo):
    repo.git("config", "core.hooksPath", "/proc/hooks")
    with pytest.raises(EnvironmentProblem, match="cannot make the hooks folder"):
        install(repository(repo))


def tool(name: str) -> str:
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        pytest.skip(f"{name} is not installed here")
    return str(path)


@pytest.mark.parametrize("name", ["pre-commit", "prek"])
@pytest.mark.parametrize("first", ["theirs", "ours"])
def test_next_to_pre_commit_in_any_order_and_again(repo, name, first):
    """pre-commit and prek move a foreign hook to `.legacy` and run it; ours keeps theirs and runs it."""
    program = tool(name)
    hook = "{id: ok, name: ok, entry: 'true', language: system, always_run: true, stages: [commit-msg]}"
    repo.commit("base", {".pre-commit-config.yaml": f"repos: [{{repo: local, hooks: [{hook}]}}]\n"})

    def theirs() -> None:
        subprocess.run([program, "install", "-t", "commit-msg"], cwd=repo.path, check=True, capture_output=True)

    steps = [theirs, lambda: install(repository(repo))]
    for step in steps if first == "theirs" else reversed(steps):
        step()
    assert answers(repo)
    theirs()  # what `make setup` does every day
    assert answers(repo)
    theirs()
    assert words(install(repository(repo))) == [("commit-msg", "unchanged")]
    assert answers(repo)
    assert words(uninstall(repository(repo))) == [("commit-msg", "removed")]
    assert not answers(repo)
    names = {path.name for path in hooks_of(repo).iterdir() if path.name.startswith("commit-msg")}
    assert names - {"commit-msg.sample"} == {"commit-msg"}


def command(module, *argv: str) -> int:
    parser = Parser(prog="sox-hooks x")
    module.add_arguments(parser)
    return module.run(parser.parse_args(argv))


def test_the_commands_say_what_they_did(repo, monkeypatch, capsys):
    monkeypatch.chdir(repo.path)
    put(hooks_of(repo) / "commit-msg")
    assert command(install_command) == 0
    out = capsys.readouterr().out
    assert out.startswith("commit-msg: installed (")
    assert "runs commit-msg.before-sox-hooks first" in out
    assert out.endswith("next: sox-hooks doctor\n")
    assert command(uninstall_command) == 0
    assert capsys.readouterr().out.startswith("commit-msg: restored (")


def test_outside_a_repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="not a git repository"):
        command(install_command)
