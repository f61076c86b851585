"""Nothing that a clone, its owner or its environment can set changes a byte of what the room says.

Each row of the tables is set up in a repository whose history has something for it to spoil. The same rows change what
plain git says there (counted at the end), so the tables have teeth.
"""

from __future__ import annotations

import os

import pytest

from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git, clean_environment, desk_environment
from tests import conftest

EVIL = "false"  # a program: as external diff, as textconv, as merge driver

CONFIG = {
    "core.abbrev": "12", "core.attributesFile": "EVIL_ATTRIBUTES", "core.autocrlf": "true",
    "core.bigFileThreshold": "10",
    "core.commentChar": "+", "core.eol": "crlf", "core.fileMode": "false", "core.fsmonitor": EVIL,
    "core.hooksPath": "/nonexistent", "core.ignoreCase": "true", "core.logAllRefUpdates": "false",
    "core.pager": EVIL, "core.precomposeUnicode": "true", "core.quotePath": "false", "core.safecrlf": "true",
    "core.splitIndex": "true", "core.symlinks": "false", "core.untrackedCache": "true", "core.whitespace": "tabwidth=1",
    "color.diff": "always", "color.ui": "always", "diff.algorithm": "histogram", "diff.autoRefreshIndex": "false",
    "diff.colorMoved": "zebra", "diff.context": "9", "diff.dirstat": "lines", "diff.dstPrefix": "evil/",
    "diff.external": EVIL, "diff.evil.command": EVIL, "diff.evil.textconv": EVIL, "diff.evil.xfuncname": "^evil.*$",
    "diff.evil.binary": "true", "diff.ignoreSubmodules": "all", "diff.indentHeuristic": "true",
    "diff.interHunkContext": "50", "diff.mnemonicPrefix": "true", "diff.noprefix": "true",
    "diff.orderFile": "EVIL_ORDER",
    "diff.relative": "true", "diff.renameLimit": "1", "diff.renames": "false", "diff.srcPrefix": "evil/",
    "diff.submodule": "log", "diff.suppressBlankEmpty": "true", "diff.wordRegex": ".", "diff.wsErrorHighlight": "all",
    "feature.experimental": "true", "feature.manyFiles": "true", "format.pretty": "oneline", "gc.auto": "1",
    "i18n.commitEncoding": "latin1", "i18n.logOutputEncoding": "latin1", "index.sparse": "true", "log.date": "raw",
    "log.decorate": "full", "log.diffMerges": "off", "log.follow": "true", "log.mailmap": "true",
    "log.showRoot": "false", "log.showSignature": "true", "merge.conflictStyle": "diff3", "merge.default": "union",
    "merge.directoryRenames": "false", "merge.evil.driver": EVIL, "merge.renameLimit": "1", "merge.renames": "false",
    "merge.renormalize": "true", "merge.verbosity": "5", "pager.diff-tree": "true", "submodule.recurse": "true",
    "submodule.sub.ignore": "all",
}  # fmt: skip
MERGE_STYLES = {"merge.conflictStyle": ("merge", "diff3", "zdiff3"), "merge.directoryRenames": ("true", "conflict")}
VALUES = {
    "diff.algorithm": ("minimal", "patience", "myers"), "diff.indentHeuristic": ("false",), "diff.renames": ("copies",),
    "core.whitespace": ("blank-at-eol,space-before-tab",), "diff.interHunkContext": ("0",), "diff.context": ("0",),
    **MERGE_STYLES,
}  # fmt: skip
ROWS = [(key, value) for key, first in CONFIG.items() for value in (first, *VALUES.get(key, ()))]

ATTRIBUTES = [
    "-diff", "diff", "binary", "text", "-text", "text=auto", "eol=crlf", "eol=lf", "diff=evil", "diff=python",
    "merge=union", "merge=binary", "-merge", "merge=evil", "merge=ours", "working-tree-encoding=UTF-16", "ident",
    "filter=evil", "whitespace=tab-in-indent", "conflict-marker-size=3", "export-ignore",
]  # fmt: skip

