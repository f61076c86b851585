"""Loading `.sox/`: what a right policy becomes, and the rule, place and words for everything that is wrong with one."""

from __future__ import annotations

import pytest

from sox_hooks.core.errors import USAGE, ConfigError
from sox_hooks.core.findings import ERROR, Place
from sox_hooks.policy.document import ENOUGH, LIMIT
from sox_hooks.policy.load import load, load_or_fail
from sox_hooks.policy.model import RELATIONS, Dated, Person, PolicyException, Tier, Tool
from sox_hooks.policy.source import PolicyFiles
from tests.policy.policy_texts import EXCEPTIONS, IDENTITY, PEOPLE, POLICY, edited, files, loaded, refused


def test_the_head_of_a_policy() -> None:
    policy = loaded()
    assert (policy.identity, policy.repository, policy.former) == (IDENTITY, "bank/ledger", ("old/ledger",))
    assert (policy.version, policy.owner, policy.mode) == (3, "Finance Platform", "enforce")
    assert policy.baseline == ("1" * 40,)
    assert (policy.record_for_others, policy.spelling, policy.case_sensitive) == (False, "tool", False)
    assert policy.exceptions_approved_by == "compliance"
    assert policy.catalogue == '{"in-house-bot":{"emails":["bot@bank.example"],"name":"In-house bot"}}'


def test_a_register_entry() -> None:
    claude, cursor = loaded().tools
    assert claude == Tool(
        id="claude-code",
        status="approved",
        versions=">=2.1,<3",
        models=("claude-opus-*",),
        vendor="Anthropic",
        owner="AI office",
        evidence="DD-17",
        approved_on="2026-01-15",
        review_by="2027-01-15",
        soc2_valid_until="2026-12-31",
        data_residency=("eu",),
        retention_days=30,
        encryption=("in-transit", "at-rest"),
        audit_logging=1,
        place=Place(".sox/policy.toml", 13, 8),
    )
    assert (cursor.revoked_on, cursor.revoked_reason) == ("2026-03-01", "breach")
    assert (cursor.retention_days, cursor.audit_logging) == (-1, -1)


def test_tiers() -> None:
    open_tier, restricted = loaded().tiers
    assert open_tier == Tier("open", "any", 0, undeclared=True, place=Place(".sox/policy.toml", 33, 8))
    assert restricted == Tier(
        "restricted",
        "approved",
        1,
        tools=("claude-code",),
        require=("soc2", "retention<=30"),
        declaration="required",
        review=("compliance", "compliance"),
        training=("ai-course",),
        key="hardware",
        relations=("same-change", "merge"),
        place=Place(".sox/policy.toml", 36, 8),
    )


def test_reading_is_refused_only_where_the_policy_says_so() -> None:
    assert [tier.reads for tier in loaded().tiers] == ["allow", "allow"]
    text = edited(POLICY, 'key = "hardware"', 'key = "hardware"\nreads = "deny"')
    assert [tier.reads for tier in loaded(policy=text).tiers] == ["allow", "deny"]


def test_same_patch_is_accepted_by_default_only_where_any_ai_is() -> None:
    tiers = loaded(policy=edited(POLICY, 'relations = { restricted = ["same-change", "merge"] }\n', "")).tiers
    assert tiers[0].relations == RELATIONS
    assert tiers[1].relations == ("same-change", "merge", "revert", "squash")


def test_paths() -> None:
    everything, ledger = loaded().paths
    assert (everything.tier, everything.because, everything.patterns[0].kind) == ("open", "", "all")
    assert [pattern.source for pattern in ledger.patterns] == ["src/ledger/**", "*.sql"]
    assert (ledger.because, ledger.place) == ("the books", Place(".sox/policy.toml", 49, 3))


