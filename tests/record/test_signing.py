"""Signing through real `ssh-keygen`, with files, agents and passphrases; every failure that a person can cause."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sox_hooks.core.errors import ConfigError, EnvironmentProblem, Refused, SoxError
from sox_hooks.record.signing import KeyReference, find_key, sign
from sox_hooks.record.sshsig import armor, parse, verify
from tests.record.software_keys import Oracle, software_key

PAYLOAD = b"DSSEv1 28 application/vnd.in-toto+json 2 {}"
WHO = "alice@bank.example"


def at(path: Path | str) -> KeyReference:
    return find_key({"sox.signingkey": (str(path),)}, os.environ["HOME"])


def check(blob: bytes, public: Path, tmp_path: Path) -> None:
    """Our strict verifier and stock ssh-keygen both call it good."""
    signature = parse(blob)
    verify(signature, PAYLOAD)
    line = f'{WHO} namespaces="sox-record" {public.read_text()}'
    assert Oracle(tmp_path).verify(armor(blob), PAYLOAD, line, WHO)


@pytest.fixture
def agent(tmp_path, monkeypatch):
    """A real agent on a socket of its own; returns a function that adds a key (with a passphrase, where it has one)."""
    socket = tmp_path / "agent"
    daemon = subprocess.Popen(
        ["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    deadline = time.monotonic() + 10
    while not socket.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    answer = tmp_path / "askpass"
    answer.write_text("#!/bin/sh\nprintf '%s\\n' \"$PASSPHRASE\"\n")
    answer.chmod(0o700)

    def add(key: Path, passphrase: str = "", *options: str) -> None:
        env = {**os.environ, "SSH_ASKPASS": str(answer), "SSH_ASKPASS_REQUIRE": "force", "PASSPHRASE": passphrase}
        subprocess.run(["ssh-add", "-q", *options, key], env=env, check=True, capture_output=True)

    add.daemon = daemon
    yield add
    daemon.terminate()
    daemon.wait(10)


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


# ---------------------------------------------------------------- what goes wrong


def fails(key: KeyReference, kind: type[SoxError], what: str, fix: str, why: str = "") -> SoxError:
    began = time.monotonic()
    with pytest.raises(kind, match=what) as caught:
        sign(PAYLOAD, key)
    assert time.monotonic() - began < 20
    assert fix in caught.value.fix
    assert why in caught.value.why
    for text in (caught.value.what, caught.value.why, caught.value.where, caught.value.fix):
        assert text.isprintable()
    return caught.value


def fake(monkeypatch, tmp_path: Path, script: str) -> None:
    """An `ssh-keygen` that does something else."""
    folder = tmp_path / "fake"
    folder.mkdir()
    (folder / "ssh-keygen").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "ssh-keygen").chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_a_missing_file():
    error = fails(at("/nowhere/id"), ConfigError, "does not exist", "sox-hooks keys enrol", "sox.signingKey")
    assert error.where == "/nowhere/id"


def test_a_name_that_a_terminal_would_interpret():
    error = fails(at("/nowhere/\x1b[31mid\n"), ConfigError, "does not exist", "keys enrol")
    assert error.where == "/nowhere/\\x1b[31mid"
    fails(at("/nowhere/a\0b"), EnvironmentProblem, "cannot be read", "keys enrol")


def test_a_folder_instead_of_a_file(tmp_path):
    fails(at(tmp_path), EnvironmentProblem, "cannot be read: Is a directory", "keys enrol")


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage", b"-----BEGIN OPENSSH PRIVATE KEY-----\n!!\n", b"\xff\0"],
)
def test_a_file_that_is_no_key(content, tmp_path):
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(0o600)
    fails(at(file), ConfigError, "cannot be used", "sox-hooks keys enrol")


def test_a_private_file_that_others_can_read(make_key):
    key = make_key()
    key.chmod(0o644)
    fails(at(key), EnvironmentProblem, "others can read it", f"chmod 600 {key}")
    key.with_suffix(".pub").unlink()
    fails(at(key), EnvironmentProblem, "others can read it", f"chmod 600 {key}")


@pytest.mark.parametrize("passphrase", ["", "correct horse"])
def test_an_old_pem_file_alone(passphrase, make_key):
    """Without the .pub file, `ssh-keygen` does not sign with it either."""
    key = make_key("key", "rsa", "-m", "PEM", "-b", "2048", passphrase=passphrase)
    key.with_suffix(".pub").unlink()
    fails(at(key), ConfigError, "no .pub file stands beside it", f"ssh-keygen -y -f {key} > {key}.pub")


@pytest.mark.parametrize("display", ["", ":9"])
def test_a_passphrase_without_a_terminal(display, make_key, monkeypatch):
    monkeypatch.setenv("DISPLAY", display)
    key = make_key("id", passphrase="correct horse")
    fails(at(key), EnvironmentProblem, "no terminal to ask for it", f"ssh-add {key}", "must not wait")


def test_no_agent(make_key):
    key = make_key("id")
    key.unlink()
    fails(
        at(f"{key}.pub"), EnvironmentProblem, "neither a file nor in an SSH agent", "ssh-agent", "SSH_AUTH_SOCK is not"
    )
    line = key.with_suffix(".pub").read_text()
    fails(
        at(line), EnvironmentProblem, "neither a file nor in", "ssh-add PATH_OF_THE_PRIVATE_KEY", "SSH_AUTH_SOCK is not"
    )


def test_an_agent_that_is_gone(make_key, agent):
    key = make_key("id")
    key.unlink()
    agent.daemon.terminate()
    agent.daemon.wait(10)
    fails(at(f"{key}.pub"), EnvironmentProblem, "neither a file nor in an SSH agent", f"ssh-add {key}", "is gone")


def test_an_agent_without_the_key(make_key, agent):
    key, other = make_key("id"), make_key("other")
    key.unlink()
    fails(at(f"{key}.pub"), EnvironmentProblem, "neither a file nor in", f"ssh-add {key}", "holds no key")
    agent(other)
    fails(at(f"{key}.pub"), EnvironmentProblem, "neither a file nor in", f"ssh-add {key}", "does not hold this key")


def test_an_agent_that_refuses(make_key, agent, monkeypatch):
    """The key wants a confirmation, and the agent (which was started without a display) cannot ask for one."""
    key = make_key("id")
    agent(key, "", "-c")
    key.unlink()
    fails(at(f"{key}.pub"), Refused, "the SSH agent refused to sign", "confirm")


def test_the_pub_file_of_another_key(make_key):
    key, other = make_key("id"), make_key("other")
    shutil.copy(other.with_suffix(".pub"), key.with_suffix(".pub"))
    fails(at(key), EnvironmentProblem, "belongs to another key", f"ssh-keygen -y -f {key} > {key}.pub")


def test_no_ssh_keygen(make_key, monkeypatch, tmp_path):
    key = make_key()
    monkeypatch.setenv("PATH", str(tmp_path))
    fails(at(key), EnvironmentProblem, "ssh-keygen was not found", "install OpenSSH")


@pytest.mark.parametrize(
    ("script", "kind", "what", "fix"),
    [
        ("echo 'unknown option -- Y' >&2; exit 1", EnvironmentProblem, "too old", "update OpenSSH"),  # 7.9 and before
        ("echo 'ssh-keygen: illegal option -- Y' >&2; exit 1", EnvironmentProblem, "too old", "update OpenSSH"),
        ("echo 'No user exists for uid 1234' >&2; exit 255", EnvironmentProblem, "user database", "/etc/passwd"),
        ("echo 'Signing failed: device not found' >&2; exit 255", EnvironmentProblem, "plugged in", "plug it in"),
        (
            "echo 'Signing (stdin) failed: communication with agent failed' >&2; exit 255",
            EnvironmentProblem,
            "agent does not answer",
            "ssh-add",
        ),
        ("printf 'x\\033[31m\\n' >&2; exit 9", EnvironmentProblem, r"could not sign: x\\x1b\[31m", "doctor"),
        ("exit 9", EnvironmentProblem, "could not sign", "doctor"),
        ("kill -9 $$", EnvironmentProblem, "could not sign", "doctor"),
        ("exit 0", Refused, "not a signature that can be used", "update OpenSSH"),
        ("echo hello", Refused, "not a signature that can be used", "update OpenSSH"),
    ],
)  # fmt: skip
def test_other_answers_of_ssh_keygen(script, kind, what, fix, make_key, monkeypatch, tmp_path):
    key = make_key()
    fake(monkeypatch, tmp_path, script)
    fails(at(key), kind, what, fix)


@pytest.mark.parametrize("how", ["-n git -f {key}", "-n sox-record -f {other}"])
def test_a_signature_that_was_not_asked_for(how, make_key, monkeypatch, tmp_path):
    key, other = make_key("id"), make_key("other")
    real = shutil.which("ssh-keygen")
    fake(monkeypatch, tmp_path, f"exec {real} -q -Y sign {how.format(key=key, other=other)}")
    fails(at(key), Refused, "another key or for another purpose", "keys show")


def test_an_ssh_keygen_that_hangs(make_key, monkeypatch, tmp_path):
    key = make_key()
    fake(monkeypatch, tmp_path, "exec sleep 60")
    monkeypatch.setattr("sox_hooks.record.signing.PATIENCE", 0.5)
    fails(at(key), EnvironmentProblem, "did not come back", "ssh-add", "did not answer within 0.5 s")


def test_a_security_key_is_announced(monkeypatch, tmp_path, capfd):
    """No hardware here: `ssh-keygen` says what it says when the key is not plugged in."""
    fake(monkeypatch, tmp_path, "echo 'Signing (stdin) failed: device not found' >&2; exit 255")
    file = tmp_path / "id.pub"
    file.write_text(software_key("sk-ssh-ed25519@openssh.com").line + "\n")
    fails(at(file), EnvironmentProblem, "plugged in", "plug it in")
    assert capfd.readouterr().err == "sox-hooks: touch your security key to sign the record\n"


# ---------------------------------------------------------------- terminals


CODE = """
import os, sys
from sox_hooks.core.errors import SoxError
from sox_hooks.record.signing import find_key, sign
if "BACKGROUND" in os.environ:
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        sys.exit()
    os.setpgid(0, 0)
