"""The policy that `init` writes: it loads, it is what the documentation says, and nothing breaks out of its quotes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sox_hooks.core.errors import UsageError
from sox_hooks.policy.evaluate import evaluate
from sox_hooks.policy.facts import Claim, Facts, ToolUse
from sox_hooks.policy.lint import lint
from sox_hooks.policy.load import load
from sox_hooks.policy.match import PathMatcher
from sox_hooks.policy.model import ASSISTED, Policy
from sox_hooks.policy.schema import FILES, schema
from sox_hooks.policy.source import PolicyFiles
from sox_hooks.policy.starter.starter import StarterPerson, render_starter, toml_text
from sox_hooks.policy.toml_places import toml_reader
from tests.policy.policy_texts import with_examples

ALICE = StarterPerson("alice", "Alice Ng", "alice@bank.example")
TODAY = "2026-11-23"


def starter(person: StarterPerson = ALICE, **fields) -> tuple[Policy | None, list[str]]:
    given_values = {"repository": "bank/ledger", "owner": "Team", "key_line": "", "baseline": (), **fields}
    rendered = render_starter(person=person, **given_values)
    policy, findings = load(PolicyFiles("1" * 40, tuple(rendered.items()), "work tree"))
    return policy, [f"{finding.place}: {finding.message}" for finding in findings]


@pytest.fixture
def policy(make_key) -> Policy:
    key = make_key().with_suffix(".pub").read_text().strip()
    loaded, findings = starter(key_line=f'alice@bank.example namespaces="sox-record" {key}\n', baseline=("ab" * 20,))
    assert findings == []
    assert loaded is not None
    return loaded


def test_it_loads(policy: Policy) -> None:
    assert (policy.repository, policy.owner, policy.version, policy.mode) == ("bank/ledger", "Team", 1, "enforce")
    assert policy.baseline == ("ab" * 20,)
    assert [(person.id, person.name, person.emails) for person in policy.people] == [
        ("alice", "Alice Ng", ("alice@bank.example",))
    ]
    assert [signer.person for signer in policy.signers] == ["alice"]
    assert policy.exceptions == ()


def test_its_tiers(policy: Policy) -> None:
    assert [(tier.name, tier.ai, tier.rank, tier.undeclared, tier.declaration) for tier in policy.tiers] == [
        ("open", "any", 0, True, "optional"),
        ("controlled", "approved", 1, False, "required"),
        ("restricted", "approved", 2, False, "required"),
    ]
    assert policy.tiers[2].require == ("soc2", "residency:eu", "retention<=30")
    assert [tier.tools for tier in policy.tiers] == [(), (), ()]


@pytest.mark.parametrize(
    ("path", "tier"),
    [
        ("README.md", "open"),
        ("src/app.py", "open"),
        ("src/ledger", "restricted"),
        ("src/ledger/post.py", "restricted"),
        ("src/ledger/deep/er/post.py", "restricted"),
        ("SRC/Ledger/post.py", "restricted"),
        ("src/calculations/tax.py", "restricted"),
        ("src/reporting/10k.py", "restricted"),
        ("old/src/ledger/post.py", "open"),
        (".sox/policy.toml", "restricted"),
        (".sox", "restricted"),
    ],
)
def test_its_paths(policy: Policy, path: str, tier: str) -> None:
    assert PathMatcher(policy).verdict(path).tier == tier


def test_its_register(policy: Policy) -> None:
    assert [(tool.id, tool.status) for tool in policy.tools] == [
        ("claude-code", "approved"),
        ("github-copilot", "approved"),
    ]


def test_lint_lists_what_is_to_be_filled_in(policy: Policy) -> None:
    findings = lint(policy, TODAY)
    assert [finding.message.partition(" ")[0] for finding in findings if finding.rule == "SOX010"] == [
        f"tools.{tool}.{field}"
        for tool in ("claude-code", "github-copilot")
        for field in ("soc2_valid_until", "data_residency", "retention_days")
    ]
    assert [finding.message for finding in findings if finding.rule != "SOX010"] == [
        'no pattern puts a path into the tier "controlled"'
    ]


def test_every_example_in_its_comments_is_right() -> None:
    rendered = render_starter("bank/ledger", "Team", ALICE, "", ())
    texts = {name: with_examples(rendered[name].decode()) for name in ("policy.toml", "people.toml", "exceptions.toml")}
    texts["people.toml"] += (
        '[people.carol]\nname = "Carol"\nemails = ["carol@bank.example"]\n'
        'roles = [{ role = "compliance", from = 2026-01-01 }]\n'
    )
    given_files = tuple((name, text.encode()) for name, text in texts.items())
    policy, findings = load(PolicyFiles("1" * 40, (*given_files, ("allowed_signers", b"")), ""))
    assert [f"{finding.place}: {finding.message}" for finding in findings] == []
    assert policy is not None
    assert policy.tools[0].versions == ">=2.1,<3"
    assert [tool.id for tool in policy.tools] == ["claude-code", "github-copilot", "some-tool"]
    assert [tier.name for tier in policy.tiers] == ["open", "controlled", "restricted", "human-only"]
    assert [len(person.roles) for person in policy.people] == [2, 0, 1]
    assert [exception.id for exception in policy.exceptions] == ["EX-2026-001"]
    # The conditions of the restricted tier are met by the example register: nothing is left to fill in.
    assert "SOX010" not in [finding.rule for finding in lint(policy, "2026-02-01")]


def test_the_schemas_are_beside_the_files() -> None:
    rendered = render_starter("bank/ledger", "Team", ALICE, "", ())
    for name in FILES:
        assert rendered[f"{name}.toml"].startswith(f"#:schema ./schema/{name}.json\n".encode())
        assert json.loads(rendered[f"schema/{name}.json"]) == schema(name)
    assert sorted(rendered) == [
        "README.md", "allowed_signers", "exceptions.toml", "people.toml", "policy.toml",
        "schema/exceptions.json", "schema/people.json", "schema/policy.json",
    ]  # fmt: skip
    assert all(content.endswith(b"\n") and not content.endswith(b"\n\n") for content in rendered.values())


@pytest.mark.parametrize(
    "name",
    [
        'Ann "Nan" O\'Neil',
        "back\\slash",
        "李雷",
        "[x]\nmode",
        "#",
        '"""',
        "@@EMAIL@@",
        "\\u0041",
        "\x7f",
        "a\U0001f600b",
    ],
)
def test_nothing_breaks_out_of_its_quotes(name: str) -> None:
    rendered = render_starter("bank/ledger", name, ALICE.replace(name=name), "", ())
    assert toml_reader().loads(rendered["people.toml"].decode())["people"]["alice"]["name"] == name
    assert toml_reader().loads(rendered["policy.toml"].decode())["policy"]["owner"] == name


