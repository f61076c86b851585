"""The bytes of `.sox/`. Where they come from (a commit, the work tree) is the caller's matter."""

from __future__ import annotations

from sox_hooks.core.struct import Struct

POLICY = "policy.toml"
PEOPLE = "people.toml"
EXCEPTIONS = "exceptions.toml"
SIGNERS = "allowed_signers"
# Without exceptions.toml there are no exceptions.
REQUIRED = (POLICY, PEOPLE, SIGNERS)


class PolicyFiles(Struct):
    """One state of the folder.

    identity  the git tree id of the folder: what records name as `policy=`
    files     names relative to the folder, and contents; files that are no policy are ignored
    origin    where it was read, for messages: `origin/main:.sox`
    """

    identity: str
    files: tuple[tuple[str, bytes], ...]
    origin: str
