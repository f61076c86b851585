"""What a commit-msg hook predicts, against the commit that real git then makes: every workflow in which it runs."""

from __future__ import annotations

import os

import pytest

from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.processes_above import ProcessInfo
from sox_hooks.git.commits import parse_commit, parse_ident
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.repository import find_repository
from sox_hooks.git.run import Git
from sox_hooks.git.state import Operation, amended_parents, operation
from tests.git.probe_hook import ci_says, install, seen

BOTH = "".join(f"{n}\n" for n in range(12))


def edit(repo, name="f", text="edited\n"):
    repo.write(name, text)
    repo.git("add", "--", name)


def commit(*arguments, **env):
    def run(repo):
        edit(repo)
        repo.git("commit", "-q", *arguments, **env)

    return run


def branch(repo, name, files, start="main~1"):
    repo.git("checkout", "-q", "-b", name, start)
    repo.commit(name, files, "--no-verify")
    repo.git("checkout", "-q", "main")


def with_alias(alias):
    def run(repo):
        edit(repo)
        repo.git("config", "alias.ci", alias)
        repo.git("ci")

    return run


def root(repo):
    repo.git("checkout", "-q", "--orphan", "fresh")
    repo.git("commit", "-q", "-m", "root")


def amend_root(repo):
    root(repo)
    repo.git("commit", "-q", "--amend", "-m", "root again")


def amend_merge(repo):
    branch(repo, "side", {"s": "s"})
    repo.git("merge", "-q", "--no-edit", "side")
    repo.git("commit", "-q", "--amend", "-m", "merge again")


def merge(*arguments):
    def run(repo):
        branch(repo, "side", {"s": "s"})
        branch(repo, "ahead", {"t": "t"}, "main")
        branch(repo, "other", {"u": "u"})
        branch(repo, "further", {"v": "v"}, "ahead")
        repo.git("tag", "-a", "-m", "tag", "v1", "ahead")
        repo.git("tag", "-a", "-m", "tag", "v2", "side")
        repo.git("merge", "-q", *arguments)

    return run


def conflict(repo, command, *arguments):
    branch(repo, "side", {"g": "theirs\n"})
    repo.commit("ours", {"g": "ours\n"}, "--no-verify")
    repo.git(command, *arguments, "side", check=False)
    edit(repo, "g", "resolved\n")


def conflict_then(command, *then, options=()):
    def run(repo):
        conflict(repo, command, *options)
        repo.git(*then, GIT_EDITOR="true")

    return run


def rebase(todo, *then, onto="HEAD~2", check=False):
    """An interactive rebase with a to-do list made by sed, then what is typed in its stop."""

    def run(repo):
        repo.commit("second", {"h": "1"}, "--no-verify")
        repo.commit("third", {"i": "1"}, "--no-verify")
        repo.git(
            "rebase",
            "-q",
            "-i",
            *onto.split(),
            GIT_SEQUENCE_EDITOR=f"sed -i -e '{todo}'",
            GIT_EDITOR="sed -i -e 1s/$/!/",
        )
        for command in then:
            if command[0] == "edit":
                edit(repo, "h", "edited\n")
            else:
                repo.git(*command, GIT_EDITOR="true", check=check)

    return run


def rebase_conflict(repo):
    branch(repo, "side", {"g": "theirs\n"}, "main")
    repo.commit("ours", {"g": "ours\n"}, "--no-verify")
    repo.git("rebase", "-q", "side", check=False)
    edit(repo, "g", "resolved\n")
    repo.git("commit", "-q", "--no-edit")
    repo.git("rebase", "--continue")


def rebase_apply_conflict(repo):
    branch(repo, "side", {"g": "theirs\n"}, "main")
    repo.commit("ours", {"g": "ours\n"}, "--no-verify")
    repo.git("rebase", "-q", "--apply", "side", check=False)
    edit(repo, "g", "resolved\n")
    repo.git("commit", "-q", "-m", "by hand")


def pull(repo):
    repo.git("clone", "-q", ".", "../elsewhere")
    repo.git("-C", "../elsewhere", "commit", "-q", "--allow-empty", "-m", "there")
    repo.git("commit", "-q", "--no-verify", "--allow-empty", "-m", "here")
    repo.git("pull", "-q", "--no-rebase", "--no-edit", "../elsewhere", "main")


def replaced(repo):
    other = repo.git("commit-tree", "-m", "x", "HEAD^{tree}")
    repo.git("replace", "HEAD", repo.git("commit-tree", "-p", other, "-m", "y", "HEAD^{tree}"))
    repo.git("commit", "-q", "--amend", "--allow-empty", "-m", "amended")


