"""Each format read back by a reader of its kind, with friendly and hostile content."""

from __future__ import annotations

import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from sox_hooks.core.findings import SEVERITIES, Finding, Place
from sox_hooks.output.formats import FORMATS
from sox_hooks.output.report import Report, Tally
from sox_hooks.policy.rules import RULES
from sox_hooks.verification import verdict
from tests.output.reports import REPORTS, commit, hostile, object_id, rendered, sample

TESTS = Path(__file__).parent.parent
SARIF_SCHEMA = json.loads((TESTS / "data/sarif-2.1.0-rtm.5.json").read_text())
REPORT_SCHEMA = json.loads((TESTS.parent / "docs/reference/report-v1.schema.json").read_text())


def validate_sarif(log: dict) -> None:
    jsonschema.Draft4Validator(SARIF_SCHEMA).validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        # What the schema cannot say (SARIF 2.1.0, 3.27.6 and 3.4.4).
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        for location in result["locations"]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri)
            assert not uri.startswith("/")
    for rule in rules:
        assert urlsplit(rule["helpUri"]).scheme


def validate_gitlab(violations: list) -> None:
    assert isinstance(violations, list)
    for entry in violations:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert re.fullmatch(r"[0-9a-f]{64}", entry["fingerprint"])
        assert entry["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert entry["location"]["path"]
        assert entry["location"]["lines"]["begin"] >= 1


def unescaped(text: str) -> str:
    """As the runner reads a value; the last step must be the percent sign."""
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def read_github(text: str) -> list[tuple[str, dict[str, str], str]]:
    commands = []
    *lines, last = text.splitlines()
    assert last.startswith("sox-hooks ")
    for line in lines:
        kind, properties, data = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line).groups()
        pairs = [pair.split("=", 1) for pair in properties.split(",")]
        commands.append((kind, {name: unescaped(value) for name, value in pairs}, unescaped(data)))
    return commands


def read_back(name: str, text: str) -> None:
    """Fails unless a reader of the format accepts the text."""
    if name == "json":
        jsonschema.Draft7Validator(REPORT_SCHEMA).validate(json.loads(text))
    elif name == "jsonl":
        kinds = [json.loads(line)["type"] for line in text.splitlines()]
        assert (kinds[0], kinds[-1]) == ("report", "summary")
    elif name == "sarif":
        validate_sarif(json.loads(text))
    elif name == "gitlab":
        validate_gitlab(json.loads(text))
    elif name == "junit":
        assert ET.fromstring(text).tag == "testsuites"  # noqa: S314 - our own output
    elif name == "github":
        read_github(text)
    else:
        assert text.endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("which", REPORTS)
def test_readers_accept_it_and_nothing_is_raw(name, which):
    text = rendered(REPORTS[which](), name)
    read_back(name, text)
    raw = {char for char in text if char != "\n" and not char.isprintable()}
    assert raw == set()
    assert "##[" not in text
    assert all(
        line.startswith(("::error ", "::warning ", "::notice ")) for line in text.splitlines() if "::" in line[:2]
    )
    if name not in ("text", "github"):
        assert text.isascii()


ANYTHING = st.text(st.characters(), max_size=30)
FINDINGS = st.builds(
    Finding,
    st.sampled_from(sorted(RULES)),
    st.sampled_from(SEVERITIES),
    ANYTHING,
    ANYTHING,
    st.just(""),
    ANYTHING,
    st.none() | st.builds(Place, ANYTHING.filter(bool), st.integers(0, 99), st.integers(0, 99)),
    ANYTHING,
)


# Shrinking would take minutes.
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@example([Finding("SOX202", "error", "", path="/")], "", verdict.VERIFIED)
@example([Finding("SOX202", "error", "", path="//a/../b")], "", verdict.FORGED)
@given(st.lists(FINDINGS, max_size=3), ANYTHING, st.sampled_from(verdict.STATUSES))
def test_readers_accept_anything(findings, words, status):
    findings = [*findings, Finding("SOX601", "error", words)]
    for name in FORMATS:
        one = commit(1, status, *findings, subject=words, author=words, tools=(words,), signer=words)
        report = Report("verify", "1", ((words, words),), [one], tuple(findings))
        text = rendered(report, name)
        read_back(name, text)
        assert {unicodedata.category(char) for char in text if char != "\n"} & {"Cc", "Cf", "Cs"} == set()


def test_json_says_what_the_contract_says():
    report = json.loads(rendered(sample(), "json"))
    assert report["schema"] == "sox-hooks/report/v1"
    denied = report["commits"][2]
    assert {"commit", "status", "relation", "assistance", "signer", "findings"} <= set(denied)
    assert denied["findings"][1] == {
        "rule": "SOX202",
        "severity": "error",
        "path": "src/ledger/post.py",
        "message": "cursor is not approved for src/ledger/post.py",
        "why": "tier restricted takes approved tools only",
        "file": ".sox/policy.toml",
        "line": 41,
        "column": 1,
        "fix": "make this change without cursor, or ask for an exception",
        "docs": "reference/rules/SOX202.html",
    }
    assert report["summary"]["exit_code"] == 1
    assert [json.loads(line) for line in rendered(sample(), "jsonl").splitlines()][3] == {"type": "commit", **denied}


