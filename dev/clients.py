"""Install real AI agents from their public packages, at pinned versions, and drive them through tests/clients.

    python3 dev/clients.py                        all of them
    python3 dev/clients.py gemini-cli codex       some
    python3 dev/clients.py --install              only fetch the programs
    python3 dev/clients.py --slow --require       a nightly run: what agents' own files are worth, too, and 1 as well
                                                  where one could not be tested

The programs are kept in $SOX_CLIENTS_CACHE or ~/.cache/sox-hooks-clients. They talk to a scripted model on loopback,
have a HOME of their own, and proxies that lead nowhere. `--seconds` is a hard limit for everything together: what is
not done by then is stopped.

Exit code 1: an agent did something else than the tests expect. What fails is tried a second time, because these are
other people's programs, and the table says so. An agent that cannot be installed, or for which no time was left, is
named in the table as not tested and is no failure.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dev.test import environment  # noqa: E402 - from the root, as all scripts here


class Client(NamedTuple):
    """One agent: who distributes it, the package, its program, and which of the tests are about it."""

    installer: str
    package: str
    version: str
    program: str
    tests: str
    node: int = 0  # the least major version


CLIENTS = {
    # The slowest to install first, so that the others come beside it.
    "aider": Client("pip", "aider-chat", "0.86.2", "aider", "aider"),
    "gemini-cli": Client("npm", "@google/gemini-cli", "0.61.0", "gemini", "gemini", 20),
    "codex": Client("npm", "@openai/codex", "0.169.0", "codex", "codex", 16),
    "opencode": Client("npm", "opencode-ai", "1.18.33", "opencode", "opencode", 16),
    "claude-code": Client("npm", "@anthropic-ai/claude-code", "2.1.330", "claude", "test_claude_code", 18),
    "copilot-cli": Client("npm", "@github/copilot", "1.0.102", "copilot", "copilot", 20),
    "qwen-code": Client("npm", "@qwen-code/qwen-code", "0.24.4", "qwen", "qwen", 20),
}


class Result(NamedTuple):
    """What came of one agent. `outcome`: `passed`, `FAILED`, or `not tested: ...`."""

    name: str
    outcome: str
    installing: float
    testing: float
    output: str = ""


class OutOfTime(Exception):
    """The hard limit is reached."""


class Runner:
    """Installs and tests, each agent on its own, two at a time."""

    def __init__(self, cache: Path, seconds: float, *, install_only: bool, slow: bool) -> None:
        self.cache = cache
        self.end = time.monotonic() + seconds
        self.install_only = install_only
        self.marked = "clients" if slow else "clients and not slow"
        self.python = Path(sys.executable) if install_only else environment(_venv())

    def result(self, name: str) -> Result:
        """Never raises."""
        client = CLIENTS[name]
        begun = time.monotonic()
        try:
            folder = self.install(name, client)
        except OutOfTime:
            return Result(name, "not tested: no time left to install it", time.monotonic() - begun, 0)
        except (OSError, RuntimeError) as error:
            return Result(name, f"not tested: not installed: {error}", time.monotonic() - begun, 0)
        installed = time.monotonic()
        if self.install_only:
            return Result(name, "installed", installed - begun, 0)
        try:
            outcome, output = self.test(client, folder)
        except OutOfTime:
            outcome, output = "not tested: no time left for its tests", ""
        return Result(name, outcome, installed - begun, time.monotonic() - installed, output)

    def install(self, name: str, client: Client) -> Path:
        """The folder with the program in it."""
        folder = self.cache / f"{name}-{client.version}"
        programs = folder / ("bin" if client.installer == "pip" else "node_modules/.bin")
        if (folder / "ready").exists():
            return programs
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        package = f"{client.package}{'==' if client.installer == 'pip' else '@'}{client.version}"
        if client.installer == "pip":
            self.call([sys.executable, "-m", "venv", str(folder)])
            pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-q"]
            self.call([*pip, "--no-compile", "--retries", "1", package])
        else:
            self.needs_node(client.node)
            npm = ["npm", "install", "--no-audit", "--no-fund", "--fetch-retries=1", "--loglevel=error"]
            self.call([*npm, "--prefix", str(folder), package])
        self.call([str(programs / client.program), "--version"])
        (folder / "ready").touch()
        return programs

    def needs_node(self, least: int) -> None:
        """Raises `RuntimeError` if there is no npm, or no Node.js of this version."""
        if not shutil.which("npm") or not shutil.which("node"):
            raise RuntimeError("there is no node and npm")
        version = self.call(["node", "--version"]).strip()
        if int(version.lstrip("v").partition(".")[0]) < least:
            raise RuntimeError(f"it needs Node.js {least}, there is {version}")

    def test(self, client: Client, programs: Path) -> tuple[str, str]:
        """`passed` or `FAILED` with what pytest said."""
        env = {**os.environ, "SOX_HOOKS_CLIENTS": str(programs)}
        pytest = [str(self.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/clients"]
        pytest += ["-k", client.tests, "-m", self.marked]
        for again in (False, True):
            code, output = self.run(pytest, env)
            if code == 0 and " passed" in output and " skipped" not in output:
                return ("passed at the second try" if again else "passed"), output
        return "FAILED", output

    def call(self, argv: list[str]) -> str:
        """What a command prints. Raises `RuntimeError` with its first words about an error, `OutOfTime`."""
        code, output = self.run(argv, dict(os.environ))
        if code:
            lines = [line.strip() for line in output.splitlines() if "error" in line.lower()]
            raise RuntimeError(f"{Path(argv[0]).name} ended with {code}: {' '.join(lines[:2])[:200]}")
        return output

    def run(self, argv: list[str], env: dict[str, str]) -> tuple[int, str]:
        """Run a command with all that it starts in a group of its own, so that all of it ends at the limit."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise OutOfTime
        process = subprocess.Popen(
            argv, cwd=ROOT, env=env, text=True, errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            output, _ = process.communicate(timeout=left)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise OutOfTime from error
        return process.returncode, output


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clients", nargs="*", metavar="CLIENT", help=f"some of: {', '.join(CLIENTS)}")
    parser.add_argument("--install", action="store_true", help="test nothing")
    parser.add_argument("--slow", action="store_true", help="the tests that take longer, too")
    parser.add_argument("--require", action="store_true", help="fail where one could not be tested")
    parser.add_argument("--seconds", type=float, default=900.0, help="hard limit for everything (default: 900)")
    parser.add_argument("--cache", type=Path, default=_cache(), help="where the programs are kept")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.clients if name not in CLIENTS]
    if unknown:
        parser.error(f"there is no client {', '.join(unknown)}")
    chosen = [name for name in CLIENTS if name in options.clients or not options.clients]
    begun = time.monotonic()
    runner = Runner(options.cache.resolve(), options.seconds, install_only=options.install, slow=options.slow)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(runner.result, chosen))
    for one in results:
        if one.outcome == "FAILED":
            print(f"----- {one.name}\n{one.output}")
    print(table(results))
    failed = [one.name for one in results if one.outcome == "FAILED"]
    missing = [one.name for one in results if one.outcome.startswith("not tested")]
    print(f"{len(results) - len(failed) - len(missing)} of {len(results)} agents in {time.monotonic() - begun:.0f} s"
          + (f"; not tested: {', '.join(missing)}" if missing else "")
          + (f"; FAILED: {', '.join(failed)}" if failed else ""))  # fmt: skip
    return 1 if failed or (missing and options.require) else 0


def table(results: list[Result]) -> str:
    """Client, version, seconds, result."""
    lines = [f"{'client':12} {'version':9} {'installing':>10} {'tests':>7}  result"]
    for one in results:
        version = CLIENTS[one.name].version
        lines.append(f"{one.name:12} {version:9} {one.installing:8.0f} s {one.testing:5.0f} s  {one.outcome}")
    return "\n".join(lines)


def _venv() -> Path:
    return Path(os.environ.get("SOX_TEST_VENV", ROOT / ".venv-test"))


def _cache() -> Path:
    told = os.environ.get("SOX_CLIENTS_CACHE")
    return Path(told) if told else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "sox-hooks-clients")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
