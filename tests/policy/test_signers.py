"""`allowed_signers`: what is accepted, and every line that `ssh-keygen` takes and we do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.core.findings import Place
from sox_hooks.policy.directory import out_of_time
from sox_hooks.policy.model import Person, Signer
from sox_hooks.policy.signers import parse_allowed_signers
from tests.record.software_keys import KINDS, software_key

FILE = ".sox/allowed_signers"
PEOPLE = (
    Person("alice", "Alice Ng", emails=("alice@bank.example", "Alice.Ng@bank.example")),
    Person("bob", "Bob Öz", emails=("bob@bank.example", "böb@bank.example")),
    Person("release-bot", kind="service", emails=("release@bank.example",)),
)
KEY = software_key("ssh-ed25519").line
KEY2 = software_key("ssh-ed25519", 1).line
TYPE, BASE64 = KEY.split()
NS = 'namespaces="sox-record"'


def read(text: str | bytes):
    return parse_allowed_signers(text if isinstance(text, bytes) else text.encode(), FILE, PEOPLE)


def one(text: str) -> Signer:
    signers, findings = read(text)
    assert findings == ()
    assert len(signers) == 1
    return signers[0]


def test_a_plain_line():
    assert one(f"alice@bank.example {NS} {KEY}\n") == Signer(
        "alice", ("alice@bank.example",), TYPE, BASE64, place=Place(FILE, 1)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key(kind):
    line = software_key(kind).line
    assert one(f"alice@bank.example {NS} {line} comment").key_type == kind


GOOD = {
    "several addresses of one person": f"alice@bank.example,Alice.Ng@bank.example {NS} {KEY}",
    "another case": f"ALICE@bank.example {NS} {KEY}",
    "quoted": f'"alice@bank.example" {NS} {KEY}',
    "quoted list": f'"alice@bank.example,alice.ng@bank.example" {NS} {KEY}',
    "tabs and blanks": f'\t alice@bank.example  \t{NS}\t {TYPE}  {BASE64}   a comment, with = and " ',
    "CRLF": f"alice@bank.example {NS} {KEY}\r\n",
    "CRLF and comment": f"alice@bank.example {NS} {KEY} comment\r\n",
    "no last line end": f"alice@bank.example {NS} {KEY}",
    "comments and empty lines": f"# alice\n\n   \t\n  # indented\n\r\nalice@bank.example {NS} {KEY}\n\n#\n",
    "comment that is not ASCII": f"# Ömer \u202e\nalice@bank.example {NS} {KEY} Ömer\n",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_other_layouts_of_a_good_line(text):
    assert one(text).person == "alice"


def test_the_places_of_signers_count_all_lines():
    signers, findings = read(f"# team\n\nbob@bank.example {NS} {KEY}\nrelease@bank.example {NS} {KEY2}\n")
    assert findings == ()
    assert [(signer.person, str(signer.place)) for signer in signers] == [
        ("bob", f"{FILE}:3"),
        ("release-bot", f"{FILE}:4"),
    ]


@pytest.mark.parametrize(
    ("options", "after", "before"),
    [
        (f'{NS},valid-after="20260101Z"', "2026-01-01T00:00:00Z", ""),
        (f'{NS},valid-before="202601021530Z"', "", "2026-01-02T15:30:00Z"),
        (f'valid-before="20260102153045Z",{NS}', "", "2026-01-02T15:30:45Z"),
        (
            f'valid-after="20240229Z",{NS},valid-before="20240229000001Z"',
            "2024-02-29T00:00:00Z",
            "2024-02-29T00:00:01Z",
        ),
        (f'valid-after="19700101000001Z",{NS}', "1970-01-01T00:00:01Z", ""),
        (f'valid-before="99991231235959Z",{NS}', "", "9999-12-31T23:59:59Z"),
    ],
)
def test_validity_is_kept_as_moments(options, after, before):
    signer = one(f"alice@bank.example {options} {KEY}")
    assert (signer.valid_after, signer.valid_before) == (after, before)


def test_both_ends_of_the_validity_are_included():
    signer = one(f'alice@bank.example {NS},valid-after="20260101Z",valid-before="20260201Z" {KEY}')
    cases = {
        "2025-12-31T23:59:59Z": False,
        "2026-01-01T00:00:00Z": True,
        "2026-02-01T00:00:00Z": True,
        "2026-02-01T00:00:01Z": False,
    }
    assert {moment: not out_of_time(signer, moment) for moment in cases} == cases
    assert not out_of_time(one(f"alice@bank.example {NS} {KEY}"), "2026-01-01T00:00:00Z")


A = "alice@bank.example"
BAD = {
    # name: (text, column, words of the message)
    "wildcard": (f"* {NS} {KEY}", 1, "wildcard"),
    "wildcard domain": (f"*@bank.example {NS} {KEY}", 1, "wildcard"),
    "question mark": (f"alic?@bank.example {NS} {KEY}", 1, "wildcard"),
    "negation": (f"{A},!bob@bank.example {NS} {KEY}", 20, "negation"),
    "unknown principal": (f"carol@bank.example {NS} {KEY}", 1, "nobody's address"),
    "misspelt principal": (f"alcie@bank.example {NS} {KEY}", 1, 'did you mean "alice@bank.example"'),
    "second principal unknown": (f"{A},alice@bank.exmaple {NS} {KEY}", 20, "nobody's address"),
    "two persons": (f"{A},bob@bank.example {NS} {KEY}", 20, "alice and for bob"),
    "empty principal": (f"{A},,bob@bank.example {NS} {KEY}", 20, "empty entry"),
    "comma at the end": (f"{A}, {NS} {KEY}", 20, "empty entry"),
    "blank after a comma": (f"{A}, bob@bank.example {NS} {KEY}", 20, "empty entry"),
    "empty quotes": (f'"" {NS} {KEY}', 2, "empty entry"),
    "open quote": (f'"{A} {TYPE} {BASE64}', 1, "not closed"),
    "quote inside": (f'alice"@bank.example" {NS} {KEY}', 6, "quote inside"),
    "quotes twice": (f'"{A}","bob@bank.example" {NS} {KEY}', 21, "space must follow"),
    "principal too long": (f"{'a' * 400}@bank.example {NS} {KEY}", 1, "longer than any"),
    "principal alone": (A, 19, "is not one of"),
    "no namespaces": (f"{A} {KEY}", 20, 'lacks namespaces="sox-record"'),
    "no namespaces, but options": (f'{A} valid-after="20260101Z" {KEY}', 20, "lack namespaces"),
    "namespaces of git": (f'{A} namespaces="git" {KEY}', 32, "exactly"),
    "namespaces list": (f'{A} namespaces="sox-record,git" {KEY}', 32, "exactly"),
    "namespaces wildcard": (f'{A} namespaces="*" {KEY}', 32, "exactly"),
    "namespaces in another case": (f'{A} namespaces="SOX-record" {KEY}', 32, "exactly"),
    "namespaces with a blank": (f'{A} namespaces="sox-record " {KEY}', 20, "double quotes"),
    "namespaces without quotes": (f"{A} namespaces=sox-record {KEY}", 20, "double quotes"),
    "namespaces without value": (f"{A} namespaces {KEY}", 20, "with its value"),
    "namespaces twice": (f"{A} {NS},{NS} {KEY}", 44, "repeated"),
    "option in capitals": (f'{A} Namespaces="sox-record" {KEY}', 20, "lower case"),
    "cert-authority": (f"{A} cert-authority,{NS} {KEY}", 20, "somebody else"),
    "Cert-Authority": (f"{A} {NS},CERT-authority {KEY}", 44, "somebody else"),
    "unknown option": (f"{A} {NS},octopus {KEY}", 44, "is not one of"),
    "misspelt option": (f'{A} {NS},valid-befor="20260101Z" {KEY}', 44, 'did you mean "valid-before"'),
    "touch option of authorized_keys": (f"{A} {NS},no-touch-required {KEY}", 44, "is not one of"),
    "comma first": (f"{A} ,{NS} {KEY}", 20, "is not one of"),
    "comma last": (f"{A} {NS}, {KEY}", 44, "is not one of"),
    "no comma": (f'{A} {NS}valid-after="20260101Z" {KEY}', 43, "comma"),
    "local time": (f'{A} {NS},valid-after="20260101" {KEY}', 57, "Z: in UTC"),
    "small z": (f'{A} {NS},valid-after="20260101z" {KEY}', 57, "Z: in UTC"),
    "UTC in letters": (f'{A} {NS},valid-after="20260101UTC" {KEY}', 57, "Z: in UTC"),
    "ISO time": (f'{A} {NS},valid-after="2026-01-01T00:00:00Z" {KEY}', 57, "YYYYMMDDZ"),
    "hours alone": (f'{A} {NS},valid-after="2026010112Z" {KEY}', 57, "YYYYMMDDZ"),
    "other digits": (f'{A} {NS},valid-after="２０２６0101Z" {KEY}', 57, "YYYYMMDDZ"),
    "no such day": (f'{A} {NS},valid-after="20260230Z" {KEY}', 57, "does not exist"),
    "no such second": (f'{A} {NS},valid-after="20260101000060Z" {KEY}', 57, "does not exist"),
    "no such hour": (f'{A} {NS},valid-after="202601012400Z" {KEY}', 57, "does not exist"),
    "before 1970": (f'{A} {NS},valid-before="19691231Z" {KEY}', 58, "does not exist"),
    "the very first second": (f'{A} {NS},valid-before="19700101Z" {KEY}', 58, "does not exist"),
    "time empty": (f'{A} {NS},valid-after="" {KEY}', 57, "YYYYMMDDZ"),
    "inverted": (f'{A} {NS},valid-after="20260102Z",valid-before="20260101Z" {KEY}', 20, "not later"),
    "of no length": (f'{A} {NS},valid-after="20260102Z",valid-before="20260102Z" {KEY}', 20, "not later"),
    "no key": (f"{A} {NS}", 43, "ends before its key"),
    "no base64": (f"{A} {NS} {TYPE}", 55, "cannot be used"),
    "unknown key type": (f"{A} {NS} ssh-ed25520 {BASE64}", 44, 'did you mean "ssh-ed25519"'),
    "certificate": (f"{A} {NS} ssh-ed25519-cert-v01@openssh.com {BASE64}", 44, "certificate"),
    "DSA": (f"{A} {NS} ssh-dss {BASE64}", 44, "DSA"),
    "type is another": (f"{A} {NS} ssh-rsa {BASE64}", 52, "is ssh-ed25519, not ssh-rsa"),
    "key cut": (f"{A} {NS} {TYPE} {BASE64[:-4]}", 56, "cut short"),
    "key continued": (f"{A} {NS} {TYPE} {BASE64}AAAA", 56, "after its end"),
    "key in another base64": (f"{A} {NS} {TYPE} {BASE64}=", 56, "base64"),
    "options twice": (f"{A} {NS} {NS} {KEY}", 44, "is not accepted"),
    "NUL": (f"{A}\0 {NS} {KEY}", 19, "control character"),
    "NUL after the key": (f"{A} {NS} {KEY}\0", len(f"{A} {NS} {KEY}") + 1, "control character"),
    "escape": (f"{A} {NS} {KEY} \x1b[31m", len(f"{A} {NS} {KEY} ") + 1, "control character"),
    "CR inside": (f"{A} {NS}\r{KEY}", 43, "control character"),
    "look-alike": (f"аlice@bank.example {NS} {KEY}", 1, "nobody's address"),
    "zero-width": (f"alice\u200b@bank.example {NS} {KEY}", 1, "nobody's address"),
    "no-break space": (f"{A}\u00a0{NS} {KEY}", 31, "quote inside"),
}


@pytest.mark.parametrize(("text", "column", "words"), BAD.values(), ids=BAD)
def test_bad_lines(text, column, words):
    signers, findings = read(f"# before\n{text}\nrelease@bank.example {NS} {KEY2}\n")
    assert [signer.person for signer in signers] == ["release-bot"]  # later lines are still read
    (finding,) = findings
    assert (finding.rule, finding.severity) == ("SOX009", "error")
    assert finding.fix
    assert words in finding.message
    assert finding.message.isprintable()
    assert finding.place == Place(FILE, 2, column)


def test_a_byte_order_mark_is_named_as_such():
    """`ssh-keygen` takes it for a part of the first principal, which then fits nobody."""
    signers, findings = read(f"\ufeff{A} {NS} {KEY}\nbob@bank.example {NS} {KEY2}\n")
    assert [signer.person for signer in signers] == ["bob"]
    assert [(entry.message, entry.place) for entry in findings] == [
        ("the file begins with a byte order mark", Place(FILE, 1, 1))
    ]


def test_bytes_that_are_not_utf8():
    signers, findings = read(f"ä {A} ".encode() + b"\xff\n" + f"{A} {NS} {KEY}\n".encode())
    assert [signer.person for signer in signers] == ["alice"]
    assert [(entry.rule, entry.place) for entry in findings] == [("SOX009", Place(FILE, 1, 22))]


@pytest.mark.parametrize(
    "second", [f"{A} {NS} {KEY}", f'{A} {NS},valid-after="20270101Z" {KEY}', f"bob@bank.example {NS} {KEY}"]
)
def test_a_key_stands_on_one_line(second):
    """For ssh-keygen any line that fits is enough: the second would undo what the first limits, or share the key."""
    signers, findings = read(f"{A} {NS} {KEY}\n{second}\n")
    assert len(signers) == 1
    (finding,) = findings
    assert (finding.place.line, finding.place.column) == (2, second.index(BASE64) + 1)
    assert "on line 1 already" in finding.message


def test_a_hostile_file_ends_soon():
    _, findings = read("x\n" * 1_000_000)
    assert len(findings) == 100
    _, findings = read(b"x" * (5 * 1024 * 1024))
    assert [entry.message for entry in findings] == [f"{FILE} is larger than 4 MiB"]


_PIECES = st.sampled_from(
    [A, "bob@bank.example", NS, KEY, KEY2, TYPE, BASE64, " ", ",", '"', "\t", "\r", "\n", "#", "*", "!", "\0", "ä",
     'valid-after="20260101Z"', 'valid-before="20260101"', "cert-authority", "\\"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_whatever_is_read_is_strict(text):
    signers, findings = read(text)
    for signer in signers:
        assert signer.person in ("alice", "bob")
        assert signer.key in text
    assert len({signer.key for signer in signers}) == len(signers)
    assert all(entry.message.isprintable() for entry in findings)


@given(st.binary(max_size=300))
def test_noise_never_crashes(data):
    signers, _ = read(data)
    assert signers == ()
