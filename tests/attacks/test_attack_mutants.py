"""Is every check needed? Each of the important ones is switched off in turn, and an attack must then succeed.

A check whose loss no attack notices is either superfluous or not attacked; both are worth knowing.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sox_hooks.policy import match
from sox_hooks.policy.directory import Directory
from sox_hooks.policy.model import Signer
from sox_hooks.record.sshsig import SshSignature
from sox_hooks.verification import authenticate, gate
from sox_hooks.verification.judge import Gathered
from sox_hooks.verification.law import Law
from sox_hooks.verification.protected import ProtectedHistory, UsedRecords
from tests.attacks import (
    test_attack_content,
    test_attack_identity,
    test_attack_replay,
    test_attack_trailers,
    test_attack_trust_root,
)
from tests.attacks.desk import Attack, Desk

content, identity = test_attack_content.attacks, test_attack_identity.attacks
replay, trailers, trust_root = test_attack_replay.attacks, test_attack_trailers.attacks, test_attack_trust_root.attacks
made = Law.__init__


def law_with(**changes: object) -> Callable[..., None]:
    """How a `Law` is made whose fields are others."""

    def init(self: Law, policy, *args, **fields) -> None:
        fields.update({name: value for name, value in changes.items() if name in fields})
        kept = {name: value for name, value in changes.items() if name not in fields}
        made(self, policy.replace(**kept), *args, **fields)

    return init


# What is lost: where it is, what stands there instead, and the attack that succeeds without it.
MUTANTS: dict[str, tuple[object, str, object, Attack]] = {
    "the signature": (authenticate, "_fits", lambda *_: True, trailers["claim changed"]),
    "the signature and the content of a record": (authenticate, "_fits", lambda *_: True, trailers["tool renamed"]),
    "the author": (Law, "__init__", law_with(record_for_others=True), identity["author forged as somebody else"]),
    "the binding to content": (Gathered, "moved", False, replay["stolen trailers"]),
    "the policy's identity": (
        Law,
        "version_of",
        lambda law, _: law.policy.version,
        trust_root["policy that the branch never had"],
    ),
    "the policy's version": (Law, "minimum_version", 0, trust_root["policy rollback"]),
    "the second use": (UsedRecords, "first", lambda *_: "", replay["same record twice"]),
    "the second use in what landed": (UsedRecords, "first", lambda *_: "", replay["reverted change applied again"]),
    "the validity of keys": (
        authenticate,
        "out_of_time",
        lambda *_: "",
        identity["expired key with backdated dates"],
    ),
    "the time of a record": (Law, "__init__", law_with(latest="9999"), identity["record dated in the future"]),
    "the enrolment of keys": (
        Directory,
        "signer",
        lambda _, key: Signer("alice", (), "", key),
        identity["unknown key under a known name"],
    ),
    "the touch": (SshSignature, "touched", True, identity["security key without touch"]),
    "the law from the protected branch": (
        gate,
        "_left_end",
        lambda asked: asked.tips[0],
        trust_root["forged key in the own allowed signers"],
    ),
    "the folding of paths": (match, "fold", lambda path, *_: path, content["restricted path in another case"]),
    "the reach of reverts": (
        ProtectedHistory,
        "holds",
        lambda *_: True,
        content["revert of a revert in the branch"],
    ),
}


@pytest.mark.parametrize("lost", MUTANTS)
def test_attack_succeeds_without_the_check(desk: Desk, monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    """In this process, for speed: the command line is what the attacks themselves use."""
    where, name, instead, attack = MUTANTS[lost]
    what = attack.act(desk.open())
    commit = what if isinstance(what, str) else desk.git("rev-parse", "evil")

    def status() -> str:
        return {verdict.commit: verdict.status for verdict in desk.verify("main..evil")}[commit]

    assert status() == attack.stopped_by.split(" ")[0] != "verified"
    monkeypatch.setattr(where, name, instead)
    assert status() == "verified", f"{attack.name!r} does not need {lost}"
