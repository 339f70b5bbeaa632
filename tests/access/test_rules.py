"""Roles, names, waits and four eyes, as pure rules."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.access import rules
from comity.access.model import Approval, NewPerson
from comity.base.codes import ADMINISTERING, ROLES
from comity.base.errors import BadInput, Conflict
from tests.people import PASSPHRASE


def new(person: str = "officer-1", unit: str = "homicide", roles: frozenset[str] = frozenset({"officer"})) -> NewPerson:
    return NewPerson(person, unit, roles, PASSPHRASE)


@pytest.mark.parametrize("name", ["", "Officer", "-1", "a b", "é", "a" * 64, "a/b", "officer_1", "a\n"])
def test_names_are_slugs(name: str) -> None:
    for unfit in (new(person=name), new(unit=name)):
        with pytest.raises(BadInput) as caught:
            rules.check_person(unfit)
        assert caught.value.code == "access.name"


def test_a_passphrase_has_twelve_characters() -> None:
    with pytest.raises(BadInput):
        rules.check_person(NewPerson("officer-1", "homicide", frozenset({"officer"}), "elevenchars"))
    rules.check_person(NewPerson("officer-1", "homicide", frozenset({"officer"}), "twelve chars"))


@given(roles=st.frozensets(st.sampled_from(sorted(ROLES))))
def test_who_runs_the_node_handles_no_data(roles: frozenset[str]) -> None:
    sound = bool(roles) and (roles <= ADMINISTERING or not roles & ADMINISTERING)
    try:
        rules.check_roles(roles)
    except BadInput:
        assert not sound
    else:
        assert sound


def test_an_unknown_role_is_named() -> None:
    with pytest.raises(BadInput, match="wizard"):
        rules.check_roles({"officer", "wizard"})


def test_a_qualification_lasts_through_its_last_day() -> None:
    last = date(2026, 3, 2)
    assert rules.qualified(last, last)
    assert not rules.qualified(last, last + timedelta(days=1))
    assert not rules.qualified(None, last)


def test_the_wait_doubles_up_to_an_hour() -> None:
    waits = [rules.wait_after(failures).total_seconds() for failures in range(1, 8)]
    assert waits == [0, 0, 5, 10, 20, 40, 80]
    assert rules.wait_after(10_000) == rules.LONGEST_WAIT


@given(parts=st.lists(st.tuples(*[st.sampled_from("abc")] * 4), min_size=1, max_size=6))
def test_four_eyes_share_nothing(parts: list[tuple[str, str, str, str]]) -> None:
    given_so_far: list[Approval] = []
    for part in parts:
        approval = Approval("target", *part, act_hash="h")
        clash = any(mine == theirs for a in given_so_far for mine, theirs in zip(_parts(a), part, strict=True))
        if clash:
            with pytest.raises(Conflict):
                rules.check_four_eyes(given_so_far, approval)
        else:
            rules.check_four_eyes(given_so_far, approval)
            given_so_far.append(approval)


def _parts(approval: Approval) -> tuple[str, str, str, str]:
    return approval.slot, approval.person, approval.key_id, approval.unit
