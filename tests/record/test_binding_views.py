"""The hook at the desk and the verifier in CI give the same digests, whatever is committed and however.

The hook sees an index, the desk's environment and a kept room; CI sees a commit, in another clone with another
configuration. (How commits are made, merged, amended and rebased is the table of tests/git/test_state.py.)
"""

from __future__ import annotations

import os

import pytest

from tests.git.probe_hook import ci_says, install, seen

NUMBERS = "".join(f"{n}\n" for n in range(300))


def write(**files):
    def act(repo):
        for name, content in files.items():
            repo.write(name, content)
        repo.git("add", "-A")

    return act


def rename(repo):
    repo.git("mv", "text", "moved")
    repo.write("moved", NUMBERS + "end\n")
    repo.git("add", "-A")


def mode(repo):
    (repo.path / "text").chmod(0o755)
    repo.git("add", "-A")


def symlink(repo):
    (repo.path / "text").unlink()
    (repo.path / "text").symlink_to("elsewhere")
    (repo.path / "new link").symlink_to("text")
    repo.git("add", "-A")


def gitlink(repo, number="2"):
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{number * 40},sub")


def hidden_gitlink(repo):
    repo.write(".gitmodules", '[submodule "sub"]\n\tpath = sub\n\turl = ./sub\n\tignore = all\n')
    repo.git("add", ".gitmodules")
    gitlink(repo)


def gitlink_to_file(repo):
    repo.git("rm", "-q", "--cached", "sub")
    (repo.path / "sub").rmdir()
    write(sub="a file\n")(repo)


def intent_to_add(repo):
    repo.write("later", "x\n")
    repo.git("add", "-N", "later")
    repo.write("text", "changed\n")
    repo.git("add", "text")


def delete(repo):
    repo.git("rm", "-q", "text", "bin")


def folder_for_file(repo):
    repo.git("rm", "-q", "text")
    write(**{"text/a": "x\n", "text.b": "y\n", "text-c": "z\n"})(repo)


def attributes(repo):
    lines = ("*.crlf text eol=crlf", "*.bin diff", "*.txt -diff", "*.u working-tree-encoding=UTF-16", "* ident")
    write(**{".gitattributes": "\n".join(lines)})(repo)
    wide = "x\n".encode("utf-16")
    write(**{"a.crlf": "1\r\n2\r\n", "b.bin": b"\0\1", "c.txt": "text\n", "d.u": wide, "e": "$Id$\n"})(repo)


def autocrlf(repo):
    repo.git("config", "core.autocrlf", "true")
    write(text=NUMBERS.replace("\n", "\r\n") + "more\r\n")(repo)


def many(repo):
    blobs = [repo.git("hash-object", "-w", "--stdin", data=b"%d\n" % number) for number in range(20)]
    lines = [f"100644 {blobs[number % 20]}\tmany/{number % 100}/f{number}\n" for number in range(10_000)]
    repo.git("update-index", "--index-info", data="".join(lines).encode())


CONTENT = {
    "edit": write(text=NUMBERS.replace("150\n", "changed\n")),
    "rename": rename,
    "mode": mode,
    "symlink": symlink,
    "gitlink": gitlink,
    "gitlink that .gitmodules hides": hidden_gitlink,
    "gitlink turned file": gitlink_to_file,
    "intent to add": intent_to_add,
    "deletion": delete,
    "a folder where a file was": folder_for_file,
    "attributes": attributes,
    "autocrlf": autocrlf,
    "binary": write(bin=b"\0two", text=b"\0now binary"),
    "1.5 MB of text": write(text="".join(f"{n:07}\n" for n in range(190_000))),
    "names that are not UTF-8": write(**{"\udcff\udcfe": "x\n", "caf\u00e9": "y\n", "cafe\u0301": "z\n"}),
    "newline in names": write(**{"a\nb": "x\n", ":100644 100644 x y M": "z\n", "@@ -1 +1 @@": "q\n"}),
    "quotes in names": write(**{'qu"ote': "x\n", "back\\slash": "y\n", " ": "z\n", "\t": "t\n"}),
    "empty file": write(empty="", text=""),
    "no newline at the end": write(text=NUMBERS[:-1]),
    "10,000 files": many,
    "nothing": lambda repo: None,
}


@pytest.fixture
def desk(repo, tmp_path):
    """A repository with a history, a probe and as awkward a configuration as people have."""
    repo.commit("first", {"text": NUMBERS, "bin": b"\0one", "b": "", "d/inner": "x\n"})
    gitlink(repo, "1")
    (repo.path / "sub").mkdir()
    repo.git("commit", "-q", "-m", "second")
    for key, value in (
        ("diff.renames", "copies"), ("diff.noprefix", "true"), ("diff.algorithm", "histogram"), ("diff.context", "9"),
        ("diff.ignoreSubmodules", "all"), ("core.quotePath", "false"), ("diff.external", "false"),
    ):  # fmt: skip
        repo.git("config", key, value)
    install(repo, tmp_path / "log")
    return repo


