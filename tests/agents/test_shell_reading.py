"""Which files a command line plainly writes, and which go around the hooks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sox_hooks.agents.bypass import bypass, commits
from sox_hooks.agents.shell import steps, written

WRITES = [
    ("printf x > a", "a"),
    ("printf x >> 'a b'", "a b"),
    ('echo "x" >| "a"', "a"),
    ("cmd 2> err 1>&2", "err"),
    ("cmd &> both", "both"),
    ("echo x >a; cat <b", "a"),
    ("tee -a a b < c", "a b"),
    ("cat > a <<'E'\nrm other\nE\n", "a"),
    ("cat <<E | tee a\n> b\nE", "a"),
    ("sed -i s/x/y/ a", "a"),
    ("sed -i.bak -e s/x/y/ a b", "a b"),
    ("sed -ne p a", ""),
    ("sed 's/x/y/' a", ""),
    ("perl -pi -e 's/x/y/' a", "a"),
    ("perl -e 'print 1' a", ""),
    ("rm -rf a -- b", "a b"),
    ("cp -r x a", "a a/x"),
    ("cp x y -t a", "a a/x a/y"),
    ("mv x a", "a a/x x"),
    ("git mv x a", "x a"),
    ("git -C sub rm --cached a", "sub/a"),
    ("touch -d now a", "a"),
    ("truncate -s 0 a", "a"),
    ("chmod 600 a", "a"),
    ("dd if=x of=a", "a"),
    ("curl -sSo a https://x", ""),
    ("curl -o a https://x", "a"),
    ("cd sub && touch a", "sub/a"),
    ("(cd sub; touch a)", "sub/a"),
    ("bash -c 'touch a'", "a"),
    ("sh <<E\ntouch a\nE", "a"),
    ("eval 'touch a'", "a"),
    ("env X=1 sudo -u root touch a", "a"),
    ("timeout 5 touch a", "a"),
    ("find sub -name x -delete", "sub"),
    ("find sub -exec rm {} \\;", "sub"),
    ("find . -delete", "."),
    ("find . -name '*.pyc' -delete", ""),
    ("find . -name '*.pyc' -exec rm {} +", ""),
    ("ln x a", "a a/x x"),
    ("ln -s x a", "a a/x"),
    ("vim -c wq a", "a"),
    ("git checkout main", ""),
    ("git checkout -b new main", ""),
    ("git checkout HEAD~1 a", "a"),
    ("git checkout -- a b", "a b"),
    ("git restore --source=HEAD~2 a", "a"),
    ("git -C sub restore -s HEAD a", "sub/a"),
    ("git config -f a user.name x", "a"),
    ("git clean -fd a", "a"),
    ("echo $(touch a) `touch b`", "a b"),
    ('x="$(touch a)"', "a"),
    ("if true; then touch a; fi", "a"),
    ("X=1 touch a", "a"),
    ("t\\ouch a", "a"),
    ("touch a\\\nb", "ab"),
    ("touch $'a'", "a"),
    ("touch $X", ""),
    ('touch "$HOME/a"', ""),
    ("# touch a", ""),
    ("echo touch a", ""),
    ("ls a > /dev/null", "/dev/null"),
    ("while read f; do rm b; done", "b"),
    ("true && rm a || rm b | rm c & rm d", "a b c d"),
]


@pytest.mark.parametrize(("command", "files"), WRITES)
def test_what_is_written(command, files):
    found = sorted({path.removeprefix("/r/") for step in steps(command, "/r") for path in written(step)})
    wanted = [files] if files == "a b" and "'a b'" in command else files.split()
    assert found == sorted(wanted)


BYPASSES = [
    "git commit -n -m x", "git commit -anm x", "git commit --no-verify", "git commit --no-verif -m x",
    "git -c core.hooksPath=/dev/null commit", "git -c CORE.HOOKSPATH= commit", "git -C x -c core.hookspath=y commit",
    "git config core.hooksPath /dev/null", "git config --unset core.hooksPath", "git config --global core.hooksPath x",
    "git config set core.hooksPath x", "git config --remove-section core", "HUSKY=0 git commit", "export HUSKY=0",
    "SKIP=sox-hooks git commit", "LEFTHOOK=0 git commit", "env HUSKY=0 git commit", "git push --no-verify",
    "git merge --no-verify x", "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0= git commit",
    "git commit-tree HEAD^{tree} -m x", "bash -c 'git commit -n'", "true && (git commit -nm x)", "sox-hooks uninstall",
    "git config sox.policyRef mine", "git -c sox.policyRef=mine commit", "git config --add include.path x",
    "git -c include.path=x commit", "git -c alias.ok='commit -n' ok", "SOX_HOOKS_DOCTOR=1 git commit -m x",
    "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=sox.policyRef GIT_CONFIG_VALUE_0=x git commit", "git replace HEAD HEAD~1",
    "git update-ref refs/remotes/origin/main HEAD", "git symbolic-ref refs/remotes/origin/HEAD refs/heads/x",
    "sox-hooks keys enrol x.pub", "sox-hooks keys revoke x", "sox-hooks agents uninstall",
    "sox-hooks agents ignore-files --remove cursor", "pre-commit uninstall",
    "git --config-env=core.hooksPath=X commit",
    "GIT_CONFIG_PARAMETERS=\"'core.hookspath'='x'\" git commit", "$(git commit -n)",
]  # fmt: skip

FINE = [
    "git commit -m x", "git commit -m '-n'", "git commit -m -n", "git commit -mno", "git commit -F n", "git log -n 3",
    "git commit --amend --no-edit", "git config core.hooksPath", "git config --get core.hooksPath", "git merge -n x",
    "echo git commit --no-verify", "git -c user.name=x commit -m y", "git config user.name x", "HUSKY=1 git commit",
    "SKIP=ruff git commit", "git commit -- -n", "git commit -m x --no-edit", "sox-hooks agents status", "git push",
    "git config --get sox.policyRef", "git symbolic-ref HEAD", "sox-hooks keys list",
    "git commit -Cn", "grep -- --no-verify x",
]  # fmt: skip


def ways(command: str) -> list[str]:
    return [way for way in map(bypass, steps(command, "/r")) if way]


@pytest.mark.parametrize("command", BYPASSES)
def test_ways_around_the_hooks(command):
    assert ways(command)


@pytest.mark.parametrize("command", FINE)
def test_ordinary_commands(command):
    assert ways(command) == []


@pytest.mark.parametrize(
    ("command", "wanted"),
    [("git commit -m x", True), ("git -C x rebase main", True), ("git log", False), ("echo git commit", False)],
)
def test_who_commits(command, wanted):
    assert any(map(commits, steps(command, "/r"))) is wanted


words = st.sampled_from(
    [*"'\"\\$`(){}<>|&;#\n \t-=a", "git", "commit", "$(", "<<E", "E\n", "sh -c", "eval", "${", "find"]
)


@settings(max_examples=300)
@given(st.lists(words, max_size=40).map("".join))
def test_no_command_line_is_too_strange(command):
    for step in steps(command, "/r"):
        assert all(path.startswith("/") or path.startswith("~") for path in written(step)), written(step)
        assert isinstance(bypass(step), str)


def test_deep_nesting_ends():
    assert len(steps("$(" * 3000 + "rm a" + ")" * 3000, "/r")) < 500
    assert len(steps("eval " * 3000 + "rm a", "/r")) < 500
    assert len(steps("rm a;" * 100_000, "/r")) <= 500