def test_people() -> None:
    alice, carol, bot = loaded().people
    assert alice == Person(
        id="alice",
        name="Alice Ng",
        emails=("alice@bank.example", "ng@bank.example"),
        accounts=("github:alice",),
        roles=(Dated("developer", "2025-01-01"),),
        trainings=(Dated("ai-course", "2026-01-20", "2027-01-20", "v3"),),
        place=Place(".sox/people.toml", 1, 9),
    )
    assert carol.roles == (Dated("compliance", "2026-01-01", "2026-06-30"),)
    assert (bot.kind, bot.emails) == ("service", ())


def test_an_exception_that_has_expired_loads() -> None:
    (exception,) = loaded().exceptions
    assert exception.patterns[0].source == "src/ledger/fixtures/**"
    assert exception == PolicyException(
        id="EX-1",
        tool="claude-code",
        patterns=exception.patterns,
        persons=("alice",),
        reason="fixtures",
        ticket="RISK-1",
        requested_by="alice",
        approved_by="carol",
        starts="2026-02-01",
        expires="2026-02-28",
        place=Place(".sox/exceptions.toml", 1, 3),
    )


def test_exceptions_are_optional_and_other_files_are_ignored() -> None:
    given = files(exceptions=None)
    policy, findings = load(given.replace(files=(*given.files, ("README.md", b"\xff"))))
    assert findings == ()
    assert policy is not None
    assert policy.exceptions == ()


def test_signers_are_read_for_the_people_of_the_file(make_key) -> None:
    key = make_key().with_suffix(".pub").read_text().split()[:2]
    line = f'alice@bank.example namespaces="sox-record" {" ".join(key)}\n'
    (signer,) = loaded(allowed_signers=line).signers
    assert (signer.person, signer.key_type, signer.key) == ("alice", *key)
    (finding,) = refused(allowed_signers=line.replace("alice", "alcie"))
    assert (finding.rule, str(finding.place)) == ("SOX009", ".sox/allowed_signers:1:1")


