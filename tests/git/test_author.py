"""The author line that a hook predicts is the one that git stores."""

from __future__ import annotations

import os

import pytest

from sox_hooks.git.run import Git, GitFailed
from sox_hooks.git.state import author_ident

# A byte of Latin-1, a sequence cut short, a surrogate, two that are no characters, and four that never begin one.
NOT_UTF8 = [
    b"J\xf6rg", b"\xe2\x82A", b"A\xed\xa0\x80", b"\xef\xbf\xbeA", b"A\xef\xb7\x90B", b"\xff\xfe", b"\xc0\xaf",
    b"\xf4\x90\x80\x80",
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "email", "date", "exact"),
    [
        ("Alice", "a@x", "@1 +0000", True),
        ("J\u00f6rg", "a@x", "@1700000000 -0330", True),
        ("Alice", "", "@1 +0000", True),
        ("Alice\udcff", "a@x", "@1 +0000", True),
        (" Alice. ", "<a@x>", "@1 +0000", False),
        ("Alice", "a@x", "2001-02-03T04:05:06+0100", False),
        ("Alice", "a@x", "", False),
        ("", "a@x", "@1 +0000", False),
        ("Al\nice", "a@x", "@1 +0000", False),
    ],
)
def test_the_author_is_the_one_that_git_writes(repo, monkeypatch, name, email, date, exact):
    for key, text in (("NAME", name), ("EMAIL", email), ("DATE", date)):
        if text or key == "EMAIL":
            monkeypatch.setenv(f"GIT_AUTHOR_{key}", text)
    said = author_ident(Git(str(repo.path)), os.environ)
    repo.git("commit", "-q", "--allow-empty", "-m", "x")
    wrote = repo.git_bytes("cat-file", "commit", "HEAD").split(b"\nauthor ")[1].split(b"\n")[0]
    assert said.rpartition(b"> ")[0] == wrote.rpartition(b"> ")[0]
    if "@1" in date and exact:
        assert said == wrote
        assert author_ident(Git("/nonexistent"), os.environ) == wrote  # without asking git


@pytest.mark.parametrize("encoding", ["", "UTF-8", "utf8", "latin1"])
def test_an_author_in_another_encoding(repo, monkeypatch, encoding):
    """git takes what is not UTF-8 for Latin-1 and converts it, unless it was told the encoding."""
    if encoding:
        repo.git("config", "i18n.commitEncoding", encoding)
    names = [
        b"J\xf6rg",
        b"\xe2\x82A",
        b"A\xed\xa0\x80",
        b"\xef\xbf\xbeA",
        b"A\xef\xb7\x90B",
        b"\xff\xfe",
        b"\xc0\xaf",
        b"\xf4\x90\x80\x80",
    ]
    for name in names:
        monkeypatch.setenv("GIT_AUTHOR_NAME", os.fsdecode(name + b" X"))
        monkeypatch.setenv("GIT_AUTHOR_EMAIL", os.fsdecode(name + b"@x"))
        monkeypatch.setenv("GIT_AUTHOR_DATE", "@1700000000 +0000")
        said = author_ident(Git(str(repo.path)), os.environ)
        repo.git("commit", "-q", "--allow-empty", "-m", "x")
        assert b"\nauthor " + said + b"\n" in repo.git_bytes("cat-file", "commit", "HEAD")
        assert (said.startswith(name)) == (encoding == "latin1")


def test_nobody(repo, hermetic):
    (hermetic / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    with pytest.raises(GitFailed):
        author_ident(Git(str(repo.path)), {})
