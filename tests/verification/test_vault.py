"""The files that the verifier keeps: sealed, few, and safe from each other's runs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sox_hooks.verification.record_table import RecordTable, key_of
from sox_hooks.verification.vault import Vault, name_of

_WRITER = """
import os, sys
from sox_hooks.verification.vault import Vault
vault = Vault(sys.argv[1], os.environ)
contents = {bytes([65 + number]) * 100_000 for number in range(4)}
for number in range(60):
    vault.write("run-1", bytes([65 + number % 4]) * 100_000)
    assert vault.read("run-1") in contents | {None}, number
"""


@pytest.fixture
def vault(tmp_path) -> Vault:
    return Vault(str(tmp_path), os.environ)


def test_no_bit_of_a_file_can_be_changed_and_no_name(vault, tmp_path):
    vault.write("run-1", b"verified")
    path = tmp_path / "sox-hooks/verified/run-1"
    raw = path.read_bytes()
    assert (vault.read("run-1"), path.stat().st_mode & 0o777) == (b"verified", 0o600)
    for at in range(len(raw) * 8):
        path.write_bytes(raw[: at // 8] + bytes([raw[at // 8] ^ 1 << at % 8]) + raw[at // 8 + 1 :])
        assert vault.read("run-1") is None
    for length in range(len(raw)):
        path.write_bytes(raw[:length])
        assert vault.read("run-1") is None
    path.with_name("run-2").write_bytes(raw)
    assert vault.read("run-2") is None
    with pytest.raises(ValueError, match="not the name"):
        vault.read("run-1/../run-1")


def test_two_at_once_do_each_other_no_harm(tmp_path):
    """Both find no key at first; each reads what one of them wrote, whole, or nothing."""
    writers = [
        subprocess.Popen([sys.executable, "-I", "-c", _WRITER, str(tmp_path)], stderr=subprocess.PIPE) for _ in range(2)
    ]
    for writer in writers:
        _, words = writer.communicate()
        assert writer.returncode == 0, words.decode()
    assert Vault(str(tmp_path), os.environ).read("run-1") is not None
    assert [path.name for path in (tmp_path / "sox-hooks/verified").iterdir()] == ["run-1"]


def test_few_of_each_kind_stay_and_no_leftovers(vault, tmp_path):
    folder = tmp_path / "sox-hooks/verified"
    for number in range(10):
        vault.write(f"run-{number}", b"")
        os.utime(folder / f"run-{number}", (number, number))
    left, lately, other = folder / ".run-0a.12-cd.tmp", folder / ".run-0b.12-cd.tmp", folder / "somebody's.tmp"
    for path in (left, lately, other):
        path.touch()
    os.utime(left, (0, 0))
    os.utime(other, (0, 0))
    vault.write("landed-1", b"")
    vault.write("run-a", b"")
    assert vault.names("run-") == ["run-a", "run-9", "run-8", "run-7", "run-6", "run-5"]
    assert vault.names("landed-") == ["landed-1"]
    assert (left.exists(), lately.exists(), other.exists()) == (False, True, True)


def test_names_are_those_of_the_words():
    assert name_of("run", ("a", "b")) != name_of("run", ("a b",)) != name_of("run", ("ab",))
    assert name_of("run", ["a"]) == name_of("run", ("a",))


def test_a_table_finds_commits_in_their_order():
    """However it was put together."""
    keys = [key_of(b"%d" % number) for number in range(50)]
    whole, table = dict.fromkeys(keys, b""), RecordTable(b"", 2)
    for start in range(5):
        more = {key: bytes([start, number]) * (number % 3) for number, key in enumerate(keys)}
        table = table.extended(more)
        for key, ids in more.items():
            whole[key] += ids
    assert {key: table.find(key) for key in keys} == whole
    assert table.find(key_of(b"another")) == b""
    assert [table[index] for index in range(len(table))] == sorted(table[index] for index in range(len(table)))
    with pytest.raises(ValueError, match="middle of a row"):
        RecordTable(table.rows[:-1], 2)
