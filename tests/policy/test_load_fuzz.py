"""Whatever the files hold, `load` answers with a policy or with findings that can be printed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sox_hooks.core.findings import ERROR
from sox_hooks.policy.compiled import dump, restore
from sox_hooks.policy.load import load
from sox_hooks.policy.schema import FILES, schema
from sox_hooks.policy.starter.starter import StarterPerson, render_starter
from tests.policy.policy_texts import IDENTITY, TEXTS, files, with_examples

STARTER = render_starter("bank/ledger", "Team", StarterPerson("alice", "Alice", "alice@bank.example"), "", ("1" * 40,))
# The starter, the starter with the examples of its comments, and a policy that uses everything.
SEEDS = {
    name: [STARTER[name], with_examples(STARTER[name].decode()).encode(), text.encode()] for name, text in TEXTS.items()
}
PIECES = [
    b"", b"\n", b'"', b"'", b"[", b"]", b"[[", b"{", b"}", b"=", b".", b",", b"#", b"\\", b"\0", b"\xff", b"\r", b"!",
    b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\x1b[2J", b"true", b"-1", b"1e9", b"2026-02-29", b"inf", b"[]", b"{}", b'""',
    b"**/", b"[!a-", b"*" * 40, b"policy", b"people", b"tools", b"alice", b"\n[tiers.open]\n", b"\n[[paths]]\n",
    b"\n[people.bob]\n",
]  # fmt: skip


@st.composite
def damaged(draw, name: str) -> bytes:
    raw = draw(st.sampled_from(SEEDS[name]))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(raw)))
        raw = raw[:at] + draw(st.sampled_from(PIECES)) + raw[at + draw(st.sampled_from([0, 0, 1, 3, 40])) :]
    return raw


def check(**texts: bytes) -> None:
    policy, findings = load(files(**texts))
    assert (policy is None) == any(finding.severity == ERROR for finding in findings)
    for finding in findings:
        assert finding.message.isprintable()
        assert finding.why.isprintable()
        assert finding.place is None or finding.place.file.startswith(".sox/")
    if policy is not None:
        assert restore(dump(policy), IDENTITY) == policy


@settings(max_examples=300, deadline=None)
@given(damaged("policy.toml"), damaged("people.toml"), damaged("exceptions.toml"), damaged("allowed_signers"))
def test_damaged_files(policy: bytes, people: bytes, exceptions: bytes, signers: bytes) -> None:
    check(policy=policy, people=people, exceptions=exceptions, allowed_signers=signers)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["policy", "people", "exceptions", "allowed_signers"]))
def test_arbitrary_bytes(raw: bytes, name: str) -> None:
    check(**{name: raw})


VALUES = st.recursive(
    st.one_of(
        st.sampled_from(["1", "0", "-5", "1.5", "true", "2026-01-01", "2026-01-01T00:00:00Z", "12:00:00", "nan"]),
        st.sampled_from(
            ['""', '"**"', '"alice"', '"open"', '"2026-01-01"', '"claude-code"', '"\\u0000"', "'''a\nb'''"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda entries: f"[{', '.join(entries)}]"),
        st.dictionaries(st.sampled_from(["role", "from", "topic", "x", '"é"']), inner, max_size=3).map(
            lambda entries: "{" + ", ".join(f"{key} = {value}" for key, value in entries.items()) + "}"
        ),
    ),
    max_leaves=5,
)


def places_of(described: dict, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every path that a schema describes; names that users give are `alice`."""
    found = [path] if path else []
    for name, inner in described.get("properties", {}).items():
        found += places_of(inner, (*path, name))
    if isinstance(described.get("additionalProperties"), dict):
        found += places_of(described["additionalProperties"], (*path, "alice"))
    return found


PATHS = [(name, path) for name in FILES for path in places_of(schema(name))]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PATHS), VALUES)
def test_any_value_at_any_key(where: tuple[str, tuple[str, ...]], value: str) -> None:
    name, path = where
    # At the top, before all headers; what comes later may clash with it, which is TOML's business.
    raw = f"{'.'.join(path)} = {value}\n".encode()
    check(**{name: raw})
    check(**{name: raw + TEXTS[f"{name}.toml"].encode()})
