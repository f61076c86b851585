"""Asking git what governs a work tree, while the rest of the guard is imported; and keeping the answer."""

from __future__ import annotations

import os

from sox_hooks.agents import recall
from sox_hooks.agents.ground import Ground
from sox_hooks.agents.places import Root
from sox_hooks.core.struct import Struct
from sox_hooks.core.text import decode
from sox_hooks.git.config import config_from, last
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.repository import Repository
from sox_hooks.git.run import Git, desk_environment
from sox_hooks.hooks.in_force import WORK_TREE, policy_in_force

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sox_hooks.core.process import Process, Result

_KEYS = ("sox.", "user.email", "core.hookspath", "extensions.objectformat")
# What an agent's environment may say about another repository than the one that the path is in.
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_CEILING_DIRECTORIES")


class Asking(Struct):
    """git at work on one work tree. `before`: what was to be said of the usual files when it was started."""

    root: Root
    environ: Mapping[str, str]
    configuring: Process
    reader: ObjectReader
    before: Mapping[str, str]


def start(root: Root, environ: Mapping[str, str]) -> Asking:
    """Start to ask. Raises `EnvironmentProblem` where git cannot be started."""
    git = Git(root.top, desk_environment({name: one for name, one in environ.items() if name not in _ELSEWHERE}))
    before = recall.tokens(recall.usual_files(root, environ))
    configuring = git.start("config", "--list", "--show-origin", "-z")
    return Asking(root, environ, configuring, ObjectReader(git), before)


def finish(asking: Asking) -> Ground | None:
    """The policy that governs; None if none does. Raises `SoxError` for one that cannot be used."""
    root = asking.root
    with asking.reader as reader:
        listed, files = _listed(asking.configuring.finish(), root)
        ref = last(listed, "sox.policyRef")
        before = {**asking.before, **recall.tokens((*(files or ()), *recall.ref_files(root, ref)))}
        # `rev-parse` would say the same, at the price of one more process.
        objects = os.path.join(root.common_dir, "objects")
        kind = last(listed, "extensions.objectFormat", "sha1").lower()
        repository = Repository(root.git_dir, root.common_dir, objects, root.top, kind, False, False)
        in_force = policy_in_force(reader, ref, repository)
    if in_force is None:
        return None
    email, hooks_path = last(listed, "user.email"), last(listed, "core.hooksPath")
    transcripts = last(listed, "sox.readTranscripts").lower() in ("true", "yes", "on", "1")  # git-config(1), boolean
    if in_force.ref != WORK_TREE and files is not None and recall.is_watchable(root, ref):
        recall.remember(
            root, asking.environ, recall.Known(in_force.policy.identity, email, hooks_path, transcripts), before
        )
    return Ground(root, in_force.policy, asking.environ.get("GIT_AUTHOR_EMAIL", "") or email, hooks_path, transcripts)


def _listed(result: Result, root: Root) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...] | None]:
    """The settings that matter, and the files that they came from or may come from; None in the place of the files if
    not all can be told."""
    if result.code:
        return config_from(result), None
    config: dict[str, tuple[str, ...]] = {}
    files: dict[str, None] = {}
    certain = True
    items = result.out.split(b"\0")
    for origin, item in zip(items[::2], items[1::2], strict=False):
        kind, _, path = decode(origin).partition(":")
        key, equals, value = decode(item).partition("\n")
        folder = root.top
        if kind == "file":
            path = os.path.join(root.top, path)
            files[path], folder = None, os.path.dirname(path)
        if key.startswith(("include.", "includeif.")):
            certain = certain and not value.startswith("%(")
            files[os.path.join(folder, os.path.expanduser(value))] = None
        if key.startswith(_KEYS):
            config[key] = (*config.get(key, ()), value if equals else "true")
    return config, tuple(files) if certain else None
