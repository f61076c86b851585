"""Making commit objects again: what changes and what does not, with git as the judge of the result."""

from __future__ import annotations

import pytest

from sox_hooks.core.errors import Refused
from sox_hooks.git.commits import parse_commit
from sox_hooks.git.rewrite import is_signed, move_ref, remade, store_commit
from sox_hooks.git.run import Git

SIGNED = b"gpgsig -----BEGIN SSH SIGNATURE-----\n U1NI\n \n -----END SSH SIGNATURE-----\n"


def commit_object(tree: str, *parents: str, extra: bytes = b"", message: bytes = b"Subject\n\nBody\n") -> bytes:
    lines = [b"tree " + tree.encode(), *[b"parent " + one.encode() for one in parents]]
    lines += [b"author A <a@b> 1700000000 -0330", b"committer C <c@d> 1700000001 +1245"]
    return b"\n".join(lines) + b"\n" + extra + b"\n" + message


def merged_tag(oid: str) -> bytes:
    return b"mergetag object %b\n type commit\n tag v1\n tagger T <t@u> 1 +0000\n \n v1\n" % oid.encode()


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_git_reads_what_was_made(make_repo, object_format):
    repo = make_repo("hash", f"--object-format={object_format}")
    first, second = repo.commit("First"), repo.commit("Second", {"a": "1"})
    git = Git(str(repo.path))
    raw = repo.git_bytes("cat-file", "commit", second)
    assert remade(raw, (first,), raw.partition(b"\n\n")[2]) == raw
    made = store_commit(git, remade(raw, (), b"Other\n"))
    assert repo.git("log", "--format=%s|%P|%an|%ad", made) == "Other||" + repo.git("log", "-1", "--format=%an|%ad")
    assert repo.git("rev-parse", f"{made}^{{tree}}") == repo.git("rev-parse", f"{second}^{{tree}}")
    assert repo.git("fsck", "--strict", "--no-dangling", made) == ""


@pytest.mark.parametrize("kind", [b"", b"-sha256"])
def test_signatures_of_the_whole_commit_go_and_all_else_stays(repo, kind):
    oid = repo.commit("First")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    signature = SIGNED.replace(b"gpgsig", b"gpgsig" + kind)
    others = b"encoding ISO-8859-1\nHG:extra branch:x\nchange-id zz\n more\n"
    raw = commit_object(tree, oid, extra=others + signature)
    assert is_signed(parse_commit(oid, raw).headers)
    made = remade(raw, (oid,), b"Subject\n\nBody\n")
    assert made == commit_object(tree, oid, extra=others)
    assert not is_signed(parse_commit(oid, made).headers)


def test_a_merged_tag_stays_as_long_as_its_commit_is_a_parent(repo):
    one, two = repo.commit("One"), repo.commit("Two")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    raw = commit_object(tree, one, two, extra=merged_tag(two))
    assert remade(raw, (one, two), b"Subject\n\nBody\n") == raw
    assert remade(raw, (two, one), b"m\n") == commit_object(tree, two, one, extra=merged_tag(two), message=b"m\n")
    assert remade(raw, (one, one), b"m\n") == commit_object(tree, one, one, message=b"m\n")


def test_a_body_that_looks_like_headers_is_a_body(repo):
    oid = repo.commit("First")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    body = b"parent x\n\ngpgsig y\n z\n"
    raw = commit_object(tree, message=body)
    assert remade(raw, (oid,), body) == commit_object(tree, oid, message=body)


def test_a_branch_is_moved_only_from_where_it_was(repo):
    first, second = repo.commit("First"), repo.commit("Second")
    git = Git(str(repo.path))
    move_ref(git, "HEAD", first, second, "why\nnot\x1b[31m")
    assert repo.head("main") == first
    assert repo.git("log", "-g", "-1", "--format=%gs") == "why\\x0anot\\x1b[31m"
    with pytest.raises(Refused, match="was not moved"):
        move_ref(git, "refs/heads/main", second, second, "again")
    assert repo.head("main") == first
