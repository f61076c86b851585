from __future__ import annotations

import pytest

from sox_hooks.core.folders import state_folder


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/a"}, "/state/sox-hooks"),
        ({"XDG_STATE_HOME": "", "HOME": "/home/a"}, "/home/a/.local/state/sox-hooks"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/home/a"}, "/home/a/.local/state/sox-hooks"),
        ({"HOME": "relative"}, ""),
        ({}, ""),
    ],
)
def test_state_folder(environ, folder):
    assert state_folder(environ) == folder