ENVIRONMENT = {
    "GIT_DIFF_OPTS": "--unified=9",
    "GIT_EXTERNAL_DIFF": EVIL,
    "GIT_CONFIG_PARAMETERS": "'diff.noprefix'='true'",
    "GIT_PAGER": EVIL,
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_ICASE_PATHSPECS": "1",
    "GIT_GLOB_PATHSPECS": "1",
    "GIT_DEFAULT_HASH": "sha256",
    "GIT_DEFAULT_REF_FORMAT": "reftable",
    "GIT_GRAFT_FILE": "EVIL_GRAFTS",
    "GIT_SHALLOW_FILE": "EVIL_SHALLOW",
    "GIT_REPLACE_REF_BASE": "refs/evil/",
    "GIT_ATTR_SOURCE": "evil-attributes",
    "GIT_NAMESPACE": "evil",
    "GIT_MERGE_VERBOSITY": "5",
    "GIT_TRACE": "2",
    "GIT_PREFIX": "d/",
    "GIT_INDEX_FILE": "/nonexistent/index",
    "GIT_SEQUENCE_EDITOR": EVIL,
    "GIT_TEST_DISALLOW_ABBREVIATED_OPTIONS": "1",
    "LC_ALL": "de_DE.UTF-8",
    "LANGUAGE": "de",
    "COLUMNS": "20",
    "TERM": "xterm",
    "HOME": "EVIL_HOME",
    "XDG_CONFIG_HOME": "EVIL_HOME/.config",
    "TZ": "Asia/Kolkata",
}

CODE = "".join(f"def f{n}():\n    if x:\n        a({n})\n\n    return {n}\n\n\n" for n in range(12))


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    """One repository for all rows; each puts back what it changes."""
    home = tmp_path_factory.mktemp("evil")
    previous = dict(os.environ)
    os.environ.clear()
    os.environ.update(conftest.clean_environment(home))
    (home / ".gitconfig").write_text("[user]\n\tname = A\n\temail = a@x\n[init]\n\tdefaultBranch = main\n")
    try:
        repo = conftest.Repo(tmp_path_factory.mktemp("hostile"))
        fill(repo)
        repo.evil = home / "evil"
        (repo.evil / ".config/git").mkdir(parents=True)
        (repo.evil / "order").write_text("renamed.txt\n*.py\n")
        (repo.evil / "attributes").write_text("* -diff merge=union\n")
        (repo.evil / ".config/git/attributes").write_text("* -diff merge=union\n")
        (repo.evil / ".gitconfig").write_text("[diff]\n\tnoprefix = true\n\talgorithm = histogram\n")
        (repo.evil / "grafts").write_text(f"{repo.commits['theirs']}\n")
        (repo.evil / "shallow").write_text(f"{repo.commits['theirs']}\n")
        repo.good = room_says(repo)
    finally:
        os.environ.clear()
        os.environ.update(previous)
    return repo


