"""Every failure to sign that a person can cause: what it says, and what it names as the mend."""

from __future__ import annotations

import shutil
import time

import pytest

from sox_hooks.core.errors import ConfigError, EnvironmentProblem, Refused, SoxError
from sox_hooks.record.signing import KeyReference, sign
from tests.record.signing_tools import PAYLOAD, at, fake
from tests.record.software_keys import software_key


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
