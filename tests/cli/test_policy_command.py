from __future__ import annotations

import json
import os

import pytest

from sox_hooks.__main__ import main
from sox_hooks.policy.rules import RULES

POLICY = """\
[policy]
repository = "bank/ledger"
version = 7
owner = "carol@bank.example"

[enforcement]
mode = "enforce"
baseline = []
undeclared = ["open"]

[tools.claude-code]
status = "approved"
versions = ">=2.1"
vendor = "Anthropic"
soc2_valid_until = 2999-12-31
retention_days = 30

[tools.cursor]
status = "prohibited"
revoked_on = 2026-03-01
revoked_reason = "breach, SEC-1234"

[tools.github-copilot]
status = "approved"

[tiers.open]
ai = "any"

[tiers.restricted]
ai = "approved"
require = ["soc2"]
declaration = "required"
training = ["ai-basics"]
review = ["compliance"]
key = "hardware"

[[paths]]
patterns = ["**"]
tier = "open"

[[paths]]
patterns = ["src/ledger/**", "*.sql"]
tier = "restricted"
because = "books and records"
"""

PEOPLE = """\
[people.alice]
name = "Alice Ng"
emails = ["alice@bank.example"]
accounts = ["github:alice"]
trainings = [{ topic = "ai-basics", on = 2026-01-01 }]

[people.bob]
name = "Bob"
emails = ["bob@bank.example"]

[people.carol]
name = "Carol"
emails = ["carol@bank.example"]
roles = [{ role = "compliance", from = 2020-01-01 }]
"""

EXCEPTIONS = """\
[[exceptions]]
id = "EX-1"
tool = "github-copilot"
patterns = ["src/ledger/post.py"]
persons = ["alice"]
reason = "migration"
ticket = "RISK-1"
requested_by = "alice"
approved_by = "carol"
starts = 2026-01-01
expires = 2999-12-31
"""


@pytest.fixture
def governed(repo, make_key, monkeypatch):
    """A repository with a policy in the work tree that is not committed yet; the current directory is its top."""
    key = make_key().with_suffix(".pub").read_text().split()
    repo.write(".sox/policy.toml", POLICY)
    repo.write(".sox/people.toml", PEOPLE)
    repo.write(".sox/exceptions.toml", EXCEPTIONS)
    repo.write(".sox/allowed_signers", f'alice@bank.example namespaces="sox-record" {key[0]} {key[1]}\n')
    monkeypatch.chdir(repo.path)
    return repo


def sox(capsys, *argv: str, code: int = 0) -> str:
    assert main(argv) == code
    out, err = capsys.readouterr()
    return out if code == 0 else out + err


def verdicts(text: str) -> dict[str, str]:
    """The lines of tools of one path: name -> verdict and reasons."""
    found = {}
    for line in text.splitlines():
        for word in ("allowed", "refused", "depends"):
            name, cut, rest = line.partition(f"  {word}")
            if cut and ":" not in name:
                found[name.strip()] = word + rest
    return found


def test_lint_reads_the_work_tree(governed, capsys):
    text = sox(capsys, "policy", "lint")
    assert "SOX408 note: people.bob has no key in allowed_signers" in text
    last = text.splitlines()[-1]
    assert last.startswith("sox-hooks policy lint: passed: 0 errors, ")
    governed.git("add", "-A")
    tree = governed.git("write-tree", "--prefix=.sox/")
    assert last.endswith(
        f"; files .sox (allowed_signers, exceptions.toml, people.toml, policy.toml); tree {tree}; version 7"
    )


def test_lint_tells_errors_with_their_place_and_fails(governed, capsys):
    governed.write(".sox/policy.toml", POLICY.replace('status = "prohibited"', 'statu = "prohibited"'))
    text = sox(capsys, "policy", "lint", code=1)
    assert "SOX002 error: " in text
    assert "  where: .sox/policy.toml:19:1" in text
    assert 'did you mean "status"?' in text
    assert "policy lint: FAILED" in text


def test_lint_in_a_machine_format(governed, capsys):
    report = json.loads(sox(capsys, "policy", "lint", "--format", "json"))
    assert report["schema"] == "sox-hooks/report/v1"
    assert report["summary"]["commits"] is None
    assert {entry["rule"] for entry in report["findings"]} <= set(RULES)
    assert report["checked"]["version"] == "7"


