"""What `policy lint` says about policies that load."""

from __future__ import annotations

import pytest

from sox_hooks.core.findings import ERROR, NOTE, WARNING
from sox_hooks.policy.lint import lint
from sox_hooks.policy.model import Signer
from tests.policy.policy_texts import POLICY, edited, loaded

# No exception has expired and no report runs out within 60 days.
QUIET = "2026-02-20"
KEYS = tuple([Signer(person, (), "ssh-ed25519", person) for person in ("alice", "carol", "release-bot")])


def found(policy, today: str = QUIET) -> list[tuple[str, str, str, str]]:
    findings = lint(policy, today)
    assert all(entry.fix and entry.severity != ERROR and entry.message.isprintable() for entry in findings)
    return [(entry.rule, entry.severity, str(entry.place), entry.message) for entry in findings]


def test_a_policy_in_order_has_no_findings() -> None:
    assert found(loaded().replace(signers=KEYS)) == []


def changed(old: str, new: str):
    return loaded(policy=edited(POLICY, old, new)).replace(signers=KEYS)


@pytest.mark.parametrize(
    ("condition", "field", "line"),
    [
        ("soc2", "soc2_valid_until", "soc2_valid_until = 2026-12-31\n"),
        ("residency:eu", "data_residency", 'data_residency = "eu"\n'),
        ("retention<=30", "retention_days", "retention_days = 30\n"),
        ("encryption", "encryption", 'encryption = ["in-transit", "at-rest"]\n'),
        ("encryption:at-rest", "encryption", 'encryption = ["in-transit", "at-rest"]\n'),
        ("audit_logging", "audit_logging", "audit_logging = true\n"),
        ("review", "review_by", 'review_by = "2027-01-15"\n'),
        ("evidence", "evidence", 'evidence = "DD-17"\n'),
    ],
)
def test_a_condition_that_is_not_filled_in(condition: str, field: str, line: str) -> None:
    required = edited(POLICY, '"soc2", "retention<=30"', f'"{condition}"')
    assert found(loaded(policy=required).replace(signers=KEYS)) == []
    policy = loaded(policy=edited(required, line, "")).replace(signers=KEYS)
    message = f'tools.claude-code.{field} is not filled in, so the tool is refused in the tier "restricted"'
    assert found(policy) == [("SOX010", WARNING, ".sox/policy.toml:13:8", message)]


@pytest.mark.parametrize("condition", ["version", "model"])
def test_conditions_on_the_commit_need_no_field(condition: str) -> None:
    policy = edited(POLICY, '"soc2", "retention<=30"', f'"{condition}"').replace('models = ["claude-opus-*"]\n', "")
    assert found(loaded(policy=policy).replace(signers=KEYS)) == []


def test_all_tiers_that_wait_for_a_field_are_named_once() -> None:
    text = edited(POLICY, "soc2_valid_until = 2026-12-31\n", "")
    text += '[tiers.vault]\nai = "approved"\nkey = "hardware"\nrequire = ["soc2"]\n'
    text += '[[paths]]\npatterns = ["v"]\ntier = "vault"\n'
    messages = [entry[3] for entry in found(loaded(policy=text).replace(signers=KEYS)) if entry[0] == "SOX010"]
    assert messages == [
        'tools.claude-code.soc2_valid_until is not filled in, so the tool is refused in the tier "restricted", "vault"'
    ]


def test_tools_that_no_tier_admits_have_no_gaps() -> None:
    # cursor is prohibited and has nothing filled in; claude-code here is restricted to tiers that name it.
    text = edited(POLICY, 'status = "approved"', 'status = "restricted"').replace('tools = ["claude-code"]\n', "")
    text = edited(text, "soc2_valid_until = 2026-12-31\n", "")
    assert found(loaded(policy=text).replace(signers=KEYS)) == []


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-10-31", []),
        ("2026-11-15", [(NOTE, "tools.claude-code has a SOC 2 report valid until 2026-12-31")]),
        (
            "2026-12-31",
            [
                (NOTE, "tools.claude-code is to be reviewed by 2027-01-15"),
                (NOTE, "tools.claude-code has a SOC 2 report valid until 2026-12-31"),
            ],
        ),
        (
            "2027-01-16",
            [
                (WARNING, "tools.claude-code was to be reviewed by 2027-01-15"),
                (WARNING, "tools.claude-code had a SOC 2 report valid until 2026-12-31"),
            ],
        ),
    ],
)
def test_days_of_the_register(today: str, expected: list[tuple[str, str]]) -> None:
    policy = loaded().replace(signers=KEYS, exceptions=())
    assert [(severity, message) for _, severity, _, message in found(policy, today)] == expected