# What is changed in which file; the rule, line and column of the one finding; a part of its message.
WRONG = [
    # Keys
    ("policy", 'owner = "Finance', 'onwer = "Finance', "SOX002", "5:1",
        'unknown key "onwer" in policy; did you mean "owner"?'),
    ("policy", "[enforcement]", "[enforcment]", "SOX002", "7:2",
        'unknown key "enforcment"; did you mean "enforcement"?'),
    ("policy", "approved_on", "aproved_on", "SOX002", "20:1", 'in tools.claude-code; did you mean "approved_on"?'),
    ("policy", 'because = "the', 'becuase = "the', "SOX002", "52:1", 'in paths[1]; did you mean "because"?'),
    ("policy", 'key = "hardware"', 'zzz = "hardware"', "SOX002", "43:1", 'unknown key "zzz" in tiers.restricted'),
    ("policy", 'key = "hardware"', 'read = "deny"', "SOX002", "43:1", 'tiers.restricted; did you mean "reads"?'),
    ("policy", 'key = "hardware"', 'reads = "denied"', "SOX003", "43:9", 'did you mean "deny"?'),
    ("policy", 'ai = "any"', '"\\u001b[31m" = 1\nai = "any"', "SOX002", "34:1", "\\x1b[31m"),
    ("people", "valid_until", "valid_untill", "SOX002", "6:54",
        'in people.alice.trainings[0]; did you mean "valid_until"?'),
    ("people", "[people.carol]", "[persons.carol]", "SOX002", "8:2", 'unknown key "persons"'),
    ("exceptions", "[[exceptions]]", "[[exception]]", "SOX002", "1:3", 'did you mean "exceptions"?'),
    ("policy", "version = 3\n", "", "SOX004", "1:2", "policy.version is missing"),
    ("policy", 'repository = "bank/ledger"\n', "", "SOX004", "1:2", "policy.repository is missing"),
    ("policy", 'status = "prohibited"\n', "", "SOX004", "28:8", "tools.cursor.status is missing"),
    ("policy", 'ai = "any"\n', "", "SOX004", "33:8", "tiers.open.ai is missing"),
    ("policy", 'patterns = ["**"]\n', "", "SOX004", "45:3", "paths[0].patterns is missing"),
    ("policy", "revoked_on = 2026-03-01\n", "", "SOX004", "30:1", "tools.cursor.revoked_on is missing"),
    ("people", 'name = "Carol"\n', "", "SOX004", "8:9", "people.carol.name is missing"),
    ("people", 'emails = ["carol@bank.example"]\n', "", "SOX004", "8:9", "people.carol.emails is missing"),
    ("people", ", from = 2025-01-01", "", "SOX004", "5:10", "people.alice.roles[0].from is missing"),
    ("exceptions", 'ticket = "RISK-1"\n', "", "SOX004", "1:3", "exceptions[0].ticket is missing"),
    # Types and values
    ("policy", "version = 3", 'version = "3"', "SOX003", "4:11", "policy.version must be a whole number, not text"),
    ("policy", "version = 3", "version = true", "SOX003", "4:11", "not true or false"),
    ("policy", "version = 3", "version = 3.0", "SOX003", "4:11", "not a number with a fraction"),
    ("policy", "version = 3", "version = 0", "SOX003", "4:11", "from 1 to 9007199254740991"),
    ("policy", "version = 3", f"version = 0x{'f' * 9999}", "SOX003", "4:11", "from 1 to 9007199254740991"),
    ("policy", '"bank/ledger"', '"bank ledger"', "SOX003", "2:14", 'must be an id such as "bank/ledger"'),
    ("policy", '"bank/ledger"', '"ledger\\n"', "SOX003", "2:14", 'not "ledger\\x0a"'),
    ("policy", '"Finance Platform"', '"  "', "SOX003", "5:9", "one line of text"),
    ("policy", '"Finance Platform"', '"a\\u0007b"', "SOX003", "5:9", 'without control characters, not "a\\x07b"'),
    ("policy", '"Finance Platform"', f'"{"x" * 1001}"', "SOX003", "5:9", "at most 1000 characters long"),
    ("policy", 'undeclared = ["open"]', 'mode = "enforced"', "SOX003", "8:8", 'did you mean "enforce"?'),
    ("policy", 'undeclared = ["open"]', "record_for_others = 1", "SOX003", "8:21",
        "must be true or false, not a number"),
    ("policy", 'undeclared = ["open"]', 'assisted_by = "LLM"', "SOX003", "8:15", 'did you mean "llm"?'),
    ("policy", '["1111111111111111111111111111111111111111"]', '["1111111"]', "SOX003", "11:13", "a full commit id"),
    ("policy", '["same-change", "merge"]', '["same-chnage"]', "SOX003", "9:29", 'did you mean "same-change"?'),
    ("policy", '["same-change", "merge"]', "[]", "SOX003", "9:28", "must hold at least 1 value"),
    ("policy", '["same-change", "merge"]', '"merge"', "SOX003", "9:28", "must be an array, not text"),
    ("policy", 'status = "prohibited"', 'status = "banned"', "SOX003", "29:10",
        'one of "approved", "restricted", "prohibited"'),
    ("policy", '">=2.1,<3"', '"~=2.1"', "SOX003", "15:12", 'comparisons such as ">=2.1,<3"'),
    ("policy", '">=2.1,<3"', '">=2.1,<3.x"', "SOX003", "15:12", "versions cannot be used: '3.x' is no version"),
    ("policy", "retention_days = 30", "retention_days = -1", "SOX003", "24:18", "from 0 to"),
    ("policy", '["in-transit", "at-rest"]', '["in-transit", "at-reset"]', "SOX003", "25:29", 'did you mean "at-rest"?'),
    ("policy", 'data_residency = "eu"', 'data_residency = "EU"', "SOX003", "23:18", "a region in lower-case letters"),
    ("policy", 'data_residency = "eu"', "data_residency = 1", "SOX003", "23:18",
        "must be text in quotes, not a number"),
    ("policy", "2026-01-15", "2026-01-15T00:00:00Z", "SOX003", "20:15", "not a date with a time"),
    ("policy", "2026-01-15", "00:00:00", "SOX003", "20:15", "not a time of day"),
    ("policy", "2026-01-15", "20260115", "SOX003", "20:15", "must be a date such as 2027-06-30, not a number"),
    ("policy", '"soc2", "retention<=30"', '"soc3"', "SOX003", "39:12", 'did you mean "soc2"?'),
    ("policy", '"soc2", "retention<=30"', '"retention<30"', "SOX003", "39:12", 'did you mean "retention<=30"?'),
    ("policy", '"soc2", "retention<=30"', '"residency:EU"', "SOX003", "39:12", 'did you mean "residency:eu"?'),
    ("policy", "[tiers.open]", "[tiers.Open]", "SOX003", "33:8", 'the name "Open" in tiers must be lower-case letters'),
    ("policy", "tiers.open]\nai =", "tiers]\nopen =", "SOX003", "34:8", "tiers.open must be a table, not text"),
    ("policy", 'tier = "open"', 'tier = ["open"]', "SOX003", "47:8", "must be text in quotes, not an array"),
    ("policy", '["**"]', "[]", "SOX003", "46:12", "paths[0].patterns must hold at least 1 value"),
    ("policy", 'name = "In-house bot"', "name = 1.5", "SOX003", "55:8",
        "catalogue.in-house-bot.name must be text, true or"),
    ("policy", 'name = "In-house bot"', "a = [{ b = 2026-01-01 }]", "SOX003", "55:12", "not a date"),
    ("policy", "[catalogue.in-house-bot]\n", "[catalogue]\n", "SOX003", "55:8",
        "catalogue.name must be a table, not text"),
    ("policy", 'undeclared = ["open"]', 'undeclared = ["open", "restricted"]', "SOX003", "8:23",
        "requires a declaration"),
    ("people", "[people.alice]", '[people."al ice"]', "SOX003", "1:9", 'the name "al ice" in people must be letters'),
    ("people", '"ng@bank.example"', '"ng.bank.example"', "SOX003", "3:33", "must be an e-mail address"),
    ("people", '"ng@bank.example"', '"*@bank.example"', "SOX003", "3:33", "must be an e-mail address"),
    ("people", '["carol@bank.example"]', "[]", "SOX003", "10:10", "people.carol.emails must hold at least 1 value"),
    ("people", '"github:alice"', '"alice"', "SOX003", "4:13", "a forge and a login"),
    ("people", 'kind = "service"', 'kind = "servce"', "SOX003", "15:8", 'did you mean "service"?'),
    ("exceptions", 'approved_by = "carol"', 'approved_by = "release-bot"', "SOX003", "9:15",
        '"release-bot", a service'),
    ("exceptions", 'requested_by = "alice"', 'requested_by = "carol"', "SOX003", "9:15", "requested themselves"),
    ("exceptions", 'persons = ["alice"]', 'persons = ["alice", "carol"]', "SOX003", "9:15",
        "an exception for themselves"),
    ("exceptions", "starts = 2026-02-01", "starts = 2025-12-31", "SOX003", "9:15",
        'the role "compliance" on 2025-12-31'),
    ("exceptions", "02-01\nexpires = 2026-02-28", "07-01\nexpires = 2026-07-02", "SOX003", "9:15", "on 2026-07-01"),
    # Dates
    ("policy", '"2027-01-15"', '"2027-1-15"', "SOX005", "21:13", 'must be a date such as 2027-06-30, not "2027-1-15"'),
    ("policy", '"2027-01-15"', '"2027-02-30"', "SOX005", "21:13", 'not "2027-02-30"'),
    ("policy", '"2027-01-15"', '"2027-01-15 "', "SOX005", "21:13", "must be a date"),
    ("policy", '"2027-01-15"', "2026-01-14", "SOX005", "21:13",
        "review_by (2026-01-14) is before approved_on (2026-01-15)"),
    ("people", "until = 2026-06-30", "until = 2025-12-31", "SOX005", "11:60",
        "roles[0].until (2025-12-31) is before from"),
    ("people", "on = 2026-01-20", "on = 2028-01-20", "SOX005", "6:68", "is before on (2028-01-20)"),
    ("exceptions", "2026-02-28", "2026-01-31", "SOX005", "11:11", "expires (2026-01-31) is before starts (2026-02-01)"),
    # Duplicates
    ("policy", '["old/ledger"]', '["old/ledger", "bank/ledger"]', "SOX006", "3:25",
        "is the present id and a former one"),
    ("policy", 'undeclared = ["open"]', 'undeclared = ["open", "open"]', "SOX006", "8:23", '"open" stands twice'),
    ("policy", '"soc2", "retention<=30"', '"retention<=9", "retention<=30"', "SOX006", "39:11",
        "two limits of retention"),
    ("policy", '"soc2", "retention<=30"', '"residency:eu", "residency:ch"', "SOX006", "39:11", "holds two regions"),
    ("people", '"carol@bank.example"', '"NG@Bank.example"', "SOX006", "10:11",
        "belongs to people.alice and to people.carol"),
    ("people", 'kind = "service"', 'kind = "service"\naccounts = ["github:Alice"]', "SOX006", "16:13", "belongs to"),
    ("people", "[people.release-bot]", "[people.ALICE]", "SOX006", "13:9",
        "people.ALICE differs from people.alice only in"),
    # Patterns
    ("policy", '"*.sql"', '"!*.sql"', "SOX007", "50:30", "'!*.sql'"),
    ("exceptions", '"src/ledger/fixtures/**"', '"a/[[:alpha:]]"', "SOX007", "4:13", "'a/[[:alpha:]]'"),
    ("policy", '"*.sql"', '"sql/[a-z/**"', "SOX007", "50:30", "a [ is not closed"),
    # References
    ("policy", 'tier = "open"', 'tier = "opne"', "SOX008", "47:8",
        'the tier "opne", which is not defined; did you mean "open"?'),
    ("policy", 'undeclared = ["open"]', 'undeclared = ["openn"]', "SOX008", "8:15", 'did you mean "open"?'),
    ("policy", "{ restricted = [", "{ restrcted = [", "SOX008", "9:15", 'did you mean "restricted"?'),
    ("policy", 'tools = ["claude-code"]', 'tools = ["claud-code"]', "SOX008", "38:10", 'did you mean "claude-code"?'),
    ("policy", '"compliance", "compliance"]', '"complience"]', "SOX008", "41:11", 'the role "complience"'),
    ("policy", 'approved_by = "compliance"', 'approved_by = "auditor"', "SOX008", "10:26", 'the role "auditor"'),
    ("exceptions", 'tool = "claude-code"', 'tool = "claude"', "SOX008", "3:8", 'the tool "claude"'),
    ("exceptions", 'persons = ["alice"]', 'persons = ["alise"]', "SOX008", "5:12", 'did you mean "alice"?'),
    ("exceptions", 'approved_by = "carol"', 'approved_by = "karol"', "SOX008", "9:15", 'did you mean "carol"?'),
    ("exceptions", 'requested_by = "alice"', 'requested_by = "mallory"', "SOX008", "8:16", 'the person "mallory"'),
]  # fmt: skip