def fill(repo) -> None:
    """A history in which every row of the tables finds something to change."""
    numbers = "".join(f"{n}\n" for n in range(20))
    repo.git("init", "-q")
    files = {
        "code.py": CODE,
        "d/inner.txt": "one\ntwo\n",
        "renamed.txt": numbers * 3,
        "crlf.txt": "a\r\nb\r\nc\r\n",
        "caf\u00e9": "x\n",
        "Case": "1\n",
        "bin": b"\0\1",
        "big.txt": numbers * 25_000,
        "blank.txt": "a\n\nb\n\nc\n",
        ".gitmodules": '[submodule "sub"]\n\tpath = sub\n\turl = ./sub\n\tignore = all\n',
        "both": numbers,
    }
    repo.commit("base", files)
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    repo.git("commit", "-q", "-m", "gitlink")
    base = repo.head()
    trees = {"root": repo.git("hash-object", "-t", "tree", "--stdin", data=b""), "base": repo.head("HEAD^{tree}")}

    code = CODE.replace("a(3)", "b(3)").replace("def f7():\n    if x:\n        a(7)\n\n", "def g():\n")
    repo.write("code.py", code + "def f11():\n    if x:\n        a(11)\n\n    return 1\n\n\n")
    repo.write("d/inner.txt", "one\n2\n")
    (repo.path / "renamed.txt").rename(repo.path / "new name.txt")
    repo.write("crlf.txt", "a\r\nB\nc\r\n")
    repo.write("caf\u00e9", "y\n")
    repo.write("case", "1\n")
    repo.write("bin", b"\0\2")
    repo.write("big.txt", numbers * 25_000 + "end\n")
    repo.write("blank.txt", "a\n\nB\n\nc\n")
    repo.write("both", numbers.replace("3\n", "ours\n", 1).replace("9\n", "A\n", 1))
    repo.git("update-index", "--cacheinfo", f"160000,{'2' * 40},sub")
    repo.git("add", "-A", "--", ":!sub")
    repo.git("commit", "-q", "-m", "ours")
    ours, trees["ours"] = repo.head(), repo.head("HEAD^{tree}")

    repo.git("checkout", "-q", "-f", "-b", "side", base)
    repo.commit("theirs", {"blank.txt": "a\n\nX\n\nc\n", "d/new": "x\n", "renamed.txt": "changed\n"})
    theirs = repo.head()
    repo.git("checkout", "-q", "-f", "-b", "clean", base)
    repo.git("mv", "d", "moved")
    repo.write("both", numbers.replace("17\n", "theirs\n"))
    repo.git("commit", "-q", "-a", "-m", "clean")
    repo.commits = {"base": base, "ours": ours, "theirs": theirs, "clean": repo.head()}

    repo.git("checkout", "-q", "-f", "--orphan", "evil-attributes")
    repo.git("rm", "-rqf", "--cached", ".")
    repo.write(".gitattributes", "* -diff merge=union\n")
    repo.git("add", ".gitattributes")
    repo.git("commit", "-q", "-m", "attributes")
    repo.git("checkout", "-q", "-f", "main")
    (repo.path / ".gitattributes").unlink(missing_ok=True)
    repo.trees = trees


def room_says(repo, environ=None, directory="") -> bytes:
    """Everything that digests and verdicts are made of, in one string of bytes."""
    trees, commits = repo.trees, repo.commits
    env = desk_environment(os.environ) if environ is None else environ
    with CleanRoom(Git(directory or str(repo.path), env)) as room:
        pairs = [(trees["root"], trees["base"]), (trees["ours"], trees["base"])]
        said = [b"".join(blocks) for blocks in room.diff_many(pairs)]
        said.append(room.diff(trees["base"], trees["ours"]))
        clash, clean, same = room.merge_trees(
            [(commits["ours"], commits["theirs"]), (commits["ours"], commits["clean"]), (commits["clean"],) * 2]
        )
        assert [clash.clean, clean.clean, same.clean] == [False, True, True]
        said += [clean.tree.encode(), same.tree.encode()]
        said.append(room.commit_tree(trees["ours"], [commits["base"]]).encode())
    return b"\n".join(said)


def git_says(repo, environ=None) -> bytes:
    """What somebody gets who asks git without care."""
    environ = os.environ if environ is None else environ
    commits = repo.commits
    said = []
    for arguments in (
        ("log", "--raw", "-p", "-m", "-3", commits["ours"], "--", ":(top,exclude)big.txt"),
        ("diff", commits["base"], commits["ours"], "--", ":(top,exclude)big.txt"),
        ("merge-tree", commits["ours"], commits["theirs"]),
        ("merge-tree", commits["ours"], commits["clean"]),
    ):
        result = Git(str(repo.path / "d"), dict(environ)).result(*arguments)
        said.append(b"%d\n%b%b" % (result.code, result.out, result.err))
    return b"\n".join(said)


def check(repo, environ=None):
    assert room_says(repo, desk_environment(os.environ if environ is None else environ)) == repo.good


def value(repo, text: str) -> str:
    return (
        text.replace("EVIL_HOME", str(repo.evil))
        .replace("EVIL_ATTRIBUTES", f"{repo.evil}/attributes")
        .replace("EVIL_ORDER", f"{repo.evil}/order")
        .replace("EVIL_GRAFTS", f"{repo.evil}/grafts")
        .replace("EVIL_SHALLOW", f"{repo.evil}/shallow")
    )


def test_the_good_answers_are_worth_spoiling(subject):
    assert subject.good.count(b"@@ -") > 10
    for mark in (
        b"Binary files a/big.txt",
        b"Subproject commit 222",
        b"\0case\0",
        b" D\0renamed.txt\0",
        b"caf\\303\\251",
    ):
        assert mark in subject.good