def check(repo, log, tmp_path, empty=False):
    """What the hook saw is what a bare clone tells."""
    ((predicted, oid),) = seen(log, repo.head())
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "ci"))
    commit, binding = ci_says(tmp_path / "ci", oid)
    assert commit.oid == repo.head()
    assert (predicted["tree"], tuple(predicted["parents"])) == (commit.tree, commit.parents)
    assert predicted["change"] == binding.change
    assert predicted["patch"] == binding.patch
    assert tuple(predicted["touched"]) == binding.content.touched()
    assert binding.content.empty == empty
    return predicted


@pytest.mark.parametrize("name", CONTENT)
def test_content(desk, tmp_path, name):
    CONTENT[name](desk)
    desk.git("commit", "-q", "--allow-empty", "-m", "x")
    predicted = check(desk, tmp_path / "log", tmp_path, empty=name == "nothing")
    if name == "intent to add":
        assert predicted["touched"] == ["text"]
    if name.startswith("gitlink"):
        assert "sub" in predicted["touched"]
    if name == "rename":
        assert predicted["touched"] == ["moved", "text"]


@pytest.mark.parametrize("name", ["edit", "binary", "symlink", "newline in names"])
def test_content_of_a_root_in_a_sha256_repository(make_repo, tmp_path, name):
    repo = make_repo("long", "--object-format=sha256")
    install(repo, tmp_path / "log")
    repo.write("text", "x\n")
    CONTENT[name](repo)
    repo.git("commit", "-q", "-m", "x")
    assert check(repo, tmp_path / "log", tmp_path)["parents"] == []


@pytest.mark.parametrize(
    ("arguments", "touched"),
    [
        (("-a",), ["b", "d/inner"]),
        (("b",), ["b"]),
        (("--only", "d"), ["d/inner"]),
        (("--include", "d"), ["b", "d/inner"]),
        (("--amend", "b"), ["b", "sub"]),
        (("--amend", "-a"), ["b", "d/inner", "sub"]),
    ],
)
def test_parts_of_the_work_tree(desk, tmp_path, arguments, touched):
    desk.write("b", "staged\n")
    desk.git("add", "b")
    desk.write("d/inner", "not staged\n")
    desk.git("commit", "-q", "-m", "x", *arguments)
    assert check(desk, tmp_path / "log", tmp_path)["touched"] == touched


def test_from_a_subdirectory(desk, tmp_path):
    desk.git("config", "diff.relative", "true")
    desk.write("b", "1\n")
    desk.write("d/inner", "2\n")
    type(desk)(desk.path / "d").git("commit", "-q", "-am", "x")
    assert check(desk, tmp_path / "log", tmp_path)["touched"] == ["b", "d/inner"]


def test_a_bump_in_a_real_submodule(desk, make_repo, tmp_path):
    inner = make_repo("inner")
    inner.commit("one", {"f": "1"})
    desk.git("submodule", "--quiet", "add", str(inner.path), "module")
    desk.git("config", "-f", ".gitmodules", "submodule.module.ignore", "all")
    desk.git("commit", "-q", "--no-verify", "-am", "module")
    desk.git("config", "--unset", "diff.ignoreSubmodules")  # git would see nothing to commit
    sub = type(desk)(desk.path / "module")
    sub.commit("two", {"f": "2"})
    desk.git("add", "-f", "module")
    seen(tmp_path / "log", "")
    desk.git("commit", "-q", "-m", "bump")
    assert check(desk, tmp_path / "log", tmp_path)["touched"] == ["module"]


@pytest.mark.parametrize("branches", [["side"], ["side", "other"], ["clash"]])
def test_merges(desk, tmp_path, branches):
    for name, files in (
        ("side", {"s": "s\n", "text": "0\n" + NUMBERS}),
        ("other", {"o": "o\n"}),
        ("clash", {"b": "x\n"}),
    ):
        desk.git("checkout", "-q", "-b", name, "main")
        desk.commit(name, files, "--no-verify")
    desk.git("checkout", "-q", "main")
    desk.commit("ours", {"b": "y\n", "text": NUMBERS + "300\n"}, "--no-verify")
    desk.git("merge", "-q", "--no-edit", *branches, check=False)
    if branches == ["clash"]:
        desk.write("b", "x and y\n")
        desk.git("commit", "-q", "-a", "--no-edit")
    found = check(desk, tmp_path / "log", tmp_path)
    assert found["touched"] == {"side": ["text"], "clash": ["b"]}[branches[0]]
    assert len(found["parents"]) == len(branches) + 1
    assert os.path.exists(desk.path / ".git/sox-hooks/room")
