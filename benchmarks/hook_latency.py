"""What a commit waits for: `git commit` with a commit-msg hook less `git commit` with none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from machine import PEERS, Machine, source_file
from measure import Median, Sample, in_turns, median, run
from table import Part, Row, ms, times

FILES = 200
STAGED = 3
MANY = 10_000

# Passes every peer's rules.
MESSAGE = "feat: change three numbers\n\nThey were not right since the last release.\n"
COMMIT = ("git", "commit", "-q", "-m", MESSAGE)
AMEND = ("git", "commit", "-q", "--amend", "-m", MESSAGE)

METHOD = f"""\
A repository of {FILES} files with {STAGED} of them staged; each candidate has its own copy, and they commit in turns.
Every value is the median of a `git commit` with this hook less the median of one without any hook (so git's own time is
not in it), first on the clock, then CPU time of all processes; so are the ratios. "Bare" is a console
script that imports nothing, made by a present pip in a virtual environment without setuptools: what any hook in Python
costs at least. Peers do what they do by default with a message that they accept. Ours gathers, decides, logs (with
fsync) and signs; they do none of it."""


def measure(machine: Machine, *, quick: bool) -> list[Part]:
    """The tables."""
    rounds = 5 if quick else 21
    hooks = _Hooks(machine)
    native = in_turns(
        {
            "none": hooks.none(),
            "bare": hooks.script("bare", f'exec {machine.bare()}/bare-script "$@"'),
            "ours": hooks.ours("ours"),
            "all": hooks.ours("all", every_hook=True),
            "assisted": hooks.ours("assisted", extra={"CLAUDECODE": "1", "CLAUDE_CODE_ENTRYPOINT": "cli"}),
            "script": hooks.script("script", f'exec {hooks.sox} hook commit-msg "$@"', policy=True),
            "rsa": hooks.ours("rsa", key="rsa"),
            **hooks.peers(),
        },
        rounds,
    )
    amended = in_turns(
        {"none": hooks.none("amend-none", AMEND), "ours": hooks.ours("amend-ours", command=AMEND)}, rounds // 2 + 1
    )
    many = in_turns({"none": hooks.many("many-none"), "ours": hooks.many("many-ours", policy=True)}, 1 if quick else 3)
    hosted = in_turns(
        {
            "none": hooks.hosted("hosted-none", ""),
            "bare": hooks.hosted("hosted-bare", f"{machine.bare()}/bare-script"),
            "ours": hooks.hosted("hosted-ours", f"{hooks.sox} hook commit-msg", policy=True),
        },
        3 if quick else 9,
    )
    return [Part("commit-msg hook", METHOD, (*_native(native), *_others(amended, many, hosted)))]


def _native(samples: Mapping[str, list[Sample]]) -> list[Row]:
    over = {name: _over(samples, name) for name in samples if name != "none"}
    bare = over["bare"]
    named = {
        "bare": "bare console script",
        "ours": "sox-hooks, native shim (Ed25519)",
        "all": "the same with the other hooks that `init` installs (post-commit)",
        "assisted": "the same, commit by an AI tool",
        "rsa": "the same, RSA 3072 key",
        "script": "sox-hooks, its console script",
    }
    rows = []
    for name, value in over.items():
        goal = "2.5 x" if name == "ours" else ""
        ratio = _ratios(value, bare) if name != "bare" else ""
        rows.append(Row(named.get(name, name), _both(value), "bare console script" if ratio else "", ratio, goal))
    fastest = min(PEERS, key=lambda peer: over[peer].wall)
    ratio = _ratios(over["ours"], over[fastest])
    return [*rows, Row(named["ours"], _both(over["ours"]), f"{fastest}, the fastest peer", ratio, "below 1 x")]


def _others(*groups: Mapping[str, list[Sample]]) -> list[Row]:
    amended, many, hosted = groups
    none = median(many["none"])
    ours = _over(many, "ours")
    under, bare = _over(hosted, "ours"), _over(hosted, "bare")
    return [
        Row("`git commit --amend`", _both(_over(amended, "ours"))),
        Row(f"commit of {MANY:,} files", _both(ours), f"`git commit`, {ms(none.wall)}", times(ours.wall / none.wall)),
        Row("sox-hooks under pre-commit", _both(under), "bare script under pre-commit", _ratios(under, bare)),
    ]  # fmt: skip


def _ratios(value: Median, other: Median) -> str:
    return f"{times(value.wall / other.wall)} (CPU {times(value.cpu / other.cpu)})"


def _over(samples: Mapping[str, list[Sample]], name: str) -> Median:
    with_hook, without = median(samples[name]), median(samples["none"])
    return Median(with_hook.wall - without.wall, with_hook.cpu - without.cpu)


def _both(value: Median) -> str:
    return f"{ms(value.wall)} (CPU {ms(value.cpu)})"


class _Hooks:
    """Repositories that differ in their hook, each as a function that makes one commit and times it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.plain = machine.repository("plain", FILES)
        self.sox = machine.venv("sox") / "sox-hooks"

    def none(self, name: str = "none", command: tuple[str, ...] = COMMIT) -> Callable[[int], Sample]:
        return self._commits(self.machine.copy(self.plain, name), command, self.machine.env)

    def script(self, name: str, line: str, *, policy: bool = False) -> Callable[[int], Sample]:
        """A hook of one line of shell."""
        folder = self._governed(name) if policy else self.machine.copy(self.plain, name)
        hook = folder / ".git/hooks/commit-msg"
        hook.write_text(f"#!/bin/sh\n{line}\n")
        hook.chmod(0o755)
        return self._commits(folder, COMMIT, self.machine.env)

    def ours(
        self,
        name: str,
        *,
        key: str = "ed25519",
        command: tuple[str, ...] = COMMIT,
        extra: Mapping[str, str] | None = None,
        every_hook: bool = False,
    ) -> Callable[[int], Sample]:
        """As `sox-hooks init` installs it."""
        folder = self._governed(name, key, every_hook=every_hook)
        return self._commits(folder, command, self.machine.environment(**(extra or {})))

    def peers(self) -> dict[str, Callable[[int], Sample]]:
        """Each peer as it says it is to be used for this."""
        arguments = {
            "commit-check": 'commit-check --message "$1"',
            "gitlint": 'gitlint --msg-filename "$1"',
            "conventional-pre-commit": 'conventional-pre-commit "$1"',
            "commitizen": 'cz check --commit-msg-file "$1"',
        }
        return {name: self.script(name, f"exec {self.machine.venv(name, name)}/{arguments[name]}") for name in PEERS}

    def many(self, name: str, *, policy: bool = False) -> Callable[[int], Sample]:
        """Commits of very many files."""
        folder = self._governed(name) if policy else self.machine.copy(self.plain, name)
        for number in range(MANY):
            path = folder / f"big/folder{number % 100}/file{number}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{number}\n")
        self.machine.call("git", "add", "big", cwd=folder)
        self.machine.call("git", "commit", "-q", "--no-verify", "-m", "feat: add many files", cwd=folder)

        def once(number: int) -> Sample:
            for path in (folder / "big").rglob("*.txt"):
                path.write_text(f"{path.name} {number}\n")
            self.machine.call("git", "add", "big", cwd=folder)
            return run(COMMIT, str(folder), self.machine.env)

        return once

    def hosted(self, name: str, entry: str, *, policy: bool = False) -> Callable[[int], Sample]:
        """Under pre-commit, as a local hook; no hook if `entry` is ""."""
        folder = self._governed(name) if policy else self.machine.copy(self.plain, name)
        if not entry:
            return self._commits(folder, COMMIT, self.machine.env)
        (folder / ".git/hooks/commit-msg").unlink(missing_ok=True)
        host = self.machine.venv("pre-commit", "pre-commit") / "pre-commit"
        (folder / ".pre-commit-config.yaml").write_text(
            "repos:\n- repo: local\n  hooks:\n  - {id: one, name: one, language: system, "
            f"entry: {entry}, stages: [commit-msg], always_run: true}}\n"
        )
        self.machine.call("git", "add", ".pre-commit-config.yaml", cwd=folder)
        self.machine.call("git", "commit", "-q", "--no-verify", "-m", "feat: add a host", cwd=folder)
        self.machine.call(str(host), "install", "-t", "commit-msg", cwd=folder)
        return self._commits(folder, COMMIT, self.machine.env)

    def _governed(self, name: str, key: str = "ed25519", *, every_hook: bool = False) -> Path:
        """A copy with a policy and a key, set up by `sox-hooks init`, with its commit-msg hook or all of them."""
        folder = self.machine.copy(self.plain, name)
        path = self.machine.home / f"key-{key}"
        if not path.exists():
            self.machine.call("ssh-keygen", "-q", "-t", key, "-N", "", "-f", str(path), cwd=folder)
        self.machine.call("git", "config", "sox.signingKey", str(path), cwd=folder)
        self.machine.call(str(self.sox), "init", cwd=folder)
        for hook in (folder / ".git/hooks").iterdir():
            if hook.name != "commit-msg" and not every_hook:
                hook.unlink()
        self.machine.call("git", "add", ".sox", cwd=folder)
        self.machine.call("git", "commit", "-q", "-m", "feat: adopt\n\nAI-Assistance: none", cwd=folder)
        return folder

    def _commits(self, folder: Path, command: tuple[str, ...], env: Mapping[str, str]) -> Callable[[int], Sample]:
        def once(number: int) -> Sample:
            for file in range(STAGED):
                with open(folder / source_file(file), "a") as target:
                    target.write(f"value = {number}\n")
            self.machine.call("git", "add", "app", cwd=folder)
            return run(command, str(folder), env)

        return once