@pytest.mark.parametrize(("key", "text"), ROWS, ids=[f"{key}={text}" for key, text in ROWS])
def test_configuration(subject, key, text):
    """Where the repository, the user, or a variable sets it."""
    text = value(subject, text)
    environ = {**os.environ, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": key, "GIT_CONFIG_VALUE_0": text}
    config = subject.path / ".git/config"
    before = config.read_bytes()
    subject.git("config", key, text)
    try:
        check(subject, environ)
    finally:
        config.write_bytes(before)


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_attributes(subject, attribute):
    """In the work tree, in its git directory and in the user's file at once, with drivers for the names used."""
    line = f"* {attribute}\n"
    config = subject.path / ".git/config"
    before = config.read_bytes()
    files = [subject.path / ".gitattributes", subject.path / ".git/info/attributes", subject.evil / "own"]
    files[1].parent.mkdir(exist_ok=True)
    for file in files:
        file.write_text(line)
    for key, text in (
        ("diff.evil.textconv", EVIL),
        ("merge.evil.driver", "true"),
        ("core.attributesFile", str(files[2])),
    ):
        subject.git("config", key, text)
    try:
        check(subject)
    finally:
        config.write_bytes(before)
        for file in files:
            file.unlink()


@pytest.mark.parametrize("key", ENVIRONMENT)
def test_environment(subject, key):
    environ = {**os.environ, key: value(subject, ENVIRONMENT[key])}
    if key == "HOME":
        del environ["GIT_CONFIG_GLOBAL"], environ["XDG_CONFIG_HOME"]
    check(subject, environ)


def test_the_files_of_the_users_home(subject):
    environ = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": f"{subject.evil}/.gitconfig",
        "XDG_CONFIG_HOME": f"{subject.evil}/.config",
    }
    check(subject, environ)


def test_replaced_commits_trees_and_blobs(subject):
    commits, trees = subject.commits, subject.trees
    blob = subject.git("hash-object", "-w", "--stdin", data=b"evil\n")
    for old, new in (
        (commits["base"], commits["theirs"]), (trees["ours"], trees["base"]), (subject.head("main:code.py"), blob),
    ):  # fmt: skip
        subject.git("replace", "-f", old, new)
        try:
            check(subject)
        finally:
            subject.git("replace", "-d", old)


def test_grafts(subject):
    grafts = subject.path / ".git/info/grafts"
    grafts.write_text(f"{subject.commits['theirs']}\n")
    try:
        check(subject)
    finally:
        grafts.unlink()


def test_wherever_it_is_called_from(subject):
    for directory in ("d", ".git", ".git/objects"):
        assert room_says(subject, directory=str(subject.path / directory)) == subject.good


def test_in_the_environment_of_ci_too(subject):
    assert room_says(subject, clean_environment({**os.environ, **ENVIRONMENT})) == subject.good


# Rows that change what git says to somebody who asks without care: each of them.
TEETH = [
    "color.diff", "color.ui", "core.abbrev", "core.attributesFile", "core.bigFileThreshold", "core.quotePath",
    "diff.context", "diff.external", "diff.interHunkContext", "diff.noprefix", "diff.orderFile", "diff.relative",
    "diff.renames", "diff.suppressBlankEmpty", "format.pretty", "log.date", "log.decorate", "log.showRoot",
    "merge.conflictStyle", "GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF", "GIT_CONFIG_PARAMETERS", "GIT_TRACE",
]  # fmt: skip
SHARP = ["-diff", "binary", "merge=union", "-merge", "conflict-marker-size=3"]


def test_the_tables_have_teeth(subject):
    plain = git_says(subject)
    for key in TEETH:
        if key in ENVIRONMENT:
            changed = {key: ENVIRONMENT[key]}
        else:
            text = value(subject, CONFIG[key])
            changed = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": key, "GIT_CONFIG_VALUE_0": text}
        assert git_says(subject, {**os.environ, **changed}) != plain, key
    attributes = subject.path / ".gitattributes"
    for attribute in SHARP:
        attributes.write_text(f"* {attribute}\n")
        said = git_says(subject)
        attributes.unlink()
        assert said != plain, attribute