TEXT_OF = {"policy": POLICY, "people": PEOPLE, "exceptions": EXCEPTIONS}


@pytest.mark.parametrize(("file", "old", "new", "rule", "at", "words"), WRONG)
def test_one_fault_gives_its_rule_at_its_place(file, old, new, rule, at, words) -> None:
    found = refused(**{file: edited(TEXT_OF[file], old, new)})
    # A fault in what others refer to may have consequences; it comes with them, and it is there once.
    (finding,) = [entry for entry in found if entry.rule == rule and str(entry.place) == f".sox/{file}.toml:{at}"]
    assert words in finding.message
    assert finding.severity == ERROR
    assert finding.fix
    assert finding.message.isprintable()


def test_an_exception_id_stands_once() -> None:
    (finding,) = refused(exceptions=EXCEPTIONS + EXCEPTIONS.replace("EX-1", "ex-1"))
    assert finding.rule == "SOX006"
    assert finding.message == 'the exception "ex-1" is defined in line 1 already'
    assert finding.place == Place(".sox/exceptions.toml", 13, 6)


def test_all_faults_are_reported_at_once() -> None:
    found = refused(
        policy=edited(POLICY, "version = 3", "version = 0"),
        people=edited(PEOPLE, 'kind = "service"', 'knid = "service"'),
        exceptions=edited(EXCEPTIONS, "2026-02-28", '"soon"'),
    )
    assert [(entry.rule, entry.place.file) for entry in found] == [
        ("SOX002", ".sox/people.toml"),
        ("SOX004", ".sox/people.toml"),
        ("SOX003", ".sox/policy.toml"),
        ("SOX005", ".sox/exceptions.toml"),
    ]