def test_lint_reads_a_ref_and_not_the_work_tree(governed, capsys):
    governed.commit("policy")
    governed.write(".sox/policy.toml", "broken")
    assert "passed" in sox(capsys, "policy", "lint", "--ref", "main")
    assert f"tree {governed.head('main:.sox')}" in sox(capsys, "policy", "lint", "--ref", "main")
    assert "files main:.sox (" in sox(capsys, "policy", "lint", "--ref", "main")
    sox(capsys, "policy", "lint", code=1)


def test_a_bare_repository_has_refs_only(governed, make_repo, monkeypatch, capsys):
    governed.commit("policy")
    governed.git("clone", "-q", "--bare", ".", "../bare.git")
    monkeypatch.chdir(governed.path.parent / "bare.git")
    assert "passed" in sox(capsys, "policy", "lint", "--ref", "main")
    assert "src/ledger/a.py\n" in sox(capsys, "policy", "test", "src/ledger/a.py", "--ref", "main")
    assert "this needs a work tree" in sox(capsys, "policy", "lint", code=2)


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("nowhere", "there is no commit 'nowhere' here"),
        ("--upload-pack=x", "there is no commit '--upload-pack=x' here"),
        ("main~1", "there is no .sox/ folder at main~1"),
        ("a b", "not the name of an object"),
        ("a\nb\x1b[31m", r"not the name of an object: 'a\x0ab\x1b[31m"),
    ],
)
def test_refs_that_cannot_be_read(governed, capsys, ref, words):
    governed.git("commit", "-q", "--allow-empty", "-m", "before")
    governed.commit("policy")
    assert words.split(":")[0] in sox(capsys, "policy", "show", f"--ref={ref}", code=2)


def test_without_a_policy(repo, monkeypatch, capsys):
    monkeypatch.chdir(repo.path)
    text = sox(capsys, "policy", "lint", code=2)
    assert text == "sox-hooks: there is no .sox/ folder in this work tree\n  fix:   sox-hooks init\n"


def test_outside_a_repository(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert "this is not a git repository" in sox(capsys, "policy", "lint", code=2)


def test_a_broken_policy_cannot_be_tried(governed, capsys):
    governed.write(".sox/people.toml", "[people")
    text = sox(capsys, "policy", "test", "a", code=2)
    assert text.startswith("sox-hooks: .sox/people.toml:1:")
    assert "SOX001" in text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_that_cannot_be_read(governed, capsys):
    (governed.path / ".sox/policy.toml").chmod(0)
    assert "cannot be read" in sox(capsys, "policy", "lint", code=2)


def test_trial_says_tier_pattern_and_tools(governed, capsys):
    lines = sox(capsys, "policy", "test", "src/ledger/post.py", "--tool", "claude-code@2.2").splitlines()
    asks = lines.pop(3)
    assert lines == [
        "src/ledger/post.py",
        "  tier:         restricted",
        "  decided by:   src/ledger/** (.sox/policy.toml:41:3): books and records",
        "  also matches: ** (tier open)",
        "  claude-code@2.2  allowed",
    ]
    assert asks.startswith("  asks for:     approved AI tools only; which must meet: soc2; a declaration is required; ")
    for words in ("training needed: ai-basics", "review by: compliance", "signed with a hardware key", "bound as: "):
        assert words in asks


def test_trial_of_every_tool(governed, capsys):
    found = verdicts(sox(capsys, "policy", "test", "src/ledger/post.py"))
    assert set(found) == {"claude-code", "cursor", "github-copilot", "no AI, declared", "nothing declared"}
    assert found["claude-code"].startswith("depends  SOX305 ")  # approved, if it says which version it is
    assert found["cursor"].startswith("refused  SOX302 ")
    assert found["github-copilot"].startswith("refused  SOX309 ")
    assert found["no AI, declared"] == "allowed"
    assert found["nothing declared"].startswith("refused  SOX101 ")


def test_trial_of_an_open_path(governed, capsys):
    found = verdicts(sox(capsys, "policy", "test", "README.md"))
    assert found["github-copilot"] == "allowed"
    assert found["nothing declared"] == "allowed"
    assert found["cursor"].startswith("refused  SOX302 ")


@pytest.mark.parametrize(
    ("person", "path", "verdict"),
    [
        ("alice", "src/ledger/post.py", "allowed  by exception EX-1"),
        ("ALICE@bank.example", "src/ledger/post.py", "allowed  by exception EX-1"),
        ("alice", "src/ledger/other.py", "refused  SOX309 "),
        ("bob", "src/ledger/post.py", "refused  SOX309 "),
    ],
)
def test_trial_for_a_person(governed, capsys, person, path, verdict):
    found = verdicts(sox(capsys, "policy", "test", path, "--tool", "github-copilot", "--person", person))
    assert found["github-copilot"].startswith(verdict)


def test_trial_names_a_missing_training(governed, capsys):
    text = sox(capsys, "policy", "test", "a.sql", "--tool", "claude-code@2.2", "--person", "bob")
    assert "SOX402 bob has no training in ai-basics" in text


def test_trial_takes_paths_from_where_one_stands(governed, monkeypatch, capsys):
    (governed.path / "src/ledger").mkdir(parents=True)
    monkeypatch.chdir(governed.path / "src/ledger")
    assert [line for line in sox(capsys, "policy", "test", "a.py", "../b.py").splitlines() if line[:1].strip()] == [
        "src/ledger/a.py",
        "src/b.py",
    ]
    assert "is not in this repository" in sox(capsys, "policy", "test", "../../../x", code=2)


def test_trial_of_hostile_paths(governed, capsys):
    text = sox(capsys, "policy", "test", "src/ledger/\x1b[31m\n\udcff\u202e.py", "::add-mask::x")
    assert r"src/ledger/\x1b[31m\x0a\xff\u202e.py" in text
    assert r"\x3a:add-mask::x" in text
    assert all(char.isprintable() for char in text.replace("\n", ""))


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--tool", "cursr"], 'no tool "cursr" is known; did you mean "cursor"?'),
        (["--tool", ""], 'no tool "" is known'),
        (["--tool", "Alice Ng <alice@bank.example>"], "no tool "),
        (["--person", "alise"], '"alise" is nobody in people.toml; did you mean "alice"?'),
        (["--person", ""], '"" is nobody in people.toml'),
    ],
)
def test_names_that_mean_nothing(governed, capsys, argv, words):
    assert words in sox(capsys, "policy", "test", "a", *argv, code=2)


