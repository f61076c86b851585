"""The whole examination, in the order in which things have to be mended."""

from __future__ import annotations

from sox_hooks.core.errors import SoxError
from sox_hooks.git.config import read_config
from sox_hooks.git.repository import find_repository, require_work_tree
from sox_hooks.git.run import Git
from sox_hooks.hooks.doctor.control import Control, not_live
from sox_hooks.hooks.doctor.desk import POLICY, tell_policy, try_key, try_log
from sox_hooks.hooks.doctor.hook import try_hooks
from sox_hooks.hooks.doctor.programs import try_programs
from sox_hooks.hooks.shims import REQUIRED
from sox_hooks.hooks.staged import open_desk
from sox_hooks.hooks.started import CONFIG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def examine(environ: Mapping[str, str]) -> Iterator[Control]:
    """Try every control of the clone that the current directory is in.

    Raises `UsageError` outside a work tree; whatever else goes wrong is what a control says.
    """
    yield try_programs(environ)
    git = Git()
    repository = find_repository(git)
    require_work_tree(repository)
    for hook in REQUIRED:
        yield from try_hooks(hook, repository, environ)
    in_force = None
    try:
        in_force = open_desk().in_force
        yield tell_policy(in_force)
    except SoxError as error:
        yield not_live(POLICY, error)
    yield from try_key(read_config(git, CONFIG), environ, in_force, repository)
    yield try_log(repository)