BROKEN = [
    (b"a = \n", "1:5", "is not valid TOML: Invalid value"),
    (b"[a]\n[a]\n", "2:3", "is not valid TOML: Cannot declare ('a',) twice"),
    (b"a = [1,\n", "2:1", "is not valid TOML"),
    (b'a = "\x1b"\n', "1:6", "Illegal character '\\x1b'"),
    (b"a = 1\r", "1:6", "is not valid TOML"),
    (b"\xef\xbb\xbf[policy]\n", "1:1", "begins with a byte order mark"),
    (b"\xff\xfe[\x00", "1:1", "is not UTF-8: byte 0xff"),
    ("a = 1\n# é".encode() + b"\xe9\n", "2:4", "is not UTF-8: byte 0xe9"),
    (b"[policy]\nx = '\x00'\n", "2:6", "holds a NUL character"),
    (b"#" * (LIMIT + 1), "", "is larger than 4 MiB"),
    (b"a = " + b"[" * 100_000, "1:37", "nested more than 32 levels deep"),
    (b"a" + b".a" * 1_000_000 + b" = 1", "1:65", "nested more than 32 levels deep"),
    (b"a = [" + b"1," * 200_000 + b"]", "1:200004", "more than 100,000 keys and values"),
    (b"a = " + b"9" * 5000, "", "is not valid TOML: Exceeds the limit"),
    (b"a = 2026-02-30", "1:5", "is not valid TOML: Invalid date"),
]


