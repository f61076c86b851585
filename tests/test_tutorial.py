"""The tutorial and the auditor's page, typed into a shell: what is printed is what the pages show.

Ids, digests, times, versions and places differ from run to run and are left out of the comparison; so is what git says
itself, which changes with its version. `python dev/pages.py` brings the pages up to date.
"""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path

import pytest

_GIT_SAYS = ("warning: ", "error: ", "hint: ")
_DIFFERENT = (
    (r"SHA256:[A-Za-z0-9+/]{43}", "FINGERPRINT"),
    (r"AAAAC3NzaC1lZDI1NTE5[A-Za-z0-9+/.]+", "KEY"),
    (r"\b\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", "TIME"),
    (r"(change|patch)=[A-Za-z0-9_-]{43}", r"\1=DIGEST"),
    (r"^ [A-Za-z0-9+/]{20,70}={0,2}$", " BASE64"),
    (r"\b[0-9a-f]{7,64}\b", "ID"),
    (r"(sox-hooks) \S+, Python \S+, git \S+, OpenSSH.*", r"\1 AND OTHER PROGRAMS"),
    (r"\b(log=ID)\.\d+\.", r"\1.N."),
    (r"\b(last ID)\.\d+\.ID", r"\1.N.ID"),
    (r"\b(entries|holds:|log|to) \d+( entries| to \d+)?\b", r"\1 N"),
    (r"\bevents [^;]+", "EVENTS"),
)


@pytest.fixture(scope="module")
def pages():
    spec = importlib.util.spec_from_file_location("pages", Path(__file__).parent.parent / "dev/pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def comparable(lines: list[str]) -> list[str]:
    """What must be the same in every run."""
    kept = []
    for line in lines:
        text = line.rstrip()
        if not text or text.startswith(_GIT_SAYS):
            continue
        for pattern, word in _DIFFERENT:
            text = re.sub(pattern, word, text)
        kept.append(text)
    return kept


def test_the_pages_show_what_is_printed(pages, hermetic):
    results = pages.run(pages.PAGES, hermetic, dict(os.environ))
    assert sum(1 for _, shown, _ in results if shown) > 20
    for command, shown, printed in results:
        assert comparable(printed) == comparable(shown), f"{command}\nto bring the pages up to date: dev/pages.py"