def test_days_of_a_revoked_tool_say_nothing() -> None:
    policy = changed("audit_logging = true\n", 'revoked_on = 2026-05-01\nrevoked_reason = "x"\n')
    assert found(policy.replace(exceptions=()), "2028-01-01") == []


def test_an_expired_exception_is_a_note() -> None:
    policy = loaded().replace(signers=KEYS)
    assert found(policy, "2026-02-28") == []
    assert found(policy, "2026-03-01") == [
        ("SOX011", NOTE, ".sox/exceptions.toml:1:3", 'the exception "EX-1" expired on 2026-02-28')
    ]


def test_tiers_without_an_order() -> None:
    text = edited(
        POLICY,
        '[[paths]]\npatterns = ["**"]\n',
        '[tiers.key]\nai = "approved"\nrequire = ["model"]\n[[paths]]\npatterns = ["**"]\n',
    )
    text += '[[paths]]\npatterns = ["k"]\ntier = "key"\n'
    (finding,) = lint(loaded(policy=text).replace(signers=KEYS), QUIET)
    assert (finding.rule, finding.severity) == ("SOX012", WARNING)
    assert finding.message == (
        'neither of the tiers "key" and "restricted" is stricter: a path in both is judged as "restricted"'
    )
    assert finding.why.startswith("only key demands: model. Only restricted demands: a declaration; a hardware key;")


def test_a_stricter_tier_in_which_agents_may_read() -> None:
    text = edited(POLICY, '[tiers.open]\nai = "any"\n', '[tiers.open]\nai = "any"\nreads = "deny"\n')
    (finding,) = lint(loaded(policy=text).replace(signers=KEYS), QUIET)
    assert (finding.rule, finding.severity) == ("SOX012", WARNING)
    assert finding.message.startswith('the tier "restricted" is stricter than "open", but agents may read in it')


def test_no_pattern_for_everything() -> None:
    assert found(changed('patterns = ["**"]', 'patterns = ["docs/**"]')) == [
        (
            "SOX013",
            WARNING,
            ".sox/policy.toml",
            'no pattern matches everything: all other paths are in the tier "restricted"',
        )
    ]


def test_a_tier_that_nothing_is_in() -> None:
    assert found(changed('tier = "restricted"', 'tier = "open"')) == [
        ("SOX016", NOTE, ".sox/policy.toml:36:8", 'no pattern puts a path into the tier "restricted"')
    ]


def test_the_strictest_tier_is_in_use_without_a_catch_all() -> None:
    policy = edited(POLICY, 'patterns = ["**"]', 'patterns = ["docs/**"]')
    policy = edited(policy, 'tier = "restricted"', 'tier = "open"')
    assert [entry[0] for entry in found(loaded(policy=policy).replace(signers=KEYS))] == ["SOX013"]


def test_a_training_that_nobody_has() -> None:
    assert found(changed('training = ["ai-course"]', 'training = ["ai-cuorse"]')) == [
        (
            "SOX008",
            WARNING,
            ".sox/policy.toml:36:8",
            'tiers.restricted asks for the training "ai-cuorse", which nobody has; did you mean "ai-course"?',
        )
    ]


def test_keys() -> None:
    signers = (Signer("alice", (), "ssh-rsa", "AAAA"), KEYS[1])
    assert found(loaded().replace(signers=signers)) == [
        ("SOX407", NOTE, "None", '"alice" signs with an RSA key'),
        ("SOX408", NOTE, ".sox/people.toml:13:9", "people.release-bot has no key in allowed_signers"),
    ]