@pytest.mark.parametrize("name", ["policy", "people", "exceptions"])
@pytest.mark.parametrize(("raw", "at", "words"), BROKEN, ids=[words[-25:] for _, _, words in BROKEN])
def test_a_file_that_cannot_be_read_is_a_finding(name, raw, at, words) -> None:
    (finding,) = refused(**{name: raw})
    assert finding.rule == "SOX001"
    assert words in finding.message
    assert str(finding.place) == f".sox/{name}.toml" + (f":{at}" if at else "")


@pytest.mark.parametrize("name", ["policy", "people", "allowed_signers"])
def test_a_file_that_every_policy_needs(name) -> None:
    (finding,) = refused(**{name: None})
    file = name if name == "allowed_signers" else f"{name}.toml"
    assert (finding.rule, finding.message) == ("SOX015", f".sox/{file} is missing")


def test_a_misspelt_file_is_pointed_out() -> None:
    given = files(policy=None)
    _, (finding,) = load(given.replace(files=(*given.files, ("polcy.toml", POLICY.encode()))))
    assert finding.message == '.sox/policy.toml is missing; did you mean "polcy.toml"?'


def test_two_files_of_one_name_are_refused() -> None:
    given = files()
    policy, (finding,) = load(given.replace(files=(*given.files, ("policy.toml", POLICY.encode()))))
    assert policy is None
    assert finding.rule == "SOX006"


