"""Where this tool may write outside a repository."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def state_folder(environ: Mapping[str, str]) -> str:
    """The user's state folder: `$XDG_STATE_HOME/sox-hooks`, else `~/.local/state/sox-hooks`; "" without a HOME.

    Paths that are not absolute are ignored, as the XDG Base Directory Specification 0.8 says. Nothing is made.
    """
    state = environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(state):
        return os.path.join(state, "sox-hooks")
    home = environ.get("HOME", "")
    if os.path.isabs(home):
        return os.path.join(home, ".local/state/sox-hooks")
    return ""