def grafted(repo):
    repo.commit("other", {"z": "z"}, "--no-verify")
    (repo.path / ".git/info/grafts").write_text(f"{repo.head()} {repo.head('HEAD~2')}\n")
    repo.git("commit", "-q", "--amend", "-m", "amended")


# Name: what is done, kind, whether it amends (of the last call of the hook), how often the hook is called.
WORKFLOWS = {
    "-m": (commit("-m", "x"), "commit", False, 1),
    "-a": (lambda repo: (repo.write("f", "2"), repo.git("commit", "-q", "-am", "x")), "commit", False, 1),
    "PATH": (
        lambda repo: (edit(repo, "g"), repo.write("f", "2"), repo.git("commit", "-qm", "x", "f")), "commit", False, 1,
    ),
    "--allow-empty": (lambda repo: repo.git("commit", "-q", "--allow-empty", "-m", "x"), "commit", False, 1),
    "editor": (commit(GIT_EDITOR="sed -i -e 1s/$/text/"), "commit", False, 1),
    "root": (root, "commit", False, 1),
    "--amend -m": (commit("--amend", "-m", "x"), "amend", True, 1),
    "--amend --no-edit": (commit("--amend", "--no-edit"), "amend", True, 1),
    "--amend with an editor": (commit("--amend", GIT_EDITOR="sed -i -e 1s/$/text/"), "amend", True, 1),
    "--am -C HEAD": (commit("--am", "-C", "HEAD"), "amend", True, 1),
    "--amend --reset-author": (commit("--amend", "--no-edit", "--reset-author"), "amend", True, 1),
    "--amend --date": (commit("--amend", "--no-edit", "--date=2001-02-03T04:05:06+0900"), "amend", True, 1),
    "--amend --author": (commit("--amend", "--no-edit", "--author=J\u00f6rg <j@x>"), "amend", True, 1),
    "-qa --amend": (commit("-qa", "--amend", "--no-edit"), "amend", True, 1),
    "--amend of a root": (amend_root, "amend", True, 2),
    "--amend of a merge": (amend_merge, "amend", True, 2),
    "--amend --no-amend": (commit("--amend", "--no-amend", "-m", "x"), "commit", False, 1),
    "the message --amend": (commit("-m", "--amend"), "commit", False, 1),
    "the file --amend": (
        lambda repo: (edit(repo, "--amend"), repo.git("commit", "-qm", "x", "--", "--amend")), "commit", False, 1,
    ),
    "an alias": (with_alias("commit -q --amend --no-edit"), "amend", True, 1),
    "a shell alias": (with_alias("!git -c a.b=c commit -q --amend --no-edit"), "amend", True, 1),
    "an alias without amend": (with_alias("commit -q -m --amend"), "commit", False, 1),
    "-C HEAD": (commit("-C", "HEAD"), "commit", False, 1),
    "-c HEAD": (commit("-c", "HEAD", GIT_EDITOR="true"), "commit", False, 1),
    "--fixup": (commit("--fixup", "HEAD"), "commit", False, 1),
    "--fixup=amend:": (commit("--fixup=amend:HEAD", GIT_EDITOR="true"), "commit", False, 1),
    "--fixup=reword:": (lambda repo: repo.git("commit", "--fixup=reword:HEAD", GIT_EDITOR="true"), "commit", False, 1),
    "--squash": (commit("--squash", "HEAD", "-m", "x"), "commit", False, 1),
    "merge": (merge("--no-edit", "side"), "merge", False, 1),
    "merge --no-ff": (merge("--no-ff", "--no-edit", "ahead"), "merge", False, 1),
    "merge -s ours": (merge("-s", "ours", "--no-edit", "side"), "merge", False, 1),
    "merge of a tag": (merge("--no-edit", "v2"), "merge", False, 1),
    "merge of a tag ahead": (merge("--no-edit", "--no-ff", "v1"), "merge", False, 1),
    "octopus": (merge("--no-edit", "side", "other"), "merge", False, 1),
    "octopus of tags": (merge("--no-edit", "v1", "v2"), "merge", False, 1),
    "octopus that contains HEAD": (merge("--no-edit", "ahead", "side"), "merge", False, 1),
    "octopus that contains HEAD, --no-ff": (merge("--no-ff", "--no-edit", "ahead", "side"), "merge", False, 1),
    "octopus with one inside another": (merge("--no-edit", "ahead", "further", "side"), "merge", False, 1),
    "merge --no-commit, then commit": (
        lambda repo: (merge("--no-commit", "side")(repo), repo.git("commit", "-q", "--no-edit")), "merge", False, 1,
    ),
    "merge --no-commit --no-ff, then commit": (
        lambda repo: (merge("--no-commit", "--no-ff", "ahead")(repo), repo.git("commit", "-qm", "x")),
        "merge", False, 1,
    ),
    "merge --squash, then commit": (
        lambda repo: (merge("--squash", "side")(repo), repo.git("commit", "-q", "--no-edit")), "squash", False, 1,
    ),
    "conflict, then commit": (conflict_then("merge", "commit", "-q", "--no-edit"), "merge", False, 1),
    "conflict, then merge --continue": (conflict_then("merge", "merge", "--continue"), "merge", False, 1),
    "pull": (pull, "merge", False, 1),
    "cherry-pick --continue": (conflict_then("cherry-pick", "cherry-pick", "--continue"), "cherry-pick", False, 1),
    "cherry-pick, then commit": (conflict_then("cherry-pick", "commit", "-q", "--no-edit"), "cherry-pick", False, 1),
    "cherry-pick -n, then commit": (
        conflict_then("cherry-pick", "commit", "-qm", "x", options=("-n",)), "commit", False, 1,
    ),
    "revert -n, then commit": (
        lambda repo: (repo.git("revert", "-n", "HEAD"), repo.git("commit", "-qm", "x")), "revert", False, 1,
    ),
    "revert --continue": (
        lambda repo: (
            repo.commit("later", {"g": "later\n"}, "--no-verify"), repo.git("revert", "HEAD~1", check=False),
            edit(repo, "g", "resolved\n"), repo.git("revert", "--continue", GIT_EDITOR="true"),
        ), "revert", False, 1,
    ),
    "rebase, reword": (rebase("1s/pick/reword/"), "rebase", True, 1),
    "rebase, reword twice": (rebase("s/^pick/reword/"), "rebase", True, 2),
    "rebase --root, reword": (rebase("1s/pick/reword/", onto="--root"), "rebase", True, 1),
    "rebase, edit and amend": (
        rebase("1s/pick/edit/", ("edit",), ("commit", "--amend", "--no-edit"), ("rebase", "--continue"), check=True),
        "rebase", True, 1,
    ),
    "rebase, edit and commit": (
        rebase("1s/pick/edit/", ("edit",), ("commit", "-qm", "extra"), ("rebase", "--continue"), check=True),
        "rebase", False, 1,
    ),
    "rebase, conflict and commit": (rebase_conflict, "rebase", False, 1),
    "rebase --apply, conflict and commit": (rebase_apply_conflict, "rebase", False, 1),
    "replaced HEAD": (replaced, "amend", True, 1),
    "grafted HEAD": (grafted, "amend", True, 1),
}  # fmt: skip


