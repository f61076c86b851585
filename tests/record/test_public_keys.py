"""Public key lines and files, and fingerprints as `ssh-keygen -lf` prints them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.sshwire import WireError
from sox_hooks.record.public_keys import fingerprint, parse_file, parse_line, read_private_file
from tests.record.software_keys import KINDS, software_key

LINE = software_key("ssh-ed25519").line
_TYPE, _BASE64 = LINE.split()


@pytest.mark.parametrize("kind", KINDS)
def test_fingerprints_are_those_of_ssh_keygen(kind, tmp_path):
    file = tmp_path / "key.pub"
    file.write_text(software_key(kind).line + " a comment\n")
    argv = ["ssh-keygen", "-l", "-E", "sha256", "-f", file]
    printed = subprocess.run(argv, capture_output=True, check=True, text=True).stdout
    found = parse_file(file.read_bytes())
    assert fingerprint(found.key.blob) == printed.split()[1]
    assert found.comment == "a comment"


@pytest.mark.parametrize("kind", KINDS)
def test_lines_are_read_back(kind):
    line = software_key(kind).line
    assert str(parse_line(line)) == line
    assert str(parse_line(f"{line} Alice Ng <alice@bank.example>")) == f"{line} Alice Ng <alice@bank.example>"
    assert str(parse_line(f" {line.replace(' ', chr(9))}\t  x ")) == f"{line} x"


BAD_LINES = {
    "empty": ("", "keytype"),
    "type alone": ("ssh-ed25519", "keytype"),
    "comment alone": ("# comment", "type"),
    "options first": (f"restrict {LINE}", "type"),
    "unknown type": (f"ssh-ed448 {_BASE64}", "type"),
    "type in capitals": (f"SSH-ED25519 {_BASE64}", "type"),
    "certificate": (f"ssh-ed25519-cert-v01@openssh.com {_BASE64}", "certificate"),
    "another type": (f"ssh-rsa {_BASE64}", "another type"),
    "not base64": (f"{_TYPE} {_BASE64[:-2]}!!", "base64"),
    "cut": (f"{_TYPE} {_BASE64[:-4]}", "cut short"),
    "more": (f"{_TYPE} {_BASE64}AAAA", "after its end"),
    "two lines": (f"{LINE}\n{LINE}", "control"),
    "escape in the comment": (f"{LINE} \x1b[31m", "control"),
    "NUL": (f"{LINE}\0", "control"),
    "look-alike type": (f"ssh\u2010ed25519 {_BASE64}", "type"),
}


@pytest.mark.parametrize(("line", "reason"), BAD_LINES.values(), ids=BAD_LINES)
def test_other_lines_are_refused(line, reason):
    with pytest.raises(WireError, match=reason):
        parse_line(line)


def test_files_hold_one_key():
    assert str(parse_file(f"# mine\n\n{LINE} c\r\n".encode()).key.type) == _TYPE
    for data in (b"", b"# nothing\n", f"{LINE}\n{LINE}\n".encode()):
        with pytest.raises(WireError, match="exactly one"):
            parse_file(data)
    with pytest.raises(WireError, match="UTF-8"):
        parse_file(LINE.encode() + b" \xff\n")


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize("passphrase", ["", "correct horse"])
def test_private_files_tell_their_public_half(kind, passphrase, make_key):
    key = make_key("key", kind, passphrase=passphrase)
    found = read_private_file(key.read_bytes())
    assert found == parse_file(key.with_suffix(".pub").read_bytes()).key


def test_other_private_files(make_key):
    key = make_key("key", "rsa", "-m", "PEM")
    assert key.read_bytes().startswith(b"-----BEGIN RSA")
    assert read_private_file(key.read_bytes()) is None
    assert read_private_file(b"") is None


@given(st.data())
def test_broken_private_files_are_refused_or_read(data):
    begin, end = b"-----BEGIN OPENSSH PRIVATE KEY-----\n", b"\n-----END OPENSSH PRIVATE KEY-----\n"
    body = data.draw(st.one_of(st.binary(max_size=60), st.text("b3BlbnNzaC1rZXktdjEA=\n", max_size=80)))
    raw = body if isinstance(body, bytes) else body.encode()
    with pytest.raises(WireError):
        read_private_file(begin + raw + end)
