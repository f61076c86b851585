"""What a hook imports is what a commit waits for: a list of what may never be among it, read from a fresh process."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

# Each costs 3 to 30 ms at start (measured with Python 3.11), most because of what they pull in themselves.
DENIED = (
    "argparse", "base64", "collections", "contextlib", "cryptography", "dataclasses", "datetime", "enum", "functools",
    "glob", "hashlib", "importlib.metadata", "inspect", "logging", "pathlib", "pathspec", "shutil", "subprocess",
    "tempfile", "tomllib", "tomli", "typing",
)  # fmt: skip

# Modules that every commit imports.
HOOK_PATH = (
    "sox_hooks.__main__",
    "sox_hooks.agents.entry",
    "sox_hooks.agents.guard",
    "sox_hooks.agents.journal",
    "sox_hooks.agents.window",
    "sox_hooks.core.boundary",
    "sox_hooks.core.digest",
    "sox_hooks.core.process",
    "sox_hooks.core.struct",
    "sox_hooks.git.change",
    "sox_hooks.git.objects",
    "sox_hooks.git.policy_files",
    "sox_hooks.git.room",
    "sox_hooks.git.run",
    "sox_hooks.hooks.commit_msg",
    "sox_hooks.hooks.entry",
    "sox_hooks.hooks.in_force",
    "sox_hooks.hooks.outgoing",
    "sox_hooks.hooks.post_commit",
    "sox_hooks.hooks.post_merge",
    "sox_hooks.hooks.post_rewrite",
    "sox_hooks.hooks.pre_push",
    "sox_hooks.hooks.prepare_commit_msg",
    "sox_hooks.output.findings_text",
    "sox_hooks.policy.compiled",
    "sox_hooks.policy.evaluate",
    "sox_hooks.policy.match",
    "sox_hooks.record.record",
    "sox_hooks.record.signing",
)


def imported_by(code: str) -> set[str]:
    """What a process has imported after `code`, without what an empty one has (its `site` may be fat)."""
    report = "import sys; before = set(sys.modules); {}; print('\\n' + repr(sorted(set(sys.modules) - before)))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {paths()!r}; " + report.format(code)],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1].replace("'", '"')))


def paths() -> list[str]:
    """Where this process finds the package; -S leaves out `site`, which some virtual environments fill with imports."""
    return [path for path in sys.path if path]


@pytest.mark.parametrize("module", HOOK_PATH)
def test_the_hook_path_stays_light(module):
    if importlib.util.find_spec(module) is None:
        pytest.fail(f"{module} is gone: take it off the list or name what took its place")
    assert imported_by(f"import {module}") & set(DENIED) == set()


def test_the_start_imports_next_to_nothing():
    ours = {name for name in imported_by("import sox_hooks.__main__") if name.startswith("sox_hooks")}
    assert ours == {
        "sox_hooks",
        "sox_hooks.__main__",
        "sox_hooks.core",
        "sox_hooks.core.boundary",
        "sox_hooks.core.errors",
    }


def test_the_check_sees_what_it_is_there_to_see():
    assert {"argparse", "subprocess"} <= imported_by("import argparse, subprocess")


@pytest.fixture
def desk(repo, monkeypatch):
    """A repository with a policy in force and an enrolled key, its caches filled, and one file staged."""
    monkeypatch.chdir(repo.path)
    run_main("init")
    repo.git("add", ".sox")
    (repo.path / "message").write_text("Adopt\n\nAI-Assistance: none\n")
    run_main("hook", "commit-msg", "message")
    repo.git("commit", "-q", "--no-verify", "-F", "message")
    repo.write("a.py", "1\n")
    repo.git("add", "a.py")
    (repo.path / "message").write_text("Change\n")
    run_main("hook", "commit-msg", "message")  # compiles the policy and the catalogue
    (repo.path / "message").write_text("Change\n")
    return repo


# For each kind of commit: what it adds to the environment, its exit code, the most of our modules that it may import,
# and which of `LAZY` it needs. A bound that is passed is a question (does every commit need this?), not a law.
KINDS = {
    "plain": ({}, 0, 80, ()),
    "assisted": ({"CLAUDECODE": "1"}, 0, 84, ("policy.tool_rules", "policy.tool_faults")),
    "refused": (
        {"CLAUDECODE": "1"},
        1,
        100,
        ("policy.tool_rules", "policy.tool_faults", "policy.rules", "output", "hooks.recovery", "core.lines"),
    ),
}  # fmt: skip
LAZY = (
    "cli", "core.crash", "core.lines", "detection.catalogue_source", "hooks.doctor", "hooks.install", "hooks.recovery",
    "hooks.setup", "hooks.shims", "output", "policy.document", "policy.grammar", "policy.load", "policy.patterns",
    "policy.rules", "policy.tool_faults", "policy.tool_rules", "policy.versions", "policy.waivers",
    "record.signing_failure", "record.verifiers", "verification",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_commit_imports(desk, kind):
    """The whole path: policy from the cache, evidence, a signature, a log entry, the trailers, or a refusal."""
    env, code, most, needed = KINDS[kind]
    if kind == "assisted":
        (desk.path / "message").write_text("Change\n\nAssisted-by: claude-code\n")
    if kind == "refused":
        desk.write("src/ledger/a.py", "1\n")
        desk.git("add", "src")
    imported = run_main("hook", "commit-msg", "message", code=code, **env)
    message = (desk.path / "message").read_text()
    assert ("Sox-Signature:" in message) == (code == 0)
    assert ("AI-Assistance: assisted" in message) == (kind == "assisted")
    assert imported & set(DENIED) == set()
    ours = {name for name in imported if name.startswith("sox_hooks")}
    lazy = {name for name in LAZY if any(f"{one}.".startswith(f"sox_hooks.{name}.") for one in ours)}
    assert lazy <= set(needed)
    assert "sox_hooks.record.message" in ours
    assert len(ours) <= most


def run_main(*argv: str, code: int = 0, **env: str) -> set[str]:
    """Run a command line in a process without `site`, and return what it imported; `code` is the expected exit code."""
    program = (
        f"import sys; sys.path[:0] = {paths()!r}; from sox_hooks.__main__ import main; sys.exit(main({list(argv)!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-X", "importtime", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
    )
    assert done.returncode == code, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}
