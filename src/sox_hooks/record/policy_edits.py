"""Changing a file of `.sox/` in the work tree, so that all other bytes of it stay and nothing half-written is left."""

from __future__ import annotations

import os

from sox_hooks.core.errors import ConfigError
from sox_hooks.core.files import problem, write_atomically
from sox_hooks.core.findings import Finding
from sox_hooks.core.text import printable
from sox_hooks.policy.document import Findings, TooManyFindings, read_document
from sox_hooks.policy.load import FOLDER
from sox_hooks.policy.model import Person, Signer
from sox_hooks.policy.people import read_people
from sox_hooks.policy.signers import parse_allowed_signers
from sox_hooks.policy.source import PEOPLE, SIGNERS


def read_file(folder: str, name: str) -> bytes:
    """A file of the folder; empty if there is none. Raises `ConfigError` for a link, which policies may not have."""
    path = os.path.join(folder, name)
    if os.path.islink(path):
        raise ConfigError(f"{FOLDER}{name} is a symbolic link", where=printable(path), fix="put the file itself there")
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise problem("read the file", path, error) from error


def write_file(folder: str, name: str, data: bytes) -> None:
    """Replace a file, keeping its mode. Raises `EnvironmentProblem`."""
    path = os.path.join(folder, name)
    mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o644
    write_atomically(path, data, mode)


def people_in(data: bytes) -> tuple[Person, ...]:
    """The persons in the bytes of a `people.toml`. Raises `ConfigError` with the first thing that is wrong."""
    findings = Findings()
    people: tuple[Person, ...] = ()
    try:
        document = read_document(FOLDER + PEOPLE, data, findings)
        if document is not None:
            people = read_people(document)
    except TooManyFindings:
        pass
    _refuse(tuple(findings.all))
    return people


def signers_in(data: bytes, people: tuple[Person, ...]) -> tuple[Signer, ...]:
    """The signers in the bytes of an `allowed_signers`. Raises `ConfigError` with the first thing that is wrong."""
    signers, findings = parse_allowed_signers(data, FOLDER + SIGNERS, people)
    _refuse(findings)
    return signers


def append_lines(data: bytes, lines: list[str]) -> bytes:
    """`data` with lines at its end, which end as its other lines do."""
    end = b"\r\n" if b"\r\n" in data else b"\n"
    if data and not data.endswith(b"\n"):
        data += end
    return data + b"".join([line.encode("utf-8") + end for line in lines])


def _refuse(findings: tuple[Finding, ...]) -> None:
    if findings:
        first = findings[0]
        raise ConfigError(
            f"{first.place}: {first.message}",
            why="nothing is added to a file that cannot be used as it is",
            fix=first.fix,
            rule=first.rule,
            findings=findings,
        )
