"""What the tests of signing share."""

from __future__ import annotations

import os
from pathlib import Path

from sox_hooks.record.signing import KeyReference, find_key
from sox_hooks.record.sshsig import armor, parse, verify
from tests.record.software_keys import Oracle

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


def fake(monkeypatch, tmp_path: Path, script: str) -> None:
    """An `ssh-keygen` that does something else."""
    folder = tmp_path / "fake"
    folder.mkdir()
    (folder / "ssh-keygen").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "ssh-keygen").chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
