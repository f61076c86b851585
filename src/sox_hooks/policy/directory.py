"""Who is who in a policy: persons by address and account, keys by their blob. One look-up for the desk and for CI."""

from __future__ import annotations

from sox_hooks.policy.model import Person, Policy, Signer

# What a forge puts in place of an author's address when it rewrites a commit in its own name, or keeps it private:
# `123+login@users.noreply.github.com`.
_NOREPLY = "@users.noreply."


class Directory:
    """The persons and keys of one policy."""

    def __init__(self, policy: Policy) -> None:
        self.people = {person.id: person for person in policy.people}
        self._by_email = {email.lower(): person for person in policy.people for email in person.emails}
        self._by_account = {account.lower(): person for person in policy.people for account in person.accounts}
        self._signers = {signer.key: signer for signer in policy.signers}

    def signer(self, key: str) -> Signer | None:
        """The enrolment of a key (standard base64 of the public key blob)."""
        return self._signers.get(key)

    def person_of(self, email: str) -> Person | None:
        """The person with this address, also as a forge's noreply address of one of the person's accounts."""
        address = email.lower()
        return self._by_email.get(address) or self._by_account.get(_account_of(address))


def answers_to(person: Person, email: str) -> bool:
    """Whether an address is a person's: one in `people.toml`, or a forge's stand-in for one of the accounts."""
    address = email.lower()
    if address in [known.lower() for known in person.emails]:
        return True
    account = _account_of(address)
    return bool(account) and account in [known.lower() for known in person.accounts]


def _account_of(address: str) -> str:
    """The account that a noreply address of a forge (lower case) stands for, "" for any other address.

    `github:login` and `gitlab:login` for the two public forges; a forge of one's own is named in full,
    `git.bank.example:login`.
    """
    local, found, host = address.partition(_NOREPLY)
    forge = {"github.com": "github", "gitlab.com": "gitlab"}.get(host, host)
    return f"{forge}:{local.rpartition('+')[2]}" if found else ""


def out_of_time(signer: Signer, moment: str) -> str:
    """Why a key may not sign at a moment (a relative clause), or "". Both ends count as inside, as in ssh-keygen(1)."""
    if signer.valid_after and moment < signer.valid_after:
        return f"is valid only after {signer.valid_after}"
    if signer.valid_before and moment > signer.valid_before:
        return f"was valid only until {signer.valid_before}"
    return ""
