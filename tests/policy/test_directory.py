"""Who is who: addresses, a forge's stand-ins for them, and when a key may sign."""

from __future__ import annotations

import pytest

from sox_hooks.policy.directory import Directory, answers_to, out_of_time
from sox_hooks.policy.model import Person, Policy, Signer

ALICE = Person("alice", emails=("Alice@bank.example", "ali@home.example"), accounts=("github:Alice-Ng",))
BOB = Person("bob", emails=("bob@bank.example",), accounts=("git.bank.example:bob.b",))
DIRECTORY = Directory(Policy("0" * 40, "bank/ledger", 1, people=(ALICE, BOB)))


@pytest.mark.parametrize(
    ("email", "person"),
    [
        ("alice@bank.example", ALICE),
        ("ALI@HOME.EXAMPLE", ALICE),
        ("123+alice-ng@users.noreply.github.com", ALICE),
        ("Alice-Ng@users.noreply.github.com", ALICE),
        ("bob@bank.example", BOB),
        ("alice-ng@users.noreply.gitlab.com", None),  # another forge, another account
        ("alice-ng+1@users.noreply.github.com", None),
        ("alice-ng@users.noreply.github.com.evil.example", None),
        ("bob.b@users.noreply.git.bank.example", BOB),
        ("carol@bank.example", None),
        ("", None),
    ],
)
def test_person_of(email: str, person: Person | None) -> None:
    assert DIRECTORY.person_of(email) == person
    assert answers_to(ALICE, email) == (person == ALICE)


@pytest.mark.parametrize(
    ("after", "before", "moment", "why"),
    [
        ("", "", "2026-01-01T00:00:00Z", ""),
        ("2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z", "2026-01-01T00:00:00Z", ""),
        ("2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z", "2026-12-31T23:59:59Z", ""),
        ("2026-01-01T00:00:00Z", "", "2025-12-31T23:59:59Z", "is valid only after 2026-01-01T00:00:00Z"),
        ("", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "was valid only until 2026-12-31T23:59:59Z"),
    ],
)
def test_out_of_time(after: str, before: str, moment: str, why: str) -> None:
    signer = Signer("alice", ("alice@bank.example",), "ssh-ed25519", "AAAA", after, before)
    assert out_of_time(signer, moment) == why
