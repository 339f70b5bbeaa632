"""Which quotas an act falls under, and what follows when one is used up."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.legal.model import DatedQuota, Direction, Quota, Scope, Spending, Tripped
from comity.legal.rules import quotas as rules

WAYS: tuple[Direction, ...] = ("outgoing", "incoming")
SCOPES: tuple[Scope, ...] = ("partner", "person", "case", "instrument")
ENDS: tuple[Tripped, ...] = ("queue", "refuse")
QUOTA = Quota("outgoing", "partner", "XB", "hit_no_hit", 5, "queue")
ACT = Spending("outgoing", "hit_no_hit", "XB", "officer-1", "C-1", "TRAIN-REG")
WEEK = DatedQuota(replace(QUOTA, set_by="order 7"), date(2026, 3, 2), date(2026, 3, 8), "order 7")
measures = st.sampled_from(("hit_no_hit", "core_data"))


@pytest.mark.parametrize(
    ("quota", "reason"),
    [
        (replace(QUOTA, per_day=-1), "0 to a million"),
        (replace(QUOTA, per_day=1_000_001), "0 to a million"),
        (replace(QUOTA, name=" "), "name somebody"),
        (replace(QUOTA, measure="hits"), "unknown measure 'hits'"),
        (replace(QUOTA, direction="incoming", scope="person"), "no person and no case"),
        (replace(QUOTA, direction="incoming", scope="case"), "no person and no case"),
    ],
)
def test_a_quota_that_cannot_be(quota: Quota, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        rules.check(quota, ("hit_no_hit",))


def test_a_quota_that_can_be() -> None:
    for quota in (QUOTA, replace(QUOTA, measure="*"), replace(QUOTA, per_day=0), replace(QUOTA, name="*")):
        assert rules.check(quota, ("hit_no_hit",)) is quota


@given(st.sampled_from(WAYS), st.sampled_from(SCOPES), measures | st.just("*"), st.sampled_from(WAYS), measures)
def test_an_act_falls_under_what_names_it(
    way: Direction, scope: Scope, measure: str, acted: Direction, done: str
) -> None:
    act = replace(ACT, direction=acted, measure=done)
    name = {"partner": "XB", "person": "officer-1", "case": "C-1", "instrument": "TRAIN-REG"}[scope]
    fits = way == acted and measure in ("*", done)
    for named in (name, "*"):
        assert rules.whose(Quota(way, scope, named, measure, 1, "queue"), act) == (name if fits else "")
    assert rules.whose(Quota(way, scope, "somebody else", measure, 1, "queue"), act) == ""
    assert rules.whose(Quota(way, scope, "*", measure, 1, "queue"), replace(act, emergency=True)) == ""


@given(st.lists(st.sampled_from(ENDS), min_size=1, max_size=4), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_refusal_goes_before_waiting(ends: list[Tripped], today: date) -> None:
    found = rules.exceeded([(replace(QUOTA, on_trip=end), "XB") for end in ends], today)
    assert found.action == ("refuse" if "refuse" in ends else "queue")
    assert (found.finding.result, found.finding.values["partner"]) == ("fail", "XB")
    assert found.again > datetime(today.year, today.month, today.day, tzinfo=UTC)
    assert str(found.finding.values["again"]) in found.finding.cure


@pytest.mark.parametrize(
    ("today", "found"),
    [(date(2026, 3, 1), []), (date(2026, 3, 2), [WEEK.quota]), (date(2026, 3, 8), [WEEK.quota]),
     (date(2026, 3, 9), [])],
)  # fmt: skip
def test_a_tables_quota_is_for_its_days_and_a_command_goes_before_it(today: date, found: list[Quota]) -> None:
    assert rules.in_use([], [WEEK], today) == found
    assert rules.in_use([], [replace(WEEK, valid_until=None)], date(2030, 1, 1)) == [WEEK.quota]
    declared, other = replace(QUOTA, per_day=9), replace(QUOTA, name="*")
    assert rules.in_use([declared, other], [WEEK], today) == [other, declared]
