"""The journal's lines, and what they say about staged object ids."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sox_hooks.detection import journal
from sox_hooks.detection.journal import ANNOUNCED, DELETED, EDITED_SINCE, WRITTEN, JournalEntry
from sox_hooks.policy.facts import Evidence

A, B, GONE = "a" * 40, "b" * 40, "0" * 40
NOW = 1_800_000_000


def entry(path: str, blob: str, tool: str = "codex", **fields: str) -> JournalEntry:
    return JournalEntry(NOW, path, blob, tool, **fields)


def test_what_is_staged_as_the_agent_left_it_is_written():
    entries = (entry("x", A, version="1.2", model="gpt-5.5", session="s"),)
    assert journal.evidence(entries, {"x": A}) == (
        Evidence("codex", "high", "journal", "1 written", "1.2", "gpt-5.5", "s"),
    )
    assert [(one.path, one.state, one.tools) for one in journal.attributions(entries, {"x": A, "y": B})] == [
        ("x", WRITTEN, ("codex",))
    ]


def test_what_changed_since_is_edited_since():
    for blob in (A, ANNOUNCED):
        (sign,) = journal.evidence((entry("x", blob),), {"x": B})
        assert (sign.confidence, sign.detail) == ("medium", "1 edited since")


def test_a_removed_file_is_written_if_it_is_removed():
    assert journal.evidence((entry("x", DELETED),), {"x": GONE})[0].confidence == "high"
    assert journal.evidence((entry("x", DELETED),), {"x": A})[0].confidence == "medium"
    assert journal.evidence((entry("x", ANNOUNCED),), {"x": GONE})[0].confidence == "medium"


def test_other_paths_say_nothing():
    assert journal.evidence((entry("x", A),), {"y": A}) == ()
    assert journal.attributions((entry("x", A),), {"y": A}) == ()


def test_two_tools_on_one_path_are_both_told():
    entries = (entry("x", A, "codex"), entry("x", B, "aider"), entry("y", A, "aider"))
    staged = {"x": B, "y": B}
    assert {(sign.tool, sign.confidence, sign.detail) for sign in journal.evidence(entries, staged)} == {
        ("codex", "medium", "1 edited since"),
        ("aider", "high", "1 written, 1 edited since"),
    }
    states = {one.path: (one.state, one.tools) for one in journal.attributions(entries, staged)}
    assert states == {"x": (WRITTEN, ("aider",)), "y": (EDITED_SINCE, ("aider",))}


def test_old_lines_and_lines_from_the_future_do_not_count(tmp_path):
    path = tmp_path / "journal"
    ages = (0, journal.LIFETIME - 10, journal.LIFETIME + 10, -100_000)
    path.write_bytes(b"".join(journal.line_of(entry(f"p{age}", A).replace(moment=NOW - age)) for age in ages))
    assert [one.path for one in journal.read(str(path), NOW)] == ["p0", f"p{journal.LIFETIME - 10}"]
    assert journal.read(str(tmp_path / "none"), NOW) == ()


def test_damaged_lines_are_left_out(tmp_path):
    path = tmp_path / "journal"
    good = journal.line_of(entry("x", A))
    path.write_bytes(
        b"\xff\xfe\n{}\n[]\n" + good[:-20] + b"\n" + b'{"t":"1","path":"x"}\n' + b"[" * 5000 + b"\n" + good
    )
    assert journal.read(str(path), NOW) == (entry("x", A),)


paths = st.binary(min_size=1, max_size=30).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@settings(max_examples=200)
@given(paths, st.text(alphabet="0123456789abcdef", max_size=40), st.text(max_size=10))
def test_a_line_reads_back(path, blob, model):
    model = model.encode("utf-8", "replace").decode()
    one = entry(path, blob, model=model)
    line = journal.line_of(one)
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert journal.parse(line.rstrip(b"\n")) == one


@settings(max_examples=200)
@given(st.binary(max_size=100))
def test_junk_is_never_an_error(raw):
    found = journal.parse(raw)
    assert found is None or found.path
