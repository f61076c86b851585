"""How hooks and agents start this Python with this package, the shortest way."""

from __future__ import annotations

import os
import sys

from sox_hooks import __file__ as package

# Where Python's `site` and Debian's put packages (site.rst, "Module search path").
_LIBRARIES = ("site-packages", "dist-packages")


def package_folder() -> str:
    """The folder that holds the package, absolute."""
    return os.path.dirname(os.path.dirname(os.path.abspath(package)))


def start_options() -> tuple[str, ...]:
    """Python's options that run `sox-hooks` with the arguments behind them.

    `-I`: neither the environment nor the folder we stand in adds modules. `-S`: nor do `.pth` files, and Python starts
    2 to 4 ms of CPU time sooner without looking for them (measured, 3.11 and 3.13); the folders that `site` would have
    added are named instead. `-m sox_hooks` would import runpy, importlib.util and what they need: 6 ms more.
    """
    libraries = [folder for folder in sys.path if os.path.basename(folder) in _LIBRARIES and os.path.isabs(folder)]
    folders = list(dict.fromkeys([package_folder(), *libraries]))
    # !a: a path that is not UTF-8 is read back as the same bytes.
    code = f"import sys; sys.path += {folders!a}; from sox_hooks.__main__ import script; raise SystemExit(script())"
    return ("-I", "-S", "-c", code)
