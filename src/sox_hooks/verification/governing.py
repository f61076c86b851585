"""Which policy governs, read from protected history.

The gate judges by the tip of the branch that the range names as its left end, never by a merge-base: a leaver's old
branch must not bring back her key. Landed history is judged step by step along first parents, each step by the policy
that stood before it.
"""

from __future__ import annotations

import time

from sox_hooks.core import clock
from sox_hooks.core.errors import CannotVerify, ConfigError
from sox_hooks.detection import catalogue as catalogues
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.policy_files import policy_tree, read_policy_tree
from sox_hooks.git.room import CleanRoom
from sox_hooks.policy.load import load_or_fail
from sox_hooks.policy.match import PathMatcher
from sox_hooks.policy.model import Policy
from sox_hooks.policy.source import PolicyFiles
from sox_hooks.verification.history import walk
from sox_hooks.verification.law import Law
from sox_hooks.verification.ranges import End

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sox_hooks.detection.catalogue import Catalogue

FOLDER = ".sox"
# Seconds by which a desk's clock may be ahead of the clock here.
SKEW = 300


class Policies:
    """Loads policies by commit; each state of the folder is compiled once."""

    def __init__(self, room: CleanRoom, reader: ObjectReader) -> None:
        self.room = room
        self.reader = reader
        self._loaded: dict[str, tuple[Policy, PathMatcher, Catalogue]] = {}

    def identity_at(self, oid: str) -> str:
        """The tree id of the policy folder at a commit, "" if there is none. Raises `CannotVerify`."""
        return policy_tree(self.reader, oid)

    def at(self, end: End) -> Policy | None:
        """The policy at a commit, None if it has none. Raises `ConfigError` if it cannot be used."""
        identity = self.identity_at(end.oid)
        return self._load(identity, end.name)[0] if identity else None

    def at_identity(self, identity: str, origin: str) -> Policy:
        """The policy of a tree; `origin` is for messages. Raises `ConfigError` if it cannot be used."""
        return self._load(identity, origin)[0]

    def law(
        self,
        identity: str,
        origin: str,
        *,
        moment: str,
        steps: Callable[[], dict[str, int]],
        least: Callable[[], int] | None = None,
    ) -> Law:
        """The law that a state of the folder makes. `least` None: its own version."""
        policy, matcher, catalogue = self._load(identity, origin)
        seconds = time.time()
        return Law(
            policy,
            matcher,
            catalogue,
            moment=moment,
            now=clock.iso(seconds),
            latest=clock.iso(seconds + SKEW),
            steps=steps,
            least=least or (lambda: policy.version),
        )

    def least_version(self, tips: list[str], left: list[str], current: int) -> int:
        """The lowest version among the policies where `tips` leave what is reachable from `left`."""
        least = current
        for name, _ in walk(self.room, tips, left, "--boundary"):
            if name.startswith("-"):
                identity = self.identity_at(name[1:])
                version = self.version(identity) if identity else None
                if version is not None:
                    least = min(least, version)
        return least

    def version(self, identity: str) -> int | None:
        """The version of a policy of the past, None where it cannot be read any more (it was never in force then)."""
        try:
            return self._load(identity, identity[:12])[0].version
        except (ConfigError, CannotVerify):
            return None

    def steps(self, tip: str) -> dict[str, int]:
        """The policies that first-parent commits of `tip` had, with their versions, by identity."""
        versions: dict[str, int] = {}
        changed = walk(self.room, [tip], [], "--first-parent", "--", FOLDER)
        for oid in [tip, *[oid for oid, _ in changed]]:
            identity = self.identity_at(oid)
            if identity and identity not in versions:
                version = self.version(identity)
                if version is not None:
                    versions[identity] = version
        return versions

    def _load(self, identity: str, origin: str) -> tuple[Policy, PathMatcher, Catalogue]:
        if identity not in self._loaded:
            files = read_policy_tree(self.reader, identity)
            policy = load_or_fail(PolicyFiles(identity, files, f"{origin}:{FOLDER}"))
            catalogue = catalogues.merged(catalogues.builtin(), policy.catalogue)
            self._loaded[identity] = (policy, PathMatcher(policy), catalogue)
        return self._loaded[identity]
