"""Mutated inputs, judged by ours and by stock tools: whatever we accept, they must accept and read in the same way."""

from __future__ import annotations

from pathlib import Path

import pytest

from dev.fuzz import make_input
from sox_hooks.core.text import encode
from sox_hooks.core.trailers import parse_block
from sox_hooks.git.commits import MalformedCommit, RawCommit, parse_commit
from sox_hooks.record import sshsig
from tests.record.software_keys import Oracle, software_key


def accepted_commits(count: int) -> dict[bytes, RawCommit]:
    """Mutated commits that our strict grammar lets pass, without what git's own log would not print."""
    found: dict[bytes, RawCommit] = {}
    for number in range(count):
        raw = make_input("commit", "oracle", number)
        try:
            found[raw] = parse_commit("e4" * 20, raw)
        except MalformedCommit:
            continue
    return found


def test_commits_say_to_git_what_they_say_to_us(repo) -> None:
    """git takes the first tree and the first author; so do we, or we refuse."""
    found = accepted_commits(700)
    assert len(found) > 60
    ids = {}
    for raw, commit in list(found.items())[:120]:
        ids[repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", data=raw)] = commit
    for oid, commit in ids.items():
        shown = repo.git_bytes(
            "-c", "log.showSignature=false", "-c", "i18n.logOutputEncoding=ISO-8859-1", "rev-list", "--no-walk",
            "--format=%T%x00%P%x00%ae", oid, check=False,
        )  # fmt: skip
        if not shown:  # git reads less than we do: a parent or a tree that is missing is found out elsewhere
            continue
        tree, parents, email = shown.partition(b"\n")[2].removesuffix(b"\n").split(b"\0")
        assert (tree.decode(), parents.decode().split()) == (commit.tree, list(commit.parents)), oid
        if b"\n" not in email and commit.author_email.isascii():
            assert email == commit.author_email, oid


def test_signatures_that_verify_are_good_for_ssh_keygen(tmp_path: Path) -> None:
    """Nothing that ssh-keygen refuses is good for us; of what we refuse, a sample is only looked at."""
    oracle = Oracle(tmp_path)
    lines = "".join(
        f'a@b namespaces="sox-record" {software_key(kind).line}\n'
        for kind in ("ssh-ed25519", "sk-ssh-ed25519@openssh.com")
    )
    good = tried = 0
    for number in range(3000):
        blob = make_input("sshsig", "oracle", number)
        if not blob.startswith(b"SSHSIG"):
            continue
        try:
            sshsig.verify(sshsig.parse(blob), b"message")
            ours = True
        except sshsig.BadSignature:
            ours = False
        if (ours and good < 8) or (not ours and tried < 60):
            theirs = oracle.verify(sshsig.armor(blob), b"message", lines, "a@b")
            assert not ours or theirs, number
            good, tried = good + ours, tried + (not ours)
    assert good
    assert tried == 60


@pytest.mark.parametrize("size", [40])
def test_trailers_that_we_see_are_seen_by_git(repo, size: int) -> None:
    """git may take a paragraph for prose that we read; but where it sees a block, the values are the same."""
    same = 0
    for number in range(400):
        raw = make_input("trailers", "oracle", number)
        ours = [(item.key, item.value) for item in parse_block(raw)]
        if not ours or b"\0" in raw or b"\r" in raw or b"\n---" in raw or not raw.isascii() or same >= size:
            continue
        shown = repo.git_bytes("interpret-trailers", "--parse", "--no-divider", data=raw)
        theirs = [tuple(line.split(b": ", 1)) for line in shown.split(b"\n") if b": " in line]
        if len(theirs) != len(ours):
            continue
        same += 1
        assert [(key.encode(), encode(value).split()) for key, value in ours] == [
            (key, value.split()) for key, value in theirs
        ], number
    assert same > 10
