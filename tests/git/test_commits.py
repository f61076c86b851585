"""The grammar of commits: what git writes is read, what others could read differently is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sox_hooks.core.errors import CannotVerify
from sox_hooks.git.commits import MalformedCommit, parse_commit, parse_ident

OID = "a" * 40
TREE = b"tree " + b"1" * 40
PARENT = b"parent " + b"2" * 40
OTHER = b"parent " + b"3" * 40
AUTHOR = b"author Alice Ng <alice@bank.example> 1700000000 +0100"
COMMITTER = b"committer Bob <bob@bank.example> 1700000001 -0230"
SIGNATURE = b"gpgsig -----BEGIN SSH SIGNATURE-----\n abc\n \n -----END SSH SIGNATURE-----"
SIGNATURE256 = SIGNATURE.replace(b"gpgsig", b"gpgsig-sha256")


def commit(*lines: bytes, message: bytes = b"subject\n") -> bytes:
    return b"\n".join(lines) + b"\n\n" + message


def test_everything_that_git_writes():
    tag = b"mergetag object " + b"4" * 40 + b"\n type commit\n tag v1\n \n text"
    raw = commit(TREE, PARENT, OTHER, AUTHOR, COMMITTER, b"encoding latin1", tag, tag, b"HG:extra a b", SIGNATURE)
    found = parse_commit(OID, raw)
    assert (found.oid, found.tree, found.parents) == (OID, "1" * 40, ("2" * 40, "3" * 40))
    assert (found.author, found.committer) == (AUTHOR[7:], COMMITTER[10:])
    assert [key for key, _ in found.headers] == [b"encoding", b"mergetag", b"mergetag", b"HG:extra", b"gpgsig"]
    assert found.header(b"encoding") == b"latin1"
    assert found.header(b"gpgsig") == b"-----BEGIN SSH SIGNATURE-----\nabc\n\n-----END SSH SIGNATURE-----"
    assert found.header(b"nothing") is None
    assert (found.author_name, found.author_email, found.author_time) == (
        b"Alice Ng",
        b"alice@bank.example",
        1700000000,
    )
    assert (found.message, found.subject) == (b"subject\n", b"subject")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (commit(TREE, AUTHOR, COMMITTER, message=b""), b""),
        (b"\n".join([TREE, AUTHOR, COMMITTER]) + b"\n", b""),  # git fsck lets it pass
        (commit(TREE, AUTHOR, COMMITTER, message=b"\n\nlate\n\nbody"), b"\n\nlate\n\nbody"),
        (commit(TREE, AUTHOR, COMMITTER, message=b"a\0b"), b"a\0b"),
        (commit(TREE, AUTHOR, COMMITTER, SIGNATURE, SIGNATURE256), b"subject\n"),
        (commit(TREE, AUTHOR, COMMITTER, SIGNATURE256, SIGNATURE), b"subject\n"),
        (commit(TREE, AUTHOR, COMMITTER, b"gpgsig "), b"subject\n"),
        (commit(TREE, b"author ", b"committer "), b"subject\n"),
    ],
)
def test_unusual_but_unambiguous(raw, message):
    found = parse_commit(OID, raw)
    assert found.message == message


LONG_TREE = b"tree " + b"1" * 64
REFUSED = {
    "nothing": b"",
    "no tree": commit(AUTHOR, COMMITTER),
    "two trees": commit(TREE, TREE, AUTHOR, COMMITTER),
    "tree behind the parents": commit(PARENT, TREE, AUTHOR, COMMITTER),
    "tree at the end": commit(TREE, AUTHOR, COMMITTER, TREE),
    "tree too short": commit(TREE[:-1], AUTHOR, COMMITTER),
    "tree too long": commit(TREE + b"1", AUTHOR, COMMITTER),
    "tree of the other format": commit(LONG_TREE, AUTHOR, COMMITTER),
    "tree in capitals": commit(b"tree " + b"A" * 40, AUTHOR, COMMITTER),
    "tree not hexadecimal": commit(b"tree " + b"g" * 40, AUTHOR, COMMITTER),
    "tree with a blank": commit(TREE + b" ", AUTHOR, COMMITTER),
    "parent too short": commit(TREE, PARENT[:-1], AUTHOR, COMMITTER),
    "parent of the other format": commit(TREE, b"parent " + b"2" * 64, AUTHOR, COMMITTER),
    "parent behind the author": commit(TREE, AUTHOR, PARENT, COMMITTER),
    "parent at the end": commit(TREE, AUTHOR, COMMITTER, PARENT),
    "no author": commit(TREE, COMMITTER),
    "two authors": commit(TREE, AUTHOR, AUTHOR, COMMITTER),
    "author at the end": commit(TREE, AUTHOR, COMMITTER, AUTHOR),
    "author behind the committer": commit(TREE, COMMITTER, AUTHOR),
    "no committer": commit(TREE, AUTHOR),
    "two committers": commit(TREE, AUTHOR, COMMITTER, COMMITTER),
    "author continued": commit(TREE, AUTHOR, b" more", COMMITTER),
    "committer continued": commit(TREE, AUTHOR, COMMITTER, b" more"),
    "encoding continued": commit(TREE, AUTHOR, COMMITTER, b"encoding utf-8", b" more"),
    "two encodings": commit(TREE, AUTHOR, COMMITTER, b"encoding a", b"encoding b"),
    "two signatures": commit(TREE, AUTHOR, COMMITTER, SIGNATURE, SIGNATURE),
    "two signatures apart": commit(TREE, AUTHOR, COMMITTER, SIGNATURE, SIGNATURE256, SIGNATURE),
    "two sha256 signatures": commit(TREE, AUTHOR, COMMITTER, SIGNATURE256, SIGNATURE256),
    "header behind the signature": commit(TREE, AUTHOR, COMMITTER, SIGNATURE, b"x y"),
    "encoding behind the signature": commit(TREE, AUTHOR, COMMITTER, SIGNATURE, b"encoding utf-8"),
    "signature before the tree": commit(SIGNATURE, TREE, AUTHOR, COMMITTER),
    "signature before the author": commit(TREE, SIGNATURE, AUTHOR, COMMITTER),
    "NUL in the author": commit(TREE, AUTHOR + b"\0x", COMMITTER),
    "NUL in a header": commit(TREE, AUTHOR, COMMITTER, b"x \0"),
    "no blank in a header": commit(TREE, AUTHOR, COMMITTER, b"word"),
    "header without a name": commit(TREE, AUTHOR, COMMITTER, b" x"),
    "no end": b"\n".join([TREE, AUTHOR, COMMITTER]),
    "carriage returns": commit(TREE + b"\r", AUTHOR, COMMITTER),
    "a blank line first": b"\n" + commit(TREE, AUTHOR, COMMITTER),
}


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED.keys())
def test_refuses(raw):
    with pytest.raises(MalformedCommit) as caught:
        parse_commit(OID, raw)
    assert isinstance(caught.value, CannotVerify)
    assert (caught.value.where, caught.value.exit_code) == (OID, 4)


def test_a_sha256_commit_takes_long_ids_only():
    raw = commit(LONG_TREE, b"parent " + b"2" * 64, AUTHOR, COMMITTER)
    assert parse_commit("a" * 64, raw).parents == ("2" * 64,)
    with pytest.raises(MalformedCommit):
        parse_commit("a" * 64, commit(TREE, AUTHOR, COMMITTER))


# Name, mail, seconds, zone, exact.
IDENTS = {
    b"Alice Ng <alice@bank.example> 1700000000 +0100": (b"Alice Ng", b"alice@bank.example", 1700000000, b"+0100", True),
    b"A <a@x> 0 -0000": (b"A", b"a@x", 0, b"-0000", True),
    b"J\xf6rg <j@x> 1 +0000": (b"J\xf6rg", b"j@x", 1, b"+0000", True),
    b" <a@x> 1 +0000": (b"", b"a@x", 1, b"+0000", True),
    b"A <> 1 +0000": (b"A", b"", 1, b"+0000", True),
    b"<a@x> 1 +0000": (b"", b"a@x", 1, b"+0000", False),
    b"A  <a@x> 1 +0000": (b"A", b"a@x", 1, b"+0000", False),
    b"A<a@x> 1 +0000": (b"A", b"a@x", 1, b"+0000", False),
    b"A < a@x > 1 +0000": (b"A", b" a@x ", 1, b"+0000", False),
    b"A <a@x> 1": (b"A", b"a@x", -1, b"", False),
    b"A <a@x>": (b"A", b"a@x", -1, b"", False),
    b"A <a@x> now": (b"A", b"a@x", -1, b"", False),
    b"A <a@x> 1 0100": (b"A", b"a@x", -1, b"", False),
    b"A <a@x> 007 +0100": (b"A", b"a@x", 7, b"+0100", False),
    b"A <a@x> 1 +01": (b"A", b"a@x", 1, b"+01", False),
    b"A <a@x> 1 +0100 extra": (b"A", b"a@x", 1, b"+0100", False),
    b"A <a@x> 1  +0100": (b"A", b"a@x", 1, b"+0100", False),
    b"A <a@x> " + b"9" * 40 + b" +0100": (b"A", b"a@x", -1, b"", False),
    # Two addresses: git takes the first, and the date behind the last ">".
    b"Alice <alice@bank.example> <mallory@x> 5 +0000": (b"Alice", b"alice@bank.example", 5, b"+0000", False),
    b"A <<a@x>> 5 +0000": (b"A", b"<a@x", 5, b"+0000", False),
    b"A. <a@x> 1 +0000": (b"A.", b"a@x", 1, b"+0000", True),
    b"A, <a@x> 1 +0000": (b"A,", b"a@x", 1, b"+0000", False),
    b"nobody": (b"", b"", -1, b"", False),
    b"A <a@x 1 +0000": (b"", b"", -1, b"", False),
    b"": (b"", b"", -1, b"", False),
}


@pytest.mark.parametrize(("line", "parts"), IDENTS.items())
def test_idents(line, parts):
    assert parse_ident(line).astuple() == parts


def test_idents_are_read_as_git_reads_them(repo):
    """Differential: every ident of the table in a real commit, against `git log`."""
    tree = repo.git("mktree", data=b"")
    lines = [line for line in IDENTS if b"9" * 19 not in line]
    for line in lines:
        raw = commit(b"tree " + tree.encode(), b"author " + line, COMMITTER)
        oid = repo.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", data=raw)
        shown = repo.git_bytes("log", "-1", "--no-mailmap", "--format=%an%x00%ae%x00%at", oid, "--").rstrip(b"\n")
        name, email, seconds = shown.split(b"\0")
        ident = parse_ident(line)
        assert (ident.name, ident.email, ident.seconds) == (name, email, int(seconds or b"-1")), line


def test_git_writes_exact_idents(repo):
    for name in ("Alice", " Dr. Wu, ", "O'Neil", "J\u00f6rg <x>", "a" * 300):
        oid = repo.commit("x", None, GIT_AUTHOR_NAME=name, GIT_AUTHOR_EMAIL=" <a.b@x.> ")
        ident = parse_ident(parse_commit(oid, repo.git_bytes("cat-file", "commit", oid)).author)
        assert ident.exact
        assert ident.email in (b"a.b@x", b"a.b@x.")  # git 2.39, git 2.55


@given(st.binary(max_size=80))
@settings(max_examples=300)
def test_idents_never_fail_and_exact_ones_round_trip(line):
    ident = parse_ident(line)
    if ident.exact:
        assert b"%b <%b> %d %b" % (ident.name, ident.email, ident.seconds, ident.zone) == line


_LINE = st.sampled_from(
    [TREE, PARENT, AUTHOR, COMMITTER, SIGNATURE, b"encoding x", b" more", b"", b"k v", b"tree", b"\0"]
)


@given(st.lists(_LINE, max_size=8), st.binary(max_size=20))
@settings(max_examples=500)
def test_whatever_is_accepted_says_one_thing(lines, message):
    raw = b"\n".join(lines) + b"\n\n" + message
    try:
        found = parse_commit(OID, raw)
    except MalformedCommit:
        return
    head, _, body = raw.partition(b"\n\n")
    keys = [line.split(b" ")[0] for line in head.split(b"\n") if not line.startswith(b" ")]
    assert [keys.count(key) for key in (b"tree", b"author", b"committer")] == [1, 1, 1]
    assert keys[0] == b"tree"
    assert found.message == body
    assert keys.count(b"parent") == len(found.parents)