def test_json_schema_refuses_what_is_not_a_report():
    report = json.loads(rendered(sample(), "json"))
    report["commits"][0]["status"] = "fine"
    with pytest.raises(jsonschema.ValidationError, match="fine"):
        jsonschema.Draft7Validator(REPORT_SCHEMA).validate(report)
    jsonschema.Draft7Validator.check_schema(REPORT_SCHEMA)


def test_sarif_results():
    (run,) = json.loads(rendered(sample(), "sarif"))["runs"]
    by_message = {result["message"]["text"].splitlines()[0]: result for result in run["results"]}
    denied = [result for result in run["results"] if result["ruleId"] == "SOX202"]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"] for result in denied]
    assert uris == [
        {"uri": "src/ledger/post.py", "uriBaseId": "%SRCROOT%"},
        {"uri": "src/a%20b%2Cc%3A%25.py", "uriBaseId": "%SRCROOT%"},
    ]
    assert denied[0]["locations"][0]["logicalLocations"] == [
        {"fullyQualifiedName": f"commit:{object_id(3)}", "kind": "commit"}
    ]
    assert denied[0]["partialFingerprints"] != denied[1]["partialFingerprints"]
    register = by_message["SOX011 warning: tools.cursor is due for review"]
    assert register["locations"][0]["physicalLocation"]["region"] == {"startLine": 41}
    assert register["level"] == "warning"
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]


def test_sarif_of_an_open_question_is_no_successful_run():
    one = commit(1, verdict.UNVERIFIABLE, Finding("SOX617", "error", "missing"))
    (run,) = json.loads(rendered(Report("verify", "1", (), [one]), "sarif"))["runs"]
    assert run["invocations"] == [{"executionSuccessful": False, "exitCode": 4}]


def test_fingerprints_outlive_lines():
    def prints(place: Place) -> list[str]:
        finding = Finding("SOX002", "error", "unknown key", place=place)
        return [
            entry["fingerprint"]
            for entry in json.loads(rendered(Report("policy lint", "1", (), None, (finding,)), "gitlab"))
        ]

    assert prints(Place(".sox/policy.toml", 3, 1)) == prints(Place(".sox/policy.toml", 99, 7))


def test_github_annotations():
    commands = read_github(rendered(sample(), "github"))
    kind, properties, data = next(entry for entry in commands if entry[1]["file"].startswith("src/a b"))
    assert kind == "error"
    assert properties == {"file": "src/a b,c:%.py", "line": "1", "title": "SOX202 in commit " + object_id(3)[:12]}
    assert data.splitlines()[0] == "SOX202 error: cursor is not approved for src/ledger/post.py"
    assert f"where: src/a b,c:%.py (commit {object_id(3)[:12]})" in data
    assert [entry[0] for entry in commands].count("notice") == 2


def test_junit_counts_and_kinds():
    root = ET.fromstring(rendered(sample(), "junit"))  # noqa: S314 - our own output
    suites = {suite.get("name").split(" ")[1]: suite for suite in root}
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        assert int(suite.get("failures")) == sum(case.find("failure") is not None for case in cases)
        assert int(suite.get("errors")) == sum(case.find("error") is not None for case in cases)
    assert [case.get("name") for case in suites["denied"]] == ["SOX105", "SOX202"]
    assert suites["denied"].get("failures") == "1"
    assert "src/a b" in suites["denied"].find("testcase/failure").text  # both findings of the rule
    assert suites["unverifiable"].get("errors") == "1"
    assert suites["verified"].get("failures") == "0"


def test_the_documentation_can_be_served_anywhere(monkeypatch):
    monkeypatch.setenv("SOX_HOOKS_DOCS_URL", "https://docs.bank.example/sox/")
    address = "https://docs.bank.example/sox/reference/rules/SOX202.html"
    assert json.loads(rendered(sample(), "json"))["commits"][2]["findings"][1]["docs"] == address
    (run,) = json.loads(rendered(sample(), "sarif"))["runs"]
    assert address in [rule["helpUri"] for rule in run["tool"]["driver"]["rules"]]


@pytest.mark.parametrize("value", ["", "javascript:alert(1)", "https://x y", "https://x\n", "ftp://x"])
def test_an_odd_address_of_the_documentation_is_ignored(monkeypatch, value):
    monkeypatch.setenv("SOX_HOOKS_DOCS_URL", value)
    (run,) = json.loads(rendered(sample(), "sarif"))["runs"]
    assert {rule["helpUri"].split("SOX")[0] for rule in run["tool"]["driver"]["rules"]} == {"urn:sox-hooks:rule:"}


def test_hostile_text_stays_on_its_line():
    text = rendered(hostile(), "text")
    assert max(len(line) for line in text.splitlines()) < 1000
    # One finding that no commit owns (5 lines), the commit, its error in full (5), a warning, a note, the summary.
    assert len(text.splitlines()) == 5 + 1 + 5 + 1 + 1 + 1


def test_a_report_can_be_rendered_once():
    report = sample()
    assert "6 commits" in "".join(rendered(report, "text"))
    assert Tally(report).summary().commits == 0
