"""The batch reader: every kind of object and name, missing ones, many, and what happens when git fails."""

from __future__ import annotations

import os

import pytest

from sox_hooks.core.errors import CannotVerify, UsageError
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.run import Git

ABSENT = "0123456789" * 4


@pytest.fixture
def reader(repo):
    with ObjectReader(Git(str(repo.path))) as opened:
        yield opened


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\n", b"a\0b\n\n", b"\xff\xfe", b"missing\n", b"y" * 3_000_000], ids=lambda c: str(len(c))
)
def test_reads_a_blob_byte_for_byte(repo, reader, content):
    repo.commit(files={"f": content})
    oid = repo.head("HEAD:f")
    assert reader.read("HEAD:f") == (oid, "blob", content)
    assert reader.read(oid) == (oid, "blob", content)


def test_reads_every_kind_of_object(repo, reader):
    repo.commit(files={"d/f": "x\n"})
    repo.git("tag", "-a", "-m", "one", "v1")
    for name, kind in (("HEAD", "commit"), ("HEAD^{tree}", "tree"), ("HEAD:d/f", "blob"), ("v1", "tag")):
        found = reader.read(name)
        assert found is not None
        assert found == (repo.head(name), kind, repo.git_bytes("cat-file", kind, name))


def test_what_is_not_there_is_none(repo, reader):
    repo.commit(files={"f": "x"})
    for name in (ABSENT, "nobody", "HEAD:nothing", "HEAD^", "a" * 64, "--help", "-", ":/x"[:2]):
        assert reader.read(name) is None
    assert reader.read("HEAD:f") is not None


def test_an_ambiguous_name_is_none_and_its_hints_do_not_stop_the_reader(repo, reader):
    stream = b"".join(b"blob\ndata %d\n%d\n" % (len(str(n)), n) for n in range(70_000))
    repo.git("fast-import", "--quiet", data=stream)
    repo.commit(files={"f": "x"})
    for _ in range(40):  # each answer comes with some 30 lines of hints on the error output
        assert reader.read("0123") is None or reader.read("0000") is None
    assert reader.read("HEAD:f") is not None


@pytest.mark.parametrize("name", ["", " ", "HEAD\n", "HEAD x", "a\nb", "a\tb", "a\rb", "a\0b", "\v", "\f"])
def test_refuses_names_that_would_be_two_questions(repo, reader, name):
    with pytest.raises(UsageError, match="not the name of an object"):
        reader.read(name)
    with pytest.raises(UsageError, match="not the name of an object"):
        list(reader.read_many(["HEAD", name]))
    repo.commit()
    assert reader.read("HEAD") is not None


def test_many_in_order_with_gaps(repo, reader):
    first, second = repo.commit(files={"f": "one"}), repo.commit(files={"f": "two"})
    names = [second, ABSENT, first, "HEAD", "HEAD:f", ABSENT, first]
    found = list(reader.read_many(names))
    assert [one and one[:3] for one in found] == [
        (second, second, "commit"),
        None,
        (first, first, "commit"),
        ("HEAD", second, "commit"),
        ("HEAD:f", repo.head("HEAD:f"), "blob"),
        None,
        (first, first, "commit"),
    ]
    assert list(reader.read_many([])) == []
    assert list(reader.read_many([ABSENT] * 3)) == [None] * 3


def test_many_neither_hang_nor_are_drawn_far_ahead(repo, reader):
    """Answers and questions both overflow their pipes, and who reads is slower than git."""
    for number in range(4):
        repo.write(f"f{number}", os.urandom(20_000))
    repo.commit()
    oids = [repo.head(f"HEAD:f{number}") for number in range(4)]
    drawn = 0

    def names():
        nonlocal drawn
        for number in range(20_000):
            drawn += 1
            yield oids[number % 4] if number % 5 else ABSENT

    answers = reader.read_many(names())
    next(answers)
    next(answers)
    assert drawn < 8_000
    missing = sum(1 for answer in answers if answer is None)
    assert (drawn, missing) == (20_000, 3_999)


def test_what_is_left_unread_is_ended(repo, reader):
    repo.commit(files={"f": b"z" * 100_000})
    answers = reader.read_many(["HEAD:f"] * 1000)
    next(answers)
    answers.close()
    reader.close()
    reader.close()
    with pytest.raises(ChildProcessError):  # no process is left, dead or alive
        os.waitpid(-1, os.WNOHANG)


def damage(repo, oid, keep):
    path = repo.path / ".git/objects" / oid[:2] / oid[2:]
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[:keep])


def test_an_object_cut_off_ends_the_reader_with_gits_words(repo):
    repo.commit(files={"f": os.urandom(50_000)})
    oid = repo.head("HEAD:f")
    damage(repo, oid, 30_000)
    git = Git(str(repo.path))
    with ObjectReader(git) as reader:
        for _ in range(2):
            with pytest.raises(CannotVerify, match="git cat-file failed: fatal: .*" + oid):
                reader.read(oid)
    with ObjectReader(git) as reader:
        answers = reader.read_many(["HEAD", oid, "HEAD"])
        assert next(answers) is not None
        with pytest.raises(CannotVerify, match="git cat-file failed"):
            next(answers)


def test_an_object_without_a_readable_header_counts_as_missing(repo, reader):
    repo.commit(files={"f": "x"})
    damage(repo, repo.head("HEAD:f"), 0)
    assert reader.read("HEAD:f") is None
    assert reader.read("HEAD") is not None


def test_outside_a_repository(tmp_path):
    with ObjectReader(Git(str(tmp_path))) as reader, pytest.raises(CannotVerify, match="not a git repository"):
        reader.read("HEAD")


def test_sha256(make_repo):
    repo = make_repo("long", "--object-format=sha256")
    oid = repo.commit(files={"f": "x"})
    with ObjectReader(Git(str(repo.path))) as reader:
        assert reader.read("HEAD")[0] == oid
        assert [found[1] for found in reader.read_many(["HEAD", oid])] == [oid, oid]
        assert len(oid) == 64