try:
    print("SIGNED", len(sign(b"payload", find_key({"sox.signingkey": (sys.argv[1],)}, None))))
except SoxError as error:
    print("FAILED", error.what, "|", error.fix)
"""


def on_a_terminal(key: Path, answer: bytes, **env: str) -> str:
    """Run `sign` in a process whose controlling terminal is a fresh one; what its terminal showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-c", CODE, str(key)], {**os.environ, **env})  # noqa: S606
    shown, answered, deadline = b"", False, time.monotonic() + 30
    try:
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 0.2)[0]:
                continue
            try:
                block = os.read(terminal, 4096)
            except OSError:  # EIO: the other end is closed
                break
            if not block:
                break
            shown += block
            if answer and not answered and b"passphrase" in shown:
                time.sleep(0.2)  # readpassphrase(3) drops what was typed before it turned the echo off
                os.write(terminal, answer)
                answered = True
        else:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)
    return shown.decode()


@pytest.fixture
def interactive(monkeypatch):
    monkeypatch.delenv("GIT_TERMINAL_PROMPT")


@pytest.mark.parametrize("display", ["", ":9"])
def test_the_passphrase_is_asked_on_the_terminal(display, make_key, interactive):
    key = make_key("id", passphrase="correct horse")
    shown = on_a_terminal(key, b"correct horse\n", DISPLAY=display)
    assert "Enter passphrase" in shown
    assert "SIGNED" in shown


