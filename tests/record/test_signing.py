"""Signing through real `ssh-keygen`, with files, agents and passphrases."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from sox_hooks.core.errors import EnvironmentProblem, SoxError
from sox_hooks.record.signing import Signer, find_key, sign
from sox_hooks.record.sshsig import parse
from tests.record.signing_tools import PAYLOAD, at, check, fake
from tests.record.software_keys import software_key


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("ed25519", ()),
        ("ecdsa", ("-b", "256")),
        ("ecdsa", ("-b", "384")),
        ("ecdsa", ("-b", "521")),
        ("rsa", ("-b", "3072")),
        ("rsa", ("-b", "4096")),
    ],
)
def test_every_kind_of_key_file(kind, options, make_key, tmp_path):
    key = make_key("key", kind, *options)
    blob = sign(PAYLOAD, at(key))
    check(blob, key.with_suffix(".pub"), tmp_path)
    signature = parse(blob)
    assert (signature.namespace, signature.hash_name) == ("sox-record", "sha512")
    if kind == "rsa":
        assert signature.signature_algorithm == "rsa-sha2-512"


def test_the_pub_file_may_be_named(make_key, tmp_path):
    public = make_key().with_suffix(".pub")
    check(sign(PAYLOAD, at(public)), public, tmp_path)


def test_a_private_file_alone(make_key, tmp_path):
    key = make_key()
    public = shutil.move(key.with_suffix(".pub"), tmp_path / "elsewhere.pub")
    check(sign(PAYLOAD, at(key)), public, tmp_path)


def test_an_old_pem_file(make_key, tmp_path):
    key = make_key("key", "rsa", "-m", "PEM", "-b", "2048")
    check(sign(PAYLOAD, at(key)), key.with_suffix(".pub"), tmp_path)


@pytest.mark.parametrize("passphrase", ["", "correct horse"])
@pytest.mark.parametrize("form", ["{}", "key::{}"])
def test_a_literal_key_in_the_agent(form, passphrase, make_key, agent, tmp_path):
    key = make_key("id", passphrase=passphrase)
    agent(key, passphrase)
    public = shutil.move(key.with_suffix(".pub"), tmp_path / "elsewhere.pub")
    key.unlink()
    folder = tmp_path / "private"
    folder.mkdir()
    reference = at(form.format(public.read_text().strip()))
    assert reference.kind == "literal"
    check(sign(PAYLOAD, reference, str(folder)), public, tmp_path)
    assert list(folder.iterdir()) == []
    check(sign(PAYLOAD, reference), public, tmp_path)  # in $TMPDIR


def test_a_pub_file_whose_private_half_is_in_the_agent(make_key, agent, tmp_path):
    key = make_key("id", passphrase="correct horse")
    agent(key, "correct horse")
    key.unlink()
    check(sign(PAYLOAD, at(key.with_suffix(".pub"))), key.with_suffix(".pub"), tmp_path)


def test_a_private_file_with_a_passphrase_in_the_agent(make_key, agent, tmp_path):
    key = make_key("id", passphrase="correct horse")
    agent(key, "correct horse")
    check(sign(PAYLOAD, at(key)), key.with_suffix(".pub"), tmp_path)


def test_the_file_of_a_literal_key_is_private(make_key, monkeypatch, tmp_path):
    """`ssh-keygen` here is one that looks at the file it is given."""
    line = make_key().with_suffix(".pub").read_text().strip()
    seen = tmp_path / "seen"
    fake(
        monkeypatch, tmp_path, f'stat -c "%a %s" "$7" > {seen}; dirname "$7" >> {seen}; echo unknown option >&2; exit 1'
    )
    folder = tmp_path / "private"
    folder.mkdir()
    with pytest.raises(EnvironmentProblem, match="too old"):
        sign(PAYLOAD, at(line), str(folder))
    assert seen.read_text() == f"600 {len(line) + 1}\n{folder}\n"
    assert list(folder.iterdir()) == []


def test_no_room_for_the_file_of_a_literal_key(make_key, tmp_path):
    line = make_key().with_suffix(".pub").read_text()
    with pytest.raises(EnvironmentProblem, match="cannot be written for ssh-keygen to read: No such file") as caught:
        sign(PAYLOAD, at(line), str(tmp_path / "missing"))
    assert caught.value.where == str(tmp_path / "missing")


def test_signing_imports_nothing_heavy(make_key):
    """The hook pays for every import at every commit."""
    code = f"""