def test_warn_mode_is_said(governed, capsys):
    governed.write(".sox/policy.toml", POLICY.replace('"enforce"', '"warn"'))
    text = sox(capsys, "policy", "test", "a.sql", "--tool", "cursor")
    assert text.startswith('This policy has mode = "warn"')
    assert verdicts(text)["cursor"].startswith("refused  SOX302 ")


def test_tools(governed, capsys):
    lines = sox(capsys, "policy", "tools").splitlines()
    status = {line.split()[0]: line for line in lines}
    assert status["claude-code"].endswith("approved")
    assert status["cursor"].endswith("revoked on 2026-03-01")
    assert status["aider"].endswith("not registered")
    assert "dependabot" not in status  # automation, not AI
    assert len(lines) > 20


def test_show_says_everything(governed, capsys):
    text = sox(capsys, "policy", "show")
    for words in (
        "Policy of bank/ledger, version 7\nIt refuses what breaks it.\n",
        "  owner:             carol@bank.example\n",
        "    src/ledger/**, *.sql  (books and records)\n",
        "  claude-code: approved\n",
        "    SOC 2 until: 2999-12-31\n",
        "    revoked:  2026-03-01 breach, SEC-1234\n",
        "  alice, Alice Ng\n",
        "    trainings: ai-basics (from 2026-01-01)\n",
        "    keys:      ssh-ed25519 SHA256:",
        "    roles:     compliance (from 2020-01-01)\n",
        "    keys:      none: cannot sign records\n",
        "  EX-1: github-copilot\n",
        "    because:     migration (RISK-1)\n",
    ):
        assert words in text
    assert text.index("restricted: ") < text.index("open: ")


def test_show_names_the_key_as_ssh_keygen_does(governed, hermetic, capsys):
    import subprocess

    listed = subprocess.run(
        ["ssh-keygen", "-lf", hermetic / ".ssh/id_ed25519.pub"], capture_output=True, text=True, check=True
    )
    assert listed.stdout.split()[1] in sox(capsys, "policy", "show")


@pytest.mark.parametrize("name", ["policy", "people", "exceptions"])
def test_schema_needs_no_repository(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    schema = json.loads(sox(capsys, "policy", "schema", name))
    assert schema["title"] == f".sox/{name}.toml"
    if name == "policy":
        assert json.loads(sox(capsys, "policy", "schema")) == schema
