"""`sox-hooks verify` and `show` as typed: formats, exit codes, and what stock ssh-keygen says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from sox_hooks.__main__ import main
from sox_hooks.output.formats import FORMATS
from tests.record.software_keys import software_key
from tests.stage import ALICE, Stage, policy_files

ROOT = Path(__file__).parents[2]


@pytest.fixture
def mixed(stage, monkeypatch):
    """A range with one good and one bad commit, and the command line in its repository."""
    monkeypatch.chdir(stage.repo.path)
    stage.good = stage.record({"docs/a": "a\n"}, "Good", claim="assisted", tools=("claude-code@2.1.0",))
    stage.bad = stage.commit("Bad: \x1b[31m 100% <b>&\n\n::error::injected", {"docs/b": "b\n"})
    return stage


def run(capfd, *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    out, err = capfd.readouterr()
    return code, out, err


def test_every_format_reports_both_commits_and_fails(mixed, capfd):
    for name in FORMATS:
        code, out, err = run(capfd, "verify", "main..HEAD", "--format", name)
        assert (code, err) == (1, ""), name
        assert mixed.bad[:12] in out, name
        assert "\x1b" not in out, name


def test_json_holds_what_the_contract_names_and_fits_its_schema(mixed, capfd):
    _, out, _ = run(capfd, "verify", "main..HEAD", "--format", "json")
    report = json.loads(out)
    schema = json.loads((ROOT / "docs/reference/report-v1.schema.json").read_text())
    jsonschema.validate(report, schema)
    assert report["schema"] == "sox-hooks/report/v1"
    good, bad = report["commits"]
    assert (good["commit"], good["status"], good["relation"]) == (mixed.good, "verified", "same-change")
    assert (good["assistance"], good["tools"], good["signer"]) == ("assisted", ["claude-code@2.1.0"], "alice")
    assert (bad["commit"], bad["status"], bad["findings"][0]["rule"]) == (mixed.bad, "unrecorded", "SOX601")
    assert report["checked"]["policy"].startswith("main:.sox (version 1, tree ")
    assert report["checked"]["keys judged at"].endswith("(now)")
    assert report["summary"]["exit_code"] == 1


def test_sarif_fits_its_schema(mixed, capfd):
    _, out, _ = run(capfd, "verify", "main..HEAD", "--format", "sarif")
    schema = json.loads((ROOT / "tests/data/sarif-2.1.0-rtm.5.json").read_text())
    jsonschema.validate(json.loads(out), schema)


def test_github_gets_annotations_that_nobody_can_inject(mixed, capfd):
    _, out, _ = run(capfd, "verify", "main..HEAD", "--format", "github")
    annotations = [line for line in out.splitlines() if line.startswith("::")]
    assert len([line for line in annotations if line.startswith("::error")]) == 1
    assert "injected" not in out


def test_junit_has_a_case_a_commit(mixed, capfd):
    _, out, _ = run(capfd, "verify", "main..HEAD", "--format", "junit")
    root = ElementTree.fromstring(out)  # noqa: S314 - our own output
    assert len(root.findall(".//testcase")) == 2
    assert len(root.findall(".//failure")) == 1


def test_exit_zero_is_for_trial_runs(mixed, capfd):
    assert run(capfd, "verify", "main..HEAD", "--exit-zero")[0] == 0


def exit_codes():
    yield "pass", ("verify", "main..HEAD~1"), 0
    yield "empty range", ("verify", "main..main"), 0
    yield "finding", ("verify", "main..HEAD"), 1
    yield "no left end", ("verify", "HEAD"), 2
    yield "three dots", ("verify", "main...HEAD"), 2
    yield "an option in place of a revision", ("verify", "--", "--all"), 2
    yield "empty word", ("verify", ""), 2
    yield "unknown revision", ("verify", "main..nowhere"), 4
    yield "no policy", ("verify", "main~1..HEAD"), 4
    yield "show, verified", ("show", "HEAD~1"), 0
    yield "show, not verified", ("show", "HEAD"), 1
    yield "payload of nothing", ("show", "--payload", "HEAD"), 4
    yield "show, unknown revision", ("show", "nowhere"), 4


@pytest.mark.parametrize(("arguments", "code"), [row[1:] for row in exit_codes()], ids=[row[0] for row in exit_codes()])
def test_exit_codes(mixed, capfd, arguments, code):
    found, _, err = run(capfd, *arguments)
    assert found == code
    assert "Traceback" not in err
    assert (code in (0, 1)) == (err == "")


def test_a_commit_that_cannot_be_verified_gives_exit_code_4(mixed, capfd):
    mixed.git("reset", "-q", "--hard", mixed.good)
    mixed.record({"docs/c": "c\n"}, edit=lambda text: text.replace(b"Sox-Record: v1 ", b"Sox-Record: v2 "))
    assert run(capfd, "verify", "main..HEAD")[0] == 4


def test_exempt_commits_are_counted(bare_stage, capfd, monkeypatch):
    monkeypatch.chdir(bare_stage.repo.path)
    last = bare_stage.commit("Old", {"README": "1\n"})
    bare_stage.git("checkout", "-q", "--orphan", "fresh")
    bare_stage.commit("Adopt", policy_files(baseline=(last,)))
    bare_stage.git("branch", "-D", "main")
    bare_stage.branch("side", "fresh")
    bare_stage.git("merge", "-q", "--allow-unrelated-histories", "--no-edit", last)
    code, out, _ = run(capfd, "verify", "fresh..side", "--format", "json")
    assert (code, json.loads(out)["checked"]["exempt by the baseline"]) == (0, "1 commits")


# show


def test_show_tells_the_record_in_plain_words(mixed, capfd):
    code, out, _ = run(capfd, "show", mixed.good)
    assert code == 0
    for words in (
        "verified (same-change)",
        "main:.sox, version 1",
        "assisted: with the help of AI",
        "claude-code@2.1.0",
        "by alice (Alice)",
        "ssh-keygen -Y verify",
    ):
        assert words in out.replace("HEAD:.sox", "main:.sox")


def test_show_tells_what_is_wrong(mixed, capfd):
    code, out, _ = run(capfd, "show", mixed.bad)
    assert code == 1
    assert "SOX601" in out
    assert "\x1b" not in out


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ssh-rsa"])
def test_stock_ssh_keygen_says_good(repo, capfd, monkeypatch, tmp_path, kind):
    someone = ALICE.replace(key=software_key(kind), others=(), accounts=())
    stage = Stage(repo).begin((someone,))
    stage.record({"src/app.py": "new\n"}, by=someone)
    monkeypatch.chdir(repo.path)
    assert main(["show", "--payload", "HEAD"]) == 0
    payload = capfd.readouterr().out.encode()
    assert main(["show", "--signature", "HEAD"]) == 0
    (tmp_path / "signature").write_text(capfd.readouterr().out)
    (tmp_path / "allowed_signers").write_text(stage.git("show", "main:.sox/allowed_signers") + "\n")
    argv = ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", someone.email, "-n", "sox-record"]
    done = subprocess.run(
        [*argv, "-s", "signature"], input=payload, cwd=tmp_path, capture_output=True, check=False, timeout=30
    )
    assert done.stdout.startswith(b'Good "sox-record" signature for alice@bank.example')
    assert payload.startswith(b"DSSEv1 28 application/vnd.in-toto+json ")
    edited = payload.replace(b'"none"', b'"assisted"')
    assert edited != payload
    done = subprocess.run(
        [*argv, "-s", "signature"], input=edited, cwd=tmp_path, capture_output=True, check=False, timeout=30
    )
    assert done.returncode != 0