def check(repo, log, kind, amend, calls):
    found = seen(log, repo.head())
    assert len(found) == calls
    for predicted, oid in found:
        made, binding = ci_says(repo.path, oid)
        assert tuple(predicted["parents"]) == made.parents
        assert predicted["tree"] == made.tree
        assert (predicted["change"], predicted["patch"]) == (binding.change, binding.patch)
        assert tuple(predicted["touched"]) == binding.content.touched()
        said, wrote = parse_ident(os.fsencode(predicted["author"])), parse_ident(made.author)
        assert (said.name, said.email, said.exact) == (wrote.name, wrote.email, True)
        if predicted["kind"] != "merge":  # a clean merge looks at the clock again
            assert os.fsencode(predicted["author"]) == made.author
        assert predicted["kept"]
    assert (found[-1][0]["kind"], found[-1][0]["amend"]) == (kind, amend)


def start(repo):
    repo.commit("first", {"f": BOTH, "g": "base\n"})
    repo.commit("second", {"f": BOTH + "x\n", "g": "base, later\n"})


@pytest.mark.parametrize(("act", "kind", "amend", "calls"), WORKFLOWS.values(), ids=WORKFLOWS.keys())
def test_workflow(repo, tmp_path, act, kind, amend, calls):
    start(repo)
    install(repo, tmp_path / "log")
    act(repo)
    check(repo, tmp_path / "log", kind, amend, calls)


