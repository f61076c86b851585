from __future__ import annotations

import compileall
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sox_hooks import __file__ as package
from sox_hooks.core.module_bundle import bundle_path

# What a process sees: from where a module of the hook came, and what it says.
LOOK = """
import sys
sys.path.insert(0, {place!r})
from sox_hooks.core.module_bundle import use_bundle
use_bundle({folder!r})
import sox_hooks.core.text, sox_hooks.hooks as parent
loader = sox_hooks.core.text.__spec__.loader
print(type(loader).__module__, getattr(loader, "used", None), sox_hooks.core.text.__file__, parent.__path__[0])
print(getattr(sox_hooks.core.text, "ANSWER", None))
"""


class Copy:
    """A copy of the package that may be damaged, and its hooks run."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.folder = place / "sox_hooks"
        shutil.copytree(Path(package).parent, self.folder, ignore=shutil.ignore_patterns("__pycache__"))
        self.bundle = Path(bundle_path(str(self.folder)))

    def run(self, *options: str) -> str:
        """A hook that has no repository: it says so, and has imported what a hook needs for that."""
        code = f"import sys; sys.path.insert(0, {str(self.place)!r}); from sox_hooks.__main__ import script; script()"
        done = subprocess.run(
            [sys.executable, "-I", *options, "-c", code, "hook", "commit-msg", "message"],
            cwd=self.place, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
        return done.stderr

    def look(self) -> list[str]:
        """Which module loaded it, whether the bundle was used, the file and folder; the answer in the last line."""
        code = LOOK.format(place=str(self.place), folder=str(self.folder))
        done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
        return done.stdout.split()

    def usual(self, answer: str = "None") -> list[str]:
        return ["_frozen_importlib_external", "None", *self._places(), answer]

    def bundled(self, used: bool = True, answer: str = "None") -> list[str]:
        return ["sox_hooks.core.module_bundle", str(used), *self._places(), answer]

    def _places(self) -> list[str]:
        return [str(self.folder / "core/text.py"), str(self.folder / "hooks")]


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


def test_the_second_run_takes_its_modules_from_one_file(copy):
    assert copy.look() == copy.usual()
    said = copy.run()
    assert copy.look() == copy.bundled()
    before = copy.bundle.stat()
    assert copy.run() == said
    assert copy.bundle.stat() == before, "nothing was new"
    assert copy.bundle.stat().st_mode & 0o777 == (copy.folder / "__init__.py").stat().st_mode & 0o666


def test_a_changed_source_counts_at_once(copy):
    copy.run()
    source = copy.folder / "core/text.py"
    source.write_text(source.read_text() + "\nANSWER = 42\n")
    assert copy.look() == copy.bundled(used=False, answer="42")


def test_a_source_of_another_time_counts_too(copy):
    copy.run()
    source = copy.folder / "core/text.py"
    os.utime(source, (1, 1))
    assert copy.look() == copy.bundled(used=False)


def test_a_bundle_that_was_moved_with_its_package_still_serves(copy):
    copy.run()
    copy.place = copy.place / "elsewhere"
    copy.place.mkdir()
    copy.folder = copy.folder.rename(copy.place / "sox_hooks")
    assert copy.look() == copy.bundled()


@pytest.mark.parametrize("keep", [0, 5, 60, 500, 20_000])
def test_a_cut_bundle_does_no_harm(copy, keep):
    said = copy.run()
    copy.bundle.write_bytes(copy.bundle.read_bytes()[:keep])
    assert copy.run() == said
    assert copy.look()[2:] == copy.usual()[2:]


@pytest.mark.parametrize("damage", [b"sox-hooks 0.0.1 modules 1\n", b"\0" * 200, b"\xff" * 200])
def test_a_bundle_of_another_version_or_with_another_head_is_not_used(copy, damage):
    copy.run()
    copy.bundle.write_bytes(damage + copy.bundle.read_bytes()[len(damage) :])
    assert copy.look() == copy.usual()


def test_an_index_that_means_nothing_is_not_used(copy):
    copy.run()
    raw = bytearray(copy.bundle.read_bytes())
    head = raw.index(b"modules 1\n") + len(b"modules 1\n") + 4
    raw[head : head + 4] = (5).to_bytes(4, "big")
    copy.bundle.write_bytes(raw)
    assert copy.look() == copy.usual()


def test_it_writes_where_python_would_write_and_nowhere_else(copy):
    copy.run("-B")
    copy.run("-X", "pycache_prefix=" + str(copy.place / "prefix"))
    assert not copy.bundle.exists()


def test_compiled_files_that_are_judged_by_a_hash_are_left_to_python(copy):
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    assert compileall.compile_dir(copy.folder, quiet=2, invalidation_mode=mode)
    copy.run()
    before = copy.bundle.stat()
    copy.run()
    assert copy.bundle.stat() == before, "no new attempt at every commit"
    assert copy.look() == copy.usual()
