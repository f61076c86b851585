"""What the end-to-end tests share: the built wheel, an environment that has it, and a repository for hook hosts.

Made once a session, by whichever worker is first. Nothing comes from the network afterwards: the wheels that
pre-commit and prek need are fetched once (`pip download`, kept in pytest's cache) and served from a folder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sox_hooks import __version__

ROOT = Path(__file__).resolve().parents[2]
# What an environment needs that pip or uv build offline; uv is what prek makes environments with.
NEEDED = ["pathspec>=0.12,<2", "cryptography>=42", "tomli>=2; python_version < '3.11'", "flit_core>=3.11,<5", "uv"]
TAG = f"v{__version__}"


class Kit:
    """The shared folder."""

    def __init__(self, folder: Path, wheelhouse: Path) -> None:
        self.folder = folder
        self.wheelhouse = wheelhouse
        self.wheel_folder = folder / "dist"
        self.python = folder / "venv/bin/python"
        self.command = folder / "venv/bin/sox-hooks"
        self.source = folder / "source"

    def environment(self) -> dict[str, str]:
        """What keeps the hosts off the network, and their caches in this folder."""
        path = os.pathsep.join([str(Path(sys.executable).parent), str(self.folder / "tools/bin"), os.environ["PATH"]])
        return {
            "PATH": path,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheelhouse),
            "PRE_COMMIT_HOME": str(self.folder / "pre-commit"),
            "PREK_HOME": str(self.folder / "prek"),
            "UV_NO_INDEX": "1",
            "UV_FIND_LINKS": str(self.wheelhouse),
            "UV_OFFLINE": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_CACHE_DIR": str(self.folder / "uv"),
        }


def run(*argv: str | Path, cwd: Path | None = None, **env: str) -> str:
    """Run a program that must succeed; what it printed."""
    words = [str(word) for word in argv]
    done = subprocess.run(
        words,
        cwd=cwd,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, f"{words}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def kit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """The kit; skips where the wheels can be had neither from the cache nor from an index."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "e2e-kit"
    shared.mkdir(exist_ok=True)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    kit = Kit(shared, Path(request.config.cache.mkdir(f"e2e-wheels-{version}")))
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "ready").exists():
            _fill_wheelhouse(kit.wheelhouse)
            _build(kit)
            (shared / "ready").touch()
    return kit


def _fill_wheelhouse(folder: Path) -> None:
    names = [wheel.name.partition("-")[0] for wheel in folder.glob("*.whl")]
    if {"pathspec", "cryptography", "flit_core", "uv"} <= set(names):
        return
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--only-binary=:all:", "-d", str(folder), *NEEDED],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no wheels for an environment without network: {done.stderr.strip().splitlines()[-1:]}")


def _build(kit: Kit) -> None:
    pip = [sys.executable, "-m", "pip"]
    # A copy: a wheel is built from what would be released, and building leaves nothing behind in the checkout.
    shutil.copytree(ROOT / "src", kit.source / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy2(ROOT / name, kit.source / name)
    run(*pip, "wheel", "-q", "--no-build-isolation", "--no-deps", "--no-index", "-w", kit.wheel_folder, kit.source)
    (wheel,) = kit.wheel_folder.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", kit.folder / "venv")
    run(sys.executable, "-m", "venv", "--without-pip", kit.folder / "tools")
    offline = ["install", "-q", "--no-index", "--find-links", str(kit.wheelhouse)]
    run(*pip, "--python", kit.python, *offline, wheel)
    run(*pip, "--python", kit.folder / "tools/bin/python", *offline, "uv")
    git = ["git", "-C", str(kit.source), "-c", "user.name=x", "-c", "user.email=x@x.example"]
    run(*git, "init", "-q")
    run(*git, "add", "-A")
    run(*git, "commit", "-q", "-m", "Release")
    run(*git, "tag", TAG)
