"""The law that a commit is judged by: one policy, the keys it allows, and the moment.

It comes from protected history, never from the commits under judgement.
"""

from __future__ import annotations

from sox_hooks.policy.directory import Directory
from sox_hooks.policy.model import Policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.policy.match import PathMatcher


class Law:
    """A policy with the look-ups that judging needs: `directory` of persons and keys, `matcher`, `catalogue`.

    `moment` is the time that keys and conditions are judged at (ISO); "" means the time that each record claims.
    `steps` tells the versions of all policies that the protected branch ever had on its first parents, by identity; it
    is called only for a record that cites another policy than this one. `minimum_version` is that of the policy at the
    base of the range.
    """

    def __init__(
        self,
        policy: Policy,
        matcher: PathMatcher,
        catalogue: Catalogue,
        *,
        moment: str,
        now: str,
        steps: Callable[[], dict[str, int]],
        minimum_version: int,
    ) -> None:
        self.policy = policy
        self.matcher = matcher
        self.catalogue = catalogue
        self.moment = moment
        self.now = now
        self.minimum_version = minimum_version
        self._steps = steps
        self._known_steps: dict[str, int] | None = None
        self.directory = Directory(policy)

    def version_of(self, identity: str) -> int | None:
        """The version of a policy that the protected branch has or had, None if it never had it."""
        if identity == self.policy.identity:
            return self.policy.version
        if self._known_steps is None:
            self._known_steps = self._steps()
        return self._known_steps.get(identity)
