"""How many modules a commit imports, and how many of them are ours."""

from __future__ import annotations

from machine import Machine
from table import Part, Row

METHOD = """\
Modules imported by the native shim's Python for one commit, without those that Python itself imports at its start
(`-X importtime`). `tests/test_import_budget.py` holds the hook to a list and a bound."""


def measure(machine: Machine, *, quick: bool) -> list[Part]:
    """The table."""
    del quick  # it takes no time
    bin_folder = machine.venv("sox")
    folder = machine.repository("imports", 1)
    key = machine.home / "key-imports"
    machine.call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key), cwd=folder)
    machine.call("git", "config", "sox.signingKey", str(key), cwd=folder)
    machine.call(str(bin_folder / "sox-hooks"), "init", cwd=folder)
    machine.call("git", "add", ".sox", cwd=folder)
    machine.call("git", "commit", "-q", "-m", "Adopt\n\nAI-Assistance: none", cwd=folder)
    (folder / "app/new.py").write_text("value = 1\n")
    machine.call("git", "add", "app", cwd=folder)
    start = _imported(machine, "pass", {})
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    libraries = machine.call(str(bin_folder / "python"), "-I", "-c", ask, cwd=folder).strip()
    hook = f"import sys; sys.path.append({libraries!r}); from sox_hooks.__main__ import script; script()"
    rows = []
    for what, env in (("a commit", {}), ("a commit by an AI tool", {"CLAUDECODE": "1"})):
        found = _imported(machine, hook, env) - start
        found = _imported(machine, hook, env) - start  # the second: the caches are filled
        ours = sum(name.startswith("sox_hooks") for name in found)
        rows.append(Row(f"modules for {what}", f"{ours} of ours, {len(found) - ours} others"))
    return [Part("Imports of the hook", METHOD, tuple(rows))]


def _imported(machine: Machine, code: str, env: dict[str, str]) -> set[str]:
    folder = machine.scratch / "imports"
    (folder / "message").write_text("Add a value\n")
    python = str(machine.venv("sox") / "python")
    told = folder / "told"
    argv = ("sh", "-c", 'exec "$@" 2> told', "sh", python, "-I", "-S", "-X", "importtime", "-c", code)
    machine.call(*argv, "hook", "commit-msg", "message", cwd=folder, env=machine.environment(**env))
    lines = [line for line in told.read_text().splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines[1:]}