def test_a_wrong_passphrase_on_the_terminal(make_key, interactive):
    key = make_key("id", passphrase="correct horse")
    shown = on_a_terminal(key, b"wrong\n")
    assert f"FAILED the passphrase of the signing key was not given or is wrong | ssh-add {key}" in shown


@pytest.mark.parametrize("why", [{"GIT_TERMINAL_PROMPT": "0"}, {"BACKGROUND": "1"}])
def test_nobody_is_asked_who_cannot_answer(why, make_key, interactive):
    """A background job that reads its terminal would be stopped for ever."""
    key = make_key("id", passphrase="correct horse")
    shown = on_a_terminal(key, b"", **why)
    assert "Enter passphrase" not in shown
    assert f"no terminal to ask for it | ssh-add {key}" in shown


@pytest.mark.parametrize(
    ("passphrase", "env", "outcome"),
    [
        ("correct horse", {"SSH_ASKPASS_REQUIRE": "force"}, "SIGNED"),
        ("correct horse", {"DISPLAY": ":9"}, "SIGNED"),
        (
            "wrong",
            {"SSH_ASKPASS_REQUIRE": "force"},
            "FAILED the passphrase of the signing key was not given or is wrong",
        ),
        ("correct horse", {"SSH_ASKPASS_REQUIRE": "never", "DISPLAY": ":9"}, "no terminal to ask for it"),
        ("correct horse", {}, "no terminal to ask for it"),
    ],
)
def test_an_askpass_program_of_the_person_is_used(passphrase, env, outcome, make_key, tmp_path):
    """So do graphical git clients ask; there is no terminal here."""
    key = make_key("id", passphrase="correct horse")
    askpass = tmp_path / "askpass"
    askpass.write_text(f"#!/bin/sh\necho '{passphrase}'\n")
    askpass.chmod(stat.S_IRWXU)
    done = subprocess.run(
        [sys.executable, "-c", CODE, key],
        env={**os.environ, "SSH_ASKPASS": str(askpass), **env},
        capture_output=True,
        text=True,
        start_new_session=True,
        check=True,
        timeout=30,
    )
    assert outcome in done.stdout


# ---------------------------------------------------------------- cost


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