import sys
sys.path[:0] = {sys.path!r}
from sox_hooks.record.signing import find_key, sign
sign(b"payload", find_key({{"sox.signingkey": ({str(make_key())!r},)}}, None))
print(*sys.modules)
"""
    argv = [sys.executable, "-I", "-S", "-c", code]
    imported = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    assert "sox_hooks.record.sshsig" in imported
    heavy = (
        "re json hashlib base64 subprocess tempfile shutil shlex typing dataclasses enum functools collections pathlib"
    )
    assert not {*heavy.split(), "cryptography", "sox_hooks.record.signing_failure"} & set(imported)


# ---------------------------------------------------------------- which key


PUBLIC = software_key("ssh-ed25519").line


@pytest.mark.parametrize(
    ("config", "kind", "value", "source"),
    [
        ({"sox.signingkey": ("/k",)}, "file", "/k", "sox.signingKey"),
        ({"sox.signingkey": ("/a", "/b")}, "file", "/b", "sox.signingKey"),
        ({"sox.signingkey": ("~/.ssh/id",)}, "file", "/home/alice/.ssh/id", "sox.signingKey"),
        ({"sox.signingkey": ("/k",), "user.signingkey": ("/u",)}, "file", "/k", "sox.signingKey"),
        ({"user.signingkey": ("/u",), "gpg.format": ("ssh",)}, "file", "/u", "user.signingKey"),
        ({"user.signingkey": ("/u",), "gpg.format": ("openpgp", "ssh")}, "file", "/u", "user.signingKey"),
        ({"sox.signingkey": ("",), "user.signingkey": ("/u",), "gpg.format": ("ssh",)}, "file", "/u",
         "user.signingKey"),
        ({"sox.signingkey": ("/k",), "user.signingkey": ("0xABC",), "gpg.format": ("openpgp",)}, "file", "/k",
         "sox.signingKey"),
        ({"sox.signingkey": (f"{PUBLIC} me",)}, "literal", f"{PUBLIC} me", "sox.signingKey"),
        ({"user.signingkey": (f"key::{PUBLIC}",), "gpg.format": ("ssh",)}, "literal", PUBLIC, "user.signingKey"),
        ({"sox.signingkey": ("ssh-keys/id",)}, "file", "ssh-keys/id", "sox.signingKey"),
    ],
)  # fmt: skip
def test_which_key_is_meant(config, kind, value, source):
    found = find_key(config, "/home/alice")
    assert (found.kind, found.value, found.source) == (kind, value, source)
    assert bool(found.public_blob) == (kind == "literal")


@pytest.mark.parametrize(
    ("config", "home", "what"),
    [
        ({}, "/h", "no key is configured"),
        ({"sox.signingkey": ()}, "/h", "no key is configured"),
        ({"user.signingkey": ("0xABC",)}, "/h", "no SSH key"),
        ({"user.signingkey": ("0xABC",), "gpg.format": ("openpgp",)}, "/h", "no SSH key"),
        ({"gpg.ssh.defaultkeycommand": ("ssh-add -L",), "gpg.format": ("ssh",)}, "/h", "no key is configured"),
        ({"sox.signingkey": ("key::ssh-ed25519 AAAA",)}, "/h", "cannot be used"),
        ({"sox.signingkey": ("key::~/.ssh/id",)}, "/h", "cannot be used"),
        ({"sox.signingkey": ("~/.ssh/id",)}, None, "HOME is not set"),
        ({"sox.signingkey": ("~/.ssh/id",)}, "", "HOME is not set"),
    ],
)
def test_no_key_is_meant(config, home, what):
    with pytest.raises(SoxError, match=what) as caught:
        find_key(config, home)
    assert caught.value.fix
    assert caught.value.exit_code == 2


def test_a_signer_that_is_not_used_leaves_no_process_and_no_file(make_key, agent, tmp_path):
    """The log could not be written, say: ssh-keygen was started for nothing."""
    key = make_key()
    agent(key, "")
    folder = tmp_path / "folder"
    folder.mkdir()
    reference = at(f"key::{key.with_suffix('.pub').read_text().strip()}")
    with Signer(reference, str(folder)) as signer:
        started = signer._process
        assert started is not None
        assert len(list(folder.iterdir())) == 1
    assert list(folder.iterdir()) == []
    with pytest.raises(ChildProcessError):  # it was ended and waited for
        os.waitpid(started.pid, os.WNOHANG)


def test_a_signer_signs_once(make_key, tmp_path):
    key = make_key()
    with Signer(at(key)) as signer:
        check(signer.sign(PAYLOAD), key.with_suffix(".pub"), tmp_path)
        with pytest.raises(RuntimeError, match="once"):
            signer.sign(PAYLOAD)
