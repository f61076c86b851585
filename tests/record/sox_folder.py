"""A `.sox/` folder with the two files that matter for keys."""

from __future__ import annotations

from pathlib import Path

from tests.record.software_keys import software_key

KEY, KEY2, KEY3 = (software_key("ssh-ed25519", number).line for number in range(3))
ALICE = "alice@bank.example"
PEOPLE = b"""# who is who
[people.alice]
name = "Alice Ng"
emails = ["alice@bank.example", "ng@bank.example"]
"""
NS = 'namespaces="sox-record"'


class Sox:
    """A `.sox/` folder with the two files that matter here."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()

    @property
    def folder(self) -> str:
        return str(self.path)

    @property
    def people(self) -> bytes:
        return (self.path / "people.toml").read_bytes()

    @people.setter
    def people(self, data: bytes) -> None:
        (self.path / "people.toml").write_bytes(data)

    @property
    def signers(self) -> bytes:
        return (self.path / "allowed_signers").read_bytes()

    @signers.setter
    def signers(self, data: bytes) -> None:
        (self.path / "allowed_signers").write_bytes(data)

    def files(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in self.path.iterdir()}
