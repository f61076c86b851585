"""The policy that a change would bring in. It judges nothing yet, but once merged it judges everybody.

A `.sox/` that cannot be read stops every later run of the gate, and one with a lower version lets records of the past
come back; both are found here, before they are merged.
"""

from __future__ import annotations

from sox_hooks.core.errors import CannotVerify, ConfigError
from sox_hooks.core.findings import ERROR, WARNING, Finding
from sox_hooks.core.text import printable
from sox_hooks.git.room import CleanRoom
from sox_hooks.policy.model import Policy
from sox_hooks.policy.rules import finding
from sox_hooks.verification.governing import Policies
from sox_hooks.verification.ranges import End


def brought_policy(
    policies: Policies, room: CleanRoom, target: End, tips: tuple[End, ...], now: Policy, base: str = ""
) -> list[Finding]:
    """What is wrong with the `.sox/` that `target` would have after the merge of each tip; nothing if it stays `now`.

    It is read from the automatic merge, because a branch that left before the last change of the policy does not bring
    the old one back. Where that merge has conflicts, whoever solves them makes another commit, which is judged again.

    `base` is the only best common ancestor of all of them where that is known, and saves git looking for it.
    """
    findings: list[Finding] = []
    pairs = [(target.oid, tip.oid) for tip in tips]
    if base:
        # Commits with the same trees on top of it: a merge is made of three trees. git 2.39 has no --merge-base.
        pairs = [(_on(base, policies, room, ours), _on(base, policies, room, theirs)) for ours, theirs in pairs]
    for tip, merged in zip(tips, room.merge_trees(pairs), strict=True):
        identity = policies.identity_at(merged.tree) if merged.clean else now.identity
        if identity != now.identity:
            findings += _judged(policies, identity, tip, now)
    return findings


def _on(base: str, policies: Policies, room: CleanRoom, oid: str) -> str:
    """`base` itself, or a commit on top of it that has the tree of `oid`."""
    if oid == base:
        return oid
    tree = policies.reader.read(f"{oid}^{{tree}}")
    if tree is None:
        raise CannotVerify(f"the tree of {oid} is missing", fix="git fetch --refetch (or clone without --filter)")
    return room.commit_tree(tree[0], [base])


def _judged(policies: Policies, identity: str, tip: End, now: Policy) -> list[Finding]:
    name = printable(tip.name, 80)
    if not identity:
        return [finding("SOX015", f"{name} takes .sox/ away", why="without a policy nothing could be judged any more")]
    try:
        new = policies.at_identity(identity, tip.name)
    except ConfigError as error:
        found = [entry for entry in error.findings if isinstance(entry, Finding) and entry.severity == ERROR]
        return found or [finding("SOX001", f"the policy that {name} brings in cannot be used: {error.what}")]
    if new.version < now.version or (new.version == now.version and _rules(new) != _rules(now)):
        severity = ERROR if new.version < now.version else WARNING
        return [
            finding(
                "SOX014",
                f"{name} changes the policy, but its version is {new.version} where version {now.version} stands",
                severity=severity,
                why="records name their policy; the version only grows, so that an older one cannot come back",
            )
        ]
    return []


def _rules(policy: Policy) -> Policy:
    """What a version stands for: the rules, without the persons, keys and exceptions that come and go under them."""
    tools = tuple([tool.replace(place=None) for tool in policy.tools])
    tiers = tuple([tier.replace(place=None) for tier in policy.tiers])
    paths = tuple([rule.replace(place=None) for rule in policy.paths])
    return policy.replace(identity="", people=(), signers=(), exceptions=(), tools=tools, tiers=tiers, paths=paths)
