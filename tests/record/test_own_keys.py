"""The keys of whoever runs this, and making one."""

from __future__ import annotations

import subprocess

import pytest

from sox_hooks.core.errors import SoxError, UsageError
from sox_hooks.record.own_keys import candidate_keys, make_key, public_line


def test_a_new_key(hermetic, tmp_path):
    path = hermetic / ".ssh/id_ed25519_sox"
    line = make_key(str(path), "alice@bank.example")
    assert line == path.with_suffix(".pub").read_text().strip()
    assert line.startswith("ssh-ed25519 ")
    assert line.endswith(" alice@bank.example")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("taken", ["id", "id.pub"])
def test_nothing_is_overwritten(taken, tmp_path):
    (tmp_path / taken).write_text("mine")
    with pytest.raises(UsageError, match="a key of this name already") as caught:
        make_key(str(tmp_path / "id"), "c")
    assert caught.value.where == str(tmp_path / taken)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(taken, "mine")]


def test_no_folder_for_a_new_key(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SoxError, match="cannot be made"):
        make_key(str(tmp_path / "file/id"), "c")


def test_candidates_best_first(make_key, hermetic, tmp_path):
    rsa, ecdsa, ed = make_key("id_rsa", "rsa", "-b", "2048"), make_key("id_ecdsa", "ecdsa"), make_key("id_ed25519")
    own = make_key("own")
    config = {"sox.signingkey": (str(own),)}
    found = candidate_keys(config, str(hermetic))
    assert [reference.value for reference in found] == [str(path) for path in (own, ed, ecdsa, rsa)]
    assert all(reference.public_blob for reference in found)
    assert public_line(found[0]) == own.with_suffix(".pub").read_text().strip()
    # the configured one is not named twice, and a missing private or public half is no obstacle
    ed.with_suffix(".pub").unlink()
    rsa.unlink()
    found = candidate_keys({"sox.signingkey": ("~/.ssh/id_ed25519",)}, str(hermetic))
    assert [reference.value for reference in found] == [str(path) for path in (ed, ecdsa, rsa)]
    assert public_line(found[0]).split()[0] == "ssh-ed25519"
    # what cannot be used is left out
    ecdsa.with_suffix(".pub").write_text("broken")
    assert [reference.value for reference in candidate_keys({}, str(hermetic))] == [str(ed), str(rsa)]
    assert candidate_keys({"sox.signingkey": ("/nowhere",)}, None) == ()


def test_keys_of_the_agent_are_candidates(make_key, hermetic, monkeypatch, tmp_path):
    key = make_key("elsewhere")
    socket = tmp_path / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL) as agent:
        while not socket.exists():
            assert agent.poll() is None
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        assert candidate_keys({}, str(hermetic)) == ()
        subprocess.run(["ssh-add", "-q", key], check=True)
        (found,) = candidate_keys({}, str(hermetic))
        agent.terminate()
    assert (found.kind, found.value) == ("literal", key.with_suffix(".pub").read_text().strip())
    assert public_line(found) == found.value
    assert candidate_keys({}, str(hermetic)) == ()  # the agent is gone
