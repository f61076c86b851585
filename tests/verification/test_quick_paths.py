"""What is kept or shortened for long histories gives what the long way would."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.policy.evaluate import evaluate
from sox_hooks.record import quick
from sox_hooks.record.record import Record
from sox_hooks.record.statement import payload
from tests.stage import SECRET, edited, words

TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
ANY_EMAIL = st.one_of(TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=12))


@given(TEXT, st.lists(TEXT, max_size=3), TEXT, TEXT, ANY_EMAIL)
def test_the_quick_payload_is_the_canonical_one(claim, tools, value, repository, email):
    parameters = (("policy", "a" * 40), ("change", "A" * 43), ("patch", value), ("log", value))
    record = Record(claim, tuple(tools), "v1", value, parameters)
    try:
        expected = payload(record, repository, email)
    except UnicodeEncodeError:  # lone surrogates outside what is signed as bytes: both refuse
        expected = None
    try:
        found = quick.payload(record, repository, email)
    except UnicodeEncodeError:
        found = None
    assert found == expected


def test_a_decision_that_is_kept_is_that_of_every_commit_it_is_used_for(stage, monkeypatch):
    """Commits that differ in one thing each, judged together: as when each is judged alone."""
    asked = []

    def counting(*arguments):
        asked.append(arguments)
        return evaluate(*arguments)

    monkeypatch.setattr("sox_hooks.verification.law.evaluate", counting)
    for name in ("a", "b", "c"):
        stage.record({f"docs/{name}": "x\n"})
    stage.record({"docs/d": "x\n"}, claim="assisted", tools=("claude-code",))
    stage.record({"docs/e": "x\n"}, claim="assisted", tools=("cursor",))
    stage.record({"docs/f": "x\n"}, claim="assisted", tools=("cursor",))
    stage.record({SECRET: edited((2, "x"))})
    stage.record({SECRET: edited((3, "x")), "docs/g": "x\n"}, claim="assisted", tools=("claude-code",))
    stage.record({"docs/h": "x\n"}, "Add\n\nCo-authored-by: Cursor <cursoragent@cursor.com>")
    found = [words(one) for one in stage.verify()]
    assert found[:4] == ["verified same-change"] * 4
    assert found[4:6] == ["denied SOX302"] * 2
    assert found[6] == "verified same-change"
    assert found[7].startswith("denied SOX2")
    assert found[8] == "denied SOX102 SOX302"
    assert len(asked) == len(found) - 2  # the first three are alike


def test_the_lines_of_the_record_are_taken_out_of_the_evidence_and_nothing_else_is(stage):
    """A trailer that stands below the record, or is folded, is evidence as before."""
    below = b"Co-authored-by: Cursor <cursoragent@cursor.com>\n"
    stage.record({"docs/a": "x\n"}, edit=lambda text: text + below)
    stage.record({"docs/b": "x\n"}, edit=lambda text: text.replace(b"Sox-Signature:", below + b"Sox-Signature:"))
    assert [words(one) for one in stage.verify()] == ["denied SOX102 SOX302"] * 2
