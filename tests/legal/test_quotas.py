"""Quotas: counted with the act, told in a finding, kept from nobody whose life is at stake."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from comity.base.errors import BadInput, NotAllowed, NotFound
from comity.kit.database.unit import Database
from comity.legal import cli, service
from comity.legal.model import Exceeded, Quota, Spending
from comity.legal.rules import quotas as rules
from tests.clock import FixedClock
from tests.faces import Line, desk_over
from tests.legal.matters import Office

ACT = Spending("outgoing", "hit_no_hit", "XB", "officer-1", "C-1", "TRAIN-REG")
PARTNER = Quota("outgoing", "partner", "XB", "hit_no_hit", 2, "refuse")


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database, "approver-1", "officer-1")


def declare(office: Office, *quotas: Quota) -> None:
    with office.database.unit("test.quota") as unit:
        for quota in quotas:
            acted = office.act(unit, "approver-1", "legal.quota", service.quota_subject(quota))
            service.set_quota(unit, acted, quota)


def spend(office: Office, act: Spending = ACT) -> Exceeded | None:
    with office.database.unit("test.spend") as unit:
        return service.spend(unit, act)


def test_without_quotas_nothing_is_counted(office: Office) -> None:
    assert [spend(office) for _ in range(5)] == [None] * 5


def test_a_day_has_so_many(office: Office, clock: FixedClock) -> None:
    declare(office, PARTNER)
    assert [spend(office), spend(office)] == [None, None]
    full = spend(office)
    assert full is not None and (full.action, full.again) == ("refuse", datetime(2026, 3, 3, tzinfo=UTC))
    assert (full.finding.condition, full.finding.result) == ("quota", "fail")
    assert full.finding.values["partner"] == "XB" and "2026-03-03" in full.finding.cure
    others = (replace(ACT, partner="XC"), replace(ACT, measure="core_data"), replace(ACT, direction="incoming"),
              replace(ACT, emergency=True))  # fmt: skip
    assert [spend(office, act) for act in others] == [None] * 4
    clock.advance(15 * 3600)
    assert spend(office) is None


def test_an_act_that_fails_has_not_counted(office: Office) -> None:
    declare(office, PARTNER)
    with office.database.unit("test.fail") as unit:
        for _ in range(9):
            with pytest.raises(RuntimeError), unit.act():
                assert service.spend(unit, ACT) is None
                raise RuntimeError
    assert spend(office) is None


def test_each_one_has_its_own_and_a_refused_act_uses_nothing_up(office: Office) -> None:
    declare(
        office, Quota("outgoing", "person", "*", "*", 1, "queue"), Quota("outgoing", "case", "C-1", "*", 1, "refuse")
    )
    assert spend(office) is None
    assert spend(office, replace(ACT, case="C-2", person="officer-2")) is None
    both = spend(office)
    assert both is not None and both.action == "refuse"
    own = spend(office, replace(ACT, case="C-3"))
    assert own is not None and (own.action, own.finding.values["person"]) == ("queue", "officer-1")
    assert spend(office, replace(ACT, person="officer-3")) is not None
    assert spend(office, replace(ACT, person="officer-3", case="")) is None


@pytest.mark.parametrize(
    "wrong", [{"per_day": -1}, {"per_day": 10**9}, {"name": " "}, {"measure": "gossip"},
              {"direction": "incoming", "scope": "case"}],
)  # fmt: skip
def test_what_can_be_no_quota(wrong: dict[str, Any]) -> None:
    measures = ("hit_no_hit",)
    assert rules.check(PARTNER, measures) is PARTNER
    with pytest.raises(BadInput):
        rules.check(replace(PARTNER, **wrong), measures)


def test_a_quota_is_an_act_of_its_own(office: Office) -> None:
    with office.database.unit("test.quota") as unit:
        acted = office.act(unit, "approver-1", "legal.quota", service.quota_subject(PARTNER))
        with pytest.raises(NotAllowed):
            service.set_quota(unit, acted, replace(PARTNER, per_day=99))
        with pytest.raises(NotFound):
            service.drop_quota(unit, acted, PARTNER)
        made = service.set_quota(unit, acted, PARTNER)
        assert (made.set_by, made.set_at, service.quotas(unit)) == ("approver-1", unit.now, [made])
        service.drop_quota(unit, acted, PARTNER)
        assert service.quotas(unit) == []
    assert [e.type for e in office.entries("legal.quota-set", "legal.quota-dropped")] == [
        "legal.quota-set", "legal.quota-dropped"
    ]  # fmt: skip


Run = Callable[..., tuple[int, str, str]]


def test_by_commands(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = desk_over(office.database, tmp_path)
    run: Run = Line("legal", cli.commands(lambda: desk), capsys).run
    assert "No quotas" in run("legal", "quota", "list")[1]
    words = ("incoming", "partner", "XB", "--measure", "hit_no_hit")
    assert run("legal", "quota", "set", *words, "--per-day", "5", "--as", "officer-1")[0] == 3
    assert "5 a day, then queue" in run("legal", "quota", "set", *words, "--per-day", "5", "--as", "approver-1")[1]
    assert run("legal", "quota", "set", *words, "--per-day", "5", "--then", "shrug", "--as", "approver-1")[0] == 2
    assert spend(office, replace(ACT, direction="incoming")) is None
    (listed,) = json.loads(run("legal", "quota", "list", "--json")[1])
    assert (listed["used"], listed["per_day"], listed["on_trip"]) == (1, 5, "queue")
    assert "XB" in run("legal", "quota", "list")[1]
    assert run("legal", "quota", "drop", *words, "--as", "approver-1")[1].strip() == "Taken back."


TABLE = b"""direction,scope,name,measure,per_day,then,from,until,source
outgoing,partner,XB,hit_no_hit,1,refuse,2026-01-01,,"Arrangement with XB, point 4"
outgoing,person,*,*,3,queue,2026-01-01,2026-12-31,Order 7 of the head of unit
outgoing,case,*,core_data,2,queue,2026-01-01,,Order 7 of the head of unit
outgoing,instrument,TRAIN-MOU,*,0,refuse,2026-01-01,,Order 7 of the head of unit
"""


def test_quotas_of_a_table_count_once_a_lawyer_has_signed_it(database: Database, clock: FixedClock) -> None:
    office = Office(database, "approver-1", "officer-1", "operator-1", "lawyer-1")
    with database.unit("test.import") as unit:
        service.import_table(unit, office.issuer("operator-1"), TABLE, "quotas.csv")
        assert service.quotas(unit) == []
        service.sign_set(unit, office.issuer("lawyer-1"))
        assert [quota.scope for quota in service.quotas(unit)] == ["case", "instrument", "partner", "person"]
    assert spend(office) is None
    full = spend(office)
    assert full is not None and (full.action, full.finding.values["per_day"]) == ("refuse", 1)
    spent = spend(office, replace(ACT, partner="XC", instrument="TRAIN-MOU"))
    assert spent is not None and spent.finding.values["instrument"] == "TRAIN-MOU"
    with database.unit("test.drop") as unit:
        acted = office.act(unit, "approver-1", "legal.quota", service.quota_subject(PARTNER))
        with pytest.raises(NotFound, match="no command has declared") as caught:
            service.drop_quota(unit, acted, PARTNER)
        assert caught.value.where == "Arrangement with XB, point 4"
    declare(office, replace(PARTNER, per_day=5))
    assert spend(office) is None
    clock.advance(365 * 24 * 3600)
    with database.read("test.quotas") as unit:
        assert [quota.scope for quota in service.quotas(unit)] == ["case", "instrument", "partner"]
