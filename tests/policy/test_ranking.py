"""Which tier is the more restrictive."""

from __future__ import annotations

from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sox_hooks.policy.model import RELATIONS, Tier
from sox_hooks.policy.ranking import beyond, ranked


def tier(name: str = "t", ai: str = "approved", **fields) -> Tier:
    return Tier(name, ai, 0, **fields)


# Each is stricter than the one before it, in whatever order they stand in the file.
CHAINS = [
    [tier(ai="any", require=("soc2", "model", "version"), declaration="required"), tier(), tier(ai="none")],
    [tier(), tier(declaration="required"), tier(declaration="required", key="hardware")],
    [tier(undeclared=True), tier()],
    [tier(), tier(require=("soc2",)), tier(require=("soc2", "residency:eu"))],
    [tier(require=("retention<=90",)), tier(require=("retention<=30",)), tier(require=("retention<=0",))],
    [tier(), tier(tools=("a", "b", "c")), tier(tools=("b", "a")), tier(tools=("a",))],
    [tier(require=("encryption:at-rest",)), tier(require=("encryption",))],
    [tier(), tier(relations=("same-change", "merge")), tier(relations=("same-change",))],
    [tier(), tier(review=("risk",)), tier(review=("risk", "risk")), tier(review=("risk", "risk", "audit"))],
    [tier(), tier(training=("a",)), tier(training=("b", "a"))],
]


@pytest.mark.parametrize("chain", CHAINS, ids=range(len(CHAINS)))
def test_the_stricter_tier_ranks_higher_wherever_it_stands(chain: list[Tier]) -> None:
    named = [entry.replace(name=str(index)) for index, entry in enumerate(chain)]
    for order in permutations(named):
        assert {entry.name: entry.rank for entry in ranked(order)} == {str(index): index for index in range(len(chain))}
    for looser, stricter in pairwise(chain):
        if looser.ai == stricter.ai:
            assert beyond(stricter, looser)
            assert not beyond(looser, stricter)


def test_the_order_of_the_file_is_kept() -> None:
    assert [entry.name for entry in ranked((tier("b", "none"), tier("a", "any")))] == ["b", "a"]


def test_equals_rank_by_the_order_in_the_file() -> None:
    assert [entry.rank for entry in ranked((tier("a"), tier("b"), tier("c")))] == [0, 1, 2]


def test_more_demands_rank_higher_where_neither_is_stricter() -> None:
    many, one = tier("many", require=("soc2", "review")), tier("one", key="hardware")
    assert [entry.rank for entry in ranked((many, one))] == [1, 0]
    assert beyond(many, one) == ("review", "soc2")
    assert beyond(one, many) == ("a hardware key",)


def test_two_encryptions_are_encryption() -> None:
    both = tier(require=("encryption:in-transit", "encryption:at-rest"))
    assert not beyond(both, tier(require=("encryption",)))
    assert not beyond(tier(require=("encryption",)), both)


def test_what_goes_beyond_is_said_in_words() -> None:
    strict = tier(
        tools=("a",), require=("retention<=5",), declaration="required", review=("x", "x"), training=("t",),
        relations=("same-change", "merge", "revert", "squash"),
    )  # fmt: skip
    assert beyond(strict, tier(undeclared=True)) == (
        "a declaration", "no same-patch", "no undeclared commits", "review by x", "review by x (2)", "training in t",
        "retention<=5", "only a",
    )  # fmt: skip


TIERS = st.builds(
    tier,
    name=st.just("t"),
    ai=st.sampled_from(["any", "approved", "none"]),
    tools=st.lists(st.sampled_from("abc"), unique=True).map(tuple),
    require=st.lists(st.sampled_from(["soc2", "encryption", "encryption:at-rest"]), unique=True).map(tuple),
    declaration=st.sampled_from(["required", "optional"]),
    review=st.lists(st.sampled_from("xy"), max_size=3).map(tuple),
    key=st.sampled_from(["any", "hardware"]),
    reads=st.sampled_from(["allow", "deny"]),
    undeclared=st.booleans(),
    relations=st.lists(st.sampled_from(RELATIONS), unique=True, min_size=3).map(tuple),
)


@given(st.lists(TIERS, max_size=6))
def test_no_looser_tier_ever_ranks_above_a_stricter_one(tiers: list[Tier]) -> None:
    result = ranked(tuple(tiers))
    assert sorted(entry.rank for entry in result) == list(range(len(tiers)))
    for one in result:
        for other in result:
            if one.ai == other.ai and beyond(one, other) and not beyond(other, one):
                assert one.rank > other.rank