SOME = [
    "-m",
    "-a",
    "PATH",
    "--amend -m",
    "merge",
    "conflict, then commit",
    "octopus that contains HEAD",
    "rebase, reword",
]


@pytest.mark.parametrize("name", SOME)
def test_in_a_sha256_repository(make_repo, tmp_path, name):
    repo = make_repo("long", "--object-format=sha256")
    start(repo)
    install(repo, tmp_path / "log")
    act, *expected = WORKFLOWS[name]
    act(repo)
    check(repo, tmp_path / "log", *expected)


@pytest.mark.parametrize("name", SOME)
def test_in_a_linked_work_tree(repo, tmp_path, name):
    start(repo)
    install(repo, tmp_path / "log")
    repo.git("checkout", "-q", "--detach")
    repo.git("worktree", "add", "-q", "../linked", "main")
    linked = type(repo)(tmp_path / "linked")
    act, *expected = WORKFLOWS[name]
    act(linked)
    check(linked, tmp_path / "log", *expected)


@pytest.mark.parametrize("name", SOME)
def test_in_a_submodule(repo, make_repo, tmp_path, name):
    inner = make_repo("inner")
    start(inner)
    repo.git("submodule", "--quiet", "add", str(inner.path), "sub")
    sub = type(repo)(repo.path / "sub")
    install(repo, tmp_path / "log", repo.path / ".git/modules/sub/hooks")
    act, *expected = WORKFLOWS[name]
    act(sub)
    check(sub, tmp_path / "log", *expected)


def test_from_elsewhere(repo, tmp_path):
    """In a subdirectory, with -C, with --git-dir, with variables, and through the dashed program."""
    start(repo)
    log = tmp_path / "log"
    install(repo, log)
    below = type(repo)(repo.path / "d")
    above = type(repo)(tmp_path)
    places = ("--git-dir", "repo/.git", "--work-tree", "repo")
    for number, act in enumerate(
        [
            lambda: below.git("commit", "-q", "--amend", "-m", "x"),
            lambda: above.git("-C", "repo", "commit", "-q", "--amend", "-m", "x"),
            lambda: above.git(*places, "commit", "-q", "--amend", "-m", "x"),
            lambda: above.git("commit", "-qm", "--amend", "--am", GIT_DIR="repo/.git", GIT_WORK_TREE="repo"),
        ]
    ):
        repo.write("d/f", f"{number}\n")
        repo.git("add", "d")
        act()
        check(repo, log, "amend", True, 1)


def test_amending_the_end_of_a_shallow_clone(repo, tmp_path):
    start(repo)
    repo.git("clone", "-q", "--depth=1", f"file://{repo.path}", "../shallow")
    shallow = type(repo)(tmp_path / "shallow")
    install(shallow, tmp_path / "log")
    shallow.git("commit", "-q", "--amend", "-m", "x")
    found = seen(tmp_path / "log", "")
    assert [tuple(predicted["parents"]) for predicted, _ in found] == [
        tuple(shallow.git("log", "-1", "--format=%P").split())
    ]
    assert found[0][0]["amend"] is True


def test_a_silent_caller_leaves_both_readings(repo):
    """No `git commit` above this process: a client that writes commits itself."""
    start(repo)
    git = Git(str(repo.path))
    repository = find_repository(git)
    with ObjectReader(git) as reader:
        head = parse_commit(repo.head(), reader.read("HEAD")[2])
    assert operation(git, repository, {}, (), head) == Operation("commit", None, (head.oid,))
    assert amended_parents(git, repository, head) == (repo.head("HEAD^"),)
    reword = {"GIT_REFLOG_ACTION": "rebase (reword)"}
    assert operation(git, repository, reword, (), head) == Operation("amend", True, (repo.head("HEAD^"),))
    unknown = [ProcessInfo(2, 1, (b"git", b"commit", b"--novelty"))]
    assert operation(git, repository, {}, unknown, head).amend is None
    assert operation(git, repository, {}, (), None) == Operation("commit", False, ())


@pytest.mark.parametrize("content", [b"", b"\n", b"abc\n", b"--help\n", b"\xff\n", b"0" * 41])
def test_a_damaged_merge_head(repo, content):
    start(repo)
    git = Git(str(repo.path))
    with ObjectReader(git) as reader:
        head = parse_commit(repo.head(), reader.read("HEAD")[2])
    (repo.path / ".git/MERGE_HEAD").write_bytes(content)
    with pytest.raises(EnvironmentProblem, match="MERGE_HEAD is damaged"):
        operation(git, find_repository(git), {}, (), head)
