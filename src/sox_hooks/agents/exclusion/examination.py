"""What doctor and status say about the files, in one line."""

from __future__ import annotations

from sox_hooks.agents.exclusion.plan import plan, used
from sox_hooks.agents.exclusion.targets import TARGETS
from sox_hooks.core import clock
from sox_hooks.core.errors import SoxError
from sox_hooks.git.policy_files import FOLDER, read_policy_folder
from sox_hooks.git.repository import find_repository
from sox_hooks.git.run import Git
from sox_hooks.hooks.doctor.control import ADVICE, LIVE, Control
from sox_hooks.policy.load import load
from sox_hooks.policy.source import PolicyFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sox_hooks.policy.model import Policy

NAME = "agents' ignore files"
_FIX = "sox-hooks agents ignore-files"


def examine(top: str) -> Iterator[Control]:
    """Whether the files are in step with the policy beside them. Nothing, where there are none, or no such policy."""
    targets = used(TARGETS, top)
    policy = _policy(top) if targets else None
    if policy is None:
        return
    today = clock.day(clock.now())
    late = []
    for target in targets:
        try:
            if not plan(target, top, policy, today).in_step:
                late.append(target.file)
        except SoxError as error:
            yield Control(NAME, ADVICE, error.what, error.where, error.why, error.fix)
    if late:
        yield Control(NAME, ADVICE, f"out of step with the policy: {', '.join(late)}", fix=_FIX, rule="SOX714")
    else:
        yield Control(NAME, LIVE, f"in step with the policy: {', '.join([target.file for target in targets])}")


def _policy(top: str) -> Policy | None:
    try:
        found = read_policy_folder(top, find_repository(Git(top)).object_format)
    except (SoxError, OSError):
        return None  # the control of the policy says so
    return None if found is None else load(PolicyFiles(*found, origin=FOLDER))[0]
