from __future__ import annotations

import os
import subprocess
import sys

from sox_hooks import __version__
from sox_hooks.core.interpreter import package_folder, start_options


def started(options: tuple[str, ...], *argv: str) -> str:
    done = subprocess.run([sys.executable, *options, *argv], cwd="/", capture_output=True, check=True)
    return os.fsdecode(done.stdout).strip()


def test_it_starts_this_package_from_anywhere():
    assert __version__ in started(start_options(), "--version")


def test_what_verification_needs_is_found_although_site_is_not_asked():
    options = start_options()
    path = options[-1].partition("from sox_hooks")[0]
    where = started((*options[:-1], path + "import cryptography, sox_hooks; print(sox_hooks.__file__)"))
    assert os.path.dirname(os.path.dirname(where)) == package_folder()


def test_a_folder_whose_name_is_not_utf8(monkeypatch):
    folder = os.fsdecode(b"/opt/caf\xe9 'x'/site-packages")
    monkeypatch.setattr(sys, "path", [*sys.path, folder])
    options = start_options()
    path = options[-1].partition("from sox_hooks")[0]
    assert started((*options[:-1], path + "import os; os.write(1, os.fsencode(sys.path[-1]))")) == folder
