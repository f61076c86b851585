"""Doctor finds each control dead or alive by trying it, says what mends it, and leaves no trace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sox_hooks.cli import doctor as command
from sox_hooks.cli.parser import Parser
from sox_hooks.core.errors import UsageError
from sox_hooks.git.repository import find_repository
from sox_hooks.git.run import Git
from sox_hooks.hooks.doctor.control import ADVICE, LIVE, NOT_LIVE
from sox_hooks.hooks.doctor.desk import ENROLMENT, KEY, LOG, POLICY
from sox_hooks.hooks.doctor.examination import examine
from sox_hooks.hooks.doctor.reasons import line_of, top_level
from sox_hooks.hooks.install import install
from sox_hooks.record.log import Log
from tests.hooks.governed import govern

HOOK = "commit-msg hook"
CONFIGURATION = "pre-commit configuration"


@pytest.fixture
def governed(repo, make_key, monkeypatch):
    """A repository in which every control is live."""
    govern(repo, make_key())
    install(find_repository(Git(str(repo.path))))
    monkeypatch.chdir(repo.path)
    return repo


@pytest.fixture
def bare(repo, monkeypatch):
    """A repository without policy, key or hook: for what is about the hook alone."""
    monkeypatch.chdir(repo.path)
    repo.commit("base", {"a": "1\n"})
    return repo


def examined() -> dict[str, object]:
    return {control.name: control for control in examine(os.environ)}


def hook_control():
    return examined()[HOOK]


def snapshot(repo) -> dict[str, bytes]:
    """All of the repository but objects; with times, so that even a rewrite of the same bytes shows."""
    return {
        str(path): path.read_bytes() + str(path.stat().st_mtime_ns).encode()
        for path in sorted(repo.path.rglob("*"))
        if path.is_file() and "/objects/" not in str(path) and "/sox-hooks/cache/" not in str(path)
    }


def test_everything_is_live_and_nothing_is_touched(governed):
    governed.commit("recorded?", {"b": "2\n"})
    governed.write("b", "unstaged\n")
    governed.write("c", "staged\n")
    governed.git("add", "c")
    examined()  # the cache of the compiled policy is made once
    before = snapshot(governed)
    controls = examined()
    assert {name: control.state for name, control in controls.items()} == {
        "programs": LIVE,
        HOOK: LIVE,
        POLICY: LIVE,
        KEY: LIVE,
        ENROLMENT: LIVE,
        LOG: LIVE,
    }
    assert snapshot(governed) == before
    assert {path.name for path in (governed.path / ".git/sox-hooks").iterdir()} <= {
        "cache",
        "log.jsonl",
        "log.lock",
        "room",
    }


def not_installed(repo) -> None:
    (repo.path / ".git/hooks/commit-msg").unlink()


def no_x_bit(repo) -> None:
    (repo.path / ".git/hooks/commit-msg").chmod(0o644)


def elsewhere(repo) -> None:
    (repo.path.parent / "elsewhere").mkdir()
    repo.git("config", "core.hooksPath", str(repo.path.parent / "elsewhere"))


def elsewhere_globally(repo) -> None:
    (repo.path.parent / "elsewhere").mkdir()
    repo.git("config", "--global", "core.hooksPath", str(repo.path.parent / "elsewhere"))


def disabled(repo) -> None:
    repo.git("config", "core.hooksPath", "/dev/null")


def script(text: str):
    def put(repo) -> None:
        hook = repo.path / ".git/hooks/commit-msg"
        hook.write_text(text)
        hook.chmod(0o755)

    return put


def moved_python(repo) -> None:
    hook = repo.path / ".git/hooks/commit-msg"
    hook.write_text(hook.read_text().replace(sys.executable, "/gone/python").replace("command -v", "false"))


@pytest.mark.parametrize(
    ("harm", "rule", "message", "fix"),
    [
        (not_installed, "SOX706", "is not installed", "sox-hooks install"),
        (no_x_bit, "SOX707", "not executable", "chmod +x "),
        (elsewhere, "SOX708", "looks for hooks elsewhere", "git config --local --unset core.hooksPath"),
        (elsewhere_globally, "SOX708", "looks for hooks elsewhere", "add to commit-msg in that folder"),
        (disabled, "SOX708", "looks for hooks elsewhere", "git config --local --unset core.hooksPath"),
        (script("#!/bin/sh\nexit 0\n"), "SOX706", "does not run ours", "it keeps that hook and runs it first"),
        (script("#!/bin/sh\necho no\x1bgo\nexit 3\n"), "SOX706", "failed before ours was asked (exit code 3)", "mend"),
        (moved_python, "SOX706", "failed before ours was asked", "sox-hooks install"),
    ],
)
def test_a_hook_that_is_not_live(governed, harm, rule, message, fix):
    harm(governed)
    control = hook_control()
    assert (control.state, control.rule) == (NOT_LIVE, rule)
    assert message in control.message
    assert fix in control.fix
    assert "\x1b" not in control.why


def test_hooks_switched_off_by_the_environment(governed, monkeypatch):
    for name, value in (("COUNT", "1"), ("KEY_0", "core.hooksPath"), ("VALUE_0", "")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    control = hook_control()
    assert (control.state, control.rule) == (NOT_LIVE, "SOX708")
    assert "GIT_CONFIG_COUNT" in control.fix


def test_what_was_mended_as_told_is_live(governed):
    no_x_bit(governed)
    subprocess.run(hook_control().fix.split(" ", 2), check=True)
    assert hook_control().state == LIVE


def test_a_hook_that_asks_for_our_answer_by_name_only_is_not_believed(bare):
    script('#!/bin/sh\necho "sox-hooks doctor 1 commit-msg live" >>"$SOX_HOOKS_DOCTOR_FILE"\n')(bare)
    assert hook_control().state == NOT_LIVE


def test_foreign_hooks_see_a_message_that_passed_before(governed):
    hooks = governed.path / ".git/hooks"
    hooks.joinpath("commit-msg.before-sox-hooks").write_text('#!/bin/sh\ngrep -q "TICKET-" "$1"\n')
    hooks.joinpath("commit-msg.before-sox-hooks").chmod(0o755)
    assert hook_control().state == NOT_LIVE
    governed.git("commit", "-q", "--allow-empty", "--no-verify", "-m", "TICKET-1 done")
    assert hook_control().state == LIVE


def test_before_the_first_commit(repo, monkeypatch):
    monkeypatch.chdir(repo.path)
    install(find_repository(Git()))
    assert hook_control().state == LIVE


def test_in_a_linked_worktree_with_a_configuration_of_its_own(governed, tmp_path, monkeypatch):
    governed.git("config", "extensions.worktreeConfig", "true")
    governed.git("worktree", "add", "-q", str(tmp_path / "linked"))
    monkeypatch.chdir(tmp_path / "linked")
    assert hook_control().state == LIVE
    governed.git("-C", str(tmp_path / "linked"), "config", "--worktree", "core.hooksPath", str(tmp_path / "none"))
    control = hook_control()
    assert (control.state, control.rule) == (NOT_LIVE, "SOX708")
    assert "--worktree" in control.fix
    monkeypatch.chdir(governed.path)
    assert hook_control().state == LIVE


def test_from_a_subdirectory_and_with_a_relative_hooks_path(governed, monkeypatch):
    (governed.path / "sub").mkdir()
    shutil.copytree(governed.path / ".git/hooks", governed.path / ".git/other hooks")
    governed.git("config", "core.hooksPath", ".git/other hooks")
    monkeypatch.chdir(governed.path / "sub")
    assert hook_control().state == LIVE


def test_an_older_git_without_hook_run(governed, tmp_path, monkeypatch):
    real = shutil.which("git")
    old = tmp_path / "bin/git"
    old.parent.mkdir()
    old.write_text(
        f"#!/bin/sh\n[ \"$1\" = version ] && echo 'git version 2.34.1' && exit\n"
        f'for word; do [ "$word" = hook ] && exit 1; done\nexec {real} "$@"\n'
    )
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}:{os.environ['PATH']}")
    controls = examined()
    assert (controls[HOOK].state, controls["programs"].state) == (LIVE, LIVE)
    assert "git 2.34.1" in controls["programs"].message
    old.write_text(old.read_text().replace("2.34.1", "2.17.0"))
    assert examined()["programs"].state == ADVICE


# pre-commit and prek, with their own hook files and a hook of `language: system`, so that nothing is built


def tool(name: str) -> str:
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        pytest.skip(f"{name} is not installed here")
    return str(path)


def configured(repo, head: str = "", hook: str = "", hook_id: str = "sox-hooks") -> None:
    entry = f"{sys.executable} -I -m sox_hooks hook commit-msg" if hook_id == "sox-hooks" else "echo"
    repo.write(
        ".pre-commit-config.yaml",
        f"{head}repos:\n- repo: local\n  hooks:\n  - id: {hook_id}\n    name: x\n    entry: {entry}\n"
        f"    language: system\n    stages: [commit-msg]\n{hook}",
    )


TYPES = "default_install_hook_types: [commit-msg]\n"


@pytest.fixture(params=["pre-commit", "prek"])
def host(request, bare, monkeypatch, tmp_path):
    """Installs a configuration with pre-commit or prek; the index has an unstaged change that must not be stashed."""
    program = tool(request.param)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "cache"))

    def set_up(*args: str) -> str:
        configured(bare, *args)
        subprocess.run([program, "install", "-t", "commit-msg"], cwd=bare.path, check=True, capture_output=True)
        bare.write("a", "unstaged\n")
        return request.param

    return set_up


@pytest.mark.parametrize(
    ("head", "hook"),
    [
        (TYPES, ""),
        (TYPES, "    always_run: true\n"),
        (TYPES + "files: ^src/\n", "    always_run: true\n"),
        (TYPES + "exclude: ^\\.git/\n", "    always_run: true\n"),
    ],
)
def test_live_through_pre_commit(host, bare, head, hook):
    host(head, hook)
    before = snapshot(bare)
    controls = examined()
    assert controls[HOOK].state == LIVE
    assert CONFIGURATION not in controls
    assert snapshot(bare) == before


@pytest.mark.parametrize(
    ("head", "hook", "hook_id", "rule", "message", "where"),
    [
        (TYPES + "files: ^src/\n", "", "sox-hooks", "SOX709", "files: at the top level", ".pre-commit-config.yaml:2"),
        (TYPES + "exclude: EDITMSG\n", "", "sox-hooks", "SOX709", "exclude: at the top", ".pre-commit-config.yaml:2"),
        (TYPES, "    exclude: EDITMSG\n", "sox-hooks", "SOX709", "leaves our hook out", ".pre-commit-config.yaml"),
        (TYPES, "", "other", "SOX706", "has no hook `sox-hooks`", ".pre-commit-config.yaml"),
    ],
)
def test_left_out_by_the_configuration(host, head, hook, hook_id, rule, message, where):
    name = host(head, hook, hook_id)
    control = hook_control()
    if name == "prek" and head != TYPES:  # prek 0.5 does not filter the message file by the top level
        assert control.state == LIVE
        return
    assert (control.state, control.rule, control.where) == (NOT_LIVE, rule, where)
    assert message in control.message


def test_skipped_by_the_environment(host, monkeypatch):
    host(TYPES, "    always_run: true\n")
    monkeypatch.setenv("SKIP", "flake8, sox-hooks")
    control = hook_control()
    assert (control.state, control.rule, control.fix) == (NOT_LIVE, "SOX709", "unset SKIP")


def test_colleagues_would_not_get_it(host):
    host("default_install_hook_types: [pre-commit]\n", "    always_run: true\n")
    controls = examined()
    assert controls[HOOK].state == LIVE
    assert controls[CONFIGURATION].state == ADVICE
    assert "default_install_hook_types: [commit-msg]" in controls[CONFIGURATION].fix


def test_configured_but_never_installed(bare):
    configured(bare, "default_install_hook_types: [pre-commit]\n")
    control = hook_control()
    assert (control.state, control.rule) == (NOT_LIVE, "SOX706")
    assert "default_install_hook_types: [commit-msg]" in control.fix
    configured(bare, TYPES)
    assert hook_control().fix == "pre-commit install"


def test_a_configuration_that_went_away(host, bare):
    host(TYPES, "    always_run: true\n")
    (bare.path / ".pre-commit-config.yaml").unlink()
    control = hook_control()
    assert (control.state, control.rule) == (NOT_LIVE, "SOX706")
    assert ".pre-commit-config.yaml" in control.why


def test_installed_twice(host, bare):
    host(TYPES, "    always_run: true\n")
    install(find_repository(Git()))
    control = hook_control()
    assert control.state == LIVE
    assert "runs 2 times" in control.message


# husky and lefthook, by the layout of their files


def husky(repo, own: str) -> None:
    """husky 9: core.hooksPath is .husky/_, whose scripts run the one of the same name one folder up."""
    inner = repo.write(".husky/_/commit-msg", '#!/bin/sh\n. "${0%/*}/h"\n')
    inner.chmod(0o755)
    repo.write(
        ".husky/_/h", 's="${0%/*}/../${0##*/}"\n[ -f "$s" ] || exit 0\n[ "$HUSKY" = 0 ] && exit 0\nsh -e "$s" "$@"\n'
    )
    repo.git("config", "core.hooksPath", ".husky/_")
    if own:
        repo.write(".husky/commit-msg", own)


def test_husky(bare, monkeypatch):
    line = f"SOX_HOOKS_HOST=husky '{sys.executable}' -I -m sox_hooks hook commit-msg \"$1\"\n"
    husky(bare, line)
    assert hook_control().state == LIVE
    monkeypatch.setenv("HUSKY", "0")
    control = hook_control()
    assert (control.rule, control.fix) == ("SOX709", "unset HUSKY")
    monkeypatch.delenv("HUSKY")
    bare.write(".husky/commit-msg", "true\n")
    control = hook_control()
    assert (control.rule, control.where) == ("SOX706", ".husky/commit-msg")
    assert "--husky" in control.fix


def test_lefthook(bare, monkeypatch):
    script("#!/bin/sh\ncall_lefthook()\n{\n:\n}\ncall_lefthook\n")(bare)
    control = hook_control()
    assert (control.rule, control.where) == ("SOX706", "lefthook.yml")
    assert "--lefthook" in control.fix
    bare.write("lefthook.yml", "commit-msg: {commands: {x: {run: sox-hooks hook commit-msg}}}\n")
    assert hook_control().rule == "SOX709"
    monkeypatch.setenv("LEFTHOOK", "false")
    assert hook_control().fix == "unset LEFTHOOK"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("default_install_hook_types: [a, commit-msg]\nrepos: []\n", True),
        ("default_install_hook_types:\n- a\n- commit-msg\nrepos: []\n", True),
        ("default_install_hook_types:\n  # commit-msg\n  - a\nrepos: [commit-msg]\n", False),
        ("default_install_hook_types: [a] # commit-msg\n", False),
        ("x:\n  default_install_hook_types: [commit-msg]\n", False),
        ("default_install_hook_types : [\n  commit-msg\n]\n", True),
    ],
)
def test_the_value_of_a_top_level_key(config, expected):
    assert ("commit-msg" in top_level(config, "default_install_hook_types")) == expected


def test_the_line_of_a_top_level_key():
    assert line_of("a: 1\nfiles: x\n", "files") == 2
    assert line_of("a:\n  files: x\nfilesystem: y\n", "files") == 0


# Policy, key, enrolment, log


def test_without_a_policy(bare):
    control = examined()[POLICY]
    assert (control.state, control.rule, control.fix) == (NOT_LIVE, "SOX713", "sox-hooks init")


def test_a_policy_that_is_not_committed_yet(repo, make_key, monkeypatch):
    monkeypatch.chdir(repo.path)
    govern(repo, make_key())
    repo.git("update-ref", "-d", "HEAD")
    control = examined()[POLICY]
    assert (control.state, control.rule) == (ADVICE, "SOX713")


def test_a_broken_policy_does_not_end_the_examination(governed):
    governed.write(".sox/policy.toml", "[policy\n")
    governed.git("commit", "-q", "--no-verify", "-am", "break it")
    controls = examined()
    assert controls[POLICY].state == NOT_LIVE
    assert (controls[KEY].state, controls[LOG].state) == (LIVE, LIVE)


def test_a_policy_that_only_warns(governed):
    path = governed.path / ".sox/policy.toml"
    path.write_text(path.read_text().replace('mode = "enforce"', 'mode = "warn"'))
    governed.git("commit", "-q", "--no-verify", "-am", "warn")
    assert examined()[POLICY].state == ADVICE


def test_no_key_is_configured(governed):
    governed.git("config", "--unset", "sox.signingKey")
    control = examined()[KEY]
    assert (control.state, control.rule) == (NOT_LIVE, "SOX710")
    assert ENROLMENT not in examined()


def test_a_key_that_cannot_sign(governed, make_key):
    locked = make_key("locked", passphrase="secret")
    governed.git("config", "sox.signingKey", str(locked))
    control = examined()[KEY]  # there is no terminal: it says so, and does not hang
    assert (control.state, control.rule) == (NOT_LIVE, "SOX710")


def test_a_key_that_is_not_enrolled(governed, make_key):
    governed.git("config", "sox.signingKey", str(make_key("other")))
    controls = examined()
    assert controls[KEY].state == LIVE
    assert (controls[ENROLMENT].state, controls[ENROLMENT].rule) == (NOT_LIVE, "SOX404")


def test_an_enrolment_in_the_work_tree_only_does_not_count(governed, make_key):
    other = make_key("other")
    governed.git("config", "sox.signingKey", str(other))
    path = governed.path / ".sox/allowed_signers"
    public = " ".join(other.with_name("other.pub").read_text().split()[:2])
    path.write_text(path.read_text() + f'alice@bank.example namespaces="sox-record" {public}\n')
    control = examined()[ENROLMENT]
    assert (control.state, control.rule) == (NOT_LIVE, "SOX712")


def test_a_key_that_has_expired(governed):
    path = governed.path / ".sox/allowed_signers"
    path.write_text(path.read_text().replace('"sox-record"', '"sox-record",valid-before="20200101000000Z"'))
    governed.git("commit", "-q", "--no-verify", "-am", "expire")
    control = examined()[ENROLMENT]
    assert (control.state, control.rule) == (NOT_LIVE, "SOX606")


def test_commits_under_somebody_elses_address(governed):
    governed.git("config", "user.email", "bob@bank.example")
    control = examined()[ENROLMENT]
    assert (control.state, control.rule) == (NOT_LIVE, "SOX405")
    assert "bob@bank.example" in control.message


@pytest.mark.parametrize(
    ("harm", "state", "rule"),
    [
        (lambda data: data.replace(b'"number":1', b'"number":9'), NOT_LIVE, "SOX702"),
        (lambda data: data[:-4], ADVICE, "SOX701"),
        (lambda data: b"", LIVE, ""),
    ],
)
def test_the_log(governed, harm, state, rule):
    log = Log(str(governed.path / ".git"))
    for number in range(3):
        log.append("recorded", {"number": number})
    Path(log.path).write_bytes(harm(Path(log.path).read_bytes()))
    control = examined()[LOG]
    assert (control.state, control.rule) == (state, rule)


def test_a_log_that_cannot_be_written(governed):
    shutil.rmtree(governed.path / ".git/sox-hooks", ignore_errors=True)
    governed.write(".git/sox-hooks", "")
    controls = examined()
    assert {name for name, control in controls.items() if control.state == NOT_LIVE} >= {HOOK, LOG}
    assert "not a folder" in controls[LOG].message


def test_without_ssh_keygen(governed, tmp_path, monkeypatch):
    only = tmp_path / "bin"
    only.mkdir()
    for name in ("git", "sh", "cat"):
        (only / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(only))
    control = examined()["programs"]
    assert (control.state, control.rule) == (NOT_LIVE, "SOX710")


# The command


def run(*argv: str) -> int:
    parser = Parser(prog="sox-hooks doctor")
    command.add_arguments(parser)
    return command.run(parser.parse_args(argv))


def test_the_command_passes(governed, capsys):
    assert run() == 0
    out = capsys.readouterr().out
    assert f"[live] {HOOK}: it was run and answered\n" in out
    assert out.endswith("sox-hooks doctor: every control is live\n")
    assert run("--format", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["schema"], report["live"]) == ("sox-hooks/doctor/v1", True)


def test_the_command_fails_and_says_what_mends(governed, capsys):
    no_x_bit(governed)
    assert run() == 1
    out = capsys.readouterr().out
    assert f"[not live] {HOOK}: " in out
    assert "  fix:   chmod +x " in out
    assert out.endswith(f"sox-hooks doctor: 1 of 6 not live: {HOOK}\n")
    assert run("--format", "json") == 1
    report = json.loads(capsys.readouterr().out)
    assert [c["rule"] for c in report["controls"] if c["state"] == NOT_LIVE] == ["SOX707"]


def test_outside_a_work_tree(make_repo, monkeypatch):
    monkeypatch.chdir(make_repo("bare", "--bare").path)
    with pytest.raises(UsageError, match="needs a work tree"):
        run()
