"""A long history in which every commit carries a good record, made in minutes instead of hours.

The trees come first, from one `git fast-import`; then the digests of all changes, through the same code as the hook's;
then the same trees again with records in their messages, signed in this process, from a second `git fast-import`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA512, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key
from machine import Machine, source_file

from sox_hooks.core.clock import iso
from sox_hooks.core.digest import sha256_hex
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git, clean_environment
from sox_hooks.record.binding import bind
from sox_hooks.record.message import layout
from sox_hooks.record.record import VERSION, Record, write
from sox_hooks.record.sshsig import MAGIC, NAMESPACE
from sox_hooks.record.statement import payload

FILES = 400
LINES = 60
WHO = b"Ana Iten <ana@bank.example>"
AUTHOR = b"ana@bank.example"
TOOL = "claude-code@2.1.263:claude-opus-4-8"
_START = 1_760_000_000
_ALGORITHM = b"ssh-ed25519"


class SignedHistory:
    """A repository whose `main` holds the policy and whose branch `signed` holds the commits."""

    def __init__(self, machine: Machine, sox: Path, count: int) -> None:
        self.machine = machine
        self.folder = machine.repository("history", 10)
        self.count = count
        self.key_file = machine.home / "key-history"
        machine.call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key_file), cwd=self.folder)
        machine.call("git", "config", "sox.signingKey", str(self.key_file), cwd=self.folder)
        machine.call(str(sox), "init", cwd=self.folder)
        machine.call("git", "add", ".sox", cwd=self.folder)
        machine.call("git", "commit", "-q", "-m", "Adopt\n\nAI-Assistance: none", cwd=self.folder)
        key = load_ssh_private_key(self.key_file.read_bytes(), None)
        assert isinstance(key, Ed25519PrivateKey)
        self.key = key
        self.signed: list[tuple[bytes, bytes]] = []  # what was signed and the bare signature, for the comparison
        self._make()

    def _git(self, *argv: str) -> str:
        return self.machine.call("git", *argv, cwd=self.folder).strip()

    def _make(self) -> None:
        base = self._git("rev-parse", "main")
        self._import(self._plain(base))
        trees = self._git("log", "--reverse", "--format=%T", f"{base}..plain").split("\n")
        parents = [self._git("rev-parse", f"{base}^{{tree}}"), *trees[:-1]]
        self._import(self._recorded(base, parents, trees))
        self._git("update-ref", "-d", "refs/heads/plain")
        self._git("-c", "pack.threads=2", "gc", "-q", "--prune=now")

    def _import(self, script: Iterator[bytes]) -> None:
        path = self.machine.scratch / "import"
        with open(path, "wb") as file:
            file.writelines(script)
        self.machine.call("sh", "-c", 'exec git fast-import --quiet < "$1"', "sh", str(path), cwd=self.folder)
        path.unlink()

    def _plain(self, base: str) -> Iterator[bytes]:
        """One changed line in each commit, in one of the files in turn; every fourth commit changes three files."""
        content = {number: [f"value_{line} = 0\n".encode() for line in range(LINES)] for number in range(FILES)}
        for number in range(self.count):
            yield b"commit refs/heads/plain\n" + _times(number) + b"data 1\nx\n"
            if not number:
                yield f"from {base}\n".encode()
            for file in {(number * 7 + step * 13) % FILES for step in range(3 if number % 4 == 0 else 1)}:
                content[file][number % LINES] = f"value_{number % LINES} = {number}\n".encode()
                data = b"".join(content[file])
                yield b"M 100644 inline %b\ndata %d\n%b\n" % (source_file(file).encode(), len(data), data)

    def _recorded(self, base: str, parents: list[str], trees: list[str]) -> Iterator[bytes]:
        policy = self._git("rev-parse", f"{base}:.sox")
        repository = _repository_id((self.folder / ".sox/policy.toml").read_text())
        git = Git(str(self.folder), clean_environment(os.environ))
        with CleanRoom(git) as room:
            for number, blocks in enumerate(room.diff_many(zip(parents, trees, strict=True))):
                bound = bind(("",), [blocks])
                moment = iso(_START + number)
                log = f"{'a' * 12}.{number + 2}.{sha256_hex(b'%d' % number)[:32]}"
                parameters = (("policy", policy), ("change", bound.change), ("patch", bound.patch), ("log", log))
                claim = ("assisted", (TOOL,)) if number % 3 == 0 else ("none", ())
                record = Record(claim[0], claim[1], VERSION, moment, parameters)
                signed = payload(record, repository, AUTHOR)
                message = layout(
                    f"Change values, part {number}\n\nOne of many.\n".encode(), comments=False, comment=b"#"
                )
                text = write(message, record.replace(signature=self._sign(signed)))
                yield b"commit refs/heads/signed\n" + _times(number) + b"data %d\n%b\n" % (len(text), text)
                if not number:
                    yield f"from {base}\n".encode()
                yield f'M 040000 {trees[number]} ""\n\n'.encode()

    def _sign(self, message: bytes) -> bytes:
        """An SSHSIG blob (PROTOCOL.sshsig), as `ssh-keygen -Y sign` makes it."""
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        digest = Hash(SHA512())
        digest.update(message)
        inner = _string(NAMESPACE.encode()) + _string(b"") + _string(b"sha512")
        to_sign = MAGIC + inner + _string(digest.finalize())
        signature = self.key.sign(to_sign)
        self.signed.append((to_sign, signature))
        public = _string(_string(_ALGORITHM) + _string(raw))
        return MAGIC + b"\0\0\0\1" + public + inner + _string(_string(_ALGORITHM) + _string(signature))


def _repository_id(policy: str) -> str:
    line = next(line for line in policy.splitlines() if line.startswith("repository = "))
    return line.split('"')[1]


def _times(number: int) -> bytes:
    when = _START + number
    return b"author %b %d +0000\ncommitter %b %d +0000\n" % (WHO, when, WHO, when)


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data
