"""The compiled policy: the same again, or nothing."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sox_hooks.core.digest import sha256_hex
from sox_hooks.policy import compiled
from sox_hooks.policy.compiled import dump, read_cache, restore, write_cache
from sox_hooks.policy.model import Pattern, Signer, Tool
from tests.policy.policy_texts import IDENTITY, loaded

POLICY = loaded().replace(
    signers=(Signer("alice", ("alice@bank.example", "é"), "ssh-ed25519", "AAAA", "", "2027-01-01T00:00:00Z"),)
)
RAW = dump(POLICY)


def forged(body: object) -> bytes:
    """A text with the right first line for whatever is in it."""
    text = json.dumps(body).encode()
    head = RAW.partition(b"\n")[0].rpartition(b" ")[0]
    return head + b" " + sha256_hex(text).encode() + b"\n" + text


def test_round_trip() -> None:
    assert restore(RAW, IDENTITY) == POLICY
    assert RAW.isascii()


def test_the_same_policy_is_the_same_text() -> None:
    assert dump(restore(RAW, IDENTITY)) == RAW


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_any_changed_byte_is_noticed(at: int, change: int) -> None:
    assert restore(RAW[:at] + bytes([RAW[at] ^ change]) + RAW[at + 1 :], IDENTITY) is None


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(RAW) - 1))
def test_a_cut_text_is_noticed(length: int) -> None:
    assert restore(RAW[:length], IDENTITY) is None


@pytest.mark.parametrize("raw", [b"", b"\n", RAW + b" ", b"\xff\xfe", b"{}", RAW * 2])
def test_other_texts_are_not_taken(raw: bytes) -> None:
    assert restore(raw, IDENTITY) is None


def test_another_identity_is_not_taken() -> None:
    assert restore(RAW, "6" * 40) is None
    assert restore(dump(POLICY.replace(identity="6" * 40)), IDENTITY) is None


@pytest.mark.parametrize(
    "body",
    [[], {}, None, 1, "x", [[], []], [1, 2, 3], [[list(kind.fields) for kind in compiled._KINDS], []], [[], [[]] * 40]],
)
def test_well_signed_nonsense_is_not_taken(body: object) -> None:
    assert restore(forged(body), IDENTITY) is None


def test_fields_of_another_model_are_not_taken() -> None:
    fields, values = json.loads(RAW.partition(b"\n")[2])
    assert restore(forged([fields, values]), IDENTITY) == POLICY
    fields[1][1], fields[1][2] = fields[1][2], fields[1][1]
    assert restore(forged([fields, values]), IDENTITY) is None


@pytest.mark.parametrize(("name", "value"), [("__version__", "9.9"), ("_FORMAT", 2)])
def test_what_another_version_wrote_is_not_taken(monkeypatch, name, value) -> None:
    monkeypatch.setattr(compiled, name, value)
    assert restore(RAW, IDENTITY) is None


def test_what_another_python_wrote_is_not_taken(monkeypatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    assert restore(RAW, IDENTITY) is None


texts = st.text(max_size=8)


@settings(max_examples=100, deadline=None)
@given(texts, st.lists(st.builds(Pattern, texts, texts, texts, texts), max_size=3), st.integers(-1, 2**53 - 1))
def test_any_text_survives(text: str, patterns: list[Pattern], number: int) -> None:
    tool = Tool(text, text, models=(text,), retention_days=number)
    rules = (POLICY.paths[0].replace(patterns=tuple(patterns), because=text),)
    policy = POLICY.replace(owner=text, tools=(tool,), paths=rules)
    assert restore(dump(policy), IDENTITY) == policy


def test_the_cache(tmp_path) -> None:
    folder = tmp_path / "made" / "here"
    assert read_cache(str(folder), IDENTITY) is None
    write_cache(str(folder), POLICY)
    assert read_cache(str(folder), IDENTITY) == POLICY
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    newer = POLICY.replace(owner="somebody else")
    write_cache(str(folder), newer)
    assert read_cache(str(folder), IDENTITY) == newer


def test_a_damaged_cache_is_not_believed(tmp_path) -> None:
    write_cache(str(tmp_path), POLICY)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes().replace(b"approved", b"approvee"))
    assert read_cache(str(tmp_path), IDENTITY) is None
    write_cache(str(tmp_path), POLICY)
    assert read_cache(str(tmp_path), IDENTITY) == POLICY


@pytest.mark.parametrize("identity", ["", "../../x", "a/b", "worktree:1", "é" * 40, "a" * 129, "a\nb"])
def test_only_object_ids_name_files(tmp_path, identity) -> None:
    folder = tmp_path / "cache"
    write_cache(str(folder), POLICY.replace(identity=identity))
    assert list(tmp_path.rglob("*")) == []
    assert read_cache(str(folder), identity) is None


def test_a_link_is_not_followed(tmp_path) -> None:
    write_cache(str(tmp_path), POLICY)
    (file,) = tmp_path.iterdir()
    elsewhere = tmp_path.parent / "elsewhere.json"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    assert read_cache(str(tmp_path), IDENTITY) is None
    write_cache(str(tmp_path), POLICY)
    assert not file.is_symlink()
    assert read_cache(str(tmp_path), IDENTITY) == POLICY


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["fifo", "folder"])
def test_what_is_no_file_neither_hangs_nor_fails(tmp_path, make) -> None:
    make(tmp_path / f"policy-{IDENTITY}.json")
    assert read_cache(str(tmp_path), IDENTITY) is None
    write_cache(str(tmp_path), POLICY)


def test_a_cache_of_another_user_is_not_believed(tmp_path, monkeypatch) -> None:
    write_cache(str(tmp_path), POLICY)
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert read_cache(str(tmp_path), IDENTITY) is None


def test_a_place_that_cannot_be_written_is_no_failure(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    write_cache(str(tmp_path / "file" / "cache"), POLICY)
    write_cache("/proc/no-such-place", POLICY)
    assert read_cache(str(tmp_path / "file" / "cache"), IDENTITY) is None


def test_a_full_disk_is_no_failure(tmp_path) -> None:
    # A process of its own: the limit on the size of files stands for the full disk, and it cannot be raised again.
    # -B: under that limit Python would leave cut .pyc files behind, which every later run then stumbles over.
    script = (
        "import resource, signal, sys\n"
        "from sox_hooks.policy.compiled import read_cache, restore, write_cache\n"
        "policy = restore(sys.stdin.buffer.read(), sys.argv[2])\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "write_cache(sys.argv[1], policy)\n"
        "assert policy is not None and read_cache(sys.argv[1], sys.argv[2]) is None\n"
    )
    subprocess.run([sys.executable, "-B", "-c", script, str(tmp_path), IDENTITY], input=RAW, check=True)
    assert list(tmp_path.iterdir()) == []


def test_old_policies_are_forgotten(tmp_path) -> None:
    (tmp_path / "other.json").write_text("{}")
    for number in range(12):
        write_cache(str(tmp_path), POLICY.replace(identity=f"{number:040x}"))
        os.utime(tmp_path / f"policy-{number:040x}.json", (number, number))
    left = sorted(file.name for file in tmp_path.iterdir())
    assert left == ["other.json", *[f"policy-{number:040x}.json" for number in range(4, 12)]]


def test_reading_imports_nothing_heavy(tmp_path) -> None:
    write_cache(str(tmp_path), POLICY)
    script = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from sox_hooks.policy.compiled import read_cache\n"
        "assert read_cache(sys.argv[1], sys.argv[2]) is not None\n"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))\n"
        "print(*sorted(name for name in sys.modules if name.startswith('sox_hooks.')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, str(tmp_path), IDENTITY], check=True, capture_output=True, text=True
    )
    modules, ours = done.stdout.splitlines()
    heavy = {
        "json",
        "re",
        "dataclasses",
        "typing",
        "tomllib",
        "tomli",
        "pathspec",
        "pathlib",
        "datetime",
        "hashlib",
        "tempfile",
        "inspect",
    }
    assert heavy.isdisjoint(modules.split())
    assert ours.split() == [
        "sox_hooks.core", "sox_hooks.core.digest", "sox_hooks.core.fastjson", "sox_hooks.core.findings",
        "sox_hooks.core.own_files", "sox_hooks.core.struct",
        "sox_hooks.policy", "sox_hooks.policy.compiled", "sox_hooks.policy.model",
    ]  # fmt: skip
