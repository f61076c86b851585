"""Many patterns against many paths."""

from __future__ import annotations

import random
from pathlib import Path

from machine import Machine
from measure import Sample, Stopwatch, in_turns, median, run
from table import Part, Row, ms, times

from sox_hooks.policy.compiled import dump, restore
from sox_hooks.policy.load import load_or_fail
from sox_hooks.policy.match import PathMatcher
from sox_hooks.policy.model import Policy
from sox_hooks.policy.source import PolicyFiles

PATTERNS = 1000
PATHS = 10_000
_WORDS = ("ledger", "report", "model", "rates", "risk", "tax", "fees", "audit", "load", "swap", "fx", "core", "batch")

METHOD = f"""\
{PATTERNS:,} gitignore patterns of mixed kinds (folders, names, endings, `**` in the middle) and {PATHS:,} paths, a few
of which match. Ours: the compiled policy is read from its cache, then every path is matched; as in a hook, nothing is
known before. git: `git check-ignore --stdin --no-index` with the same patterns in one `.gitignore`. CPU seconds."""


def measure(machine: Machine, *, quick: bool) -> list[Part]:
    """The table."""
    chance = random.Random(1)  # noqa: S311 - the same patterns in every run
    patterns = list(dict.fromkeys(_pattern(chance) for _ in range(PATTERNS * 2)))[:PATTERNS]
    paths = [_path(chance) for _ in range(PATHS)]
    folder = machine.repository("policy", 1)
    policy = _policy(machine, folder, patterns)
    compiled = dump(policy)
    (folder / ".gitignore").write_text("\n".join(patterns) + "\n")
    names = machine.scratch / "paths"
    names.write_text("\n".join(paths) + "\n")
    matched = sum(PathMatcher(policy).verdict(path).tier == "controlled" for path in paths)

    def ours(_: int) -> Sample:
        with Stopwatch() as watch:
            found = restore(compiled, policy.identity)
            assert found is not None
            matcher = PathMatcher(found)
            for path in paths:
                matcher.verdict(path)
        return Sample(watch.wall, watch.cpu, 0)

    argv = ("sh", "-c", 'exec git check-ignore --stdin --no-index < "$1"', "sh", str(names))
    samples = in_turns({"ours": ours, "git": lambda _: run(argv, str(folder), machine.env)}, 3 if quick else 7)
    mine, theirs = median(samples["ours"]), median(samples["git"])
    row = Row(
        f"{PATTERNS:,} patterns, {PATHS:,} paths ({matched:,} match)",
        ms(mine.cpu),
        f"`git check-ignore`, {ms(theirs.cpu)}",
        times(mine.cpu / theirs.cpu),
        "below 1 s",
    )
    return [Part("Matching paths", METHOD, (row,))]


def _policy(machine: Machine, folder: Path, patterns: list[str]) -> Policy:
    """What `sox-hooks init` writes, with the patterns added."""
    key = machine.home / "key-policy"
    machine.call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key), cwd=folder)
    machine.call("git", "config", "sox.signingKey", str(key), cwd=folder)
    machine.call(str(machine.venv("sox") / "sox-hooks"), "init", cwd=folder)
    listed = ", ".join(f'"{pattern}"' for pattern in patterns)
    with open(folder / ".sox/policy.toml", "a") as file:
        file.write(f'\n[[paths]]\npatterns = [{listed}]\ntier = "controlled"\nbecause = "a benchmark"\n')
    files = tuple((path.name, path.read_bytes()) for path in sorted((folder / ".sox").iterdir()) if path.is_file())
    return load_or_fail(PolicyFiles("0" * 40, files, ".sox"))


def _pattern(chance: random.Random) -> str:
    one, two = chance.choice(_WORDS), chance.choice(_WORDS)
    number = chance.randrange(400)
    kinds = (f"src/{one}/{two}{number}/**", f"{one}{number}.sql", f"*.{two}{number}", f"lib/**/{one}_{number}/*.py",
             f"/{one}/{two}/{number}*.csv", f"{two}{number}/")  # fmt: skip
    return chance.choice(kinds)


def _path(chance: random.Random) -> str:
    folders = [chance.choice(_WORDS) + str(chance.randrange(3000)) for _ in range(chance.randrange(1, 5))]
    top = chance.choice(("src", "lib", "app", "test"))
    return "/".join([top, chance.choice(_WORDS), *folders, f"{chance.choice(_WORDS)}{chance.randrange(900)}.py"])