@pytest.mark.parametrize(
    "text",
    ["".join(f"key{n} = 1\n" for n in range(50_000)), "".join(f"[tools.a{n}]\n{'x' * 5000} = 1\n" for n in range(500))],
    ids=["many", "long"],
)
def test_a_flood_of_faults_ends_early(text) -> None:
    assert len(refused(policy=text)) == ENOUGH


def test_many_entries_take_no_more_time_than_they_must() -> None:
    # A comparison of every entry with every other one would not end before the time-out of the test.
    names = ", ".join(f'"r{n}"' for n in range(10_000))
    roles = ", ".join(f'{{role = "r{n}", from = 2026-01-01}}' for n in range(10_000))
    people = edited(PEOPLE, '{ role = "developer", from = 2025-01-01 }', roles)
    assert (
        len(loaded(policy=edited(POLICY, '"compliance", "compliance"', names), people=people).tiers[1].review) == 10_000
    )
    tiers = "".join(f'[tiers.t{n}]\nai = "any"\n' for n in range(10_000))
    assert [finding.message for finding in refused(policy=POLICY + tiers)] == ["tiers may hold at most 50 entries"]
    tools = "".join(f'[tools.t{n}]\nstatus = "approved"\n' for n in range(10_000))
    many = ", ".join(f'"x{n}"' for n in range(10_000))
    assert len(refused(policy=edited(POLICY, 'tools = ["claude-code"]', f"tools = [{many}]") + tools)) == ENOUGH


def test_a_policy_may_begin_with_crlf_lines() -> None:
    policy, findings = load(files(policy=POLICY.replace("\n", "\r\n")))
    assert findings == ()
    assert policy == loaded()


def test_patterns_are_folded_as_the_policy_says() -> None:
    text = edited(POLICY, "src/ledger/**", "SRC/Ledger/**")
    assert loaded(policy=text).paths[1].patterns[0].text == "src/ledger"
    text = edited(text, 'undeclared = ["open"]', "case_sensitive_paths = true")
    assert loaded(policy=text).paths[1].patterns[0].text == "SRC/Ledger"


def test_the_default_role_of_approvers_needs_nobody_until_there_is_an_exception() -> None:
    policy = edited(POLICY, 'exceptions_approved_by = "compliance"\n', "").replace(
        'review = ["compliance", "compliance"]', ""
    )
    people = edited(PEOPLE, 'role = "compliance"', 'role = "legal"')
    assert loaded(policy=policy, people=people, exceptions="").exceptions_approved_by == "compliance"
    (finding,) = refused(policy=policy, people=people)
    assert finding.message.startswith('"carol" does not have the role "compliance" on 2026-02-01')


def test_load_or_fail_names_the_first_error_and_counts_the_others() -> None:
    text = edited(edited(POLICY, "version = 3", "version = 0"), 'ai = "any"', 'ai = "all"')
    with pytest.raises(ConfigError) as caught:
        load_or_fail(files(policy=text))
    error = caught.value
    assert error.what == (
        ".sox/policy.toml:4:11: policy.version must be a whole number from 1 to 9007199254740991 (and 1 more)"
    )
    assert (error.rule, error.where) == ("SOX003", "the policy in origin/main:.sox")
    assert error.exit_code == USAGE
    assert [finding.rule for finding in error.findings] == ["SOX003", "SOX003"]


def test_load_or_fail_returns_the_policy() -> None:
    assert load_or_fail(files()) == loaded()


def test_nothing_at_all() -> None:
    policy, findings = load(PolicyFiles(IDENTITY, (), ""))
    assert policy is None
    assert [finding.rule for finding in findings] == ["SOX015"] * 3
    with pytest.raises(ConfigError, match=r"policy\.toml is missing \(and 2 more\)"):
        load_or_fail(PolicyFiles(IDENTITY, (), ""))