@settings(max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_text_is_a_toml_text(text: str) -> None:
    assert toml_reader().loads(f"x = {toml_text(text)}\n") == {"x": text}


def test_an_id_with_a_dot_is_one_name() -> None:
    policy, findings = starter(ALICE.replace(id="alice.ng"))
    assert findings == []
    assert policy is not None
    assert policy.people[0].id == "alice.ng"


def test_values_that_no_policy_may_have_are_left_to_the_loader() -> None:
    policy, findings = starter(repository="not an id", baseline=("abc",))
    assert policy is None
    assert len(findings) == 2


def test_a_name_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'J\\\\xf6rg' is not UTF-8"):
        render_starter("r", "o", ALICE.replace(name="J\udcf6rg"), "", ())


@pytest.mark.parametrize(
    ("path", "tool", "rule"),
    [
        ("src/ledger/post.py", "claude-code", "SOX309"),
        ("src/ledger/post.py", "github-copilot", "SOX309"),
        (".sox/policy.toml", "claude-code", "SOX309"),
        ("src/ledger/post.py", "cursor", "SOX301"),
        ("src/app.py", "claude-code", ""),
    ],
)
def test_every_tool_is_refused_on_restricted_paths_until_its_register_entry_is_filled_in(
    policy: Policy, path: str, tool: str, rule: str
) -> None:
    claim = Claim(ASSISTED, (ToolUse(tool, "2.1.0", "some-model"),))
    facts = Facts((path,), claim, (), "alice@bank.example", "alice", "2026-11-23T12:00:00Z")
    decision = evaluate(policy, facts)
    assert decision.allowed == (not rule)
    assert {finding.rule for finding in decision.findings} == ({rule} if rule else set())
