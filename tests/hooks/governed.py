"""A repository with a policy, an enrolled key and a recorded beginning: what doctor and the hooks need to be live."""

from __future__ import annotations

from pathlib import Path

from sox_hooks.policy.starter.starter import StarterPerson, render_starter


def govern(repo, key: Path) -> None:
    """Commit the starter policy of `init` with Alice's key in it, and let git sign with that key."""
    key_type, blob = key.with_name(key.name + ".pub").read_text().split()[:2]
    line = f'alice@bank.example namespaces="sox-record" {key_type} {blob}'
    alice = StarterPerson("alice", "Alice Ng", "alice@bank.example")
    for name, content in render_starter("bank/ledger", "risk@bank.example", alice, line, ()).items():
        repo.write(f".sox/{name}", content)
    repo.git("config", "sox.signingKey", str(key))
    repo.commit("Adopt a policy")
